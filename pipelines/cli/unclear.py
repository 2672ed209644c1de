"""Command: crowd unclear."""

from collections.abc import Sequence
from pathlib import Path

import click

from pipelines.cli.common import emit, json_option, open_workspace


@click.command()
@json_option
@click.pass_obj
def unclear(folder: Path, as_json: bool) -> None:
    """List the classes about which careful workers disagree more than they do elsewhere.

    With the clips of which they say different things: say better what these classes mean.
    """
    from dataclasses import asdict

    from kinetics_builder.crowd.flags.guidelines import read_unclear
    from kinetics_builder.database.engine import reading

    with reading(open_workspace(folder).engine) as session:
        found = read_unclear(session)
    lines = [f"{one.label}: {one.words} (clips {_some(one.clip_ids)})" for one in found]
    none = ["Careful workers disagree about no class more than about the others."]
    facts = [{**asdict(one), "reason": one.words} for one in found]
    emit(facts, as_json=as_json, lines=lines or none)


def _some(numbers: Sequence[int]) -> str:
    return ", ".join(map(str, numbers[:10])) + (", …" if len(numbers) > 10 else "")
