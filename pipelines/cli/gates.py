"""Commands: crowd gates, crowd open."""

from pathlib import Path

import click

from pipelines.cli.common import emit, json_option, open_workspace


@click.command()
@json_option
@click.pass_obj
def gates(folder: Path, as_json: bool) -> None:
    """List the classes that are closed as too few of their first clips show them, or were opened.

    `verify.gate_clips` and `verify.gate_yes_share` say when a class is closed.
    """
    from dataclasses import asdict

    from kinetics_builder.crowd.clips.gating import read_gates
    from kinetics_builder.database.engine import reading

    with reading(open_workspace(folder).engine) as session:
        found = read_gates(session)
    lines = [f"{one.label}: {one.words}" for one in found] or ["No class is closed."]
    emit([{**asdict(one), "reason": one.words} for one in found], as_json=as_json, lines=lines)


@click.command("open")
@click.argument("label")
@click.option("--why", default="", help="A reason for the log.")
@json_option
@click.pass_obj
def open_(folder: Path, label: str, why: str, as_json: bool) -> None:
    """Have the open clips of a class that was closed asked about again, from now on for good."""
    from kinetics_builder.crowd.clips.opening import find_label, open_class
    from kinetics_builder.database.engine import writing

    with writing(open_workspace(folder).engine) as session:
        name = open_class(session, find_label(session, label), why=why)
    line = f"{name} is open: its clips are asked about again."
    emit({"opened": name}, as_json=as_json, lines=[line])
