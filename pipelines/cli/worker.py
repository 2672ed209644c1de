"""Commands: crowd worker, crowd message."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from pipelines.cli.common import emit, json_option, open_workspace

if TYPE_CHECKING:
    from kinetics_builder.crowd.portraits.marks import Marks
    from kinetics_builder.crowd.portraits.portrait import Portrait, Work
    from kinetics_builder.database.tables import OwnerAct


@click.command()
@click.argument("name")
@json_option
@click.pass_obj
def worker(folder: Path, name: str, as_json: bool) -> None:
    """Tell all about one worker: known answers, agreement, speed, messages, pay, what was done."""
    from kinetics_builder.crowd.people import find_worker
    from kinetics_builder.crowd.portraits.portrait import read_portrait
    from kinetics_builder.database.engine import reading

    workspace = open_workspace(folder)
    with reading(workspace.engine) as session:
        portrait = read_portrait(session, find_worker(session, name), workspace.config.verify)
        emit(_facts(portrait), as_json=as_json, lines=_lines(portrait))


@click.command()
@click.argument("name")
@click.argument("text")
@json_option
@click.pass_obj
def message(folder: Path, name: str, text: str, as_json: bool) -> None:
    """Write TEXT to a worker, who reads and confirms it before the next task."""
    from kinetics_builder.crowd.messages import write_message
    from kinetics_builder.crowd.people import find_worker
    from kinetics_builder.database.engine import writing

    with writing(open_workspace(folder).engine) as session:
        write_message(session, find_worker(session, name), text)
    line = f"{name} reads it before the next task."
    emit({"worker": name, "text": text}, as_json=as_json, lines=[line])


def _lines(who: "Portrait") -> list[str]:
    same = f", is {who.same_as}" if who.same_as else ""
    lines = [f"{who.title}: {who.access.value}{same}, invited {who.invited_at:%Y-%m-%d}"]
    for one in who.work:
        lines += _lines_of(one)
    if who.days:
        lines.append(
            f"answered on {sum(num > 0 for _, num in who.days)} days until {who.days[-1][0]}"
        )
    for told in who.messages:
        read = f"read {told.read_at:%Y-%m-%d %H:%M}" if told.read_at else "not read yet"
        lines.append(f"message of {told.written_at:%Y-%m-%d %H:%M}, {read}: {told.text}")
    for paid in who.sessions:
        began = f"session {paid.panel} of {paid.began_at:%Y-%m-%d %H:%M}"
        lines.append(f"{began}: {paid.outcome}, pay: {paid.pay}")
    return lines + [f"{act.acted_at:%Y-%m-%d %H:%M} {_act_line(act)}" for act in who.acts]


def _lines_of(one: "Work") -> list[str]:
    standing = one.standing
    lines = [
        f"{one.kind}: {standing.num_votes:,} answers, {standing.num_gold_right} of "
        f"{standing.num_gold} known ones right; {standing.words}",
        f"  median {_seconds(one.median_seconds)} an answer, all others "
        f"{_seconds(one.median_seconds_of_others)}",
    ]
    if one.consistency:
        lines.append(f"  asked once more: {one.consistency.words}")
    if one.marks:
        lines.append(f"  agrees with {_share(one.marks.agreeing_share)} of the decisions")
    lines += [
        f"  {row.label:<30} known {row.num_gold_right}/{row.num_gold}, "
        f"agrees {row.num_agreeing}/{row.num_decided}"
        for row in one.classes
    ]
    return lines


def _act_line(act: "OwnerAct") -> str:
    return f"{act.acted_by} {act.act.value}" + (f" ({act.why})" if act.why else "")


def _seconds(value: float | None) -> str:
    return "unknown" if value is None else f"{value:.1f} s"


def _share(value: float | None) -> str:
    return "none yet" if value is None else f"{value:.0%}"


def _facts(who: "Portrait") -> dict[str, Any]:
    return {
        "worker": who.title,
        "worker_id": who.worker_id,
        "access": who.access.value,
        "same_as": who.same_as,
        "also": list(who.also),
        "invited_at": who.invited_at.isoformat(),
        "suspended_at": who.revoked_at and who.revoked_at.isoformat(),
        "excluded_at": who.excluded_at and who.excluded_at.isoformat(),
        "work": list(map(_work_facts, who.work)),
        "days": {day.isoformat(): number for day, number in who.days},
        "messages": [
            {
                "text": one.text,
                "by": one.written_by,
                "written_at": one.written_at.isoformat(),
                "read_at": one.read_at and one.read_at.isoformat(),
            }
            for one in who.messages
        ],
        "sessions": [
            {
                "panel": one.panel,
                "began_at": one.began_at.isoformat(),
                "outcome": one.outcome,
                "num_answers": one.num_answers,
                "pay": one.pay,
                "reason": one.reason,
                "bonus": str(one.bonus),
            }
            for one in who.sessions
        ],
        "acts": [
            {
                "at": one.acted_at.isoformat(),
                "by": one.acted_by,
                "act": one.act.value,
                "why": one.why,
            }
            for one in who.acts
        ],
    }


def _work_facts(one: "Work") -> dict[str, Any]:
    standing = one.standing
    return {
        "kind": one.kind,
        "num_votes": standing.num_votes,
        "num_gold": standing.num_gold,
        "num_gold_right": standing.num_gold_right,
        "counts": standing.counts,
        "standing": standing.words,
        "agreement": one.marks and _marks_facts(one.marks),
        "classes": {row.label: _marks_facts(row) for row in one.classes},
        "median_seconds": one.median_seconds,
        "median_seconds_of_others": one.median_seconds_of_others,
        "repeats": one.consistency and one.consistency.facts,
    }


def _marks_facts(marks: "Marks") -> dict[str, Any]:
    return {
        "num_gold": marks.num_gold,
        "num_gold_right": marks.num_gold_right,
        "num_decided": marks.num_decided,
        "num_agreeing": marks.num_agreeing,
    }
