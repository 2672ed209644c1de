"""Before persons are found: where their boxes come from, and whether those can be had."""

from dataclasses import dataclass

from kinetics_builder.ava.vocabulary import chosen_vocabulary
from kinetics_builder.database.engine import reading, writing
from kinetics_builder.formats.problems import Listener
from kinetics_builder.workspace import Workspace
from pipelines.ava.boxes_file import BoxesFile, Given, forget_boxes, import_boxes, read_boxes
from pipelines.ava.frame_sizes import SizesSeen
from pipelines.ava.given import has_file, require_films
from pipelines.ava.weights import require_weights
from pipelines.running.reports import Reporter, StageReport
from pipelines.running.runner import run_stage
from pipelines.stages import build_stage


@dataclass(frozen=True, kw_only=True)
class BoxesTold:
    """What a command says of where boxes come from."""

    file: BoxesFile | None = None
    """A file in the place of a detector; None keeps what was told before."""
    forgets_file: bool = False
    """Whether a file told before is forgotten."""


def take_boxes(
    workspace: Workspace,
    told: BoxesTold,
    *,
    are_films_here: bool = False,
    on_warning: Listener | None = None,
) -> None:
    """Take in a file of boxes, whole or not at all; without one, look for the weights.

    Args:
        workspace: Where.
        told: Where boxes come from.
        are_films_here: Whether no films come later, so that it can be said that the file is of
            others: the file that was told before then stays.
        on_warning: Is told of what is odd in the file.

    Raises:
        FormatError: The file cannot be used, or is of other films.
        ConfigError: The weights of the detector are not there.

    """
    sizes = SizesSeen()
    boxes: list[Given] = []
    if told.file is not None:
        actions = chosen_vocabulary(workspace.root, workspace.config.actions.vocabulary)
        boxes = read_boxes(told.file, actions=actions, on_warning=on_warning, on_size=sizes)
    with writing(workspace.engine) as session:
        if told.file is not None:
            import_boxes(session, told.file, boxes, sizes)
            if are_films_here:
                require_films(session)
        elif told.forgets_file:
            forget_boxes(session)
        is_given = has_file(session)
    if not is_given:
        require_weights(workspace)


def run_detect(
    workspace: Workspace,
    *,
    retry_failed: bool = False,
    reporter: Reporter | None = None,
    on_warning: Listener | None = None,
) -> StageReport:
    """Run the stage; FormatError if boxes come from a file that is of other films."""
    with reading(workspace.engine) as session:
        require_films(session, on_warning)
    stage = build_stage("ava detect", workspace)
    return run_stage(workspace, stage, retry_failed=retry_failed, reporter=reporter)
