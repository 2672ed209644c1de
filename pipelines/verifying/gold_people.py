"""Verb `gold --kind actions` and `--kind verification`: persons whose actions are known."""

from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from kinetics_builder.ava.actions import Vocabulary
from kinetics_builder.ava.boxes import overlap
from kinetics_builder.config import VerifyConfig
from kinetics_builder.database.tables import (
    Answer,
    Gold,
    GoldAction,
    PersonBox,
)
from kinetics_builder.errors import FormatError, StageOrderError
from kinetics_builder.formats.boxes.actions import has_box, item_of
from kinetics_builder.formats.boxes.pixels import Corners
from kinetics_builder.formats.problems import Problems
from kinetics_builder.formats.records import Kind
from kinetics_builder.formats.registry import find_format
from pipelines.ava.boxes_file import BoxesFile, options_of
from pipelines.ava.frame_sizes import SizesSeen
from pipelines.ava.given import check_drawn_on
from pipelines.converting.checks import opening
from pipelines.verifying.gold_frames import frame_at, key_frames

STRAY = 0.2
"""A box that overlaps no true one by more than this (IoU) shows nobody."""


@dataclass(frozen=True)
class PeopleGoldReport:
    """What `gold` added."""

    num_new: int
    num_known_before: int
    num_yes: int
    """Of the new ones: persons with known actions, or actions that are done."""
    num_other: int
    """Of the new ones: boxes that show nobody, or actions that are not done."""
    num_unmet: int
    """True persons of the file whom no box of the workspace meets."""


class _Known(NamedTuple):
    """A question with its answer."""

    frame_id: int
    box_id: int
    action_id: int | None
    expected: Answer
    actions: frozenset[int] = frozenset()


def add_gold_people(
    session: Session, file: BoxesFile, kind: str, actions: Vocabulary, config: VerifyConfig
) -> PeopleGoldReport:
    """Add persons whose actions a file says as gold of `kind`, "actions" or "verification".

    A true person is the box that overlaps it most, by `box_overlap` at least. Of "actions", a
    box at a key frame of the file that meets nobody there is gold too: it is a wrong box. Of
    "verification", each true action is a yes, and one that nobody does there is a no.

    Raises:
        FormatError: The file cannot be read, names a film, a second or an action that there is
            not, or contradicts gold that is known. Nothing is added then.
        StageOrderError: There is no box of a person.

    """
    boxes = _boxes(session)
    if not boxes:
        raise StageOrderError("gold", needs="ava detect", what="boxes of persons")
    frames = key_frames(session)
    known: list[_Known] = []
    num_unmet = 0
    for (film, seconds), people in sorted(_read(session, file, actions).items()):
        frame_id = frame_at(file, frames, film, seconds)
        met = meet(people, boxes.get(frame_id, {}), config.box_overlap)
        num_unmet += len(people) - len(met)
        if kind == "actions":
            known += _of_actions(frame_id, people, met, boxes.get(frame_id, {}))
        else:
            known += _of_verification(frame_id, people, met, actions)
    new = _without_known(session, file, known)
    _write(session, new)
    num_yes = sum(one.expected is Answer.YES for one in new)
    return PeopleGoldReport(len(new), len(known) - len(new), num_yes, len(new) - num_yes, num_unmet)


People = Mapping[Corners, frozenset[int]]


def _read(
    session: Session, file: BoxesFile, actions: Vocabulary
) -> dict[tuple[str, float], People]:
    """Return the true persons with their actions, by film and second."""
    one = find_format(file.format, Kind.BOXES)
    if one.read is None:
        raise FormatError(f"{one.name} can be written only: it says nothing of actions.")
    found: dict[tuple[str, float], dict[Corners, set[int]]] = defaultdict(dict)
    problems, sizes = Problems(file.path), SizesSeen()
    options = options_of(file, sizes)
    if options.labels is None:
        options = replace(options, labels=actions.label_map())
    with opening(one, file.path):
        for box in one.read(file.path, options, problems):
            people = found[box.video_id, box.timestamp_seconds]
            if not has_box(box):
                continue
            if box.action_id not in actions:
                problems.item = item_of(box)
                problems.error(
                    f"expected an action of the vocabulary, found {box.label or box.action_id}"
                )
                continue
            corners = Corners(*(float(c or 0) for c in (box.x1, box.y1, box.x2, box.y2)))
            people.setdefault(corners, set()).add(int(box.action_id or 0))
    check_drawn_on(session, sizes)
    if not any(found.values()):
        raise FormatError(f"{file.path}: says of nobody what the person does.")
    return {
        moment: {corners: frozenset(done) for corners, done in people.items()}
        for moment, people in found.items()
    }


