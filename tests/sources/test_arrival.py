"""What arrived is held against what was promised."""

import subprocess
from pathlib import Path
from typing import Any

import av
import pytest

from kinetics_builder.errors import SOON, ItemFailed, Reason
from kinetics_builder.video.ffmpeg import find_ffmpeg
from kinetics_builder.video.reading.probe import probe
from kinetics_builder.video.reading.wholeness import missing_bytes, spans
from pipelines.sources.source import Fetched, Limits
from pipelines.sources.urls import UrlsSource
from pipelines.sources.web.arrival import Promise, check_arrival
from pipelines.sources.web.options import Options
from tests.sources.conftest import LOOPBACK, Answer

LIMITS = Limits(max_duration_seconds=60, max_bytes=10**7)
NUM_SEGMENTS = 5
NULL_PACKET = bytes([0x47, 0x1F, 0xFF, 0x10]) + bytes(184)
"""A packet of MPEG-TS that means nothing (ISO/IEC 13818-1)."""


def encoded(path: Path, *options: str) -> Path:
    """Write a film of 10 s, 64x48 at 10 frames/s, with a tone."""
    sources = ("testsrc=size=64x48:rate=10:duration=10", "sine=frequency=300:duration=10")
    inputs = [word for source in sources for word in ("-f", "lavfi", "-i", source)]
    command = [str(find_ffmpeg()), "-nostdin", "-loglevel", "error", *inputs]
    subprocess.run(
        [*command, "-g", "10", "-c:v", "libx264", "-preset", "ultrafast", *options, str(path)],
        check=True,
    )
    return path


@pytest.fixture(scope="module")
def segments(tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    """Return an HLS playlist and its segments of 2 s."""
    folder = tmp_path_factory.mktemp("hls")
    encoded(folder / "master.m3u8", "-f", "hls", "-hls_time", "2", "-hls_list_size", "0")
    return {f"/{path.name}": path.read_bytes() for path in folder.iterdir()}


@pytest.fixture
def hls(site: Any, segments: dict[str, bytes]) -> Any:
    """Serve them."""
    for path, body in segments.items():
        playlist = "application/vnd.apple.mpegurl"
        site.answers[path] = Answer(body, playlist if path.endswith("m3u8") else "video/mp2t")
    return site


def fetch(site: Any, folder: Path, path: str) -> Fetched:
    return UrlsSource(folder / "urls.txt", Options(allow_private=LOOPBACK)).fetch(
        f"{site.base}{path}", folder, LIMITS
    )


def failure_of(site: Any, folder: Path, path: str) -> ItemFailed:
    with pytest.raises(ItemFailed) as failure:
        fetch(site, folder, path)
    return failure.value


def test_all_segments_make_a_film_of_their_length(hls: Any, tmp_path: Path) -> None:
    info = probe(fetch(hls, tmp_path, "/master.m3u8").file)
    assert (info.num_frames, round(info.duration_seconds, 1)) == (100, 10.0)


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        pytest.param(Answer(b"gone", status=404), Reason.INCOMPLETE, id="gone"),
        pytest.param(Answer(b"", "video/mp2t"), Reason.INCOMPLETE, id="empty"),
        pytest.param(Answer(b"no", status=403), Reason.REFUSED, id="refused"),
        pytest.param(
            Answer(b"no", status=429, headers={"Retry-After": "7"}),
            Reason.RATE_LIMITED,
            id="too many requests",
        ),
    ],
)
@pytest.mark.parametrize("number", [0, 2, NUM_SEGMENTS - 1])
def test_a_lost_segment_is_a_failure_and_no_shift_of_times(
    hls: Any, tmp_path: Path, answer: Answer, reason: Reason, number: int
) -> None:
    path = f"/master{number}.ts"
    hls.answers[path] = answer
    failure = failure_of(hls, tmp_path, "/master.m3u8")
    assert failure.reason is reason
    assert failure.pause_seconds == (7.0 if reason is Reason.RATE_LIMITED else None)
    assert hls.num_asked(path) == 1


