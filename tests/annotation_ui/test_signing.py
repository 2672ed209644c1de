"""Clips at addresses that a store signs: a double of S3 on loopback, and stores that sign none."""

import re
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import fsspec
import pytest
import requests
from sqlalchemy import update

from annotation_ui import signing
from annotation_ui.server import serving
from kinetics_builder.database.engine import writing
from kinetics_builder.database.tables import ClipFile
from kinetics_builder.errors import WorkspaceError
from tests.annotation_ui.driving import complaints, log_in, wait
from tests.annotation_ui.test_connections import wait_until

BUCKET = "kbuild-clips"
VIDEO = "document.querySelector('video.is-current')"
ELSEWHERE = ("clips/gone.mp4", "clips/../one.mp4", "clips/.one.mp4", "x/one.mp4")


@pytest.fixture(scope="module")
def store() -> Iterator[str]:
    """A double of S3: its address."""
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    quiet = subprocess.DEVNULL
    command = [sys.executable, "-m", "moto.server", "-p", str(port)]
    address = f"http://127.0.0.1:{port}"

    def answers() -> bool:
        with suppress(requests.ConnectionError):
            return requests.get(f"{address}/moto-api/", timeout=5).ok
        return process.poll() is not None

    with subprocess.Popen(command, stdout=quiet, stderr=quiet) as process:
        try:
            wait_until(answers)
            files = fsspec.filesystem("s3", key="testing", secret="testing", endpoint_url=address)
            files.mkdir(BUCKET)
            yield address
        finally:
            process.kill()


def in_store(address: str, sendfile: str = "signed") -> str:
    options = f'{{ key = "testing", secret = "testing", endpoint_url = "{address}" }}'
    return (
        f'[page]\nsendfile = "{sendfile}"\n[verify]\nhaste_seconds = 0.0\n'
        f'[storage]\nclips = "s3://{BUCKET}/clips"\noptions = {options}\n'
    )


@pytest.fixture
def far(make_world, store: str, clip_bytes: bytes):
    """Two tasks of one question each; their clips lie in the store alone."""
    world = make_world([1, 1], settings=in_store(store))
    (world.workspace.clips / "one.mp4").unlink()
    files = fsspec.filesystem("s3", key="testing", secret="testing", endpoint_url=store)
    files.pipe_file(f"{BUCKET}/clips/one.mp4", clip_bytes)
    return world


def test_whoever_is_asked_gets_the_bytes_from_the_store(far, store, clip_bytes) -> None:
    person = far.client().log_in()
    clip = person.next()["clip"]
    reply = person.browser.get(f"/clips/{clip}.mp4")
    assert (reply.status_code, reply.data) == (302, b"")
    assert reply.headers["Cache-Control"] == "max-age=3600, private"
    address = reply.headers["Location"]
    assert address.startswith(f"{store}/{BUCKET}/clips/one.mp4?")
    whole = requests.get(address, timeout=30)
    assert (whole.content, whole.headers["Content-Type"]) == (clip_bytes, "video/mp4")
    part = requests.get(address, headers={"Range": "bytes=10-19"}, timeout=30)
    assert (part.status_code, part.content) == (206, clip_bytes[10:20])
    assert person.browser.get(f"/clips/{clip}.mp4").headers["Location"] == address, "it is kept"


def test_others_get_no_address(far) -> None:
    assert far.app().test_client().get("/clips/1.mp4").status_code == 404
    person = far.client().log_in()
    others = 3 - person.next()["clip"]
    reply = person.browser.get(f"/clips/{others}.mp4")
    assert (reply.status_code, reply.headers.get("Location")) == (404, None)


def test_an_address_is_good_for_longer_than_a_lease(far) -> None:
    made = signing.make_signer(far.workspace)
    assert made is not None
    lease = far.workspace.config.assign.expires_seconds
    assert made.good_seconds - signing.KEPT_SECONDS > lease
    asked = parse_qs(urlsplit(made._remote.signed("one.mp4", made.good_seconds)).query)
    assert {"Signature", "X-Amz-Signature"} & asked.keys()
    assert signing.Signer(made._remote, 1e9).good_seconds == 7 * 86_400, "more is not taken"


def test_the_pages_policy_lets_the_stores_videos_in_and_nothing_else(far, store) -> None:
    policy = far.app().test_client().get("/login").headers["Content-Security-Policy"]
    assert re.search(r"media-src ([^;]*);", policy)[1] == f"'self' {store}"
    assert policy.count(store) == 1


def test_a_script_hears_from_the_page_whether_the_clip_is_there(far, store) -> None:
    """Addresses are signed for fetching; and the page's policy lets scripts ask nobody else."""
    person = far.client().log_in()
    url = f"/clips/{person.next()['clip']}.mp4"
    assert person.browser.head(url).status_code == 200
    with writing(far.workspace.engine) as session:
        session.execute(update(ClipFile).values(file="clips/gone.mp4"))
    assert person.browser.head(url).status_code == 404


@pytest.mark.parametrize("file", ELSEWHERE)
def test_what_is_not_there_is_pointed_to_by_no_address(far, file: str) -> None:
    with writing(far.workspace.engine) as session:
        session.execute(update(ClipFile).values(file=file))
    person = far.client().log_in()
    reply = person.browser.get(f"/clips/{person.next()['clip']}.mp4")
    assert (reply.status_code, reply.headers.get("Location")) == (404, None)


def test_another_file_than_was_written_down_is_not_shown(far, store) -> None:
    files = fsspec.filesystem("s3", key="testing", secret="testing", endpoint_url=store)
    files.pipe_file(f"{BUCKET}/clips/one.mp4", b"of somebody else")
    person = far.client().log_in()
    assert person.browser.get(f"/clips/{person.next()['clip']}.mp4").status_code == 404


@pytest.mark.parametrize(
    ("storage", "why"),
    [
        pytest.param("", r"clips lie in .*/clips, a folder of this machine", id="a folder"),
        pytest.param('clips = "memory://clips"', "memory://clips signs no addresses", id="memory"),
    ],
)
def test_the_page_sends_clips_itself_where_nobody_signs(
    make_world, clip_bytes, caplog, storage: str, why: str
) -> None:
    settings = f'[page]\nsendfile = "signed"\n[storage]\n{storage}\n'
    world = make_world([1], settings=settings)
    fsspec.filesystem("memory").pipe_file("/clips/one.mp4", clip_bytes)
    world.workspace.storage.folder("clips").joinpath("one.mp4").write_bytes(clip_bytes)
    app = world.app()
    assert len(caplog.messages) == 1
    assert re.fullmatch(f'page.sendfile is "signed", but .* itself: {why}.*', caplog.messages[0])
    assert "media-src 'self';" in app.test_client().get("/login").headers["Content-Security-Policy"]


def test_a_store_without_credentials_ends_the_start_with_one_line(
    make_world, store, monkeypatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(tmp_path / "none"))
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    settings = in_store(store).replace('key = "testing", secret = "testing", ', "")
    world = make_world([1], settings=settings)
    with pytest.raises(WorkspaceError, match="no credentials were found"):
        world.app()


@pytest.mark.long
@pytest.mark.browser
def test_a_browser_plays_what_the_store_sends(far, browser) -> None:
    with serving(far.workspace) as address:
        log_in(browser, address, far)
        wait(browser, lambda: browser.execute_script(f"return {VIDEO}.readyState") >= 2)
        assert browser.execute_script(f"return {VIDEO}.videoWidth") == 64
        assert complaints(browser) == []
