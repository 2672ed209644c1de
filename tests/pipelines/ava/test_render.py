"""Films with boxes on their pictures: where, when, in which colour, with which captions."""

import json
import subprocess
import sys
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest
from click.testing import CliRunner, Result
from numpy.typing import NDArray

from kinetics_builder.video.reading.frames import iterate_frames
from kinetics_builder.video.reading.probe import probe
from pipelines.ava.watching import render as rendering
from pipelines.ava.watching.captions import Area, place_caption
from pipelines.ava.watching.lettering import Lettering, can_write
from pipelines.cli import group

Picture = NDArray[np.uint8]
GREEN, RED = (0, 190, 0), (210, 0, 0)
GREY = 128


@pytest.fixture(autouse=True)
def in_this_process(monkeypatch: pytest.MonkeyPatch) -> None:
    """Draw here: that children do is tried once, below."""
    monkeypatch.setattr(rendering, "run_limited", lambda function, *args, limits: function(*args))


@pytest.fixture
def write_grey(tmp_path: Path) -> Callable[..., Path]:
    def write(
        name: str = "film.mkv",
        times: list[float] | None = None,
        size: tuple[int, int] = (480, 360),
        first: float = 0.0,
    ) -> Path:
        """Write grey pictures at these times, 10 a second for 6 s without them."""
        path = tmp_path / name
        with av.open(str(path), "w") as container:
            stream = container.add_stream("libx264", rate=10, options={"crf": "12", "bf": "0"})
            stream.width, stream.height, stream.pix_fmt = *size, "yuv420p"
            stream.codec_context.time_base = Fraction(1, 1000)
            grey = np.full((size[1], size[0], 3), GREY, np.uint8)
            for time in times or [n / 10 for n in range(60)]:
                frame = av.VideoFrame.from_ndarray(grey, format="rgb24")
                frame.pts, frame.time_base = round((time + first) * 1000), Fraction(1, 1000)
                container.mux(stream.encode(frame))
            container.mux(stream.encode(None))
        return path

    return write


@pytest.fixture
def rows(tmp_path: Path) -> Callable[..., str]:
    def write(name: str, *lines: str) -> str:
        path = tmp_path / name
        path.write_text("".join(f"{line}\n" for line in lines))
        return str(path)

    return write


def kbuild(*arguments: object) -> Result:
    return CliRunner().invoke(group, ["ava", "render", *map(str, arguments)])


def rendered(tmp_path: Path, *arguments: object) -> Callable[[float], Picture]:
    """Render the film `film.*` and return its picture at a moment of the video that was made."""
    out = tmp_path / "out.mp4"
    result = kbuild(*arguments, "--force")
    assert result.exit_code == 0, result.output
    frames = list(iterate_frames(out))

    def at(seconds: float) -> Picture:
        return [frame.rgb_HWC for frame in frames if frame.time_seconds <= seconds + 1e-3][-1]

    return at


def is_colour(picture: Picture, x: int, y: int, colour: tuple[int, int, int]) -> bool:
    """Whether a pixel has about this colour: video keeps colours of four pixels together."""
    return bool(np.abs(picture[y, x].astype(int) - colour).max() < 60)


def is_plain(picture: Picture) -> bool:
    return bool(np.abs(picture.astype(int) - GREY).max() < 12)


# Where and in which colour.

LEFT, RIGHT = "0.25,0.25,0.5,0.75", "0.625,0.25,0.875,0.75"


