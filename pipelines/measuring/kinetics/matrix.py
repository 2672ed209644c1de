"""Predictions for the Kinetics measures, as a matrix of scores: a row a clip, a column a class.

Shapes, as name suffixes: N rows, K classes.
"""

import zlib
from dataclasses import dataclass
from pathlib import Path
from tokenize import TokenError
from typing import Any, BinaryIO
from zipfile import BadZipFile

import numpy as np

from kinetics_builder.errors import ConfigError, FormatError
from kinetics_builder.formats.clips.kinetics.submission import clip_of_key
from kinetics_builder.formats.clips.kinetics.submission_write import key_of_clip
from kinetics_builder.formats.names import parse_clip_name
from kinetics_builder.formats.pipes import file_of
from kinetics_builder.formats.text import lines
from kinetics_builder.metrics.classification import Scores
from kinetics_builder.places import raise_if_unread
from pipelines.measuring.result import Inputs

_BROKEN = (
    ValueError, EOFError, OSError, RuntimeError, KeyError, SyntaxError, TokenError, BadZipFile,
    zlib.error,
)  # fmt: skip
"""What reading a broken file of numpy raises: of its archive, or of the header it parses."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Matrix:
    """Scores, and what their rows and columns are."""

    path: Path
    scores_NK: Scores
    """Not read into memory, where the file allows (.npy)."""
    clips: list[str] | None
    """The key of each row's clip; None for the rows of the ground truth in their order."""
    labels: list[str]
    files: list[str] | None = None
    """What the rows' clips are called where they stand: a key, or a file."""


def is_matrix(path: Path) -> bool:
    """Tell whether a file is one of numpy, by its name or, of a pipe, by what it begins with."""
    if path.suffix in (".npy", ".npz"):
        return True
    with file_of(path).open("rb") as file:
        return file.read(4) in (b"\x93NUM", b"PK\x03\x04")


def read_matrix(inputs: Inputs, rows_file: Path | None, labels: list[str] | None) -> Matrix:
    """Open `.npy`, or an `.npz` with `scores` and perhaps `clips` and `labels`.

    `rows_file` names a clip on each line: `id_start_end`, or a file whose name is a clip's.

    Raises:
        ConfigError: Nothing says which column is which class.
        FormatError: No such matrix, or one of another size.

    """
    path = inputs.predictions
    arrays = _arrays(path)
    scores_NK = arrays["scores"]
    named = labels or [str(label) for label in arrays.get("labels", ())]
    if not named:
        raise ConfigError(f"{path} does not say which column is which: give --label-map FILE.")
    if scores_NK.ndim != 2 or scores_NK.dtype.kind != "f":
        raise FormatError(
            f"{path}: expected a table of floats, found {scores_NK.ndim} dimensions of "
            f"{scores_NK.dtype}."
        )
    if scores_NK.shape[1] != len(named):
        raise FormatError(
            f"{path}: expected a column for each of {len(named)} labels, found "
            f"{scores_NK.shape[1]}."
        )
    clips = [str(clip) for clip in arrays["clips"]] if "clips" in arrays else None
    if rows_file is not None:
        clips = list(lines(rows_file, inputs.problems(rows_file), inputs.encoding))
    keys = None if clips is None else [_key(clip) for clip in clips]
    return Matrix(path=path, scores_NK=scores_NK, clips=keys, labels=named, files=clips)


def _arrays(path: Path) -> dict[str, Any]:
    kept = file_of(path)
    with kept.open("rb") as file:
        try:
            return _loaded(kept, file)
        except _BROKEN as error:
            raise_if_unread(error, path)
            message = str(error).rstrip(".")
            raise FormatError(f"{path}: expected a file of numpy: {message}.") from error


def _loaded(path: Path, file: BinaryIO) -> dict[str, Any]:
    is_archive = file.read(2) == b"PK"
    file.seek(0)
    if not is_archive:
        return {"scores": np.load(path, mmap_mode="r", allow_pickle=False)}
    with np.load(file, allow_pickle=False) as found:
        if "scores" not in found:
            raise ValueError(f"no array called scores among {list(found)}")
        return {name: found[name] for name in ("scores", "clips", "labels") if name in found}


def _key(clip: str) -> str:
    """Return a clip's key, whether it is one or a file's name."""
    name = clip.replace("\\", "/").rpartition("/")[2]
    for suffix in (".mp4", ".mkv", ".webm", ".avi"):
        name = name.removesuffix(suffix)
    if (parsed := parse_clip_name(name)) is not None:
        return parsed.key
    return key_of_clip(clip_of_key(name)._replace(details={}))
