"""Frames by a file's index are those that come of reading it through, and squares are cut of them.

Shapes, as name suffixes: T frames, H height, W width, C channels.
"""

from collections.abc import Callable, Iterator
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest

from kinetics_builder.errors import ItemFailed
from kinetics_builder.video.reading.indexed import NotIndexed, pictures_at
from models.clips import decode
from models.clips.cropping import decode_cut
from models.clips.decode import Frames, Times, decode_at
from models.clips.transforms import Cut

RATE, NUM_PICTURES, HEIGHT, WIDTH = 25, 60, 96, 128
TIMES = np.random.default_rng(0).uniform(0, NUM_PICTURES / RATE, 24)

Draw = Callable[..., Path]


@pytest.fixture(scope="module")
def draw(tmp_path_factory: pytest.TempPathFactory) -> Draw:
    """Write a film of coloured shades that wander, with x264's options."""

    def drawn(name: str, uneven: bool = False, begin: int = 0, **options: str) -> Path:
        path = tmp_path_factory.mktemp("drawn") / name
        across, down = np.meshgrid(np.arange(WIDTH), np.arange(HEIGHT))
        with av.open(str(path), "w", options={"movflags": "+faststart"}) as container:
            stream = container.add_stream("libx264", rate=RATE, options={"crf": "18"} | options)
            stream.width, stream.height, stream.pix_fmt = WIDTH, HEIGHT, "yuv420p"
            stream.codec_context.time_base = Fraction(1, 2 * RATE)
            for number in range(NUM_PICTURES):
                turns = (across / 20 + number / 3, down / 15 - number / 5, (across + down) / 30)
                picture = np.stack([127 + 90 * np.sin(turn) for turn in turns], -1)
                frame = av.VideoFrame.from_ndarray(picture.astype(np.uint8), format="rgb24")
                shown = begin + 2 * number + (number % 3 == 1) * uneven
                frame.pts, frame.time_base = shown, Fraction(1, 2 * RATE)
                container.mux(stream.encode(frame))
            container.mux(stream.encode(None))
        return path

    return drawn


@pytest.fixture
def read_through(monkeypatch: pytest.MonkeyPatch) -> Callable[[Path, Times], Frames]:
    def decoded(path: Path, times: Times) -> Frames:
        def none(*_: object) -> Iterator[object]:
            raise NotIndexed

        with monkeypatch.context() as patch:
            patch.setattr(decode, "pictures_at", none)
            return decode_at(path, times, HEIGHT)

    return decoded


FILMS = {
    "as cut writes": {"g": "16", "bf": "0"},
    "one key frame": {"bf": "0"},
    "pictures between pictures": {"g": "12", "bf": "3", "b-pyramid": "normal"},
    "key frames that others lean over": {"g": "12", "bf": "3", "x264-params": "open-gop=1"},
    "no key frame renewed at once": {"g": "12", "bf": "0", "x264-params": "intra-refresh=1"},
    "uneven steps": {"g": "12", "uneven": True},
    "a late begin": {"g": "12", "begin": 40},
}


@pytest.mark.parametrize("how", FILMS)
def test_an_index_gives_the_frames_that_reading_through_gives(
    draw: Draw, read_through: Callable[[Path, Times], Frames], how: str
) -> None:
    path = draw("film.mp4", **FILMS[how])
    whole = read_through(path, TIMES)
    assert np.array_equal(decode_at(path, TIMES, HEIGHT), whole)
    for first in (0.0, 1.1, 2.0):
        times = first + np.arange(8) / 20
        assert np.array_equal(decode_at(path, times, HEIGHT), read_through(path, times))


@pytest.mark.parametrize("how", ["as cut writes", "pictures between pictures", "uneven steps"])
def test_plain_files_need_no_reading_through(draw: Draw, how: str) -> None:
    shown = list(pictures_at(draw("film.mp4", **FILMS[how]), sorted(TIMES.tolist()), 1e-3))
    assert sum(picture.num_moments for picture in shown) == len(TIMES)


@pytest.mark.parametrize("name", ["film.mkv", "film.ts", "film.avi"])
def test_other_files_are_read_through(draw: Draw, name: str) -> None:
    with pytest.raises(NotIndexed):
        next(pictures_at(draw(name, g="12"), [1.0], 1e-3))


def test_real_files_give_the_same_either_way(
    shared: Path, read_through: Callable[[Path, Times], Frames]
) -> None:
    times = np.array([0.0, 0.03, 0.2, 0.5, 0.21])
    for path in sorted((shared / "videos" / "odd").glob("*.m*")):
        try:
            whole = read_through(path, times)
        except ItemFailed:
            with pytest.raises(ItemFailed):
                decode_at(path, times, HEIGHT)
        else:
            assert np.array_equal(decode_at(path, times, HEIGHT), whole), path.name


def test_what_lies_before_the_nearest_key_frame_is_not_decoded(draw: Draw, tmp_path: Path) -> None:
    path, times = draw("film.mp4", g="10", bf="0", sc_threshold="0"), np.array([1.3, 1.4])
    whole = decode_at(path, times, HEIGHT)
    with av.open(str(path)) as container:
        places = [(entry.pos, entry.size) for entry in container.streams.video[0].index_entries]
    data = bytearray(path.read_bytes())
    for number, (begin, size) in enumerate(places):
        if 0 < number < 30 or number > 36:
            data[begin + 4 : begin + size] = bytes(size - 4)
    (tmp_path / "holes.mp4").write_bytes(data)
    assert np.array_equal(decode_at(tmp_path / "holes.mp4", times, HEIGHT), whole)


def test_a_file_that_is_cut_off_is_read_through(draw: Draw, tmp_path: Path) -> None:
    path = draw("film.mp4", g="12")
    (tmp_path / "half.mp4").write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    with pytest.raises(ItemFailed):
        decode_at(tmp_path / "half.mp4", np.array([2.3]), HEIGHT)


@pytest.mark.parametrize("is_mirrored", [False, True])
@pytest.mark.parametrize(("side", "wide"), [(64, None), (51, None), (96, None), (60, 80)])
def test_a_square_is_what_cutting_whole_frames_gives(
    draw: Draw, side: int, wide: int | None, is_mirrored: bool
) -> None:
    path, times = draw("film.mp4", g="16", bf="0"), np.array([0.4, 0.0, 0.4, 1.52])
    top = 0 if side == 96 else 6
    cut = Cut(top=top, left=12, side=side, wide=wide, is_mirrored=is_mirrored)
    square = decode_cut(path, times, 64, lambda height, width: cut)
    whole = cut.on_even_pixels().of(decode_at(path, times, HEIGHT), 64).numpy()
    assert square.shape == (4, 64, 64, 3)
    assert np.array_equal(square[0], square[2])
    assert np.abs(square.astype(int) - whole).mean() < 2.0


def test_a_square_of_a_turned_film_is_cut_of_the_upright_picture(shared: Path) -> None:
    path, asked = shared / "videos" / "odd" / "video_90.mov", []

    def choose(height: int, width: int) -> Cut:
        asked.append((height, width))
        return Cut(top=height - 64, left=0, side=64, is_mirrored=False)

    square = decode_cut(path, np.zeros(1), 64, choose)
    (height, width) = asked[0]
    assert height > width
    whole = decode_at(path, np.zeros(1), width)
    assert np.abs(square.astype(int) - whole[:, height - 64 : height, :64]).mean() < 2.0
