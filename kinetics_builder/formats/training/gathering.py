"""Records gone through once before they are written: their files, their splits, their labels.

Training code wants classes by number, so the labels must be known before the first record is
written. The records wait on the disk in the meantime.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from itertools import chain, islice
from pathlib import Path
from typing import Any

from kinetics_builder.formats.checks import check_stretch
from kinetics_builder.formats.format import Options
from kinetics_builder.formats.grouping import sorted_on_disk
from kinetics_builder.formats.label_map import LabelMap
from kinetics_builder.formats.losses import Losses
from kinetics_builder.formats.media import (
    TITLE,
    path_below,
    place,
    possible_files,
    with_title,
    without_suffix,
)
from kinetics_builder.formats.problems import Problems
from kinetics_builder.formats.records import SPLITS, Clip
from kinetics_builder.formats.splits import ORDER, given_split

Look = Callable[[Clip], bool]


@dataclass(frozen=True, slots=True, kw_only=True)
class Wants:
    """What a format asks of a record."""

    format_name: str
    media: bool = False
    """Whether it carries the files."""
    label: bool = False
    """Whether each record must have one."""
    frame_folders: bool = False
    """Whether a clip is a folder of frames, called like the video without its suffix."""
    look: Look = lambda _clip: True
    """Is shown each clip that can be written; says no (and why) where it cannot after all."""


@dataclass(frozen=True, slots=True)
class Gathered:
    """All records that can be written, each with its `file` and `split` filled in."""

    clips: Iterator[Clip]
    labels: LabelMap
    """The given ones, else the labels of the records in alphabetical order."""
    splits: dict[str | None, set[str]] = field(default_factory=dict)
    """The labels that occur in each split."""


def gather(
    records: Iterable[Clip],
    options: Options,
    problems: Problems,
    wants: Wants,
    key: Callable[[Clip], Any] = lambda _clip: (),
) -> Gathered:
    """Go through all records; return them by split, then by `key`, then as they came."""
    splits: dict[str | None, set[str]] = {}
    usable = _usable(records, options, problems, wants, splits)
    ordered = sorted_on_disk(usable, lambda clip: (ORDER[clip.split], key(clip)))
    clips = chain(list(islice(ordered, 1)), ordered)
    names = sorted(set().union(*splits.values()))
    return Gathered(clips, options.labels or LabelMap.of_names(names), splits)


def _usable(
    records: Iterable[Clip],
    options: Options,
    problems: Problems,
    wants: Wants,
    splits: dict[str | None, set[str]],
) -> Iterator[Clip]:
    given = given_split(options)
    for clip in records:
        problems.item = title(clip)
        split = clip.split or given
        if not (_has_split(split, problems) and _has_label(clip, options, problems, wants)):
            continue
        if clip.start_seconds is not None and clip.end_seconds is not None:
            try:
                check_stretch(clip.start_seconds, clip.end_seconds)
            except ValueError as error:
                problems.error(str(error))
                continue
        file = _file(clip, options, problems, wants)
        if file is None:
            continue
        found = clip._replace(file=file, split=split)
        if wants.look(found):
            labels = splits.setdefault(found.split, set())
            if found.label is not None:
                labels.add(found.label)
            yield found


def title(clip: Clip) -> str:
    """Return what a message calls a clip.

    >>> title(Clip("abc", 1, 11)), title(Clip("abc", file="a/b.mp4"))
    ('abc 1-11', 'a/b.mp4')
    """
    if clip.file is not None:
        return clip.file
    if clip.start_seconds is None or clip.end_seconds is None:
        return clip.video_id
    return f"{clip.video_id} {clip.start_seconds:g}-{clip.end_seconds:g}"


def _has_split(split: str | None, problems: Problems) -> bool:
    if split in ORDER:
        return True
    problems.error(f"the split is {split!r}; expected {', '.join(SPLITS)} or none")
    return False


def _has_label(clip: Clip, options: Options, problems: Problems, wants: Wants) -> bool:
    if clip.label is None:
        has_number = "label_index" in clip.details
        if wants.label and not has_number:
            problems.error(f"no label; {wants.format_name} writes one for each clip")
        return has_number or not wants.label
    if options.labels is not None and clip.label not in options.labels.ids:
        problems.error(f"the label {clip.label!r} is not in the label map")
        return False
    return True


def _file(clip: Clip, options: Options, problems: Problems, wants: Wants) -> str | None:
    """Return the clip's file, as it lies below the folder of the files if that is known."""
    possible = list(possible_files(clip))
    if wants.frame_folders:
        possible = [without_suffix(file) for file in possible]
    if options.media is None and not wants.media:
        return possible[0]
    media = options.need_media(wants.format_name)
    for file in possible:
        inside = path_below(file, media)
        if inside is not None and _is_there(media / inside, wants):
            return inside
    problems.error(f"the file is missing; expected {' or '.join(possible)} in {media}")
    return None


def _is_there(path: Path, wants: Wants) -> bool:
    return path.is_dir() if wants.frame_folders else path.is_file()


def note_losses(
    losses: Losses,
    clip: Clip,
    told: tuple[str, float | None, float | None],
    said: Iterable[str] = (),
) -> None:
    """Take down what reading back will not find: `told` is what it finds of video and stretch."""
    is_title_told = with_title(clip._replace(details={})).details == {
        TITLE: clip.details.get(TITLE)
    }
    losses.note_details(clip, (*said, TITLE) if is_title_told else said)
    if told[0] != clip.video_id:
        losses.note("video (the file's name tells another)", title(clip))
    elif told[1:] != clip[1:3]:
        losses.note("start and end (the file's name tells others)", title(clip))


def place_clip(clip: Clip, target: Path, options: Options, problems: Problems) -> Path:
    """Bring a clip's file to `target`; tell of it where that name was taken by another file."""
    found = place((options.media or Path()) / (clip.file or ""), target)
    if found != target:
        problems.warning(f"another file is called {target.name} there; this one is {found.name}")
    return found
