from importlib import import_module

import numpy as np
import pytest
from sqlalchemy import select

import pipelines.kinetics.cut
from kinetics_builder.database.engine import writing
from kinetics_builder.database.tables import ClipFile, Media
from kinetics_builder.errors import ConfigError, ItemFailed, Reason, StageOrderError
from kinetics_builder.files import FileMark, file_sha256
from kinetics_builder.formats.boxes.pixels import Corners
from kinetics_builder.intervals import Interval
from kinetics_builder.video.cutting import cut as cutting
from kinetics_builder.video.cutting import reel
from kinetics_builder.video.cutting.method import METHOD
from kinetics_builder.video.likeness.fingerprint import Fingerprint, fingerprint
from kinetics_builder.video.likeness.similarity import similarity
from kinetics_builder.video.reading.probe import probe
from pipelines.inspecting.status import status
from pipelines.kinetics.cut import Cutting
from pipelines.stages import build_stage

COLUMNS = ("file", "sha256", "num_frames", "duration_seconds")


def files_of(world) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in world.workspace.clips.iterdir()}


@pytest.fixture
def ready(world, graphs):
    world.film("-v_1", graphs("moving"))
    world.run("score", "propose")
    return world


@pytest.mark.on_both
@pytest.mark.usefixtures("in_children")
def test_clips_become_files_with_fingerprints(ready) -> None:
    report = ready.run("cut")
    assert (report.num_done, report.failures) == (2, {})
    rows = ready.rows(ClipFile, *COLUMNS, "fingerprint")
    assert [row[0] for row in rows] == [
        "clips/-v_1_000000_000004.mp4",
        "clips/-v_1_000004_000008.mp4",
    ]
    for file, sha256, num_frames, seconds, kept in rows:
        path = ready.workspace.root / file
        assert file_sha256(path) == sha256
        assert probe(path).num_frames == num_frames == 48
        assert seconds == pytest.approx(4, abs=0.01)
        assert Fingerprint.from_bytes(kept).film_THW.shape == (32, 16, 16)


def test_a_second_run_does_nothing_and_changed_settings_cut_again(ready) -> None:
    ready.run("cut")
    before = files_of(ready)
    assert ready.run("cut").num_new == 0
    ready.set('preset = "ultrafast"', 'preset = "ultrafast"\ncrf = 35')
    assert ready.run("cut").num_new == 2
    assert all(len(data) < len(before[name]) for name, data in files_of(ready).items())
    ready.set("crf = 35", "crf = 20")
    assert ready.run("cut").num_new == 2
    assert files_of(ready) == before


