"""Films become stills at key frames, once."""

import json
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner
from PIL import Image

from kinetics_builder.database.engine import writing
from kinetics_builder.database.tables import (
    Film,
    FrameLoop,
    KeyFrame,
    LinkEdit,
    PersonBox,
    Shot,
    Worker,
)
from kinetics_builder.errors import SourceError, StageOrderError
from kinetics_builder.workspace import Workspace
from pipelines.ava.told import SOURCE, tell
from pipelines.cli import group
from pipelines.inspecting.check import check
from pipelines.inspecting.status import status
from pipelines.inspecting.status_lines import status_lines

READ = ("search", "download", "select", "keyframes")
RED = ((230, 20, 20), 10, 4.0)


@pytest.fixture
def begun(films):
    """The workspace knows where the films are."""
    with writing(films.workspace.engine) as session:
        tell(session, {SOURCE: f"folder:{films.folder}"})
    return films


def test_a_film_gives_a_still_a_key_frame_and_its_shots(begun, draw_scene) -> None:
    begun.draw("two rooms", draw_scene(4, [RED]), draw_scene(4, [RED], seed=2))
    begun.run(*READ)
    assert begun.rows(Film, "start_seconds", "end_seconds") == [(0.0, 8.0)]
    assert begun.rows(Shot, "number", "start_seconds", "end_seconds") == [
        (0, 0.0, 4.0),
        (1, 4.0, 8.0),
    ]
    columns = "timestamp_seconds", "shown_seconds", "shot_number", "width", "height", "file"
    name = begun.id_of("two rooms")
    assert begun.rows(KeyFrame, *columns) == [
        (t, t, int(t >= 4), 160, 120, f"stills/{name}/000{t:.0f}.jpg") for t in (2, 3, 4, 5, 6)
    ]
    still = np.asarray(Image.open(begun.workspace.stills / name / "0003.jpg"))
    assert np.abs(still[70, 24:40].astype(int) - RED[0]).max() < 40  # 22 to 42 at 3 s


def test_a_second_run_does_nothing_and_lost_stills_are_made_again(begun, draw_scene) -> None:
    begun.draw("room", draw_scene(6, [RED]))
    begun.run(*READ)
    before = begun.rows(KeyFrame, "id", "timestamp_seconds", "sha256")
    assert begun.run(*READ).num_new == 0
    folder = begun.workspace.stills / begun.id_of("room")
    loops = begun.rows(FrameLoop, "key_frame_id", "file", "bytes", "sha256")
    assert [Path(file).name for _, file, *_ in loops] == ["0002.mp4", "0003.mp4", "0004.mp4"]
    (folder / "0003.jpg").unlink()
    (folder / "0004.mp4").unlink()
    (folder / "0002.jpg").write_bytes(b"changed")
    found = check(begun.workspace)
    assert {(file.file.split("/")[-1], file.keeping) for file in found.broken} == {
        ("0003.jpg", "missing"),
        ("0004.mp4", "missing"),
        ("0002.jpg", "changed"),
    }
    assert all("kbuild ava collect" in file.remedy for file in found.broken)
    assert begun.run(*READ).num_new == 1
    assert begun.rows(KeyFrame, "id", "timestamp_seconds", "sha256") == before
    assert begun.rows(FrameLoop, "key_frame_id", "file", "bytes", "sha256") == loops
    assert check(begun.workspace).is_sound


def test_children_read_the_films(begun, draw_scene, in_children) -> None:
    begun.draw("room", draw_scene(5, [RED]))
    (begun.folder / "broken.mkv").write_bytes(b"\x1aE\xdf\xa3 no film")
    begun.run(*READ)
    assert begun.moments("room") == [2.0, 3.0]
    assert [reason for reason, _ in begun.failures("download").values()] == ["broken"]


def test_films_that_are_too_short_are_rows_with_a_reason(begun, draw_scene) -> None:
    begun.draw("long", draw_scene(5))
    begun.draw("short", draw_scene(2.5))
    begun.run(*READ)
    reason, message = begun.failures("keyframes")[begun.id_of("short")]
    assert reason == "too short"
    assert "lasts 2.50 s" in message and "keyframes.context_seconds" in message
    begun.set("[films]\nmin_minutes = 0.05\n")
    begun.run(*READ)
    reason, message = begun.failures("select")[begun.id_of("short")]
    assert reason == "too short"
    assert message == "lasts 2.5 s, and films.min_minutes in kbuild.toml asks for 3 s"
    assert begun.moments("long") == [2.0, 3.0]


