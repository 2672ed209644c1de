"""How a training went, as lines of SVG in boxes of 100 by 40."""

from collections.abc import Sequence
from dataclasses import dataclass

Log = Sequence[dict[str, float]]
_WIDTH, _HEIGHT = 100, 40
_MOST_POINTS = 400


@dataclass(frozen=True, slots=True)
class Curve:
    """One line of a chart."""

    name: str
    look: str
    """Its CSS class."""
    points: str
    last: float


@dataclass(frozen=True, slots=True)
class Chart:
    """Lines over the steps, on one scale from 0 to `top`."""

    title: str
    top: float
    num_steps: int
    curves: tuple[Curve, ...]


def charts(log: Log) -> list[Chart]:
    """Return the charts of a log: losses, accuracies, rates; those that it tells of."""
    num_steps = int(max((line["step"] for line in log), default=0))
    wanted = (
        ("Loss", (("training loss", "loss", "loss"),), None),
        (
            "Accuracy",
            (
                ("on what is learnt", "accuracy", "accuracy"),
                ("top-1, validation", "top1", "accent"),
                ("mAP, validation", "mAP", "accent"),
            ),
            1.0,
        ),
        ("Learning rate", (("rate", "rate", "accent"),), None),
    )
    found = []
    for title, curves, top in wanted:
        lines = {key: [line for line in log if key in line] for _, key, _ in curves}
        most = top or max((one[key] for key, some in lines.items() for one in some), default=0.0)
        drawn = tuple(
            Curve(name, look, _points(lines[key], key, most, num_steps), lines[key][-1][key])
            for name, key, look in curves
            if lines[key] and most > 0
        )
        if drawn:
            found.append(Chart(title, most, num_steps, drawn))
    return found


def _points(lines: Log, key: str, top: float, num_steps: int) -> str:
    """Return a line's points; of a long log some, evenly."""
    every = -(-len(lines) // _MOST_POINTS)
    kept = [*lines[::every], lines[-1]]
    places = (
        (_WIDTH * line["step"] / max(1, num_steps), _HEIGHT * (1 - min(1.0, line[key] / top)))
        for line in kept
    )
    return " ".join(f"{x:.2f},{y:.2f}" for x, y in places)
