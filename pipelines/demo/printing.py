"""The verdict on a demo, as lines and tables for people."""

from collections.abc import Mapping, Sequence

from rich.console import Console
from rich.table import Table

from pipelines.demo.verdict import Bar, DemoVerdict


def print_verdict(verdict: DemoVerdict, console: Console) -> None:
    """Print every stage, the networks, and the bars."""
    console.print(_stages(verdict))
    console.print(
        f"Released clips: precision {verdict.precision:.3f}, recall {verdict.recall:.3f} of "
        f"{verdict.num_usable} usable stretches; {verdict.num_votes} votes, "
        f"{verdict.votes_per_accepted_clip:.2f} for each accepted clip."
    )
    console.print(_networks(verdict))
    console.print(bars_table(verdict.bars))
    console.print(f"Report: {verdict.report}", soft_wrap=True)
    console.print(seconds_line(verdict.seconds, verdict.part_seconds))
    print_missed(verdict.missed, console)


def seconds_line(seconds: float, parts: Mapping[str, float]) -> str:
    """Return how long all of it took, and each part.

    >>> seconds_line(61.2, {"draw": 40.4, "search": 0.2, "train": 20.0})
    '61 s in all: draw 40, search 0, train 20.'
    """
    told = ", ".join(f"{part} {took:.0f}" for part, took in parts.items())
    return f"{seconds:.0f} s in all: {told}."


def print_missed(bars: Sequence[Bar], console: Console) -> None:
    """Print a line for each bar that was missed."""
    for bar in bars:
        reached = "could not be measured" if bar.reached is None else f"is {bar.reached:.3f}"
        console.print(f"Missed: {bar.name} {reached}, {bar.asked} is asked.")


def _stages(verdict: DemoVerdict) -> Table:
    table = Table(title="Each stage against the truth", title_justify="left")
    table.add_column("stage")
    for name in ("passed", "right", "found", "lost here"):
        table.add_column(name, justify="right")
    table.add_column("let through")
    for stage in verdict.stages:
        wrong = ", ".join(f"{count} {kind}" for kind, count in stage.let_through.items())
        counts = (stage.num_passed, stage.num_right, stage.num_found, stage.num_lost)
        table.add_row(stage.stage, *map(str, counts), wrong)
    return table


def _networks(verdict: DemoVerdict) -> Table:
    table = Table(title="Networks on held-out videos", title_justify="left")
    table.add_column("network", no_wrap=True)  # its headings give way instead
    for name in ("clips", "top-1", "shuffled frames", "reversed swap", "chance"):
        table.add_column(name, justify="right")
    for score in verdict.networks:
        swapped = score.reversed_swapped
        table.add_row(
            score.network,
            str(score.num_clips),
            f"{score.top1:.3f}",
            f"{score.shuffled_top1:.3f}",
            "-" if swapped is None else f"{swapped:.3f}",
            f"{score.chance:.3f}",
        )
    return table


def bars_table(bars: Sequence[Bar]) -> Table:
    """Return the bars, what was reached, what is asked, and which were missed."""
    table = Table(title="Bars", title_justify="left")
    table.add_column("what")
    table.add_column("reached", justify="right")
    table.add_column("asked", justify="right")
    table.add_column("")
    for bar in bars:
        reached = "-" if bar.reached is None else f"{bar.reached:.3f}"
        table.add_row(bar.name, reached, bar.asked, "met" if bar.is_met else "MISSED")
    return table
