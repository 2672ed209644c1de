"""Stretches of a film come without the rest of it, and are what the whole film would give."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from itertools import pairwise
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import delete, func, select

from kinetics_builder.database.engine import reading, writing
from kinetics_builder.database.tables import (
    Candidate,
    Item,
    Label,
    Media,
    PartialMedia,
    PartialStretch,
    Video,
)
from kinetics_builder.errors import ItemFailed, Reason
from kinetics_builder.intervals import Interval
from kinetics_builder.video.cutting.cut import cut_clip
from kinetics_builder.video.cutting.excerpt import joined
from kinetics_builder.workspace import Workspace
from pipelines.cli import group
from pipelines.collecting import download
from pipelines.restoring.released import find_released
from pipelines.restoring.restore import RestoreReport, restore
from pipelines.running.runner import run_stage
from pipelines.sources.source import Limits
from pipelines.sources.web import sections
from pipelines.sources.web.options import Options
from pipelines.sources.web.ytdlp import fetch_video
from pipelines.takedown.takedown import takedown
from tests.sources.conftest import ALLOWING, LOOPBACK, Answer

OPTIONS = Options(allow_private=LOOPBACK)
LONG, RATE = 200, 5


def film(
    path: Path,
    *,
    codec: str = "libx264",
    options: dict[str, str] | None = None,
    movflags: str = "+faststart",
    has_sound: bool = True,
) -> bytes:
    """Return a film of `LONG` seconds, of noise that no two pictures share, some 4 MB."""
    noise = np.random.default_rng(0)
    with av.open(str(path), "w", format="mp4", options={"movflags": movflags}) as container:
        picture = container.add_stream(codec, rate=RATE, options=options or {})
        picture.width, picture.height, picture.pix_fmt = 96, 64, "yuv420p"
        picture.bit_rate = 350_000
        sound = container.add_stream("aac", rate=16000, layout="mono") if has_sound else None
        for number in range(LONG * RATE):
            still = noise.integers(0, 256, (64, 96, 3), np.uint8)
            still[:8] = number * 7 % 256
            container.mux(picture.encode(av.VideoFrame.from_ndarray(still, format="rgb24")))
            if sound:
                heard = noise.uniform(-0.2, 0.2, (1, 16000 // RATE)).astype(np.float32)
                frame = av.AudioFrame.from_ndarray(heard, format="fltp", layout="mono")
                frame.sample_rate, frame.pts = 16000, number * 16000 // RATE
                container.mux(sound.encode(frame))
        container.mux(picture.encode())
        if sound:
            container.mux(sound.encode())
    return path.read_bytes()


X264 = {"preset": "ultrafast", "bf": "3", "g": "30", "x264-params": "scenecut=0"}
FILMS: dict[str, Any] = {
    "the index first, pictures out of order": {"options": X264},
    "the index last": {"options": X264, "movflags": "0"},
    "key frames far apart, the first groups open": {
        "options": X264 | {"g": "73", "x264-params": "open-gop=1:scenecut=0"}
    },
    "without sound": {"options": X264, "has_sound": False},
    "MPEG-4": {"codec": "mpeg4", "options": {"g": "12", "bf": "2"}},
}
STRETCHES = (
    Interval(0.0, 2.0),
    Interval(91.05, 94.35),
    Interval(93.0, 96.0),
    Interval(198.5, 210.0),
)


@dataclass
class Server:
    """A site of one film that answers ranges, and how many bytes of it it sent."""

    site: Any
    body: bytes
    path: str = "/film.mp4"
    headers: dict[str, str] = field(default_factory=lambda: {"ETag": '"1"'})
    answers_ranges: bool = True
    shift: int = 0
    """By which a range lies elsewhere than was asked for."""
    odd: dict[int, Answer] = field(default_factory=dict)
    """What is answered to the first, second ... range in place of it."""
    versions: Iterator[str] = field(default_factory=lambda: iter(()))
    sent_of: dict[int, int] = field(default_factory=dict)
    """Of the first, second ... range so many bytes come, and no more."""
    num_sent: int = 0
    num_ranges: int = 0

    def __post_init__(self) -> None:
        self.plain, self.site.answer = self.site.answer, self.answer

    def answer(self, path: str) -> Answer:
        if path != self.path:
            answer: Answer = self.plain(path)
            return answer
        self.site.asked.append(path)
        asked = self.site.ranges[-1]
        if not asked or not self.answers_ranges:
            return self.send(self.body, 200, {})
        self.num_ranges += 1
        first, _, last = asked.removeprefix("bytes=").partition("-")
        begin = int(first) + self.shift
        end = min(int(last) + 1 if last else len(self.body), len(self.body))
        if (odd := self.odd.pop(self.num_ranges, None)) is not None:
            return odd
        version = next(self.versions, None)
        told = {"Content-Range": f"bytes {begin}-{end - 1}/{len(self.body)}"}
        told |= {"ETag": version} if version else {}
        return self.send(self.body[begin:end], 206, told, self.sent_of.pop(self.num_ranges, None))

    def send(
        self, body: bytes, status: int, more: dict[str, str], most: int | None = None
    ) -> Answer:
        sent = None if most is None else body[:most]
        if not self.site.heads[-1]:
            self.num_sent += len(body if sent is None else sent)
        return Answer(body, "video/mp4", status, self.headers | more, sent=sent)


def limits(*stretches: Interval, **more: Any) -> Limits:
    said = {"max_duration_seconds": 300, "max_bytes": 10**8, "stretches": stretches, **more}
    return Limits(**said)


@pytest.mark.few("the index last")
@pytest.mark.parametrize("name", FILMS)
def test_what_is_cut_from_stretches_is_what_the_whole_film_gives(
    site: Any, tmp_path: Path, name: str
) -> None:
    whole = tmp_path / "whole.mp4"
    server = Server(site, film(whole, **FILMS[name]))
    for number, stretch in enumerate(STRETCHES):
        wanted = STRETCHES[1:3] if number == 2 else (stretch,)
        folder = tmp_path / str(number)
        folder.mkdir()
        server.num_sent = 0
        fetched = fetch_video(OPTIONS, f"{site.base}/film.mp4", folder, limits(*wanted))
        assert fetched.whole_because is None and fetched.sections is not None
        assert fetched.sections.stretches == wanted
        assert fetched.file.stat().st_size == len(server.body)
        assert fetched.file.stat().st_blocks * 512 < len(server.body) * 0.55
        # one look at what the page is comes before, of which the answer is not read to its end
        assert (
            fetched.sections.num_bytes
            < server.num_sent - len(server.body) + 1
            < 0.5 * len(server.body)
        )
        for interval in wanted:
            clips = [folder / "of_whole.mp4", folder / "of_stretch.mp4"]
            infos = [
                cut_clip(source, clip, interval)
                for source, clip in zip((whole, fetched.file), clips, strict=True)
            ]
            assert infos[0] == infos[1] and infos[0].num_damaged_frames == 0
            assert clips[0].read_bytes() == clips[1].read_bytes()


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    return film(tmp_path_factory.mktemp("film") / "film.mp4", **FILMS["the index last"])


def remuxed(body: bytes, folder: Path, format: str, options: dict[str, str]) -> bytes:
    """Return the pictures of a film in another container."""
    path = folder / "other"
    (folder / "plain.mp4").write_bytes(body)
    with (
        av.open(str(folder / "plain.mp4")) as plain,
        av.open(str(path), "w", format=format, options=options) as other,
    ):
        stream = other.add_stream_from_template(plain.streams.video[0])
        for packet in plain.demux(plain.streams.video[0]):
            if packet.dts is not None:
                packet.stream = stream
                other.mux(packet)
    return path.read_bytes()


FRAGMENTS = ("mp4", {"movflags": "frag_keyframe+empty_moov"})
SERVERS: dict[str, tuple[dict[str, Any], str]] = {
    "ranges are not answered": ({"answers_ranges": False}, "its server sends no parts of it (200)"),
    "versions are not told": ({"headers": {}}, "its server does not tell versions of it apart"),
    "other ranges come": ({"shift": 1}, "its server sends other parts of it than were asked for"),
    "fragments": ({"other": FRAGMENTS}, "it is fragmented: its index does not list its pictures"),
    "no MP4": ({"other": ("matroska", {})}, "it is no MP4"),
    "so small": ({"least": 10**8}, "it is so small that parts of it save little"),
}


@pytest.mark.parametrize("name", SERVERS)
def test_a_film_comes_whole_where_parts_cannot_be_had_and_why_is_kept(
    site: Any, tmp_path: Path, made: bytes, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    changes, why = SERVERS[name]
    if least := changes.get("least"):
        monkeypatch.setattr(sections, "LEAST_SAVED_BYTES", least)
    (tmp_path / "work").mkdir()
    body = remuxed(made, tmp_path / "work", *changes["other"]) if "other" in changes else made
    own = {key: changes[key] for key in ("answers_ranges", "headers", "shift") if key in changes}
    server = Server(site, body, **own)
    (tmp_path / "got").mkdir()
    options = replace(OPTIONS, extractors=("kbdemo",), extractor_args=kbdemo(site))
    fetched = fetch_video(options, watched(site, server), tmp_path / "got", limits(STRETCHES[1]))
    assert (fetched.whole_because, fetched.sections) == (why, None)
    assert fetched.file.read_bytes() == body
    assert len(body) <= server.num_sent < 2 * len(body) + 10**6


def test_most_of_a_film_is_asked_for_whole_without_a_look(
    site: Any, tmp_path: Path, made: bytes
) -> None:
    server = Server(site, made, "/films/aaaaaaaaaaA.mp4")
    options = replace(OPTIONS, extractors=("kbdemo",), extractor_args=kbdemo(site))
    wanted = limits(Interval(0, 60), Interval(120, 180))
    fetched = fetch_video(options, watched(site, server), tmp_path, wanted)
    assert fetched.whole_because == "most of it is wanted"
    assert (server.num_sent, server.num_ranges) == (len(made), 0)


def kbdemo(site: Any) -> str:
    return json.dumps({"kbdemo": {"base": [site.base]}})


def watched(site: Any, server: Server) -> str:
    """Return the page of the film, whose site says how long it lasts."""
    server.path = "/films/aaaaaaaaaaA.mp4"
    site.facts = {"duration": f"PT{LONG}S"}
    return f"{site.base}/watch?v=aaaaaaaaaaA"


def test_a_film_that_is_exchanged_while_parts_of_it_come_begins_anew(
    site: Any, tmp_path: Path, made: bytes
) -> None:
    server = Server(site, made)
    url = watched(site, server)
    options = replace(OPTIONS, extractors=("kbdemo",), extractor_args=kbdemo(site))
    server.versions = iter(['"1"', '"2"'])
    with pytest.raises(ItemFailed, match="became another file") as failure:
        fetch_video(options, url, tmp_path, limits(STRETCHES[1]))
    assert failure.value.reason is Reason.INCOMPLETE
    assert not list(tmp_path.glob("video.mp4"))
    fetched = fetch_video(options, url, tmp_path, limits(STRETCHES[1]))
    assert fetched.sections is not None


@pytest.mark.parametrize(
    ("bound", "reason"),
    [({"max_bytes": 10**6}, Reason.TOO_LARGE), ({"max_duration_seconds": 99}, Reason.TOO_LONG)],
)
def test_bounds_are_of_the_whole_film_so_that_the_setting_changes_no_outcome(
    site: Any, tmp_path: Path, made: bytes, bound: dict[str, Any], reason: Reason
) -> None:
    server = Server(site, made)
    url = watched(site, server)
    options = replace(OPTIONS, extractors=("kbdemo",), extractor_args=kbdemo(site))
    with pytest.raises(ItemFailed) as failure:
        fetch_video(options, url, tmp_path, limits(STRETCHES[1], **bound))
    assert failure.value.reason is reason
    assert server.num_sent < 300_000


def test_every_part_is_asked_for_as_the_film_would_be(
    site: Any, tmp_path: Path, made: bytes
) -> None:
    server = Server(site, made)
    url = watched(site, server)
    cookies = tmp_path / "cookies.txt"
    cookies.write_text("127.0.0.1\tFALSE\t/\tFALSE\t0\tname\ts3cr3t-w0rd\n")
    options = replace(
        OPTIONS,
        extractors=("kbdemo",),
        extractor_args=kbdemo(site),
        cookies_file=str(cookies),
        max_bytes_per_second=10**7,
    )
    (tmp_path / "got").mkdir()
    assert fetch_video(options, url, tmp_path / "got", limits(STRETCHES[1])).sections
    ranged = [place for place, asked in enumerate(site.ranges) if asked]
    assert len(ranged) == server.num_ranges > 2
    assert {site.cookies[place] for place in ranged} == {"name=s3cr3t-w0rd"}
    site.answers["/moved.mp4"] = Answer(status=302, headers={"Location": "http://10.0.0.1/x.mp4"})
    site.facts["contentUrl"] = "/moved.mp4"
    with pytest.raises(ItemFailed, match="is not public") as failure:
        fetch_video(options, url, tmp_path / "got", limits(STRETCHES[1]))
    assert failure.value.reason is Reason.UNSAFE_ADDRESS


@given(st.lists(st.tuples(st.integers(0, 50), st.integers(0, 9))), st.integers(0, 3))
def test_joined_spans_hold_the_same_bytes_and_gaps_that_are_allowed(
    pairs: list[tuple[int, int]], gap: int
) -> None:
    spans = [(begin, begin + length) for begin, length in pairs]
    found = joined(spans, gap)
    held = {byte for begin, end in spans for byte in range(begin, end)}
    assert held <= {byte for begin, end in found for byte in range(begin, end)}
    assert all(b[0] - a[1] > gap for a, b in pairwise(found))


HEADER = "label,youtube_id,time_start,time_end,split\n"


@dataclass
class Restoring:
    """A workspace in which released files are restored from the site."""

    site: Any
    root: Path
    sections: str = "auto"

    def __post_init__(self) -> None:
        plain = Workspace.create(self.root, "[run]\nworkers = 1\n")
        download = self.site.config(attempts=1, sections=self.sections)
        self.workspace = Workspace(plain.root, replace(plain.config, download=download))

    def run(self, file: Path, *rows: str) -> RestoreReport:
        file.write_text(HEADER + "".join(f"{row}\n" for row in rows))
        released = find_released(file, "kinetics", address=f"{self.site.base}/watch?v={{id}}")
        return restore(self.workspace, released)[0]

    def files(self) -> dict[str, bytes]:
        """Return the files of the newest release."""
        folder = self.workspace.newest_release()
        found = (path for path in folder.rglob("*") if path.is_file())
        return {str(path.relative_to(folder)): path.read_bytes() for path in found}

    def media(self) -> list[str]:
        return sorted(path.name for path in self.workspace.media.iterdir() if path.is_file())

    def num_rows(self, table: Any) -> int:
        with reading(self.workspace.engine) as session:
            return session.scalar(select(func.count()).select_from(table)) or 0


FIRST, SECOND = "yoga,aaaaaaaaaaA,90,94,train", "yoga,aaaaaaaaaaA,150,153,train"


@pytest.mark.long
def test_a_release_is_the_same_with_stretches_alone_and_says_what_was_saved(
    site: Any, tmp_path: Path, made: bytes
) -> None:
    server = Server(site, made)
    watched(site, server)
    ways = {}
    for name in ("auto", "never"):
        server.num_sent = 0
        restoring = Restoring(site, tmp_path / name, name)
        report = restoring.run(tmp_path / "k.csv", FIRST, SECOND)
        assert report.num_restored == 2
        ways[name] = report.parts, server.num_sent, restoring.files(), restoring.media()
    parts, sent, files, media = ways["auto"]
    assert (parts.num_videos, parts.all_bytes, parts.whole_because) == (1, len(made), {})
    assert parts.fetched_bytes == sent < 0.5 * len(made)
    assert ways["never"][:2] == (
        replace(parts, num_videos=0, fetched_bytes=0, all_bytes=0),
        len(made),
    )
    assert files == ways["never"][2]
    assert (media, ways["never"][3]) == (["aaaaaaaaaaA.stretches.mp4"], ["aaaaaaaaaaA.mp4"])
    told = CliRunner().invoke(group, ["-C", str(tmp_path / "auto"), "status"]).output
    assert "of 1 video the wanted stretches alone came" in told
    checked = CliRunner().invoke(group, ["-C", str(tmp_path / "auto"), "check"])
    assert checked.exit_code == 0, checked.output


@pytest.mark.long
def test_what_is_wanted_of_a_video_later_comes_too(site: Any, tmp_path: Path, made: bytes) -> None:
    server = Server(site, made)
    watched(site, server)
    restoring = Restoring(site, tmp_path / "workspace")
    assert restoring.run(tmp_path / "k.csv", FIRST).num_restored == 1
    num_sent = server.num_sent
    assert restoring.run(tmp_path / "k.csv", FIRST).num_restored == 1
    assert server.num_sent == num_sent

    site.excuses = {"aaaaaaaaaaA": (404, "This video has been removed by the uploader")}
    report = restoring.run(tmp_path / "other.csv", FIRST, SECOND)
    assert report.outcomes == {"restored": 1, "removed": 1}
    assert restoring.num_rows(PartialStretch) == 1

    site.excuses = {}
    with writing(restoring.workspace.engine) as session:
        session.execute(delete(Item).where(Item.stage == "download"))
    assert restoring.run(tmp_path / "other.csv", FIRST, SECOND).num_restored == 2
    assert restoring.num_rows(PartialStretch) == 2

    with writing(restoring.workspace.engine) as session:
        label = Label(name="yoga")
        video = session.scalars(select(Video)).one()
        session.add(label)
        session.flush()
        given = {"score": 1.0, "matched": "yoga", "variant": "yoga"}
        session.add(Candidate(video_id=video.id, label_id=label.id, **given))
    assert restoring.num_rows(Media) == 0
    run_stage(restoring.workspace, download.stage(restoring.workspace))
    assert restoring.media() == ["aaaaaaaaaaA.mp4"]
    assert [restoring.num_rows(table) for table in (Media, PartialMedia, PartialStretch)] == [
        1,
        0,
        0,
    ]
    assert restoring.run(tmp_path / "other.csv", FIRST, SECOND).num_restored == 2


@pytest.mark.long
def test_a_file_with_holes_is_taken_down_and_made_again_where_it_is_lost(
    site: Any, tmp_path: Path, made: bytes
) -> None:
    watched(site, Server(site, made))
    restoring = Restoring(site, tmp_path / "workspace")
    restoring.run(tmp_path / "k.csv", FIRST)
    (file,) = restoring.workspace.media.glob("*.mp4")
    content = file.read_bytes()
    file.unlink()
    restoring.run(tmp_path / "k.csv", FIRST)
    assert file.read_bytes() == content
    (tmp_path / "takedown.txt").write_text("uploader: me | 2026-11-03 | asked\n")
    takedown(restoring.workspace, tmp_path / "takedown.txt")
    assert restoring.media() == [] and not list(restoring.workspace.restored.iterdir())
    assert restoring.num_rows(PartialMedia) == restoring.num_rows(PartialStretch) == 0
    assert restoring.run(tmp_path / "k.csv", FIRST).outcomes == {"taken down": 1}


PATIENT = Answer(b"slow down", "text/plain", 429, {"Retry-After": "2"})
CUT = Answer(b"x" * 50_000, "video/mp4", 206, {"ETag": '"1"'}, sent=b"x" * 500)


@pytest.mark.few("rate-limited")
@pytest.mark.parametrize(("odd", "reason"), [(PATIENT, "rate-limited"), (CUT, "incomplete")])
def test_a_part_that_does_not_come_is_asked_for_again_as_a_film_is(
    site: Any, tmp_path: Path, made: bytes, odd: Answer, reason: str
) -> None:
    server = Server(site, made)
    url = watched(site, server)
    server.odd = {2: odd}
    options = replace(OPTIONS, extractors=("kbdemo",), extractor_args=kbdemo(site))
    with pytest.raises(ItemFailed) as failure:
        fetch_video(options, url, tmp_path, limits(STRETCHES[1]))
    assert failure.value.reason in (reason, "network")
    assert failure.value.pause_seconds == (2.0 if odd is PATIENT else None)
    assert fetch_video(options, url, tmp_path, limits(STRETCHES[1])).sections
    server.odd = {server.num_ranges + 2: odd}
    restoring = Restoring(site, tmp_path / "workspace")
    restoring.workspace = Workspace(
        restoring.root,
        replace(restoring.workspace.config, download=site.config(attempts=2)),
    )
    report = restoring.run(tmp_path / "k.csv", FIRST)
    assert (report.num_restored, report.parts.num_videos) == (1, 1)


def test_a_part_that_breaks_off_is_gone_on_with_where_it_broke_off(
    site: Any, tmp_path: Path, made: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sections, "_BLOCK_BYTES", 1024)
    server = Server(site, made)
    url = watched(site, server)
    options = replace(OPTIONS, extractors=("kbdemo",), extractor_args=kbdemo(site))
    (tmp_path / "once").mkdir()
    fetched = fetch_video(options, url, tmp_path / "once", limits(STRETCHES[1]))
    needed, ranges, content = server.num_sent, server.num_ranges, fetched.file.read_bytes()
    server.num_sent = server.num_ranges = 0
    server.sent_of = {number: 9_000 for number in range(2, ranges + 1)}
    (tmp_path / "often").mkdir()
    for _ in range(ranges - 1):
        with pytest.raises(ItemFailed) as failure:
            fetch_video(options, url, tmp_path / "often", limits(STRETCHES[1]))
        assert failure.value.reason in (Reason.INCOMPLETE, Reason.NETWORK)
    again = fetch_video(options, url, tmp_path / "often", limits(STRETCHES[1]))
    assert again.file.read_bytes() == content
    assert again.sections == fetched.sections
    num_lost = server.num_sent - needed
    assert num_lost < 1024 * (ranges - 1), "of each part that broke off less than a block"
    assert {path.name for path in (tmp_path / "often").iterdir()} == {"video.mp4", "versions.json"}


def test_a_film_that_was_exchanged_after_a_part_broke_off_begins_anew(
    site: Any, tmp_path: Path, made: bytes
) -> None:
    server = Server(site, made, sent_of={2: 9_000})
    url = watched(site, server)
    options = replace(OPTIONS, extractors=("kbdemo",), extractor_args=kbdemo(site))
    for match in ("network|early", "became another file"):
        with pytest.raises(ItemFailed, match=match):
            fetch_video(options, url, tmp_path, limits(STRETCHES[1]))
        server.headers = {"ETag": '"2"'}
    assert not list(tmp_path.glob("*.sections*"))
    assert fetch_video(options, url, tmp_path, limits(STRETCHES[1])).sections is not None


@pytest.mark.long
def test_a_run_that_is_stopped_in_the_middle_of_a_part_goes_on_later(
    site: Any, tmp_path: Path, made: bytes, start_child: Any
) -> None:
    server = Server(site, made)
    watched(site, server)
    slow = Answer(b"x" * 60_000, "video/mp4", 206, {"ETag": '"1"'}, drip_seconds=0.01)
    server.odd = {2: slow}
    (tmp_path / "k.csv").write_text(f"{HEADER}{FIRST}\n")
    settings = (
        f"[run]\nworkers = 1\n{ALLOWING}extractors = ['kbdemo']\n"
        f"[download.extractor_args.kbdemo]\nbase = ['{site.base}']\n"
    )
    workspace = Workspace.create(tmp_path / "workspace", settings)
    words = ["-C", str(workspace.root), "restore", str(tmp_path / "k.csv")]
    words += ["--address", f"{site.base}/watch?v={{id}}"]
    process = start_child(
        [sys.executable, "-m", "pipelines.cli", *words],
        stderr=subprocess.PIPE,
        start_new_session=True,
    )
    deadline = time.monotonic() + 120
    while server.num_ranges < 2:
        assert process.poll() is None, process.communicate()[1]
        assert time.monotonic() < deadline
        time.sleep(0.02)
    os.killpg(process.pid, signal.SIGINT)
    said = process.communicate(timeout=120)[1]
    assert process.returncode == 130 and "Traceback" not in said, said
    again = CliRunner().invoke(group, words)
    assert "1 of 1 rows restored" in again.output, again.output
    assert "of 1 video the wanted stretches alone came" in again.output
    assert sorted(path.name for path in workspace.media.iterdir()) == ["aaaaaaaaaaA.stretches.mp4"]
