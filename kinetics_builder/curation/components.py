"""What hangs together by links, directly or not, and by which links two things do."""

from collections import defaultdict, deque
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import NamedTuple


class Link(NamedTuple):
    """Two names that belong together."""

    one: str
    other: str
    because: str
    """A text for people."""


def join(pairs: Iterable[tuple[str, str]]) -> dict[str, str]:
    """Return for each name of `pairs` the least name it is linked to, directly or not.

    >>> join([("b", "a"), ("c", "b"), ("x", "y")])
    {'b': 'a', 'a': 'a', 'c': 'a', 'x': 'x', 'y': 'x'}
    """
    parents: dict[str, str] = {}

    def root(name: str) -> str:
        while (parent := parents.setdefault(name, name)) != name:
            parents[name] = name = parents[parent]
        return name

    for one, other in pairs:
        low, high = root(one), root(other)
        if low > high:
            low, high = high, low
        parents[high] = low
    return {name: root(name) for name in list(parents)}


def join_parts(
    parts: Iterable[Collection[str]], pairs: Iterable[tuple[str, str]] = ()
) -> dict[str, str]:
    """Return what `join` returns of pairs, and of parts that share no name: of many at once.

    >>> join_parts([{"b", "a"}, {"x", "y"}], [("y", "c"), ("c", "b")])["x"]
    'a'
    """
    first: dict[str, str] = {}
    for part in parts:
        first.update(dict.fromkeys(part, min(part)))
    roots = join((first.get(one, one), first.get(other, other)) for one, other in pairs)
    if not roots:
        return first
    return roots | {name: roots.get(known, known) for name, known in first.items()}


def way_between(links: Iterable[Link], one: str, other: str) -> list[Link]:
    """Return the fewest links that lead from one name to another; none where none do.

    Of equally short ways it is the one whose links come first.
    """
    near: dict[str, list[tuple[str, Link]]] = defaultdict(list)
    for link in links:
        near[link.one].append((link.other, link))
        near[link.other].append((link.one, link))
    came: dict[str, tuple[str, Link] | None] = {one: None}
    waiting = deque([one])
    while waiting and other not in came:
        name = waiting.popleft()
        for neighbour, link in near[name]:
            if neighbour not in came:
                came[neighbour] = name, link
                waiting.append(neighbour)
    return _back(came, other)


def _back(came: Mapping[str, tuple[str, Link] | None], name: str) -> list[Link]:
    way = []
    while (step := came.get(name)) is not None:
        name, link = step
        way.append(link)
    return way[::-1]


def told(way: Sequence[Link]) -> str:
    """Return a way as a text: why its ends belong together."""
    return "; ".join(link.because for link in way)
