"""Debian's nginx in front of the page, as `kbuild annotate --nginx-config` describes it."""

import os
import shutil
import ssl
import subprocess
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from http.client import HTTPSConnection
from pathlib import Path

import pytest
import requests
from click.testing import CliRunner
from sqlalchemy import update

from annotation_ui import files
from annotation_ui.nginx import config_for
from kinetics_builder.database.engine import writing
from kinetics_builder.database.tables import ClipFile
from kinetics_builder.errors import ConfigError, WorkspaceError
from kinetics_builder.workspace import Workspace
from pipelines.cli import group
from tests.annotation_ui.test_connections import running, wait_until, with_whose
from tests.ports import free_port, is_listening

SITE = '[page]\ntrusted_proxy = "127.0.0.1"\npublic_url = "https://localhost"\n'
SENT_BY_NGINX = f'{SITE}sendfile = "x-accel"\n'


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A self-signed certificate, its key beside it as `.key`."""
    path = tmp_path_factory.mktemp("certificate") / "page.pem"
    command = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2"]
    files = ["-keyout", str(path.with_suffix(".key")), "-out", str(path)]
    subject = ["-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost"]
    subprocess.run([*command, *files, *subject], check=True, capture_output=True)
    return path


@pytest.fixture
def nginx_program() -> str:
    """Debian's nginx; tests are skipped without it, but not in CI."""
    found = shutil.which("nginx") or shutil.which("/usr/sbin/nginx")
    if found is None or shutil.which("openssl") is None:
        reason = "nginx and openssl are not installed: sh tests/install_services.sh"
        if os.environ.get("CI") == "true":
            pytest.fail(reason)
        pytest.skip(reason)
    return found


