"""Sums over the clips of a release, counted as they go by."""

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from kinetics_builder.database.tables import SplitNote
from kinetics_builder.formats.records import SPLITS
from pipelines.publishing.clips.contents import Page

NOT_KNOWN = "not known"
"""The language, or the country, of a video whose site does not tell it."""


class Sums:
    """Counts released clips as they go by."""

    def __init__(self) -> None:
        """Begin with none."""
        self.clips: dict[str, Counter[str]] = {}
        """By label, then split."""
        self.seconds: defaultdict[str, float] = defaultdict(float)
        """By split."""
        self._licences: Counter[str] = Counter()
        self._spoken: Counter[str] = Counter()
        self._countries: Counter[str] = Counter()
        self._answers: Counter[str] = Counter()
        self._uploaders: set[str] = set()
        self._videos: set[str] = set()
        self._largest: Counter[str] = Counter()
        self._bytes = 0

    def add(self, page: Page) -> None:
        """Count some clips, one at least."""
        for (label, split), number in Counter(_pairs(page, "label", "split")).items():
            self.clips.setdefault(label, Counter())[split] += number
        for split, seconds in _pairs(page, "split", "duration_seconds"):
            self.seconds[split] += seconds
        count_named(self._licences, page["licence_kind"], "not stated")
        count_named(self._spoken, page["language"], NOT_KNOWN)
        count_named(self._countries, page["country"], NOT_KNOWN)
        for answer in ("yes", "no", "unsure", "bad"):
            self._answers[answer] += sum(page[f"num_{answer}"])
        self._videos.update(page["youtube_id"])
        self._largest.update(page["group"])
        self._uploaders.update(page["uploader"])
        self._bytes += sum(page["bytes"])

    def told(self, session: Session) -> dict[str, Any]:
        """Return the sums, and what could not be as it should in the splits."""
        notes = session.execute(select(SplitNote.sort, SplitNote.subject).order_by(SplitNote.id))
        by_split = {split: sum(found[split] for found in self.clips.values()) for split in SPLITS}
        return {
            "num_clips": sum(by_split.values()),
            "num_classes": len(self.clips),
            "num_videos": len(self._videos),
            "num_uploaders": len(self._uploaders - {""}),
            "num_groups": len(self._largest),
            "largest_group": max(self._largest.values(), default=0),
            "bytes": self._bytes,
            "splits": {
                split: {"clips": num, "hours": round(self.seconds[split] / 3600, 4)}
                for split, num in by_split.items()
            },
            "licences": dict(sorted(self._licences.items())),
            "languages": dict(sorted(self._spoken.items())),
            "countries": dict(sorted(self._countries.items())),
            "answers": dict(self._answers),
            "split_notes": dict(sorted(Counter(sort for sort, _ in notes).items())),
            "classes": {
                label: {split: found[split] for split in SPLITS}
                for label, found in sorted(self.clips.items())
            },
        }


def count_named(counter: Counter[str], column: Sequence[str | None], without: str) -> None:
    """Count the values of a column, and under another name those that say nothing."""
    for value, number in Counter(column).items():
        counter[value or without] += number


def _pairs(page: Page, one: str, other: str) -> Iterator[tuple[Any, Any]]:
    return zip(page[one], page[other], strict=True)
