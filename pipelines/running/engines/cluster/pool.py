"""Work on the nodes of a Ray cluster, by the desk that each of them has.

A node that is lost costs nobody an item: what it was working on is done elsewhere.
"""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import ray

from kinetics_builder.errors import ConfigError, ItemFailed, KbuildError, Reason, WorkspaceError
from kinetics_builder.text.foreign import one_line
from pipelines.running.engines.cluster.cluster import Cluster, Place
from pipelines.running.engines.pool import POLL_SECONDS, Outcome
from pipelines.running.notes import Note

_MOST_LOSSES = 10
"""Nodes that may be lost over one item before the item is held to be the cause. Children have
limits, so hardly an item is: who loses nodes for other reasons shall lose no item by it."""


@dataclass(frozen=True)
class _Given:
    """An item, and where it is."""

    key: str
    work: Callable[[Any], Any]
    item: Any
    place: Place
    number: int
    """Of those given before it, whatever place they were given to."""


class RayPool:
    """Works on all nodes of a cluster that have CPUs.

    Raises:
        ConfigError: A node has another version, or does not see the workspace.
        WorkspaceError: There is no node.

    """

    def __init__(self, cluster: Cluster, root: Path, timeout_seconds: float | None) -> None:
        self._cluster, self._root = cluster, root
        self._timeout_seconds = timeout_seconds
        self._given: dict[Any, _Given] = {}
        self._num_given = 0
        self._losses: Counter[str] = Counter()
        self._failed: list[Outcome] = []
        self._told: list[Note] = []
        if refused := cluster.refresh(root):
            cluster.clear()
            raise ConfigError(
                f"run.ray_address = {cluster.run.ray_address!r}: {refused[0]}. All machines need "
                "the same Python and kinetics-builder, and the workspace at the same path: mend "
                "that, or use `--engine local`."
            )
        self._require_places()

    @property
    def capacity(self) -> int:
        """Items worth handing over at once."""
        return 2 * sum(place.workers for place in self._cluster.places)

    def submit(self, key: str, work: Callable[[Any], Any], item: Any) -> None:
        """Hand an item to the node that has the least to do."""
        place = min(self._cluster.places, key=lambda place: place.load)
        place.num_open += 1
        answer = place.desk.work.remote(key, work, item, self._timeout_seconds)
        self._given[answer] = _Given(key, work, item, place, self._num_given)
        self._num_given += 1

    def finished(self) -> list[Outcome]:
        """Return the outcomes that are ready.

        Raises:
            KbuildError: A child found that no item can succeed, or no node is left.

        """
        outcomes = [outcome for answer in self._ready() for outcome in self._taken(answer)]
        self._refresh()
        outcomes, self._failed = outcomes + self._failed, []
        if outcomes and self._told:
            notes = (*outcomes[0].notes, *self._told)
            outcomes[0], self._told = replace(outcomes[0], notes=notes), []
        return outcomes

    def num_open(self) -> int:
        """Return how many items are with the nodes."""
        return len(self._given) + len(self._failed)

    def stop(self) -> None:
        """End what is at work; nodes that are idle stay ready for the next stage."""
        if self._given:
            self._given.clear()
            self._cluster.clear()

    def _ready(self) -> list[Any]:
        if not (answers := list(self._given)):
            return []
        first, _ = ray.wait(answers, timeout=POLL_SECONDS)
        if not first:
            return []
        ready, _ = ray.wait(answers, num_returns=len(answers), timeout=0)
        return list(ready)

    def _taken(self, answer: Any) -> list[Outcome]:
        """Return the outcome of an item; none where its node was lost."""
        if (given := self._given.pop(answer, None)) is None:
            return []  # of a place that was found to be lost meanwhile: it was given anew
        given.place.num_open -= 1
        try:
            found = ray.get(answer)
        except ray.exceptions.RayTaskError as error:
            return [_failed(given.key, Reason.OTHER, str(one_line(str(error.cause))))]
        except ray.exceptions.RayError:
            self._lose(given)
            return []
        if isinstance(found, KbuildError):
            raise found
        return [found]

    def _lose(self, given: _Given) -> None:
        """Give anew what a lost node had: what only waited there first.

        It was working on those that it was given first.
        """
        place = given.place
        lost = [one for one in (given, *self._given.values()) if one.place is place]
        lost.sort(key=lambda one: one.number)
        self._losses.update(one.key for one in lost[: place.workers])
        self._given = {answer: one for answer, one in self._given.items() if one.place is not place}
        if place in self._cluster.places:
            self._cluster.drop(place)
        self._told.append(Note("a machine was lost; its items were done anew", place.name))
        self._refresh()
        for one in sorted(lost, key=lambda one: self._losses[one.key]):
            self._give_anew(one)

    def _give_anew(self, given: _Given) -> None:
        if self._losses[given.key] < _MOST_LOSSES:
            self.submit(given.key, given.work, given.item)
            return
        text = f"{_MOST_LOSSES} machines were lost while they worked on it"
        self._failed.append(_failed(given.key, Reason.CRASHED, text))

    def _refresh(self) -> None:
        refused = self._cluster.refresh(self._root)
        self._told += [Note("a machine that joined is not used", text) for text in refused]
        self._require_places()

    def _require_places(self) -> None:
        if not self._cluster.places:
            raise WorkspaceError(
                f"run.ray_address = {self._cluster.run.ray_address!r}: no machine with a CPU is "
                "left there. Start one (`ray start`), and run the same command again."
            )


def _failed(key: str, reason: Reason, text: str) -> Outcome:
    return Outcome(key, None, ItemFailed(reason, text), 0.0)
