"""Pictures by class: `DIR/<class>/*.jpg`.

Shapes, as name suffixes: N pictures, H height, W width, C channels (RGB).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image, UnidentifiedImageError

from kinetics_builder.errors import ModelError
from models.clips.release import BrokenClip

SUFFIXES = (".jpg", ".jpeg", ".png", ".webp")
BACKGROUND = ("nothing", "background")
"""Folders of pictures that show none of the labels."""


@dataclass(frozen=True)
class ImageFolder:
    """All readable pictures of a folder, scaled to one square size."""

    labels: tuple[str, ...]
    pixels_NHWC: NDArray[np.uint8]
    numbers_N: NDArray[np.int64]
    """Each picture's class number."""
    broken: tuple[BrokenClip, ...]
    """Files that could not be read: counted and listed, never replaced."""


def read_images(
    folder: Path, size: int, labels: Sequence[str] | None = None, *, needs_all: bool = True
) -> ImageFolder:
    """Read `folder/<class>/` pictures, squeezed to `size` x `size` pixels.

    Args:
        folder: One folder for each class, named as the class.
        size: Height and width of the result, pixels.
        labels: The workspace's labels: each must have its folder, and beside them only the
            background's may be there. None takes the folders as they are.
        needs_all: False: pictures of the other labels come from elsewhere.

    Raises:
        ModelError: A class without a picture, or folders that do not fit the labels.

    """
    names = _class_names(folder, labels, needs_all)
    pictures: list[NDArray[np.uint8]] = []
    numbers: list[int] = []
    broken: list[BrokenClip] = []
    for number, name in enumerate(names):
        before = len(pictures)
        for path in _files(folder / name):
            try:
                pictures.append(read_image(path, size))
                numbers.append(number)
            except (UnidentifiedImageError, OSError, Image.DecompressionBombError) as error:
                broken.append(BrokenClip(path.relative_to(folder).as_posix(), str(error)))
        if len(pictures) == before:
            raise ModelError(
                f"{folder / name} has no readable picture. Put {', '.join(SUFFIXES)} files "
                "there that show the action, some dozens at least."
            )
    return ImageFolder(names, np.stack(pictures), np.array(numbers), tuple(broken))


def read_image(path: Path, size: int) -> NDArray[np.uint8]:
    """Return a picture as (H, W, C), squeezed to a square so that nothing is cut off."""
    with Image.open(path) as image:
        image.draft("RGB", (size, size))
        small = image.convert("RGB").resize((size, size), Image.Resampling.BILINEAR)
        return np.asarray(small)


def _class_names(folder: Path, labels: Sequence[str] | None, needs_all: bool) -> tuple[str, ...]:
    if not folder.is_dir():
        raise ModelError(f"There is no folder {folder}. Expected {folder}/<class>/*.jpg.")
    found = sorted(path.name for path in folder.iterdir() if path.is_dir())
    if len(found) < (2 if needs_all else 1):
        raise ModelError(
            f"{folder} has {len(found)} class folders, a scorer needs at least two: one for "
            f"each label, and {BACKGROUND[0]!r} for pictures that show none."
        )
    if labels is None:
        return tuple(found)
    if needs_all and (missing := sorted(set(labels) - set(found))):
        raise ModelError(
            f"{folder} has no folder for {len(missing)} of the workspace's labels, for instance "
            f"{missing[0]!r}. Each label needs a folder of its own name."
        )
    if extra := sorted(set(found) - set(labels) - set(BACKGROUND)):
        raise ModelError(
            f"{folder} has folders that are no labels of the workspace, for instance {extra[0]!r}. "
            f"Rename or remove them; {' or '.join(map(repr, BACKGROUND))} may stay."
        )
    return tuple(found)


def _files(folder: Path) -> list[Path]:
    return sorted(path for path in folder.iterdir() if path.suffix.lower() in SUFFIXES)
