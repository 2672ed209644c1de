"""What people say of two boxes of a film, and what of it holds together."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Edit:
    """Whether two boxes, by their ids, are one person."""

    one: int
    other: int
    is_same: bool

    @property
    def pair(self) -> frozenset[int]:
        """The two, in no order."""
        return frozenset((self.one, self.other))


@dataclass
class Groups:
    """Boxes of which people say that they are one person, and groups that are two persons."""

    _group_of: dict[int, set[int]] = field(default_factory=dict)
    _apart: list[tuple[int, int]] = field(default_factory=list)

    def of(self, box: int) -> set[int]:
        """Return the boxes that are one person with a box, and the box."""
        return self._group_of.get(box, {box})

    def all(self) -> list[set[int]]:
        """Return the groups of more than one box."""
        return list({id(group): group for group in self._group_of.values()}.values())

    def part(self, one: int, other: int) -> bool:
        """Say that two boxes are two persons; False where more was said of them before."""
        if other in self.of(one):
            return False
        self._apart.append((one, other))
        return True

    def join(self, one: int, other: int, frames: Mapping[int, int]) -> bool:
        """Say that two boxes are one person; False where more was said of them before.

        Args:
            one: A box.
            other: Another.
            frames: The key frame of each box: nobody is twice on one.

        """
        joined = self.of(one) | self.of(other)
        if len({frames[box] for box in joined}) < len(joined):
            return False
        if any(a in joined and b in joined for a, b in self._apart):
            return False
        self._group_of.update(dict.fromkeys(joined, joined))
        return True


def edits_that_hold(
    edits: Iterable[Edit], frames: Mapping[int, int]
) -> tuple[Sequence[Edit], Groups]:
    """Return the edits that hold together, and the groups that they make.

    An edit contradicts others where a box would be on a track with one that is said to be
    another person, or with another box of its key frame. What was said later holds.

    Args:
        edits: In the order in which they were said.
        frames: The key frame of each box; edits of other boxes do not hold.

    """
    groups, held = Groups(), dict[frozenset[int], Edit]()
    heard = set[frozenset[int]]()
    for edit in reversed(list(edits)):
        if edit.pair in heard or not edit.pair <= frames.keys():
            continue
        heard.add(edit.pair)
        if edit.is_same:
            holds = groups.join(edit.one, edit.other, frames)
        else:
            holds = groups.part(edit.one, edit.other)
        if holds:
            held[edit.pair] = edit
    return list(reversed(held.values())), groups
