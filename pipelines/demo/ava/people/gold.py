"""Gold of the demo's films: what its owner, who knows the truth, writes down by hand."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import NamedTuple

from pipelines.demo.ava.people.eyes import CLEAR_SHARE
from pipelines.demo.ava.truth import FilmTruth, Moment, write_rows


@dataclass(frozen=True, slots=True)
class Golds:
    """Files of what is known."""

    boxes: Path
    """The boxes of some key frames."""
    links: Path
    """Whose the boxes of some shots are."""
    people: Path
    """What everybody does at some key frames."""

    def are_written(self) -> bool:
        """Return whether all are there."""
        return self.boxes.exists() and self.links.exists() and self.people.exists()


class NumGolds(NamedTuple):
    """How much is known."""

    boxes: int
    """Key frames."""
    links: int
    """Shots."""
    people: int
    """Key frames."""


def write_golds(golds: Golds, truths: Sequence[FilmTruth], num: NumGolds) -> None:
    """Write the files; no key frame is in both of those of key frames."""
    clear = [
        (truth.film_id, moment.seconds)
        for truth in truths
        for moment in truth.key_frames()
        if _is_clear(moment)
    ]
    ordered = sorted(clear, key=_lot)
    _write(golds.boxes, truths, set(ordered[: num.boxes]))
    _write(golds.people, truths, set(ordered[num.boxes : num.boxes + num.people]))
    shots = sorted(((t.film_id, shot) for t in truths for shot in t.shots), key=_lot)
    chosen = set(shots[: num.links])
    moments = {
        (truth.film_id, moment.seconds)
        for truth in truths
        for shot in truth.shots
        if (truth.film_id, shot) in chosen
        for moment in truth.key_frames()
        if shot.start <= moment.seconds < shot.end
    }
    _write(golds.links, truths, moments)


def _lot(one: tuple[str, object]) -> str:
    return hashlib.sha256(repr(one).encode()).hexdigest()


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
