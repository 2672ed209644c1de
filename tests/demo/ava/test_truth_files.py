import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from kinetics_builder.ava.vocabulary import ava_vocabulary
from kinetics_builder.formats.format import Options
from kinetics_builder.formats.output import writing_text
from kinetics_builder.formats.problems import Problem, Problems
from kinetics_builder.formats.records import Box, Kind
from kinetics_builder.formats.registry import find_format
from pipelines.ava.statistics.summary import Rules as StatisticsRules
from pipelines.ava.statistics.summary import summarise
from pipelines.cli import group
from pipelines.demo.ava.truth import FilmTruth, truth_of, write_rows
from pipelines.demo.ava.world import build_films, publish_films
from pipelines.measuring.ava.measure import Rules, measure_frames
from pipelines.measuring.result import Inputs, Manner


@pytest.fixture(scope="module")
def truths() -> list[FilmTruth]:
    return [truth_of(film) for film in build_films(seed=5, num_films=3, least_seconds=40)]


@pytest.fixture
def rows(truths: list[FilmTruth], tmp_path: Path) -> Path:
    path = tmp_path / "ava_truth.csv"
    write_rows(path, truths)
    return path


def boxes_in(path: Path) -> list[Box]:
    problems: list[Problem] = []
    told = Problems(path, on_error=problems.append, on_warning=problems.append)
    read = find_format("ava", Kind.BOXES).read
    assert read is not None
    boxes = list(read(path, Options(), told))
    outside_movies = [one for one in problems if "902" in str(one)]
    assert problems == outside_movies
    return boxes


def test_rows_say_who_is_where_and_does_what(truths: list[FilmTruth], rows: Path) -> None:
    found = {
        (box.video_id, box.timestamp_seconds, box.person_id, box.action_id, box.x1, box.y2)
        for box in boxes_in(rows)
        if box.x1 is not None
    }
    assert found == {
        (truth.film_id, moment.seconds, one.person, action, one.corners.x1, one.corners.y2)
        for truth in truths
        for moment in truth.key_frames()
        for one in moment.asked()
        for action in one.actions
    }


def test_a_key_frame_without_anybody_stands_there_too(truths: list[FilmTruth], rows: Path) -> None:
    listed = {(box.video_id, box.timestamp_seconds) for box in boxes_in(rows)}
    assert listed == {(t.film_id, moment.seconds) for t in truths for moment in t.key_frames()}


def test_truth_measured_against_truth_is_one(rows: Path, tmp_path: Path) -> None:
    predictions = tmp_path / "same.csv"
    with writing_text(predictions) as file:
        for box in boxes_in(rows):
            if box.x1 is not None:
                corners = f"{box.x1},{box.y1},{box.x2},{box.y2}"
                key = f"{box.video_id},{box.timestamp_seconds}"
                file.write(f"{key},{corners},{box.action_id},1.0\n")
    measured = measure_frames(Inputs(ground_truth=rows, predictions=predictions), Rules())
    assert measured.values["mAP@0.5IOU"] == 1.0


def test_statistics_count_what_the_truth_holds(truths: list[FilmTruth], rows: Path) -> None:
    summary, _ = summarise(rows, StatisticsRules(), Manner())
    moments = [moment for truth in truths for moment in truth.key_frames()]
    asked = [one for moment in moments for one in moment.asked()]
    assert summary.key_frames == len(moments)
    assert summary.key_frames_without_box == sum(not moment.asked() for moment in moments)
    assert summary.boxes == len(asked)
    assert summary.rows == sum(max(1, sum(len(o.actions) for o in m.asked())) for m in moments)
    assert summary.labels_by_type["pose"] == len(asked)
    assert summary.labels_by_type["person"] > 0 < summary.labels_by_type["object"]
    assert summary.persons == len(
        {(t.film_id, o.person) for t in truths for m in t.key_frames() for o in m.asked()}
    )


def test_a_folder_of_the_world_is_used_whole_by_our_own_training(tmp_path: Path) -> None:
    """What `kbuild ava check` states and what would be used are the truth's own counts."""
    films = build_films(seed=6, num_films=3, least_seconds=15)
    truths = [truth_of(film) for film in films]
    publish_films(films, tmp_path / "videos")
    write_rows(tmp_path / "ava_train_v2.2.csv", truths[:2])
    write_rows(tmp_path / "ava_val_v2.2.csv", truths[2:])
    labels = tmp_path / "ava_action_list_v2.2.pbtxt"
    write = find_format("ava-pbtxt", Kind.LABELS).write
    assert write is not None
    write(labels, ava_vocabulary().label_map().labels, Options(), Problems(labels))
    arguments = ["ava", "check", str(tmp_path), "--for", "kbuild", "--json"]
    result = CliRunner().invoke(group, arguments)
    assert result.exit_code == 0, result.output
    checked = json.loads(result.stdout)
    assert checked["findings"] == [] or all(one["fate"] == "notes" for one in checked["findings"])
    moments = [moment for truth in truths for moment in truth.key_frames()]
    used = [part["used"] for part in checked["parts"]]
    assert sum(one["key_frames"] for one in used) == len(moments)
    assert sum(one["boxes"] for one in used) == sum(len(m.asked()) for m in moments)
    labels_of = [len(one.actions) for moment in moments for one in moment.asked()]
    assert sum(one["labels"] for one in used) == sum(labels_of)
    assert [part["stated"] for part in checked["parts"]] == used
