"""The pictures beside YOLO's text files: the one place of such a folder that says their size."""

from pathlib import Path

from PIL import Image, ImageOps, UnidentifiedImageError

from kinetics_builder.formats.boxes.sizes import Size

_SUFFIXES = (".jpg", ".jpeg", ".png", ".webp", ".bmp", ".JPG", ".JPEG", ".PNG")


def picture_of(file: Path, root: Path) -> Path | None:
    """Return the picture of a text file: in images/ where the text is in labels/, or beside it.

    Source: ultralytics data/utils.py, `img2label_paths`.
    """
    parts = list(file.relative_to(root).parts)
    if "labels" in parts:
        last = len(parts) - 1 - parts[::-1].index("labels")
        parts[last] = "images"
    for stem in (root.joinpath(*parts), file):
        for suffix in _SUFFIXES:
            picture = stem.with_suffix(suffix)
            if picture.is_file():
                return picture
    return None


def size_of_picture(path: Path) -> Size | None:
    """Return width and height as it is shown, turned upright; None for what is no picture."""
    try:
        with Image.open(path) as picture:
            return ImageOps.exif_transpose(picture).size
    except (OSError, UnidentifiedImageError):
        return None
