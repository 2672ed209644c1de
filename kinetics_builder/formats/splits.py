"""The words for train, validate and test, in files and in their names."""

import re
from collections.abc import Iterable
from pathlib import Path

from kinetics_builder.formats.format import Options

HOLDOUT = "holdout_test"
"""Kinetics-600 has two test splits; this one's labels were held back for the challenge."""

WORDS = {
    "train": "train",
    "training": "train",
    "val": "validate",
    "valid": "validate",
    "validate": "validate",
    "validation": "validate",
    "test": "test",
    "testing": "test",
    HOLDOUT: "test",
}
"""What files write, in small letters, and what records have."""

SHORT: dict[str | None, str] = {"train": "train", "validate": "val", "test": "test"}
"""PySlowFast, MMAction2, torchvision, WebDataset and Datumaro."""

LONG: dict[str | None, str] = {"train": "train", "validate": "validation", "test": "test"}
"""Hugging Face."""

ORDER: dict[str | None, int] = {"train": 0, "validate": 1, "test": 2, None: 3}
"""In which order the splits are written; records without one come last."""

_IN_NAMES = re.compile(rf"(?:^|[^a-z])({'|'.join(WORDS)})(?=[^a-z]|set|list|$)")


def split_of(word: str) -> str:
    """Return train, validate or test for any word for it.

    Raises:
        ValueError: Another word.

    >>> split_of("Validation"), split_of("val")
    ('validate', 'validate')

    """
    try:
        return WORDS[word.strip().lower()]
    except KeyError:
        raise ValueError(f"split must be one of {', '.join(WORDS)}, found {word!r}") from None


def given_split(options: Options) -> str | None:
    """Return the split that the options give to all records that have none."""
    return None if options.split is None else split_of(options.split)


def split_of_file(path: Path, options: Options) -> str | None:
    """Return the split of all rows of a file: what the options say, else what its name says.

    >>> split_of_file(Path("something-something-v2-validation.json"), Options())
    'validate'
    >>> split_of_file(Path("trainlist01.txt"), Options()), split_of_file(Path("a.csv"), Options())
    ('train', None)
    """
    if options.split is not None:
        return split_of(options.split)
    found = {WORDS[word] for word in _IN_NAMES.findall(path.name.lower())}
    return found.pop() if len(found) == 1 else None


def by_split(files: Iterable[tuple[str, Path]], options: Options) -> list[tuple[str | None, Path]]:
    """Return files in the order of their splits, each with its own.

    That is what the word beside a file says, else what the options give.
    """
    given = given_split(options)
    found = [(WORDS.get(word.lower(), given), file) for word, file in files]
    return sorted(found, key=lambda one: ORDER[one[0]])
