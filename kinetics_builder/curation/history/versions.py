"""A version of a dataset, as far as its classes go."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from statistics import median

Videos = Mapping[str, frozenset[str]]
"""The labels of each video; a video may have clips of several classes."""


@dataclass(frozen=True)
class Version:
    """The classes of a version and, where its rows are known, the videos of each."""

    name: str
    labels: frozenset[str]
    videos: Videos = field(default_factory=dict)

    @classmethod
    def of_rows(cls, name: str, rows: Iterable[tuple[str, str]]) -> "Version":
        """Return the version whose rows name (video, label)."""
        videos: dict[str, set[str]] = defaultdict(set)
        for video, label in rows:
            videos[video].add(label)
        frozen = {video: frozenset(labels) for video, labels in videos.items()}
        return cls(name, frozenset().union(*frozen.values()), frozen)

    @cached_property
    def num_videos(self) -> Counter[str]:
        """How many videos each label has."""
        return Counter(label for labels in self.videos.values() for label in labels)


class Moves:
    """Under which labels the videos of one version stand in the next."""

    def __init__(self, old: Version, new: Version) -> None:
        self._num_of = old.num_videos
        self._shared: Counter[str] = Counter()
        self._moved: dict[str, Counter[str]] = defaultdict(Counter)
        for video in old.videos.keys() & new.videos.keys():
            for label in old.videos[video]:
                self._shared[label] += 1
                self._moved[label].update(new.videos[video])
        kept = old.labels & new.labels
        shares = [self._shared[label] / num for label, num in self._num_of.items() if label in kept]
        self._usual_share = median(shares) if shares else 0.0

    def targets(self, label: str) -> Counter[str]:
        """Return how many videos of an old label each new label has."""
        return self._moved.get(label, Counter())

    def num_shared(self, label: str) -> int:
        """Return how many videos of an old label the next version has at all."""
        return self._shared[label]

    def belief(self, old: str, new: str) -> float:
        """Return how far videos say that `old` became `new`, in [0, 1).

        The share of the videos that moved so, of those that came along; but of as many as come
        along of a usual class that is kept, where fewer did: a class of which three videos turn
        up elsewhere was dropped. One video is no proof: k count as k / (k + 1).
        """
        moved = self.targets(old)[new]
        expected = self._usual_share * self._num_of[old]
        return moved / max(self._shared[old], expected, 1.0) * moved / (moved + 1)
