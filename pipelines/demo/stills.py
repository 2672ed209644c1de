"""Pictures for the image scorer: what an image search would give for each class."""

from functools import partial
from pathlib import Path

import numpy as np
from PIL import Image

from pipelines.demo.drawing.canvas import Picture
from pipelines.demo.drawing.idling import IDLE
from pipelines.demo.film import Segment, picture, set_scene
from pipelines.demo.labels import NAMES
from pipelines.demo.workers import workers
from pipelines.demo.world import World

NOTHING = "nothing"
"""The class of people who do nothing in particular."""
_MOMENTS = 50
"""Frames of a stretch from which a picture is taken."""


def render_stills(folder: Path, world: World, for_each_class: int = 120) -> int:
    """Write `folder`/CLASS/NUMBER.jpg for every class and for "nothing".

    The people and places are others than those of the videos. Returns how many pictures were
    made; those that are there already are kept. One process a core does the drawing.
    """
    wanted = []
    for name in (*NAMES, NOTHING):
        (folder / name).mkdir(parents=True, exist_ok=True)
        targets = [folder / name / f"{number:04d}.jpg" for number in range(for_each_class)]
        wanted += [target for target in targets if not target.exists()]
    if wanted:
        with workers() as pool:
            list(pool.map(partial(_make, world.seed), wanted, chunksize=20))
    return len(wanted)


def _make(seed: int, target: Path) -> None:
    name, number = target.parent.name, int(target.stem)
    rng = np.random.default_rng([seed, 1_000_003, (*NAMES, NOTHING).index(name), number])
    temporary = target.with_suffix(".part")
    Image.fromarray(_still(rng, name)).save(temporary, "JPEG", quality=90)
    temporary.replace(target)


def _still(rng: np.random.Generator, name: str) -> Picture:
    behaviour = str(rng.choice(list(IDLE))) if name == NOTHING else name
    moment = int(rng.integers(_MOMENTS))
    return picture(set_scene(rng), Segment(behaviour, _MOMENTS), moment)
