"""What became of each class from one version to the next."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from kinetics_builder.curation.history.versions import Moves, Version
from kinetics_builder.curation.history.wording import SAME, compare

SURE = 0.7
"""What is believed less is a guess, which is left to people."""
_LEAST = 0.1
_MOST_GUESSES = 3


class Fate(StrEnum):
    """What became of a class, or where it came from."""

    KEPT = "kept"
    RESPELT = "respelt"
    """Renamed, by case, marks or articles alone."""
    RENAMED = "renamed"
    SPLIT = "split"
    MERGED = "merged"
    DROPPED = "dropped"
    RETURNED = "returned"
    """There again, which an earlier version had and the last one had not."""
    NEW = "new"


@dataclass(frozen=True, slots=True)
class Link:
    """That a class became another."""

    old: str
    new: str
    belief: float
    """In (0, 1)."""
    why: str


@dataclass(frozen=True, slots=True)
class Change:
    """One class, or those that were merged, and what became of it."""

    fate: Fate
    old: tuple[str, ...]
    """Of a merge into a class that was there before, that one too."""
    new: tuple[str, ...]
    belief: float = 1.0
    """How far all of it is believed; at least `SURE` of what is said to be so."""
    why: tuple[str, ...] = ()
    guesses: tuple[Link, ...] = ()
    """What is believed less, the likeliest first."""


def compare_versions(
    old: Version, new: Version, earlier: Sequence[Version] = (), *, sure: float = SURE
) -> list[Change]:
    """Return what became of the classes of `old`, then those of `new` that nothing became.

    A class that is gone is what the names that came, or its videos, say it is: each of both
    counts as far as it is believed (1 - (1 - words) * (1 - videos)). Sorted by fate, then name.

    Args:
        old: The version before.
        new: The version after.
        earlier: Versions before `old`, for classes that return.
        sure: From which belief on a change is said to be so, in (0, 1].

    """
    links = _links(old, new)
    certain = [link for link in links if link.belief >= sure]
    guesses: dict[str, list[Link]] = defaultdict(list)
    for link in links:
        if link.belief < sure:
            guesses[link.old].append(link)
    changes = [Change(Fate.KEPT, (label,), (label,)) for label in old.labels & new.labels]
    changes += _fates(certain, old.labels & new.labels, guesses)
    changed = {link.old for link in certain}
    changes += [
        Change(Fate.DROPPED, (label,), (), guesses=_best(guesses[label]))
        for label in old.labels - new.labels - changed
    ]
    came = new.labels - old.labels - {link.new for link in certain}
    changes += [_arrival(label, earlier) for label in came]
    order = list(Fate)
    return sorted(changes, key=lambda one: (order.index(one.fate), one.old, one.new))


def _links(old: Version, new: Version) -> list[Link]:
    came, stayed, moves = new.labels - old.labels, old.labels & new.labels, Moves(old, new)
    links = []
    for label in old.labels - new.labels:
        for target in {*came, *moves.targets(label)}:
            word = compare(label, target, came, stayed) if target in came else None
            seen = moves.belief(label, target)
            belief = 1 - (1 - (word.belief if word else 0.0)) * (1 - seen)
            if belief < _LEAST:
                continue
            reasons = [word.why] if word else []
            if num := moves.targets(label)[target]:
                reasons.append(f"{num} of {moves.num_shared(label)} videos in both")
            links.append(Link(label, target, belief, "; ".join(reasons)))
    return sorted(links, key=lambda link: (-link.belief, link.old, link.new))


def _fates(
    certain: Sequence[Link], stayed: frozenset[str], guesses: dict[str, list[Link]]
) -> Iterable[Change]:
    """Yield the changes of the links that are believed, each class in one of them."""
    by_old: dict[str, list[Link]] = defaultdict(list)
    by_new: dict[str, list[Link]] = defaultdict(list)
    for link in certain:
        by_old[link.old].append(link)
    alone = [links[0] for links in by_old.values() if len(links) == 1]
    for link in alone:
        by_new[link.new].append(link)
    for links in (links for links in by_old.values() if len(links) > 1):
        yield _change(Fate.SPLIT, links, guesses)
    for target, links in by_new.items():
        is_merge = len(links) > 1 or target in stayed
        respelt = all(link.why.startswith(SAME.why) for link in links)
        fate = Fate.MERGED if is_merge else Fate.RESPELT if respelt else Fate.RENAMED
        yield _change(fate, links, guesses, {target} & stayed)


def _change(
    fate: Fate,
    links: Sequence[Link],
    guesses: dict[str, list[Link]],
    stayed: Collection[str] = (),
) -> Change:
    named = [f"{link.new if fate is Fate.SPLIT else link.old}: {link.why}" for link in links]
    return Change(
        fate,
        tuple(sorted({*(link.old for link in links), *stayed})),
        tuple(sorted({link.new for link in links})),
        min(link.belief for link in links),
        tuple(named) if len(links) > 1 else (links[0].why,),
        _best([guess for link in links for guess in guesses.pop(link.old, [])]),
    )


def _best(guesses: Iterable[Link]) -> tuple[Link, ...]:
    return tuple(sorted(guesses, key=lambda guess: -guess.belief)[:_MOST_GUESSES])


def _arrival(label: str, earlier: Sequence[Version]) -> Change:
    for version in earlier:
        if label in version.labels:
            return Change(Fate.RETURNED, (), (label,), why=(f"it was in {version.name}",))
    return Change(Fate.NEW, (), (label,))
