"""Verb `releases page` of films: a released folder -> one self-contained HTML page about it."""

import math
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any

from kinetics_builder.ava.actions import ActionType
from kinetics_builder.formats.records import SPLITS
from pipelines.ava.released.folder import FilmsFolder
from pipelines.ava.released.tally import Tally, labels_of, tally_of
from pipelines.ava.releasing.given import QUESTIONS
from pipelines.ava.releasing.survey import BOXES, LABELS, PERSONS
from pipelines.html_page import write_page
from pipelines.inspecting.contact_sheets import (
    MOST_OF_A_CLASS,
    MOST_STILLS,
    PERSON,
    Moment,
    sheets_of,
    width_of,
)
from pipelines.release_page.balance import DOMINATED, Balance
from pipelines.release_page.bars import Bar, named, numbers, shares
from pipelines.release_page.errata import errata_of
from pipelines.release_page.films_counting import Seen, ShownPerson, seen_in
from pipelines.running.reports import Reporter

PAGE = "films.html"
_HEIGHT = 40.0
"""Of the picture of all actions, whose width is 100."""


@dataclass(frozen=True, slots=True)
class ActionBar:
    """An action in the picture of all."""

    name: str
    type: str
    number: int
    x: float
    width: float
    height: float
    """By the logarithm of its number: else only the commonest could be seen."""


@dataclass(frozen=True, slots=True)
class PersonSheet:
    """People who do an action."""

    name: str
    type: str
    number: int
    num_shown: int
    picture: str
    """A `data:` address; empty where no film could be read."""
    width: float
    """Of the picture, in per cent of a full one: so people are of one size on all."""


def write_films_page(
    release: Path,
    path: Path,
    groups: Mapping[str, str] | None = None,
    reporter: Reporter | None = None,
) -> Path:
    """Write a page about a release of films and return it; nothing but its folder is read.

    Args:
        release: Its folder.
        path: Of the page.
        groups: What annotators said of persons, by `video_id person_id`, or of all of a film, by
            its id; nothing is told of groups without it.
        reporter: Told of each action's contact sheet.

    Raises:
        WorkspaceError: There can be no such page.
        FormatError: The folder holds no release of films, or one of its tables cannot be read.

    """
    folder = FilmsFolder.of(release)
    tally = tally_of(release, folder.films)
    each = min(MOST_OF_A_CLASS, max(1, MOST_STILLS // max(1, len(tally.labels))))
    seen = seen_in((label for _, labels in labels_of(release) for label in labels), each)
    values = _values(tally, seen) | {
        "name": release.absolute().name,
        "errata": errata_of(release),
        "sheets": _sheets(release, tally, seen, reporter),
        "balance": None if groups is None else _balance(release, groups),
        "dominated": DOMINATED,
    }
    return write_page(path, "pipelines.release_page", PAGE, values)


def _balance(release: Path, groups: Mapping[str, str]) -> Balance:
    balance = Balance(groups)
    for _, labels in labels_of(release):
        for one in labels:
            if one.action_id is not None:
                balance.add(one.action, (f"{one.video_id} {one.person_id}", one.video_id))
    return balance


def _values(tally: Tally, seen: Seen) -> dict[str, Any]:
    ordered = tally.most_frequent()
    sizes = sorted(found.total() for found in tally.labels.values()) or [0]
    return {
        "cards": {
            "labels": f"{tally.total('num_labels'):,}",
            "boxes": f"{tally.total('num_boxes'):,}",
            "persons": f"{tally.total('num_persons'):,}",
            "key frames": f"{tally.total('num_key_frames'):,}",
            "films": f"{tally.total('num_films'):,}",
            "actions": f"{len(tally.labels):,}",
        },
        "splits": tally.splits,
        "sizes": (sizes[0], sizes[len(sizes) // 2], sizes[-1]),
        "types": [kind.word for kind in ActionType],
        "action_bars": action_bars(tally),
        "ticks": ticks(sizes[-1]),
        "actions": [(number, *tally.actions[number], tally.labels[number]) for number in ordered],
        "split_names": [split for split in SPLITS if split in tally.splits],
        "charts": _charts(tally, seen),
    }


def _charts(tally: Tally, seen: Seen) -> dict[str, list[Bar]]:
    by_type: Counter[str] = Counter()
    for number, found in tally.labels.items():
        by_type[tally.actions[number][1]] += found.total()
    words = {one.file: one.noun for one in QUESTIONS}
    return {
        "Boxes of a key frame": numbers(tally.boxes_a_key_frame),
        "Labels of a box": numbers(tally.labels_a_box),
        "Key frames of a person": numbers(tally.key_frames_a_person),
        "Height of the box, of the picture's": shares(seen.heights),
        "Labels by type": named(by_type),
        "Share of yes among the votes on a label": shares(seen.agreements),
        "Who says the labels": named(tally.said_by[LABELS]),
        "Who says the boxes": named(tally.said_by[BOXES]),
        "Who says whose they are": named(tally.said_by[PERSONS]),
        "Answers": named(Counter({words[file]: num for file, num in tally.answers.items()})),
        "Licences of the films": named(tally.licences),
    }


def ticks(most: int) -> list[tuple[str, float]]:
    """Return the powers of ten up to a number, and how high each is from below.

    >>> ticks(100)
    [('1', 8.0), ('10', 24.0), ('100', 40.0)]
    """
    powers = range(int(math.log10(max(1, most))) + 1)
    return [(f"{10**power:,}", height_of(10**power, most)) for power in powers]


def height_of(number: int, most: int) -> float:
    """Return how high a bar is by the logarithm; one label is a fifth of the height of a decade.

    >>> height_of(1000, 1000), height_of(0, 1000)
    (40.0, 0.0)
    """
    if number < 1:
        return 0.0
    low = 0.5
    return round(_HEIGHT * (math.log10(number) + low) / (math.log10(max(1, most)) + low), 3)


def action_bars(tally: Tally) -> list[ActionBar]:
    """Return the actions as upright bars, the commonest first."""
    ordered = tally.most_frequent()
    totals = {number: tally.labels[number].total() for number in ordered}
    width = 100 / max(1, len(ordered))
    return [
        ActionBar(
            *tally.actions[number],
            number=totals[number],
            x=round(place * width, 4),
            width=round(width * 0.86, 4),
            height=height_of(totals[number], totals[ordered[0]]),
        )
        for place, number in enumerate(ordered)
    ]


def _sheets(
    release: Path, tally: Tally, seen: Seen, reporter: Reporter | None
) -> list[PersonSheet]:
    """Return the surest persons of each action, the commonest action first."""
    shown = [(number, seen.shown(number)) for number in tally.most_frequent()]
    moments = [[_moment(release, one) for one in some] for _, some in shown]
    pictures = sheets_of(moments, PERSON, reporter)
    return [
        PersonSheet(
            *tally.actions[number],
            number=tally.labels[number].total(),
            num_shown=len(some),
            picture=picture,
            width=round(100 * width_of(len(some), PERSON), 2),
        )
        for (number, some), picture in zip(shown, pictures, strict=True)
    ]


def _moment(release: Path, one: ShownPerson) -> Moment:
    name = PurePosixPath(one.file)
    is_inside = not name.is_absolute() and ".." not in name.parts
    file = release / name
    return Moment(file if is_inside and file.is_file() else None, one.seconds, one.corners)
