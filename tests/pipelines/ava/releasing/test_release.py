"""What people confirmed of films -> a folder to give away."""

import csv
import hashlib
import json
import os
import subprocess
import sys
import textwrap
from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from click.testing import CliRunner
from sqlalchemy import delete, select, update

from kinetics_builder.ava.looks import look_of
from kinetics_builder.database.engine import writing
from kinetics_builder.database.tables import (
    ActionCandidate,
    BoxDecision,
    BoxProposal,
    DetectedBox,
    FilmSplit,
    Gold,
    KeyFrame,
    LinkEdit,
    LinkStretch,
    Media,
    PersonBox,
    Release,
    Task,
    TaskSlot,
    Verdict,
    Video,
)
from kinetics_builder.errors import ReleaseError, StageOrderError, WorkspaceError
from kinetics_builder.formats.boxes.pixels import Corners
from pipelines.ava.releasing.films import FilmsAs
from pipelines.ava.releasing.layouts import AVA_KINETICS, V2_1, V2_2
from pipelines.cli import group
from pipelines.inspecting.check import check
from pipelines.inspecting.status import status
from pipelines.running.runner import run_stage
from pipelines.stages import build_stage
from tests.pipelines.ava.releasing.conftest import MOMENTS, STAND, WALK

SPLITS = ("train", "val", "test")


def cells(folder: Path, name: str, of: tuple[str, ...] = SPLITS) -> list[list[str]]:
    """Return the rows of one kind of file, of all splits that have it."""
    found = []
    for word in of:
        path = folder / name.format(word)
        if path.is_file():
            with path.open(newline="") as file:
                found += list(csv.reader(file))
    return found


def truth(folder: Path, name: str = "ava_{}_v2.2.csv") -> list[list[str]]:
    return cells(folder, name)


def left_out(folder: Path) -> list[tuple[str, ...]]:
    with (folder / "left_out.csv").open(newline="") as file:
        rows = csv.DictReader(file)
        columns = ("video_id", "timestamp", "person_id", "action_id", "reason")
        return [tuple(row[column] for column in columns) for row in rows]


def contents(folder: Path) -> dict[str, bytes]:
    files = (path for path in folder.rglob("*") if path.is_file())
    return {str(path.relative_to(folder)): path.read_bytes() for path in files}


def nothing_written(house: Any) -> bool:
    return not [path for path in house.workspace.releases.iterdir() if path.name != ".lock"]


def kbuild(*arguments: object) -> Any:
    return CliRunner().invoke(group, [str(one) for one in arguments])


def test_each_confirmed_action_of_each_person_is_a_row(make_house) -> None:
    house = make_house()
    report = house.release()
    expected = sorted(
        [film, f"{second:04d}", *(f"{c:.3f}" for c in person.box(second)), str(action), str(number)]
        for film, people in house.people.items()
        for second in MOMENTS
        for number, person in enumerate(people)
        for action in person.actions
    )
    assert sorted(truth(report.folder)) == expected and len(expected) == 3 * 9 * 2 * 2
    by_split = {split: counts["films"] for split, counts in report.splits.items()}
    assert by_split == {"train": 1, "validate": 1, "test": 1}
    for word in SPLITS:
        assert len({row[0] for row in cells(report.folder, "ava_{}_v2.2.csv", (word,))}) == 1
    assert (report.name, report.is_new, report.num_actions, report.left_out) == (
        *("ava-v1", True, 4),
        {},
    )
    assert house.rows(select(Release.name)) == [("ava-v1",)]


def test_lists_of_actions_come_in_both_dialects_and_seconds_once(make_house) -> None:
    folder = make_house().release().folder
    full = (folder / "ava_action_list_v2.2.pbtxt").read_text()
    assert '  name: "be red"\n  label_id: 1\n  label_type: OBJECT_MANIPULATION\n' in full
    assert '  name: "stand"\n  label_id: 5\n  label_type: PERSON_MOVEMENT\n' in full
    measured = (folder / "ava_action_list_v2.2_for_activitynet_2019.pbtxt").read_text()
    assert measured.count("item {") == 4 and '  name: "stand"\n  id: 5\n' in measured
    included = (folder / "ava_included_timestamps_v2.2.txt").read_text()
    assert included == "".join(f"{second:04d}\n" for second in MOMENTS)


