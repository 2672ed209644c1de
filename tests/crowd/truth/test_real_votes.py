"""Real votes on questions whose answer is known."""

from pathlib import Path

import pytest

from kinetics_builder.crowd.truth.answers import Answers
from kinetics_builder.crowd.truth.known import share_right
from kinetics_builder.crowd.truth.methods import METHODS
from kinetics_builder.crowd.truth.options import Options


@pytest.mark.parametrize(
    ("name", "by_majority", "by_one_coin"), [("CF_amt", 0.8533, 0.855), ("SP", 0.8859, 0.91)]
)
def test_weighing_workers_finds_more_than_majority(
    shared: Path, name: str, by_majority: float, by_one_coin: float
) -> None:
    text = (shared / "crowd" / f"{name}.csv").read_text(encoding="utf-8")
    lines = [line.split(",") for line in text.splitlines()]
    last = {(question, worker): label for worker, question, label, *_ in lines}
    answers = Answers.of((question, worker, label) for (question, worker), label in last.items())
    gold = {question: true for _, question, _, true, *_ in lines}
    found = share_right(METHODS["majority"](answers, Options()), answers, gold)
    assert found == pytest.approx(by_majority, abs=5e-5)
    assert share_right(METHODS["one-coin"](answers, Options()), answers, gold) > by_one_coin
