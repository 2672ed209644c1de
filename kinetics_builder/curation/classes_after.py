"""Which classes and groups there are after class edits, and whether an edit makes sense there."""

import difflib
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from kinetics_builder.curation.edits import (
    Drop,
    Edit,
    Merge,
    Move,
    Rename,
    Restore,
    SplitLabel,
    Undo,
    new_names,
    sources_of,
)
from kinetics_builder.curation.log import last_about, live_edits, live_numbers
from kinetics_builder.text.normalise import normalise


@dataclass(frozen=True, slots=True)
class Classes:
    """The classes there are at some point of the log, and the tree of their groups."""

    labels: frozenset[str]
    groups: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """Those that a label is in; none of one that is missing."""
    parents: Mapping[str, str | None] = field(default_factory=dict)
    """The group that each group is in; None at the top."""


def classes_after(edits: Sequence[Edit], classes: Classes, answers: Collection[str]) -> Classes:
    """Return the classes once all edits that stand are applied to those before the first.

    Args:
        edits: All that were recorded, undone ones included.
        classes: Those of the list that annotators were asked about.
        answers: Every name that any annotator gave, normalised.

    Raises:
        ValueError: The last one names what is not there, or must not be; or an earlier one does
            so by now.

    """
    for number, edit in live_edits(edits):
        try:
            classes = _after(edit, classes, answers)
        except ValueError as error:
            if number != len(edits):
                told = f"edit {number} (`{edit}`) would not fit any more: {error}"
                raise ValueError(told) from error
            raise ValueError(f"{error}{_became(edits[:-1], edit, classes)}") from error
    return classes


def check_new(edits: Sequence[Edit], edit: Edit) -> None:
    """Check what may be said after `edits`: of what undoes and of renames.

    Raises:
        ValueError: There is nothing to undo, or a name that an edit gave is changed again.

    """
    match edit:
        case Undo(number):
            _check_undo(edits, number)
        case Restore(source):
            if last_about(edits, source) is None:
                raise ValueError(
                    f"no edit that stands took anything from {source!r}, so nothing can be "
                    "restored. What a filter left out comes back with `undo` and its number "
                    "(`kbuild curate --list` shows it)"
                )
        case Rename():
            _refuse_chain(edits, edit)


def check_names(edit: Edit, labels: Collection[str]) -> None:
    """Check the names that an edit gives, beside the classes there are before it.

    Raises:
        ValueError: One differs from a class that stays in case and marks alone: what people answer
            is compared without these.

    """
    taken_away = () if isinstance(edit, SplitLabel) else sources_of(edit)
    there = {normalise(name): name for name in sorted(set(labels).difference(taken_away))}
    for name in new_names(edit):
        other = there.get(normalise(name), name)
        if other != name:
            raise ValueError(
                f"{name!r} differs from the class {other!r} in case or marks alone, and nobody "
                f"would tell them apart. Write {other!r}, or a name of other words"
            )


def _check_undo(edits: Sequence[Edit], number: int) -> None:
    if not 1 <= number <= len(edits):
        raise ValueError(f"there is no edit {number}, only {len(edits)} are recorded")
    if number not in live_numbers(edits):
        raise ValueError(f"edit {number} (`{edits[number - 1]}`) is undone already")


def _refuse_chain(edits: Sequence[Edit], edit: Rename) -> None:
    for number, earlier in live_edits(edits):
        if isinstance(earlier, Rename) and earlier.target == edit.source:
            is_circle = earlier.source == edit.target
            again = "" if is_circle else f" and `rename {earlier.source} -> {edit.target}`"
            raise ValueError(
                f"edit {number} (`{earlier}`) gave that name, and "
                f"{'going back' if is_circle else 'another'} makes a "
                f"{'circle' if is_circle else 'chain'} of renames. Write "
                f"`restore {earlier.source}`{again} instead"
            )


