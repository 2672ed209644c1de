"""Key frames become tasks, with gold whose boxes a file tells among them."""

from pathlib import Path

import pytest
from click.testing import CliRunner
from sqlalchemy import insert, select

from kinetics_builder.config import AssignConfig, Config
from kinetics_builder.crowd.gold_cover import gold_warnings
from kinetics_builder.database.engine import reading, writing
from kinetics_builder.database.tables import Gold, GoldBox, KeyFrame, Task, TaskSlot, Video
from kinetics_builder.errors import FormatError, StageOrderError
from kinetics_builder.workspace import Workspace
from pipelines.ava.boxes_file import BoxesFile
from pipelines.cli import group
from pipelines.verifying.assign_frames import assign_frames
from pipelines.verifying.gold_frames import add_gold_frames

CONFIG = Config(assign=AssignConfig(slots_per_task=5, gold_per_task=1))


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    """Two films with six and three key frames, from 902 s on."""
    made = Workspace.create(tmp_path / "workspace", "")
    still = {"shown_seconds": 0.0, "shot_number": 0, "width": 64, "height": 48, "bytes": 1}
    still |= {"file": "stills/one.jpg", "sha256": "0" * 64, "is_withdrawn": False}
    told = {"source": "test", "url": "", "title": ""}
    with writing(made.engine) as session:
        session.execute(insert(Video), [{"id": n, "video_id": f"film{n}", **told} for n in (1, 2)])
        frames = [
            {"video_id": film, "timestamp_seconds": 902.0 + n, **still}
            for film, number in ((2, 3), (1, 6))
            for n in range(number)
        ]
        session.execute(insert(KeyFrame), frames)
    return made


def asked(workspace: Workspace) -> list[list[tuple[str, float, bool]]]:
    """Return (film, second, is gold) of the questions, task by task."""
    query = (
        select(Task.id, Video.video_id, KeyFrame.timestamp_seconds, TaskSlot.gold_id.is_not(None))
        .join(TaskSlot, TaskSlot.task_id == Task.id)
        .join(KeyFrame, KeyFrame.id == TaskSlot.key_frame_id)
        .join(Video, Video.id == KeyFrame.video_id)
        .where(Task.kind == "boxes")
        .order_by(Task.id, TaskSlot.position)
    )
    tasks: dict[int, list[tuple[str, float, bool]]] = {}
    with reading(workspace.engine) as session:
        for task, *question in session.execute(query):
            tasks.setdefault(task, []).append(tuple(question))
    return list(tasks.values())


def write_truth(tmp_path: Path, *rows: str) -> BoxesFile:
    path = tmp_path / "truth.csv"
    path.write_text("".join(f"{row}\n" for row in rows))
    return BoxesFile(path=path, format="ava")


def test_a_task_holds_neighbours_of_one_film_and_a_second_run_adds_none(
    workspace: Workspace,
) -> None:
    with writing(workspace.engine) as session:
        report = assign_frames(session, CONFIG)
    assert (report.num_tasks, report.num_questions, report.num_gold_missing) == (3, 9, 3)
    tasks = asked(workspace)
    assert [[second for _, second, _ in task] for task in tasks] == [
        [902, 903, 904, 905, 906],
        [907],
        [902, 903, 904],
    ]
    assert [{film for film, *_ in task} for task in tasks] == [{"film1"}, {"film1"}, {"film2"}]
    with writing(workspace.engine) as session:
        again = assign_frames(session, CONFIG)
    assert (again.num_tasks, again.num_asked_before) == (0, 9)


def test_gold_of_a_file_lies_among_the_others(workspace: Workspace, tmp_path: Path) -> None:
    truth = write_truth(
        tmp_path,
        "film2,0903,0.1,0.1,0.4,0.9,12,0",
        "film2,0903,0.1,0.1,0.4,0.9,17,0",
        "film2,0903,0.5,0.1,0.9,0.9,12,1",
        "film1,0902",
    )
    with writing(workspace.engine) as session:
        report = add_gold_frames(session, truth)
        assert (report.num_new, report.num_boxes, report.num_known_before) == (2, 2, 0)
    with writing(workspace.engine) as session:
        assert add_gold_frames(session, truth).num_known_before == 2
        assert assign_frames(session, CONFIG).num_gold_missing == 0
    tasks = asked(workspace)
    assert [sum(is_gold for *_, is_gold in task) for task in tasks] == [1] * len(tasks)
    ordinary = [(film, at) for task in tasks for film, at, is_gold in task if not is_gold]
    assert len(ordinary) == 7 and ("film2", 903.0) not in ordinary
    with reading(workspace.engine) as session:
        boxes = session.execute(select(GoldBox.x1, GoldBox.x2).order_by(GoldBox.number)).all()
        assert boxes == [(0.1, 0.4), (0.5, 0.9)], "a person with two actions is one box"


@pytest.mark.parametrize(
    ("row", "words"),
    [
        ("film9,0903,0.1,0.1,0.4,0.9,12,0", r"truth\.csv: 'film9' is no film here.*film1, film2"),
        ("film2,1203,0.1,0.1,0.4,0.9,12,0", "film2 has no key frame at 1203 s.*902, 903, 904"),
        ("film2,0903,0.5,0.1,0.4,0.9,12,0", r"truth\.csv:1"),
    ],
)
def test_gold_that_is_of_no_key_frame_names_what_there_is(
    workspace: Workspace, tmp_path: Path, row: str, words: str
) -> None:
    with pytest.raises(FormatError, match=words), writing(workspace.engine) as session:
        add_gold_frames(session, write_truth(tmp_path, row))
    with reading(workspace.engine) as session:
        assert session.scalar(select(Gold.id)) is None


