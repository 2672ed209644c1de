"""Stretches of films become tasks, with gold whose persons a file tells; answers become links."""

from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from sqlalchemy import select

from annotation_ui.handout import current_desk, take_task
from annotation_ui.kinds.links.kind import LINKS
from kinetics_builder.crowd.kinds.links import LINKS_KIND, add_tracks
from kinetics_builder.crowd.records import keep, read_standing, remake
from kinetics_builder.database.engine import reading, writing
from kinetics_builder.database.tables import (
    Answer,
    BoxLink,
    Gold,
    GoldTrack,
    KeyFrame,
    LinkAnswer,
    LinkDecision,
    LinkEdit,
    LinkStretch,
    PersonBox,
    Task,
    TaskSlot,
    Worker,
)
from kinetics_builder.errors import FormatError, StageOrderError
from kinetics_builder.workspace import Workspace
from pipelines.ava.boxes_file import BoxesFile
from pipelines.ava.withdrawing import take_back_box, take_back_frame
from pipelines.cli import group
from pipelines.running.runner import run_stage
from pipelines.stages import build_stage
from pipelines.verifying.assign_frames import assign_frames
from pipelines.verifying.assign_links import LinksReport, assign_links
from pipelines.verifying.gold_links import LinksGoldReport, add_gold_links
from pipelines.verifying.people import assign_people
from tests.annotation_ui.links.conftest import TRUE, corners_of, fill_film, machine

SETTINGS = "[verify]\nhaste_seconds = 0.0\n[assign]\ngold_per_task = 1\nstretch_frames = 5\n"


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    return Workspace.create(tmp_path / "workspace", SETTINGS)


def write_truth(folder: Path, numbers: range, *, first: int = 0, shift: float = 0.0) -> BoxesFile:
    rows = [
        f"film,{902 + n:04},{x1 + shift},{y1},{x2 + shift},{y2},12,{first + person}"
        for n in numbers
        for person in TRUE
        for x1, y1, x2, y2 in [corners_of(person, n)]
    ]
    path = folder / "truth.csv"
    path.write_text("".join(f"{row}\n" for row in rows))
    return BoxesFile(path=path, format="ava")


def add_gold(workspace: Workspace, file: BoxesFile) -> LinksGoldReport:
    with writing(workspace.engine) as session:
        return add_gold_links(session, file, workspace.config)


def assign(workspace: Workspace) -> LinksReport:
    with writing(workspace.engine) as session:
        return assign_links(session, workspace.config)


def asked(workspace: Workspace) -> list[tuple[float, float, bool]]:
    """Return (first second, last second, is gold) of all questions, task by task."""
    query = (
        select(LinkStretch.start_seconds, LinkStretch.end_seconds, TaskSlot.gold_id.is_not(None))
        .join(TaskSlot, TaskSlot.stretch_id == LinkStretch.id)
        .order_by(TaskSlot.task_id, TaskSlot.position)
    )
    with reading(workspace.engine) as session:
        return [tuple(row) for row in session.execute(query)]


def say(
    workspace: Workspace, worker: int, slot: TaskSlot, tracks: list[list[int]], revision: int = 0
) -> None:
    """Answer as the page does."""
    with writing(workspace.engine) as session:
        if session.get(Worker, worker) is None:
            session.add(Worker(id=worker, code_hash=str(worker)))
            session.flush()
        answer = LinkAnswer(worker_id=worker, slot_id=slot.id, stretch_id=slot.stretch_id)
        answer.is_as_shown, answer.revision = False, revision
        session.add(answer)
        session.flush()
        add_tracks(session.connection(), answer.id, tracks)
        keep(session, workspace.config.verify)


def slots(workspace: Workspace, *, gold: bool = False) -> list[TaskSlot]:
    with reading(workspace.engine) as session:
        is_gold = TaskSlot.gold_id.is_not(None)
        query = select(TaskSlot).where(is_gold if gold else ~is_gold).order_by(TaskSlot.id)
        found = list(session.scalars(query.where(TaskSlot.stretch_id.is_not(None))))
        session.expunge_all()
        return found


