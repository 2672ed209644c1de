"""Pairs of clips of which only people can tell whether they are one recording, side by side."""

from dataclasses import dataclass

from sqlalchemy.orm import Session

from kinetics_builder.config import DeduplicateConfig
from pipelines.inspecting.pictures import pictures_of
from pipelines.inspecting.reaching import Reaching
from pipelines.kinetics.pairs import DoubtfulPair, list_doubtful

MOST_SHOWN = 30


@dataclass(frozen=True)
class ShownPair:
    """A doubtful pair with a film strip of each clip."""

    pair: DoubtfulPair
    a: str
    b: str
    """`data:` addresses of JPEGs; empty where a file could not be read."""


def doubts(
    session: Session, config: DeduplicateConfig, reaching: Reaching
) -> tuple[list[ShownPair], int]:
    """Return the pairs most alike, and how many there are."""
    found = list_doubtful(session, config)
    shown = found[:MOST_SHOWN]
    names = [name for pair in shown for name in (pair.a, pair.b)]
    pictures = pictures_of(reaching, [f"clips/{name}.mp4" for name in names])
    strips = zip(shown, pictures[::2], pictures[1::2], strict=True)
    return [ShownPair(*row) for row in strips], len(found)
