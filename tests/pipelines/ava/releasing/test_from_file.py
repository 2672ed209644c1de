"""What a file of boxes says that people do is released where its owner asks, and marked."""

import csv
import json
from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from click.testing import CliRunner
from sqlalchemy import delete, select, update

from kinetics_builder.database.engine import writing
from kinetics_builder.database.tables import (
    ActionCandidate,
    BoxDecision,
    BoxProposal,
    DetectedBox,
    KeyFrame,
    PersonAction,
    PersonBox,
    Task,
    TaskSlot,
    Verdict,
    Video,
)
from kinetics_builder.errors import ReleaseError
from kinetics_builder.formats.format import Options
from kinetics_builder.formats.problems import Problems
from kinetics_builder.formats.records import Box
from kinetics_builder.formats.registry import find_format
from pipelines.cli import group
from tests.models.detection.conftest import ACTIONS, HEIGHT, WIDTH, cast, write_film
from tests.pipelines.ava.releasing.conftest import MOMENTS, SETTINGS, STAND, VOCABULARY, WALK
from tests.pipelines.ava.releasing.test_onwards import SMALL
from tests.pipelines.ava.releasing.test_release import cells, truth

BY_FILE = ["a file", "a file", "a file"]


def kbuild(*arguments: object) -> Any:
    return CliRunner().invoke(group, [str(one) for one in arguments])


def table(path: Path) -> list[dict[str, str]]:
    with path.open(newline="") as file:
        return list(csv.DictReader(file))


@pytest.fixture
def filed(make_house: Any) -> Any:
    """A house whose boxes, persons and actions are a file's; nobody has said anything."""
    house = make_house()
    with writing(house.workspace.engine) as session:
        for one in (BoxProposal, PersonAction, ActionCandidate):
            session.execute(delete(one))
        for film, people in house.people.items():
            for person in people:
                own = (
                    select(PersonBox.detected_box_id)
                    .join(KeyFrame, KeyFrame.id == PersonBox.key_frame_id)
                    .join(Video, Video.id == KeyFrame.video_id)
                    .where(Video.video_id == film, PersonBox.person == person.number)
                )
                stated = {"given_person": person.number, "given_actions": sorted(person.actions)}
                session.execute(
                    update(DetectedBox)
                    .where(DetectedBox.id.in_(own.scalar_subquery()))
                    .values(origin="file", **stated)
                )
    return house


def test_it_is_refused_in_one_line_that_says_how_and_marked_where_it_is_asked_for(
    filed: Any,
) -> None:
    with pytest.raises(ReleaseError) as refused:
        filed.release()
    text = str(refused.value)
    assert "\n" not in text and text.startswith("film0 at 2 s: too few people have named")
    assert "`--actions-from-file` takes what the file of boxes says of 54 boxes, marked" in text
    report = filed.release(actions_from_file=True)
    rows, marked = truth(report.folder), table(report.folder / "unconfirmed.csv")
    assert len(rows) == 3 * 9 * 2 * 2
    columns = ("video_id", "timestamp", "x1", "y1", "x2", "y2", "action_id", "person_id")
    assert sorted([one[name] for name in columns] for one in marked) == sorted(rows), "every one"
    by = Counter((one["action_by"], one["box_by"], one["person_by"]) for one in marked)
    assert by == {tuple(BY_FILE): len(rows)}
    assert report.said_by == {
        "boxes": {"people": 0, "a file": 54, "a machine": 0},
        "whose they are": {"people": 0, "a file": 54, "a machine": 0},
        "labels": {"people": 0, "a file": 108, "a machine": 0},
    }
    readme = (report.folder / "README.md").read_text()
    assert "**Nobody has confirmed 108 of the 108 labels.**" in readme
    assert "| labels | 0 | 108 | 0 |" in readme and "`unconfirmed.csv`" in readme
    assert "A file stated persons on the key frames" in readme
    assert f"  {'unconfirmed.csv'}" in (report.folder / "SHA256SUMS").read_text()
    again = filed.release(actions_from_file=True)
    assert (again.is_new, again.folder) == (False, report.folder)


def name_and_vote(session: Any, house: Any) -> None:
    """Let people have said everything of one person, and something of another, at 4 s of film1."""
    both = [house.box_at(session, "film1", 4, person).id for person in (0, 1)]
    counts = {"num_blocked": 0, "num_wrong_box": 0, "num_set_aside": 0}
    votes = {"num_unsure": 0, "num_set_aside": 0}
    for box, verdict in zip(both, (Verdict.ACCEPTED, Verdict.OPEN), strict=True):
        session.add(BoxProposal(person_box_id=box, verdict=verdict, num_named=1, **counts))
    for box, action, said in (
        (both[0], STAND, Verdict.ACCEPTED),
        (both[1], house.people["film1"][1].colour, Verdict.REJECTED),
        (both[1], 4, Verdict.OPEN),
    ):
        yes, no = (2, 0) if said is Verdict.ACCEPTED else (0, 2)
        session.add(ActionCandidate(person_box_id=box, action_id=action, num_proposed=1))
        counted = {"num_yes": yes, "num_no": no, **votes}
        session.add(PersonAction(person_box_id=box, action_id=action, verdict=said, **counted))


