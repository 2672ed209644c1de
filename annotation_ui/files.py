"""The bytes of files that a workspace holds, for those who may see them."""

import logging
from pathlib import Path

from flask import Response, abort, send_file

from annotation_ui.page import page
from kinetics_builder.errors import ItemFailed, WorkspaceError
from kinetics_builder.files import FileMark
from kinetics_builder.storage.storage import Storage

_SECONDS_CACHED = 3600


def send(file: str, sha256: str, mimetype: str, mark: FileMark | None = None) -> Response:
    """Send a file that a row names, or a range of it; 404 if it is not there.

    What is kept in a store is sent from this machine's copy, which is the one that was marked.
    """
    path = _found(page().workspace.storage, file, mark)
    if path is None:
        abort(404)
    response = send_file(path, mimetype=mimetype, etag=sha256, max_age=_SECONDS_CACHED)
    response.cache_control.public, response.cache_control.private = False, True
    return response


def _found(storage: Storage, file: str, mark: FileMark | None) -> Path | None:
    folder, _, name = file.partition("/")
    if storage.place(folder) == storage.root / folder:
        return inside(storage.root, file)
    if name != Path(name).name:  # rows are made here, but a database may be a stranger's
        return None
    try:
        return storage.here(file, mark)
    except (ItemFailed, WorkspaceError) as error:
        logging.getLogger(__name__).warning("%s", error)
        return None


def inside(root: Path, file: str) -> Path | None:
    """Return `root / file` with links resolved; None if it lies elsewhere or is no file."""
    path = (root / file).resolve()
    return path if path.is_relative_to(root.resolve()) and path.is_file() else None
