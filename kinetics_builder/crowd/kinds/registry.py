"""The kinds of task there are: one line each."""

from kinetics_builder.crowd.kinds.actions import ACTIONS_KIND
from kinetics_builder.crowd.kinds.boxes import BOXES
from kinetics_builder.crowd.kinds.clip import CLIP
from kinetics_builder.crowd.kinds.kind import Kind
from kinetics_builder.crowd.kinds.links import LINKS_KIND
from kinetics_builder.crowd.kinds.questionnaire import QUESTIONNAIRE_KIND
from kinetics_builder.crowd.kinds.segments import SEGMENTS
from kinetics_builder.crowd.kinds.verification import VERIFICATION_KIND

KINDS: tuple[Kind, ...] = (
    *(CLIP, BOXES, LINKS_KIND, ACTIONS_KIND, VERIFICATION_KIND),
    *(QUESTIONNAIRE_KIND, SEGMENTS),
)
"""The first is meant where none is named."""