def labels_after(edit: Edit, labels: Collection[str], answers: Collection[str]) -> frozenset[str]:
    """Return which labels there are once `edit` is applied to `labels`.

    Args:
        edit: One that stands, hence none that undoes.
        labels: Those there are before it.
        answers: Every name that any annotator gave, normalised.

    Raises:
        ValueError: It names a label that is not there, or one that must not be.

    """
    match edit:
        case Merge(sources, target):
            _need(sources, labels)
            if target in labels and target not in sources:
                listed = " + ".join((*sources, target))
                raise ValueError(
                    f"the label {target!r} is there already. Write `merge {listed} -> {target}` "
                    "to put its clips with the others"
                )
            return frozenset(labels) - set(sources) | {target}
        case SplitLabel(source, targets):
            _need((source,), labels)
            return frozenset(labels) | set(targets or answers)
        case Rename(source, target):
            _need((source,), labels)
            if target in labels:
                raise ValueError(
                    f"the label {target!r} is there already. "
                    f"Write `merge {source} + {target} -> {target}` to put both together"
                )
            return frozenset(labels) - {source} | {target}
        case Drop(source):
            _need((source,), labels)
            return frozenset(labels) - {source}
        case _:
            return frozenset(labels)


def _after(edit: Edit, classes: Classes, answers: Collection[str]) -> Classes:
    if isinstance(edit, Move):
        return _moved(edit, classes)
    labels = labels_after(edit, classes.labels, answers)
    groups = dict(classes.groups)
    match edit:
        case Merge(sources, target):
            listed = [group for name in sources for group in groups.get(name, ())]
            groups[target] = tuple(dict.fromkeys(listed))
        case Rename(source, target):
            groups[target] = groups.get(source, ())
        case SplitLabel(source, _):
            groups |= dict.fromkeys(labels - classes.labels, groups.get(source, ()))
    return replace(classes, labels=labels, groups={n: groups.get(n, ()) for n in labels})


def _moved(edit: Move, classes: Classes) -> Classes:
    """Return the same classes with a label, or else a group, in another group."""
    if edit.target not in classes.parents:
        raise ValueError(
            f"there is no group {edit.target!r} here. {_near(edit.target, classes.parents)}"
        )
    if edit.source in classes.labels:
        return replace(classes, groups={**classes.groups, edit.source: (edit.target,)})
    if edit.source not in classes.parents:
        _need((edit.source,), {*classes.labels, *classes.parents})
    way: list[str] = []
    above: str | None = edit.target
    while above is not None:
        way.append(above)
        if above == edit.source:
            raise ValueError(
                f"the group {edit.source!r} would be in itself: "
                f"{' in '.join((edit.source, *way))}. Move {edit.target!r} out of it first"
            )
        above = classes.parents[above]
    return replace(classes, parents={**classes.parents, edit.source: edit.target})


def _became(edits: Sequence[Edit], edit: Edit, classes: Classes) -> str:
    """Return what an earlier edit made of a name that is missing, and how to have it back."""
    for name in sources_of(edit):
        number = None if name in classes.labels else last_about(edits, name)
        match number and edits[number - 1]:
            case Drop() as earlier:
                then = f"Write `restore {name}` before it"
            case (Merge(_, target) | Rename(_, target)) as earlier:
                then = f"Write {target!r} in its place, or `restore {name}` before it"
            case _:
                continue
        return f"; edit {number} (`{earlier}`) took it away. {then}"
    return ""


def _need(names: Iterable[str], labels: Collection[str]) -> None:
    for name in names:
        if name not in labels:
            raise ValueError(f"there is no label {name!r} here. {_near(name, labels)}")


def _near(name: str, names: Iterable[str]) -> str:
    near = difflib.get_close_matches(name, names := sorted(names), n=3)
    listed = ", ".join(map(repr, near or names[:5]))
    return f"{'Near it' if near else 'There are'}: {listed or 'none'}"
