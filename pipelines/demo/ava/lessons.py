"""A detector of persons for the world: boxes drawn by hand on some films, and what it learns."""

import json
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from kinetics_builder.formats.boxes.pixels import Corners
from pipelines.ava.boxes_file import BoxesFile, read_key_frames
from pipelines.demo.ava.film import Film
from pipelines.demo.ava.plan import AvaPlan
from pipelines.demo.ava.truth import FilmTruth, Moment, write_rows
from pipelines.demo.ava.world import publish_films, truths_of
from pipelines.demo.workers import workers

LONG_SIDE = 128
"""Pixels of a picture's longer side for the detector: people are 50 high."""

_TREMBLE = 0.03
"""How far edges are drawn beside the truth, at most, as a share of the box's sides."""


@dataclass(frozen=True, slots=True)
class Learnt:
    """What the detector was worth on the lessons that were kept back."""

    min_score: float
    """The operating point."""
    precision: float
    recall: float
    num_pictures: int
    """All that was learnt from or kept back."""
    num_boxes: int


@contextmanager
def learning(plan: AvaPlan, films: Sequence[Film], say: Callable[[str], None]) -> Iterator[None]:
    """Draw films and boxes on them, and train a detector in another process while the block runs.

    What is there already is kept. The block's end waits for the detector.
    """
    if not plan.learnt.exists():
        publish_films(films, plan.lessons)
        truths = zip(truths_of(films), films, strict=True)
        write_rows(plan.drawn, [drawn_by_hand(truth, film.seed) for truth, film in truths])
        say(f"Training a detector of persons on boxes drawn on {len(films)} other films")
        with workers(1) as pool:
            job = (plan.drawn, plan.lessons, plan.detector, plan.num_steps, plan.learnt)
            training = pool.submit(_train, *job)
            yield
            training.result()
    else:
        yield


def read_learnt(plan: AvaPlan) -> Learnt:
    """Return what the detector was worth that was trained last."""
    return Learnt(**json.loads(plan.learnt.read_text("utf-8")))


def drawn_by_hand(truth: FilmTruth, seed: int) -> FilmTruth:
    """Return the truth with boxes as a hand draws them: each edge a little beside."""
    rng = np.random.default_rng([seed, 5])

    def drawn(corners: Corners) -> Corners:
        sides = np.array([corners.x2 - corners.x1, corners.y2 - corners.y1] * 2)
        edges = np.array(corners) + rng.uniform(-_TREMBLE, _TREMBLE, 4) * sides
        return Corners(*(round(float(edge), 4) for edge in edges.clip(0.0, 1.0)))

    moments = tuple(
        Moment(
            moment.seconds,
            tuple(replace(one, corners=drawn(one.corners)) for one in moment.sightings),
        )
        for moment in truth.moments
    )
    return replace(truth, moments=moments)


def _train(boxes: Path, media: Path, out: Path, num_steps: int, record: Path) -> None:
    from models.detection.people.recipe import DetectorRecipe
    from models.detection.people.training import train_detector

    drawn = read_key_frames(BoxesFile(path=boxes, format="ava"))
    recipe = DetectorRecipe(long_side=LONG_SIDE, width=12, num_steps=num_steps)
    report = train_detector(drawn, media, out, recipe)
    point = report.point
    assert point is not None, "nothing was found on films of the same world"
    learnt = {**point._asdict(), "num_pictures": report.num_pictures, "num_boxes": report.num_boxes}
    temporary = record.with_suffix(".part")
    temporary.write_text(json.dumps(learnt) + "\n", "utf-8")
    temporary.replace(record)
