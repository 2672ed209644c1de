"""What a release says of a film: the rows of AVA's file, with all that is known of them."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

from kinetics_builder.ava.actions import Vocabulary
from kinetics_builder.ava.truth import By, TrueBox, TrueFrame
from kinetics_builder.formats.released_labels import ReleasedKeyFrame, ReleasedLabel
from pipelines.ava.releasing.survey import SurveyedFilm

FOLDER = "videos"
"""Of the films, in a release."""


def file_of(one: SurveyedFilm) -> str:
    """Return where a film's file lies in a release."""
    return f"{FOLDER}/{one.film.name}"


@dataclass(frozen=True, slots=True)
class Telling:
    """Says what is known of the rows of a film."""

    one: SurveyedFilm
    vocabulary: Vocabulary
    has_persons: bool

    def labels(self, frame: TrueFrame) -> Iterator[ReleasedLabel]:
        """Yield the rows of a key frame; of one without a box a row that says so."""
        nobody = ReleasedLabel(
            video_id=self.one.video_id,
            timestamp=self.one.timestamp(frame.seconds),
            split=self.one.split,
            file=file_of(self.one),
            file_seconds=self._in_file(frame.seconds),
        )
        if not frame.boxes:
            yield nobody
        for box in frame.boxes:
            for number in box.actions:
                yield replace(nobody, **self._of_box(box), **self._of_action(box, number))

    def _of_box(self, box: TrueBox) -> dict[str, Any]:
        x1, y1, x2, y2 = box.corners
        return {
            **{"x1": x1, "y1": y1, "x2": x2, "y2": y2},
            "person_id": box.person if self.has_persons else None,
            "box_by": box.box_by.value,
            "person_by": box.person_by.value,
        }

    def _of_action(self, box: TrueBox, number: int) -> dict[str, Any]:
        action, said = self.vocabulary.of_id(number), box.said[number]
        return {
            "action_id": number,
            "action": action.name,
            "action_type": action.type.word,
            "num_yes": said.num_yes,
            "num_no": said.num_no,
            "num_named": said.num_named,
            "action_by": (By.FILE if number in box.unconfirmed else By.PEOPLE).value,
        }

    def key_frame(self, frame: TrueFrame) -> ReleasedKeyFrame:
        """Return what is said of a key frame as a whole."""
        return ReleasedKeyFrame(
            video_id=self.one.video_id,
            timestamp=self.one.timestamp(frame.seconds),
            split=self.one.split,
            is_excluded=frame.is_excluded,
            num_boxes=len(frame.boxes),
            num_labels=sum(len(box.actions) for box in frame.boxes),
            file=file_of(self.one),
            file_seconds=self._in_file(frame.seconds),
        )

    def _in_file(self, seconds: float) -> float:
        return round(seconds - self.one.film.begins_seconds, 6)
