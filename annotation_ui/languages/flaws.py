"""What is wrong with a catalogue: texts that are missing, doubtful, or do not fit the original."""

import re
from collections import Counter
from collections.abc import Iterator

from babel.messages.catalog import Catalog, Message

_VALUES = re.compile(r"%\((\w+)\)[sd]|\{(\w+)\}")
_MARKUP = re.compile(r"</?[a-z]+[^>]*>")
_NUM_SHOWN = 60


def flaws_of(catalogue: Catalog, template: Catalog) -> list[str]:
    """Return what is wrong, such as `12: "Go on" is not translated`, by line.

    Each text of the template must be there, not marked as fuzzy, with all values and all markup
    of the original in every form; a form of a plural may leave values out.
    """
    found = {message.id: message for message in catalogue if message.id}
    flaws = []
    for wanted in template:
        if not wanted.id:
            continue
        message = found.get(wanted.id)
        line = message.lineno if message is not None and message.lineno else 1
        for flaw in _flaws(wanted, message):
            flaws.append((line, f"{line}: {_shown(wanted)} {flaw}"))
    return [text for _, text in sorted(flaws)]


def _flaws(wanted: Message, message: Message | None) -> Iterator[str]:
    forms = [] if message is None else _forms(message.string or "")
    if message is None or not forms or not all(forms):
        yield "is not translated"
        return
    if message.fuzzy:
        yield "is marked as fuzzy: see whether it is right, and take the mark away"
    original = _forms(wanted.id)[-1]
    for form in forms:
        alien = _values(form) - _values(original)
        lost = set() if len(forms) > 1 else _values(original) - _values(form)
        if alien or lost:
            told = ", ".join(sorted(alien | lost))
            yield f"has not the same values in its translation: {told}"
            return
        if Counter(_MARKUP.findall(form)) != Counter(_MARKUP.findall(original)):
            yield "has not the same markup in its translation"
            return


def _values(text: str) -> set[str]:
    return {match[0] for match in _VALUES.finditer(text)}


def _forms(text: str | tuple[str, ...] | list[str]) -> list[str]:
    return [text] if isinstance(text, str) else list(text)


def _shown(message: Message) -> str:
    text = _forms(message.id)[0]
    return repr(text if len(text) <= _NUM_SHOWN else f"{text[:_NUM_SHOWN]}…")
