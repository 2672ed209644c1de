"""The kinds of task there are: one line each."""

from annotation_ui.kinds.actions.kind import ACTIONS
from annotation_ui.kinds.boxes.kind import BOXES
from annotation_ui.kinds.clip.kind import CLIP
from annotation_ui.kinds.kind import Kind
from annotation_ui.kinds.links.kind import LINKS
from annotation_ui.kinds.questionnaire.kind import QUESTIONNAIRE
from annotation_ui.kinds.segments.kind import SEGMENTS
from annotation_ui.kinds.verification.kind import VERIFICATION

KINDS: tuple[Kind, ...] = (
    *(CLIP, BOXES, LINKS, ACTIONS, VERIFICATION),
    *(QUESTIONNAIRE, SEGMENTS),
)
"""In the order in which a worker is offered them; the first is meant where none is named."""

_BY_NAME = {kind.name: kind for kind in KINDS}


def kind_of(name: str) -> Kind:
    """Return the kind of this name; KeyError if there is none."""
    return _BY_NAME[name]


def kind_named(name: object) -> Kind | None:
    """Return the kind of a name that came from outside; the first if none is named."""
    return KINDS[0] if name is None else _BY_NAME.get(str(name))