def test_gold_is_only_ever_added_and_what_people_decide_is_none(
    workspace: Workspace, tmp_path: Path
) -> None:
    one = write_truth(tmp_path, "film1,0902,0.1,0.1,0.4,0.9,12,0")
    with writing(workspace.engine) as session:
        add_gold_frames(session, one)
        assign_frames(session, CONFIG)
    other = write_truth(tmp_path, "film1,0902,0.1,0.1,0.4,0.8,12,0")
    with pytest.raises(FormatError, match="only ever added"), writing(workspace.engine) as session:
        add_gold_frames(session, other)
    late = write_truth(tmp_path, "film1,0903,0.1,0.1,0.4,0.8,12,0")
    with writing(workspace.engine) as session:
        report = add_gold_frames(session, late)
    assert (report.num_new, report.num_asked) == (0, 1)


def test_without_key_frames_the_step_before_is_named(tmp_path: Path) -> None:
    empty = Workspace.create(tmp_path / "empty", "")
    with pytest.raises(StageOrderError, match="keyframes"), writing(empty.engine) as session:
        assign_frames(session, CONFIG)


def test_the_commands_take_the_kind(workspace: Workspace, tmp_path: Path) -> None:
    truth = write_truth(tmp_path, "film2,0903,0.1,0.1,0.4,0.9,12,0").path
    here = ["-C", str(workspace.root)]
    result = CliRunner().invoke(group, [*here, "gold", "--kind", "boxes", str(truth)])
    assert result.exit_code == 0, result.output
    assert "1 new gold key frame with 1 box" in result.output
    result = CliRunner().invoke(group, [*here, "assign", "--kind", "boxes"])
    assert result.exit_code == 0, result.output
    assert "2 new tasks: 8 key frames and 2 gold questions" in result.output
    assert CliRunner().invoke(group, [*here, "gold", "--kind", "boxes"]).exit_code == 2


def test_gold_that_comes_late_enters_tasks_that_are_not_finished(
    workspace: Workspace, tmp_path: Path
) -> None:
    config = Config(assign=AssignConfig(slots_per_task=5, gold_per_task=1))
    with writing(workspace.engine) as session:
        frames = session.scalars(select(KeyFrame).order_by(KeyFrame.id)).all()
        known = frames[0]
        known.is_withdrawn = True
        assert assign_frames(session, config).num_tasks == 3
        known.is_withdrawn = False
    before = [[question for question in task if not question[2]] for task in asked(workspace)]
    path = tmp_path / "truth.csv"
    path.write_text("film2,0902,0.1,0.1,0.4,0.9,12,0\n")
    run = ["-C", str(workspace.root), "gold", "--kind", "boxes", str(path)]
    (workspace.root / "kbuild.toml").write_text("[assign]\nslots_per_task = 5\ngold_per_task = 1\n")
    said = CliRunner().invoke(group, run)
    assert "1 new gold key frame with 1 box" in said.output, said.output
    assert "3 of their places are new, in tasks that are not finished." in said.output
    tasks = asked(workspace)
    assert [[one for one in task if not one[2]] for task in tasks] == before, "in their order"
    assert [[one[:2] for one in task if one[2]] for task in tasks] == [[("film2", 902)]] * 3
    with writing(workspace.engine) as session:
        again = assign_frames(session, config)
    assert (again.num_gold_mixed_in, again.num_tasks) == (0, 0)


def test_plain_assign_asks_about_key_frames_too_unless_no_boxes_are_to_be_drawn(
    workspace: Workspace,
) -> None:
    settings = workspace.root / "kbuild.toml"
    settings.write_text("[verify]\nbox_answers = 0\n")
    said = CliRunner().invoke(group, ["-C", str(workspace.root), "assign"])
    assert said.exit_code == 1 and asked(workspace) == [], "the detector's boxes stand; no clips"
    settings.write_text("")
    said = CliRunner().invoke(group, ["-C", str(workspace.root), "assign"])
    assert said.exit_code == 0, said.output
    assert "2 new tasks: 9 key frames and 0 gold questions" in " ".join(said.output.split())
    assert "`kbuild gold --kind boxes FILE` adds some." in " ".join(said.output.split())
    assert sum(map(len, asked(workspace))) == 9
    with reading(workspace.engine) as session:
        (warning,) = gold_warnings(session, Config().assign)
    assert warning.startswith("No task of boxes holds a question whose answer is known (gold)")
    assert "`kbuild gold --kind boxes FILE`" in warning


@pytest.mark.parametrize("kind", ["boxes", "links", "actions", "verification"])
def test_gold_at_key_frames_comes_from_a_file_and_not_from_votes(
    workspace: Workspace, tmp_path: Path, kind: str
) -> None:
    (tmp_path / "truth.csv").write_text("film2,0902,0.1,0.1,0.4,0.9,12,0\n")
    for more in ([], ["--from-votes"], ["--from-votes", str(tmp_path / "truth.csv")]):
        words = ["-C", str(workspace.root), "gold", "--kind", kind, *more]
        said = CliRunner().invoke(group, words)
        assert said.exit_code == 2, more
        assert f"Gold of {kind} comes from a FILE of boxes" in said.output
