"""The verdict on a demo of AVA, as lines and tables for people."""

from rich.console import Console
from rich.table import Table

from pipelines.demo.ava.verdict import AvaVerdict
from pipelines.demo.printing import bars_table, print_missed, seconds_line


def print_verdict(verdict: AvaVerdict, console: Console) -> None:
    """Print what was learnt, every step, and the bars."""
    learnt = verdict.learnt
    console.print(
        f"{verdict.num_films} films of {verdict.seconds_of_film:.0f} s. The detector of persons "
        f"learnt from {learnt.num_boxes} boxes on {learnt.num_pictures} key frames of other films; "
        f"on those kept back: precision {learnt.precision:.3f}, recall {learnt.recall:.3f}."
    )
    console.print(_steps(verdict))
    for step in verdict.steps:
        wrong = ", ".join(f"{count} {what}" for what, count in step.let_through.items())
        if wrong:
            console.print(f"Let through by {step.step}: {wrong}.")
    _print_people(verdict, console)
    actor = verdict.actor
    console.print(
        f"{actor.network} learnt from {actor.num_key_frames} released key frames. On films that it "
        f"has not seen: frame-mAP {actor.mean_ap:.3f} ({actor.low:.3f} to {actor.high:.3f}) over "
        f"{actor.num_actions} actions; the prior's is {actor.prior:.3f}."
    )
    console.print(bars_table(verdict.bars))
    console.print(f"Report: {verdict.report}", soft_wrap=True)
    console.print(seconds_line(verdict.seconds, verdict.part_seconds))
    print_missed(verdict.missed, console)


def _print_people(verdict: AvaVerdict, console: Console) -> None:
    for kind in verdict.kinds:
        aside = f"; set aside: {', '.join(kind.set_aside)}" if kind.set_aside else ""
        console.print(f"{kind.num_answers} answers of the kind {kind.kind}{aside}.")
    console.print(
        f"{verdict.answers_a_person:.2f} answers for each of {verdict.num_people} persons at key "
        "frames."
    )


def _steps(verdict: AvaVerdict) -> Table:
    table = Table(title="Each step against the truth", title_justify="left")
    table.add_column("step")
    table.add_column("of")
    for name in ("true", "passed", "right", "lost", "precision", "recall"):
        table.add_column(name, justify="right")
    for step in verdict.steps:
        counts = (step.num_true, step.num_passed, step.num_right, step.num_lost)
        shares = (f"{step.precision:.3f}", f"{step.recall:.3f}")
        table.add_row(step.step, step.unit, *map(str, counts), *shares)
    return table
