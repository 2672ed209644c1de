"""The people's part: boxes, whose they are, what people do, and whether that is true."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy.orm import Session

from kinetics_builder.database.engine import reading, writing
from kinetics_builder.workspace import Workspace
from pipelines.demo.ava import claims
from pipelines.demo.ava.people.confirming import VerificationWork
from pipelines.demo.ava.people.drawing import BoxesWork
from pipelines.demo.ava.people.eyes import Eyes
from pipelines.demo.ava.people.gold import write_golds
from pipelines.demo.ava.people.linking import LinksWork
from pipelines.demo.ava.people.naming import ActionsWork
from pipelines.demo.ava.plan import AvaPlan
from pipelines.demo.ava.tally import (
    StepTally,
    owners_of,
    tally_boxes,
    tally_labels,
    tally_links,
)
from pipelines.demo.ava.truth import FilmTruth
from pipelines.demo.crew.annotators import CREW
from pipelines.demo.crew.turns import Crew, count_answers, set_aside
from pipelines.demo.show import Show
from pipelines.running.runner import run_stage
from pipelines.stages import build_stage
from pipelines.verifying.aggregate import aggregate

KINDS = ("boxes", "links", "actions", "verification")
"""In the order in which they are asked."""


@dataclass(frozen=True, slots=True)
class KindTally:
    """How the work on one kind of task went."""

    kind: str
    num_answers: int
    """Those to gold questions included."""
    set_aside: tuple[str, ...]
    """Whose answers decide nothing."""


def ask_people(
    plan: AvaPlan, workspace: Workspace, truths: Sequence[FilmTruth], show: Show
) -> tuple[KindTally, ...]:
    """Have the crew answer every kind of question over HTTP, through the page that people use.

    Links are made anew once the boxes are people's, and once more when people have said who is who.
    """
    from annotation_ui.server import serving

    if not plan.golds.are_written():
        write_golds(plan.golds, truths, plan.num_golds)
    with reading(workspace.engine) as session:
        eyes = Eyes.open(session, truths)
    config = workspace.config

    def link() -> None:
        run_stage(workspace, build_stage("ava link", workspace), reporter=show.reporter())

    with serving(workspace) as base:
        crew = Crew(workspace, base)
        show.say(f"Asking a crew of {len(CREW)} over HTTP who is there")
        crew.work(BoxesWork(config, eyes, plan.golds, plan.seed))
        link()
        show.say("Asking them who is who")
        crew.work(LinksWork(config, eyes, plan.golds, plan.seed))
        link()
        show.say("Asking them what everybody does")
        crew.work(ActionsWork(config, eyes, plan.golds, plan.seed))
        show.say("Asking them whether that is true")
        crew.work(VerificationWork(config, eyes, plan.seed))
    with writing(workspace.engine) as session:
        aggregate(session, config.verify)
    with reading(workspace.engine) as session:
        return tuple(_tally_kind(session, kind) for kind in KINDS)


def tally_people(
    session: Session, truths: Sequence[FilmTruth], max_gap: int
) -> tuple[StepTally, ...]:
    """Return how every step did that people took, in order."""
    boxes = claims.standing(session)
    owners = owners_of(boxes, truths)
    return (
        tally_boxes("boxes, drawn", owners, truths),
        tally_links("links, followed", claims.links(session), boxes, owners, max_gap),
        tally_labels("actions, named", claims.proposed(session), boxes, owners, truths),
        tally_labels("actions, confirmed", claims.accepted(session), boxes, owners, truths),
    )


def _tally_kind(session: Session, kind: str) -> KindTally:
    return KindTally(kind, count_answers(session, kind), tuple(sorted(set_aside(session, kind))))
