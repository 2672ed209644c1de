from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from kinetics_builder.config import DeduplicateConfig
from kinetics_builder.errors import ItemFailed
from kinetics_builder.video.ffmpeg import run_ffmpeg
from kinetics_builder.video.likeness.fingerprint import (
    Fingerprint,
    Summary,
    fingerprint,
    fingerprint_of,
)
from kinetics_builder.video.likeness.shifts import by_chance
from kinetics_builder.video.likeness.similarity import compare, similarity

ALIKE = DeduplicateConfig().min_similarity

Read = Callable[[str], Fingerprint]


@pytest.fixture(scope="module")
def read(shared: Path) -> Read:
    known: dict[str, Fingerprint] = {}

    def fingerprint_of(name: str) -> Fingerprint:
        if name not in known:
            known[name] = fingerprint(shared / "videos" / name)
        return known[name]

    return fingerprint_of


def changed(source: Path, target: Path, filters: str, start: float = 0.0) -> Fingerprint:
    """Return the fingerprint of a re-encoded copy to which something was done."""
    arguments = ["-ss", str(start), "-i", str(source), "-t", "5", "-vf", filters, "-an"]
    encoder = ["-c:v", "libx264", "-preset", "ultrafast", "-crf", "30", "-pix_fmt", "yuv420p"]
    run_ffmpeg([*arguments, *encoder, "-y", str(target)], timeout_seconds=60)
    return fingerprint(target)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        pytest.param("part_0.mp4", "part_1.mp4", id="byte for byte"),
        pytest.param(
            "part_0.mp4", "test.mp4", id="the first second of a clip whose colours change"
        ),
        pytest.param("carving_ice_123k.mp4", "carving_ice_350k.mp4", id="another size"),
        pytest.param("test_clip_10s.mp4", "test_video_30s.mp4", id="cut from 3 s on"),
        pytest.param(
            "../actions/arm_wrestling_demo.mp4",
            "arm_wrestling_demo_overlaid.mp4",
            id="drawings on it, 6 frames a second and a little slower",
        ),
    ],
)
def test_real_duplicates_are_alike(read: Read, one: str, other: str) -> None:
    a, b = read(f"duplicates/{one}"), read(f"duplicates/{other}")
    assert similarity(a, b) == similarity(b, a) >= ALIKE


@pytest.mark.parametrize(
    ("one", "other"),
    [
        pytest.param(
            "v_SoccerJuggling_g23_c01.avi", "v_SoccerJuggling_g24_c01.avi", id="one class"
        ),
        pytest.param("asl/again.mkv", "asl/help.mkv", id="one person in one room"),
        pytest.param("asl/book.mkv", "asl/walk.mkv", id="one person in one room, a longer gesture"),
        pytest.param("basketball.mp4", "v_SoccerJuggling_g23_c01.avi", id="two ball games"),
        pytest.param("video4.mp4", "video5.mp4", id="two rooms"),
    ],
)
def test_other_actions_are_not_alike(read: Read, one: str, other: str) -> None:
    assert similarity(read(f"actions/{one}"), read(f"actions/{other}")) < ALIKE


BOX = "drawbox=x=iw*0.05:y=ih*0.8:w=iw*0.5:h=ih*0.1:color=yellow:t=fill"