def test_a_stretch_of_a_long_film_is_annotated(begun, draw_scene) -> None:
    begun.set("[films]\nstart_minute = 0.05\nend_minute = 0.1\n")
    begun.draw("film", draw_scene(8, [RED]))
    begun.draw("trailer", draw_scene(5, [RED]))
    begun.run(*READ)
    assert begun.rows(Film, "start_seconds", "end_seconds") == [(0.0, 5.0), (3.0, 6.0)]
    assert begun.moments("film") == []  # 4.5 s is no whole second
    begun.set("[films]\nstart_minute = 0.05\nend_minute = 0.1\n[keyframes]\ncontext_seconds = 1\n")
    begun.run(*READ)
    assert begun.moments("film") == [4.0, 5.0]
    assert begun.moments("trailer") == [1.0, 2.0, 3.0, 4.0]


def test_films_without_colour_and_drawn_ones_are_refused_if_asked(begun, draw_scene) -> None:
    grey = [np.repeat(p.mean(2, keepdims=True), 3, 2).astype(np.uint8) for p in draw_scene(5)]
    flat = np.zeros((120, 160, 3), dtype=np.uint8)
    flat[:, :80], flat[40:80, 30:130] = (250, 200, 0), (0, 60, 250)
    rng = np.random.default_rng(0)
    noise = [np.clip(p + rng.normal(0, 3, p.shape), 0, 255).astype(np.uint8) for p in draw_scene(5)]
    for name, pictures in {"grey": grey, "drawn": [flat] * 50, "filmed": noise}.items():
        begun.draw(name, pictures)
    begun.run(*READ)
    assert not begun.failures("keyframes")
    begun.set("[keyframes]\nrefuse_colourless = true\nrefuse_cartoons = true\n")
    begun.run(*READ)
    assert {key: reason for key, (reason, _) in begun.failures("keyframes").items()} == {
        begun.id_of("grey"): "black and white",
        begun.id_of("drawn"): "cartoon",
    }
    assert [begun.moments(n) for n in ("grey", "drawn", "filmed")] == [[], [], [2.0, 3.0]]
    assert [path.name for path in begun.workspace.stills.iterdir()] == [begun.id_of("filmed")]
    assert len(begun.rows(FrameLoop, "file")) == len(begun.rows(KeyFrame, "file")) == 2


def test_another_interval_keeps_what_people_have_said_something_of(begun, draw_scene) -> None:
    begun.draw("room", draw_scene(6, [RED]))
    begun.run(*READ)
    with writing(begun.workspace.engine) as session:
        frames = {f.timestamp_seconds: f for f in session.query(KeyFrame)}
        corners = {"x1": 0.1, "y1": 0.1, "x2": 0.5, "y2": 0.5}
        drawn = PersonBox(key_frame_id=frames[3.0].id, **corners)
        session.add(drawn)
    begun.set("[keyframes]\nevery_seconds = 2\n")
    begun.run(*READ)
    columns = "timestamp_seconds", "is_withdrawn"
    assert begun.rows(KeyFrame, *columns) == [(2.0, False), (3.0, True), (4.0, False)]
    assert len(begun.rows(PersonBox, "id")) == 1
    name = begun.id_of("room")
    assert {p.name for p in (begun.workspace.stills / name).iterdir()} == {
        f"{name}.{kind}" for name in ("0002", "0003", "0004") for kind in ("jpg", "mp4")
    }
    begun.set("")
    begun.run(*READ)
    assert [frame for _, frame in begun.rows(KeyFrame, *columns)] == [False] * 3


def test_a_film_that_changed_is_read_anew(begun, draw_scene) -> None:
    begun.draw("room", draw_scene(6, [RED]))
    begun.run(*READ)
    file = next(begun.workspace.media.glob("*.mkv"))
    file.write_bytes(b"cut short")
    assert begun.run("keyframes").num_new == 0  # it was read before
    begun.run(*READ)
    assert begun.moments("room") == [2.0, 3.0, 4.0]


