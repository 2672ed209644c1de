"""What a check says: how much of a folder a reader uses, and what becomes of the rest."""

from dataclasses import dataclass, field, replace
from enum import StrEnum

_LONGEST = 200
"""Letters of a value that are told."""
_MOST_LINES = 100
"""Lines that a finding names, of perhaps many more."""


class Fate(StrEnum):
    """What a reader does with what is found."""

    STOPS = "stops"
    """It ends there with an error."""
    LOSES = "loses"
    """It leaves out what the folder states, without a word."""
    MISREADS = "misreads"
    """It takes it for something else than the folder states, without a word."""
    NOTES = "notes"
    """It does what its settings or the folder itself say; good to know."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sort:
    """A sort of finding; `what` and `remedy` may have {names} of what was found."""

    fate: Fate
    what: str
    remedy: str
    is_absence: bool = False
    """Whether a file is lacking: what the others hold can be counted all the same."""


@dataclass(slots=True, kw_only=True)
class Finding:
    """All places where a reader does the same with the same."""

    fate: Fate
    parts: list[str]
    """Those that meet it, as `Part.name` calls them; none where it is about the folder."""
    file: str
    """Below the folder."""
    line: int | None
    """The first, from 1; None where it is about the file."""
    what: str
    remedy: str
    count: int = 1
    """How many places there are."""
    lines: list[int] = field(default_factory=list)
    """The first hundred of them."""

    @property
    def fails(self) -> bool:
        """Whether a folder with this in it is not used as it is meant."""
        return self.fate is not Fate.NOTES


@dataclass(frozen=True, slots=True, kw_only=True)
class Counts:
    """How much there is: key frames, boxes on them, labels of these (each once)."""

    key_frames: int = 0
    boxes: int = 0
    labels: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """One thing that the reader does with the folder."""

    name: str
    does: str
    stated: Counts
    used: Counts
    """What is used; where a file is lacking, what would be if it were there."""
    stops: bool
    """Whether it ends with an error."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """Everything about a folder and a reader."""

    reader: str
    version: str
    parts: list[Part]
    findings: list[Finding]

    @property
    def passes(self) -> bool:
        """Whether each part uses something, and nothing is lost or taken for something else."""
        is_used = all(part.used.key_frames for part in self.parts)
        return bool(self.parts) and is_used and not any(one.fails for one in self.findings)


class Findings:
    """Takes down findings: of each sort, part and file one, however many places there are."""

    def __init__(self) -> None:
        self._found: dict[tuple[Sort, str, str, str], Finding] = {}
        self._stopped: set[str] = set()
        self._broken: set[str] = set()

    def add(
        self,
        sort: Sort,
        part: str,
        file: str,
        line: int | None = None,
        *,
        kind: object = "",
        **values: object,
    ) -> None:
        """Take down one place; with `kind`, apart from other kinds of the same sort."""
        key = (sort, str(kind), part, file)
        found = self._found.get(key)
        if found is None:
            values = {name: _shown(value) for name, value in values.items()}
            found = self._found[key] = Finding(
                fate=sort.fate,
                parts=[part] if part else [],
                file=file,
                line=line,
                what=sort.what.format(**values),
                remedy=sort.remedy.format(**values),
            )
            if sort.fate is Fate.STOPS:
                self._stopped.add(part)
                if not sort.is_absence:
                    self._broken.add(part)
        else:
            found.count += 1
        if line is not None and len(found.lines) < _MOST_LINES:
            found.lines.append(line)

    def stops(self, part: str) -> bool:
        """Tell whether the reader ends with an error in a part."""
        return part in self._stopped

    def breaks(self, part: str) -> bool:
        """Tell whether it ends so because of what is there, and not because a file is lacking."""
        return part in self._broken

    def merged(self) -> list[Finding]:
        """Return all, the worst first; one that several parts meet in one file is one."""
        groups: dict[tuple[Sort, str, str], list[Finding]] = {}
        for (sort, kind, _, file), found in self._found.items():
            groups.setdefault((sort, kind, file), []).append(found)
        order = list(Fate)
        return sorted(map(_one, groups.values()), key=lambda one: order.index(one.fate))


def _shown(value: object) -> object:
    """Return a value as it is told: long text cut, and what cannot be seen as Python writes it."""
    if not isinstance(value, str):
        return value
    text = value if len(value) <= _LONGEST else f"{value[: _LONGEST - 4]} ..."
    return text if text.isprintable() else repr(text)


def _one(found: list[Finding]) -> Finding:
    """Return the finding with the most places, as one of the parts of all."""
    most = max(found, key=lambda one: one.count)
    return replace(most, parts=[part for one in found for part in one.parts])


class Tally:
    """Counts key frames, boxes and labels, each once.

    Holds a number of 64 bits for each, and not the thing itself: full-size files have a million.
    """

    def __init__(self) -> None:
        self._frames: set[int] = set()
        self._boxes: set[int] = set()
        self._labels: set[int] = set()

    def add(self, key: tuple[str, float], box: object = None, action: object = None) -> None:
        """Count a key frame; with `box` the box on it, with `action` the label of that."""
        self._frames.add(hash(key))
        if box is not None:
            place = hash((key, box))
            self._boxes.add(place)
            if action is not None:
                self._labels.add(hash((place, action)))

    @property
    def counts(self) -> Counts:
        """What was counted."""
        return Counts(
            key_frames=len(self._frames), boxes=len(self._boxes), labels=len(self._labels)
        )
