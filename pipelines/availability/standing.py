"""What a survey says of each row of a released file."""

from collections.abc import Iterator, Sequence
from math import inf
from typing import NamedTuple

from sqlalchemy import select
from sqlalchemy.orm import Session

from kinetics_builder.database.bulk import chunks
from kinetics_builder.database.tables import SurveyedVideo
from kinetics_builder.formats.problems import Problems
from pipelines.availability.beginning import key_of
from pipelines.restoring.outcomes import Outcome
from pipelines.restoring.released import Released, Row, batches
from pipelines.takedown.marking import Known, Takedowns


class Stood(NamedTuple):
    """A row of the file, and what has become of its video."""

    row: Row
    outcome: Outcome
    said: str


class _Word(NamedTuple):
    outcome: Outcome
    said: str
    duration_seconds: float | None


def rows_stood(session: Session, released: Released, survey_id: int) -> Iterator[Stood]:
    """Yield each row of a file with what its survey says, in the order of the file.

    What was taken down is told so, whenever it was.
    """
    takedowns = Takedowns.of(session)
    for records in batches(released.records(Problems(released.path))):
        rows = [released.row_of(record) for record in records]
        words = _words(session, survey_id, [row.video_id for row in rows if row.video_id])
        for row in rows:
            known = Known(0, row.video_id or "", row.address)
            is_taken_down = takedowns.entry_of(known) is not None
            yield (
                Stood(row, Outcome.TAKEN_DOWN, "")
                if is_taken_down
                else _stood(row, words.get(row.video_id or ""))
            )


def _stood(row: Row, word: _Word | None) -> Stood:
    if row.video_id is None:
        return Stood(row, Outcome.NO_ID, f"{row.named!r} is the id of no video of the web")
    if word is None:
        return Stood(row, Outcome.NOT_ASKED, "")
    begins, length = row.stretch[0] if row.stretch else row.moment, word.duration_seconds
    if word.outcome is Outcome.THERE and (begins or 0.0) >= (length or inf):
        return Stood(row, Outcome.SHORTER, f"the video lasts {length:g} s by now")
    return Stood(row, word.outcome, word.said)


def _words(session: Session, survey_id: int, names: Sequence[str]) -> dict[str, _Word]:
    columns = SurveyedVideo.video_id, SurveyedVideo.outcome, SurveyedVideo.said
    asked = select(*columns, SurveyedVideo.duration_seconds)
    words: dict[str, _Word] = {}
    for chunk in chunks(sorted({key_of(survey_id, name) for name in names})):
        answered = SurveyedVideo.key.in_(chunk), SurveyedVideo.outcome.is_not(None)
        for name, outcome, said, length in session.execute(asked.where(*answered)):
            words[name] = _Word(Outcome(str(outcome)), said, length)
    return words
