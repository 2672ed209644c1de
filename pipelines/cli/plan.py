"""Command that looks ahead: plan."""

from pathlib import Path
from typing import Any

import click

from pipelines.cli.common import emit, json_option
from pipelines.cli.numbers import ABOVE_0, Number


@click.command()
@click.option(
    "--classes",
    metavar="FILE",
    type=click.Path(path_type=Path),
    help="A list of classes; those of the workspace without it.",
)
@click.option("--source", metavar="SPEC", help="As of collect; that of the last one without it.")
@click.option(
    "--limit",
    metavar="N",
    type=click.IntRange(min=1),
    help="Videos asked of the source for each query; as of the last collect without it.",
)
@click.option(
    "--pay-per-hour",
    metavar="MONEY",
    type=Number(min=0),
    help="What an hour of an annotator costs, in any currency.",
)
@click.option(
    "--seconds-per-answer",
    metavar="N",
    type=ABOVE_0,
    help="How long an answer takes; as long as here so far without it.",
)
@json_option
@click.pass_obj
def plan(
    folder: Path,
    /,
    *,
    pay_per_hour: float | None,
    seconds_per_answer: float | None,
    as_json: bool,
    **told: Any,
) -> None:
    """Tell what a collect, and the answers of people, will take. Nothing is fetched or written.

    Queries, videos, clips, hours of download at the sites' budget, disk, answers, hours and money
    of people: each as a range, with what it assumes. Where classes were collected before, the
    assumptions are theirs.
    """
    from dataclasses import asdict

    from pipelines.inspecting.planning.lines import plan_lines
    from pipelines.inspecting.planning.plan import Told
    from pipelines.inspecting.planning.plan import plan as look
    from pipelines.inspecting.planning.spending import Pay

    pay = Pay(per_hour=pay_per_hour, seconds_an_answer=seconds_per_answer)
    found = look(folder, Told(**told, pay=pay))
    figures = [asdict(one) | {"to_come": one.to_come._asdict()} for one in found.figures]
    emit({**asdict(found), "figures": figures}, as_json=as_json, lines=plan_lines(found))


commands: list[click.Command] = [plan]