def test_truth_is_red_with_captions_below_and_detections_green_with_captions_on_top(
    tmp_path: Path, write_grey: Callable[..., Path], rows: Callable[..., str]
) -> None:
    truth = rows("truth.csv", f"film,0002,{LEFT},12,1")
    found = rows("found.csv", f"film,0002,{RIGHT},12,0.9", f"film,0002,{RIGHT},80,0.4")
    out = tmp_path / "out.mp4"
    at = rendered(tmp_path, write_grey(), out, "--truth", truth, "--detections", found)
    picture = at(3.0)  # half the speed, from 1.5 s before the key frame: 2 s is at 3 s
    for x, y in [(121, 180), (238, 180), (180, 91), (180, 268)]:
        assert is_colour(picture, x, y, RED), (x, y)
    for x, y in [(301, 180), (418, 180), (360, 91), (360, 268)]:
        assert is_colour(picture, x, y, GREEN), (x, y)
    below, above = picture[271:285, 120:160], picture[72:88, 300:340]
    reds = [is_colour(below, x, y, RED) for y in range(14) for x in range(40)]
    greens = [is_colour(above, x, y, GREEN) for y in range(16) for x in range(40)]
    assert np.mean(reds) > 0.35 and np.mean(greens) > 0.35
    assert below.min() < 60 < 200 < below.max() and above.min() < 60
    assert is_plain(picture[100:260, 130:230]) and is_plain(picture[:88, :290])
    assert is_plain(picture[300:])
    info = probe(out)
    assert (info.width, info.height) == (480, 360)
    assert info.duration_seconds == pytest.approx(6.0, abs=0.02)  # 3 s at half the speed
    assert not info.has_audio


def test_detections_below_the_threshold_are_not_drawn(
    tmp_path: Path, write_grey: Callable[..., Path], rows: Callable[..., str]
) -> None:
    found = rows("found.csv", f"film,0002,{RIGHT},12,0.49", f"film,0002,{LEFT},11,0.5")
    options = [write_grey(), tmp_path / "out.mp4", "--detections", found]
    picture = rendered(tmp_path, *options)(3.0)
    assert is_colour(picture, 121, 180, GREEN) and is_plain(picture[:, 290:])
    picture = rendered(tmp_path, *options, "--threshold", "0.4")(3.0)
    assert is_colour(picture, 301, 180, GREEN)
    assert is_plain(rendered(tmp_path, *options, "--threshold", "0.6")(3.0))


# When.


def left_edge(picture: Picture, y: int = 180) -> int | None:
    """Return the first red pixel of a line."""
    reds = [x for x in range(picture.shape[1]) if is_colour(picture, x, y, RED)]
    return reds[0] if reds else None


@pytest.mark.few("0.5-0.0")
@pytest.mark.parametrize(("speed", "first"), [(0.25, 0.0), (0.5, 0.0), (1.0, 7.04)])
def test_who_is_linked_moves_between_key_frames_and_others_are_seen_at_theirs_alone(
    speed: float,
    first: float,
    tmp_path: Path,
    write_grey: Callable[..., Path],
    rows: Callable[..., str],
) -> None:
    """In a file whose clock starts late as well: its first picture is second 0."""
    film = write_grey("film.ts" if first else "film.mkv", first=first)
    start, end = "0.25,0.25,0.375,0.75", "0.75,0.25,0.875,0.75"
    one = rows("one.csv", f"film,0002,{start},12,1", f"film,0003,{end},12,1")
    two = rows("two.csv", f"film,0002,{start},12,1", f"film,0003,{end},12,2")
    options = [film, tmp_path / "out.mp4", "--speed", speed, "--from", "0", "--truth"]
    at = rendered(tmp_path, *options, one)
    assert left_edge(at(1.5 / speed)) is None
    for moment in (2.0, 2.2, 2.5, 2.8, 3.0):
        x = 120 + 240 * (moment - 2)
        assert left_edge(at(moment / speed)) == pytest.approx(x, abs=2), moment
    assert left_edge(at(3.5 / speed)) is None
    at = rendered(tmp_path, *options, two)
    assert left_edge(at(2.0 / speed)) == 120
    assert left_edge(at(3.0 / speed)) == 360
    assert left_edge(at(2.5 / speed)) is None


