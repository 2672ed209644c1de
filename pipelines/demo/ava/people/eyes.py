"""What somebody sees who looks at a key frame and the seconds around it: the truth.

The page shows a still and a film, and names neither; who looks at them recognises the moment.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from kinetics_builder.ava.boxes import overlap
from kinetics_builder.database.tables import KeyFrame, Video
from kinetics_builder.formats.boxes.pixels import Corners
from pipelines.demo.ava.truth import FilmTruth, Moment, Sighting

_LEAST_OVERLAP = 0.4
"""IoU from which on somebody takes a box for a person's."""

CLEAR_SHARE = 0.45
"""Of a person that must be seen for nobody to overlook them easily."""


@dataclass(frozen=True, slots=True)
class Sight:
    """A key frame, and the seconds before and after it."""

    film: str
    moment: Moment
    around: tuple[Moment, ...]

    @property
    def name(self) -> str:
        """Return the moment without ids."""
        return f"{self.film}/{self.moment.seconds:g}"

    def person_in(self, box: Corners) -> Sighting | None:
        """Return whom a box is around, also one who is mostly hidden; None for nobody."""
        seen = [(overlap(box, one.corners), one) for one in self.moment.sightings]
        share, best = max(seen, key=lambda pair: pair[0], default=(0.0, None))
        return best if share >= _LEAST_OVERLAP else None

    def actions_around(self, person: int) -> set[int]:
        """Return what a person does a second earlier or later."""
        return {
            action
            for moment in self.around
            for one in moment.sightings
            if one.person == person
            for action in one.actions
        }


class Eyes:
    """Recognises key frames by their numbers."""

    def __init__(
        self, frames: Mapping[int, tuple[str, float]], truths: Sequence[FilmTruth]
    ) -> None:
        self._frames = frames
        self._moments = {(t.film_id, m.seconds): m for t in truths for m in t.moments}

    @classmethod
    def open(cls, session: Session, truths: Sequence[FilmTruth]) -> "Eyes":
        """Return eyes for the key frames of a workspace."""
        rows = session.execute(
            select(KeyFrame.id, Video.video_id, KeyFrame.timestamp_seconds).join(
                Video, Video.id == KeyFrame.video_id
            )
        )
        return cls({number: (film, seconds) for number, film, seconds in rows}, truths)

    def look(self, frame_id: int) -> Sight:
        """Return what is seen at a key frame."""
        film, seconds = self._frames[frame_id]
        near = (self._moments.get((film, seconds + step)) for step in (-1.0, 1.0))
        around = tuple(moment for moment in near if moment is not None)
        return Sight(film, self._moments[film, seconds], around)