def test_actions_with_few_examples_in_validation_are_not_measured(make_house) -> None:
    house = make_house(settings="[release]\nmin_validate_examples = 9\n")
    house.vote(next(iter(house.people)), 5, 0, WALK, verdict=Verdict.REJECTED)
    folder = house.release().folder
    rows = cells(folder, "ava_{}_v2.2.csv", ("val",))
    counted = Counter(row[6] for row in rows)
    enough = {number for number, count in counted.items() if count >= 9}
    text = (folder / "ava_action_list_v2.2_for_activitynet_2019.pbtxt").read_text()
    found = {line.split()[-1] for line in text.splitlines() if line.startswith("  id:")}
    assert found == enough and found
    house.set("[release]\nmin_validate_examples = 500\n")
    text = (house.release().folder / "ava_action_list_v2.2_for_activitynet_2019.pbtxt").read_text()
    assert text.count("item {") == 4, "all where none has as many"


def test_the_films_are_there_and_every_file_has_its_checksum(make_house) -> None:
    house = make_house()
    folder = house.release().folder
    for film in house.people:
        source = house.workspace.media / f"{film}.mp4"
        assert source.samefile(folder / "videos" / f"{film}.mp4")
    listed = {line.split("  ")[1] for line in (folder / "SHA256SUMS").read_text().splitlines()}
    assert listed == contents(folder).keys() - {"SHA256SUMS"}
    command = ["sha256sum", "--check", "--strict", "SHA256SUMS"]
    assert subprocess.run(command, cwd=folder, capture_output=True).returncode == 0
    with (folder / "videos.csv").open() as file:
        rows = list(csv.DictReader(file))
    assert [(row["video_id"], row["file"], row["start_seconds"]) for row in rows] == [
        (film, f"videos/{film}.mp4", "0.0") for film in sorted(house.people)
    ]
    assert {row["licence"] for row in rows} == {"CC BY"}


def test_without_films_the_list_says_where_to_put_them(make_house) -> None:
    folder = make_house().release(films=FilmsAs.NONE).folder
    assert not (folder / "videos").exists() and "videos/film0.mp4" in (
        folder / "videos.csv"
    ).read_text(encoding="utf-8")
    assert "put the films into `videos`" in (folder / "README.md").read_text()


def test_equal_content_is_found_again_and_other_gets_a_new_name(make_house) -> None:
    house = make_house()
    first = house.release()
    again = house.release()
    assert (again.name, again.is_new, again.content_hash) == ("ava-v1", False, first.content_hash)
    house.vote("film0", 4, 0, STAND, verdict=Verdict.REJECTED)
    house.vote("film0", 4, 0, WALK, verdict=Verdict.REJECTED)
    second = house.release()
    assert (second.name, second.is_new) == ("ava-v2", True)
    assert house.workspace.newest_release(of_films=True) == second.folder
    with pytest.raises(WorkspaceError, match="holds no release of clips"):
        house.workspace.newest_release()
    with pytest.raises(WorkspaceError, match="there already, with other content"):
        house.release(name="ava-v1")


def test_two_workspaces_filled_in_another_order_give_the_same_bytes(make_house, tmp_path) -> None:
    one, other = make_house(0, name="one"), make_house(0, name="other")
    for number in range(3):
        one.film(f"film{number}", number)
        other.film(f"film{2 - number}", 2 - number)
    found = contents(one.release().folder)
    assert found == contents(other.release().folder)
    assert not [name for name, text in found.items() if str(tmp_path).encode() in text]


