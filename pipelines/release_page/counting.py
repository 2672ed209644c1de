"""What a release's table says of its clips, counted."""

import heapq
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from kinetics_builder.formats.records import SPLITS
from kinetics_builder.formats.released_clips import ReleasedClip
from pipelines.publishing.clips.sums import NOT_KNOWN
from pipelines.release_page.bars import bin_of


@dataclass(frozen=True, slots=True, order=True)
class Shown:
    """A clip that may be shown, the surest first."""

    unsureness: float
    file: str
    seconds: float = field(compare=False)
    """Its middle, from its start."""


@dataclass
class Tally:
    """Counts released clips as they go by; grows with classes and videos, not with clips."""

    most_shown: int
    """Of a class."""
    clips: dict[str, Counter[str]] = field(default_factory=lambda: defaultdict(Counter))
    """By class and split."""
    seconds: Counter[int] = field(default_factory=Counter)
    heights: Counter[int] = field(default_factory=Counter)
    rates: Counter[int] = field(default_factory=Counter)
    licences: Counter[str] = field(default_factory=Counter)
    languages: Counter[str] = field(default_factory=Counter)
    countries: Counter[str] = field(default_factory=Counter)
    answers: Counter[str] = field(default_factory=Counter)
    num_answers: Counter[int] = field(default_factory=Counter)
    """Clips by how many answers they have."""
    posteriors: Counter[int] = field(default_factory=Counter)
    """By bins of [0, 1]."""
    agreements: Counter[int] = field(default_factory=Counter)
    uploaders: Counter[str] = field(default_factory=Counter)
    videos: set[str] = field(default_factory=set)
    num_bytes: int = 0
    num_seconds: float = 0.0
    _shown: dict[str, dict[str, Shown]] = field(default_factory=lambda: defaultdict(dict))
    """By class and video."""

    def add(self, clip: ReleasedClip) -> None:
        """Count one."""
        self.clips[clip.label][clip.split] += 1
        self.seconds[round(clip.duration_seconds)] += 1
        self.heights[min(clip.width, clip.height)] += 1
        self.rates[round(clip.frames_per_second)] += 1
        self.licences[clip.licence_kind or "not stated"] += 1
        self.languages[clip.language or NOT_KNOWN] += 1
        self.countries[clip.country or NOT_KNOWN] += 1
        self._add_answers(clip)
        self.videos.add(clip.youtube_id)
        self.num_bytes += clip.bytes
        self.num_seconds += clip.duration_seconds
        if clip.uploader:
            self.uploaders[clip.uploader] += 1
        self._keep(clip)

    def _add_answers(self, clip: ReleasedClip) -> None:
        found = {name: getattr(clip, f"num_{name}") for name in ("yes", "no", "unsure", "bad")}
        self.answers.update(found)
        self.num_answers[sum(found.values())] += 1
        for value, bins in ((clip.posterior, self.posteriors), (clip.agreement, self.agreements)):
            if value is not None:
                bins[bin_of(value)] += 1

    def _keep(self, clip: ReleasedClip) -> None:
        """Keep the surest of each video, and of these as many as are shown."""
        sureness = clip.posterior if clip.posterior is not None else (clip.agreement or 0.0)
        one = Shown(-sureness, clip.file, clip.duration_seconds / 2)
        of_class = self._shown[clip.label]
        of_class[clip.youtube_id] = min(one, of_class.get(clip.youtube_id, one))
        if len(of_class) > self.most_shown:
            del of_class[max(of_class, key=lambda video: of_class[video])]

    def shown(self) -> Iterator[tuple[str, list[Shown]]]:
        """Yield each class with what is shown of it, by name."""
        for label in sorted(self._shown):
            yield label, heapq.nsmallest(self.most_shown, self._shown[label].values())

    @property
    def num_clips(self) -> int:
        """Return how many clips there are."""
        return sum(self.by_split().values())

    def by_split(self) -> dict[str, int]:
        """Return how many clips each split has."""
        return {split: sum(found[split] for found in self.clips.values()) for split in SPLITS}


def count(clips: Iterable[ReleasedClip], most_shown: int) -> Tally:
    """Return what clips come to."""
    tally = Tally(most_shown)
    for clip in clips:
        tally.add(clip)
    return tally