def test_times_of_a_variable_frame_rate_are_the_pictures_own(
    tmp_path: Path, write_grey: Callable[..., Path], rows: Callable[..., str]
) -> None:
    """Ten pictures in the first second, then one for 2.5 s, then a few."""
    film = write_grey(times=[*(n / 10 for n in range(11)), 3.5, 3.6, 3.7, 5.0, 5.1])
    truth = rows("truth.csv", f"film,0001,{LEFT},12,1", f"film,0004,{RIGHT},12,2")
    options = ["--truth", truth, "--speed", 1, "--from", 0, "--to", 5]
    out = tmp_path / "out.mp4"
    at = rendered(tmp_path, film, out, *options)
    shown = [round(frame.time_seconds, 2) for frame in iterate_frames(out)]
    assert shown == [*(n / 10 for n in range(11)), 3.5, 3.6, 3.7]
    assert left_edge(at(0.5)) is None and left_edge(at(1.0)) == 120
    assert left_edge(at(3.6)) is None
    assert left_edge(at(3.7)) == 300  # what is shown at second 4 is shown since 3.7
    assert probe(out).duration_seconds == pytest.approx(5.0, abs=0.02)


def test_boxes_are_shares_of_the_upright_picture(
    tmp_path: Path, write_grey: Callable[..., Path], rows: Callable[..., str]
) -> None:
    """A film that is stored lying: its player turns it, and so is it drawn."""
    stored = write_grey("stored.mp4")
    turned = tmp_path / "film.mp4"
    with av.open(str(stored)) as source, av.open(str(turned), "w") as target:
        stream = target.add_stream_from_template(source.streams.video[0])
        for packet in source.demux(source.streams.video[0]):
            if packet.dts is not None:
                packet.stream = stream
                target.mux(packet)
    turn(turned)
    truth = rows("truth.csv", "film,0002,0.5,0.125,0.75,0.25,12,1")
    at = rendered(tmp_path, turned, tmp_path / "out.mp4", "--truth", truth)
    picture = at(3.0)
    assert picture.shape == (480, 360, 3)
    assert is_colour(picture, 181, 90, RED) and is_colour(picture, 225, 61, RED)


def turn(path: Path) -> None:
    """Turn a quarter by the matrix in the track's header (ISO/IEC 14496-12, 8.3.2)."""
    data = bytearray(path.read_bytes())
    place = data.index(b"tkhd") + 4 + 40
    straight = np.array([65536, 0, 0, 0, 65536, 0, 0, 0, 1 << 30], ">i4").tobytes()
    assert data[place : place + 36] == straight
    quarter = np.array([0, 65536, 0, -65536, 0, 0, 0, 0, 1 << 30], ">i4").tobytes()
    data[place : place + 36] = quarter
    path.write_bytes(data)


# Formats, names, cuts.


def test_tracks_of_a_detector_are_followed_and_a_label_map_names_what_they_do(
    tmp_path: Path, write_grey: Callable[..., Path], rows: Callable[..., str]
) -> None:
    start, end = "0.25,0.25,0.375,0.75", "0.75,0.25,0.875,0.75"
    tracks = rows("tracks.csv", f"film,2,{start},1,0.9,5", f"film,3,{end},1,0.9,5")
    names = rows("names.txt", "spin", "glide")
    at = rendered(
        tmp_path,
        write_grey(),
        tmp_path / "out.mp4",
        *("--detections", tracks, "--detections-format", "ava-tracks", "--label-map", names),
    )
    half = at(4.0)
    edges = [x for x in range(480) if is_colour(half, x, 180, GREEN)]
    assert edges[0] == pytest.approx(240, abs=2)


def test_a_cut_of_a_film_says_where_it_begins(
    tmp_path: Path, write_grey: Callable[..., Path], rows: Callable[..., str]
) -> None:
    film = write_grey()
    truth = rows("truth.csv", f"film,0902,{LEFT},12,1", f"film,1798,{LEFT},12,1")
    options = (film, tmp_path / "out.mp4", "--truth", truth)
    result = kbuild(*options)
    assert result.exit_code == 1
    assert "2 key frames at 902 s and on outside the file, which holds 0 to 6 s" in result.output
    assert "--start SECONDS" in result.output and not (tmp_path / "out.mp4").exists()
    result = kbuild(*options, "--start", 900)
    assert result.exit_code == 0
    assert "the key frame at 1798 s outside the file, which holds 900 to 906 s" in result.output
    assert "1 key frames, 30 pictures, 900.5 to 903.5 s" in result.output
    result = kbuild(*options, "--start", 900, "--from", 904, "--force")
    assert result.exit_code == 1 and "they lie at 902 to 902 s" in result.output


