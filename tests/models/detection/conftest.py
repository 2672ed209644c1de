"""Films in which coloured squares stand for people: who they are and what they do is known."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import av
import numpy as np
import pytest
import torch

from models.backbones.slowfast import SlowFastConfig
from models.spec import NetworkSpec
from models.zoo import network_spec

WIDTH, HEIGHT, RATE, SECONDS, SIZE = 128, 96, 10, 12, 32
ACTIONS = {1: "be red", 2: "be blue", 3: "walk", 5: "stand"}
LABEL_MAP = "".join(
    f'label {{\n  name: "{name}"\n  label_id: {number}\n  label_type: PERSON_MOVEMENT\n}}\n'
    for number, name in ACTIONS.items()
)
COLOURS = {1: (230, 30, 30), 2: (30, 30, 230)}


@dataclass(frozen=True)
class Person:
    """A square: its colour, its number, and where it is at a time."""

    number: int
    colour: int
    is_walking: bool
    left: float
    top: int

    def corner(self, seconds: float) -> tuple[int, int]:
        phase = seconds * 12 if self.is_walking else 0.0
        return round((self.left + phase) % (WIDTH - SIZE)), self.top

    def box(self, seconds: float) -> tuple[float, float, float, float]:
        x, y = self.corner(seconds)
        return x / WIDTH, y / HEIGHT, (x + SIZE) / WIDTH, (y + SIZE) / HEIGHT

    @property
    def actions(self) -> tuple[int, int]:
        return self.colour, 3 if self.is_walking else 5


def cast(random: np.random.Generator) -> list[Person]:
    """Return two people, one above the other, of either colour, walking or not."""
    return [
        Person(
            number,
            int(random.integers(1, 3)),
            bool(random.integers(2)),
            float(random.uniform(0, WIDTH - SIZE)),
            8 + 44 * number,
        )
        for number in range(2)
    ]


def picture(people: list[Person], seconds: float, ground: np.ndarray) -> np.ndarray:
    frame = ground.copy()
    for person in people:
        x, y = person.corner(seconds)
        frame[y : y + SIZE, x : x + SIZE] = COLOURS[person.colour]
    return frame


def write_film(path: Path, people: list[Person], random: np.random.Generator) -> None:
    ground = random.integers(60, 120, (HEIGHT, WIDTH, 3), np.uint8)
    path.parent.mkdir(parents=True, exist_ok=True)
    with av.open(str(path), "w") as container:
        stream = container.add_stream("libx264", rate=RATE, options={"preset": "ultrafast"})
        stream.width, stream.height, stream.pix_fmt = WIDTH, HEIGHT, "yuv420p"
        stream.codec_context.thread_count = 1
        for number in range(SECONDS * RATE):
            frame = av.VideoFrame.from_ndarray(picture(people, number / RATE, ground), "rgb24")
            for packet in stream.encode(frame):
                container.mux(packet)
        for packet in stream.encode():
            container.mux(packet)


def rows_of(video_id: str, people: list[Person], start: int = 0) -> list[str]:
    """Return AVA's rows at every second whose context is there."""
    return [
        f"{video_id},{second + start:04d},{','.join(f'{c:.3f}' for c in person.box(second))},"
        f"{action},{person.number}"
        for second in range(2, SECONDS - 1)
        for person in people
        for action in person.actions
    ]


MakeFolder = Callable[..., Path]


def build_folder(folder: Path, *, train: int = 4, val: int = 2, seed: int = 0) -> Path:
    """Write films and AVA's files: so many films of each split, key frames 2 to 10."""
    random = np.random.default_rng(seed)
    folder.mkdir(parents=True)
    for word, count in (("train", train), ("val", val)):
        rows = []
        for number in range(count):
            people = cast(random)
            write_film(folder / f"videos/{word}{number}.mp4", people, random)
            rows += rows_of(f"{word}{number}", people)
        (folder / f"ava_{word}_v2.2.csv").write_text("".join(f"{row}\n" for row in rows))
    (folder / "ava_action_list_v2.2.pbtxt").write_text(LABEL_MAP)
    return folder


@pytest.fixture
def make_folder() -> MakeFolder:
    """Return the function that makes a folder of squares."""
    return build_folder


@pytest.fixture(scope="session")
def squares(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder that tests read and never change."""
    return build_folder(tmp_path_factory.mktemp("squares") / "ava")


@pytest.fixture(scope="session")
def small() -> NetworkSpec:
    """The tiny detector, smaller still."""
    spec = network_spec("slowfast_tiny_det")
    assert isinstance(spec.backbone, SlowFastConfig)
    return replace(
        spec,
        name="small_det",
        backbone=replace(spec.backbone, width=8),
        sampling=replace(
            spec.sampling, num_frames=8, step_seconds=0.2, crop_size=64, short_side=64
        ),
    )


@pytest.fixture(autouse=True)
def one_thread() -> None:
    """Two busy cores: more than one thread is slower by far."""
    torch.set_num_threads(1)
