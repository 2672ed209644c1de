"""What people say of two boxes of a film."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Edit:
    """Whether two boxes, by their ids, are one person."""

    one: int
    other: int
    is_same: bool
