"""Which copies of sounds are known again, which others are taken for copies, and how fast.

    .venv/bin/python -m benchmarks.sounds [--kind N] [--out FILE]

Sounds are made, and encoded by PyAV's encoders at the rates that sites have; a copy begins later,
at no multiple of a step. A pair is found where `agree` says so by the right shift.
"""

import argparse
import tempfile
import time
from collections.abc import Callable, Iterator
from itertools import combinations
from pathlib import Path
from typing import NamedTuple

import numpy as np

from benchmarks.report import machine
from kinetics_builder.video.likeness.sounds.agreement import agree
from kinetics_builder.video.likeness.sounds.hearing import hear
from kinetics_builder.video.likeness.sounds.index import SoundIndex
from kinetics_builder.video.likeness.sounds.landmarks import Landmarks, landmarks_of
from tests.video.made_sounds import RATE, Sound, chirps, music, noise, write_sound

SECONDS = 10
KINDS: dict[str, Callable[[float, int], Sound]] = {
    "music": music,
    "noise": noise,
    "gliding tones": chirps,
    "voice over one song": lambda seconds, seed: music(seconds, 0) + chirps(seconds, seed),
}
CODECS = {
    "AAC, 128 kbit/s": ("mp4", "aac", 128_000, 48_000),
    "AAC, 32 kbit/s, 22 kHz": ("mp4", "aac", 32_000, 22_050),
    "Opus, 24 kbit/s": ("mkv", "libopus", 24_000, 48_000),
    "Opus, 12 kbit/s, 16 kHz": ("mkv", "libopus", 12_000, 16_000),
    "MP3, 32 kbit/s, 24 kHz": ("mkv", "libmp3lame", 32_000, 24_000),
}
SHIFTS = 0.0, 3.337
"""Seconds by which a copy begins later."""
GAIN = 0.3
MANY = 10_000


class Recall(NamedTuple):
    """How many copies are known again."""

    codec: str
    kind: str
    shift_seconds: float
    num_found: int
    num_copies: int


def recalls(each: int, folder: Path) -> Iterator[Recall]:
    """Measure each kind of sound through each codec."""
    for kind, make in KINDS.items():
        if kind.startswith("voice"):
            continue
        made = [make(SECONDS + max(SHIFTS) + 1, seed) for seed in range(1, each + 1)]
        originals = [landmarks_of(one[: SECONDS * RATE], RATE) for one in made]
        for codec, (suffix, encoder, bit_rate, rate) in CODECS.items():
            path = folder / f"copy.{suffix}"
            for shift in SHIFTS:
                num_found = 0
                for sound, original in zip(made, originals, strict=True):
                    start = int(shift * RATE)
                    copy = GAIN * sound[start : start + SECONDS * RATE]
                    write_sound(path, copy, codec=encoder, bit_rate=bit_rate, rate=rate)
                    found = agree(original, hear(path))
                    num_found += found is not None and abs(found.shift_seconds + shift) < 0.1
                yield Recall(codec, kind, shift, num_found, each)


def false_pairs(each: int) -> Iterator[tuple[str, int, int]]:
    """Yield of each kind how many pairs of different sounds agree, and how many there are."""
    for kind, make in KINDS.items():
        sounds = [landmarks_of(make(SECONDS, 100 + seed), RATE) for seed in range(4 * each)]
        pairs = list(combinations(sounds, 2))
        yield kind, sum(agree(*pair) is not None for pair in pairs), len(pairs)


def many(number: int) -> tuple[float, float, int]:
    """Return the CPU seconds of listening to one clip, of comparing so many, and pairs compared.

    Landmarks of the many are drawn as those of music are spread; ten are copies of others.
    """
    begun = time.process_time()
    known = [landmarks_of(music(SECONDS, seed), RATE) for seed in range(20)]
    listening = (time.process_time() - begun) / len(known)
    hashes = np.concatenate([one.hashes_N for one in known])
    random, length = np.random.default_rng(0), len(hashes) // len(known)
    sounds = []
    for _ in range(number):
        drawn = random.choice(hashes, length) ^ (random.integers(0, 1 << 8, length) << 13)
        moments = np.sort(random.integers(0, 430, length))
        sounds.append(Landmarks(drawn.astype(np.uint32), moments.astype(np.uint16)))
    for place in range(10):
        sounds[number - 1 - place] = sounds[place]
    begun = time.process_time()
    pairs = list(SoundIndex(sounds).pairs())
    agreeing = [pair for pair in pairs if agree(sounds[pair[0]], sounds[pair[1]])]
    assert len(agreeing) == 10, agreeing
    return listening, time.process_time() - begun, len(pairs)


def lines(each: int, folder: Path) -> Iterator[str]:
    """Yield the results as Markdown."""
    yield "# Copies of sounds"
    yield ""
    yield f"`python -m benchmarks.sounds --kind {each}`, {machine('cpu')}"
    yield ""
    yield f"{each} made sounds of {SECONDS} s a kind; copies at {GAIN:g} of their loudness."
    yield ""
    yield "| copy | sound | found at once | found where it begins 3.337 s later |"
    yield "|---|---|---|---|"
    found = list(recalls(each, folder))
    for at_once, later in zip(found[::2], found[1::2], strict=True):
        counts = (f"{one.num_found} of {one.num_copies}" for one in (at_once, later))
        yield f"| {at_once.codec} | {at_once.kind} | {' | '.join(counts)} |"
    yield ""
    yield "| different sounds | pairs that agree | pairs |"
    yield "|---|---|---|"
    for kind, number, of in false_pairs(each):
        yield f"| {kind} | {number} | {of} |"
    yield ""
    yield (
        "One song under two voices is the same sound: such a pair is a duplicate only where what "
        "the two show is doubtful, too (docs/duplicates.md)."
    )
    listening, comparing, pairs = many(MANY)
    yield ""
    yield (
        f"Landmarks of a clip of {SECONDS} s: {listening:.3f} CPU s (decoding apart). {MANY:,} "
        f"clips looked up and compared: {comparing:.1f} CPU s, {pairs:,} pairs compared; 10 copies "
        "among them, 10 found."
    )


def main() -> None:
    """Measure and write the results."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kind", type=int, default=20, help="Sounds of each kind.")
    results = Path(__file__).parent / "results" / "sounds.md"
    parser.add_argument("--out", type=Path, default=results)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        text = "\n".join(lines(given.kind, Path(folder))) + "\n"
    given.out.write_text(text, encoding="utf-8")
    print(text)


if __name__ == "__main__":
    main()
