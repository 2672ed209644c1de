"""Where AVA's files lie in a folder, under whichever version's name; {} is train, val or test."""

from pathlib import Path

PLACES = ("", "annotations")
"""Folders below the given one in which annotations may lie."""
TRUTH = ("ava_{}_v[0-9]*.csv", "kinetics_{}_v[0-9]*.csv")
EXCLUDED = ("ava_{}_excluded_timestamps_v[0-9]*.csv",)
INCLUDED = ("ava_included_timestamps_v[0-9]*.txt",)
PROPOSALS = ("ava_{}_predicted_boxes.csv", "ava_{}_proposals*.csv", "ava_dense_proposals_{}*.pkl")
LABELS = ("ava_action_list_v[0-9]*.pbtxt",)


def all_files(folder: Path, patterns: tuple[str, ...], word: str = "") -> list[Path]:
    """Return the files of any of the patterns, compressed or not, by their names."""
    found = (
        path
        for pattern in patterns
        for place in PLACES
        for packed in ("", ".gz")
        for path in (folder / place).glob(pattern.format(word) + packed)
        if path.is_file()
    )
    return sorted(found, key=lambda path: path.name)


def newest_file(folder: Path, patterns: tuple[str, ...], word: str = "") -> Path | None:
    """Return the file of the highest version of the first pattern that has any."""
    for pattern in patterns:
        if found := all_files(folder, (pattern,), word):
            return found[-1]
    return None
