"""What all label maps share: each number once, names that say something, losses told of."""

from collections.abc import Callable, Iterable, Iterator

from kinetics_builder.formats.losses import Losses
from kinetics_builder.formats.problems import Problems
from kinetics_builder.formats.records import Label
from kinetics_builder.formats.text import is_sound


def checked(labels: Iterable[Label], problems: Problems) -> Iterator[Label]:
    """Yield the labels; tell of numbers and names that stand twice, and of empty names.

    A number that stands twice is an error, unless it is the same class in another group. A
    name with two numbers is odd: looked up by name, the last one counts.
    """
    names: dict[int, str] = {}
    numbers: dict[str, int] = {}
    places: set[tuple[int, str | None]] = set()
    for label in labels:
        if not label.name or label.name.isspace():
            problems.error(f"expected a name for the number {label.id}, found nothing")
        elif not is_sound(label.name):
            problems.error(f"expected a name of whole characters, found {label.name!r}")
        elif names.get(label.id, label.name) != label.name or (label.id, label.group) in places:
            problems.error(
                f"the number {label.id} stands twice, the second time with {label.name!r}"
            )
        else:
            if numbers.get(label.name, label.id) != label.id:
                problems.warning(f"the name {label.name!r} stands twice")
            names[label.id], numbers[label.name] = label.name, label.id
            places.add((label.id, label.group))
            yield label


def number_of(text: str) -> int:
    """Return a class number; ValueError unless it is decimal digits, and fits 32 bits.

    >>> number_of(" 12")
    12
    """
    digits = text.strip()
    if not (digits.isascii() and digits.isdigit() and len(digits) <= 99 and int(digits) < 2**31):
        raise ValueError(f"expected a class number from 0 on, found {text!r}")
    return int(digits)


def sayable(
    labels: Iterable[Label],
    problems: Problems,
    format_name: str,
    *,
    says_group: Callable[[Label], bool] = lambda _: False,
    details: frozenset[str] = frozenset(),
    keeps_spaces: bool = False,
) -> Iterator[Label]:
    """Yield what a format without places for all groups or other details can write.

    An error tells of each name no line can hold, a warning of each kind of value that is lost.
    A class of several groups is written once without those the format does not say. Spaces
    around a name are taken off and told of, where the format does not keep them.
    """
    losses = Losses(problems, format_name)
    seen: set[tuple[int, str]] = set()
    for label in labels:
        problems.item = label.name
        if not is_sound(label.name) or len(label.name.strip().splitlines()) != 1:
            problems.error(f"expected a name that stands on one line, found {label.name!r}")
            continue
        kept = label
        if label.group is not None and not says_group(label):
            losses.note("group", label.name)
            if (label.id, label.name) in seen:
                continue
            kept = label._replace(group=None)
        seen.add((label.id, label.name))
        if not keeps_spaces and label.name != label.name.strip():
            losses.note("spaces around the name", label.name)
            kept = kept._replace(name=label.name.strip())
        for name in label.details.keys() - details:
            losses.note(name, label.name)
        yield kept
    losses.tell()


def parsed_lines(
    found: Iterable[str], parse: Callable[[str], Label], problems: Problems
) -> Iterator[Label]:
    """Yield what `parse` makes of each line; tell of its ValueErrors with their line."""

    def labels() -> Iterator[Label]:
        for line in found:
            try:
                label = parse(line)
            except ValueError as error:
                problems.error(f"{error}, in {line!r}")
            else:
                yield label

    return checked(labels(), problems)