@pytest.mark.parametrize("layout", ["v2.2", "v2.1"])
def test_every_key_frame_is_a_row_or_excluded(make_house, layout: str) -> None:
    house = make_house()
    house.drop("film0", 5)
    for person in (0, 1):
        house.reject("film1", 6, person)
    house.reject("film2", 7, 0, num_blocked=2, num_wrong_box=0)
    report = house.release(**({"layout": V2_1} if layout == "v2.1" else {}))
    rows = truth(report.folder, f"ava_{{}}_{layout}.csv")
    excluded = cells(report.folder, f"ava_{{}}_excluded_timestamps_{layout}.csv")
    stated = {tuple(row[:2]) for row in rows}
    assert excluded == [["film1", "0006"]]
    assert ("film1", "0006") not in stated
    empty = [tuple(row) for row in rows if len(row) == 2]
    assert empty == ([("film0", "0005")] if layout == "v2.2" else [])
    everything = {(film, f"{second:04d}") for film in house.people for second in MOMENTS}
    unlisted = {("film0", "0005")} if layout == "v2.1" else set()
    assert stated | {("film1", "0006")} == everything - unlisted
    assert [row[7] for row in rows if row[:2] == ["film2", "0007"]] == ["1", "1"]
    reasons = ["no person, or not around one"] * 2 + ["hidden or blocked"]
    assert left_out(report.folder) == [
        (film, moment, person, "", f"box rejected: {reason}")
        for (film, moment, person), reason in zip(
            [("film1", "0006", "0"), ("film1", "0006", "1"), ("film2", "0007", "0")],
            reasons,
            strict=True,
        )
    ]
    assert report.left_out == {
        "box: box rejected: hidden or blocked": 1,
        "box: box rejected: no person, or not around one": 2,
    }
    if layout == "v2.1":
        assert (report.folder / "ava_action_list_v2.1_for_activitynet_2018.pbtxt").is_file()


def test_of_two_poses_one_is_released_and_the_other_told_by_its_row(make_house) -> None:
    house = make_house()
    pose = house.people["film0"][0].actions[1]
    other = WALK + STAND - pose
    house.vote("film0", 5, 0, other, num_yes=3)
    house.vote("film0", 6, 0, other)
    report = house.release()
    of = {(row[1], row[6]) for row in truth(report.folder) if row[0] == "film0" and row[7] == "0"}
    assert {action for moment, action in of if moment == "0005"} >= {str(other)}
    assert ("0005", str(pose)) not in of
    assert not {("0006", str(pose)), ("0006", str(other))} & of, "as many saw both"
    assert left_out(report.folder) == [
        ("film0", "0005", "0", str(pose), "another pose has more votes"),
        *(
            ("film0", "0006", "0", str(number), "another pose has as many votes")
            for number in (WALK, STAND)
        ),
    ]
    assert report.odd_boxes == {"have actions and no pose": 1}
    assert report.first_odd == {"have actions and no pose": "person 0 of film0 at 6 s"}
    house.set("[release]\nkeep_tied_poses = true\n")
    kept = house.release()
    assert kept.odd_boxes == {"have several poses": 1}
    of = {(row[1], row[6]) for row in truth(kept.folder) if row[0] == "film0" and row[7] == "0"}
    assert {("0006", str(pose)), ("0006", str(other))} <= of


def test_more_interactions_than_a_person_has_at_once_are_released_and_told(make_house) -> None:
    house = make_house()
    list_of_actions = house.workspace.root / "actions.pbtxt"
    more = "".join(
        f'label {{\n  name: "meet {n}"\n  label_id: {n}\n  label_type: PERSON_INTERACTION\n}}\n'
        for n in range(6, 10)
    )
    list_of_actions.write_text(list_of_actions.read_text() + more)
    for second in (5, 6):
        for action in range(6, 10):
            house.vote("film0", second, 0, action)
    report = house.release()
    assert report.odd_boxes == {"have more than 3 actions with people": 2}
    assert report.first_odd == {"have more than 3 actions with people": "person 0 of film0 at 5 s"}
    of = [row for row in truth(report.folder) if row[:2] == ["film0", "0005"] and row[7] == "0"]
    assert {int(row[6]) for row in of} >= {6, 7, 8, 9}
    said = "2 boxes have more than 3 actions with people, the first: person 0 of film0 at 5 s"
    assert said in (report.folder / "README.md").read_text()
    result = kbuild("-C", house.workspace.root, "ava", "release")
    assert result.exit_code == 0 and said in result.output
    checked = kbuild("validate", "--format", "ava-folder", report.folder)
    assert "2 boxes have more than 3 actions with people" in checked.output