@pytest.mark.few("smaller", "with a caption", "all of it", "mirrored", "letterboxed", "faster")
@pytest.mark.parametrize(
    ("filters", "start"),
    [
        pytest.param("scale=160:-2", 0.0, id="smaller"),
        pytest.param("crop=iw*0.88:ih*0.88,scale=320:-2", 0.0, id="cropped"),
        pytest.param("crop=iw*0.9:ih*0.9:0:0,scale=320:-2", 0.0, id="cropped in a corner"),
        pytest.param(f"{BOX},scale=320:-2", 0.0, id="with a caption"),
        pytest.param("eq=brightness=0.08:contrast=1.15,scale=320:-2", 0.0, id="brighter"),
        pytest.param("scale=320:-2", 1.3, id="later"),
        pytest.param(f"crop=iw*0.92:ih*0.92,scale=240:-2,{BOX}", 1.3, id="all of it"),
        pytest.param("hflip,scale=320:-2", 0.0, id="mirrored"),
        pytest.param("hue=s=0,scale=320:-2", 0.0, id="grey"),
        pytest.param("scale=320:-2,pad=iw:ih*1.4:0:ih*0.2", 0.0, id="letterboxed"),
        pytest.param("scale=320:-2,pad=iw*1.6:ih:iw*0.3:0", 0.0, id="pillarboxed"),
        pytest.param(
            "scale=320:-2,pad=iw*1.3:ih*1.3:iw*0.15:ih*0.15:color=0x204060", 0.0, id="in a frame"
        ),
        pytest.param("scale=320:320", 0.0, id="stretched"),
        pytest.param("setpts=PTS/1.05,scale=320:-2", 0.0, id="faster"),
        pytest.param(
            "hflip,crop=iw*0.92:ih*0.92,hue=s=0,scale=320:-2,pad=iw:ih*1.3:0:ih*0.15",
            1.0,
            id="mirrored, cropped, grey, letterboxed, later",
        ),
    ],
)
@pytest.mark.parametrize(
    "name",
    ["cutting_watermelon_demo.mp4", pytest.param("SOX5yA1l24A.mp4", marks=pytest.mark.long)],
)
def test_what_was_done_to_a_copy_does_not_hide_it(
    shared: Path, tmp_path: Path, name: str, filters: str, start: float
) -> None:
    source = shared / "videos" / "actions" / name
    original = changed(source, tmp_path / "original.mp4", "scale=trunc(iw/2)*2:trunc(ih/2)*2")
    assert similarity(original, changed(source, tmp_path / "copy.mp4", filters, start)) >= ALIKE


def test_bytes_give_the_fingerprint_back(counting: Path) -> None:
    one = fingerprint(counting)
    other = Fingerprint.from_bytes(one.to_bytes())
    assert one.film_THW.shape == (64, 16, 16)
    assert np.array_equal(one.film_THW, other.film_THW)
    assert np.array_equal(one.stills_NHW, other.stills_NHW)
    assert np.array_equal(one.movement_HW, other.movement_HW)
    assert np.array_equal(one.colours_HWC, other.colours_HWC)
    assert one.to_bytes() == fingerprint(counting).to_bytes()


def test_a_picture_counts_for_as_long_as_it_is_shown(tmp_path: Path, make_video) -> None:
    film = fingerprint(make_video(tmp_path / "slow.mkv", [0, 1000, 2000])).film_THW
    assert len(film) == 17
    assert np.array_equal(film[0], film[6])
    assert not np.array_equal(film[7], film[8])
    assert np.array_equal(film[9], film[14])


def test_a_film_is_the_same_however_finely_its_pictures_are_given() -> None:
    """What is shown at a moment counts, not how many pictures say so, evenly or not."""
    pictures = np.random.default_rng(0).integers(0, 255, (8, 64, 64, 3), dtype=np.uint8)
    films = []
    for moments in (
        np.arange(0, 2, 0.25),
        np.arange(0, 2, 0.05),
        np.sqrt(np.arange(0, 4, 0.03125)),
    ):
        summary = Summary()
        for moment in np.unique([*moments, *np.arange(0, 2, 0.25), 1.9999]):
            summary.add_small(float(moment), pictures[int(moment / 0.25)])
        films.append(summary.made().film_THW.astype(int))
    assert np.abs(films[0] - films[1]).max() <= 1 >= np.abs(films[0] - films[2]).max()


def waving(
    start: float, hertz: float, colour: tuple[int, int, int] = (240, 240, 240)
) -> Fingerprint:
    """Return four seconds of something that waves before a dark wall, 25 times a second."""
    summary = Summary()
    for moment in np.arange(0, 4, 0.04):
        picture = np.full((64, 64, 3), 30, np.uint8)
        picture[50:60, 4:24] = 90
        at = int(28 + 5 * np.sin(2 * np.pi * hertz * (start + moment) + np.sin(start + moment)))
        picture[16:40, at : at + 10] = colour
        summary.add_small(float(moment), picture)
    return summary.made()


@pytest.mark.parametrize("hertz", [1.0, 1.8])
@pytest.mark.parametrize("later", [0.3, 0.42, 0.66])
def test_quick_movements_are_found_in_what_begins_within_a_picture(
    hertz: float, later: float
) -> None:
    """Sampled less often, what waves so often looks another way in each copy."""
    one, other = waving(0, hertz), waving(later, hertz)
    found = compare(one, other)
    assert found.similarity >= ALIKE
    assert found.shift_seconds == pytest.approx(-later, abs=0.07)


