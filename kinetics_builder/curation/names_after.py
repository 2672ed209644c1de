"""What classes are called after class edits, for what counts no clips. Pure functions."""

from collections.abc import Iterable, Sequence

from kinetics_builder.curation.edits import Drop, Edit, Merge, Rename
from kinetics_builder.curation.log import live_edits


def names_after(labels: Iterable[str], edits: Sequence[Edit]) -> dict[str, str | None]:
    """Return the name of each class after all edits; None of one that was dropped.

    A class that is split keeps its name: which part of it something shows, people are asked of
    clips alone. Filters count clips, and do nothing here.

    >>> edits = [Rename("vault", "vaulting"), Drop("talking")]
    >>> names_after(["vault", "talking"], edits)
    {'vault': 'vaulting', 'talking': None}
    """
    names: dict[str, str | None] = {label: label for label in labels}
    for _, edit in live_edits(edits):
        match edit:
            case Merge(sources, target):
                names = {of: target if now in sources else now for of, now in names.items()}
            case Rename(source, target):
                names = {of: target if now == source else now for of, now in names.items()}
            case Drop(source):
                names = {of: None if now == source else now for of, now in names.items()}
    return names