def test_a_person_of_whom_nothing_is_confirmed_leaves_an_empty_key_frame(make_house) -> None:
    house = make_house()
    for person in (0, 1):
        for action in house.people["film0"][person].actions:
            house.vote("film0", 5, person, action, verdict=Verdict.REJECTED)
    folder = house.release().folder
    assert [row for row in truth(folder) if row[:2] == ["film0", "0005"]] == [["film0", "0005"]]
    assert [row[-1] for row in left_out(folder)] == ["no action of the box was confirmed"] * 2


def open_proposal(session: Any, house: Any) -> None:
    box = house.box_at(session, "film1", 4, 1)
    session.execute(
        update(BoxProposal)
        .where(BoxProposal.person_box_id == box.id)
        .values(verdict=Verdict.OPEN, num_named=1)
    )


def add_candidate(session: Any, house: Any) -> None:
    box = house.box_at(session, "film1", 4, 1)
    one, other = house.people["film1"][1].actions
    (new, *_) = {1, 2} - {one, other}
    session.add(ActionCandidate(person_box_id=box.id, action_id=new, num_proposed=1))


def add_box(session: Any, house: Any) -> None:
    frame_id = house.box_at(session, "film1", 4, 1).key_frame_id
    session.add(PersonBox(key_frame_id=frame_id, x1=0.0, y1=0.0, x2=0.1, y2=0.1))


def ask_who(session: Any, house: Any) -> None:
    """Ask who is there at all key frames, and let all but one be answered."""
    task = Task(kind="boxes", round=0)
    for position, frame in enumerate(session.scalars(select(KeyFrame)).all()):
        task.slots.append(TaskSlot(position=position, key_frame_id=frame.id))
        counts = {"num_answers": 1, "num_set_aside": 0, "is_decided": True}
        session.add(BoxDecision(key_frame_id=frame.id, **counts))
    session.add(task)
    session.flush()
    frame_id = house.box_at(session, "film1", 4, 1).key_frame_id
    session.get(BoxDecision, frame_id).is_decided = False


def ask_others_who(session: Any, house: Any) -> None:
    ask_who(session, house)
    session.flush()
    frame_id = house.box_at(session, "film1", 4, 1).key_frame_id
    session.delete(session.get(BoxDecision, frame_id))
    slot = session.scalars(select(TaskSlot).where(TaskSlot.key_frame_id == frame_id)).one()
    session.delete(slot)


def ask_whose(session: Any, house: Any) -> None:
    """Ask along two key frames whose the boxes are; nobody has answered."""
    video_id = session.get(KeyFrame, house.box_at(session, "film1", 4, 1).key_frame_id).video_id
    stretch = LinkStretch(video_id=video_id, start_seconds=3.5, end_seconds=5.5)
    session.add(stretch)
    session.flush()
    task = Task(kind="links", round=0)
    task.slots.append(TaskSlot(position=0, stretch_id=stretch.id))
    session.add(task)


def test_a_stretch_whose_boxes_are_nobodys_yet_is_refused_or_left_out(make_house) -> None:
    house = make_house()
    with writing(house.workspace.engine) as session:
        ask_whose(session, house)
    with pytest.raises(ReleaseError, match="film1 at 4 s: people have not said whose the boxes"):
        house.release()
    folder = house.release(exclude_unverified=True).folder
    excluded = cells(folder, "ava_{}_excluded_timestamps_v2.2.csv")
    assert excluded == [["film1", "0004"], ["film1", "0005"]]


