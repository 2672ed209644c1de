"""Made sounds: found again through formats, rates and shifts, and not taken for others."""

from itertools import combinations
from pathlib import Path

import numpy as np
import pytest

from kinetics_builder.video.likeness.sounds.agreement import agree
from kinetics_builder.video.likeness.sounds.hearing import hear
from kinetics_builder.video.likeness.sounds.index import SoundIndex
from kinetics_builder.video.likeness.sounds.landmarks import Landmarks, landmarks_of
from tests.video.made_sounds import (
    RATE,
    Sound,
    beat,
    chirps,
    music,
    noise,
    silence,
    tone,
    write_sound,
)

LENGTH = 10 * RATE
SHIFT_SECONDS = 2.345
CODECS = {
    "aac, 32 kbit/s": ("mp4", "aac", 32_000, 22_050),
    "opus, 24 kbit/s": ("mkv", "libopus", 24_000, 48_000),
    "mp3, 32 kbit/s": ("mkv", "libmp3lame", 32_000, 24_000),
}


def heard(sound: Sound) -> Landmarks:
    return landmarks_of(sound, RATE)


@pytest.fixture(scope="module")
def made() -> dict[str, Sound]:
    """Thirteen seconds of each kind, of which others take ten."""
    return {one.__name__: one(13, 1) for one in (music, noise, chirps)}


@pytest.mark.parametrize("name", ["music", "noise", "chirps"])
@pytest.mark.parametrize("codec", CODECS)
def test_a_sound_is_known_again_encoded_anew_quieter_and_later(
    tmp_path: Path, made: dict[str, Sound], name: str, codec: str
) -> None:
    suffix, encoder, bit_rate, rate = CODECS[codec]
    original, start = heard(made[name][:LENGTH]), int(SHIFT_SECONDS * RATE)
    copy = 0.2 * made[name][start : start + LENGTH]
    path = tmp_path / f"copy.{suffix}"
    write_sound(path, copy, codec=encoder, bit_rate=bit_rate, rate=rate)
    found = hear(path)
    straight, back = agree(original, found), agree(found, original)
    assert straight is not None and back is not None
    assert straight.shift_seconds == pytest.approx(-SHIFT_SECONDS, abs=0.1)
    assert back.shift_seconds == pytest.approx(-straight.shift_seconds, abs=0.002)


def test_no_sound_is_taken_for_another_of_its_kind() -> None:
    sounds = [heard(one(10, seed)) for one in (music, noise, chirps) for seed in range(20, 28)]
    pairs = list(combinations(range(len(sounds)), 2))
    assert len(pairs) == 276
    assert [pair for pair in pairs if agree(sounds[pair[0]], sounds[pair[1]])] == []
    assert len(list(SoundIndex(sounds).pairs())) <= 5


def test_one_song_under_two_voices_is_known_for_what_it_is() -> None:
    song = music(10, 1)
    found = agree(heard(song + chirps(10, 2)), heard(song + chirps(10, 3)))
    assert found is not None and found.shift_seconds == pytest.approx(0, abs=0.05)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (silence(10), silence(10)),
        (silence(10), music(10, 1)),
        (beat(10, music(0.5, 3)), beat(10, music(0.5, 3))),
        (tone(10, 50) + noise(10, 1, 0.02), tone(10, 50) + noise(10, 2, 0.02)),
        (tone(10, 440), np.roll(tone(10, 440), 12345) + noise(10, 2, 0.002)),
        (music(1, 1), music(1, 1)),
        (music(10, 1)[:0], music(10, 1)),
    ],
    ids=["silence", "half silence", "beat", "hum", "tone", "too short", "nothing"],
)
def test_of_what_sounds_the_same_at_many_times_nothing_is_said(one: Sound, other: Sound) -> None:
    assert agree(heard(one), heard(other)) is None


@pytest.mark.long
def test_the_index_finds_what_agrees_and_compares_little_else() -> None:
    many = [music(10, seed) for seed in range(40, 60)]
    later = music(13, 1)
    many[3], many[17] = later[:LENGTH], later[3 * RATE :]
    many[5], many[11] = noise(10, 7), noise(10, 7)
    sounds = [heard(one) for one in many]
    pairs = set(SoundIndex(sounds).pairs())
    agreeing = {pair for pair in pairs if agree(sounds[pair[0]], sounds[pair[1]])}
    assert agreeing == {(17, 3), (11, 5)} and len(pairs) <= 20  # of 190


def test_landmarks_are_kept_as_bytes() -> None:
    one = heard(music(3, 1))
    again = Landmarks.from_bytes(one.to_bytes())
    assert len(one) > 50 and len(one.to_bytes()) == 6 * len(one)
    assert (again.hashes_N == one.hashes_N).all() and (again.moments_N == one.moments_N).all()
    with pytest.raises(ValueError, match="7 bytes are no landmarks: each takes 6"):
        Landmarks.from_bytes(b"1234567")


@pytest.mark.parametrize("rate", [8000, 16_000, 22_050, 44_100])
def test_the_rate_of_the_samples_does_not_matter(rate: int) -> None:
    time = np.arange(LENGTH) / RATE
    sound = music(10, 4)
    fewer = np.interp(np.arange(10 * rate) / rate, time, sound).astype(np.float32)
    found = agree(heard(sound), landmarks_of(fewer, rate))
    assert found is not None and found.shift_seconds == pytest.approx(0, abs=0.05)


def test_a_file_without_sound_has_no_landmarks(tmp_path: Path) -> None:
    from kinetics_builder.video.ffmpeg import run_ffmpeg

    path = tmp_path / "film.mp4"
    command = ["-filter_complex", "testsrc2=size=64x48:rate=10:duration=1", "-y", str(path)]
    run_ffmpeg(command, timeout_seconds=60)
    assert len(hear(path)) == 0
