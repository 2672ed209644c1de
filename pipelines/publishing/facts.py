"""What else a release tells: its classes, their edits, sums, and on which terms clips come."""

import json
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from kinetics_builder.database.tables import ClassGroup, Label, LabelGroup, SplitNote
from kinetics_builder.formats.column_lines import Texts, csv_texts
from kinetics_builder.formats.records import SPLITS
from pipelines.publishing.contents import Page

if TYPE_CHECKING:
    import pyarrow

TAXONOMY = "taxonomy.json"
EDITS = "edits.csv"
STATISTICS = "statistics.json"
TERMS = "terms.csv"
NOT_KNOWN = "not known"
"""The language, or the country, of a video whose site does not tell it."""
TERM_COLUMNS = (
    *("file", "url", "licence", "kind"),
    *("attribution", "commercial", "derivatives", "share_alike"),
)


def taxonomy(session: Session, classes: Sequence[str]) -> dict[str, Any]:
    """Return the released classes with what the classes file says of them, and their groups."""
    rows = {label.name: label for label in session.scalars(select(Label))}
    groups = {group.id: group for group in session.scalars(select(ClassGroup))}
    of_label: dict[int, list[str]] = {}
    for link in session.scalars(select(LabelGroup).order_by(LabelGroup.label_id, LabelGroup.place)):
        of_label.setdefault(link.label_id, []).append(groups[link.group_id].name)
    return {
        "classes": [_class(name, rows.get(name), of_label) for name in classes],
        "groups": [
            {
                "name": group.name,
                "parent": groups[group.parent_id].name if group.parent_id else None,
                "question": group.question,
                "description": group.description,
            }
            for group in sorted(groups.values(), key=lambda group: (group.place, group.name))
        ],
    }


def _class(name: str, label: Label | None, of_label: Mapping[int, Sequence[str]]) -> dict[str, Any]:
    """Return what is known of a class; of one that edits made, its name alone."""
    if label is None:
        return {"name": name, "id": None, "description": None, "groups": []}
    return {
        "name": name,
        "id": label.key,
        "description": label.description,
        "groups": list(of_label.get(label.id, ())),
    }


def terms_texts(clips: "pyarrow.RecordBatch") -> Texts:
    """Return on which terms each clip comes, as far as its licence's name says it, as lines."""
    import pyarrow

    kinds = clips["licence_kind"].dictionary_encode()
    known = zip(*map(allowed, kinds.dictionary.to_pylist()), strict=True)
    terms = (pyarrow.array(one, pyarrow.string()).take(kinds.indices) for one in known)
    names = ("file", "url", "licence", "licence_kind")
    return csv_texts([*(clips[name] for name in names), *terms])


def allowed(kind: str) -> tuple[str, str, str, str]:
    """Return of a kind of licence whether makers must be named, whether it may be sold and
    changed, and whether what is made of it must come on the same terms.

    >>> allowed("cc-by-nc-sa"), allowed("cc0"), allowed("other")
    (('yes', 'no', 'yes', 'yes'), ('no', 'yes', 'yes', 'no'), ('', '', '', ''))
    """  # noqa: D205 (one sentence)
    if kind in ("cc0", "public-domain"):
        return "no", "yes", "yes", "no"
    parts = kind.split("-")
    if parts[:2] != ["cc", "by"]:
        return "", "", "", ""
    return "yes", _no("nc" in parts), _no("nd" in parts), "yes" if "sa" in parts else "no"


def _no(is_so: bool) -> str:
    return "no" if is_so else "yes"


def write_json(path: Path, value: object) -> None:
    """Write a value as people read it, too."""
    path.write_text(json.dumps(value, indent=1, ensure_ascii=False) + "\n", "utf-8")


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
