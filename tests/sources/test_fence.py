"""Nothing but public addresses is connected to, by whatever way an address is come to."""

import socket
import subprocess
import sys
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from sqlalchemy import select
from yt_dlp.networking import Request

from kinetics_builder.database.engine import reading
from kinetics_builder.database.tables import Item
from kinetics_builder.errors import ItemFailed, Reason
from kinetics_builder.workspace import Workspace
from pipelines.cli import group
from pipelines.sources.source import Limits
from pipelines.sources.web import addresses
from pipelines.sources.web.addresses import Allowed
from pipelines.sources.web.fence import AddressRefusedError, ProgramRefusedError, fenced
from pipelines.sources.web.options import Options
from pipelines.sources.web.ytdlp import fetch_video, instance, list_videos
from tests.sources.conftest import ALLOWING, Answer, small_film

LIMITS = Limits(max_duration_seconds=60, max_bytes=10**6)
HLS = "#EXTM3U\n#EXT-X-TARGETDURATION:2\n{key}#EXTINF:2.0,\n{segment}\n#EXT-X-ENDLIST\n"


@pytest.fixture
def web(site: Any, monkeypatch: pytest.MonkeyPatch) -> Any:
    """A net in which 127.0.0.1 is public, and 127.0.0.2 and all else of loopback is not.

    films.test leads to the first and inner.test to the second; rebound.test to the first when it
    is asked for the first time, then to the second.
    """
    real_special, real_resolve = addresses.special, socket.getaddrinfo
    resolved = Counter[str]()

    def resolve(host: Any, port: Any, *rest: Any, **more: Any) -> Any:
        number = {"films.test": "127.0.0.1", "inner.test": "127.0.0.2"}.get(host, host)
        if host == "rebound.test":
            number = "127.0.0.2" if resolved[host] else "127.0.0.1"
        resolved[str(host)] += 1
        found = real_resolve(number, port, *rest, **more)
        sys.audit("socket.getaddrinfo", host, port, 0, 0, 0)
        return found

    monkeypatch.setattr(socket, "getaddrinfo", resolve)
    monkeypatch.setattr(
        addresses,
        "special",
        lambda address: None if str(address) == "127.0.0.1" else real_special(address),
    )
    site.answers["/film.mp4"] = Answer(small_film(), "video/mp4")
    return site


def redirect(site: Any, place: str) -> None:
    site.answers["/moved.mp4"] = Answer(status=302, headers={"Location": place})


def fetch(site: Any, path: str, folder: Path, host: str = "films.test") -> ItemFailed | None:
    folder.mkdir(exist_ok=True)
    try:
        fetch_video(Options(), f"http://{host}:{site.port}{path}", folder, LIMITS)
    except ItemFailed as failure:
        return failure
    return None


def test_a_public_site_is_asked_and_a_private_one_is_not(web: Any, tmp_path: Path) -> None:
    assert fetch(web, "/film.mp4", tmp_path / "films") is None
    num_asked = len(web.asked)
    failure = fetch(web, "/film.mp4", tmp_path / "inner", "inner.test")
    assert failure is not None
    assert failure.reason is Reason.UNSAFE_ADDRESS
    assert failure.message == (
        "inner.test leads to 127.0.0.2, which is not public: loopback. If it is yours, name it in "
        'kbuild.toml: download.allow_private = ["inner.test"]'
    )
    assert len(web.asked) == num_asked


def test_a_name_that_leads_elsewhere_the_second_time_is_not_followed(
    web: Any, tmp_path: Path
) -> None:
    address = f"http://rebound.test:{web.port}/film.mp4"
    assert len(list_videos(Options(), address, 1)) == 1
    with pytest.raises(ItemFailed, match=r"rebound\.test leads to 127\.0\.0\.2") as failure:
        fetch_video(Options(), address, tmp_path, LIMITS)
    assert failure.value.reason is Reason.UNSAFE_ADDRESS


