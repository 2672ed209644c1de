"""The bytes of files that a workspace holds, for those who may see them."""

from pathlib import Path

from flask import Response, abort, send_file

from annotation_ui.page import page

_SECONDS_CACHED = 3600


def send(file: str, sha256: str, mimetype: str) -> Response:
    """Send a file of the workspace, or a range of it; 404 if it is not there."""
    path = inside(page().workspace.root, file)
    if path is None:
        abort(404)
    response = send_file(path, mimetype=mimetype, etag=sha256, max_age=_SECONDS_CACHED)
    response.cache_control.public, response.cache_control.private = False, True
    return response


def inside(root: Path, file: str) -> Path | None:
    """Return `root / file` with links resolved; None if it lies elsewhere or is no file."""
    path = (root / file).resolve()
    return path if path.is_relative_to(root.resolve()) and path.is_file() else None
