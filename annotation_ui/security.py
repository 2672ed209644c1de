"""Keeping the page to those it is for: secret, cookies, headers, forgery protection."""

import hashlib
import hmac
import os
import secrets
import stat
from functools import partial
from pathlib import Path

from flask import Flask, Response, g, request
from flask.sessions import SecureCookieSessionInterface
from flask_wtf import CSRFProtect

from kinetics_builder.crowd.invitations import hash_code
from kinetics_builder.crowd.logins import LONGEST_SECONDS
from kinetics_builder.errors import WorkspaceError
from kinetics_builder.workspace import Workspace

MAX_BODY_BYTES = 64 * 1024
"""Of a request; an answer has some hundred."""
SECRET_FILE = ".annotate-secret"
_NUM_SECRET_BYTES = 32
_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; "
    "connect-src 'self'; base-uri 'none'; "
)
HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}
"""Of every answer."""


def load_secret(workspace: Workspace) -> bytes:
    """Return the workspace's secret, made at the first start in a file only its owner reads.

    It signs session cookies and makes the owner's code: delete the file to log everybody
    out and to get another code.

    Raises:
        WorkspaceError: The file is cut short, or others can read it.

    """
    path = workspace.root / SECRET_FILE
    if not path.exists():
        _make_secret(path)
    again = f"Delete it: `kbuild annotate` makes another, and everybody logs in again. ({path})"
    if not path.is_file() or len(secret := path.read_bytes()) < _NUM_SECRET_BYTES:
        raise WorkspaceError(
            f"{SECRET_FILE} signs the page's cookies and must hold {_NUM_SECRET_BYTES} random "
            f"bytes; found {path.stat().st_size}. {again}"
        )
    mode = stat.S_IMODE(path.stat().st_mode)
    if os.name == "posix" and mode & 0o077:
        raise WorkspaceError(
            f"{SECRET_FILE} signs the page's cookies and is open to other users of this machine "
            f"(mode {mode:04o}, expected 0600), who may have read it. {again}"
        )
    return secret


def owner_code(secret: bytes) -> str:
    """Return the code that opens the owner's page, such as `9f2c-41d0-77ab-3e65`."""
    digest = hmac.new(secret, b"owner", hashlib.sha256).hexdigest()
    return "-".join(digest[start : start + 4] for start in range(0, 16, 4))


def is_owner_code(secret: bytes, typed: str) -> bool:
    """Tell whether `typed` is the owner's code, in a time that does not depend on it."""
    return hmac.compare_digest(hash_code(typed), hash_code(owner_code(secret)))


def secure(app: Flask, workspace: Workspace, secret: bytes, media_from: str = "") -> None:
    """Set cookies, headers and forgery protection.

    Videos come from the page, and from the origin `media_from` if there is one.
    """
    name = hashlib.sha256(str(workspace.root.absolute()).encode()).hexdigest()[:8]
    app.config.update(
        SECRET_KEY=secret,
        SESSION_COOKIE_NAME=f"kbuild_{name}",
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_REFRESH_EACH_REQUEST=False,
        PERMANENT_SESSION_LIFETIME=LONGEST_SECONDS,
        WTF_CSRF_TIME_LIMIT=None,
        MAX_CONTENT_LENGTH=MAX_BODY_BYTES,
    )
    CSRFProtect(app)
    sources = f"'self' {media_from}".strip()
    policy = f"{_POLICY}media-src {sources}; "
    app.after_request(partial(_add_headers, policy))
    app.session_interface = Cookies()


class Cookies(SecureCookieSessionInterface):
    """Session cookies that a browser sends over https alone, where the page is asked over it."""

    def get_cookie_secure(self, app: Flask) -> bool:
        """Tell whether this request came over https, maybe to a proxy in front."""
        return request.is_secure


def allow(*, framed_by: str = "", forms_to: str = "") -> None:
    """Let the answer to this request be shown in frames of an origin, or post a form to one."""
    g.framed_by = framed_by or g.get("framed_by", "")
    g.forms_to = forms_to or g.get("forms_to", "")


def _add_headers(policy: str, response: Response) -> Response:
    framed_by, forms_to = g.get("framed_by", ""), g.get("forms_to", "")
    ancestors = framed_by or "'none'"
    senders = f"'self' {forms_to}".strip()
    policy += f"form-action {senders}; frame-ancestors {ancestors}"
    response.headers.setdefault("Content-Security-Policy", policy)
    if not framed_by:
        response.headers.setdefault("X-Frame-Options", "DENY")
    for name, value in HEADERS.items():
        response.headers.setdefault(name, value)
    response.headers.setdefault("Cache-Control", "no-store")
    return response


def _make_secret(path: Path) -> None:
    part = path.with_name(f"{path.name}.{secrets.token_hex(4)}.part")
    descriptor = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(secrets.token_bytes(_NUM_SECRET_BYTES))
        file.flush()
        os.fsync(file.fileno())
    try:
        path.hardlink_to(part)
    except FileExistsError:
        pass
    finally:
        part.unlink()
