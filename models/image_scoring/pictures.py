"""All pictures that a scorer learns from and is measured on, of folders and of lists.

Shapes, as name suffixes: N pictures, H height, W width, C channels (RGB).
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image, UnidentifiedImageError

from kinetics_builder.errors import ModelError
from models.clips.release import BrokenClip
from models.image_scoring.folder import BACKGROUND, ImageFolder, read_image
from models.image_scoring.listed import HELD_OUT, SHOWS, Listed

FREE, LEARNT, KEPT = -1, 0, 1
"""Whether a picture is dealt out by chance, learnt from, or kept back to measure with."""


@dataclass(frozen=True)
class Pictures:
    """Pictures of one square size, with what is known of each."""

    labels: tuple[str, ...]
    pixels_NHWC: NDArray[np.uint8]
    numbers_N: NDArray[np.int64]
    """The label that each is about."""
    shows_N: NDArray[np.bool_]
    """False: people said that it does not show its label. What else it shows nobody said."""
    places_N: NDArray[np.int64]
    """FREE, LEARNT or KEPT."""
    broken: tuple[BrokenClip, ...]

    def digest(self) -> str:
        """Return 64 hex digits that change with any of it."""
        digest = hashlib.sha256("\n".join(self.labels).encode())
        for array in (self.pixels_NHWC, self.numbers_N, self.shows_N, self.places_N):
            digest.update(np.ascontiguousarray(array).tobytes())
        return digest.hexdigest()


def of_folder(data: ImageFolder) -> Pictures:
    """Return the pictures of a folder, each of which shows its label."""
    count = len(data.numbers_N)
    return Pictures(
        data.labels,
        data.pixels_NHWC,
        data.numbers_N,
        np.ones(count, bool),
        np.full(count, FREE),
        data.broken,
    )


def of_list(folder: Path, rows: Sequence[Listed], size: int) -> Pictures:
    """Return the listed pictures in `folder`, squeezed to `size` x `size` pixels.

    Labels are those of which a picture to learn from is there; with one that people rejected,
    the background is a label too, to which it may belong.

    Raises:
        ModelError: There are pictures of fewer than two labels.

    """
    found: list[tuple[Listed, NDArray[np.uint8]]] = []
    broken: list[BrokenClip] = []
    for row in rows:
        try:
            found.append((row, read_image(folder / row.file, size)))
        except (UnidentifiedImageError, OSError, Image.DecompressionBombError) as error:
            broken.append(BrokenClip(row.file, str(error)))
    learnt = {row.label for row, _ in found if row.shows == SHOWS and row.split != HELD_OUT}
    found = [(row, pixels) for row, pixels in found if row.label in learnt]
    labels = sorted(learnt)
    if any(row.shows != SHOWS for row, _ in found) and not learnt & set(BACKGROUND):
        labels = sorted([*labels, BACKGROUND[0]])
    if len(labels) < 2:
        raise ModelError(
            f"{folder} lists pictures to learn from of {len(learnt)} labels, a scorer needs at "
            "least two: accepted clips of two labels, or accepted and rejected ones of one."
        )
    return Pictures(
        tuple(labels),
        np.stack([pixels for _, pixels in found]),
        np.array([labels.index(row.label) for row, _ in found]),
        np.array([row.shows == SHOWS for row, _ in found]),
        np.array([KEPT if row.split == HELD_OUT else LEARNT for row, _ in found]),
        tuple(broken),
    )


def together(parts: Sequence[Pictures]) -> Pictures:
    """Return the pictures of several sources, over the labels of all of them."""
    if len(parts) == 1:
        return parts[0]
    labels = tuple(sorted({label for part in parts for label in part.labels}))
    columns = [np.array([labels.index(label) for label in part.labels]) for part in parts]
    return Pictures(
        labels,
        np.concatenate([part.pixels_NHWC for part in parts]),
        np.concatenate([c[part.numbers_N] for c, part in zip(columns, parts, strict=True)]),
        np.concatenate([part.shows_N for part in parts]),
        np.concatenate([part.places_N for part in parts]),
        tuple(clip for part in parts for clip in part.broken),
    )