def test_a_later_try_takes_no_segment_of_the_film_that_was_there_before(
    hls: Any, tmp_path: Path, segments: dict[str, bytes]
) -> None:
    hls.answers["/master3.ts"] = Answer(b"gone", status=404)
    failure_of(hls, tmp_path, "/master.m3u8")
    other = segments["/master0.ts"] + NULL_PACKET
    hls.answers["/master0.ts"] = Answer(other, "video/mp2t")
    hls.answers["/master3.ts"] = Answer(segments["/master3.ts"], "video/mp2t")
    fetch(hls, tmp_path, "/master.m3u8")
    assert [hls.num_asked(f"/master{number}.ts") for number in range(5)] == [2, 2, 2, 2, 1]


@pytest.mark.parametrize("number", [2, NUM_SEGMENTS - 1])
def test_half_a_segment_without_a_length_is_found_missing(
    hls: Any, tmp_path: Path, segments: dict[str, bytes], number: int
) -> None:
    body = segments[f"/master{number}.ts"]
    hls.answers[f"/master{number}.ts"] = Answer(
        body[: len(body) // 2], "video/mp2t", has_length=False
    )
    failure = failure_of(hls, tmp_path, "/master.m3u8")
    assert failure.reason is Reason.INCOMPLETE
    assert not list(tmp_path.glob("video.*"))


def test_a_playlist_without_an_end_gives_no_film(
    hls: Any, tmp_path: Path, segments: dict[str, bytes]
) -> None:
    body = segments["/master.m3u8"].partition(b"master3.ts")[0]
    hls.answers["/master.m3u8"] = Answer(body, "application/vnd.apple.mpegurl", has_length=False)
    assert "its end is not known" in failure_of(hls, tmp_path, "/master.m3u8").message


CONTAINERS = {
    "index first.mp4": ("-movflags", "+faststart"),
    "index last.mp4": (),
    "fragments.mp4": ("-movflags", "frag_keyframe+empty_moov"),
    "film.mkv": (),
    "film.avi": (),
    "film.flv": ("-ar", "44100", "-flvflags", "+add_keyframe_index"),
}


@pytest.fixture(scope="module", params=CONTAINERS)
def film(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("films")
    return encoded(folder / request.param, *CONTAINERS[request.param])


@pytest.mark.parametrize(
    ("has_length", "reason"),
    [
        pytest.param(False, Reason.INCOMPLETE, id="of unknown length"),
        pytest.param(True, Reason.BROKEN, id="as the site has it"),
    ],
)
@pytest.mark.parametrize("share", [0.5, 0.9])
def test_a_part_of_a_file_is_told_from_the_whole(
    site: Any, tmp_path: Path, film: Path, share: float, has_length: bool, reason: Reason
) -> None:
    whole, path = film.read_bytes(), f"/films/film{film.suffix}"
    site.answers[path] = Answer(whole, "video/mp4", has_length=has_length)
    assert fetch(site, tmp_path, path).file.read_bytes() == whole
    site.answers[path].body = whole[: round(share * len(whole))]
    failure = failure_of(site, tmp_path, path)
    assert failure.reason is reason
    assert "own structure" in failure.message or "own index" in failure.message


def test_a_whole_file_promises_what_it_holds(film: Path) -> None:
    found = spans(film)
    assert missing_bytes(film) == 0
    assert found.held_seconds == pytest.approx(10.0, abs=0.3)
    assert found.promised_seconds in (0.0, pytest.approx(10.0, abs=0.3))


def test_pictures_that_are_held_are_no_loss(tmp_path: Path) -> None:
    with av.open(str(tmp_path / "slides.mp4"), "w") as container:
        stream = container.add_stream("mpeg4", rate=10)
        stream.width, stream.height, stream.pix_fmt = 64, 48, "yuv420p"
        for moment in (0, 3, 50, 99):
            frame = av.VideoFrame(64, 48, "yuv420p")
            frame.pts = moment
            container.mux(stream.encode(frame))
        container.mux(stream.encode())
    assert missing_bytes(tmp_path / "slides.mp4") == 0


@pytest.mark.parametrize("content", [b"", b"x", b"RIFF", b"\0\0\0\x08ftyp", b"<html>" * 99])
def test_what_is_no_video_promises_nothing(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "file").write_bytes(content)
    assert missing_bytes(tmp_path / "file") == 0
    assert spans(tmp_path / "file").held_seconds == 0


def test_a_chunked_body_that_stops_is_asked_for_again(site: Any, tmp_path: Path) -> None:
    half = site.film[: len(site.film) // 2]
    body = b"%x\r\n%s\r\n" % (len(half), half)  # and no last chunk
    site.answers["/films/yoga.mp4"] = Answer(
        body, "video/mp4", headers={"Transfer-Encoding": "chunked"}, has_length=False
    )
    failure = failure_of(site, tmp_path, "/films/yoga.mp4")
    assert failure.reason in SOON
    assert not list(tmp_path.glob("video.mp4"))
    site.answers.clear()
    assert fetch(site, tmp_path, "/films/yoga.mp4").file.read_bytes() == site.film


def test_a_body_shorter_than_its_length_is_asked_for_again(site: Any, tmp_path: Path) -> None:
    half = site.film[: len(site.film) // 2]
    site.answers["/films/yoga.mp4"] = Answer(
        half, "video/mp4", headers={"Content-Length": str(len(site.film))}, has_length=False
    )
    assert failure_of(site, tmp_path, "/films/yoga.mp4").reason in SOON
    assert not list(tmp_path.glob("video.mp4"))


HOLLOWED = {
    "film.mkv": (),
    "film.webm": ("-c:v", "libvpx", "-deadline", "realtime", "-c:a", "libopus"),
    "film.avi": (),
    "film.flv": (
        "-ar",
        "44100",
    ),
    "film.ts": (),
    "film.mpg": ("-c:v", "mpeg2video", "-r", "25", "-q:v", "2"),
    "film.mp4": (),
    "film.mov": (),
    "fragments.mp4": ("-movflags", "frag_keyframe+empty_moov"),
}


@pytest.fixture(scope="module", params=HOLLOWED)
def hollowed(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return encoded(tmp_path_factory.mktemp("hollowed") / request.param, *HOLLOWED[request.param])


def test_a_hole_within_is_told_in_every_container(hollowed: Path, tmp_path: Path) -> None:
    check_arrival(hollowed, Promise())
    data = bytearray(hollowed.read_bytes())
    begin, end = round(len(data) * 0.4), round(len(data) * 0.6)
    data[begin:end] = bytes(end - begin)
    path = tmp_path / hollowed.name
    path.write_bytes(data)
    with pytest.raises(ItemFailed) as kept:
        check_arrival(path, Promise())
    assert kept.value.reason is Reason.BROKEN
    with pytest.raises(ItemFailed) as lost:
        check_arrival(path, Promise(has_lengths=False))
    assert lost.value.reason is Reason.INCOMPLETE


def test_a_small_hole_is_left_to_the_clips_that_it_meets(tmp_path: Path) -> None:
    path = encoded(tmp_path / "film.ts")
    data = path.read_bytes()
    middle = len(data) // 188 // 2 * 188
    path.write_bytes(data[:middle] + data[middle + 188 :])
    check_arrival(path, Promise())


def test_a_pause_without_picture_and_sound_is_no_damage_on_the_way(tmp_path: Path) -> None:
    path = encoded(tmp_path / "film.mkv", "-vf", "setpts=PTS+gt(N\\,50)*3/TB", "-an")
    check_arrival(path, Promise(has_lengths=False))


def test_zeros_behind_the_last_box_are_no_hole(tmp_path: Path) -> None:
    path = encoded(tmp_path / "film.mp4", "-movflags", "frag_keyframe+empty_moov")
    path.write_bytes(path.read_bytes() + bytes(5000))
    check_arrival(path, Promise())
