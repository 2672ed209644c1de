"""Gold that comes to be known after the tasks were dealt."""

from collections import Counter
from itertools import pairwise
from typing import Any

from click.testing import CliRunner
from sqlalchemy import select

from kinetics_builder.config import AssignConfig, Config, VerifyConfig
from kinetics_builder.crowd.gold_cover import read_gold_cover
from kinetics_builder.database.engine import reading, writing
from kinetics_builder.database.tables import Answer, Clip, Gold, TaskSlot
from kinetics_builder.workspace import Workspace
from pipelines.cli import group
from pipelines.verifying.aggregate import aggregate
from pipelines.verifying.assign import assign
from pipelines.verifying.gold_slots import mix_gold_in

YES, NO, UNSURE, BAD = Answer
CONFIG = Config(assign=AssignConfig(slots_per_task=5, gold_per_task=2))


def first_dataset(workspace: Workspace, fill: Any, num_clips: int = 20) -> None:
    """Deal all tasks before any gold can be known."""

    def story(filler: Any) -> None:
        for number in range(num_clips):
            filler.clip(f"v{number:02}", ("waving", "surfing", "carving ice")[number % 3])

    fill(workspace, story)
    with writing(workspace.engine) as session:
        report = assign(session, CONFIG)
    assert (report.num_tasks, report.num_gold_slots) == (num_clips // 5, 0)


def add_gold(workspace: Workspace, fill: Any, num_yes: int, num_no: int) -> None:
    def story(filler: Any) -> None:
        for number in range(num_yes):
            filler.gold(filler.clip(f"yes{number}", "waving", standing=None), "waving", YES)
        for number in range(num_no):
            filler.gold(filler.clip(f"no{number}", "waving", standing=None), "surfing", NO)

    fill(workspace, story)


def mix(workspace: Workspace) -> int:
    with writing(workspace.engine) as session:
        return mix_gold_in(session, CONFIG)


def slots(workspace: Workspace) -> dict[int, list[tuple[int, int, int | None]]]:
    """Return (position, clip, gold) of every slot by task."""
    query = select(TaskSlot).order_by(TaskSlot.task_id, TaskSlot.position)
    found: dict[int, list[tuple[int, int, int | None]]] = {}
    with reading(workspace.engine) as session:
        for slot in session.scalars(query):
            row = (slot.position, slot.clip_id, slot.gold_id)
            found.setdefault(slot.task_id, []).append(row)
    return found


def test_gold_enters_tasks_of_a_first_dataset(workspace: Workspace, fill: Any) -> None:
    first_dataset(workspace, fill)
    before = slots(workspace)
    add_gold(workspace, fill, num_yes=3, num_no=3)
    assert mix(workspace) == 8
    after = slots(workspace)
    places: Counter[int] = Counter()
    with reading(workspace.engine) as session:
        kinds = {one.id: one.expected for one in session.scalars(select(Gold))}
    for task, rows in after.items():
        assert [position for position, _, _ in rows] == list(range(7)), "no gap, none twice"
        asked = [clip for _, clip, gold in rows if gold is None]
        assert asked == [clip for _, clip, _ in before[task]], "what was asked keeps its order"
        assert sorted(kinds[gold] for _, _, gold in rows if gold) == [NO, YES], "one of each kind"
        places.update(position for position, _, gold in rows if gold)
    assert len(places) > 3, "nobody knows where gold stands"
    assert mix(workspace) == 0, "a second run adds nothing"
    assert slots(workspace) == after


def test_finished_tasks_stay_as_they_are(workspace: Workspace, fill: Any) -> None:
    first_dataset(workspace, fill, num_clips=10)
    done = slots(workspace)[1]

    def votes(filler: Any) -> None:
        for _, clip_id, _ in done:
            for name in ("ann", "bob", "eve"):
                filler.vote(filler.session.get_one(Clip, clip_id), name, NO)

    fill(workspace, votes)
    with writing(workspace.engine) as session:
        aggregate(session, VerifyConfig())
    add_gold(workspace, fill, num_yes=2, num_no=2)
    assert mix(workspace) == 2
    after = slots(workspace)
    assert after[1] == done
    assert len(after[2]) == 7


def test_a_task_is_not_asked_about_a_clip_twice(workspace: Workspace, fill: Any) -> None:
    first_dataset(workspace, fill, num_clips=5)

    def story(filler: Any) -> None:
        for clip in filler.session.scalars(select(Clip)):
            filler.gold(clip, "juggling", NO)

    fill(workspace, story)
    assert mix(workspace) == 0


def test_the_command_mixes_gold_in_at_once_and_says_what_is_missing(
    workspace: Workspace, fill: Any
) -> None:
    first_dataset(workspace, fill)
    fill(workspace, lambda filler: filler.clip("known", "waving", standing=None))
    with reading(workspace.engine) as session:
        warning = read_gold_cover(session, CONFIG.assign).warning
    assert warning and warning.startswith("No task holds a question whose answer is known (gold)")
    (workspace.root / "kbuild.toml").write_text("[assign]\nslots_per_task = 5\n")
    path = workspace.root / "gold.csv"
    path.write_text("youtube_id,time_start,label,answer\nknown,0,waving,yes\n")
    result = CliRunner().invoke(group, ["-C", str(workspace.root), "gold", str(path)])
    assert result.exit_code == 0, result.output
    assert "4 of their places are new, in tasks that are not finished" in result.output
    assert "No gold question has the answer no: whoever always says yes passes" in result.output


def test_gold_is_not_missed_where_none_is_wanted(workspace: Workspace, fill: Any) -> None:
    first_dataset(workspace, fill)
    with reading(workspace.engine) as session:
        cover = read_gold_cover(session, AssignConfig(gold_per_task=0))
    assert cover.warning is None


def test_neighbours_of_gold_stay_in_order_in_every_task(workspace: Workspace, fill: Any) -> None:
    first_dataset(workspace, fill)
    add_gold(workspace, fill, num_yes=1, num_no=0)
    assert mix(workspace) == 4, "one known clip is asked once a task"
    for rows in slots(workspace).values():
        assert all(a[0] < b[0] for a, b in pairwise(rows))
