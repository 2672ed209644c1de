"""A drawn release with a drawn web around it: clips, stills and long videos, some of them wrong."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from pipelines.demo.drawn import FRAMES, Drawn, actions, draw_release
from pipelines.demo.film import Segment
from pipelines.demo.labels import NAMES
from pipelines.experiments.joint import TARGET
from pipelines.experiments.worlds import TARGET_LABELS, Say

WRONG = 0.35
"""Share of the web's items that show another class than they were searched for."""
_COUNTS = {"train": 6, "test": 20}
_NUM_CLIPS, _NUM_IMAGES, _NUM_VIDEOS = 16, 24, 5
"""Of each class on the web."""
_IDLE = ("stand", "walk", "look around", "scratch")
_FIRST_SEED, _FIRST_NUMBER = 301, 1000


@dataclass(frozen=True)
class WebWorld:
    """The joint release of one seed, and which of its web clips show what they say."""

    release: Path
    is_right: dict[str, bool]
    """By file."""


def draw_web_world(worlds: Path, seed: int, say: Say) -> WebWorld:
    """Draw the joint release of a seed unless it is there."""
    own = actions(TARGET_LABELS, _COUNTS, _FIRST_SEED + seed)
    web = list(_web(seed))
    release = worlds / f"seed{seed}-web-{len(own)}-{len(web)}"
    videos = [*(_in_target(one) for one in own), *(video for video, _ in web)]
    if not (release / "classes.txt").is_file():
        say(f"Drawing a release and a web of {len(videos)} videos in {release}")
        draw_release(release, TARGET_LABELS, videos)
    told = {file: is_right for video, rights in web for file, is_right in _told(video, rights)}
    return WebWorld(release, told)


def _told(video: Drawn, rights: Sequence[bool]) -> Iterator[tuple[str, bool]]:
    return zip(video.files(), rights, strict=True)


def _in_target(video: Drawn) -> Drawn:
    return replace(video, folder=TARGET)


def _web(seed: int) -> Iterator[tuple[Drawn, list[bool]]]:
    """Yield what was searched for each class, and whether each clip of it is right."""
    random = np.random.default_rng([_FIRST_SEED, seed])
    for label in TARGET_LABELS:
        for number in range(_NUM_CLIPS):
            shown = _shown(label, random)
            yield _one(seed, label, shown, number), [shown == label]
        for number in range(_NUM_IMAGES):
            shown = _shown(label, random)
            yield _one(seed, label, shown, number, is_still=True), [shown == label]
        for number in range(_NUM_VIDEOS):
            shown = _shown(label, random)
            yield _long(seed, label, shown, number), [False, shown == label, False, False]


def _shown(label: str, random: np.random.Generator) -> str:
    others = [name for name in TARGET_LABELS if name != label]
    return str(random.choice(others)) if random.random() < WRONG else label


def _one(seed: int, label: str, shown: str, number: int, *, is_still: bool = False) -> Drawn:
    """Return a short clip, or a still: where in the action it is, its person's manner says."""
    kind, length = ("images", 1) if is_still else ("clips", FRAMES)
    place = _FIRST_NUMBER * (2 if is_still else 1) + number
    return Drawn(
        name=f"{kind}_{label.replace(' ', '_')}_{number}",
        label=label,
        split="train",
        seed=(_FIRST_SEED + seed, NAMES.index(label), place),
        script=(Segment(shown, length),),
        folder=kind,
        stretches=((0, length),),
    )


def _long(seed: int, label: str, shown: str, number: int) -> Drawn:
    """Return a long video whose second window of four shows the action, and the others none."""
    before, after = (_IDLE[(number + n) % len(_IDLE)] for n in (0, 1))
    return Drawn(
        name=f"videos_{label.replace(' ', '_')}_{number}",
        label=label,
        split="train",
        seed=(_FIRST_SEED + seed, NAMES.index(label), 3 * _FIRST_NUMBER + number),
        script=(Segment(before, FRAMES), Segment(shown, FRAMES), Segment(after, 2 * FRAMES)),
        folder="videos",
        stretches=tuple((n * FRAMES, (n + 1) * FRAMES) for n in range(4)),
    )
