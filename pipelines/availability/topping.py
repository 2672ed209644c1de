"""How classes of a released file are brought back to a least number of rows.

Kinetics-700-2020 is Kinetics-700 so topped up, since videos disappear (arXiv:2010.10864).
"""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from kinetics_builder.database.tables import Clip, Decision, SurveyedVideo, Verdict, Video
from pipelines.publishing.curating.judged import SHOWN, may_be_chosen
from pipelines.restoring.outcomes import Outcome


@dataclass(frozen=True, slots=True)
class TopUp:
    """A class of which fewer rows are there than wanted."""

    label: str
    num_rows: int
    """As released."""
    num_there: int
    num_short: int
    """Rows that are wanting."""
    num_accepted: int
    """Clips that people accepted here and that are of none of the file's videos: as many as are
    wanting of them, at most."""

    @property
    def num_to_collect(self) -> int:
        """Return how many more have to be found."""
        return self.num_short - self.num_accepted


def top_ups(
    session: Session,
    by_class: Mapping[str, Counter[Outcome]],
    minimum: int,
    survey_id: int,
) -> Iterator[TopUp]:
    """Yield the classes that have fewer rows than `minimum`, by name.

    What was not asked for yet counts as there: it is not known to be gone.
    """
    accepted = _accepted(session, survey_id)
    for label, found in sorted(by_class.items()):
        num_there = sum(found[word] for word in (Outcome.THERE, Outcome.NOT_ASKED))
        if label and num_there < minimum:
            num_short = minimum - num_there
            num_ours = min(num_short, accepted.get(label.casefold(), 0))
            yield TopUp(label, found.total(), num_there, num_short, num_ours)


def _accepted(session: Session, survey_id: int) -> dict[str, int]:
    """Return how many accepted clips here are of videos that the file does not name, by class."""
    is_named = select(SurveyedVideo.key).where(
        SurveyedVideo.survey_id == survey_id, SurveyedVideo.video_id == Video.video_id
    )
    rows = may_be_chosen(select(SHOWN.name, func.count(Clip.id)))
    rows = rows.where(Decision.verdict == Verdict.ACCEPTED, ~is_named.exists())
    return {name.casefold(): number for name, number in session.execute(rows.group_by(SHOWN.name))}
