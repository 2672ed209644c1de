"""A person at a key frame, as questions show one."""

from typing import Any, NamedTuple

from annotation_ui.kinds.kind import Described
from annotation_ui.languages.words import gettext
from kinetics_builder.database.tables import KeyFrame, PersonBox, TakenVideo


class Seen(NamedTuple):
    """Where and when a person is seen. Corners are shares of the still's width and height."""

    frame_id: int
    film_id: int
    at_seconds: float
    """From the film's first picture."""
    width: int
    """Of the still, in pixels."""
    height: int
    x1: float
    y1: float
    x2: float
    y2: float
    person: int | None
    """Number of the person in the film; None where boxes are not linked."""

    def describe(self) -> Described:
        """Return what the page shows: nothing of the film's name or of what is known."""
        return {
            "frame": self.frame_id,
            "film": self.film_id,
            "at": self.at_seconds,
            "width": self.width,
            "height": self.height,
            "box": [self.x1, self.y1, self.x2, self.y2],
            "person": self.person,
        }

    @property
    def words(self) -> str:
        """Return the moment for people, such as `a person at 15:02`."""
        minutes, seconds = divmod(int(self.at_seconds), 60)
        moment = f"{minutes}:{seconds:02}"
        return gettext("a person at %(moment)s", moment=moment)


COLUMNS = (
    KeyFrame.id,
    KeyFrame.video_id,
    KeyFrame.timestamp_seconds,
    KeyFrame.width,
    KeyFrame.height,
    PersonBox.x1,
    PersonBox.y1,
    PersonBox.x2,
    PersonBox.y2,
    PersonBox.person,
)
"""What `Seen` is made of."""


def with_person(query: Any, person_box_id: Any) -> Any:
    """Return the query with `COLUMNS`, of the box with this id; none of a film taken down."""
    return (
        query.add_columns(*COLUMNS)
        .join(PersonBox, PersonBox.id == person_box_id)
        .join(KeyFrame, KeyFrame.id == PersonBox.key_frame_id)
        .where(TakenVideo.spares(KeyFrame.video_id))
    )