def test_what_people_decided_wins_and_what_they_rejected_is_not_released(filed: Any) -> None:
    with writing(filed.workspace.engine) as session:
        name_and_vote(session, filed)
    report = filed.release(actions_from_file=True)
    rows = [row for row in truth(report.folder) if row[:2] == ["film1", "0004"]]
    other = filed.people["film1"][1]
    pose = WALK if other.is_walking else STAND
    assert sorted((row[7], row[6]) for row in rows) == [("0", str(STAND)), ("1", str(pose))]
    marked = table(report.folder / "unconfirmed.csv")
    here = [one for one in marked if (one["video_id"], one["timestamp"]) == ("film1", "0004")]
    assert [(one["person_id"], one["action_id"]) for one in here] == [("1", str(pose))]
    assert report.said_by["labels"] == {"people": 1, "a file": 105, "a machine": 0}


def test_boxes_of_people_with_actions_of_a_file_are_told_by_kind(filed: Any) -> None:
    with writing(filed.workspace.engine) as session:
        task = Task(kind="boxes", round=0)
        for place, frame in enumerate(session.scalars(select(KeyFrame).order_by(KeyFrame.id))):
            task.slots.append(TaskSlot(position=place, key_frame_id=frame.id))
            decided = BoxDecision(key_frame_id=frame.id, is_decided=True, num_answers=1)
            decided.num_set_aside = 0
            session.add(decided)
        session.add(task)
        moved = filed.box_at(session, "film0", 3, 0)
        moved.is_dropped = True
        corners = {"x1": 0.01, "y1": 0.02, "x2": 0.3, "y2": 0.4}
        frame = moved.key_frame_id
        session.add(PersonBox(key_frame_id=frame, replaces_id=moved.id, person=0, **corners))
        gone = [filed.box_at(session, "film2", 5, person) for person in (0, 1)]
        for box in gone:
            box.is_dropped = True
    report = filed.release(actions_from_file=True)
    assert report.said_by["boxes"] == {"people": 52, "a file": 0, "a machine": 0}
    assert report.said_by["whose they are"]["a file"] == 52
    assert report.said_by["labels"]["a file"] == 104
    rows = truth(report.folder)
    assert [row for row in rows if row[:2] == ["film2", "0005"]] == [["film2", "0005"]], "nobody"
    moved_rows = [
        row for row in rows if row[:6] == ["film0", "0003", "0.010", "0.020", "0.300", "0.400"]
    ]
    assert len(moved_rows) == 2, "a box that was moved is the person's of whom the file says it"
    one = table(report.folder / "unconfirmed.csv")[0]
    assert [one[name] for name in ("action_by", "box_by", "person_by")] == [
        "a file",
        "people",
        "a file",
    ]


def test_of_what_neither_says_anything_nothing_is_released(filed: Any) -> None:
    with writing(filed.workspace.engine) as session:
        for person in (0, 1):
            filed.box_at(session, "film0", 6, person).is_withdrawn = True
        mute = filed.box_at(session, "film0", 7, 0)
        session.execute(
            update(DetectedBox)
            .where(DetectedBox.id == mute.detected_box_id)
            .values(given_actions=[])
        )
        frame = filed.box_at(session, "film0", 8, 0).key_frame_id
        corners = {"x1": 0.0, "y1": 0.0, "x2": 0.1, "y2": 0.1}
        session.add(PersonBox(key_frame_id=frame, person=7, **corners))
    with pytest.raises(ReleaseError, match=r"film0 at 8 s: too few people have named .*person 7"):
        filed.release(actions_from_file=True)
    report = filed.release(actions_from_file=True, exclude_unverified=True)
    told = {
        (one["timestamp"], one["person_id"]): one["reason"]
        for one in table(report.folder / "left_out.csv")
    }
    assert told["0006", ""] == "the file of boxes says nothing of it, nor do people"
    assert told["0007", "0"] == "no action of the box was confirmed"
    assert told["0008", ""].startswith("not answered yet: too few people have named")
    excluded = cells(report.folder, "ava_{}_excluded_timestamps_v2.2.csv")
    assert excluded == [["film0", "0006"], ["film0", "0008"]]


