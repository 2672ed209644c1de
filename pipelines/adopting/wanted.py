"""Which rows are learnt from: each with one label, one split, and a file of its own."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import ceil, floor
from pathlib import Path

from kinetics_builder.errors import Reason
from kinetics_builder.formats.manifest import ManifestRow
from kinetics_builder.formats.media import possible_files, video_below
from kinetics_builder.formats.records import SPLITS, Clip
from pipelines.adopting.looking import Facts

MEDIA = "media"
"""What the folder of the files is called beside the manifest."""


@dataclass(frozen=True, slots=True, order=True)
class Trouble:
    """A row of which something is wrong."""

    place: str
    """Its file and line."""
    video_id: str
    label: str
    split: str
    reason: str
    message: str
    is_listed: bool
    """Whether the manifest lists it all the same: a clip that is missing or broken is counted."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """A row to learn from, or to be measured on."""

    place: str
    clip: Clip
    file: str
    """Below the folder of the files; where it should be, if it is not there."""
    is_there: bool


class Wanting:
    """Takes rows one by one, and says what is wrong with those that it leaves."""

    def __init__(self, media: Path, classes: Sequence[str] | None) -> None:
        """Take only rows of `classes`, where they are given."""
        self._media = media
        self._classes = None if classes is None else frozenset(classes)
        self._taken: dict[str, str] = {}
        self.troubles: list[Trouble] = []

    def take(self, places: Iterable[tuple[str, Clip]]) -> Iterator[Wanted]:
        """Yield the rows that can be learnt from, missing files included."""
        for place, clip in places:
            found = video_below(self._media, clip)
            file = found or next(possible_files(clip))
            if fault := self._fault(clip, file):
                self.troubles.append(trouble(place, clip, Reason.BAD_ROW.value, fault))
                continue
            self._taken[file] = place
            yield Wanted(place, clip, file, found is not None)

    def _fault(self, clip: Clip, file: str) -> str | None:
        if not clip.label:
            return "it has no label"
        if self._classes is not None and clip.label not in self._classes:
            return f"the label {clip.label!r} is not in the label map"
        if clip.split not in SPLITS:
            return "it is of no split: --split says of which rows are that do not"
        if file.startswith("/") or ".." in file.split("/"):
            return f"{file!r} leaves the folder of the files"
        if (before := self._taken.get(file)) is not None:
            return f"its file {file} is that of {before} already; a clip has one label"
        return None


def trouble(
    place: str, clip: Clip, reason: str, message: str, *, is_listed: bool = False
) -> Trouble:
    """Return what is wrong with a row."""
    label, split = clip.label or "", clip.split or ""
    return Trouble(place, clip.video_id, label, split, reason, message, is_listed)


def rows_of(
    wanted: Iterable[Wanted], known: Mapping[str, Facts], troubles: list[Trouble]
) -> Iterator[ManifestRow]:
    """Yield the manifest's row of each clip; what is wrong is added to `troubles`.

    A clip that is missing or broken is listed without what nobody knows. A file that lasts far
    longer than its row says is the whole video: learning from it would be learning from what
    others said nothing about.
    """
    for one in wanted:
        facts = known.get(one.file, _UNKNOWN) if one.is_there else _UNKNOWN
        if facts.reason:
            fault = facts.message or f"expected it at {one.file}"
            troubles.append(trouble(one.place, one.clip, facts.reason, fault, is_listed=True))
        elif (seconds := _seconds(one.clip)) and facts.duration_seconds > 1.5 * seconds + 1:
            fault = (
                f"{one.file} lasts {facts.duration_seconds:.1f} s and the row speaks of "
                f"{seconds:.1f} s of it: cut it first (`kbuild restore` does)"
            )
            troubles.append(trouble(one.place, one.clip, Reason.TOO_LONG.value, fault))
            continue
        yield _row(one, facts)


_UNKNOWN = Facts(0, 0, "", reason=Reason.MISSING.value)


def _seconds(clip: Clip) -> float | None:
    if clip.start_seconds is None or clip.end_seconds is None:
        return None
    return clip.end_seconds - clip.start_seconds


_GROUP = re.compile(r"(v_.+_g[0-9]+)_c[0-9]+")
"""Of UCF101: clips of one group are parts of one video (arXiv:1212.0402)."""


def _video(clip: Clip) -> str:
    group = _GROUP.fullmatch(clip.video_id)
    return group[1] if group else clip.video_id


def _row(one: Wanted, facts: Facts) -> ManifestRow:
    clip = one.clip
    start = floor(clip.start_seconds or 0.0)
    end = ceil(facts.duration_seconds if clip.end_seconds is None else clip.end_seconds)
    return ManifestRow(
        label=clip.label or "",
        youtube_id=_video(clip),
        time_start=start,
        time_end=max(start + 1, end),
        split=clip.split or "",
        file=f"{MEDIA}/{one.file}",
        bytes=facts.bytes,
        sha256=facts.sha256,
        duration_seconds=facts.duration_seconds,
        width=facts.width,
        height=facts.height,
        frames_per_second=facts.frames_per_second,
        num_frames=facts.num_frames,
        whole_clip=False,
        licence=str(clip.details.get("licence", "")),
    )