def test_what_many_films_have_alike_is_said_in_one_line(
    tmp_path: Path, write_grey: Callable[..., Path], rows: Callable[..., str]
) -> None:
    film, folder = write_grey(), tmp_path / "films"
    folder.mkdir()
    names = "abcd"
    for name in names:
        (folder / f"{name}.mp4").write_bytes(film.read_bytes())
    beyond = [f"{name},{second},{LEFT},12,1" for name in names[:3] for second in ("2", "99")]
    truth = rows("truth.csv", *beyond, f"d,2,{LEFT},12,1")
    result = kbuild(folder, tmp_path / "out", "--truth", truth)
    assert result.exit_code == 0, result.output
    said = [line for line in result.output.splitlines() if "outside the file" in line]
    assert len(said) == 1 and "(and the like of 2 more films)" in said[0]
    assert "a.mp4: the key frame at 99 s outside the file" in said[0]


def test_a_folder_is_drawn_film_by_film_and_what_belongs_to_nothing_is_told(
    tmp_path: Path, write_grey: Callable[..., Path], rows: Callable[..., str]
) -> None:
    (tmp_path / "films" / "b").mkdir(parents=True)
    for name in ("films/one.mkv", "films/b/Two [abcdEFGH123].mp4", "films/three.mkv"):
        write_grey(name, times=[n / 5 for n in range(20)])
    (tmp_path / "films" / "notes.txt").write_text("no film")
    (tmp_path / "films" / "torn.mkv").write_bytes(b"\x1aE\xdf\xa3 no more")
    names = ("one", "abcdEFGH123", "torn", "elsewhere", "elsewhere")
    truth = rows("truth.csv", *(f"{name},2,{LEFT},12,{n}" for n, name in enumerate(names)))
    result = kbuild(tmp_path / "films", tmp_path / "out", "--truth", truth, "--json")
    assert result.exit_code == 1
    made = sorted(str(path.relative_to(tmp_path / "out")) for path in tmp_path.glob("out/**/*.mp4"))
    assert made == ["b/Two [abcdEFGH123].mp4", "one.mp4"]
    assert "three.mkv: no rows in" in result.stderr
    assert "elsewhere: 2 rows, and no film of that name" in result.stderr
    assert "torn.mkv: cannot be opened" in result.stderr
    assert [bool(one["drawn"]) for one in json.loads(result.stdout)] == [True, True, False]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ([], "give --truth FILE, --detections FILE"),
        (["--truth", "{truth}"], "expected rows of 'film' in"),
        (["--truth", "{truth}", "--truth-format", "ava-truth"], "No format of boxes is called"),
        (["--truth", "{truth}", "--truth-format", "kinetics"], "No format of boxes is called"),
        (["--truth", "{truth}", "--strict"], "found other"),
    ],
)
def test_what_cannot_be_drawn_is_one_line(
    arguments: list[str],
    message: str,
    tmp_path: Path,
    write_grey: Callable[..., Path],
    rows: Callable[..., str],
) -> None:
    truth = rows("truth.csv", f"other,0902,{LEFT},12,1")
    given = [argument.format(truth=truth) for argument in arguments]
    result = kbuild(write_grey(), tmp_path / "out.mp4", *given)
    assert result.exit_code == 1 and message in result.output
    assert len(result.output.splitlines()) == 1
    assert not list(tmp_path.glob("*out*"))


def test_a_film_and_a_video_made_earlier_are_never_written_over_unasked(
    tmp_path: Path, write_grey: Callable[..., Path], rows: Callable[..., str]
) -> None:
    film, truth = write_grey("film.mp4"), rows("truth.csv", f"film,2,{LEFT},12,1")
    before = film.read_bytes()
    result = kbuild(film, film, "--truth", truth, "--force")
    assert result.exit_code == 1 and "is the film to read" in result.output
    assert film.read_bytes() == before
    (tmp_path / "out.mp4").write_text("mine")
    result = kbuild(film, tmp_path / "out.mp4", "--truth", truth)
    assert result.exit_code == 1 and "give --force" in result.output
    assert (tmp_path / "out.mp4").read_text() == "mine"