def test_status_shows_films_and_what_comes_next(begun, draw_scene) -> None:
    begun.draw("room", draw_scene(5, [RED]))
    lines = "\n".join(status_lines(status(begun.workspace)))
    assert "ava search           1        0        0        0        1" in lines
    assert f"`kbuild ava collect --source folder:{begun.folder}`" in lines.replace("\n      ", " ")
    assert "\npropose " not in lines and "clips" not in lines
    begun.run(*READ)
    found = status(begun.workspace)
    assert found.film_counts["key frames"] == 2 and found.film_counts["films selected"] == 1
    assert [(s.stage, s.num_done) for s in found.films[:4]] == [(f"ava {n}", 1) for n in READ]


def test_a_workspace_of_clips_says_nothing_of_films(tmp_path: Path) -> None:
    found = status(Workspace.create(tmp_path / "clips"))
    assert found.films == [] and found.film_counts == {} and not found.is_of_films
    assert "ava" not in "\n".join(status_lines(found))


@pytest.mark.parametrize(
    ("stage", "needs"),
    [("download", "search"), ("select", "download"), ("keyframes", "select")],
)
def test_a_stage_run_too_early_says_which_to_run(films, stage: str, needs: str) -> None:
    with pytest.raises(StageOrderError, match=f"Run `kbuild ava {needs}` first"):
        films.run(stage)


def test_a_search_needs_queries(films, tmp_path: Path) -> None:
    arguments = ["-C", str(films.workspace.root), "ava", "collect", "--source", "search:ytsearch"]
    result = CliRunner().invoke(group, arguments)
    assert result.exit_code == 1
    assert "give --queries FILE" in result.output and result.output.count("\n") == 1
    (tmp_path / "queries").write_text("# nobody\n\n")
    result = CliRunner().invoke(group, [*arguments, "--queries", str(tmp_path / "queries")])
    assert result.exit_code == 1 and "no queries. Write one a line" in result.output


def test_a_folder_without_films_says_so(films) -> None:
    with pytest.raises(SourceError, match="folder"):
        films.collect()


def test_queries_are_asked_each_once(films, tmp_path: Path) -> None:
    from pipelines.ava.told import read_queries

    (tmp_path / "queries").write_text("A # actor\nB\nA\n")
    assert read_queries(tmp_path / "queries") == ["A", "B"]
    with writing(films.workspace.engine) as session:
        tell(session, {SOURCE: "search:ytsearch", "films_queries": "A\nB"})
    found = status(films.workspace)
    assert found.films[0].num_items == 2


def test_the_command_prints_one_document(films, draw_scene) -> None:
    films.draw("room", draw_scene(5, [RED]))
    with writing(films.workspace.engine) as session:
        tell(session, {SOURCE: f"folder:{films.folder}"})
    result = CliRunner().invoke(
        group, ["-C", str(films.workspace.root), "ava", "search", "--json"], catch_exceptions=False
    )
    assert json.loads(result.stdout)["num_done"] == 1


def test_edits_and_workers_are_kept_when_a_film_is_refused(begun, draw_scene) -> None:
    begun.draw("room", draw_scene(6, [RED]))
    begun.draw("other", draw_scene(9, [RED]))
    begun.run(*READ)
    with writing(begun.workspace.engine) as session:
        frames = list(session.query(KeyFrame).order_by(KeyFrame.id))
        corners = {"x1": 0.1, "y1": 0.1, "x2": 0.5, "y2": 0.5}
        boxes = [PersonBox(key_frame_id=frame.id, **corners) for frame in frames[:2]]
        worker = Worker(name="Ana", code_hash="x")
        session.add_all([*boxes, worker])
        session.flush()
        edit = LinkEdit(box_id=boxes[0].id, other_id=boxes[1].id, is_same=True)
        edit.worker_id = worker.id
        session.add(edit)
    begun.set("[films]\nmin_minutes = 0.2\n")
    begun.run("search", "download", "select")
    with pytest.raises(StageOrderError, match="selected films"):
        begun.run("keyframes")
    assert len(begun.rows(LinkEdit, "id")) == 1
