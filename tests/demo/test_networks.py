import json
from collections.abc import Sequence
from concurrent.futures import Future
from pathlib import Path

import pytest

from kinetics_builder.errors import ItemFailed, KbuildError
from pipelines.demo.networks import follow
from pipelines.running.reports import SilentReporter


class Bar(SilentReporter):
    """Remembers what it would show; a training goes on whenever it looks."""

    def __init__(self, out: Path, future: "Future[None]", error: Exception | None = None) -> None:
        self.out, self.future, self.error = out, future, error
        self.begun, self.moved, self.is_closed = (0, 0), 0, False

    def begin(self, stage: str, total: int, finished: int) -> None:
        self.begun = total, finished
        log_step(self.out, 30)
        if self.error:
            self.future.set_exception(self.error)
        else:
            self.future.set_result(None)

    def advance(self, outcomes: Sequence[ItemFailed | None]) -> None:
        self.moved += len(outcomes)

    def close(self) -> None:
        self.is_closed = True


def log_step(out: Path, step: int) -> None:
    out.mkdir(exist_ok=True)
    with (out / "log.jsonl").open("a") as log:
        log.write(json.dumps({"step": step}) + "\n")


def test_a_bar_shows_the_steps_of_all_networks(tmp_path: Path) -> None:
    log_step(tmp_path / "a", 20)
    future: Future[None] = Future()
    bar = Bar(tmp_path / "b", future)
    follow([future], [tmp_path / "a", tmp_path / "b"], 100, bar)
    assert bar.begun == (100, 20)
    assert bar.moved == 30
    assert bar.is_closed


def test_a_training_that_fails_takes_the_bar_away(tmp_path: Path) -> None:
    future: Future[None] = Future()
    bar = Bar(tmp_path / "a", future, KbuildError("no clip"))
    with pytest.raises(KbuildError, match="no clip"):
        follow([future], [tmp_path / "a"], 100, bar)
    assert bar.is_closed