def test_children_draw_and_a_small_film_is_drawn_larger(
    tmp_path: Path,
    write_grey: Callable[..., Path],
    rows: Callable[..., str],
) -> None:
    film = write_grey(size=(64, 48), times=[n / 10 for n in range(30)])
    truth = rows("truth.csv", f"film,0001.5,{LEFT},12,1")
    out = tmp_path / "out.mp4"
    kbuild_here = Path(sys.executable).with_name("kbuild")
    command: list[Any] = [kbuild_here, "ava", "render", film, out, "--truth", truth]
    subprocess.run(command, check=True, capture_output=True, timeout=240)
    assert (probe(out).width, probe(out).height) == (480, 360)


# Captions.


def test_captions_stand_inside_the_picture_and_apart() -> None:
    size, taken = (400, 300), []
    box = Area(10, 5, 60, 200)
    for _ in range(6):
        taken.append(place_caption(box, (120, 40), taken, size, is_below=False))
    for number, place in enumerate(taken):
        assert place.left >= 0 and place.top >= 0 and place.right <= 400 and place.bottom <= 300
        assert not any(place.shared(other) for other in taken[:number])
    assert place_caption(Area(100, 100, 150, 200), (80, 20), [], size, is_below=False)[:2] == (
        100,
        80,
    )
    assert place_caption(Area(100, 100, 150, 200), (80, 20), [], size, is_below=True)[:2] == (
        100,
        200,
    )
    full = [Area(0, 0, 400, 290)]
    least = place_caption(Area(100, 100, 150, 200), (80, 20), full, size, is_below=False)
    assert least.shared(full[0]) < 80 * 20


def test_crowded_captions_hide_neither_one_another_nor_leave_the_picture() -> None:
    """Five persons of three actions each, twice, on a small picture."""
    size, taken = (640, 360), []
    for n in range(5):
        box = Area(110 * n, 40 + 20 * (n % 3), 110 * n + 100, 340)
        taken.append(place_caption(box, (140, 72), taken, size, is_below=True))
        taken.append(place_caption(box, (130, 54), taken, size, is_below=False))
    assert not any(one.shared(other) for n, one in enumerate(taken) for other in taken[:n])
    assert all(one == one.inside(size) for one in taken)


def test_long_names_are_shortened_to_the_picture() -> None:
    lettering = Lettering(14)
    short = lettering.shortened("carry/hold (an object) of many words", 120)
    assert short.endswith("\u2026") and lettering.width(short) <= 120
    assert lettering.shortened("stand", 120) == "stand"
    assert can_write("dançar com alguém") and not can_write("坐")


@pytest.mark.parametrize("name", ["cvat-video", "fiftyone-detections", "via3", "mot"])
def test_boxes_of_other_tools_are_drawn_where_avas_are(
    name: str, tmp_path: Path, write_grey: Callable[..., Path], rows: Callable[..., str]
) -> None:
    film, truth = write_grey(), rows("truth.csv", f"film,0002,{LEFT},12,1")
    names = rows("names.csv", "id,name", "12,stand")
    pixels = ["--frame-size", "480x360", "--fps", "10", "--label-map", names]
    command = ["convert", "--from", "ava", "--to", name, truth, str(tmp_path / "theirs"), *pixels]
    found = CliRunner().invoke(group, command)
    assert (tmp_path / "theirs").exists(), found.output
    given = ["--truth", tmp_path / "theirs", "--truth-format", name, "--video-id", "film"]
    picture = rendered(tmp_path, film, tmp_path / "out.mp4", *given, *pixels)(3.0)
    assert all(is_colour(picture, x, y, RED) for x, y in [(121, 180), (238, 180), (180, 91)])
