"""Which edits of the log stand. Pure functions.

The log is only ever added to: what undoes an edit is an edit, and may be undone itself.
"""

from collections.abc import Sequence

from kinetics_builder.curation.edits import Edit, Restore, Undo, sources_of


def resolved(edits: Sequence[Edit]) -> list[Edit]:
    """Return the edits with each `Restore` as the `Undo` that it was when it was recorded.

    One that had nothing to restore stays as it is, and does nothing.
    """
    found: list[Edit] = []
    for edit in edits:
        if isinstance(edit, Restore) and (number := _last_about(found, edit.source)):
            edit = Undo(number)
        found.append(edit)
    return found


def last_about(edits: Sequence[Edit], name: str) -> int | None:
    """Return the number of the last edit that stands and takes something from `name`."""
    return _last_about(resolved(edits), name)


def live_numbers(edits: Sequence[Edit]) -> set[int]:
    """Return the numbers of the edits and undos that stand; an undone undo does not."""
    return _live_numbers(resolved(edits))


def live_edits(edits: Sequence[Edit]) -> list[tuple[int, Edit]]:
    """Return (number, edit) of the edits that stand, without the undone and what undid them."""
    live = live_numbers(edits)
    return [
        (number, edit)
        for number, edit in enumerate(edits, start=1)
        if number in live and not isinstance(edit, Undo | Restore)
    ]


def _last_about(found: Sequence[Edit], name: str) -> int | None:
    live = _live_numbers(found)
    about = (n for n, edit in enumerate(found, start=1) if n in live and name in sources_of(edit))
    return max(about, default=None)


def _live_numbers(found: Sequence[Edit]) -> set[int]:
    undone: set[int] = set()
    for number in range(len(found), 0, -1):
        edit = found[number - 1]
        if isinstance(edit, Undo) and number not in undone:
            undone.add(edit.number)
    return set(range(1, len(found) + 1)) - undone
