"""Real votes on questions whose answer is known."""

from pathlib import Path

import pytest

from kinetics_builder.crowd.truth.answers import Answers
from kinetics_builder.crowd.truth.known import share_right
from kinetics_builder.crowd.truth.methods import METHODS
from kinetics_builder.crowd.truth.options import Options


@pytest.mark.parametrize(
    ("name", "by_majority", "least"),
    [
        ("CF_amt", 0.8533, {"one-coin": 0.855, "glad": 0.85, "mace": 0.855}),
        ("SP", 0.8859, {"one-coin": 0.91, "glad": 0.915, "mace": 0.915}),
        ("MS", 0.7042, {"glad": 0.785, "mace": 0.79}),
        ("ZenCrowd_in", 0.7397, {"glad": 0.785, "mace": 0.775}),
    ],
)
def test_weighing_workers_finds_more_than_majority(
    shared: Path, name: str, by_majority: float, least: dict[str, float]
) -> None:
    text = (shared / "crowd" / f"{name}.csv").read_text(encoding="utf-8")
    lines = [line.split(",") for line in text.splitlines()]
    last = {(question, worker): label for worker, question, label, *_ in lines}
    answers = Answers.of((question, worker, label) for (question, worker), label in last.items())
    gold = {question: true for _, question, _, true, *_ in lines}
    found = share_right(METHODS["majority"](answers, Options()), answers, gold)
    assert found == pytest.approx(by_majority, abs=5e-5)
    for method, least_right in least.items():
        assert share_right(METHODS[method](answers, Options()), answers, gold) > least_right
