"""A film whose truth is written by hand: one walks in and sits down, one stands and talks."""

import pytest

from kinetics_builder.formats.boxes.pixels import Corners
from kinetics_builder.intervals import Interval
from pipelines.demo.ava.people.eyes import Eyes, Sight
from pipelines.demo.ava.truth import FilmTruth, Moment, Sighting

WALK, SIT, STAND, TALK, LISTEN = 14, 11, 12, 79, 74
NUM_SECONDS = 64


def moment(second: int, walker_share: float = 1.0) -> Moment:
    """Return a second: the walker goes to the right, and sits from the middle of a film on."""
    left = 0.02 + 0.008 * min(second, NUM_SECONDS // 2)
    walker = Corners(left, 0.3, left + 0.15, 0.9)
    doing = (WALK,) if second < NUM_SECONDS // 2 else (SIT, LISTEN)
    talker = Corners(0.6, 0.3, 0.75, 0.9)
    return Moment(
        float(second),
        (Sighting(0, 0, walker, walker_share, doing), Sighting(1, 1, talker, 1.0, (STAND, TALK))),
    )


def film_truth(
    film_id: str = "film", walker_share: float = 1.0, num_seconds: int = NUM_SECONDS
) -> FilmTruth:
    """Return the truth of a film, or of its first seconds, with key frames at all but both ends."""
    moments = tuple(moment(second, walker_share) for second in range(num_seconds))
    return FilmTruth(film_id, float(num_seconds), (Interval(0.0, float(num_seconds)),), moments)


def sights(truth: FilmTruth) -> list[Sight]:
    """Return all key frames of a film as they are seen."""
    frames = {n: (truth.film_id, m.seconds) for n, m in enumerate(truth.key_frames())}
    eyes = Eyes(frames, [truth])
    return [eyes.look(number) for number in frames]


@pytest.fixture
def truth() -> FilmTruth:
    """Return the truth of a film."""
    return film_truth()