def edits(workspace: Workspace) -> list[tuple[int, int, bool]]:
    with reading(workspace.engine) as session:
        columns = (LinkEdit.box_id, LinkEdit.other_id, LinkEdit.is_same)
        return sorted(tuple(row) for row in session.execute(select(*columns)))


def persons(workspace: Workspace, tracks: list[list[int]]) -> list[set[int | None]]:
    """Return the persons of each track's boxes after linking."""
    with reading(workspace.engine) as session:
        rows = dict(session.execute(select(PersonBox.id, PersonBox.person)).all())
    return [{rows[box] for box in track} for track in tracks]


def test_a_film_is_asked_about_once_and_a_second_run_adds_nothing(workspace: Workspace) -> None:
    fill_film(workspace, 12)
    report = assign(workspace)
    assert (report.num_tasks, report.num_questions, report.num_gold_missing) == (1, 3, 1)
    assert asked(workspace) == [(902, 906, False), (906, 910, False), (910, 913, False)]
    again = assign(workspace)
    assert (again.num_tasks, again.num_questions, again.num_asked_before) == (0, 0, 3)


def test_key_frames_wait_whose_boxes_are_asked_about_or_not_linked(workspace: Workspace) -> None:
    tracks = fill_film(workspace, 12)
    with writing(workspace.engine) as session:
        session.get_one(PersonBox, tracks[0][8]).person = None
        frames = session.scalars(select(KeyFrame).order_by(KeyFrame.timestamp_seconds)).all()
        for frame in frames[:4]:
            frame.is_withdrawn = True
        session.flush()
        assign_frames(session, workspace.config)
        for frame in frames[:4]:
            frame.is_withdrawn = False
    report = assign(workspace)
    assert (report.num_questions, report.num_open, report.num_unlinked) == (1, 8, 0)
    assert asked(workspace) == [(902, 905, False)]
    with writing(workspace.engine) as session:
        for table in (TaskSlot, Task):
            for row in session.scalars(select(table).where(_is_of_boxes(table))).all():
                session.delete(row)
            session.flush()
    report = assign(workspace)
    assert (report.num_questions, report.num_open, report.num_unlinked) == (2, 0, 1)
    assert sorted(asked(workspace)) == [(902, 905, False), (905, 909, False), (911, 913, False)]


def _is_of_boxes(table: type[Task] | type[TaskSlot]) -> object:
    return Task.kind == "boxes" if table is Task else TaskSlot.key_frame_id.is_not(None)


def test_actions_are_asked_of_people_who_are_known_and_of_all_who_are_not_asked_about(
    workspace: Workspace,
) -> None:
    tracks = fill_film(workspace, 7)
    assign(workspace)
    with writing(workspace.engine) as session:
        (actions, _) = assign_people(session, workspace.config.assign)
    assert actions.num_questions == 0, "both stretches are open"
    first, _ = slots(workspace)
    say(workspace, 1, first, [track[:5] for track in tracks])
    with writing(workspace.engine) as session:
        (actions, _) = assign_people(session, workspace.config.assign)
    assert actions.num_questions == 8, "the key frame that both share waits for the second"


def test_without_links_nobody_waits_for_them(workspace: Workspace) -> None:
    fill_film(workspace, 7)
    with writing(workspace.engine) as session:
        (actions, _) = assign_people(session, workspace.config.assign)
    assert actions.num_questions == 14


def test_boxes_without_persons_name_the_stage_before(workspace: Workspace) -> None:
    with pytest.raises(StageOrderError, match="ava link"):
        assign(workspace)