def test_persons_that_people_joined_since_are_linked_first(make_house) -> None:
    house = make_house()
    look = look_of(np.zeros((64, 64, 3), np.uint8), Corners(0.1, 0.1, 0.9, 0.9))
    with writing(house.workspace.engine) as session:
        session.execute(update(DetectedBox).values(look=look))
        one, other = (house.box_at(session, "film1", second, 0).id for second in (4, 5))
        session.add(LinkEdit(box_id=one, other_id=other, is_same=False))
    with pytest.raises(ReleaseError, match=r"3 of 3 films are to be linked again\. Run"):
        house.release()
    assert nothing_written(house)
    run_stage(house.workspace, build_stage("ava link", house.workspace))
    rows = [row for row in truth(house.release().folder) if row[0] == "film1"]
    earlier, later = (
        {row[7] for row in rows if row[1:6] == [f"000{second}", *corners_of(house, second)]}
        for second in (4, 5)
    )
    assert earlier and later and not earlier & later


def corners_of(house: Any, second: int) -> list[str]:
    """Return the corners of the first person of film1 as a row has them."""
    return [f"{corner:.3f}" for corner in house.people["film1"][0].box(second)]


@pytest.mark.parametrize(
    ("change", "lacking"),
    [
        pytest.param(
            open_proposal,
            "too few people have named what the person does (person 1)",
            id="one has named",
        ),
        pytest.param(
            add_box,
            "too few people have named what the person does (the box 0, 0, 0.1, 0.1)",
            id="a box nobody was asked about",
        ),
        pytest.param(add_candidate, "1 proposed action waits for votes (person 1)", id="no votes"),
        pytest.param(ask_who, "people have not said who is there", id="who is open"),
        pytest.param(ask_others_who, "people have not said who is there", id="who was not asked"),
    ],
)
def test_what_is_not_verified_is_refused_in_one_line_or_left_out(
    make_house, change: Any, lacking: str
) -> None:
    house = make_house()
    with writing(house.workspace.engine) as session:
        change(session, house)
    with pytest.raises(ReleaseError) as refused:
        house.release()
    text = str(refused.value)
    assert text.startswith(f"film1 at 4 s: {lacking}") and "\n" not in text
    assert "1 of 27 key frames is not verified" in text and "`kbuild annotate`" in text
    assert nothing_written(house) and house.rows(select(FilmSplit.video_id)) == []
    report = house.release(exclude_unverified=True)
    assert cells(report.folder, "ava_{}_excluded_timestamps_v2.2.csv") == [["film1", "0004"]]
    assert not [row for row in truth(report.folder) if row[:2] == ["film1", "0004"]]
    assert report.left_out == {"key frame: not answered yet": 1}
    assert f"not answered yet: {lacking}" in (report.folder / "left_out.csv").read_text()
    boxes = cells(report.folder, "ava_{}_predicted_boxes.csv")
    assert not [row for row in boxes if row[:2] == ["film1", "0004"]]


def test_a_key_frame_that_was_gold_alone_is_excluded_and_stops_nothing(make_house) -> None:
    house = make_house()
    with writing(house.workspace.engine) as session:
        ask_others_who(session, house)
        session.add(Gold(key_frame_id=house.box_at(session, "film1", 4, 1).key_frame_id))
    folder = house.release().folder
    assert cells(folder, "ava_{}_excluded_timestamps_v2.2.csv") == [["film1", "0004"]]
    assert "asked about as gold alone" in (folder / "left_out.csv").read_text()


@pytest.mark.parametrize(
    ("values", "words"),
    [
        pytest.param({"person": None}, "nobody's yet: run `kbuild ava link`", id="nobody's"),
        pytest.param({"person": 0}, "the person 0 has two boxes there", id="two of one person"),
    ],
)
def test_a_box_that_may_not_be_released_is_refused(make_house, values: Any, words: str) -> None:
    house = make_house()
    with writing(house.workspace.engine) as session:
        box = house.box_at(session, "film2", 8, 1)
        session.execute(update(PersonBox).where(PersonBox.id == box.id).values(**values))
    with pytest.raises(ReleaseError, match=words) as refused:
        house.release()
    assert str(refused.value).startswith("film2 at 8 s, the box 0.")
    assert nothing_written(house)


