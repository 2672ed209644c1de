"""What people answered about the films of a release, under pseudonyms."""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import Select, bindparam, select
from sqlalchemy.orm import Session

from kinetics_builder.database.tables import (
    ActionAnswer,
    ActionVote,
    BoxAnswer,
    DrawnBox,
    KeyFrame,
    LinkAnswer,
    LinkStretch,
    PersonBox,
    ProposedAction,
    TrackedBox,
)
from kinetics_builder.formats.boxes.ava.row_texts import share_text, timestamp_text
from kinetics_builder.formats.output import csv_line, writing_text
from kinetics_builder.text.foreign import one_line
from pipelines.ava.releasing.answers import rounded
from pipelines.ava.releasing.survey import SurveyedFilm

CORNERS = ("x1", "y1", "x2", "y2")


@dataclass(frozen=True, slots=True)
class Question:
    """One kind of question, and the file with all that was answered to it."""

    file: str
    noun: str
    """What its answers are about: "answers ..."."""
    what: str
    """The file, in a README."""
    columns: tuple[str, ...]
    query: Select[Any]
    """Of the answers about a film; its columns are those of the file but for `video_id`."""


def _of_film(*columns: Any) -> Select[Any]:
    asked = KeyFrame.video_id == bindparam("film"), KeyFrame.is_withdrawn.is_(False)
    moment = KeyFrame.timestamp_seconds.label("timestamp")
    return select(moment, *columns).select_from(KeyFrame).where(*asked)


_BOX = (*(getattr(PersonBox, name) for name in CORNERS), PersonBox.person.label("person_id"))
_DRAWN = tuple(getattr(DrawnBox, name) for name in ("number", *CORNERS))
_OF_BOXES = PersonBox.key_frame_id == KeyFrame.id

DRAWN = Question(
    "drawn_boxes.csv",
    "about who is there",
    "every answer about who is there: a row a box; one without a box says that nobody is",
    ("video_id", "timestamp", "worker", "revision", "number", *CORNERS),
    _of_film(BoxAnswer.worker_id.label("worker"), BoxAnswer.revision, *_DRAWN)
    .join(BoxAnswer, BoxAnswer.key_frame_id == KeyFrame.id)
    .outerjoin(DrawnBox, DrawnBox.answer_id == BoxAnswer.id),
)
LINKED = Question(
    "linked_boxes.csv",
    "about who is who",
    "every answer about whose boxes are whose along a stretch: equal tracks of an answer are one "
    "person",
    (*("video_id", "start", "end", "worker", "revision"), "timestamp", *CORNERS, "track"),
    _of_film(
        LinkStretch.start_seconds.label("start"),
        LinkStretch.end_seconds.label("end"),
        LinkAnswer.worker_id.label("worker"),
        *(LinkAnswer.revision, *_BOX, TrackedBox.track),
    )
    .join(PersonBox, _OF_BOXES)
    .join(TrackedBox, TrackedBox.person_box_id == PersonBox.id)
    .join(LinkAnswer, LinkAnswer.id == TrackedBox.answer_id)
    .join(LinkStretch, LinkStretch.id == LinkAnswer.stretch_id),
)
NAMED = Question(
    "named_actions.csv",
    "that name actions",
    "every action that anybody named of a person, or why none could be named",
    (
        *("video_id", "timestamp", *CORNERS, "person_id"),
        *("worker", "revision", "action_id", "flag", "other"),
    ),
    _of_film(
        *(*_BOX, ActionAnswer.worker_id.label("worker"), ActionAnswer.revision),
        *(ProposedAction.action_id, ActionAnswer.flag, ActionAnswer.other),
    )
    .join(PersonBox, _OF_BOXES)
    .join(ActionAnswer, ActionAnswer.person_box_id == PersonBox.id)
    .outerjoin(ProposedAction, ProposedAction.answer_id == ActionAnswer.id),
)
VOTES = Question(
    "votes.csv",
    "on actions",
    "every vote on an action of a person",
    (
        *("video_id", "timestamp", *CORNERS, "person_id", "action_id"),
        *("worker", "revision", "answer"),
    ),
    _of_film(
        *(*_BOX, ActionVote.action_id, ActionVote.worker_id.label("worker")),
        *(ActionVote.revision, ActionVote.answer),
    )
    .join(PersonBox, _OF_BOXES)
    .join(ActionVote, ActionVote.person_box_id == PersonBox.id),
)
QUESTIONS = (DRAWN, LINKED, NAMED, VOTES)


@dataclass(frozen=True)
class GivenAnswers:
    """Writes what people answered; nothing of who they are but a name that is none."""

    session: Session
    films: Sequence[SurveyedFilm]
    workers: Mapping[int, str]
    """Pseudonyms, by the worker's row."""

    def write(self, folder: Path) -> None:
        """Write a file for each kind of question that anybody answered."""
        for question in QUESTIONS:
            rows = self._rows(question)
            first = next(rows, None)
            if first is None:
                continue
            with writing_text(folder / question.file) as file:
                file.write(csv_line(question.columns))
                file.write(first)
                file.writelines(rows)

    def _rows(self, question: Question) -> Iterator[str]:
        for one in self.films:
            yield from self._rows_of(question, one, {*one.with_row, *one.excluded})

    def _rows_of(
        self, question: Question, one: SurveyedFilm, moments: Collection[float]
    ) -> Iterable[str]:
        """Return the lines about a film, in an order that no row's number has a part in."""
        told = self._telling(one)
        found: list[tuple[float, str]] = []
        rows: Iterable[Any] = self.session.execute(question.query, {"film": one.film.row_id})
        for row in rows.mappings():  # type: ignore[attr-defined]
            if row["timestamp"] in moments:
                values = {**row, "video_id": one.video_id, **_shares(row)}
                cells = [told.get(name, _plain)(values[name]) for name in question.columns]
                found.append((row["timestamp"], csv_line(cells)))
        return (line for _, line in sorted(found))

    def _telling(self, one: SurveyedFilm) -> Mapping[str, Callable[[Any], object]]:
        """Return what makes a cell of a value, by the column."""

        def moment(seconds: float) -> str:
            return timestamp_text(one.timestamp(seconds))

        return {
            **dict.fromkeys(("timestamp", "start", "end"), moment),
            "worker": self.workers.__getitem__,
            "other": one_line,
        }


def _plain(value: Any) -> object:
    return getattr(value, "value", value)


def _shares(row: Mapping[str, Any]) -> dict[str, str | None]:
    """Return the corners as rows of AVA have them; nothing of a row without a box."""
    corners = [row[name] for name in CORNERS]
    if None in corners:
        return dict.fromkeys(CORNERS)
    return dict(zip(CORNERS, map(share_text, rounded(corners)), strict=True))
