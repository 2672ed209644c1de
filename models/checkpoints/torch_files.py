"""Torch's own files. Torch writes a checksum of every record and never reads one: it is read here.

A `.pt` file is a zip archive; 4 KiB of zeros in it are other weights to `torch.load`.
"""

import io
import pickle
import re
import struct
import zipfile
from pathlib import Path
from typing import Any

import torch

from kinetics_builder.places import raise_if_unread
from models.checkpoints.files import write_bytes

_CHUNK = 1 << 20
_GLOBAL = re.compile(r"GLOBAL ([\w.]+)")
_UNPICKLER = re.compile(r"WeightsUnpickler error:\s*(\S.*)")
_DAMAGE = (
    pickle.UnpicklingError,
    zipfile.BadZipFile,
    AttributeError,
    EOFError,
    LookupError,
    NotImplementedError,
    OSError,
    RuntimeError,
    TypeError,
    ValueError,
    struct.error,
)


class UnreadableTorchFile(Exception):
    """A file that is damaged, no file of torch's, or would run code. Its text says what."""


def save_torch(path: Path, data: object) -> None:
    """Write `data` to `path`: all of it, or what was there before stays."""
    buffer = io.BytesIO()
    torch.save(data, buffer)
    with buffer.getbuffer() as view:
        write_bytes(path, view)


def load_torch(path: Path) -> Any:
    """Return the tensors and plain values in `path`, on the CPU; nothing in it is executed.

    Raises UnreadableTorchFile, for instance where a record does not have its checksum, and
    OSError where the system does not give the file.
    """
    try:
        if zipfile.is_zipfile(path):
            _check_records(path)
        return torch.load(path, map_location="cpu", weights_only=True)
    except _DAMAGE as error:
        raise_if_unread(error, path)
        raise UnreadableTorchFile(_reason(error)) from error


def _check_records(path: Path) -> None:
    with zipfile.ZipFile(path) as archive:
        for record in archive.infolist():
            # Files that were written without checksums have zeros there.
            if record.CRC:
                with archive.open(record) as file:
                    while file.read(_CHUNK):
                        pass


def _reason(error: Exception) -> str:
    """Return what of a message says what was found, without torch's advice to trust the file."""
    if found := _GLOBAL.search(str(error)):
        return f"it names {found[1]}, which is code"
    lines = str(error).strip().splitlines() or [repr(error)]
    found = _UNPICKLER.search(str(error))
    return (found[1] if found else lines[0])[:200].rstrip(". ")