def test_an_action_that_the_vocabulary_has_no_more_is_refused(make_house) -> None:
    house = make_house()
    house.vote("film0", 3, 0, 4)
    with pytest.raises(ReleaseError, match=r"film0 at 3 s, .*: the action 4 is not in the vocab"):
        house.release()
    assert nothing_written(house)


def test_nothing_to_release_says_what_to_run(make_house) -> None:
    empty = make_house(0, name="empty")
    with pytest.raises(StageOrderError, match=r"found no key frames\. Run `kbuild ava collect`"):
        empty.release()
    house = make_house(1)
    for second in MOMENTS:
        for person in (0, 1):
            for action in house.people["film0"][person].actions:
                house.vote("film0", second, person, action, verdict=Verdict.REJECTED)
    with pytest.raises(ReleaseError, match="no action of any person is confirmed in 9 key frames"):
        house.release()
    assert nothing_written(house)


KILLED = """
    import os, signal, sys
    from pathlib import Path
    from kinetics_builder.workspace import Workspace
    from pipelines.ava.releasing import lists, release
    from pipelines.publishing.folders import folder
    from pipelines.publishing.folders import handing_over

    modules = {"lists": lists, "release": release, "folder": folder, "handing_over": handing_over}
    module = modules[sys.argv[2]]
    real, left = getattr(module, sys.argv[3]), [int(sys.argv[4])]

    def call(*arguments, **options):
        left[0] -= 1
        if left[0] < 0:
            os.kill(os.getpid(), signal.SIGKILL)
        return real(*arguments, **options)

    setattr(module, sys.argv[3], call)
    release.release(Workspace.open(Path(sys.argv[1])), release.Asked())
"""


@pytest.mark.long
@pytest.mark.parametrize(
    ("module", "function", "calls", "is_published"),
    [
        pytest.param("lists", "proposals_of", 4, False, id="in a list"),
        pytest.param("release", "place_file", 2, False, id="between two films"),
        pytest.param("folder", "sync", 2, False, id="while syncing"),
        pytest.param("handing_over", "record_release", 0, True, id="renamed but not recorded"),
    ],
)
def test_killed_at_any_point_the_next_run_gives_the_same_bytes(
    make_house, module: str, function: str, calls: int, is_published: bool
) -> None:
    expected = contents(make_house(name="whole").release().folder)
    house = make_house()
    arguments = [str(house.workspace.root), module, function, str(calls)]
    killed = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(KILLED), *arguments],
        cwd=Path(__file__).parents[4],
        env={**os.environ, "PYTHONWARNINGS": ""},
    )
    assert killed.returncode == -9
    assert (house.workspace.releases / "ava-v1").exists() is is_published
    report = house.release()
    assert (report.name, report.is_new) == ("ava-v1", not is_published)
    assert contents(report.folder) == expected
    names = {path.name for path in house.workspace.releases.iterdir()} - {".lock"}
    assert names == {"ava-v1"}, "what the killed run left is swept"
    assert house.rows(select(Release.content_hash)) == [(report.content_hash,)]


def test_both_databases_give_the_same_bytes(make_house, postgresql: Any) -> None:
    found = []
    for name, database in (("one", "kbuild.sqlite"), ("two", postgresql("avarelease"))):
        house = make_house(name=name, database=database)
        house.drop("film0", 5)
        house.vote("film1", 5, 0, WALK, num_yes=3)
        house.vote("film1", 5, 0, STAND, num_yes=3)
        found.append(contents(house.release().folder))
        house.workspace.engine.dispose()
    assert found[0] == found[1]