def test_what_is_said_holds_over_every_linking_and_is_remade_the_same(
    workspace: Workspace,
) -> None:
    tracks = fill_film(workspace, 8, lambda person, number: machine(person, number))
    workspace.config.assign  # noqa: B018
    assign(workspace)
    run_stage(workspace, build_stage("ava link", workspace))
    first, second = slots(workspace)
    say(workspace, 1, first, [[*tracks[0][:3], *tracks[1][3:5]], [*tracks[1][:3], *tracks[0][3:5]]])
    say(workspace, 1, first, [track[:5] for track in tracks], revision=1)
    say(workspace, 1, second, [track[4:] for track in tracks])
    told = edits(workspace)
    assert sum(is_same for *_, is_same in told) == 2 * 7
    run_stage(workspace, build_stage("ava link", workspace))
    one, other = persons(workspace, tracks)
    assert len(one) == len(other) == 1 and one != other, "over the cut as well"
    with reading(workspace.engine) as session:
        assert set(session.scalars(select(BoxLink.origin))) == {"people"}
    with writing(workspace.engine) as session:
        remake(session, workspace.config.verify)
    assert edits(workspace) == told
    settings = f"{SETTINGS}[link]\nmin_likeness = 0.05\noverlap_weight = 1.0\n"
    (workspace.root / "kbuild.toml").write_text(settings)
    again = Workspace.open(workspace.root)
    run_stage(again, build_stage("ava link", again))
    assert persons(again, tracks) == [one, other]


def test_a_box_keeps_its_person_however_often_it_is_moved(workspace: Workspace) -> None:
    tracks = fill_film(workspace, 5)
    assign(workspace)
    (slot,) = slots(workspace)
    say(workspace, 1, slot, tracks)
    old = tracks[0][3]
    ids = []
    for corners in ((0.01, 0.01, 0.1, 0.1), (0.7, 0.7, 0.9, 0.9)):
        with writing(workspace.engine) as session:
            before = session.get_one(PersonBox, ids[-1] if ids else old)
            before.is_dropped = True
            moved = PersonBox(key_frame_id=before.key_frame_id, replaces_id=old)
            moved.x1, moved.y1, moved.x2, moved.y2 = corners
            session.add(moved)
            session.flush()
            ids.append(moved.id)
        run_stage(workspace, build_stage("ava link", workspace))
        standing = [*tracks[0][:3], ids[-1], tracks[0][4]]
        one, other = persons(workspace, [standing, tracks[1]])
        assert len(one) == len(other) == 1 and one != other
    with writing(workspace.engine) as session:
        session.get_one(PersonBox, ids[-1]).is_dropped = True
        session.get_one(PersonBox, old).is_dropped = False
    run_stage(workspace, build_stage("ava link", workspace))
    assert [len(one) for one in persons(workspace, tracks)] == [1, 1], "and when that is taken back"


def test_gold_is_hidden_right_and_wrong_by_turns_and_its_truth_holds(
    workspace: Workspace, tmp_path: Path
) -> None:
    tracks = fill_film(workspace, 14)
    report = add_gold(workspace, write_truth(tmp_path, range(9), shift=0.01))
    assert (report.num_new, report.num_right, report.num_wrong) == (2, 1, 1)
    assert (report.num_boxes, report.num_unmet, report.num_asked) == (20, 0, 0)
    with reading(workspace.engine) as session:
        assert session.scalars(select(Gold.expected).order_by(Gold.id)).all() == [
            Answer.NO,
            Answer.YES,
        ]
        shown = session.scalars(select(GoldTrack.shown).order_by(GoldTrack.gold_id)).all()
        assert len(shown) == 20
    assert sum(is_same for *_, is_same in edits(workspace)) == 16, "the truth holds at once"
    assert add_gold(workspace, write_truth(tmp_path, range(9))).num_known_before == 2
    assert add_gold(workspace, write_truth(tmp_path, range(9), first=7)).num_new == 0
    report = assign(workspace)
    assert (report.num_questions, report.num_gold_slots) == (2, 1)
    ordinary = [(start, end) for start, end, is_gold in asked(workspace) if not is_gold]
    assert ordinary == [(910, 914), (914, 915)]
    (gold,) = slots(workspace, gold=True)
    say(workspace, 1, gold, [[box] for track in tracks for box in track[:5]])
    assert sum(is_same for *_, is_same in edits(workspace)) == 16, "whatever anybody says"
    with writing(workspace.engine) as session:
        remake(session, workspace.config.verify)
    assert sum(is_same for *_, is_same in edits(workspace)) == 16


