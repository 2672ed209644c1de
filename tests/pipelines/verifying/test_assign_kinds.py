"""Plain `assign` deals every kind whose input stands, in turn, and says what waits for what."""

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from sqlalchemy import select, update

from kinetics_builder.database.engine import reading, writing
from kinetics_builder.database.tables import (
    ActionCandidate,
    BoxDecision,
    KeyFrame,
    PersonBox,
    Task,
    TaskSlot,
)
from kinetics_builder.workspace import Workspace
from pipelines.cli import group
from pipelines.inspecting.films.following import next_of_frames, next_of_links, next_of_people
from pipelines.verifying.kinds import DEALINGS, are_links_asked
from tests.annotation_ui.links.conftest import fill_film
from tests.pipelines.verifying.test_links import say, slots

SETTINGS = "[assign]\ngold_per_task = 0\n[verify]\nhaste_seconds = 0.0\n"


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    """Seven key frames of two people, linked by the machine."""
    made = Workspace.create(tmp_path / "workspace", SETTINGS)
    fill_film(made, 7)
    return made


def configured(workspace: Workspace, text: str) -> Workspace:
    (workspace.root / "kbuild.toml").write_text(SETTINGS + text)
    return Workspace.open(workspace.root)


def assign(workspace: Workspace, *arguments: str) -> list[str]:
    said = CliRunner().invoke(group, ["-C", str(workspace.root), "assign", *arguments])
    assert said.exit_code == 0, said.output
    return said.output.splitlines()


def dealt(workspace: Workspace) -> dict[str, int]:
    """Return how many questions plain `assign` deals now, by kind; of what is asked none, None."""
    found = json.loads("\n".join(assign(workspace, "--json")))
    return {kind: one.get("num_questions") for kind, one in found.items()}


def decide_frames(workspace: Workspace) -> None:
    with writing(workspace.engine) as session:
        for number in session.scalars(select(KeyFrame.id)).all():
            decision = BoxDecision(key_frame_id=number, is_decided=True, num_answers=1)
            decision.num_set_aside = 0
            session.add(decision)


def follow_all(workspace: Workspace) -> None:
    with reading(workspace.engine) as session:
        rows = session.execute(select(PersonBox.person, PersonBox.id)).all()
    people: dict[Any, list[int]] = {}
    for person, box in rows:
        people.setdefault(person, []).append(box)
    for slot in slots(workspace):
        say(workspace, 1, slot, list(people.values()))


def following(workspace: Workspace) -> list[str | None]:
    with reading(workspace.engine) as session:
        config = workspace.config
        after_links = are_links_asked(config)
        people = next_of_people(session, after_links=after_links)
        return [next_of_frames(session, config), people, next_of_links(session, config)]


def test_kinds_come_in_the_order_of_the_guide(workspace: Workspace) -> None:
    kinds = ["clip", "boxes", "links", "actions", "verification", "questionnaire", "segments"]
    assert [one.kind for one in DEALINGS] == kinds
    lines = assign(workspace)
    assert (
        lines[0]
        == "boxes: 1 new task: 7 key frames and 0 gold questions; 0 key frames were in tasks."
    )
    assert lines[1].startswith("links: 0 new tasks: 0 stretches of films")
    assert lines[2] == "7 key frames wait: people are still asked who is to be seen there."
    assert lines[3] == (
        "actions: 0 new tasks: 0 persons and 0 gold questions; 7 key frames wait until it is said "
        "who is there, and whose the boxes are."
    )
    assert lines[4] == "verification: 0 new tasks: 0 proposed actions and 0 gold questions."
    assert len(lines) == 5, "nothing of clips where there are none"

    decide_frames(workspace)
    assert following(workspace)[0] == (
        "`kbuild assign` (1 stretch of films can be asked about that is not yet)"
    )
    assert dealt(workspace) == {"boxes": 0, "links": 1, "actions": 0, "verification": 0}
    assert following(workspace)[0] is None
    follow_all(workspace)
    assert (following(workspace)[1] or "").startswith("`kbuild assign` (14 questions about persons")
    assert dealt(workspace) == {"boxes": 0, "links": 0, "actions": 14, "verification": 0}
    with writing(workspace.engine) as session:
        session.add(ActionCandidate(person_box_id=1, action_id=12, num_proposed=2))
    assert dealt(workspace) == {"boxes": 0, "links": 0, "actions": 0, "verification": 1}
    assert dealt(workspace) == {"boxes": 0, "links": 0, "actions": 0, "verification": 0}


