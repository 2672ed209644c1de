"""`kbuild crowd truth`: what is true, as a file of votes tells."""

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from pipelines.cli.common import columns_option, emit, json_option
from pipelines.cli.numbers import SEED, Number

if TYPE_CHECKING:
    from pipelines.verifying.truth import TruthReport
    from pipelines.verifying.truth_known import KnownReport

_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)
_OUT = click.Path(dir_okay=False, path_type=Path)


@click.command()
@click.argument("file", type=_FILE)
@click.option("--out", type=_OUT, required=True, help="Where question, label and posterior go.")
@click.option(
    "--method",
    default="dawid-skene",
    show_default=True,
    help="How votes are weighed; docs/truth.md says which suits what.",
)
@click.option("--workers", type=_OUT, help="Also write worker, quality and answers to this file.")
@click.option(
    "--questions", type=_FILE, help="All questions, one a line: also those without votes."
)
@click.option(
    "--scores",
    type=_FILE,
    help="A CSV of question and scores, for --method video-aware, which weighs both.",
)
@click.option(
    "--known",
    type=_FILE,
    help="A CSV of question and answer where that is known: says how often labels are right.",
)
@click.option(
    "--max-steps", type=click.IntRange(min=1), help="Steps of an iterative method.  [default: 100]"
)
@click.option(
    "--tolerance",
    type=Number(min=0),
    help="It ends when a step raises the log likelihood by less a vote.  [default: 1e-05]",
)
@click.option("--seed", type=SEED, help="Of what goes by chance.  [default: 0]")
@columns_option
@click.option("--encoding", help="Of the files, where they are not UTF-8, such as latin-1.")
@json_option
def truth(*, file: Path, method: str, as_json: bool, **options: Any) -> None:
    """Say what is true from the votes in FILE, weighing workers by how right they seem.

    FILE is a CSV with a row for each answer; a header names worker, question and answer, in any
    order. A row without an answer names a question that waits for one. A question without votes
    and a tie get no label; the column `note` says which. Majority's labels stand beside.
    """
    from dataclasses import asdict

    from kinetics_builder.crowd.truth.options import Options
    from pipelines.verifying.truth import VotesFile, infer_truth, report_on
    from pipelines.verifying.truth_files import write_labels, write_workers
    from pipelines.verifying.truth_known import compare_with_known

    known, encoding = options.pop("known"), options["encoding"]
    written = {name: options.pop(name) for name in ("out", "workers")}
    read = {name: options.pop(name) for name in ("questions", "scores", "columns", "encoding")}
    asked = {f"--{name}": read[name] for name in ("questions", "scores")}
    inputs = {"FILE": file, **asked, "--known": known}
    _refuse_same(inputs, {f"--{name}": path for name, path in written.items()})
    settings = {name: value for name, value in options.items() if value is not None}
    found = infer_truth(VotesFile(path=file, **read), method, Options(**settings))
    beside = None if known is None else compare_with_known(found, known, encoding)
    write_labels(found, written["out"])
    if written["workers"] is not None:
        write_workers(found, written["workers"])
    report = report_on(found)
    lines = [*_lines(report, written["out"]), *([_known_line(beside)] if beside else [])]
    said = {**asdict(report), "known": None if beside is None else asdict(beside)}
    emit(said, as_json=as_json, lines=lines)


def _refuse_same(read: Mapping[str, Path | None], written: Mapping[str, Path | None]) -> None:
    """Raise a usage error where a file that is written is named before."""
    named = {path.resolve(): option for option, path in read.items() if path is not None}
    for option, path in written.items():
        if path is not None and (other := named.setdefault(path.resolve(), option)) != option:
            raise click.UsageError(f"{other} and {option} are the same file, {path}.")


def _lines(report: "TruthReport", out: Path) -> list[str]:
    from kinetics_builder.text.counting import counted

    num_labels = sum(report.num_by_label.values())
    shares = ", ".join(f"{label}: {number:,}" for label, number in report.num_by_label.items())
    waiting = counted(report.num_unanswered, "more question")
    lines = [
        f"{counted(report.num_votes, 'answer')} of {counted(report.num_workers, 'worker')} to "
        f"{counted(report.num_questions - report.num_unanswered, 'question')}"
        + (f"; {waiting} without an answer." if report.num_unanswered else "."),
        f"{report.method}: {counted(num_labels, 'label')} in {out} ({shares}), "
        f"{counted(report.num_ties, 'tie')}.",
    ]
    if not report.is_converged:
        lines.append(
            f"It had not converged after {counted(report.num_steps, 'step')}: "
            "give more by --max-steps."
        )
    if report.method != "majority":
        lines.append(_beside_majority(report))
    return lines


def _beside_majority(report: "TruthReport") -> str:
    from kinetics_builder.text.counting import counted

    if not report.num_unlike_majority:
        return "Majority says the same of every question."
    shown = ", ".join(
        f"{one.question} ({one.label or 'a tie'}, not {one.majority or 'a tie'})"
        for one in report.unlike_majority
    )
    rest = report.num_unlike_majority - len(report.unlike_majority)
    more = f" and {rest:,} more" if rest else ""
    return f"Majority differs at {counted(report.num_unlike_majority, 'question')}: {shown}{more}."


def _known_line(beside: "KnownReport") -> str:
    from kinetics_builder.text.counting import counted

    return (
        f"Right on {counted(beside.num_questions, 'known question')}: {beside.share_right:.1%}, "
        f"majority {beside.share_right_by_majority:.1%}."
    )
