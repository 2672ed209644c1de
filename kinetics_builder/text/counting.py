"""Counts with what they count, as a person would say it."""


def counted(number: int, noun: str, plural: str | None = None) -> str:
    """Return a number with its noun, in the plural unless it is 1.

    >>> counted(1, "clip"), counted(0, "clip"), counted(2, "class", "classes")
    ('1 clip', '0 clips', '2 classes')
    """
    return f"{number} {noun if number == 1 else plural or f'{noun}s'}"
