"""Command: annotate."""

import os
from contextlib import ExitStack
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

import click

from kinetics_builder.text.counting import counted
from pipelines.cli.common import emit, json_option, open_workspace, say

if TYPE_CHECKING:
    from kinetics_builder.workspace import Workspace


@click.command()
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen at.")
@click.option(
    "--port",
    type=click.IntRange(0, 65535),
    default=8000,
    show_default=True,
    help="Port to listen at; 0 takes a free one.",
)
@click.option(
    "--threads",
    type=click.IntRange(1, 64),
    default=32,
    show_default=True,
    help="Requests answered at a time.",
)
@click.option(
    "--invite",
    metavar="N",
    type=click.IntRange(1, 10_000),
    help="Make N invitation codes, print them one a line, and exit without serving.",
)
@click.option(
    "--out",
    metavar="FILE",
    type=click.Path(dir_okay=False, path_type=Path),
    help="With --invite: write the codes into a new file that only you can read.",
)
@click.option(
    "--nginx-config",
    is_flag=True,
    help="Print a site for nginx, with https, in front of the page at --host and --port, and exit.",
)
@click.option("--owner-code", is_flag=True, help="Print the code of the owner's page, and exit.")
@json_option
@click.pass_obj
def annotate(
    folder: Path,
    /,
    invite: int | None,
    out: Path | None,
    owner_code: bool,
    nginx_config: bool,
    as_json: bool,
    **where: Any,
) -> None:
    """Serve the page on which people confirm clips.

    Every worker needs an invitation code, typed at each login together with a name of the
    worker's choice. Codes are shown once and not kept:

    \b
    kbuild annotate --invite 5      print five codes and exit
    kbuild annotate --owner-code    print the code of the owner's page and exit
    kbuild annotate                 serve until Ctrl-C
    kbuild annotate --nginx-config  print what nginx in front of it needs
    """  # noqa: D301 (click wants the control character)
    if out is not None and not invite:
        raise click.UsageError("--out FILE goes with --invite N.")
    workspace = open_workspace(folder)
    if invite:
        _invite(workspace, invite, out, as_json=as_json)
    elif owner_code:
        code = _owner_code(workspace)
        emit({"owner_code": code}, as_json=as_json, lines=[code])
    elif nginx_config:
        _show_site(workspace, as_json=as_json, **where)
    else:
        _serve(workspace, as_json=as_json, **where)


def _invite(workspace: "Workspace", count: int, out: Path | None, *, as_json: bool) -> None:
    from kinetics_builder.crowd.invitations import make_invitations
    from kinetics_builder.database.engine import writing

    with ExitStack() as stack:
        file = stack.enter_context(_private(out)) if out else None
        with writing(workspace.engine) as session:
            codes = make_invitations(session, count)
            if file is not None:
                file.write("".join(f"{code}\n" for code in codes))
                file.flush()
    if out is None:
        emit(codes, as_json=as_json, lines=codes)
    else:
        emit(
            {"file": str(out)},
            as_json=as_json,
            lines=[f"{counted(count, 'code')} written to {out}"],
        )


def _private(path: Path) -> IO[str]:
    """Open a new file that nobody else can read."""
    try:
        return os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w")
    except FileExistsError as error:
        raise click.ClickException(
            f"{path} is there already, and codes are shown once: name another file."
        ) from error


def _owner_code(workspace: "Workspace") -> str:
    from annotation_ui.security import load_secret, owner_code

    return owner_code(load_secret(workspace))


def _show_site(
    workspace: "Workspace", host: str, port: int, threads: int, *, as_json: bool
) -> None:
    from annotation_ui.nginx import config_for, unreadable_folder

    site = config_for(workspace, f"[{host}]:{port}" if ":" in host else f"{host}:{port}")
    emit({"site": site}, as_json=as_json, lines=[site])
    if not workspace.config.page.trusted_proxy:
        say(
            "Warning: page.trusted_proxy is empty, so the page takes nginx for everybody: "
            'write trusted_proxy = "127.0.0.1" into kbuild.toml.'
        )
    if workspace.config.page.sendfile == "x-accel" and (folder := unreadable_folder(workspace)):
        say(
            f"Warning: others may not read {folder}, so nginx, which runs as a user of its own, "
            f"sends no clips: `chmod o+rx {folder}`, or empty page.sendfile."
        )


def _serve(workspace: "Workspace", host: str, port: int, threads: int, *, as_json: bool) -> None:
    from annotation_ui.server import address, is_reachable, open_server, run
    from pipelines.publishing.curating.class_edits import ClassEdits

    server = open_server(workspace, host, port, threads, ClassEdits(workspace.config))
    url = address(server, host)
    emit(
        {"address": url, "owner": f"{url}/owner", **_panels(workspace)},
        as_json=as_json,
        lines=[
            f"Workers: {url}   (codes: `kbuild annotate --invite N`)",
            f"Owner:   {url}/owner   (code: `kbuild annotate --owner-code`)",
            "Ctrl-C ends it.",
        ],
    )
    if is_reachable(host):
        say(
            "Warning: everybody in this network can reach the page, and what they send can be "
            "read on its way. Put nginx with https in front: `kbuild annotate --nginx-config`."
        )
    _tell_panels(workspace)
    _warn_of_tasks(workspace)
    run(server)


def _panels(workspace: "Workspace") -> dict[str, dict[str, str]]:
    """Return what a program is told of paid panels: nothing where there are none."""
    from kinetics_builder.crowd.panels.registry import address_of

    public_url = workspace.config.page.public_url
    found = {panel.name: address_of(panel, public_url) for panel in workspace.config.panels}
    return {"panels": found} if found else {}


def _tell_panels(workspace: "Workspace") -> None:
    from kinetics_builder.crowd.panels.registry import address_of, platform_of

    public_url = workspace.config.page.public_url
    for panel in workspace.config.panels:
        is_open = "" if panel.is_open else ", closed"
        say(f"Panel {panel.name}{is_open}: paste this address into {platform_of(panel).title}:")
        say(f"    {address_of(panel, public_url)}")
    if workspace.config.panels and not public_url:
        say("Warning: page.public_url is empty, so YOUR-HOST stands for it. Panels ask for https.")


def _warn_of_tasks(workspace: "Workspace") -> None:
    from sqlalchemy import select

    from kinetics_builder.crowd.undecidable import crowd_warnings
    from kinetics_builder.database.engine import reading
    from kinetics_builder.database.tables import Task

    with reading(workspace.engine) as session:
        has_tasks = session.scalar(select(Task.id).limit(1)) is not None
        warnings = crowd_warnings(session, workspace.config)
    if not has_tasks:
        say("No tasks yet: run `kbuild assign` in another window; the page finds them.")
    for warning in warnings:
        say(f"Warning: {warning}")


commands: list[click.Command] = [annotate]
