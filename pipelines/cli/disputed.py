"""Command: crowd disputed."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from pipelines.cli.common import emit, json_option, open_workspace

if TYPE_CHECKING:
    from kinetics_builder.crowd.clips.disputes import Judged


@click.command()
@click.option("--label", metavar="NAME", help="Of this class alone.")
@click.option("--decided", is_flag=True, help="Those that the owner has decided.")
@click.option(
    "--limit",
    type=click.IntRange(1),
    default=20,
    show_default=True,
    help="List so many, the closest vote first.",
)
@json_option
@click.pass_obj
def disputed(folder: Path, label: str | None, decided: bool, limit: int, as_json: bool) -> None:
    """List clips about which answers disagree, as the owner's page shows them to be decided."""
    from kinetics_builder.crowd.clips.disputes import Which, count_disputed, list_disputed
    from kinetics_builder.database.engine import reading
    from kinetics_builder.text.counting import counted

    which = Which(label, decided)
    with reading(open_workspace(folder).engine) as session:
        num_all = count_disputed(session, which)
        clips = list_disputed(session, which, limit)
    lines = [f"{'clip':>8}  {'yes':>4}{'other':>6}  {'verdict':<9}class"]
    lines += map(_line, clips)
    if num_all > len(clips):
        lines.append(f"{counted(num_all - len(clips), 'more clip')}: raise --limit.")
    if not clips:
        lines = ["No answers disagree about a clip that waits to be decided."]
    emit([_facts(clip) for clip in clips], as_json=as_json, lines=lines)


def _line(clip: "Judged") -> str:
    others = clip.num_votes - clip.num_yes
    why = f": {clip.ruled[-1].reason}" if clip.is_ruled else ""
    verdict = clip.verdict.value
    return f"{clip.clip_id:>8}  {clip.num_yes:>4}{others:>6}  {verdict:<9}{clip.label}{why}"


def _facts(clip: "Judged") -> dict[str, Any]:
    return {
        "clip": clip.clip_id,
        "label": clip.label,
        "video_id": clip.video_id,
        "start_seconds": clip.start_seconds,
        "end_seconds": clip.end_seconds,
        "verdict": clip.verdict.value,
        "is_ruled": clip.is_ruled,
        "margin": clip.margin,
        "gold": clip.gold.value if clip.gold else None,
        "said": [
            {
                "worker": one.worker,
                "answer": one.answer.value,
                "lasts_whole_clip": one.lasts_whole_clip,
                "better_name": one.better_name,
                "seconds": one.seconds,
                "at": one.at.isoformat(),
                "counts": one.counts,
            }
            for one in clip.said
        ],
        "ruled": [
            {
                "verdict": one.verdict.value,
                "reason": one.reason,
                "by": one.by,
                "at": one.at.isoformat(),
            }
            for one in clip.ruled
        ],
    }
