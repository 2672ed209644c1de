"""nginx in front of the page: its configuration, and files that it sends in the page's place.

The page sees who is asking, and answers with an address that nginx alone can follow.
"""

import re
from pathlib import Path
from urllib.parse import quote, urlsplit

from flask import Response, request
from jinja2 import Environment, PackageLoader, StrictUndefined

from annotation_ui.security import HEADERS
from kinetics_builder.config import PageConfig
from kinetics_builder.errors import WorkspaceError
from kinetics_builder.storage.storage import SERVED_FOLDERS
from kinetics_builder.workspace import Workspace

INTERNAL = "/kbuild-files/"
"""Where the addresses begin that nobody outside can ask for."""
_ASKED_BY = "X-Sendfile-Type"
"""The header by which nginx says that it can send files itself."""
_OTHERS_MAY_READ = 0o005


def sends_files(config: PageConfig) -> bool:
    """Tell whether nginx asked, and may be told which file to send."""
    return config.sendfile == "x-accel" and request.headers.get(_ASKED_BY) == "X-Accel-Redirect"


def handed_over(folder: str, name: str, mimetype: str) -> Response:
    """Return a response that nginx completes with the bytes of a file, or a range of them."""
    address = f"{INTERNAL}{folder}/{quote(name)}"
    return Response(mimetype=mimetype, headers={"X-Accel-Redirect": address})


def config_for(workspace: Workspace, page: str) -> str:
    """Return a site for nginx, with https, in front of this workspace's page.

    Args:
        workspace: Its settings say whether nginx sends the clips itself, and what it is called.
        page: Host and port at which the page listens, such as `127.0.0.1:8000`.

    Raises:
        WorkspaceError: nginx has no way to write the path of a folder.

    """
    served = _served(workspace) if workspace.config.page.sendfile == "x-accel" else {}
    loader = PackageLoader("annotation_ui")
    jinja = Environment(
        loader=loader, trim_blocks=True, lstrip_blocks=True, undefined=StrictUndefined
    )
    return jinja.get_template("nginx.conf").render(
        host=urlsplit(workspace.config.page.public_url).hostname or "",
        page=page,
        internal=INTERNAL,
        folders={name: _written(folder) for name, folder in served.items()},
        headers={name: f"$upstream_http_{name.lower().replace('-', '_')}" for name in HEADERS},
    )


def unreadable_folder(workspace: Workspace) -> Path | None:
    """Return a folder that nginx cannot pass as a user of its own; None where there is none."""
    for folder in _served(workspace).values():
        for path in (folder, *folder.parents):
            if path.is_dir() and path.stat().st_mode & _OTHERS_MAY_READ != _OTHERS_MAY_READ:
                return path
    return None


def _served(workspace: Workspace) -> dict[str, Path]:
    return {name: workspace.storage.folder(name).resolve() for name in SERVED_FOLDERS}


def _written(folder: Path) -> str:
    """Return the path of a folder as nginx reads it between quotes."""
    if re.search(r"[$\x00-\x1f]", str(folder)):
        raise WorkspaceError(
            f"nginx cannot be told of {str(folder)!r}: '$' and line breaks mean something else to "
            "it. Move the workspace to another path, or empty page.sendfile."
        )
    return str(folder).replace("\\", "\\\\").replace('"', '\\"')