def test_a_film_that_was_changed_is_refused_and_a_lost_one_told(make_house) -> None:
    house = make_house()
    file = house.workspace.media / "film1.mp4"
    before = file.read_bytes()
    file.write_bytes(before + b"x")
    with pytest.raises(WorkspaceError, match=r"film1\.mp4 has changed.*`kbuild ava collect`"):
        house.release()
    assert nothing_written(house)
    file.unlink()
    with pytest.raises(WorkspaceError, match=r"film1\.mp4 is missing.*`kbuild ava collect`"):
        house.release()
    with writing(house.workspace.engine) as session:
        session.execute(delete(Media).where(Media.file == "media/film1.mp4"))
    report = house.release()
    assert report.missing_films == ["film1"]
    assert {path.name for path in (report.folder / "videos").iterdir()} == {
        "film0.mp4",
        "film2.mp4",
    }
    told = kbuild("-C", house.workspace.root, "ava", "release").output
    assert "films without their file, in the rows alone: film1" in told


@pytest.mark.parametrize("layout", [V2_2, V2_1, AVA_KINETICS])
def test_a_film_in_which_nobody_is_seen_is_released_where_rows_can_say_so(
    make_house, layout: Any
) -> None:
    house = make_house(4)
    for second in MOMENTS:
        house.drop("film1", second)
    report = house.release(layout=layout)
    rows = [row for row in truth(report.folder, layout.truth) if row[0] == "film1"]
    number = {"v2.2": 9, "v2.1": 0, "ava-kinetics": 1}[layout.name]
    assert [len(row) for row in rows] == [2] * number
    assert report.empty_films == ([] if number else ["film1"])
    assert sum(counts["films"] for counts in report.splits.values()) == 3 + bool(number)


@pytest.mark.parametrize("empty", ["film0", "film1"])
def test_a_split_in_which_nobody_is_seen_has_rows_of_two_cells_alone(make_house, empty) -> None:
    house = make_house(2)
    for second in MOMENTS:
        house.drop(empty, second)
    report = house.release()
    assert {split: counts["key_frames"] for split, counts in report.splits.items()} == {
        "train": 9,
        "validate": 9,
    }
    assert sorted(counts["boxes"] for counts in report.splits.values()) == [0, 18]


def test_a_single_film_is_learnt_from(make_house) -> None:
    report = make_house(1).release()
    assert report.splits.keys() == {"train"} and report.num_measured == 4


def test_films_keep_their_splits_when_others_come(make_house) -> None:
    house = make_house(4)
    house.release()
    before = dict(house.rows(select(Video.video_id, FilmSplit.split).join(FilmSplit)))
    for number in range(4, 9):
        house.film(f"film{number}", number)
    house.release()
    after = dict(house.rows(select(Video.video_id, FilmSplit.split).join(FilmSplit)))
    assert {film: after[film] for film in before} == before and len(after) == 9
    house.set("[release]\nseed = 3\n")
    house.release()
    anew = dict(house.rows(select(Video.video_id, FilmSplit.split).join(FilmSplit)))
    assert anew != after


def test_copies_of_a_film_are_in_one_split(make_house) -> None:
    house = make_house(6)
    for number, seed in ((6, 0), (7, 1), (8, 2)):
        house.film(f"film{number}", seed)
    house.release()
    split = dict(house.rows(select(Video.video_id, FilmSplit.split).join(FilmSplit)))
    files = {
        film: hashlib.sha256((house.workspace.media / f"{film}.mp4").read_bytes()).hexdigest()
        for film in split
    }
    assert len(set(files.values())) == 6
    assert [split["film0"], split["film1"], split["film2"]] == [
        split[f"film{number}"] for number in (6, 7, 8)
    ]


