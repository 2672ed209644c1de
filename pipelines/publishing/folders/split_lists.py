"""Reading lists of releases that say of videos in which split they are."""

from pathlib import Path

from kinetics_builder.errors import FormatError
from kinetics_builder.formats.release_files import SPLIT_LISTS


def videos_in(path: Path) -> tuple[list[str], list[str]]:
    """Return the video and the split of each row of a list of `SPLIT_LISTS`, or held out."""
    import pyarrow
    from pyarrow import csv

    names = [SPLIT_LISTS.get(path.name, "youtube_id"), "split"]
    types = dict.fromkeys(names, pyarrow.string())
    options = csv.ConvertOptions(include_columns=names, column_types=types)
    try:
        table = csv.read_csv(path, convert_options=options)
    except (pyarrow.ArrowException, KeyError) as error:
        raise FormatError(
            f"{path}: expected the columns {' and '.join(names)}: {error}."
        ) from error
    return table[names[0]].to_pylist(), table["split"].to_pylist()
