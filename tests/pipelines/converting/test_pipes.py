"""Pipes in the place of files: every reader and measure takes them, or says that it cannot."""

import os
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner, Result

from kinetics_builder.errors import FormatError, KbuildError
from kinetics_builder.formats.format import Format, Options
from kinetics_builder.formats.label_map import LabelMap
from kinetics_builder.formats.pipes import file_of, keeping_pipes
from kinetics_builder.formats.problems import Problems
from kinetics_builder.formats.records import Box, Clip, Kind, Label, Scores
from kinetics_builder.formats.registry import all_formats
from kinetics_builder.formats.text import open_bytes
from pipelines.cli import group

READABLE = [one for one in all_formats().values() if one.read is not None]
RECORDS: dict[Kind, list[tuple[object, ...]]] = {
    Kind.CLIPS: [
        Clip("SOX5yA1l24A", 7.0, 17.0, "c001", "validate", details={"duration_seconds": 30.0})
    ],
    Kind.BOXES: [Box("v", 902.0, 0.1, 0.2, 0.5, 0.75, 2, 3, None, "c001")],
    Kind.SCORES: [Scores("AAAAA", None, (0.5,) * 157)],
    Kind.LABELS: [Label(1, "bend", "low")],
}


class Pipes:
    """Named pipes, each filled once by a thread."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._threads: dict[Path, threading.Thread] = {}
        folder.mkdir()

    def of(self, name: str, content: bytes) -> Path:
        path = self._folder / name
        os.mkfifo(path)

        def fill() -> None:
            with path.open("wb") as file:
                file.write(content)

        self._threads[path] = threading.Thread(target=fill, daemon=True)
        self._threads[path].start()
        return path

    def end(self) -> None:
        for thread in self._threads.values():
            thread.join(60)
            assert not thread.is_alive(), "nobody read the pipe to its end"

    def drain(self) -> None:
        """Let those end that nobody read: what was asked for was no file."""
        for path, thread in self._threads.items():
            # Without waiting for somebody who writes: the thread may end at any moment.
            pipe = os.open(path, os.O_RDONLY | os.O_NONBLOCK)
            while thread.is_alive():
                with suppress(BlockingIOError):
                    os.read(pipe, 1 << 20)
                thread.join(0.01)
            os.close(pipe)
        self.end()


@pytest.fixture
def pipes(tmp_path: Path) -> Pipes:
    return Pipes(tmp_path / "pipes")


def kbuild(*arguments: object) -> Result:
    return CliRunner().invoke(group, [str(one) for one in arguments], prog_name="kbuild")


def content_of(one: Format, path: Path) -> bytes:
    """Return what the format's writer makes of a record; words, where it cannot."""
    options = Options(
        labels=LabelMap.of_names(["c000", "c001"], first_id=1 if one.kind is Kind.BOXES else 0),
        frame_size=(640, 360),
        frames_per_second=25.0,
    )
    with suppress(KbuildError):
        if one.write is not None:
            problems = Problems(path, on_error=lambda problem: None)
            one.write(path, RECORDS[one.kind], options, problems)
    return path.read_bytes() if path.is_file() else b"v.mp4 1\n"


@pytest.mark.parametrize("one", READABLE, ids=lambda one: one.name)
def test_a_reader_says_of_a_pipe_what_it_says_of_a_file(
    one: Format, pipes: Pipes, tmp_path: Path
) -> None:
    name = "val.xml" if one.name.startswith("cvat") else "val.csv"
    content = content_of(one, tmp_path / "written" / name)
    (tmp_path / name).write_bytes(content)
    labels = tmp_path / "labels.txt"
    labels.write_text("c000\nc001\n")
    command = ("validate", "--format", one.name, "--frame-size", "640x360", "--fps", "25")
    expected = kbuild(*command, "--label-map", labels, tmp_path / name)
    pipe = pipes.of(name, content)
    found = kbuild(*command, "--label-map", pipes.of("labels.txt", labels.read_bytes()), pipe)
    assert found.stdout.replace(str(pipe), str(tmp_path / name)) == expected.stdout
    assert found.exit_code == expected.exit_code
    pipes.drain()