def test_who_leaves_the_error_of_gold_is_set_aside_and_who_mends_it_is_not(
    workspace: Workspace, tmp_path: Path
) -> None:
    tracks = fill_film(workspace, 14)
    settings = f"{SETTINGS}gold_per_task = 1\n".replace("gold_per_task = 1\n", "", 1)
    settings = settings.replace("[verify]\n", "[verify]\ngold_min_answers = 1\n")
    (workspace.root / "kbuild.toml").write_text(settings)
    workspace = Workspace.open(workspace.root)
    add_gold(workspace, write_truth(tmp_path, range(5)))
    assign(workspace)
    (gold,) = slots(workspace, gold=True)
    ordinary, *_ = slots(workspace)
    with reading(workspace.engine) as session:
        rows = session.execute(select(GoldTrack.person_box_id, GoldTrack.shown)).all()
    shown: dict[int, list[int]] = {}
    for box, track in rows:
        shown.setdefault(track, []).append(box)
    truth = [track[:5] for track in tracks]
    say(workspace, 1, ordinary, [track[4:9] for track in tracks])
    assert sum(is_same for *_, is_same in edits(workspace)) == 16
    say(workspace, 1, gold, list(shown.values()))
    say(workspace, 2, gold, truth)
    with reading(workspace.engine) as session:
        verify = workspace.config.verify
        careless = read_standing(session, 1, verify, LINKS_KIND)
        careful = read_standing(session, 2, verify, LINKS_KIND)
        assert (careless.num_gold, careless.num_gold_right, careless.counts) == (1, 0, False)
        assert "leaves people who are mixed up" in careless.words
        assert (careful.num_gold, careful.num_gold_right, careful.counts) == (1, 1, True)
        decision = session.get_one(LinkDecision, ordinary.stretch_id)
        assert (decision.num_answers, decision.num_set_aside, decision.is_decided) == (0, 1, False)
    assert sum(is_same for *_, is_same in edits(workspace)) == 8, "theirs counts no more"


@pytest.mark.parametrize(
    ("row", "words"),
    [
        ("film9,0903,0.1,0.1,0.4,0.9,12,0", "'film9' is no film here"),
        ("film,1203,0.1,0.1,0.4,0.9,12,0", "film has no key frame at 1203 s"),
        ("film,0903,0.5,0.1,0.4,0.9,12,0", r"truth\.csv:1"),
    ],
)
def test_gold_that_is_of_no_key_frame_names_what_there_is(
    workspace: Workspace, tmp_path: Path, row: str, words: str
) -> None:
    fill_film(workspace, 5)
    path = tmp_path / "truth.csv"
    path.write_text(f"{row}\n")
    with pytest.raises(FormatError, match=words):
        add_gold(workspace, BoxesFile(path=path, format="ava"))
    with reading(workspace.engine) as session:
        assert session.scalar(select(Gold.id)) is None


def test_gold_without_persons_or_against_what_is_known_is_refused(
    workspace: Workspace, tmp_path: Path
) -> None:
    fill_film(workspace, 5)
    path = tmp_path / "truth.csv"
    path.write_text("film,0903,0.2,0.2,0.35,0.9,12,0.9\n")
    with pytest.raises(FormatError, match="a box without a person"):
        add_gold(workspace, BoxesFile(path=path, format="ava-detections"))
    add_gold(workspace, write_truth(tmp_path, range(5)))
    text = path.read_text().splitlines()
    path.write_text("\n".join([text[0][:-1] + "1", text[1][:-1] + "0", *text[2:]]))
    with pytest.raises(FormatError, match="from 902 to 906 s is known with other persons"):
        add_gold(workspace, BoxesFile(path=path, format="ava"))