def test_clips_of_an_older_method_are_cut_anew(ready, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as before:
        before.setattr(pipelines.kinetics.cut, "METHOD", METHOD - 1)
        ready.run("cut")
    assert ready.run("cut").num_new == 2
    assert ready.run("cut").num_new == 0


@pytest.mark.parametrize("name", ["score", "propose", "deduplicate"])
def test_what_an_older_method_gave_is_made_anew(
    ready, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    ready.run("score", "propose", "cut", "deduplicate")
    assert ready.run(name).num_new == 0
    module = import_module(f"pipelines.kinetics.{name}")
    monkeypatch.setattr(module, "METHOD", module.METHOD + 1)
    report = ready.run(name)
    assert report.num_new == report.num_items > 0
    assert ready.run(name).num_new == 0


def test_one_file_serves_two_labels(world, graphs) -> None:
    world.film("v1", graphs("moving"), labels=("running", "waving"))
    assert world.run("score", "propose", "cut").num_items == 2
    rows = world.rows(ClipFile, *COLUMNS)
    assert len(rows) == 4
    assert len(set(rows)) == 2


def test_what_a_killed_cut_left_is_swept_away(ready) -> None:
    (ready.workspace.clips / ".x.mp4.77.part").write_bytes(b"half")
    ready.run("cut")
    assert len(files_of(ready)) == 2


def test_a_damaged_source_is_a_row_with_a_reason(ready) -> None:
    path = ready.workspace.media / "-v_1.mp4"
    path.write_bytes(b"nothing")
    mark = FileMark.of(path)
    with writing(ready.workspace.engine) as session:
        media = session.scalars(select(Media)).one()
        media.bytes, media.sha256, media.modified_ns = mark.bytes, mark.sha256, mark.modified_ns
    report = ready.run("cut")
    assert report.failures == {"broken": 2}
    assert ready.rows(ClipFile, *COLUMNS) == []
    assert files_of(ready) == {}


def test_a_source_that_was_written_over_gives_no_clip(ready, graphs) -> None:
    ready.film("other", graphs("late"))
    original = ready.workspace.media / "-v_1.mp4"
    linked = ready.workspace.root / "the users own.mp4"
    linked.hardlink_to(original)
    linked.write_bytes((ready.workspace.media / "other.mp4").read_bytes())
    report = ready.run("cut")
    assert report.failures == {"changed": 2}
    message = ready.failures("cut")[0][1]
    assert "-v_1.mp4 is another file than the one written down: expected" in message
    assert "found" in message
    assert files_of(ready) == {}


def test_a_source_that_is_gone_is_told_so(ready) -> None:
    (ready.workspace.media / "-v_1.mp4").unlink()
    assert ready.run("cut").failures == {"missing": 2}


def test_a_source_that_was_only_touched_is_the_same(ready) -> None:
    (ready.workspace.media / "-v_1.mp4").touch()
    assert ready.run("cut").failures == {}


def test_before_propose_there_is_nothing_to_cut(world) -> None:
    with pytest.raises(StageOrderError, match="Run `kbuild propose` first"):
        world.run("cut")


@pytest.mark.parametrize(
    ("interval", "name"),
    [
        pytest.param(Interval(3, 13), "v_000003_000013.mp4", id="whole seconds, as Kinetics"),
        pytest.param(Interval(0, 6.4), "v_000000_000007.mp4", id="a short video"),
        pytest.param(Interval(0.5, 10.5), "v_000000-500_000011.mp4", id="a finer grid"),
    ],
)
def test_names_tell_video_and_window(interval: Interval, name: str) -> None:
    assert Cutting("v", "media/v.mp4", "0", interval, ("waving",), (1,)).name == name


def test_a_video_of_whose_clips_one_fails_costs_that_one_alone(
    ready, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And its clips are cut from one reading of it, whichever comes first."""
    read: list[str] = []

    class Counted(reel.Reel):
        def __enter__(self):
            read.append(self.path.name)
            return super().__enter__()

    def cut_clip(opened, target, interval, **options):
        if interval.start == 0:
            raise ItemFailed(Reason.BROKEN, "not this one")
        return real(opened, target, interval, **options)

    real = cutting.cut_clip
    monkeypatch.setattr(cutting, "cut_clip", cut_clip)
    monkeypatch.setattr(reel, "Reel", Counted)
    report = ready.run("cut")
    assert (report.num_done, report.failures) == (1, {"broken": 1})
    assert ready.failures("cut") == [(Reason.BROKEN, "not this one")]
    assert read == ["-v_1.mp4"]


def test_the_fingerprint_is_that_of_the_file(ready) -> None:
    """Taken of the pictures as they are encoded, it differs by the encoder's own error alone."""
    ready.run("cut")
    for file, stored in ready.rows(ClipFile, "file", "fingerprint"):
        kept, decoded = Fingerprint.from_bytes(stored), fingerprint(ready.workspace.root / file)
        difference = kept.film_THW.astype(float) - decoded.film_THW
        assert np.abs(difference).mean() < 2
        assert similarity(kept, decoded) > 0.99


class OneFace:
    """A double that finds a face in the middle of every picture."""

    name = "double 1.0"

    def find(self, rgb_HWC):
        return [Corners(0.4, 0.4, 0.6, 0.6)]


def test_faces_are_blurred_where_that_is_asked_for_and_the_row_says_by_what(
    world, graphs, monkeypatch
) -> None:
    world.film("v1", graphs("moving"))
    world.run("score", "propose", "cut")
    plain = build_stage("cut", world.workspace).settings_hash
    unblurred = world.rows(ClipFile, "sha256")
    assert world.rows(ClipFile, "faces_by", "num_blurred_frames") == [(None, None)] * 2
    monkeypatch.setattr("pipelines.kinetics.blurring.version", lambda _: "1.0")
    monkeypatch.setattr("pipelines.kinetics.blurring.find_spec", lambda _: object())
    monkeypatch.setattr("pipelines.kinetics.cut.load_finder", OneFace)
    world.set("[cut]", "[cut]\nblur_faces = true")
    assert world.run("cut").num_done == 2
    assert world.rows(ClipFile, "faces_by", "num_blurred_frames") == [("double 1.0", 48)] * 2
    assert set(world.rows(ClipFile, "sha256")).isdisjoint(unblurred)
    assert status(world.workspace).counts["with blurred faces"] == 2
    world.set("blur_faces = true", "blur_faces = false")
    assert build_stage("cut", world.workspace).settings_hash == plain


def test_without_the_package_that_finds_faces_it_is_said_what_to_install(world, monkeypatch):
    monkeypatch.setattr("pipelines.kinetics.blurring.PACKAGE", "no_such_package")
    world.set("[cut]", "[cut]\nblur_faces = true")
    with pytest.raises(ConfigError, match=r"pip install 'kinetics-builder\[faces\]'"):
        build_stage("cut", world.workspace)