def test_clips_of_kinetics_have_one_key_frame_on_their_videos_time_line(make_house) -> None:
    house = make_house(0)
    names = ["AAAAAAAAAAA_000007_000019", "AAAAAAAAAAA_000100_000112", "BBBBBBBBBBB_000020_000032"]
    for number, name in enumerate(names):
        house.film(name, number)
    with writing(house.workspace.engine) as session:
        box = house.box_at(session, names[0], 9, 0)
        session.get(DetectedBox, box.detected_box_id).score = 0.99
    report = house.release(layout=AVA_KINETICS)
    rows = truth(report.folder, "kinetics_{}_v1.0.csv")
    assert {len(row) for row in rows} == {7}
    assert {tuple(row[:2]) for row in rows} == {
        ("AAAAAAAAAAA", "0016"),
        ("AAAAAAAAAAA", "0106"),
        ("BBBBBBBBBBB", "0026"),
    }, "the surest person; of as sure ones the one nearest to the middle"
    with (report.folder / "videos.csv").open() as file:
        films = [(row["video_id"], row["start_seconds"]) for row in csv.DictReader(file)]
    assert films == [("AAAAAAAAAAA", "7.0"), ("AAAAAAAAAAA", "100.0"), ("BBBBBBBBBBB", "20.0")]
    by_split = [cells(report.folder, "kinetics_{}_v1.0.csv", (word,)) for word in SPLITS]
    assert sum("AAAAAAAAAAA" in {row[0] for row in rows} for rows in by_split) == 1


def test_proposals_are_what_was_found_at_the_key_frames(make_house) -> None:
    house = make_house()
    house.drop("film0", 5)
    folder = house.release().folder
    rows = cells(folder, "ava_{}_predicted_boxes.csv")
    assert len(rows) == 3 * 9 * 2 and {(row[6], row[7]) for row in rows} == {("", "0.9")}
    assert [row for row in rows if row[:2] == ["film0", "0005"]], "dropped boxes were proposed"
    assert (folder / "ava_predicted_boxes_min_score.txt").read_text() == "0.8\n"


def test_the_readme_and_the_command_tell_the_numbers(make_house) -> None:
    house = make_house()
    house.drop("film0", 5)
    house.reject("film1", 6, 0)
    result = kbuild("-C", house.workspace.root, "ava", "release", "--json")
    assert result.exit_code == 0, result.output
    report = json.loads(result.stdout)
    folder = Path(report["folder"])
    text = (folder / "README.md").read_text()
    rows = truth(folder)
    labels = sum(len(row) == 8 for row in rows)
    assert f"{labels} labels of 51 boxes at 27 key frames of 3 films" in text
    assert sum(counts["labels"] for counts in report["splits"].values()) == labels
    assert "| box: box rejected: no person, or not around one | 1 |" in text
    assert "| CC BY | 3 |" in text and "| `release.seed` | 0 |" in text
    assert (folder / "long_tail.png").read_bytes().startswith(b"\x89PNG")
    lines = kbuild("-C", house.workspace.root, "ava", "release").output
    assert "ava-v1: there already, with the same content" in lines
    assert "left out       1  box: box rejected: no person, or not around one" in lines


def test_an_unverified_release_ends_the_command_with_one_line(make_house) -> None:
    house = make_house()
    with writing(house.workspace.engine) as session:
        open_proposal(session, house)
    result = kbuild("-C", house.workspace.root, "ava", "release")
    assert result.exit_code == 1 and "film1 at 4 s: too few people" in result.output
    assert "Traceback" not in result.output


def test_status_and_check_know_the_release(make_house) -> None:
    house = make_house()
    assert (
        "`kbuild ava release` (108 actions of persons are accepted)" in status(house.workspace).next
    )
    folder = house.release().folder
    assert status(house.workspace).releases == ["ava-v1"]
    (folder / "ava_val_v2.2.csv").unlink()
    found = {file.file: file.remedy for file in check(house.workspace).broken}
    assert "`kbuild ava release`" in found["releases/ava-v1/ava_val_v2.2.csv"]


def test_a_workspace_of_long_films_has_four_digits(make_house) -> None:
    house = make_house(1)
    with writing(house.workspace.engine) as session:
        for frame in session.scalars(select(KeyFrame)):
            frame.timestamp_seconds += 1000.5
    folder = house.release().folder
    assert {row[1] for row in truth(folder)} == {str(1000.5 + second) for second in MOMENTS}
