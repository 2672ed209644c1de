"""A file that the system does not give is told as that, never as a damaged one."""

import errno
import io
from collections.abc import Callable
from pathlib import Path

import pytest
import torch

from kinetics_builder.errors import FormatError, ItemFailed, ModelError, Reason
from kinetics_builder.files import FileMark
from kinetics_builder.formats import parquet
from kinetics_builder.formats.training.webdataset.tar_files import members
from kinetics_builder.places import raise_if_unread
from kinetics_builder.storage.settings import StorageConfig
from kinetics_builder.storage.storage import Storage
from kinetics_builder.video.reading.container import open_container
from models.checkpoints.readers.torch_file import read_torch
from models.checkpoints.store import load_network
from models.checkpoints.torch_files import UnreadableTorchFile, load_torch
from models.checkpoints.weights import CARD
from models.image_scoring.scorer import ImageScorer
from models.training.asked import ASKED, answered
from models.training.state import LAST, saved_identity
from pipelines.running.promises import broken_promises
from pipelines.running.stage import Promise


def check_promise(path: Path) -> None:
    promise = Promise("a", path.name, FileMark(4, "0" * 64))
    list(broken_promises([promise], Storage(path.parent, StorageConfig()), thoroughly=True))


@pytest.mark.parametrize(
    ("name", "read"),
    [
        ("state.pt", load_torch),
        ("theirs.pt", read_torch),
        (LAST, lambda path: saved_identity(path.parent)),
        (ASKED, lambda path: answered(path.parent, "any")),
        (CARD, lambda path: load_network(path.parent)),
        pytest.param(CARD, lambda path: ImageScorer.load(path.parent), id="card of a scorer"),
        ("rows.parquet", lambda path: list(parquet.rows(path))),
        ("shard.tar", lambda path: list(members(path))),
        ("film.mp4", check_promise),
    ],
)
def test_what_the_system_does_not_give_is_not_damaged(
    tmp_path: Path, name: str, read: Callable[[Path], object]
) -> None:
    path = tmp_path / name
    path.symlink_to(path)  # whoever opens it gets an error of the system, root too
    with pytest.raises(OSError, match=name) as found:
        read(path)
    assert found.value.errno == errno.ELOOP


@pytest.mark.parametrize("read", [load_torch, read_torch])
def test_a_missing_file_and_a_folder_are_no_damaged_weights(
    tmp_path: Path, read: Callable[[Path], object]
) -> None:
    with pytest.raises(FileNotFoundError, match=r"none\.pt"):
        read(tmp_path / "none.pt")
    with pytest.raises(IsADirectoryError, match=tmp_path.name):
        read(tmp_path)


def test_a_state_that_is_not_there_is_of_no_run(tmp_path: Path) -> None:
    assert saved_identity(tmp_path) is None
    assert answered(tmp_path, "any") is None
    with pytest.raises(ModelError, match=r"card\.json is not there"):
        load_network(tmp_path)


@pytest.mark.parametrize("error", [OSError("not a gzip file"), OSError(errno.EINVAL, "seek")])
def test_errors_that_libraries_raise_of_damage_are_of_the_content(error: OSError) -> None:
    raise_if_unread(error, Path("film"))


def test_what_is_damaged_is_told_as_damaged(tmp_path: Path) -> None:
    buffer = io.BytesIO()
    torch.save({"weight": torch.ones(3)}, buffer)
    (tmp_path / "state.pt").write_bytes(buffer.getvalue()[:-40])
    with pytest.raises(UnreadableTorchFile):
        load_torch(tmp_path / "state.pt")
    (tmp_path / "shard.tar").write_bytes(b"junk" * 400)
    with pytest.raises(FormatError, match="expected a whole tar file"):
        list(members(tmp_path / "shard.tar"))


@pytest.mark.parametrize(
    ("make", "reason"),
    [
        pytest.param(lambda path: None, Reason.MISSING, id="missing"),
        pytest.param(lambda path: path.symlink_to(path), Reason.OTHER, id="kept from us"),
        pytest.param(lambda path: path.write_bytes(b"junk" * 99), Reason.BROKEN, id="damaged"),
    ],
)
def test_a_video_that_is_not_given_may_be_tried_again(
    tmp_path: Path, make: Callable[[Path], object], reason: Reason
) -> None:
    path = tmp_path / "film.mp4"
    make(path)
    with pytest.raises(ItemFailed, match="cannot be opened") as found, open_container(path):
        pass
    assert found.value.reason is reason
