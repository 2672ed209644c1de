"""Many connections, slow clients, large bodies and a proxy in front, on the real server."""

import socket
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path
from typing import Any, BinaryIO

import pytest
import requests
from click.testing import CliRunner

from annotation_ui import server
from annotation_ui.connections import Channel, CrowdServer, make_server
from pipelines.cli import annotate


def connect(address: str) -> socket.socket:
    host, port = address.removeprefix("http://").split(":")
    return socket.create_connection((host, int(port)), timeout=30)


def read_all(connection: socket.socket) -> bytes:
    parts = []
    while part := connection.recv(65536):
        parts.append(part)
    return b"".join(parts)


def wait_until(is_so: Callable[[], bool]) -> None:
    for _ in range(3000):
        if is_so():
            return
        time.sleep(0.01)
    raise AssertionError("it did not come about")


def test_idle_connections_keep_nobody_out(world, monkeypatch) -> None:
    monkeypatch.setattr("annotation_ui.connections.MOST_CONNECTIONS", 40)
    with server.serving(world.workspace) as address, ExitStack() as stack:
        for _ in range(120):
            stack.enter_context(closing(connect(address)))
        for _ in range(3):
            assert requests.get(f"{address}/login", timeout=30).status_code == 200


def test_half_a_request_keeps_nobody_out_either(world, monkeypatch) -> None:
    monkeypatch.setattr("annotation_ui.connections.MOST_CONNECTIONS", 40)
    with server.serving(world.workspace) as address, ExitStack() as stack:
        for _ in range(120):
            connection = stack.enter_context(closing(connect(address)))
            connection.sendall(
                b"POST /login HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\nname="
            )
        assert requests.get(f"{address}/login", timeout=30).status_code == 200


def test_more_than_a_thousand_idle_connections_are_borne(world) -> None:
    with server.serving(world.workspace) as address, ExitStack() as stack:
        try:
            for _ in range(1100):
                stack.enter_context(closing(connect(address)))
        except OSError as error:  # this process may not hold so many
            assert error.errno == 24
        assert requests.get(f"{address}/login", timeout=30).status_code == 200


def test_a_file_that_nobody_took_is_closed_with_the_server(tmp_path: Path) -> None:
    """The answer is larger than what the system holds of it for who does not read."""
    (tmp_path / "film").write_bytes(bytes(32 << 20))
    opened: list[BinaryIO] = []

    def app(environ: dict[str, Any], begin: Callable[..., Any]) -> Iterable[bytes]:
        opened.append((tmp_path / "film").open("rb"))
        begin("200 OK", [("Content-Length", str(32 << 20))])
        wrapped: Iterable[bytes] = environ["wsgi.file_wrapper"](opened[0])
        return wrapped

    listening = socket.create_server(("127.0.0.1", 0))
    crowd = make_server(app, listening, threads=1)
    with closing(socket.create_connection(listening.getsockname())) as connection:
        connection.sendall(b"GET / HTTP/1.0\r\n\r\n")
        while not any(channel.total_outbufs_len for channel in crowd.active_channels.values()):
            crowd.turn(0.1)
        assert not opened[0].closed
        crowd.close_everything()
        assert opened[0].closed


@pytest.mark.parametrize(
    "head",
    [
        pytest.param("Content-Length: 1000000000", id="said before"),
        pytest.param("Transfer-Encoding: chunked", id="in pieces without an end"),
    ],
)
def test_a_huge_body_is_refused_before_it_is_taken_in(world, head: str) -> None:
    with server.serving(world.workspace) as address, closing(connect(address)) as connection:
        connection.sendall(f"POST /login HTTP/1.1\r\nHost: x\r\n{head}\r\n\r\n".encode())
        sent = 0
        try:
            while "chunked" in head and sent < 2**23:
                connection.sendall(b"4000\r\n" + b"x" * 0x4000 + b"\r\n")
                sent += 0x4000
        except OSError:
            pass
        try:
            assert read_all(connection).startswith(b"HTTP/1.1 413 ")
        except ConnectionResetError:
            assert sent, "refused while it was still being sent"
        assert sent < 2**23