def test_where_no_file_states_actions_the_flag_is_refused(make_house: Any) -> None:
    house = make_house(1)
    with pytest.raises(ReleaseError, match="no file of boxes says what anybody does here"):
        house.release(actions_from_file=True)
    report = house.release()
    assert not (report.folder / "unconfirmed.csv").exists()
    readme = (report.folder / "README.md").read_text()
    assert "Nobody has confirmed" not in readme
    assert "| boxes | 0 | 0 | 18 |" in readme and "| labels | 36 | 0 | 0 |" in readme


def write_tracks(path: Path, people: dict[str, list[Any]]) -> None:
    """Write who does what at every second as CVAT's tracks."""
    boxes = [
        Box(film, float(second), *person.box(second), label=ACTIONS[action])._replace(
            person_id=person.number, action_id=action
        )
        for film, own in people.items()
        for second in MOMENTS
        for person in own
        for action in person.actions
    ]
    one = find_format("cvat-video")
    options = Options(frames_per_second=10.0, frame_size=(WIDTH, HEIGHT))
    one.write(path, boxes, options, Problems(path, on_error=None))


@pytest.mark.long
def test_a_file_of_ones_own_goes_the_whole_way_without_an_answer(tmp_path: Path) -> None:
    torch.set_num_threads(1)
    root, films, people = tmp_path / "mine", tmp_path / "films", {}
    films.mkdir()
    for number in range(4):
        random = np.random.default_rng(number)
        people[f"film{number}"] = cast(random)
        write_film(films / f"film{number}.mp4", people[f"film{number}"], random)
    tracks = tmp_path / "tracks"
    write_tracks(tracks, people)
    assert kbuild("init", root).exit_code == 0
    (root / "kbuild.toml").write_text(SETTINGS)
    (root / "actions.pbtxt").write_text("# gaps = true\n" + VOCABULARY)
    (root / "small.toml").write_text(SMALL)
    told = kbuild(
        *("-C", root, "ava", "collect", "--source", f"folder:{films}", "--boxes", tracks),
        *("--format", "cvat-video", "--fps", 10),
    )
    assert told.exit_code == 0, told.output
    refused = kbuild("-C", root, "ava", "release")
    assert refused.exit_code == 1 and "--actions-from-file" in refused.output, refused.output
    told = kbuild("-C", root, "ava", "release", "--actions-from-file", "--json")
    assert told.exit_code == 0, told.output
    report = json.loads(told.stdout)
    folder = Path(report["folder"])
    assert report["said_by"]["labels"] == {"people": 0, "a file": 4 * 9 * 4, "a machine": 0}
    true = Counter(
        (film, f"{second:04d}", *(f"{corner:.3f}" for corner in person.box(second)), str(action))
        for film, own in people.items()
        for second in MOMENTS
        for person in own
        for action in person.actions
    )
    rows = truth(folder)
    assert Counter((row[0].partition("-")[0], *row[1:7]) for row in rows) == true
    for path in folder.glob("ava_*_v2.2.csv"):
        if "timestamps" not in path.name:
            assert kbuild("validate", "--format", "ava", path).exit_code == 0
    onwards(root, folder, tmp_path)


def onwards(root: Path, folder: Path, tmp_path: Path) -> None:
    """Check the release for three readers, and train on it."""
    labels = folder / "ava_action_list_v2.2_for_activitynet_2019.pbtxt"
    places = {"kbuild": folder}
    for reader in ("pyslowfast", "mmaction2"):
        places[reader] = tmp_path / reader
        formats = ("--from", "ava-folder", "--to", f"{reader}-ava", "--label-map", labels)
        assert kbuild("convert", *formats, folder, places[reader]).exit_code == 0
    for reader, place in places.items():
        told = kbuild("ava", "check", place, "--for", reader, "--json")
        assert told.exit_code == 0, told.output
        parts = {part["name"]: part for part in json.loads(told.stdout)["parts"]}
        assert parts["train"]["used"] == parts["train"]["stated"]
        assert parts["train"]["used"]["labels"] > 0
    told = kbuild("ava", "check", folder, "--for", "kbuild", "--json")
    document = json.loads(told.stdout)
    findings = document["findings"]
    of_kbuild = {part["name"]: part for part in document["parts"]}
    notes = {one["parts"][0]: one for one in findings if one["file"] == "unconfirmed.csv"}
    assert {split: (one["fate"], one["count"]) for split, one in notes.items()} == {
        split: ("notes", part["stated"]["labels"]) for split, part in of_kbuild.items()
    }
    assert notes["train"]["what"] == "nobody has confirmed the label: a file stated it"
    cache = ("--cache", tmp_path / "frames")
    told = kbuild("-C", root, "train-baseline", "--model", root / "small.toml", *cache)
    assert told.exit_code == 0, told.output
