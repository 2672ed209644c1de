"""The bytes of files that a workspace holds, for those who may see them."""

import logging
from pathlib import Path

from flask import Response, abort, send_file

from annotation_ui.nginx import handed_over, sends_files
from annotation_ui.page import page
from annotation_ui.signing import pointed_to, signer
from kinetics_builder.errors import ItemFailed, WorkspaceError
from kinetics_builder.files import FileMark
from kinetics_builder.storage.storage import SERVED_FOLDERS, Storage

_SECONDS_CACHED = 3600


def send(file: str, sha256: str, mimetype: str, mark: FileMark | None = None) -> Response:
    """Send a file that a row names, or a range of it; 404 if it is not there.

    What is kept in a store is sent from this machine's copy, which is the one that was marked.
    nginx in front sends the bytes itself, or the store does, if the settings say so.
    """
    try:
        response = _pointed(file, mark) or _sent(file, sha256, mimetype, mark)
    except (ItemFailed, WorkspaceError) as error:
        logging.getLogger(__name__).warning("%s", error)
        response = None
    if response is None:
        abort(404)
    response.cache_control.public, response.cache_control.private = False, True
    return response


def _pointed(file: str, mark: FileMark | None) -> Response | None:
    signing = signer()
    return pointed_to(signing, file, mark) if signing and mark else None


def _sent(file: str, sha256: str, mimetype: str, mark: FileMark | None) -> Response | None:
    here = page()
    path = _found(here.workspace.storage, file, mark)
    if path is None:
        return None
    if sends_files(here.config.page):
        folder = file.partition("/")[0]
        name = _within(here.workspace.storage, folder, path)
        response = handed_over(folder, name, mimetype)
        response.cache_control.max_age = _SECONDS_CACHED
        return response
    return send_file(path, mimetype=mimetype, etag=sha256, max_age=_SECONDS_CACHED)


def _found(storage: Storage, file: str, mark: FileMark | None) -> Path | None:
    folder, _, name = file.partition("/")
    if folder not in SERVED_FOLDERS:  # rows are made here, but a database may be a stranger's
        return None
    if storage.place(folder) == storage.root / folder:
        return inside(storage.root / folder, name)
    return storage.here(file, mark) if name == Path(name).name else None


def inside(folder: Path, name: str) -> Path | None:
    """Return `folder / name` with links resolved; None if it lies elsewhere or is no file.

    The folder itself may be a link, to another disk.
    """
    path = (folder / name).resolve()
    return path if path.is_relative_to(folder.resolve()) and path.is_file() else None


def _within(storage: Storage, folder: str, path: Path) -> str:
    return path.relative_to(storage.folder(folder).resolve()).as_posix()
