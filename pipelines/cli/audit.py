"""Command: crowd audit."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from pipelines.cli.common import emit, json_option, open_workspace

if TYPE_CHECKING:
    from kinetics_builder.crowd.clips.auditing import Audit


@click.command()
@click.option(
    "--draw",
    type=click.IntRange(1),
    metavar="N",
    help="Draw N clips that answers accepted, by chance.",
)
@json_option
@click.pass_obj
def audit(folder: Path, draw: int | None, as_json: bool) -> None:
    """Say how pure the accepted clips are by your own word about some, drawn by chance.

    `--draw` draws them; say of each on the owner's page under Audit whether it shows its class.
    What nobody's answers can tell, how many clips mislead everybody, follows from that: the
    posterior policy takes it into account by the next `kbuild aggregate`.
    """
    from dataclasses import asdict

    from kinetics_builder.crowd.clips.auditing import draw_audit, read_audit
    from kinetics_builder.database.engine import reading, writing

    workspace = open_workspace(folder)
    if draw is not None:
        with writing(workspace.engine) as session:
            draw_audit(session, draw, workspace.config.assign.seed)
    with reading(workspace.engine) as session:
        found = read_audit(session)
    if found is None:
        emit(
            None,
            as_json=as_json,
            lines=["No audit was drawn yet: `kbuild crowd audit --draw 300`."],
        )
        return
    facts = {**asdict(found), "purity": found.purity, "interval": found.interval}
    emit(facts, as_json=as_json, lines=_lines(found))


def _lines(found: "Audit") -> list[str]:
    from kinetics_builder.text.counting import counted

    clips = counted(found.num_drawn, "accepted clip")
    lines = [f"Audit {found.number}: {clips} drawn, {found.num_judged} judged."]
    lines += [found.words] if found.words else []
    if found.num_judged < found.num_drawn:
        lines.append("`kbuild annotate`, then /owner/audit: the others wait for you there.")
    return lines