def test_boxes_that_come_after_the_answer_are_counted_and_asked_about_again(
    workspace: Workspace,
) -> None:
    tracks = fill_film(workspace, 5)
    assert assign(workspace).num_unfollowed == 0
    (slot,) = slots(workspace)
    say(workspace, 1, slot, tracks)
    with writing(workspace.engine) as session:
        old = session.get_one(PersonBox, tracks[0][2])
        old.is_dropped = True
        moved = PersonBox(key_frame_id=old.key_frame_id, replaces_id=old.id)
        new = PersonBox(key_frame_id=old.key_frame_id)
        for box, left in ((moved, 0.2), (new, 0.4)):
            box.x1, box.y1, box.x2, box.y2 = left, 0.3, left + 0.1, 0.8
        session.add_all([moved, new])
    run_stage(workspace, build_stage("ava link", workspace))
    result = CliRunner().invoke(group, ["-C", str(workspace.root), "assign", "--kind", "links"])
    assert "1 box came after people had said who is who there" in result.output
    assert "1 of the new stretches are of key frames that were asked about before" in result.output
    assert asked(workspace) == [(902, 906, False), (903, 905, False)]
    report = assign(workspace)
    assert (report.num_questions, report.num_unfollowed) == (0, 0), "it is asked about by now"


def test_what_tasks_ask_about_does_not_become_gold(workspace: Workspace, tmp_path: Path) -> None:
    fill_film(workspace, 8)
    assign(workspace)
    report = add_gold(workspace, write_truth(tmp_path, range(8)))
    assert (report.num_new, report.num_asked) == (0, 5)


def work_without_gold(workspace: Workspace, tracks: list[list[int]]) -> list[Any]:
    """Ask about all but the first four key frames: one task is done, the second is begun."""
    late = [box for track in tracks for box in track[:4]]
    with writing(workspace.engine) as session:
        linked = {box: session.get_one(PersonBox, box).person for box in late}
        for box in late:
            session.get_one(PersonBox, box).person = None
    report = assign(workspace)
    assert (report.num_tasks, report.num_questions, report.num_gold_missing) == (3, 5, 3)
    for slot, places in zip(slots(workspace)[:2], (slice(4, 7), slice(6, 9)), strict=True):
        say(workspace, 1, slot, [track[places] for track in tracks])
    with writing(workspace.engine) as session:
        for box, person in linked.items():
            session.get_one(PersonBox, box).person = person
        at_work = take_task(LINKS, session, 1, workspace.config, 0.0)
        assert at_work is not None and at_work.task_id == 2
    return asked(workspace)


def test_gold_that_comes_late_enters_tasks_that_are_not_finished(
    workspace: Workspace, tmp_path: Path
) -> None:
    settings = SETTINGS.replace("stretch_frames = 5", "stretch_frames = 3\nslots_per_task = 2")
    (workspace.root / "kbuild.toml").write_text(settings)
    workspace = Workspace.open(workspace.root)
    tracks = fill_film(workspace, 14)
    before = work_without_gold(workspace, tracks)

    path = write_truth(tmp_path, range(4)).path
    run = ["-C", str(workspace.root), "gold", "--kind", "links", str(path)]
    said = CliRunner().invoke(group, run)
    assert "2 new gold stretches with 10 boxes, 1 of them shown with an error" in said.output
    assert "2 of their places are new, in tasks that are not finished." in said.output
    after = asked(workspace)
    assert [one for one in after if not one[2]] == before, "in their order"
    assert [len(questions(workspace, task)) for task in (1, 2, 3)] == [2, 3, 2], "one is finished"
    golds = [one for task in (2, 3) for one in questions(workspace, task) if one[1] is not None]
    assert len({gold for _, gold in golds}) == 2, "used in turn: one of each sort"
    for task in (1, 2, 3):
        assert [place for place, _ in questions(workspace, task)] == list(
            range(len(questions(workspace, task)))
        )
    with reading(workspace.engine) as session:
        desk = current_desk(LINKS, session, 1, workspace.config, 0.0)
        assert desk is not None
        assert [one.is_gold for one in desk.remaining()].count(True) == 1, "who is at work is asked"
    again = CliRunner().invoke(group, run)
    assert "0 new gold stretches" in again.output and "0 of their places are new" in again.output
    assert asked(workspace) == after
    assert assign(workspace).num_gold_mixed_in == 0


