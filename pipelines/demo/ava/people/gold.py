"""Gold of the demo's films: what its owner, who knows the truth, writes down by hand."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from pipelines.demo.ava.people.eyes import CLEAR_SHARE
from pipelines.demo.ava.truth import FilmTruth, Moment, write_rows


@dataclass(frozen=True, slots=True)
class Golds:
    """Files of key frames whose boxes, and of persons whose actions, are known."""

    boxes: Path
    people: Path


def write_golds(golds: Golds, truths: Sequence[FilmTruth], num_boxes: int, num_people: int) -> None:
    """Write both files: so many key frames each, none of them in both."""
    clear = [
        (truth.film_id, moment.seconds)
        for truth in truths
        for moment in truth.key_frames()
        if _is_clear(moment)
    ]
    ordered = sorted(clear, key=lambda one: hashlib.sha256(repr(one).encode()).hexdigest())
    _write(golds.boxes, truths, set(ordered[:num_boxes]))
    _write(golds.people, truths, set(ordered[num_boxes : num_boxes + num_people]))


def _is_clear(moment: Moment) -> bool:
    """Return whether nobody could err about who is there."""
    return all(one.seen_share >= CLEAR_SHARE for one in moment.sightings)


def _write(path: Path, truths: Sequence[FilmTruth], chosen: set[tuple[str, float]]) -> None:
    kept = [
        replace(
            truth, moments=tuple(m for m in truth.moments if (truth.film_id, m.seconds) in chosen)
        )
        for truth in truths
    ]
    temporary = path.with_suffix(".part")
    write_rows(temporary, kept)
    temporary.replace(path)
