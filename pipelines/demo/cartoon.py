"""Moving pictures without people: cartoons, stills, and copies of other videos."""

from collections.abc import Iterator
from itertools import islice

import numpy as np
from PIL import Image, ImageDraw

from pipelines.demo.drawing.acting import FRAMES_PER_SECOND
from pipelines.demo.drawing.canvas import Canvas, Picture
from pipelines.demo.drawing.painter import ENLARGED, HEIGHT, WIDTH
from pipelines.demo.drawing.scenery import colour_between
from pipelines.demo.film import frames, set_scene
from pipelines.demo.uploads import Copy, Kind, Upload


def pictures(upload: Upload) -> Iterator[Picture]:
    """Yield every frame of an upload, as its kind demands."""
    if upload.kind == Kind.STILL:
        yield from _still(upload)
    elif upload.kind == Kind.CARTOON:
        yield from _cartoon(upload)
    else:
        shown = frames(set_scene(np.random.default_rng(upload.seed)), upload.script)
        yield from _copied(shown, upload.copy) if upload.copy else shown


def _num_frames(upload: Upload) -> int:
    return sum(segment.num_frames for segment in upload.script)


def _still(upload: Upload) -> Iterator[Picture]:
    scene = set_scene(np.random.default_rng(upload.seed))
    moment = upload.script[0].num_frames + 20
    picture = next(islice(frames(scene, upload.script), moment, None))
    for _ in range(_num_frames(upload)):
        yield picture


def _cartoon(upload: Upload) -> Iterator[Picture]:
    rng = np.random.default_rng(upload.seed)
    canvas = Canvas(set_scene(rng).backdrop)
    blobs = [_Blob(rng) for _ in range(int(rng.integers(3, 7)))]
    for index in range(_num_frames(upload)):
        draw = ImageDraw.Draw(canvas.clear())
        for blob in blobs:
            blob.paint(draw, index / FRAMES_PER_SECOND)
        yield canvas.halved()


class _Blob:
    """A round creature with eyes that hops along."""

    def __init__(self, rng: np.random.Generator) -> None:
        self.colour = colour_between(rng, 40, 255)
        self.radius = float(rng.uniform(12, 34))
        self.middle = rng.uniform((40, 60), (WIDTH * ENLARGED - 40, HEIGHT * ENLARGED - 40))
        self.reach, self.speed = rng.uniform(10, 70, 2), rng.uniform(1.0, 4.5, 2)
        self.phase = rng.uniform(0, 6, 2)

    def paint(self, draw: ImageDraw.ImageDraw, seconds: float) -> None:
        """Paint the creature at its place of that time."""
        x, y = self.middle + self.reach * np.sin(self.speed * seconds + self.phase)
        r, eye = self.radius, self.radius / 4
        draw.ellipse((x - r, y - r, x + r, y + r), fill=self.colour)
        for side in (-0.4, 0.4):
            ex, ey = x + side * r, y - 0.3 * r
            draw.ellipse((ex - eye, ey - eye, ex + eye, ey + eye), fill=(255, 255, 255))
            draw.ellipse((ex - eye / 2, ey, ex + eye / 2, ey + eye), fill=(20, 20, 20))


def _copied(shown: Iterator[Picture], copy: Copy) -> Iterator[Picture]:
    left, top, right, bottom = copy.crop
    box = (left * WIDTH, top * HEIGHT, (1 - right) * WIDTH, (1 - bottom) * HEIGHT)
    for picture in islice(shown, copy.skip_frames, None):
        whole = Image.fromarray(picture)
        small = whole.resize(copy.size, Image.Resampling.BILINEAR, box=box)
        if copy.caption:
            draw = ImageDraw.Draw(small)
            draw.rectangle((2, 2, 8 + 7 * len(copy.caption), 15), fill=(20, 20, 20))
            draw.text((5, 3), copy.caption, fill=(255, 255, 255))
        yield np.asarray(small)