@contextmanager
def nginx(program: str, folder: Path, certificate: Path, site: str) -> Iterator[str]:
    """Run nginx with a site that was printed for us; yield its https address."""
    ports = [free_port() for _ in range(2)]
    for said, ours in {
        "listen 80;": f"listen 127.0.0.1:{ports[0]};",
        "listen 443 ssl;": f"listen 127.0.0.1:{ports[1]} ssl;",
        "/etc/ssl/certs/localhost.pem": str(certificate),
        "/etc/ssl/private/localhost.key": str(certificate.with_suffix(".key")),
    }.items():
        assert said in site
        site = site.replace(said, ours)
    folder.mkdir()
    paths = "".join(
        f"{kind}_temp_path {folder / kind};\n"
        for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    user = "user root;\n" if os.getuid() == 0 else ""
    main = (
        f"{user}pid {folder / 'pid'};\nerror_log {folder / 'log'};\nworker_processes 1;\n"
        f"events {{ worker_connections 512; }}\nhttp {{ access_log off;\n{paths}{site} }}\n"
    )
    (folder / "nginx.conf").write_text(main)
    command = [program, "-c", str(folder / "nginx.conf"), "-p", str(folder), "-g", "daemon off;"]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        try:
            wait_until(lambda: is_listening(ports[1]) or process.poll() is not None)
            assert process.poll() is None, (folder / "log").read_text()
            yield f"https://localhost:{ports[1]}"
        finally:
            process.terminate()


Behind = Callable[..., tuple[str, requests.Session]]


@pytest.fixture
def behind(nginx_program: str, certificate: Path, tmp_path: Path) -> Iterator[Behind]:
    """Return a function that serves a world behind nginx, and gives its addresses and a browser."""
    with ExitStack() as stack:

        def start(world, app=None) -> tuple[str, requests.Session]:
            page = stack.enter_context(running(app or world.app()))
            site = config_for(world.workspace, page.removeprefix("http://"))
            folder = tmp_path / "nginx"
            address = stack.enter_context(nginx(nginx_program, folder, certificate, site))
            http = stack.enter_context(requests.Session())
            http.verify, http.trust_env = str(certificate), False
            return address, http

        yield start


def log_in(address: str, http: requests.Session, code: str, name: str = "Ada") -> None:
    page = http.get(f"{address}/login", timeout=30).text
    token = page.split('name="csrf-token" content="')[1].split('"')[0]
    reply = http.post(
        f"{address}/login",
        data={"name": name, "code": code, "csrf_token": token},
        headers={"Referer": f"{address}/login"},
        allow_redirects=False,
        timeout=30,
    )
    assert (reply.status_code, reply.headers["Location"]) == (302, "/task")


def clip_of(address: str, http: requests.Session) -> int:
    return int(http.get(f"{address}/task.json", timeout=30).json()["next"]["clip"])


def test_the_printed_nginx_stands_in_front(make_world, behind) -> None:
    world = make_world([1], settings=SITE)
    address, http = behind(world, with_whose(world))
    said = {"X-Forwarded-For": "192.0.2.7", "X-Forwarded-Proto": "http"}
    assert http.get(f"{address}/whose", headers=said, timeout=30).text == "127.0.0.1 https"
    login = http.get(f"{address}/login", timeout=30)
    assert "Secure" in login.headers["Set-Cookie"]
    assert "max-age" in login.headers["Strict-Transport-Security"]
    log_in(address, http, world.codes[0])
    assert http.get(f"{address}/task.json", timeout=30).json()["next"] is not None
    large = http.post(f"{address}/login", data=b"x" * 200_000, timeout=30)
    assert large.status_code == 413


def test_nginx_sends_a_clip_as_the_page_does(make_world, behind, clip_bytes, monkeypatch) -> None:
    world = make_world([1], settings=SENT_BY_NGINX)
    sent_by_page = []
    monkeypatch.setattr(files, "send_file", lambda *args, **_: sent_by_page.append(args))
    address, http = behind(world)
    log_in(address, http, world.codes[0])
    url = f"{address}/clips/{clip_of(address, http)}.mp4"

    whole = http.get(url, timeout=30)
    assert (whole.status_code, whole.content) == (200, clip_bytes)
    assert whole.headers["Content-Type"] == "video/mp4"
    assert whole.headers["Accept-Ranges"] == "bytes"
    assert whole.headers["Cache-Control"] == "max-age=3600, private"
    assert whole.headers["X-Content-Type-Options"] == "nosniff"
    assert whole.headers["Cross-Origin-Resource-Policy"] == "same-origin"
    assert "X-Accel-Redirect" not in whole.headers
    middle = http.get(url, headers={"Range": "bytes=10-19"}, timeout=30)
    assert (middle.status_code, middle.content) == (206, clip_bytes[10:20])
    assert middle.headers["Content-Range"] == f"bytes 10-19/{len(clip_bytes)}"
    beyond = http.get(url, headers={"Range": f"bytes={len(clip_bytes)}-"}, timeout=30)
    assert beyond.status_code == 416
    known = http.get(url, headers={"If-None-Match": whole.headers["ETag"]}, timeout=30)
    assert (known.status_code, known.content) == (304, b"")
    assert http.head(url, timeout=30).headers["Content-Length"] == str(len(clip_bytes))
    assert not sent_by_page


def test_nginx_sends_nothing_that_the_page_has_not_let_through(make_world, behind) -> None:
    world = make_world([1, 1], settings=SENT_BY_NGINX)
    (world.workspace.clips / "secret.mp4").write_bytes(b"secret")
    address, http = behind(world)
    assert http.get(f"{address}/clips/1.mp4", timeout=30).status_code == 404, "nobody is logged in"
    log_in(address, http, world.codes[0])
    mine = clip_of(address, http)
    assert http.get(f"{address}/clips/{mine}.mp4", timeout=30).status_code == 200
    assert http.get(f"{address}/clips/{3 - mine}.mp4", timeout=30).status_code == 404
    port = int(address.rpartition(":")[2])
    for path in (
        "/kbuild-files/clips/one.mp4",
        "/kbuild-files/clips/secret.mp4",
        "/kbuild-files/clips/../clips/one.mp4",
        "/kbuild-files/clips../kbuild.toml",
        "/kbuild-files/clips/%2e%2e/kbuild.toml",
        "/kbuild-files/clips/..%2fkbuild.toml",
        "/kbuild-files//clips/one.mp4",
        "/clips/%2e%2e/kbuild-files/clips/one.mp4",
        f"/clips/{mine}.mp4/../../kbuild-files/clips/secret.mp4",
        "/kbuild-files/kbuild.sqlite",
    ):
        asked = HTTPSConnection("localhost", port, context=trusting(http), timeout=30)
        asked.request("GET", path, headers={"Cookie": cookies(http)})  # not tidied up on its way
        reply = asked.getresponse()
        assert (reply.status, b"secret" in reply.read()) == (404, False), path
        asked.close()


def trusting(http: requests.Session) -> ssl.SSLContext:
    return ssl.create_default_context(cafile=str(http.verify))


def cookies(http: requests.Session) -> str:
    return "; ".join(f"{cookie.name}={cookie.value}" for cookie in http.cookies)


@pytest.mark.parametrize("name", ["../kbuild.toml", "link.mp4", "none.mp4", "/etc/passwd"])
def test_a_row_that_leads_elsewhere_is_not_handed_over(make_world, name: str) -> None:
    world = make_world([1], settings=SENT_BY_NGINX)
    (world.workspace.clips / "link.mp4").symlink_to(world.workspace.root / "kbuild.toml")
    with writing(world.workspace.engine) as session:
        session.execute(update(ClipFile).values(file=f"clips/{name}"))
    reply = asked_by_nginx(world)
    assert (reply.status_code, reply.headers.get("X-Accel-Redirect")) == (404, None)


def asked_by_nginx(world, **headers: str):
    person = world.client().log_in()
    headers = headers or {"X-Sendfile-Type": "X-Accel-Redirect"}
    reply = person.browser.get(f"/clips/{person.next()['clip']}.mp4", headers=headers)
    reply.get_data()
    reply.close()
    return reply


def test_a_name_is_written_so_that_nginx_reads_it(make_world) -> None:
    world = make_world([1], settings=SENT_BY_NGINX)
    (world.workspace.clips / "a b?%2e#é.mp4").write_bytes(b"clip")
    with writing(world.workspace.engine) as session:
        session.execute(update(ClipFile).values(file="clips/a b?%2e#é.mp4"))
    where = asked_by_nginx(world).headers["X-Accel-Redirect"]
    assert where == "/kbuild-files/clips/a%20b%3F%252e%23%C3%A9.mp4"


@pytest.mark.parametrize(
    ("settings", "headers"),
    [
        pytest.param(SITE, {"X-Sendfile-Type": "X-Accel-Redirect"}, id="it is not set"),
        pytest.param(SENT_BY_NGINX, {"X-Other": "x"}, id="who asks is not nginx"),
    ],
)
def test_the_page_sends_the_bytes_itself_where(make_world, clip_bytes, settings, headers) -> None:
    reply = asked_by_nginx(make_world([1], settings=settings), **headers)
    assert (reply.data, reply.headers.get("X-Accel-Redirect")) == (clip_bytes, None)


def test_clips_on_another_disk_are_served_through_a_link(make_world, tmp_path, clip_bytes) -> None:
    world = make_world([1], settings=SENT_BY_NGINX)
    world.workspace.clips.rename(tmp_path / "disk")
    (world.workspace.root / "clips").symlink_to(tmp_path / "disk")
    assert asked_by_nginx(world, Other="x").data == clip_bytes
    assert asked_by_nginx(world).headers["X-Accel-Redirect"] == "/kbuild-files/clips/one.mp4"
    assert f'alias "{tmp_path / "disk"}/";' in config_for(world.workspace, "127.0.0.1:8000")


def test_a_path_that_nginx_cannot_read_is_one_line(tmp_path: Path) -> None:
    workspace = Workspace.create(tmp_path / "a $b", SENT_BY_NGINX)
    with pytest.raises(WorkspaceError, match=r"a \$b/clips'.*mean something else"):
        config_for(workspace, "127.0.0.1:8000")


def test_the_site_is_printed_with_what_is_missing(tmp_path: Path) -> None:
    folder = tmp_path / "workspace"
    Workspace.create(folder, "[page]\n")
    plain = CliRunner().invoke(group, ["-C", str(folder), "annotate", "--nginx-config"])
    assert plain.exit_code == 0
    assert "server 127.0.0.1:8000;" in plain.stdout
    assert "server_name clips.example.org;" in plain.stdout
    assert "/kbuild-files/" not in plain.stdout
    assert "Warning: page.trusted_proxy is empty" in plain.stderr
    (folder / "kbuild.toml").write_text(SENT_BY_NGINX)
    folder.chmod(0o700)
    sent = CliRunner().invoke(
        group, ["-C", str(folder), "annotate", "--nginx-config", "--host", "::1", "--port", "81"]
    )
    assert "server [::1]:81;" in sent.stdout
    assert f'alias "{folder.resolve()}/clips/";' in sent.stdout
    assert f"Warning: others may not read {folder.resolve()}" in sent.stderr


def test_sendfile_without_a_proxy_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="is about a proxy in front: name its address, too"):
        Workspace.create(tmp_path / "workspace", '[page]\nsendfile = "x-accel"\n')
