"""Who the simulated annotators are.

What one answers follows from the seed, the worker, and what is asked; never from the order in
which questions come. So a demo that was killed goes on with the same answers.
"""

import hashlib
from dataclasses import dataclass
from enum import StrEnum


class Skill(StrEnum):
    """How somebody works; how often that goes wrong is said where each kind is answered."""

    CAREFUL = "careful"
    """Looks well, and is unsure where it is a close call."""
    HASTY = "hasty"
    """Overlooks and mistakes things, and is never unsure."""
    RANDOM = "random"
    """Answers without looking."""
    MALICIOUS = "malicious"
    """Says the opposite of what is to be seen."""


@dataclass(frozen=True, slots=True)
class Annotator:
    """A simulated worker."""

    name: str
    skill: Skill


CREW: tuple[Annotator, ...] = tuple(
    Annotator(f"{skill}-{number}", skill)
    for skill, count in (
        (Skill.CAREFUL, 7),
        (Skill.HASTY, 3),
        (Skill.RANDOM, 1),
        (Skill.MALICIOUS, 1),
    )
    for number in range(1, count + 1)
)


def chance(annotator: Annotator, seed: int, *words: object) -> float:
    """Return a number in [0, 1) that is the same whenever the same is asked.

    `words` name the question without ids, and what the number is for.
    """
    digest = hashlib.sha256("/".join(map(str, (seed, annotator.name, *words))).encode()).digest()
    return int.from_bytes(digest[:8], "big") / 2**64
