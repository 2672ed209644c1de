"""What is odd about all that persons do, found while a file of boxes streams by."""

from collections.abc import Iterable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any, NamedTuple, TypeVar

from kinetics_builder.ava.actions import ActionType
from kinetics_builder.ava.label_sets import OddBoxes, Oddity, Types, told, types_of
from kinetics_builder.ava.vocabulary import ava_vocabulary, read_vocabulary
from kinetics_builder.errors import FormatError
from kinetics_builder.formats.boxes.actions import item_of
from kinetics_builder.formats.boxes.ava_folders.places import LABELS, all_files
from kinetics_builder.formats.format import Options
from kinetics_builder.formats.problems import Problems
from kinetics_builder.formats.records import Box

RecordT = TypeVar("RecordT", bound=tuple[Any, ...])


def telling_of_persons(
    records: Iterable[RecordT], path: Path, options: Options, problems: Problems
) -> Iterator[RecordT]:
    """Yield all records; at the end warn of boxes with more actions than a person has at once.

    And of those without a pose; each sort once, with the number of boxes and the row of the
    first. The rows of a key frame must stand together, as they do in AVA's files; a row of a
    detector, which has a score, is none of them. Types are those of the label map, else of the
    list of actions that lies beside the file, else AVA's own.
    """
    found = _Persons(_types(path, options))
    for record in records:
        if isinstance(record, Box) and record.score is None and record.action_id is not None:
            found.add(record, problems)
        yield record
    found.end()
    for oddity in Oddity:
        if number := found.odd.counts[oddity]:
            place = found.places[oddity]
            problems.enter(place.path)
            problems.line, problems.item = place.line, place.item
            more = "" if number == 1 else "; this is the first"
            problems.warning(f"{number:,} {told(oddity, number)}{more}")


class _Place(NamedTuple):
    path: Path
    line: int | None
    item: str


class _Persons:
    """Puts the rows of a key frame together by box."""

    def __init__(self, types: Types) -> None:
        self._types = types
        self._moment: tuple[str, float] | None = None
        self._boxes: dict[tuple[object, ...], tuple[set[int], _Place]] = {}
        self.odd = OddBoxes()
        self.places: dict[Oddity, _Place] = {}

    def add(self, box: Box, problems: Problems) -> None:
        """Take a row."""
        if box[:2] != self._moment:
            self.end()
            self._moment = box[:2]
        place = _Place(problems.path, problems.line, item_of(box))
        actions, _ = self._boxes.setdefault((*box[2:6], box.person_id), (set(), place))
        actions.add(box.action_id or 0)

    def end(self) -> None:
        """Count the boxes of the key frame."""
        for actions, place in self._boxes.values():
            for oddity in self.odd.add(actions, self._types, place.item):
                self.places[oddity] = place
        self._boxes = {}


def _types(path: Path, options: Options) -> Types:
    if options.labels is not None:
        known = {one.value: one for one in ActionType}
        return {one.id: known[one.group] for one in options.labels if one.group in known}
    lists = all_files(path if path.is_dir() else path.parent, LABELS)
    for own in reversed(lists):
        with suppress(FormatError):  # a list without types, as that of the challenges
            return types_of(read_vocabulary(own, may_have_gaps=True))
    return {} if lists else types_of(ava_vocabulary())