TRUTH = "label,youtube_id,time_start,time_end,split\na,v,0,10,validate\n"
SUBMISSION = (
    '{"version": "1.3", "external_data": {}, "results": {"v_0_10": [{"label": "a", "score": 1}]}}'
)
ANNOTATIONS = (
    '{"version": "1.3", "taxonomy": [], "database": {"v": {"subset": "validation", '
    '"duration": 9.0, "annotations": [{"label": "a", "segment": [0, 5]}]}}}'
)
RESULTS = (
    '{"version": "1.3", "external_data": {}, "results": {"v": [{"label": "a", "score": 1, '
    '"segment": [0, 5]}]}}'
)
BOX = "v,0902,0.1,0.1,0.5,0.5,1"
SCORES = "v " + " ".join(["0.5"] * 157) + "\n"
FRAMES = "".join(f"v {frame} " + " ".join(["0.5"] * 157) + "\n" for frame in range(1, 26))
CHARADES = 'id,actions,length\nv,"c001 0 9",20\n'
MEASURES = [
    (["kinetics"], TRUTH, SUBMISSION, "Average error"),
    (["kinetics"], TRUTH.replace("label,", "label,file,").replace("a,v", "a,x.mp4,v"),
     "file,predicted,probability\nv_000000_000010.mp4,a,0.5\n", "Error@1"),
    (["kinetics"], ANNOTATIONS, SUBMISSION.replace("v_0_10", "v"), "Average error"),
    (["ava"], f"{BOX},1\n", f"{BOX},0.5\n", "mAP@0.5IOU"),
    (["ava"], f'{BOX},1\n"w",0902\n', f'"v"{BOX[1:]},0.5\n', "mAP@0.5IOU"),
    (["ava", "--task", "video"], f"{BOX},1\n", f"{BOX},0.5,3\n", "video-mAP@0.5"),
    (["activitynet"], ANNOTATIONS, RESULTS, "Average-mAP"),
    (["activitynet", "--task", "proposals"], ANNOTATIONS, RESULTS, "AUC"),
    (["activitynet", "--task", "classification"], ANNOTATIONS, RESULTS, "mAP"),
    (["charades"], CHARADES, SCORES, "MAP"),
    (["charades", "--task", "localization"], CHARADES, FRAMES, "Per-Frame MAP"),
]  # fmt: skip


@pytest.mark.parametrize(("command", "truth", "predictions", "key"), MEASURES)
def test_a_measure_of_pipes_is_that_of_files(
    command: list[str], truth: str, predictions: str, key: str, pipes: Pipes, tmp_path: Path
) -> None:
    (tmp_path / "truth").write_text(truth)
    (tmp_path / "predicted").write_text(predictions)

    def measured(truth_path: Path, predicted_path: Path) -> Result:
        files = ("--ground-truth", truth_path, "--predictions", predicted_path)
        return kbuild("measure", *command, *files, "--json")

    expected = measured(tmp_path / "truth", tmp_path / "predicted")
    assert expected.exit_code == 0 and key in expected.stdout, expected.output
    found = measured(pipes.of("truth", truth.encode()), pipes.of("predicted", predictions.encode()))
    assert (found.exit_code, found.stdout) == (0, expected.stdout)
    pipes.end()


@pytest.mark.parametrize("save", [np.save, lambda file, scores: np.savez(file, scores=scores)])
def test_a_matrix_of_scores_comes_through_a_pipe(
    save: Callable[..., None], pipes: Pipes, tmp_path: Path
) -> None:
    (tmp_path / "truth.csv").write_text(TRUTH)
    (tmp_path / "labels.txt").write_text("a\nb\n")
    with (tmp_path / "scores").open("wb") as file:
        save(file, np.array([[0.75, 0.25]]))
    matrix = pipes.of("scores", (tmp_path / "scores").read_bytes())
    files = ("--ground-truth", tmp_path / "truth.csv", "--predictions", matrix)
    found = kbuild("measure", "kinetics", *files, "--label-map", tmp_path / "labels.txt")
    assert found.exit_code == 0, found.output
    assert "Error@1 0.0" in " ".join(found.stdout.split())
    pipes.end()


@pytest.mark.parametrize(
    ("command", "content"),
    [
        (("votes",), "w1,t1,yes\nw2,t1,yes\nw1,t2,no\nw2,t2,yes\n"),
        (("boxes",), f"{BOX},1\n"),
        (("segments",), TRUTH),
        (("segments",), ANNOTATIONS),
        (("segments",), CHARADES),
    ],
)
def test_agreement_is_measured_through_pipes(command, content, pipes: Pipes, tmp_path) -> None:
    names = ("a",) if command == ("votes",) else ("a", "b")
    for name in names:
        (tmp_path / name).write_text(content)
    expected = kbuild("measure", "agreement", *command, *(tmp_path / name for name in names))
    assert expected.exit_code == 0, expected.output
    paths = [pipes.of(name, content.encode()) for name in names]
    found = kbuild("measure", "agreement", *command, *paths)
    assert (found.exit_code, found.stdout) == (0, expected.stdout)
    pipes.end()


@pytest.mark.skipif(sys.platform != "linux", reason="/dev/stdin is a pipe's on Linux")
def test_standard_input_is_a_file_as_well(tmp_path: Path) -> None:
    (tmp_path / "truth.csv").write_text(TRUTH)
    command = [sys.executable, "-m", "pipelines.cli", "measure", "kinetics", "--ground-truth"]
    done = subprocess.run(
        [*command, str(tmp_path / "truth.csv"), "--predictions", "/dev/stdin"],
        input=SUBMISSION, capture_output=True, text=True, timeout=300, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert "Average error 0.0" in " ".join(done.stdout.split())


def test_without_anybody_to_keep_it_a_pipe_is_refused(pipes: Pipes) -> None:
    pipe = pipes.of("a", b"words")
    with pytest.raises(FormatError, match="a pipe cannot be read twice: save what it gives"):
        open_bytes(pipe)
    with keeping_pipes():
        for _ in range(2):
            with open_bytes(pipe) as file:
                assert file.read() == b"words"
        kept = file_of(pipe)
    assert not kept.exists()
    pipes.end()


def test_without_a_pipe_no_folder_is_made(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "nowhere"))
    with keeping_pipes():
        assert file_of(tmp_path) == tmp_path