@pytest.mark.parametrize(
    ("place", "words"),
    [
        ("http://inner.test/film.mp4", "inner.test leads to 127.0.0.2"),
        ("//inner.test/film.mp4", "inner.test leads to 127.0.0.2"),
        ("http://169.254.169.254/latest", "169.254.169.254 is not public: link-local"),
        ("http://[::1]/film.mp4", "::1 is not public: loopback"),
        ("http://[::ffff:127.0.0.2]/film.mp4", "is not public: loopback"),
        ("http://2130706434/film.mp4", "leads to 127.0.0.2, which is not public"),
        ("https://10.0.0.1/film.mp4", "10.0.0.1 is not public: private"),
        ("file:///etc/passwd", "leads to file:, where http and https alone are asked"),
        ("ftp://films.test/film.mp4", "leads to ftp:"),
        ("data:video/mp4;base64,AAAA", "leads to data:"),
        ("gopher://films.test/film.mp4", "leads to gopher:"),
    ],
)
def test_a_redirect_is_a_hop_like_the_first(
    web: Any, tmp_path: Path, place: str, words: str
) -> None:
    redirect(web, place)
    failure = fetch(web, "/moved.mp4", tmp_path)
    assert failure is not None and failure.reason is Reason.UNSAFE_ADDRESS
    assert words in failure.message
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    ("segment", "key", "reason"),
    [
        ("http://inner.test/film.mp4", "", Reason.UNSAFE_ADDRESS),
        ("file:///etc/passwd", "", Reason.UNSAFE_ADDRESS),
        (
            "/film.mp4",
            '#EXT-X-KEY:METHOD=AES-128,URI="http://inner.test/key"\n',
            Reason.UNSAFE_ADDRESS,
        ),
        # what yt-dlp leaves to ffmpeg, which would ask any address
        ("/film.mp4", '#EXT-X-KEY:METHOD=SAMPLE-AES,URI="/key"\n', Reason.NO_FORMAT),
    ],
)
def test_the_parts_of_a_playlist_are_hops_too(
    web: Any, tmp_path: Path, segment: str, key: str, reason: Reason
) -> None:
    playlist = HLS.format(segment=segment, key=key).encode()
    web.answers["/film.m3u8"] = Answer(playlist, "application/vnd.apple.mpegurl")
    failure = fetch(web, "/film.m3u8", tmp_path)
    assert failure is not None and failure.reason is reason, failure
    assert "/key" not in web.asked


def test_one_handler_sends_all(site: Any) -> None:
    ydl = instance(Options())._instance
    assert list(ydl._request_director.handlers) == ["Hops"]
    for scheme in ("ws", "wss", "ftp", "data", "file"):
        with pytest.raises(Exception, match=r"(?i)unsupported url scheme|websocket|disabled"):
            ydl.urlopen(Request(f"{scheme}://films.test/"))


def test_no_library_goes_round_the_fence(site: Any) -> None:
    with fenced(Allowed()):
        with pytest.raises(AddressRefusedError, match=r"127\.0\.0\.1 is not public"):
            socket.create_connection(("127.0.0.1", site.port))
        with pytest.raises(AddressRefusedError), socket.socket() as one:
            one.connect_ex(("localhost", site.port))
        with pytest.raises(ProgramRefusedError, match="comes by rtmp through another program"):
            subprocess.run(["true", "-i", "rtmp://films.test/x"], check=False)
        subprocess.run(["true", "-i", "file:video.mp4"], check=True)
    with fenced(Allowed.of(["127.0.0.1"])):
        socket.create_connection(("127.0.0.1", site.port)).close()
    socket.create_connection(("127.0.0.1", site.port)).close()


def test_a_run_counts_what_became_of_each_address(site: Any, tmp_path: Path) -> None:
    """In children, with real names: this machine's loopback but 127.0.0.1 is not allowed."""
    site.answers = {f"/{name}.mp4": Answer(small_film(), "video/mp4") for name in ("one", "two")}
    moved = {
        "a": f"http://127.0.0.2:{site.port}/one.mp4",
        "b": "file:///etc/passwd",
        "c": "ftp://127.0.0.1/one.mp4",
        "d": f"{site.base}/two.mp4?again",
        "e": f"{site.base}/gone.mp4",
    }
    for name, place in moved.items():
        site.answers[f"/{name}"] = Answer(status=302, headers={"Location": place})
    site.answers["/two.mp4?again"] = site.answers["/two.mp4"]
    lines = [f"{site.base}/{name}" for name in ("one.mp4", "two.mp4", *moved)]
    lines += [f"http://127.0.0.{n}:{site.port}/one.mp4" for n in (2, 3)]
    lines += ["http://10.0.0.1/one.mp4", "http://[fe80::1]/one.mp4", "http://0/one.mp4"]
    (tmp_path / "urls.txt").write_text("\n".join(lines))
    (tmp_path / "classes.txt").write_text("one\ntwo\n")
    workspace = Workspace.create(tmp_path / "workspace", f"[run]\nworkers = 2\n{ALLOWING}")
    words = ["collect", "--classes", str(tmp_path / "classes.txt")]
    source = f"urls:{tmp_path}/urls.txt"
    CliRunner().invoke(group, ["-C", str(workspace.root), *words, "--source", source])
    with reading(workspace.engine) as session:
        rows = session.execute(select(Item.stage, Item.state, Item.reason)).all()
    counts = Counter((state.value, reason) for stage, state, reason in rows if stage == "search")
    assert counts == {
        ("done", None): 3,
        ("failed", Reason.UNSAFE_ADDRESS): 8,
        ("failed", Reason.REMOVED): 1,
    }