def test_boxes_that_people_drew_are_linked_before_anybody_says_what_their_persons_do(
    workspace: Workspace,
) -> None:
    workspace = configured(workspace, "box_answers = 0\n")
    with writing(workspace.engine) as session:
        session.execute(update(PersonBox).where(PersonBox.id == 14).values(person=None))
    lines = assign(workspace)
    assert lines[0].startswith("boxes: nothing is asked, verify.box_answers is 0")
    assert any(one.startswith("links: 1 new task: 1 stretch of films") for one in lines)
    assert any(
        one.startswith("1 key frame waits: people drew boxes there that are not linked")
        for one in lines
    )
    follow_all(workspace)
    assert dealt(workspace)["actions"] == 12, "the last key frame waits for `kbuild ava link`"
    assert any("1 key frames wait until it is said" in one for one in assign(workspace))
    assert assign(workspace, "--kind", "actions")[0].startswith("actions: 1 new task: 2 persons")


@pytest.mark.parametrize(
    ("settings", "expected"),
    [
        ("box_answers = 0\n", {"boxes": None, "links": 1, "actions": 0, "verification": 0}),
        (
            "box_answers = 0\nlink_answers = 0\n",
            {"boxes": None, "links": None, "actions": 14, "verification": 0},
        ),
        ("link_answers = 0\n", {"boxes": 7, "links": None, "actions": 0, "verification": 0}),
    ],
)
def test_who_asks_nobody_says_so_in_the_settings(
    workspace: Workspace, settings: str, expected: dict[str, int | None]
) -> None:
    assert dealt(configured(workspace, settings)) == expected


def test_whoever_was_asked_what_persons_do_first_is_asked_the_rest_by_name_alone(
    workspace: Workspace,
) -> None:
    assert assign(workspace, "--kind", "actions")[0].startswith("actions: 1 new task: 14 persons")
    assert dealt(workspace) == {"boxes": 0, "links": 0, "actions": 0, "verification": 0}
    assert following(workspace)[2] is None, "links were never asked"
    with writing(workspace.engine) as session:
        for frame in (5, 6):
            boxes = select(PersonBox.id).where(PersonBox.key_frame_id == frame)
            for slot in session.scalars(select(TaskSlot).where(TaskSlot.person_box_id.in_(boxes))):
                session.delete(slot)
    workspace = configured(workspace, "box_answers = 0\n")
    assert dealt(workspace)["links"] == 1, "of the two that nobody was asked about"
    assert following(workspace)[2] == (
        "`kbuild assign --kind links` (2 stretches of key frames of which people have said what "
        "the persons do, and not whose the boxes are)"
    )
    lines = assign(workspace, "--kind", "links")
    assert lines[0].startswith("links: 1 new task: 2 stretches of films")
    assert following(workspace)[2] is None
    with reading(workspace.engine) as session:
        assert sorted(session.scalars(select(Task.kind))) == ["actions", "links", "links"]


def test_films_without_links_say_what_links_them(workspace: Workspace) -> None:
    with writing(workspace.engine) as session:
        session.execute(update(PersonBox).values(person=None))
    workspace = configured(workspace, "box_answers = 0\n")
    lines = assign(workspace)
    assert "links: nothing is asked, no box has a person: `kbuild ava link`." in lines
    assert any(
        one.startswith("actions: 0 new tasks") and "7 key frames wait" in one for one in lines
    )
    said = CliRunner().invoke(group, ["-C", str(workspace.root), "ava", "link"])
    assert said.exit_code == 0, said.output
    assert "Next: `kbuild assign` (1 stretch of films can be asked about" in said.output


def test_a_workspace_of_neither_says_what_comes_before(tmp_path: Path) -> None:
    Workspace.create(tmp_path / "empty", "")
    said = CliRunner().invoke(group, ["-C", str(tmp_path / "empty"), "assign"])
    assert said.exit_code == 1 and "cut clips" in said.output


def test_clips_and_films_of_one_workspace_are_all_dealt(workspace: Workspace, fill: Any) -> None:
    fill(workspace, lambda filler: [filler.clip(f"v{n}", "waving") for n in range(3)])
    lines = assign(workspace)
    assert lines[0] == "clip: 1 new task: 3 clips and 0 gold questions; 0 clips were in tasks."
    assert lines[1].startswith("boxes: 1 new task: 7 key frames")
    assert assign(workspace, "--kind", "clip")[0].startswith("clip: 0 new tasks: 0 clips")
