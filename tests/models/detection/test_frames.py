"""A clip shows the moments around its key frame, wherever its frames lie."""

from dataclasses import replace
from pathlib import Path

import av
import numpy as np
import pytest
from PIL import Image

from kinetics_builder.errors import ItemFailed
from models.clips.opening import CachePolicy
from models.detection.films import Film
from models.detection.frames import OpenFilms, open_films, times_around
from models.spec import Sampling

RATE, NUM_FRAMES = 5, 30
SAMPLING = Sampling(num_frames=4, step_seconds=0.4, crop_size=16, short_side=16)


def shade(number: int) -> int:
    return 12 + 8 * number


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Six seconds, each frame a little lighter: as a film, and as pictures."""
    folder = tmp_path_factory.mktemp("shades")
    (folder / "frames" / "c").mkdir(parents=True)
    with av.open(str(folder / "film.mp4"), "w") as container:
        stream = container.add_stream("libx264", rate=RATE, options={"qp": "1"})
        stream.width, stream.height, stream.pix_fmt = 48, 32, "yuv420p"
        stream.codec_context.thread_count = 1
        for number in range(NUM_FRAMES):
            picture = np.full((32, 48, 3), shade(number), np.uint8)
            Image.fromarray(picture).save(folder / f"frames/c/c_{number + 1:06d}.png")
            for packet in stream.encode(av.VideoFrame.from_ndarray(picture, format="rgb24")):
                container.mux(packet)
        for packet in stream.encode():
            container.mux(packet)
    (folder / "broken.mp4").write_bytes(b"no film at all")
    return folder


FILMS = {
    "video": Film(video_id="v", file="film.mp4", start_seconds=900.0),
    "pictures": Film(
        video_id="c", file="frames/c", start_seconds=900.0, frames_per_second=float(RATE)
    ),
    "broken": Film(video_id="b", file="broken.mp4"),
    "missing": Film(video_id="m", file="missing.mp4"),
}


def opened(folder: Path, tmp_path: Path, max_bytes: int) -> OpenFilms:
    policy = CachePolicy(folder=tmp_path / "frames", max_bytes=max_bytes)
    films = {film.video_id: (film,) for film in FILMS.values()}
    return open_films(folder, films, SAMPLING, policy, lambda line: None)


@pytest.fixture(scope="module", params=["cached", "decoded"])
def films(request: pytest.FixtureRequest, folder: Path, tmp_path_factory) -> OpenFilms:
    found = opened(folder, tmp_path_factory.mktemp("cache"), (request.param == "cached") << 30)
    assert found.is_cached is (request.param == "cached")
    return found


def shown(films: OpenFilms, name: str, seconds: float) -> list[int]:
    """Return which frames are in the clip, by how light they are."""
    frames = films.around(FILMS[name], seconds, SAMPLING)
    assert frames.shape == (4, 16, 24, 3) and frames.dtype == np.uint8
    return [round((float(frame.mean()) - 12) / 8) for frame in frames]


@pytest.mark.parametrize("name", ["video", "pictures"])
@pytest.mark.parametrize(
    ("seconds", "expected"),
    [(902.0, [6, 8, 10, 12]), (903.4, [13, 15, 17, 19]), (900.0, [0, 0, 0, 2])],
)
def test_the_key_frame_is_the_first_of_the_second_half(films, name, seconds, expected) -> None:
    assert shown(films, name, seconds) == expected


@pytest.mark.parametrize("name", ["video", "pictures"])
def test_beyond_the_end_the_last_picture_stands(films, name) -> None:
    assert shown(films, name, 905.8) == [25, 27, 29, 29]


@pytest.mark.parametrize(
    ("name", "seconds", "message"),
    [
        ("video", 907.0, "the key frame would lie at 7 s of film.mp4, which is 6 s long"),
        ("pictures", 950.0, "would lie at 50 s of frames/c"),
        ("missing", 2.0, "is not there"),
        ("broken", 2.0, "."),
    ],
)
def test_what_cannot_be_shown_says_why(films, name, seconds, message) -> None:
    with pytest.raises(ItemFailed, match=message):
        films.around(FILMS[name], seconds, SAMPLING)


def test_an_empty_folder_of_pictures_says_so(films, folder) -> None:
    (folder / "frames" / "none").mkdir(exist_ok=True)
    with pytest.raises(ItemFailed, match="frames/none holds no picture"):
        films.around(Film(video_id="n", file="frames/none"), 0.0, SAMPLING)


def test_a_broken_picture_names_its_file(films, folder) -> None:
    (folder / "frames" / "bad").mkdir(exist_ok=True)
    (folder / "frames" / "bad" / "1.jpg").write_bytes(b"nothing")
    with pytest.raises(ItemFailed, match=r"frames/bad/1.jpg cannot be read"):
        films.around(Film(video_id="n", file="frames/bad"), 0.0, SAMPLING)


def test_moments_are_those_of_the_released_code() -> None:
    slowfast = replace(SAMPLING, num_frames=32, step_seconds=2 / 30)
    places = np.rint((times_around(902.0, slowfast) - 900.0) * 30).astype(int)
    assert places.tolist() == list(range(60 - 32, 60 + 32, 2))
