"""Clips that are listened to: sound makes sure where pictures leave a doubt, and nowhere else."""

import json
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner
from numpy.typing import NDArray
from sqlalchemy import select

from kinetics_builder.curation.duplicates import LikePair, heard_pairs
from kinetics_builder.database.engine import reading
from kinetics_builder.database.tables import (
    AlikeClips,
    AlikeSounds,
    Clip,
    ClipPlace,
    ClipSound,
    Standing,
)
from pipelines.cli import group
from tests.video.made_sounds import music, noise, write_sound

Pictures = list[NDArray[np.uint8]]
PAIR = LikePair(1, 2, 0.75, 1.5)
BOTH = frozenset((1, 2))
AUDIO = "[deduplicate]\nmin_similarity = 1.0\ndoubtful_similarity = 0.6\naudio = true\n[run]"


@pytest.mark.parametrize(
    ("pair", "shifts", "is_sure"),
    [
        (PAIR, {BOTH: (1, 1.6)}, True),
        (PAIR, {BOTH: (2, -1.6)}, True),
        (PAIR, {BOTH: (1, -1.5)}, False),
        (PAIR, {BOTH: (1, 4.0)}, False),
        (PAIR, {}, False),
        (LikePair(1, 2, 0.69, 1.5), {BOTH: (1, 1.5)}, False),
        (LikePair(2, 1, 0.75, -1.5, is_mirrored=True), {BOTH: (1, 1.5)}, True),
    ],
    ids=[
        "equal",
        "told of the other",
        "earlier",
        "elsewhere",
        "silent",
        "another film",
        "mirrored",
    ],
)
def test_sound_makes_sure_of_doubtful_pairs_as_much_later_as_what_they_show(
    pair: LikePair, shifts: dict[frozenset[int], tuple[int, float]], is_sure: bool
) -> None:
    assert heard_pairs([pair], shifts, least=0.7) == ({BOTH: pair.similarity} if is_sure else {})


def scene(seed: int) -> Pictures:
    """Eight seconds of a square that wanders over a texture of its own."""
    random = np.random.default_rng(seed)
    texture = random.integers(60, 200, (8, 12, 3), np.uint8).repeat(8, 0).repeat(8, 1)
    steps = np.cumsum(random.integers(-3, 4, (80, 2)), 0)
    places = np.clip(steps + np.array((24, 40)), 0, (48, 80))
    colour = random.integers(0, 255, 3, np.uint8)
    pictures = []
    for top, left in places:
        picture = texture.copy()
        picture[top : top + 16, left : left + 16] = colour
        pictures.append(picture)
    return pictures


def captioned(pictures: Pictures, *, is_mirrored: bool) -> Pictures:
    """Return pictures that were made brighter and drawn over, here or there."""
    found = []
    for picture in pictures:
        copy = np.minimum(picture.astype(np.int16) + 12, 255).astype(np.uint8)
        if is_mirrored:
            copy = copy[:, ::-1].copy()
            copy[50:60, 6:60] = (250, 240, 40)
        else:
            copy[2:10, 30:90] = (20, 30, 250)
        found.append(copy)
    return found


@pytest.fixture
def heard(world):
    """A video, two copies, one with its own sound, and the same song under another video."""
    song, other = music(8, 1), noise(8, 2)
    film = scene(1)
    videos = {
        "original": (film, song, {}),
        "copy": (
            captioned(film, is_mirrored=True),
            0.3 * song,
            {"bit_rate": 32_000, "rate": 22_050},
        ),
        "dubbed": (captioned(film, is_mirrored=False), other, {}),
        "same_song": (scene(9), song, {"bit_rate": 64_000}),
    }
    for name, (pictures, sound, how) in videos.items():
        path = world.workspace.media / f"{name}.mp4"
        world.note(name, write_sound(path, sound, pictures=pictures, **how), ("waving",))
    world.set("clip_seconds = 4.0", "clip_seconds = 8.0")
    world.set("[run]", AUDIO)
    world.run("score", "propose", "cut")
    return world


def deduplicate(world, *words: str) -> str:
    command = ["-C", str(world.workspace.root), "deduplicate", *words]
    result = CliRunner().invoke(group, command)
    assert result.exit_code == 0, result.output
    return result.output


def standings(world) -> dict[str, Standing]:
    with reading(world.workspace.engine) as session:
        rows = session.scalars(select(ClipPlace)).all()
        videos = {clip.id: clip.video.video_id for clip in session.scalars(select(Clip))}
        return {videos[row.clip_id]: row.standing for row in rows}


def doubts(world) -> list[set[str]]:
    said = deduplicate(world, "--doubtful", "--json")
    found = json.loads(said[said.index("[") :])
    return [{pair["a"].split("_0")[0], pair["b"].split("_0")[0]} for pair in found]


def test_a_copy_with_its_sound_is_sure_and_a_song_under_two_films_is_no_copy(heard) -> None:
    said = deduplicate(heard)
    assert "deduplicate listen" in said and "deduplicate sounds" in said
    found = standings(heard)
    assert found == {
        "copy": Standing.KEPT,  # the first by id, all else being equal
        "original": Standing.DUPLICATE,
        "dubbed": Standing.KEPT,
        "same_song": Standing.KEPT,
    }
    pairs = len(heard.rows(AlikeSounds, "clip_id", "other_id"))
    assert (pairs, len(heard.rows(ClipSound, "clip_id"))) == (3, 4)
    listed = doubts(heard)
    assert listed == [{"dubbed", "original"}, {"dubbed", "copy"}]


def test_a_second_run_hears_nothing_anew_and_without_the_setting_nothing_is_sure(heard) -> None:
    deduplicate(heard)
    before = standings(heard)
    for name in ("deduplicate listen", "deduplicate sounds", "deduplicate"):
        assert heard.run(name).num_new == 0, name
    assert standings(heard) == before
    heard.set("audio = true", "audio = false")
    assert "listen" not in deduplicate(heard)
    assert set(standings(heard).values()) == {Standing.KEPT}
    assert {"copy", "original"} in doubts(heard)


@pytest.mark.long
def test_what_is_taken_down_is_heard_of_no_more(heard, tmp_path: Path) -> None:
    deduplicate(heard)
    path = tmp_path / "takedown.txt"
    path.write_text("copy | 2026-11-03 | asked\n")
    command = ["-C", str(heard.workspace.root), "takedown", str(path)]
    assert CliRunner().invoke(group, command).exit_code == 0
    assert len(heard.rows(ClipSound, "clip_id")) == 3
    deduplicate(heard)
    assert standings(heard).keys() == {"original", "dubbed", "same_song"}
    assert len(heard.rows(AlikeSounds, "clip_id")) == 1
    assert heard.rows(AlikeClips, "clip_id")
