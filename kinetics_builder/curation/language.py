"""The language of class edits: one edit a line.

merge A + B -> C        the clips of A and B become C, which may be A or B
split A -> X | Y        a clip of A whose annotators would call it X becomes X, likewise Y
split A -> by answers   the same for every name that annotators gave
rename A -> B           B must be new
move A -> G             A, a class or a group, is in the group G and in no other
drop A                  the clips of A are not released
filter min_clips=20     classes with fewer clips are not released
filter min_yes_rate=0.5 classes with a smaller share of yes-answers are not released
undo 3                  edit number 3 never happened
restore A               the last edit that had A on its left side never happened

After a split, clips that fit no name stay in A: `drop A` on the next line drops them.
"""

from kinetics_builder.curation.edits import (
    BY_ANSWERS,
    MAX_LABEL_LENGTH,
    Drop,
    Edit,
    Filter,
    Merge,
    Move,
    Rename,
    Restore,
    SplitLabel,
    Undo,
)


def parse_edit(text: str) -> Edit:
    """Return the edit that one line says.

    >>> parse_edit("merge  swimming +  diving -> water sports")
    Merge(sources=('swimming', 'diving'), target='water sports')

    Raises:
        ValueError: The line says none; the message shows what is expected.

    """
    verb, _, rest = " ".join(text.split()).partition(" ")
    if verb not in _FORMS:
        raise ValueError(f"unknown edit {verb!r}. Known: {', '.join(_FORMS)}")
    parse, form = _FORMS[verb]
    try:
        return parse(rest)
    except ValueError as error:
        raise ValueError(f"{error}. Write `{form}`") from error


def _merge(rest: str) -> Edit:
    left, target = _sides(rest)
    sources = tuple(map(_label, left.split(" + ")))
    if len(set(sources)) < 2:
        raise ValueError("merge needs two different labels or more")
    if len(set(sources)) < len(sources):
        raise ValueError("a label stands there twice")
    return Merge(sources, _label(target))


def _split(rest: str) -> Edit:
    source, right = _sides(rest)
    if right == BY_ANSWERS:
        return SplitLabel(_label(source), ())
    targets = tuple(map(_label, right.split(" | ")))
    if len(set(targets)) < len(targets):
        raise ValueError("a name stands there twice")
    return SplitLabel(_label(source), targets)


def _rename(rest: str) -> Edit:
    source, target = map(_label, _sides(rest))
    if source == target:
        raise ValueError("both names are the same")
    return Rename(source, target)


def _move(rest: str) -> Edit:
    source, target = map(_label, _sides(rest))
    if source == target:
        raise ValueError(f"{source!r} would be in itself")
    return Move(source, target)


def _filter(rest: str) -> Edit:
    values: dict[str, str] = {}
    for word in rest.split():
        name, equals, value = word.partition("=")
        if name not in ("min_clips", "min_yes_rate") or not equals or name in values:
            raise ValueError(f"found {word!r}")
        values[name] = value
    try:
        edit = Filter(int(values.get("min_clips", 0)), float(values.get("min_yes_rate", 0)))
    except ValueError as error:
        raise ValueError(f"{rest!r} holds no number") from error
    if edit.min_clips < 0 or not 0 <= edit.min_yes_rate <= 1 or edit == Filter():
        raise ValueError("min_clips must be 1 or more, min_yes_rate in (0, 1]")
    return edit


def _undo(rest: str) -> Edit:
    if not rest.isdecimal():
        raise ValueError(f"{rest!r} is no number of an edit (`kbuild curate --list` shows them)")
    return Undo(int(rest))


def _sides(rest: str) -> tuple[str, str]:
    left, arrow, right = f" {rest} ".partition(" -> ")
    if not arrow:
        raise ValueError("`->` is missing")
    return left.strip(), right.strip()


def _label(text: str) -> str:
    label = text.strip()
    if not label or " -> " in f" {label} ":
        raise ValueError(f"{label!r} is no label")
    if len(label) > MAX_LABEL_LENGTH:
        raise ValueError(f"a label has at most {MAX_LABEL_LENGTH} characters, found {len(label)}")
    return label


_FORMS = {
    "merge": (_merge, "merge A + B -> C"),
    "split": (_split, "split A -> X | Y` or `split A -> by answers"),
    "rename": (_rename, "rename A -> B"),
    "move": (_move, "move A -> GROUP"),
    "drop": (lambda rest: Drop(_label(rest)), "drop A"),
    "filter": (_filter, "filter min_clips=20` or `filter min_yes_rate=0.5"),
    "undo": (_undo, "undo 3"),
    "restore": (lambda rest: Restore(_label(rest)), "restore A"),
}
VERBS = tuple(_FORMS)