def test_what_moves_must_have_the_same_colour() -> None:
    """However much of the picture is a wall of no colour."""
    white, red = waving(0, 1.0), waving(0.1, 1.0, (250, 60, 40))
    yellow = waving(0.1, 1.0, (250, 235, 60))
    assert similarity(red, yellow) < ALIKE
    assert similarity(white, waving(0.1, 1.0)) >= ALIKE


def test_two_seconds_that_fit_say_less_than_four() -> None:
    one, other = waving(0, 1.0), waving(2.0, 1.0)
    whole = similarity(one, waving(0.04, 1.0))
    assert similarity(one, other) < whole
    assert similarity(one.stretch(0, 16), one) >= ALIKE  # all of the shorter is there
    assert [by_chance(shared, 32) for shared in (32, 16, 0)] == pytest.approx([0, 0.25, 1])
    assert by_chance(16, 16) == by_chance(40, 80) == 0


def flat(level: int, num_bins: int, colour: tuple[int, int, int] = (0, 0, 0)) -> Fingerprint:
    film = np.full((num_bins, 64, 64), level, dtype=np.float32)
    film[:, 16:32, 16:32] = 200
    return fingerprint_of(film, np.full((64, 64, 3), colour, dtype=np.float32))


def test_stills_are_compared_by_their_picture() -> None:
    assert similarity(flat(20, 8), flat(22, 9)) > ALIKE
    film = np.full((8, 64, 64), 20, dtype=np.float32)
    film[:, 8:56, 44:60] = 200
    assert similarity(flat(20, 8), fingerprint_of(film, np.zeros((64, 64, 3)))) < ALIKE


def test_other_colours_are_another_video() -> None:
    assert similarity(flat(20, 8, (200, 20, 20)), flat(21, 9, (20, 20, 200))) < 0.2


def test_what_is_grey_may_have_had_any_colours() -> None:
    assert similarity(flat(20, 8, (200, 20, 20)), flat(21, 9, (90, 90, 90))) > ALIKE


def test_a_single_picture_can_be_compared() -> None:
    moving = np.random.default_rng(0).integers(0, 255, (6, 64, 64)).astype(np.float32)
    one, many = (fingerprint_of(film, np.zeros((64, 64, 3))) for film in (moving[:1], moving))
    assert 0 <= similarity(one, many) <= 1


def test_a_file_that_is_no_video_has_no_fingerprint(tmp_path: Path) -> None:
    (tmp_path / "a.mp4").write_text("nothing")
    with pytest.raises(ItemFailed):
        fingerprint(tmp_path / "a.mp4")


@pytest.mark.parametrize("method", [1, 2])
def test_fingerprints_of_an_older_kbuild_are_compared_with_new_ones(
    read: Read, method: int
) -> None:
    """They had four frames a second; the first ones films and colours alone."""
    new = read("actions/cutting_watermelon_demo.mp4")
    film = new.film_THW.reshape(-1, 2, 16, 16).mean(1).round().astype(np.uint8)
    data = new.colours_HWC.tobytes()
    if method == 2:
        data = bytes([len(new.stills_NHW)]) + data
        data += new.movement_HW.tobytes() + new.stills_NHW.tobytes()
    older = Fingerprint.from_bytes(data + film.tobytes())
    assert older.film_THW.shape == new.film_THW.shape
    assert np.array_equal(older.colours_HWC, new.colours_HWC)
    assert older.stills_NHW.shape == ((1, 32, 32) if method == 1 else new.stills_NHW.shape)
    assert similarity(older, read("actions/SOX5yA1l24A.mp4")) < ALIKE
    assert similarity(older, changed_film(new)) >= ALIKE
    assert np.array_equal(Fingerprint.from_bytes(older.to_bytes()).film_THW, older.film_THW)


def changed_film(one: Fingerprint) -> Fingerprint:
    """Return a fingerprint as a codec may leave it."""
    film = np.clip(one.film_THW.astype(int) + 1, 0, 255).astype(np.uint8)
    return Fingerprint(film, one.stills_NHW, one.movement_HW, one.colours_HWC)
