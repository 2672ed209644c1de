"""The noun: what can be asked of a released folder, whichever kind of release it is."""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from kinetics_builder.workspace import Workspace
from pipelines.publishing.folders.findings import Finding
from pipelines.running.reports import Reporter

Taken = Mapping[str, tuple[str, str]]
"""When and why a video was taken down, by its id."""


@dataclass(frozen=True, slots=True)
class HeldAgainst:
    """What the contents of a release are held against, beside one another."""

    datasets: tuple[Path, ...] = ()
    """Others that must share no video."""
    compares_looks: bool = False
    """Whether what different splits show is compared, too."""


NOTHING = HeldAgainst()


@dataclass(frozen=True, slots=True)
class Place:
    """Where one thing stands in a release: a clip, a video, a film."""

    video: str
    """The video that it is of, as a takedown names it."""
    names: frozenset[str]
    """By which people may mean it."""
    cells: Mapping[str, str]
    """What says beside the release which it is, by column."""


@dataclass(frozen=True, slots=True)
class Examined:
    """What was looked at in a release, and found."""

    counts: Mapping[str, int]
    """How many of what, the noun of its rows first: both for people and programs."""
    num_compared: int
    """Rows of earlier releases and of other datasets."""
    findings: list[Finding]


class Difference(Protocol):
    """What became of one thing from one release to another."""

    @property
    def sort(self) -> str:
        """Return a word such as `added`."""

    @property
    def place(self) -> str:
        """Return what it is, in words."""

    @property
    def before(self) -> str:
        """Return what was said of it; empty where it was not there."""

    @property
    def after(self) -> str:
        """Return what is said of it now."""

    @property
    def why(self) -> str:
        """Return what is known of the reason; empty where nothing is."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReleaseKind:
    """A kind of release."""

    noun: str
    """What it is a release of."""
    sign: str
    """The file by which a folder is known to be one."""
    command: str
    """What makes one."""
    examine: Callable[[Workspace, Path, HeldAgainst], Examined]
    """Hold a release's contents against one another, and others."""
    sorts: Sequence[str]
    """Of differences, as they are counted."""
    diff: Callable[[Workspace, Path, Path], Sequence[Difference]]
    """Say what is otherwise in the second of two releases, and why, as far as a workspace knows."""
    places: Callable[[Path], Iterator[Place]]
    """Yield where everything stands in a release."""
    rewrite: Callable[[Workspace, Path, Collection[str]], None]
    """Put a release without some videos in its place."""
    write_page: Callable[[Path, Path, Mapping[str, str] | None, Reporter | None], Path]
    """Write a page about a release, of nothing but its folder and the groups that people named;
    a reporter is told how far it is."""