def questions(workspace: Workspace, task: int) -> list[tuple[int, int | None]]:
    """Return (position, gold) of a task's questions."""
    query = select(TaskSlot.position, TaskSlot.gold_id).where(TaskSlot.task_id == task)
    with reading(workspace.engine) as session:
        return [tuple(row) for row in session.execute(query.order_by(TaskSlot.position))]


def test_a_stretch_without_boxes_to_link_keeps_no_task_open(workspace: Workspace) -> None:
    tracks = fill_film(workspace, 3)
    assign(workspace)

    def is_finished() -> bool:
        with reading(workspace.engine) as session:
            return bool(session.scalar(select(Task.is_finished)))

    with writing(workspace.engine) as session:
        for box in (tracks[0][0], tracks[1][0], tracks[0][1]):
            assert not take_back_box(session, session.get_one(PersonBox, box))
    assert not is_finished(), "two key frames have somebody"
    with writing(workspace.engine) as session:
        frame = session.get_one(PersonBox, tracks[1][1]).key_frame_id
        take_back_frame(session, session.get_one(KeyFrame, frame))
    assert is_finished()


def test_boxes_of_answers_and_gold_are_kept_when_they_are_found_no_more(
    workspace: Workspace, tmp_path: Path
) -> None:
    tracks = fill_film(workspace, 12)
    add_gold(workspace, write_truth(tmp_path, range(5)))
    assign(workspace)
    say(workspace, 1, slots(workspace)[0], [track[4:9] for track in tracks])
    with writing(workspace.engine) as session:
        for box, is_kept in ((tracks[0][1], True), (tracks[0][7], True), (tracks[0][11], False)):
            assert take_back_box(session, session.get_one(PersonBox, box)) is is_kept
    with writing(workspace.engine) as session:
        remake(session, workspace.config.verify)
    run_stage(workspace, build_stage("ava link", workspace))


def test_the_commands_take_the_kind(workspace: Workspace, tmp_path: Path) -> None:
    fill_film(workspace, 12)
    truth = write_truth(tmp_path, range(5)).path
    here = ["-C", str(workspace.root)]
    result = CliRunner().invoke(group, [*here, "gold", "--kind", "links", str(truth)])
    assert result.exit_code == 0, result.output
    assert "1 new gold stretch with 10 boxes, 1 of them shown with an error" in result.output
    result = CliRunner().invoke(group, [*here, "assign", "--kind", "links"])
    assert result.exit_code == 0, result.output
    assert "1 new task: 2 stretches of films and 1 gold question" in result.output
    assert CliRunner().invoke(group, [*here, "gold", "--kind", "links"]).exit_code == 2
    say(workspace, 1, slots(workspace)[0], [[box] for box in range(9, 19)])
    result = CliRunner().invoke(group, [*here, "aggregate"])
    assert result.exit_code == 0, result.output
    assert "decided of 2 stretches of films" in result.output, "one of them is gold"
    result = CliRunner().invoke(group, [*here, "status"])
    assert result.exit_code == 0, result.output
