"""A folder of small videos that goes the whole way, and the votes of diligent workers."""

import hashlib
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

import av
import fsspec
import numpy as np
import pytest
from sqlalchemy import select

from kinetics_builder.database.engine import writing
from kinetics_builder.database.tables import Answer, Setting, TaskSlot, Vote, Worker
from kinetics_builder.workspace import Workspace

LABELS = ("arm wrestling", "juggling balls")
SETTINGS = """
[propose]
clip_seconds = 2
min_distance_seconds = 3

[curate]
num_validate = 1
num_test = 1

[run]
workers = 2
"""


def draw_video(path: Path, seed: int, *, seconds: int = 6) -> None:
    """A square wandering over a texture of its own; stands still at both ends."""
    random = np.random.default_rng(seed)
    texture = random.integers(0, 255, (6, 8, 3), np.uint8).repeat(8, 0).repeat(8, 1)
    with av.open(str(path), "w") as container:
        stream = container.add_stream("libx264", rate=10, options={"preset": "ultrafast"})
        stream.width, stream.height, stream.pix_fmt = 64, 48, "yuv420p"
        for index in range(seconds * 10):
            picture = texture.copy()
            place = 4 + (index * (1 + seed % 3)) % 40
            picture[16:32, place : place + 12] = random.integers(0, 255, 3)
            container.mux(stream.encode(av.VideoFrame.from_ndarray(picture)))
        container.mux(stream.encode(None))


@pytest.fixture(scope="session")
def videos(tmp_path_factory) -> Path:
    """Ten videos, five a label."""
    folder = tmp_path_factory.mktemp("videos")
    for seed in range(10):
        draw_video(folder / f"{LABELS[seed % 2]} number {seed}.mp4", seed)
    return folder


@pytest.fixture(scope="session")
def classes(tmp_path_factory) -> Path:
    path = tmp_path_factory.mktemp("classes") / "classes.txt"
    path.write_text("\n".join(LABELS) + "\n", encoding="utf-8")
    return path


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    return Workspace.create(tmp_path / "workspace", SETTINGS)


def answer_everything(workspace: Workspace) -> None:
    """Three workers answer every slot; what they say depends on the content alone."""
    with writing(workspace.engine) as session:
        for name in ("ada", "bob", "cleo"):
            code = hashlib.sha256(name.encode()).hexdigest()
            worker = session.scalar(select(Worker).where(Worker.name == name))
            if worker is None:
                worker = Worker(name=name, code_hash=code)
                session.add(worker)
                session.flush()
            told = set(session.scalars(select(Vote.clip_id).where(Vote.worker_id == worker.id)))
            for slot in session.scalars(select(TaskSlot).order_by(TaskSlot.id)):
                if slot.clip_id in told:
                    continue
                clip = slot.clip
                content = f"{clip.video.video_id} {clip.start_seconds}".encode()
                is_yes = hashlib.sha256(content).digest()[0] % 4 > 0
                session.add(
                    Vote(
                        worker_id=worker.id,
                        clip_id=slot.clip_id,
                        label_id=slot.label_id,
                        slot_id=slot.id,
                        answer=Answer.YES if is_yes else Answer.NO,
                        lasts_whole_clip=True if is_yes else None,
                    )
                )


@pytest.fixture
def finish() -> Callable[[Workspace], Path]:
    """Return a function that goes from cut clips to a release and returns its folder."""

    def run(workspace: Workspace) -> Path:
        from pipelines.publishing.curating.curate import curate
        from pipelines.publishing.release import release
        from pipelines.verifying.aggregate import aggregate
        from pipelines.verifying.assign import assign

        for _ in range(2):
            with writing(workspace.engine) as session:
                assign(session, workspace.config)
            answer_everything(workspace)
            with writing(workspace.engine) as session:
                aggregate(session, workspace.config.verify)
        with writing(workspace.engine) as session:
            curate(session, workspace.config)
            session.merge(Setting(key="pseudonym_key", value="the same for all"))
        folder = release(workspace).folder
        return workspace.root / folder

    return run


@pytest.fixture(scope="session")
def server() -> Iterator[str]:
    """A double of S3: its address."""
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    quiet = subprocess.DEVNULL
    command = [sys.executable, "-m", "moto.server", "-p", str(port)]
    with subprocess.Popen(command, stdout=quiet, stderr=quiet) as process:
        address = f"http://127.0.0.1:{port}"
        try:
            deadline = time.monotonic() + 90
            while True:
                try:
                    urllib.request.urlopen(f"{address}/moto-api/", timeout=5).close()
                    break
                except OSError:
                    assert process.poll() is None
                    assert time.monotonic() < deadline
                    time.sleep(0.2)
            yield address
        finally:
            process.kill()


@pytest.fixture
def keys(server: str) -> dict[str, str]:
    return {"key": "testing", "secret": "testing", "endpoint_url": server}


@pytest.fixture
def bucket(keys: dict[str, str], request: pytest.FixtureRequest) -> str:
    """An empty bucket, by its name."""
    name = f"bucket-{abs(hash(request.node.name)):x}"
    fsspec.filesystem("s3", **keys).mkdir(name)
    return name


WithoutRights = Callable[[], AbstractContextManager[None]]


@pytest.fixture
def without_rights(server: str) -> WithoutRights:
    """Return a function to a block in which the double of S3 gives nobody anything."""

    def ask_for_rights(num_without: bytes) -> None:
        address, plain = f"{server}/moto-api/reset-auth", {"Content-Type": "text/plain"}
        asked = urllib.request.Request(address, num_without, plain)
        urllib.request.urlopen(asked, timeout=10).close()

    @contextmanager
    def block() -> Iterator[None]:
        ask_for_rights(b"0")
        try:
            yield
        finally:
            ask_for_rights(b"999999999")

    return block
