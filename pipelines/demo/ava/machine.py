"""The machine's part: films -> linked boxes, and how good they are before anybody looks."""

import json
from collections.abc import Sequence
from dataclasses import asdict

from kinetics_builder.database.engine import reading
from kinetics_builder.workspace import Workspace
from pipelines.ava.collect import Told, collect
from pipelines.demo.ava import claims
from pipelines.demo.ava.plan import AvaPlan
from pipelines.demo.ava.tally import (
    StepTally,
    owners_of,
    tally_boxes,
    tally_key_frames,
    tally_links,
    tally_shots,
)
from pipelines.demo.ava.truth import FilmTruth
from pipelines.demo.show import Show


def collect_films(
    plan: AvaPlan, workspace: Workspace, truths: Sequence[FilmTruth], show: Show
) -> tuple[StepTally, ...]:
    """Go from films to linked boxes; return how every step did.

    Once that is done it is not done again: people's answers change boxes and links, and what the
    machine alone was worth would be lost.
    """
    if not plan.machine.exists():
        collect(workspace, Told(source=f"folder:{plan.films.absolute()}"), reporter=show.reporter)
        steps = [asdict(step) for step in _tally(workspace, truths)]
        temporary = plan.machine.with_suffix(".part")
        temporary.write_text(json.dumps(steps) + "\n", "utf-8")
        temporary.replace(plan.machine)
    return tuple(StepTally(**step) for step in json.loads(plan.machine.read_text("utf-8")))


def _tally(workspace: Workspace, truths: Sequence[FilmTruth]) -> tuple[StepTally, ...]:
    with reading(workspace.engine) as session:
        found, shown = claims.detected(session), claims.standing(session)
        owners = owners_of(shown, truths)
        max_gap = workspace.config.link.max_gap
        return (
            tally_key_frames(claims.key_frames(session), truths),
            tally_shots(claims.shots(session), truths),
            tally_boxes("detect, all", owners_of(found, truths), truths),
            tally_boxes("detect, shown", owners, truths),
            tally_links("link", claims.links(session), shown, owners, max_gap),
        )
