"""Clips that people have judged, as class edits see them."""

from collections.abc import Hashable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class JudgedPart:
    """What people said when they were asked whether a clip of a split class is one part of it."""

    key: Hashable
    """Of the question: the clip is released by it, where the answer is yes."""
    label: str
    """The part."""
    is_accepted: bool | None
    """None while answers could still decide."""
    num_yes: int = 0
    num_votes: int = 0
    better_name: str | None = None
    """What most who said so would call it instead, as `normalise` spells it."""
    is_asked: bool = True
    """Whether the question stands; what was taken back is remembered."""


@dataclass(frozen=True, slots=True)
class JudgedClip:
    """A clip about which annotators have decided, or which waits for them."""

    key: Hashable
    video: str
    label: str
    is_accepted: bool
    num_yes: int
    num_votes: int
    better_name: str | None = None
    """What most of its annotators who said so would call it, as `normalise` spells it."""
    is_undecided: bool = False
    """Whether nobody has decided yet if it shows its label; then it is not accepted."""
    parts: tuple[JudgedPart, ...] = ()
    """What was asked anew since its class was split."""
    released_as: Hashable | None = None
    """The question by which it is released, where people accepted it as a part; None for its
    own."""