def _boxes(session: Session) -> dict[int, dict[int, Corners]]:
    """Return the boxes that stand, by key frame and id."""
    query = select(
        PersonBox.key_frame_id, PersonBox.id, PersonBox.x1, PersonBox.y1, PersonBox.x2, PersonBox.y2
    ).where(PersonBox.stands())
    found: dict[int, dict[int, Corners]] = defaultdict(dict)
    rows: Any = session.execute(query)
    for frame_id, box_id, *corners in rows:
        found[frame_id][box_id] = Corners(*corners)
    return found


def meet(
    people: Collection[Corners], boxes: Mapping[int, Corners], least: float
) -> dict[Corners, int]:
    """Return the box of each person: the pairs with the greatest overlaps, each box once."""
    pairs = sorted(
        (
            (overlap(person, corners), person, box_id)
            for person in people
            for box_id, corners in boxes.items()
        ),
        key=lambda pair: (-pair[0], pair[1], pair[2]),
    )
    met: dict[Corners, int] = {}
    for place, person, box_id in pairs:
        if place >= least and person not in met and box_id not in met.values():
            met[person] = box_id
    return met


def _of_actions(
    frame_id: int, people: People, met: Mapping[Corners, int], boxes: Mapping[int, Corners]
) -> list[_Known]:
    known = [
        _Known(frame_id, box_id, None, Answer.YES, people[person]) for person, box_id in met.items()
    ]
    stray = [
        box_id
        for box_id, corners in boxes.items()
        if all(overlap(person, corners) <= STRAY for person in people)
    ]
    return known + [_Known(frame_id, box_id, None, Answer.BAD) for box_id in stray]


def _of_verification(
    frame_id: int, people: People, met: Mapping[Corners, int], actions: Vocabulary
) -> list[_Known]:
    done = frozenset().union(*people.values())
    absent = [action.id for action in actions if action.id not in done]
    known = []
    for place, (person, box_id) in enumerate(sorted(met.items())):
        known += [_Known(frame_id, box_id, number, Answer.YES) for number in sorted(people[person])]
        if absent:
            # Which one follows from where the person is, not from ids.
            number = absent[(place + int(1000 * sum(person))) % len(absent)]
            known.append(_Known(frame_id, box_id, number, Answer.NO))
    return known


def _without_known(session: Session, file: BoxesFile, known: Collection[_Known]) -> list[_Known]:
    """Return what is not known yet; FormatError where it is known otherwise."""
    there = _gold(session)
    new = []
    for one in known:
        before = there.get((one.box_id, one.action_id))
        if before is None:
            new.append(one)
        elif before != (one.expected, one.actions) and one.expected is not Answer.NO:
            raise FormatError(
                f"{file.path}: a person is known with other actions than the file says: "
                f"{_words(before[1])} before, {_words(one.actions)} now; gold is only ever added, "
                "so mend the file."
            )
    return new


def _words(numbers: Collection[int]) -> str:
    return ", ".join(map(str, sorted(numbers))) or "none"


def _gold(session: Session) -> dict[tuple[int, int | None], tuple[Answer, frozenset[int]]]:
    named: dict[int, set[int]] = defaultdict(set)
    for gold_id, number in session.execute(select(GoldAction.gold_id, GoldAction.action_id)):
        named[gold_id].add(number)
    query = select(Gold.id, Gold.person_box_id, Gold.action_id, Gold.expected)
    rows: Any = session.execute(query.where(Gold.person_box_id.is_not(None)))
    return {
        (box_id, action_id): (expected, frozenset(named[gold_id]))
        for gold_id, box_id, action_id, expected in rows
    }


def _write(session: Session, new: Collection[_Known]) -> None:
    for one in new:
        gold = Gold(
            key_frame_id=one.frame_id,
            person_box_id=one.box_id,
            action_id=one.action_id,
            expected=one.expected,
        )
        session.add(gold)
        session.flush()
        rows = [{"gold_id": gold.id, "action_id": number} for number in sorted(one.actions)]
        if rows:
            session.execute(insert(GoldAction), rows)
