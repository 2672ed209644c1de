"""Commands about workers: list, let in, shut out, join; weigh their votes; paid panels."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from pipelines.cli.audit import audit
from pipelines.cli.common import emit, json_option, open_workspace
from pipelines.cli.disputed import disputed
from pipelines.cli.gates import gates, open_
from pipelines.cli.owners import log, reviewer, reviewers
from pipelines.cli.panels import panels, pay
from pipelines.cli.segments import segments
from pipelines.cli.simulate import simulate
from pipelines.cli.truth import truth
from pipelines.cli.unclear import unclear
from pipelines.cli.worker import message, worker

if TYPE_CHECKING:
    from kinetics_builder.crowd.flags.answer import Flag
    from kinetics_builder.crowd.people import Person
    from kinetics_builder.crowd.repeats import Consistency


@click.group()
def crowd() -> None:
    """List workers, give them other codes, revoke, exclude or join them; weigh votes; pay panels.

    NAME is what a worker chose at the first login; `#7`, as `kbuild crowd workers` shows it,
    names one who has not come yet.
    """


for command in (
    audit,
    disputed,
    unclear,
    gates,
    open_,
    log,
    reviewer,
    reviewers,
    panels,
    pay,
    worker,
    message,
):
    crowd.add_command(command)


@crowd.command()
@json_option
@click.pass_obj
def workers(folder: Path, as_json: bool) -> None:
    """List all workers: name, whether they can come in, how they stand, what is strange.

    Strange are answers that come too soon, one alone, and patterns, whatever the clips show, and
    other answers than before, where somebody is asked about clips once more.
    """
    from dataclasses import asdict

    from kinetics_builder.crowd.flags.workers import read_flags
    from kinetics_builder.crowd.people import list_people
    from kinetics_builder.crowd.repeats import read_consistency
    from kinetics_builder.database.engine import reading

    workspace = open_workspace(folder)
    with reading(workspace.engine) as session:
        people = list_people(session, workspace.config.verify)
        flags, repeats = read_flags(session), read_consistency(session)
    lines = [f"{'worker':<24}{'kind':<8}{'access':<10}{'answers':>8}  standing"]
    for person in people:
        lines += [_line(person), *(f"    {flag.words}" for flag in _flags(person, flags))]
        if (found := _repeats(person, repeats)) is not None:
            lines.append(f"    asked once more: {found.words}")
    if not people:
        lines = ["Nobody was invited yet: `kbuild annotate --invite N` makes codes."]
    facts = [
        {
            **_facts(person),
            "flags": [asdict(flag) for flag in _flags(person, flags)],
            "repeats": found.facts if (found := _repeats(person, repeats)) else None,
        }
        for person in people
    ]
    emit(facts, as_json=as_json, lines=lines)


@crowd.command()
@json_option
@click.pass_obj
def agreement(folder: Path, as_json: bool) -> None:
    """Say of each kind of question how far workers agree, and how long they take.

    Of clips and confirmed actions Krippendorff's alpha, of named actions F1 and alpha, of boxes
    and links the share that others have too; seconds as median and quartiles.
    """
    from dataclasses import asdict

    from kinetics_builder.database.engine import reading
    from pipelines.inspecting.agreement import agreement_lines, read_agreement

    workspace = open_workspace(folder)
    with reading(workspace.engine) as session:
        found = read_agreement(session, workspace)
    emit([asdict(one) for one in found], as_json=as_json, lines=agreement_lines(found))


@crowd.command()
@click.argument("name")
@json_option
@click.pass_obj
def reissue(folder: Path, name: str, as_json: bool) -> None:
    """Print a new code for a worker; the old one and all open sessions end."""
    from kinetics_builder.crowd import people
    from kinetics_builder.database.engine import writing

    with writing(open_workspace(folder).engine) as session:
        code = people.reissue(session, people.find_worker(session, name))
    emit({"code": code}, as_json=as_json, lines=[code])


_WHY = click.option("--why", default="", metavar="TEXT", help="The reason, for `crowd log`.")


@crowd.command()
@click.argument("name")
@_WHY
@json_option
@click.pass_obj
def revoke(folder: Path, name: str, why: str, as_json: bool) -> None:
    """Let a worker in no more, and end open sessions. The votes count on."""
    from kinetics_builder.crowd import people
    from kinetics_builder.database.engine import writing

    with writing(open_workspace(folder).engine) as session:
        num_ended = people.revoke(session, people.find_worker(session, name), why=why)
    line = f"{name} comes in no more; {num_ended} open sessions ended. The votes count on."
    emit({"num_sessions_ended": num_ended}, as_json=as_json, lines=[line])


@crowd.command()
@click.argument("name")
@_WHY
@json_option
@click.pass_obj
def exclude(folder: Path, name: str, why: str, as_json: bool) -> None:
    """Set all votes of a worker aside, and revoke."""
    from kinetics_builder.crowd import people
    from kinetics_builder.database.engine import writing

    workspace = open_workspace(folder)
    with writing(workspace.engine) as session:
        worker = people.find_worker(session, name)
        num_ended = people.exclude(session, worker, workspace.config.verify, why=why)
    line = f"{name} is excluded: all votes are set aside, {num_ended} open sessions ended."
    emit({"num_sessions_ended": num_ended}, as_json=as_json, lines=[line])


@crowd.command()
@click.argument("name")
@_WHY
@json_option
@click.pass_obj
def readmit(folder: Path, name: str, why: str, as_json: bool) -> None:
    """Take an exclusion or a revocation back."""
    from kinetics_builder.crowd import people
    from kinetics_builder.database.engine import writing

    workspace = open_workspace(folder)
    with writing(workspace.engine) as session:
        worker = people.find_worker(session, name)
        people.readmit(session, worker, workspace.config.verify, why=why)
    line = f"{name} can come in again. A lost code: `kbuild crowd reissue {name!r}`."
    emit({"readmitted": name}, as_json=as_json, lines=[line])


@crowd.command()
@click.argument("name")
@click.option("--why", default="", help="A reason for the log.")
@json_option
@click.pass_obj
def requalify(folder: Path, name: str, why: str, as_json: bool) -> None:
    """Have a worker whose votes are set aside answer a round of known questions.

    They come before all others, and none was met. Who passes counts again, from there on judged
    by them; who fails stays set aside.
    """
    from kinetics_builder.crowd import people, requalifying
    from kinetics_builder.database.engine import writing

    workspace = open_workspace(folder)
    with writing(workspace.engine) as session:
        worker = people.find_worker(session, name)
        found = requalifying.requalify(session, worker, workspace.config.verify, why=why)
        num_asked, least_right = found.num_asked, found.least_right
    line = f"{name} is asked {num_asked} known questions; {least_right} right answers pass."
    emit({"num_asked": num_asked, "least_right": least_right}, as_json=as_json, lines=[line])


@crowd.command()
@click.argument("name")
@click.argument("other")
@json_option
@click.pass_obj
def join(folder: Path, name: str, other: str, as_json: bool) -> None:
    """Make OTHER the same person as NAME, who lost a code and came in under a new name.

    NAME gets the votes of OTHER; where both answered a question, NAME's answer counts alone.
    OTHER comes in no more.
    """
    from kinetics_builder.crowd import people
    from kinetics_builder.database.engine import writing
    from kinetics_builder.text.counting import counted

    workspace = open_workspace(folder)
    with writing(workspace.engine) as session:
        kept, given_up = people.find_worker(session, name), people.find_worker(session, other)
        num_copied = people.join(session, kept, given_up, workspace.config.verify)
    votes = counted(num_copied, "vote")
    line = f"{other} is {name} from now on: {votes} went over, doubles count once."
    emit({"num_votes": num_copied}, as_json=as_json, lines=[line])


def _line(person: "Person") -> str:
    same = f" (is {person.same_as})" if person.same_as else ""
    standing = f"{person.standing.words}{same}"
    answers = person.standing.num_votes
    return f"{person.title:<23} {person.kind:<8}{person.access.value:<10}{answers:>8}  {standing}"


def _flags(person: "Person", flags: Mapping[int, "Sequence[Flag]"]) -> "Sequence[Flag]":
    """Return those of a row: they are about clips."""
    return flags.get(person.worker_id, ()) if person.kind == "clip" else ()


def _repeats(person: "Person", repeats: Mapping[int, "Consistency"]) -> "Consistency | None":
    return repeats.get(person.worker_id) if person.kind == "clip" else None


def _facts(person: "Person") -> dict[str, Any]:
    standing = person.standing
    return {
        "worker": person.title,
        "kind": person.kind,
        "access": person.access.value,
        "same_as": person.same_as,
        "num_open_sessions": person.num_open_sessions,
        "num_votes": standing.num_votes,
        "num_gold": standing.num_gold,
        "gold_yes_accuracy": standing.gold_yes_accuracy,
        "gold_other_accuracy": standing.gold_other_accuracy,
        "seconds_an_answer": standing.record.pace_seconds,
        "counts": standing.counts,
        "is_flagged": standing.is_flagged,
        "standing": standing.words,
    }


crowd.add_command(truth)
crowd.add_command(segments)
crowd.add_command(simulate)
commands: list[click.Command] = [crowd]
