"""Clips that a store hands out itself, at addresses that are good for a while."""

import logging
import time
from functools import lru_cache
from urllib.parse import urlsplit

from flask import Flask, Response, current_app, request

from kinetics_builder.errors import ItemFailed, WorkspaceError
from kinetics_builder.files import FileMark
from kinetics_builder.storage.remote import RemoteFolder
from kinetics_builder.workspace import Workspace

KEPT_SECONDS = 3600
"""For so long a file's address stays the same, so that browsers know its bytes again."""
LONGEST_SECONDS = 7 * 86_400
"""What Amazon's and Google's stores take at most."""
_FOLDER = "clips"


class Signer:
    """Signs addresses of one folder's files."""

    def __init__(self, remote: RemoteFolder, lease_seconds: float) -> None:
        self._remote = remote
        self.good_seconds = min(LONGEST_SECONDS, int(lease_seconds) + 2 * KEPT_SECONDS)
        """From the signing on: whoever holds a task can see its clips until it is over."""
        parts = urlsplit(remote.signed("kbuild.mp4", self.good_seconds))
        self.origin = f"{parts.scheme}://{parts.netloc}"
        """Where browsers fetch from, such as `https://bucket.s3.amazonaws.com`."""
        self._sign = lru_cache(maxsize=10_000)(self._signed)

    def address(self, name: str, mark: FileMark) -> str | None:
        """Return where the file is for now; None if it is not there, or not the one marked.

        Raises as `RemoteFolder.entry`.
        """
        return self._sign(name, mark, int(time.time() // KEPT_SECONDS))

    def _signed(self, name: str, mark: FileMark, _hour: int) -> str | None:
        found = self._remote.entry(name)
        if found is None or not found.is_as_noted(mark.bytes, mark.modified_ns):
            return None
        return self._remote.signed(name, self.good_seconds)


def make_signer(workspace: Workspace) -> Signer | None:
    """Return what signs the clips' addresses; None where the page sends their bytes itself.

    Why it does, though signed addresses are set, is one line in the log.

    Raises:
        WorkspaceError: The store gives nothing: there are no credentials.

    """
    if workspace.config.page.sendfile != "signed":
        return None
    remote = workspace.storage.place(_FOLDER)
    try:
        if isinstance(remote, RemoteFolder):
            return Signer(remote, workspace.config.assign.expires_seconds)
        why = f"clips lie in {remote}, a folder of this machine (storage.clips names none)"
    except ItemFailed as failure:
        why = failure.message
    logging.getLogger(__name__).warning(
        'page.sendfile is "signed", but the page sends the clips itself: %s', why
    )
    return None


def signer() -> Signer | None:
    """Return what signs for the app that handles this request."""
    found: Signer | None = current_app.extensions["kbuild-signer"]
    return found


def let_in(app: Flask, workspace: Workspace) -> str:
    """Make the app's signer; return what the page's policy must let in beside itself."""
    made = app.extensions["kbuild-signer"] = make_signer(workspace)
    return made.origin if made else ""


def pointed_to(signing: Signer, file: str, mark: FileMark) -> Response | None:
    """Return a response that leads to the signed address of a clip; None of any other file.

    A script that asks whether the clip is there (HEAD) hears that from the page: addresses are
    signed for fetching alone. Raises as `Signer.address`.
    """
    folder, _, name = file.partition("/")
    if folder != _FOLDER or name.startswith(".") or "/" in name:
        return None
    address = signing.address(name, mark)
    if address is None:
        raise WorkspaceError(f"{file} is not in the store, or another file than was written down.")
    response = Response(mimetype="video/mp4")
    if request.method != "HEAD":
        response.status_code, response.location = 302, address
    response.cache_control.max_age = KEPT_SECONDS
    return response
