"""The nodes of a Ray cluster that work for this process, each with its desk."""

import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import ray
from ray.util.scheduling_strategies import NodeAffinitySchedulingStrategy

from kinetics_builder.config import RunConfig
from kinetics_builder.text.foreign import one_line
from pipelines.running.engines.cluster.connecting import connect
from pipelines.running.engines.cluster.desk import Desk, Look
from pipelines.running.engines.cluster.likeness import marked, this_installation

_START_SECONDS = 120.0
"""How long a node may take to start its desk, and to import what that needs."""
_STOP_SECONDS = 10.0
_TRIES = 3
"""How often a desk is put up that is killed before it could say what there is."""
_LOST = "lost its process"
_REFRESH_SECONDS = 5.0
"""How often it is asked which nodes there are."""


@dataclass(eq=False)
class Place:
    """A node that works for us."""

    node: str
    """Its id in the cluster."""
    name: str
    """As a person would name it."""
    workers: int
    desk: Any
    num_open: int = 0
    folders: set[Path] = field(default_factory=set)
    """Those that it was seen to share with us."""

    @property
    def load(self) -> float:
        """Return how many items are here for each worker."""
        return self.num_open / self.workers


class Cluster:
    """A cluster that this process is connected to."""

    def __init__(self, run: RunConfig) -> None:
        self.run = run
        self.places: list[Place] = []
        self._refreshed_at = -_REFRESH_SECONDS

    def refresh(self, root: Path) -> list[str]:
        """Take in the nodes that came, drop those that went.

        Returns why nodes are not taken that are there: they have another version, or do not
        see the workspace at `root`.
        """
        is_known = all(root in place.folders for place in self.places)
        is_fresh = time.monotonic() - self._refreshed_at < _REFRESH_SECONDS
        if is_fresh and self.places and is_known:
            return []
        self._refreshed_at = time.monotonic()
        found = {node["NodeID"]: node for node in ray.nodes() if _works(node)}  # type: ignore[no-untyped-call]
        for place in [place for place in self.places if place.node not in found]:
            self.drop(place)
        told: list[str] = []
        for _ in range(_TRIES):
            known = {place.node for place in self.places}
            self.places += [self._place(node) for key, node in found.items() if key not in known]
            told = self._admit(root)
            if not any(_LOST in fault for fault in told):
                break
        return told

    def drop(self, place: Place) -> None:
        """Work no more at a place, and end what is at work there."""
        self.places.remove(place)
        ray.kill(place.desk)

    def clear(self) -> None:
        """End what is at work in all places."""
        stopped = [place.desk.stop.remote() for place in self.places]
        ray.wait(stopped, num_returns=len(stopped), timeout=_STOP_SECONDS) if stopped else None
        for place in list(self.places):
            self.drop(place)

    def _place(self, node: dict[str, Any]) -> Place:
        workers = self.run.workers or int(node["Resources"]["CPU"])
        desk = ray.remote(Desk).options(
            num_cpus=0,  # whatever else the cluster does: our children are polite to it
            max_concurrency=2 * workers + 4,
            scheduling_strategy=NodeAffinitySchedulingStrategy(node["NodeID"], soft=False),
        )
        name = f"{node['NodeManagerHostname']} ({node['NodeManagerAddress']})"
        made = desk.remote(workers, self.run.memory_megabytes << 20)
        return Place(node["NodeID"], name, workers, made)

    def _admit(self, root: Path) -> list[str]:
        """See that all places can work in `root`; drop those that cannot, and return why."""
        new = [place for place in self.places if root not in place.folders]
        told: list[str] = []
        for place, fault in zip(new, _faults(new, root), strict=True):
            if not fault:
                place.folders.add(root)
                continue
            self.drop(place)
            told.append(f"{place.name} {fault}")
        return told


_clusters: dict[str, Cluster] = {}
"""The one that this process is connected to: Ray knows no more than one a process."""


def cluster_of(run: RunConfig) -> Cluster:
    """Return the cluster that the settings name, connected to once a process.

    Raises:
        ConfigError: It cannot be had.

    """
    known = _clusters.get(run.ray_address)
    if known is not None and ray.is_initialized() and known.run == run:
        return known
    if ray.is_initialized():
        for other in _clusters.values():
            other.clear()
    if known is None or not ray.is_initialized():
        ray.shutdown()
        connect(run)
    _clusters.clear()
    _clusters[run.ray_address] = Cluster(run)
    return _clusters[run.ray_address]


def _works(node: dict[str, Any]) -> bool:
    return bool(node["Alive"]) and node["Resources"].get("CPU", 0) >= 1


def _faults(places: Sequence[Place], root: Path) -> list[str]:
    """Return why each of the places cannot work in `root`; empty for one that can."""
    if not places:
        return []
    with marked(root) as mark:
        looks = [place.desk.look.remote(mark) for place in places]
        ray.wait(looks, num_returns=len(looks), timeout=_START_SECONDS)
        return [_fault(look) for look in looks]


def _fault(answer: Any) -> str:
    try:
        look: Look = ray.get(answer, timeout=0.1)
    except ray.exceptions.GetTimeoutError:
        return f"does not answer for {_START_SECONDS:.0f} s"
    except ray.exceptions.RayError as error:
        if "No module named" in str(error):
            return "has no kinetics-builder that Ray's Python could import"
        if isinstance(error, ray.exceptions.RayActorError):
            return f"{_LOST} while it started ({str(one_line(str(error)))[-200:]})"
        return f"cannot work ({str(one_line(str(error)))[-300:]})"
    if unlike := this_installation().unlike(look.installation):
        return f"has {unlike}"
    return look.fault
