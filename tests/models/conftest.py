"""A release in which a bright square moves: the direction is the label."""

import hashlib
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from kinetics_builder.formats.manifest import ManifestRow, write_manifest
from models.zoo import SPECS

ONE_OF_EACH_KIND = sorted({spec.backbone.kind: name for name, spec in SPECS.items()}.values())


def each(names: Iterable[str]) -> list[Any]:
    """Return the networks of these names: one of each kind by default, the others if `long`."""
    many = sorted(set(names) - set(ONE_OF_EACH_KIND))
    few = sorted(set(names) & set(ONE_OF_EACH_KIND))
    return few + [pytest.param(name, marks=pytest.mark.long) for name in many]


WIDTH, HEIGHT, RATE, NUM_FRAMES = 96, 72, 10, 40
STEPS = {
    "moving down": (0, 1),
    "moving left": (-1, 0),
    "moving right": (1, 0),
    "moving up": (0, -1),
}


def draw(label: str, random: np.random.Generator) -> NDArray[np.uint8]:
    """Return (T, H, W, 3): a square that wraps around, over noise."""
    frames = np.empty((NUM_FRAMES, HEIGHT, WIDTH, 3), np.uint8)
    frames[:] = random.integers(0, 90, (HEIGHT, WIDTH, 3), np.uint8)
    x, y = random.integers(WIDTH), random.integers(HEIGHT)
    size, speed = int(random.integers(14, 22)), random.uniform(2.5, 4.0)
    colour = random.integers(150, 255, 3, np.uint8)
    dx, dy = STEPS[label]
    for number, frame in enumerate(frames):
        rows = (y + round(dy * speed * number) + np.arange(size)) % HEIGHT
        columns = (x + round(dx * speed * number) + np.arange(size)) % WIDTH
        frame[np.ix_(rows, columns)] = colour
    return frames


def encode(path: Path, frames: NDArray[np.uint8]) -> None:
    with av.open(str(path), "w") as container:
        stream = container.add_stream("libx264", rate=RATE, options={"preset": "ultrafast"})
        stream.width, stream.height, stream.pix_fmt = frames.shape[2], frames.shape[1], "yuv420p"
        stream.codec_context.thread_count = 1
        for picture in frames:
            for packet in stream.encode(av.VideoFrame.from_ndarray(picture, format="rgb24")):
                container.mux(packet)
        for packet in stream.encode():
            container.mux(packet)


def manifest_row(folder: Path, name: str, label: str, split: str) -> ManifestRow:
    data = (folder / name).read_bytes()
    return ManifestRow(
        label=label,
        youtube_id=Path(name).stem,
        time_start=0,
        time_end=NUM_FRAMES // RATE,
        split=split,
        file=name,
        bytes=len(data),
        sha256=hashlib.sha256(data).hexdigest(),
        duration_seconds=NUM_FRAMES / RATE,
        width=WIDTH,
        height=HEIGHT,
        frames_per_second=RATE,
        num_frames=NUM_FRAMES,
        whole_clip=True,
        licence="none",
    )


MakeRelease = Callable[..., Path]


def build_release(folder: Path, *, train: int, validate: int = 2, test: int = 2) -> Path:
    """Write a release of moving squares: so many clips of each of the four labels."""
    (folder / "clips").mkdir(parents=True)
    random, rows = np.random.default_rng(7), []
    for split, count in (("train", train), ("validate", validate), ("test", test)):
        for label in STEPS:
            for number in range(count):
                name = f"clips/{split}-{label.replace(' ', '_')}-{number}.mp4"
                encode(folder / name, draw(label, random))
                rows.append(manifest_row(folder, name, label, split))
    write_manifest(folder / "clips.csv", rows)
    (folder / "classes.txt").write_text("".join(f"{label}\n" for label in sorted(STEPS)))
    return folder


@pytest.fixture
def make_release() -> MakeRelease:
    """Return the function that builds a release of moving squares."""
    return build_release


@pytest.fixture(scope="session")
def squares(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small release that tests read and never change."""
    return build_release(tmp_path_factory.mktemp("squares") / "release", train=4)


@pytest.fixture(scope="session")
def many_squares(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A release that is large enough to learn motion from."""
    return build_release(tmp_path_factory.mktemp("many") / "release", train=28, test=8)


@pytest.fixture(autouse=True)
def one_thread() -> None:
    """Two busy cores: more than one thread is slower by far."""
    torch.set_num_threads(1)


def randomise(network: nn.Module, seed: int = 0) -> None:
    """Draw all weights anew, norms and running statistics too: zeros and ones hide errors."""
    generator = torch.Generator().manual_seed(seed)
    for name, value in network.state_dict().items():
        if not value.is_floating_point():
            continue
        if name.endswith("running_var"):
            value.uniform_(0.5, 2.0, generator=generator)
        elif value.ndim <= 1:
            value.uniform_(-0.5, 1.0, generator=generator)
        else:
            value.normal_(std=(2 / value[0].numel()) ** 0.5, generator=generator)


def check_twins(
    ours: nn.Module, theirs: nn.Module, keys: Mapping[str, str], clip_BCTHW: Tensor
) -> None:
    """Give both the same random weights, through a strict map of keys, and compare answers."""
    randomise(theirs)
    state = theirs.state_dict()
    assert len(set(keys.values())) == len(keys)
    assert set(keys.values()) == set(state)
    ours.load_state_dict({our_key: state[their_key] for our_key, their_key in keys.items()})
    ours.eval()
    theirs.eval()
    with torch.no_grad():
        mine, other = ours(clip_BCTHW), theirs(clip_BCTHW)
    size = float(other.abs().max())
    assert size > 1e-3
    assert (other[0] - other[1]).abs().max() > 1e-3 * size
    assert (mine - other).abs().max() < 1e-4


@pytest.fixture(name="check_twins")
def _check_twins() -> Callable[[nn.Module, nn.Module, Mapping[str, str], Tensor], None]:
    """Return the function that holds a network against somebody else's."""
    return check_twins
