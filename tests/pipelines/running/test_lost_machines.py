"""Whose fault it is when machines of a cluster are lost while they work."""

from itertools import count
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from kinetics_builder.config import RunConfig
from pipelines.running.engines.cluster import pool as module
from pipelines.running.engines.cluster.cluster import Place
from pipelines.running.engines.cluster.pool import RayPool
from pipelines.running.engines.pool import Outcome


class Cluster:
    """One machine after the other with two workers each, that are lost or not."""

    run = RunConfig(engine="ray")

    def __init__(self) -> None:
        self.places: list[Place] = []
        self.numbers = count()
        self.answers: dict[object, str] = {}

    def refresh(self, _root: Path) -> list[str]:
        if not self.places:
            desk = SimpleNamespace(work=SimpleNamespace(remote=self.begin))
            self.places = [Place(str(next(self.numbers)), "machine", 2, desk)]
        return []

    def drop(self, place: Place) -> None:
        self.places.remove(place)

    def begin(self, key: str, *_: object) -> object:
        answer = object()
        self.answers[answer] = key
        return answer


@pytest.fixture
def ray(monkeypatch: pytest.MonkeyPatch) -> Any:
    """A double of Ray: `fate` says of an item's key what asking for its answer does."""

    class LostError(Exception):
        pass

    double = SimpleNamespace(exceptions=SimpleNamespace(RayError=LostError, RayTaskError=KeyError))
    double.wait = lambda answers, **_: (answers, [])
    double.lost = LostError
    monkeypatch.setattr(module, "ray", double)
    return double


def test_items_outlast_machines_that_are_lost_and_one_that_loses_them_does_not(
    ray: Any, tmp_path: Path
) -> None:
    cluster, num_lost = Cluster(), count(1)
    pool = RayPool(cluster, tmp_path, None)  # type: ignore[arg-type]
    for key in ("first", "second", "waits", "waits too"):
        pool.submit(key, str, key)

    def get(answer: object) -> Outcome:
        if next(num_lost) <= module._MOST_LOSSES - 1:
            raise ray.lost
        return Outcome(cluster.answers[answer], "made", None, 0.0)

    ray.get = get
    found: list[Outcome] = []
    while pool.num_open():
        found += pool.finished()
    assert {one.key: one.result for one in found} == dict.fromkeys(
        ("first", "second", "waits", "waits too"), "made"
    )
    assert [note.text for one in found for note in one.notes] == [
        "a machine was lost; its items were done anew"
    ] * (module._MOST_LOSSES - 1)


def test_what_only_waited_is_not_held_to_be_the_cause(ray: Any, tmp_path: Path) -> None:
    cluster = Cluster()
    pool = RayPool(cluster, tmp_path, None)  # type: ignore[arg-type]
    for key in ("bad", "beside it", "waits", "waits too"):
        pool.submit(key, str, key)

    def get(answer: object) -> Outcome:
        if (key := cluster.answers[answer]) == "bad":
            raise ray.lost
        return Outcome(key, "made", None, 0.0)

    ray.get = get
    found: list[Outcome] = []
    while pool.num_open():
        found += pool.finished()
    failed = {one.key: str(one.failure) for one in found if one.failure}
    assert failed["bad"] == "crashed: 10 machines were lost while they worked on it"
    assert {one.key for one in found if one.failure is None} >= {"waits", "waits too"}