def test_a_large_download_comes_whole_to_a_slow_client(world) -> None:
    content = bytes(range(256)) * 80_000
    (world.workspace.clips / "one.mp4").write_bytes(content)
    app = world.app()
    app.add_url_rule("/large", "large", lambda: content)
    app.add_url_rule("/pieces", "pieces", lambda: (content[n::256] for n in range(256)))
    with running(app) as address:
        for path, expected in (
            ("/large", content),
            ("/pieces", b"".join(content[n::256] for n in range(256))),
        ):
            with closing(connect(address)) as connection:
                connection.sendall(
                    f"GET {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n".encode()
                )
                time.sleep(0.2)
                assert requests.get(f"{address}/login", timeout=30).status_code == 200
                body = read_all(connection).partition(b"\r\n\r\n")[2]
            if body != expected:
                body = dechunked(body)
            assert body == expected


def dechunked(body: bytes) -> bytes:
    parts = []
    while body:
        size, _, body = body.partition(b"\r\n")
        parts.append(body[: int(size, 16)])
        body = body[int(size, 16) + 2 :]
    return b"".join(parts)


@contextmanager
def running(app) -> Iterator[str]:
    """Serve another app as `serving` serves the page."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(server, "create_app", lambda workspace, **_: app)
        workspace = app.extensions["kbuild"].workspace
        with server.serving(workspace) as address:
            yield address


@pytest.mark.parametrize(
    ("is_answering", "num_waiting", "is_closing", "is_asked"),
    [
        pytest.param(False, 0, False, False, id="nothing waits"),
        pytest.param(False, 10, False, True, id="the answer is whole, a part of it waits"),
        pytest.param(True, 10, False, False, id="a thread is writing"),
        pytest.param(True, 2**25, False, True, id="more waits than may, and the thread stopped"),
        pytest.param(True, 10, True, True, id="the connection is to be closed"),
    ],
)
def test_the_loop_writes_only_what_no_thread_does(
    world, is_answering: bool, num_waiting: int, is_closing: bool, is_asked: bool
) -> None:
    """Else the loop turns some hundred times an answer while the thread holds the lock."""
    made = server.open_server(world.workspace, "127.0.0.1", 0)
    ours, theirs = socket.socketpair()
    try:
        channel = Channel(made, ours, ("127.0.0.1", 1), made.adj, map={})
        channel.requests = [object()] if is_answering else []
        channel.total_outbufs_len, channel.will_close = num_waiting, is_closing
        assert channel.writable() is is_asked
    finally:
        ours.close()
        theirs.close()
        made.close_everything()


def test_the_server_is_told_apart_from_waitress(world) -> None:
    made = server.open_server(world.workspace, "127.0.0.1", 0)
    try:
        assert isinstance(made, CrowdServer)
    finally:
        made.close_everything()


def test_a_server_for_the_network_warns_and_prints_an_address_that_works(
    world, monkeypatch
) -> None:
    seen = []

    def look(running: CrowdServer) -> None:
        seen.append(running.effective_port)
        running.close_everything()

    monkeypatch.setattr(server, "run", look)
    folder = world.workspace.root
    for host, is_warned in (("0.0.0.0", True), ("127.0.0.1", False)):
        result = CliRunner().invoke(annotate.annotate, ["--host", host, "--port", "0"], obj=folder)
        assert result.exit_code == 0, result.output
        assert "0.0.0.0" not in result.output
        assert f":{seen[-1]}/owner" in result.output
        assert ("everybody in this network can reach the page" in result.output) is is_warned
        assert "annotate --owner-code" in result.output
        code = CliRunner().invoke(annotate.annotate, ["--owner-code"], obj=folder).output.strip()
        assert code not in result.output, "the code is shown when it is asked for"


def whose(address: str, **headers: str) -> tuple[str, str]:
    """Return who the page believes is asking, and over what."""
    reply = requests.get(f"{address}/whose", headers=headers, timeout=30)
    who, scheme = reply.text.split()
    return who, scheme


@pytest.mark.parametrize(("proxy", "is_believed"), [("", False), ("127.0.0.1", True)])
def test_a_proxy_is_believed_where_it_is_trusted_alone(
    make_world, proxy: str, is_believed: bool
) -> None:
    world = make_world([1], settings=f'[page]\ntrusted_proxy = "{proxy}"\n')
    said = {"X-Forwarded-For": "192.0.2.7", "X-Forwarded-Proto": "https"}
    with running(with_whose(world)) as address:
        assert whose(address) == ("127.0.0.1", "http")
        expected = ("192.0.2.7", "https") if is_believed else ("127.0.0.1", "http")
        assert whose(address, **said) == expected


def with_whose(world):
    from flask import request

    app = world.app()
    app.add_url_rule("/whose", view_func=lambda: f"{request.remote_addr} {request.scheme}")
    return app
