"""Serving the page with waitress, on this machine or to a network."""

import errno
import gc
import ipaddress
import logging
import signal
import socket
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Any

from annotation_ui.app import create_app
from annotation_ui.connections import CrowdServer, make_server
from annotation_ui.edit_effects import ClassEditing
from annotation_ui.security import MAX_BODY_BYTES
from kinetics_builder.errors import WorkspaceError
from kinetics_builder.workspace import Workspace

_TURN_SECONDS = 0.0005
"""How long a thread may run while others wait to run."""


def open_server(
    workspace: Workspace,
    host: str,
    port: int,
    threads: int = 8,
    class_editing: ClassEditing | None = None,
) -> CrowdServer:
    """Return a server that listens but does not answer until its `run()`.

    Args:
        workspace: What is served.
        host: The address to listen at, such as `127.0.0.1`.
        port: 0 takes a free one.
        threads: Requests answered at a time.
        class_editing: As `create_app` takes it.

    Raises:
        WorkspaceError: The port is taken or not allowed, or the host is not this machine's.

    """
    logging.getLogger("waitress.queue").setLevel(logging.ERROR)
    app = create_app(workspace, class_editing=class_editing)
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        listening = socket.create_server((host, port), family=family, backlog=1024)
    except OSError as error:
        raise WorkspaceError(_explanation(host, port, error)) from error
    return make_server(
        app,
        listening,
        threads=threads,
        ident="kbuild",
        max_request_body_size=MAX_BODY_BYTES + 1,
        **_behind(workspace.config.page.trusted_proxy),
    )


def _behind(proxy: str) -> dict[str, Any]:
    """Return waitress's options for a proxy that says who is asking, and over what."""
    if not proxy:
        return {"clear_untrusted_proxy_headers": True}
    return {
        "trusted_proxy": proxy,
        "trusted_proxy_count": 1,
        "trusted_proxy_headers": {"x-forwarded-for", "x-forwarded-host", "x-forwarded-proto"},
        "clear_untrusted_proxy_headers": True,
    }


def serve(workspace: Workspace, host: str, port: int, threads: int = 8) -> None:
    """Serve until Ctrl-C or SIGTERM; requests in progress are finished."""
    run(open_server(workspace, host, port, threads))


def run(server: CrowdServer) -> None:
    """Answer requests until Ctrl-C or SIGTERM. Call it in the main thread."""
    previous = signal.signal(signal.SIGTERM, _interrupt)
    try:
        with _threads_that_take_turns():
            server.run()
    finally:
        signal.signal(signal.SIGTERM, previous)
        server.close_everything()


@contextmanager
def _threads_that_take_turns() -> Iterator[None]:
    """Let threads of this process wait for one another less long while the block runs.

    Whoever writes for all asks the database some dozen times, and after each waits for Python's
    lock as long as a thread may keep it that answers others. What was imported is no garbage:
    to look through it for some takes all threads' time.
    """
    before = sys.getswitchinterval()
    sys.setswitchinterval(_TURN_SECONDS)
    gc.collect()
    gc.freeze()
    try:
        yield
    finally:
        gc.unfreeze()
        sys.setswitchinterval(before)


@contextmanager
def serving(
    workspace: Workspace, port: int = 0, class_editing: ClassEditing | None = None
) -> Iterator[str]:
    """Serve to this machine from a thread while the block runs; yield the page's address."""
    server = open_server(workspace, "127.0.0.1", port, class_editing=class_editing)
    is_over = threading.Event()

    def answer() -> None:
        while not is_over.is_set():
            server.turn(1.0)

    thread = threading.Thread(target=answer, name="kbuild-page", daemon=True)
    thread.start()
    try:
        yield address(server, "127.0.0.1")
    finally:
        is_over.set()
        server.pull_trigger()
        thread.join()
        server.close_everything()


def address(server: CrowdServer, host: str) -> str:
    """Return the URL of the page, such as `http://127.0.0.1:8000`.

    Of a server that listens at all addresses, such as `0.0.0.0`, the one by which other
    machines reach this one.
    """
    port = server.effective_port
    if _is_everywhere(host):
        host = _own_address(socket.AF_INET6 if ":" in host else socket.AF_INET)
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


def is_reachable(host: str) -> bool:
    """Tell whether other machines can reach a server that listens at `host`."""
    try:
        return not ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host != "localhost"


def _is_everywhere(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_unspecified
    except ValueError:
        return host == ""


def _own_address(family: socket.AddressFamily) -> str:
    """Return this machine's address in its network; no packet is sent to find it."""
    is_old = family == socket.AF_INET
    with socket.socket(family, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(("192.0.2.1" if is_old else "2001:db8::1", 9))  # for documentation
            return str(probe.getsockname()[0])
        except OSError:
            return "127.0.0.1" if is_old else "::1"


def _interrupt(_signal: int, _frame: FrameType | None) -> None:
    raise KeyboardInterrupt


def _explanation(host: str, port: int, error: OSError) -> str:
    if error.errno == errno.EADDRINUSE:
        return (
            f"{host}:{port} is in use, maybe by another `kbuild annotate`. "
            f"Stop that one, or try `kbuild annotate --port {port + 1}`."
        )
    if error.errno == errno.EACCES:
        return f"This user may not listen at port {port}. Try `kbuild annotate --port 8000`."
    return f"{host}:{port} cannot be listened at: {error.strerror}. Try --host 127.0.0.1."
