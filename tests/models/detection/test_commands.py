"""From a folder of AVA's files to a trained detector's mAP, by the commands."""

import csv
import json
import shutil
from pathlib import Path

import numpy as np
import pytest
import torch
from click.testing import CliRunner

from kinetics_builder.errors import ModelError
from kinetics_builder.metrics.ava.prior import by_lot
from models.checkpoints.store import load_network
from models.clips.opening import CachePolicy
from models.detection.folder import read_folder
from models.detection.lessons import AvaCourse, AvaLessons, with_proposals
from models.detection.predict import Question, Said
from models.detection.prior import examples, frequencies
from models.detection.validation import frame_map
from models.recipes.registry import default_recipe
from models.training.means import Means
from models.zoo import network_spec
from pipelines.cli import group

SMALL = """\
base = "slowfast_tiny_det"
[backbone]
width = 8
[sampling]
num_frames = 8
step_seconds = 0.2
crop_size = 64
short_side = 64
[recipe]
num_steps = 30
batch_size = 8
short_sides = [64, 72]
"""


def kbuild(*arguments: object):
    return CliRunner().invoke(group, [str(argument) for argument in arguments])


@pytest.fixture(scope="module")
def home(squares: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with AVA's files in `ava`, and a trained detector in `run`."""
    home = tmp_path_factory.mktemp("home")
    shutil.copytree(squares, home / "ava")
    (home / "small.toml").write_text(SMALL)
    result = kbuild(
        *("train-baseline", "--model", home / "small.toml", "--release", home / "ava"),
        *("--out", home / "run", "--cache", home / "frames"),
    )
    assert result.exit_code == 0, result.output
    assert "30 steps over 36 clips" in result.output and "mAP" in result.output
    return home


def evaluated(home: Path, *arguments: object) -> dict:
    result = kbuild(
        *("evaluate", *arguments, "--release", home / "ava", "--json"),
        *("--bootstrap", 20),
    )
    assert result.exit_code == 0, result.output
    return json.loads(result.stdout)


def test_a_detector_learns_who_is_what_and_who_walks(home: Path, tmp_path: Path) -> None:
    found = evaluated(home, home / "run", "--out", tmp_path, "--cache", home / "frames")
    assert found["mAP@0.5IOU"] > 0.85
    assert found["prior"]["mAP@0.5IOU"] < 0.75
    assert found["boxes"] == "truth" and found["broken"] == []
    assert found["per_class"].keys() == {"be red", "be blue", "walk", "stand"}
    low, high = found["intervals"]["mAP@0.5IOU"]
    assert low <= found["mAP@0.5IOU"] <= high
    written = json.loads((tmp_path / "evaluation.json").read_text())
    assert written == found
    with (tmp_path / "detections.csv").open() as file:
        rows = list(csv.reader(file))
    assert len(rows) == 18 * 2 * 4 and rows[0][0] == "val0" and rows[0][1] == "0002"
    assert {row[6] for row in rows} == {"1", "2", "3", "5"}
    truth = {tuple(row.split(",")[:6]) for row in rows_of(home / "ava" / "ava_val_v2.2.csv")}
    assert {(row[0], row[1]) for row in rows} == {row[:2] for row in truth}
    assert {tuple(map(float, row[2:6])) for row in rows} == {
        tuple(map(float, row[2:])) for row in truth
    }


def rows_of(path: Path) -> list[str]:
    return path.read_text().splitlines()


def test_detections_made_elsewhere_are_measured_by_the_same_command(home, tmp_path) -> None:
    ours = evaluated(home, home / "run", "--out", tmp_path / "a", "--cache", home / "frames")
    theirs = evaluated(home, tmp_path / "a" / "detections.csv", "--out", tmp_path / "b")
    for part in ("mAP@0.5IOU", "per_class", "intervals", "counts", "examples"):
        assert theirs[part] == ours[part]
    assert theirs["prior"] is None and theirs["name"] == "detections.csv"
    measured = kbuild(
        *("measure", "ava", "--ground-truth", home / "ava" / "ava_val_v2.2.csv", "--json"),
        *("--predictions", tmp_path / "a" / "detections.csv"),
        *("--label-map", home / "ava" / "ava_action_list_v2.2.pbtxt"),
    )
    assert json.loads(measured.stdout)["mAP@0.5IOU"] == ours["mAP@0.5IOU"]


def test_two_are_compared_class_by_class(home: Path, tmp_path: Path) -> None:
    evaluated(home, home / "run", "--out", tmp_path, "--cache", home / "frames")
    against = evaluated(
        *(home, tmp_path / "detections.csv", "--against", tmp_path / "prior.csv"),
        *("--out", tmp_path / "b"),
    )["against"]
    assert against["name"] == "prior.csv" and against["mAP@0.5IOU"] < 0.75
    assert (tmp_path / "b" / "classes.png").read_bytes().startswith(b"\x89PNG")


def test_two_of_one_name_are_told_apart(home: Path, tmp_path: Path) -> None:
    (tmp_path / "run").symlink_to(home / "run")
    found = evaluated(
        *(home, home / "run", "--against", tmp_path / "run", "--out", tmp_path / "out"),
        *("--cache", home / "frames"),
    )
    assert found["name"] == f"small ({home / 'run'})"
    assert found["against"]["name"] == f"small ({tmp_path / 'run'})"


def made_elsewhere(home: Path, tmp_path: Path, name: str, *, later: int = 0) -> Path:
    """Return the true rows as detections, so many seconds later."""
    path, rows = tmp_path / name, []
    for row in rows_of(home / "ava" / "ava_val_v2.2.csv"):
        video_id, second, *rest = row.split(",")
        rows.append(",".join([video_id, f"{int(second) + later:04d}", *rest[:5], "0.9"]))
    path.write_text("".join(f"{row}\n" for row in rows))
    return path


def measured_elsewhere(home: Path, path: Path, *arguments: object):
    words = ("evaluate", path, "--release", home / "ava", "--out", path.parent / "out")
    return kbuild(*words, *arguments)


@pytest.mark.parametrize("name", ["detections.CSV", "detections.txt", "detections"])
def test_rows_are_rows_whatever_their_file_is_called(home, tmp_path, name) -> None:
    result = measured_elsewhere(home, made_elsewhere(home, tmp_path, name), "--bootstrap", 5)
    assert result.exit_code == 0, result.output
    assert "mAP@0.5IOU" in result.output and "1.0000" in result.output


def test_rows_by_another_clock_say_so_and_not_only_naught(home: Path, tmp_path: Path) -> None:
    late = made_elsewhere(home, tmp_path, "late.csv", later=900)
    result = measured_elsewhere(home, late, "--bootstrap", 5)
    assert result.exit_code == 0
    assert (
        "late.csv:1: val0: not one of 72 rows is on a key frame of the ground truth: this is at "
        "902 s, its key frames are from 2 to 10 s. Is another clock meant?"
    ) in result.output
    one = late.read_text() + rows_of(made_elsewhere(home, tmp_path, "one.csv"))[0]
    late.write_text(one)
    assert "another clock" not in measured_elsewhere(home, late, "--bootstrap", 5).output


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("--boxes", "truth"), "--boxes says what a network is asked; rows that were made"),
        (("--min-score", 0.5), "--min-score says what a network is asked"),
        (("--reversed", "walk", "stand"), "--reversed is of networks that tell clips apart"),
        (("--tubes",), "--tubes is of a network"),
        (("--missing", "count-wrong"), "--missing says what a network is asked"),
    ],
)
def test_what_would_change_nothing_of_rows_is_refused(home, tmp_path, arguments, message) -> None:
    path = made_elsewhere(home, tmp_path, "detections.csv")
    for more in ((), ("--against", path)):
        result = measured_elsewhere(home, path, *arguments, *more)
        assert result.exit_code == 2 and message in result.output


@pytest.mark.parametrize("arguments", [(), ("--bootstrap", 5), ("--boxes", "truth")])
def test_what_is_not_there_is_said_to_be_missing(home, tmp_path, arguments) -> None:
    result = measured_elsewhere(home, tmp_path / "none.csv", *arguments)
    assert result.exit_code == 1 and "none.csv is not there. Expected a run's" in result.output


def test_proposals_are_asked_about_where_there_are_any(home: Path, tmp_path: Path) -> None:
    shutil.copytree(home / "ava", tmp_path / "ava")
    (person, *_) = rows_of(home / "ava" / "ava_val_v2.2.csv")
    proposed = ",".join([*person.split(",")[:6], "", "0.9"])
    weak = ",".join([*person.split(",")[:6], "", "0.3"])
    (tmp_path / "ava" / "ava_val_predicted_boxes.csv").write_text(f"{proposed}\n{weak}\n")
    arguments = (home / "run", "--out", tmp_path / "out", "--cache", home / "frames")
    found = evaluated(tmp_path, *arguments)
    assert found["boxes"] == "proposals" and found["counts"]["detections"] == 4
    assert found["mAP@0.5IOU"] < 0.2
    assert evaluated(tmp_path, *arguments, "--min-score", 0.2)["counts"]["detections"] == 8
    assert evaluated(tmp_path, *arguments, "--boxes", "truth")["counts"]["detections"] == 144


@pytest.mark.long
def test_a_key_frame_that_cannot_be_seen_is_listed_and_left_out_or_not_found(
    home, tmp_path
) -> None:
    shutil.copytree(home / "ava", tmp_path / "ava")
    (tmp_path / "ava" / "videos" / "val1.mp4").unlink()
    asked = (home / "run", "--out", tmp_path / "out", "--cache", tmp_path / "frames")
    found = evaluated(tmp_path, *asked)
    assert len(found["broken"]) == 9
    assert found["broken"][0] == ["val1 at 2 s", "broken: there is no film 'val1'"]
    assert found["counts"]["detections"] == 72 and found["counts"]["boxes"] == 36
    wrong = evaluated(tmp_path, *asked, "--missing", "count-wrong")
    assert wrong["counts"]["detections"] == 72 and wrong["counts"]["boxes"] == 72
    assert wrong["mAP@0.5IOU"] < 0.6 < found["mAP@0.5IOU"]
    course, trained = AvaCourse.read(tmp_path / "ava"), load_network(home / "run")
    policy = CachePolicy(folder=tmp_path / "frames", max_bytes=0)
    recipe = default_recipe("slowfast_tiny_det")
    lessons = course.open(trained.card.spec, recipe, policy, lambda line: None)
    means = Means(device=torch.device("cpu"), num_workers=1)  # films that are not decoded before
    measured = lessons.validate(trained.network, means)
    assert measured.values["mAP"] == pytest.approx(found["mAP@0.5IOU"], abs=0.02)
    assert measured.counted_wrong["mAP"] == pytest.approx(wrong["mAP@0.5IOU"], abs=0.02)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("--split", "test"), "has no rows of the split 'test', as ava_test_v2.2.csv"),
        (("--boxes", "proposals"), "has no proposals of the split 'validate'"),
        (("--reversed", "walk", "stand"), "--reversed is of networks that tell clips apart"),
    ],
)
def test_what_cannot_be_measured_says_so(home, tmp_path, arguments, message) -> None:
    result = kbuild(
        *("evaluate", home / "run", "--release", home / "ava", "--out", tmp_path),
        *("--cache", home / "frames", *arguments),
    )
    assert result.exit_code in (1, 2) and message in result.output


def test_another_list_of_actions_is_refused(home: Path, tmp_path: Path) -> None:
    shutil.copytree(home / "ava", tmp_path / "ava")
    labels = tmp_path / "ava" / "ava_action_list_v2.2.pbtxt"
    labels.write_text(labels.read_text().replace("walk", "run"))
    result = kbuild("evaluate", home / "run", "--release", tmp_path / "ava", "--out", tmp_path)
    assert result.exit_code == 1 and "['run', 'walk'] differs" in result.output


def test_a_run_that_is_asked_again_answers_at_once(home: Path) -> None:
    result = kbuild(
        *("train-baseline", "--model", home / "small.toml", "--release", home / "ava"),
        *("--out", home / "run", "--cache", home / "frames"),
    )
    assert result.exit_code == 0 and "already trained" in result.output


def test_a_card_holds_the_actions_in_the_order_of_the_answers(home: Path) -> None:
    trained = load_network(home / "run")
    assert trained.card.labels == ("be red", "be blue", "walk", "stand")
    assert trained.card.spec.is_detector and trained.network.head.projection.out_features == 4


def test_detectors_do_not_learn_from_clips_nor_the_other_way_round(home, tmp_path) -> None:
    (tmp_path / "clips.csv").touch()
    (tmp_path / "classes.txt").touch()
    result = kbuild(
        *("train-baseline", "--model", "slowfast_tiny_det", "--release", tmp_path),
        *("--out", tmp_path / "run"),
    )
    assert result.exit_code == 1 and "holds no annotations of AVA's kind" in result.output
    result = kbuild(
        *("train-baseline", "--model", "slowfast_tiny", "--release", home / "ava"),
        *("--out", tmp_path / "run"),
    )
    assert result.exit_code == 1 and "is no release: it has no clips.csv" in result.output


def test_the_loss_is_the_mean_over_boxes_and_actions() -> None:
    logits_RK = torch.tensor([[2.0, -1.0], [0.0, 0.5]])
    actions_RK = torch.tensor([[1.0, 0.0], [0.0, 1.0]])

    class Batch:
        frames_BTHWC = boxes_R5 = torch.empty(0)

    batch = Batch()
    batch.actions_RK = actions_RK
    spec = network_spec("slow_r50_4x16_det")
    lessons = AvaLessons(dataset=None, spec=spec, clips=None, validation=(), broken=())
    recipe = default_recipe("slow_r50_4x16_det")
    learnt = lessons.learn(lambda frames, boxes: logits_RK, batch, recipe)
    probabilities = torch.sigmoid(logits_RK)
    expected = -torch.where(actions_RK > 0, probabilities.log(), (1 - probabilities).log()).mean()
    torch.testing.assert_close(learnt.loss, expected)
    assert (learnt.num_right, learnt.num_answers) == (2, 2)


def test_a_proposal_that_overlaps_a_person_does_what_they_do(squares: Path) -> None:
    key_frame = read_folder(squares).split("train")[0]
    near, far = key_frame.boxes_N4[1] + 0.005, np.array([0.0, 0.0, 1.0, 1.0])
    more = with_proposals(key_frame, np.array([near, far]), 0.75)
    assert len(more.boxes_N4) == 3
    assert more.actions_NK[2].tolist() == key_frame.actions_NK[1].tolist()
    assert len(with_proposals(key_frame, np.array([near]), 0.99).boxes_N4) == 2


def test_the_truth_said_with_certainty_is_worth_one_and_the_opposite_little(squares) -> None:
    key_frames = read_folder(squares).split("validate")
    questions = [Question(one, one.boxes_N4) for one in key_frames]
    right = [Said.of(q, q.key_frame.actions_NK.astype(np.float32)) for q in questions]
    assert frame_map(right) == 1.0
    wrong = [Said.of(q, 1 - 0.9 * q.key_frame.actions_NK.astype(np.float32)) for q in questions]
    assert frame_map(wrong) < 0.7


def test_the_prior_is_how_often_each_action_is_done(squares: Path) -> None:
    key_frames = read_folder(squares).split("train")
    rows = [row.split(",") for row in rows_of(squares / "ava_train_v2.2.csv")]
    counts = [sum(row[6] == number for row in rows) for number in ("1", "2", "3", "5")]
    assert examples(key_frames, 4).tolist() == counts
    shares_K = frequencies(key_frames, 4)
    np.testing.assert_allclose(shares_K, np.array(counts) / 72)
    scores = by_lot(np.tile(shares_K, (50, 1)), np.random.default_rng(0))
    np.testing.assert_allclose(scores, np.tile(shares_K, (50, 1)), rtol=2e-6)
    assert len(np.unique(scores[:, 0])) == 50


def test_a_folder_in_which_nobody_does_anything_of_the_list_is_refused(make_folder, tmp_path):
    folder = make_folder(tmp_path / "ava", train=1, val=0)
    labels = folder / "ava_action_list_v2.2.pbtxt"
    labels.write_text('label {\n  name: "fly"\n  label_id: 9\n}\n')
    with pytest.raises(ModelError, match="nobody in the split 'train' does any action"):
        AvaCourse.read(folder).check(default_recipe("slowfast_tiny_det"))


def test_a_detector_starts_from_the_trunk_of_another_network(home: Path, tmp_path: Path) -> None:
    arguments = (
        *("train-baseline", "--model", home / "small.toml", "--release", home / "ava"),
        *("--cache", home / "frames", "--steps", 1, "--rate", 1e-9, "--seed", 5),
    )
    for name, more in (("cold", ()), ("warm", ("--init", home / "run"))):
        result = kbuild(*arguments, "--out", tmp_path / name, *more)
        assert result.exit_code == 0, result.output
    first = load_network(home / "run").network
    warm, cold = (load_network(tmp_path / name).network for name in ("warm", "cold"))
    key = "slow_stages.0.0.conv_a.weight"
    trunk = first.backbone.state_dict()[key]
    torch.testing.assert_close(warm.backbone.state_dict()[key], trunk, rtol=1e-4, atol=1e-6)
    assert (cold.backbone.state_dict()[key] - trunk).abs().max() > 1e-2
    assert (warm.head.projection.weight - first.head.projection.weight).abs().max() > 1e-3


def test_another_trunk_is_refused_by_its_first_difference(home: Path, tmp_path: Path) -> None:
    wide = tmp_path / "wide.toml"
    wide.write_text(SMALL.replace("width = 8", "width = 16"))
    result = kbuild(
        *("train-baseline", "--model", wide, "--release", home / "ava", "--out", tmp_path / "run"),
        *("--cache", home / "frames", "--init", home / "run"),
    )
    assert result.exit_code == 1
    assert "holds small, whose trunk is another" in result.output


def test_the_challenges_own_value_is_measured_without_a_film(shared: Path, tmp_path: Path) -> None:
    truth = shared / "ava" / "ava_val_v2.1_head27163.csv.gz"
    name = "ava_action_list_v2.1{}.pbtxt"
    shutil.copy(truth, tmp_path / "ava_val_v2.1.csv.gz")
    for which in ("", "_for_activitynet_2018"):
        shutil.copy(shared / "ava" / name.format(which), tmp_path / name.format(which))
    folder = shared / "evaluation" / "ava_eight_videos"
    result = kbuild(
        *("evaluate", folder / "detections.csv.gz", "--release", tmp_path, "--json"),
        *("--out", tmp_path / "out", "--bootstrap", 5),
    )
    assert result.exit_code == 0, result.output
    found = json.loads(result.stdout)
    assert found["mAP@0.5IOU"] == pytest.approx(0.6535666, abs=1e-7)
    assert len(found["per_class"]) == 60
    assert sorted(found["examples"], key=lambda label: -found["examples"][label])[0] == "stand"


def test_tubes_are_measured_where_asked_for(home: Path, tmp_path: Path) -> None:
    arguments = (home / "run", "--out", tmp_path, "--cache", home / "frames", "--tubes")
    none = tmp_path / "none.csv"
    none.write_text("val0,0002,0,0,1,1,1,0.5\n")
    found = evaluated(home, *arguments, "--against", none)
    assert found["tubes"]["video-mAP@0.5"] > 0.8 and found["tubes"]["counts"]["tubes"] == 8
    with (tmp_path / "tracks.csv").open() as file:
        assert {row[8] for row in csv.reader(file)} == {"0", "1"}
    lone = (tmp_path / "tracks.csv").read_text().splitlines()
    plain = (tmp_path / "detections.csv").read_text().splitlines()
    assert [row.rpartition(",")[0] for row in lone] == plain


def test_tubes_need_a_person_for_each_box(home: Path, tmp_path: Path) -> None:
    shutil.copytree(home / "ava", tmp_path / "ava")
    truth = tmp_path / "ava" / "ava_val_v2.2.csv"
    truth.write_text("".join(f"{row.rpartition(',')[0]}\n" for row in rows_of(truth)))
    result = kbuild(
        *("evaluate", home / "run", "--release", tmp_path / "ava", "--out", tmp_path / "out"),
        *("--cache", home / "frames", "--tubes"),
    )
    assert result.exit_code == 1 and "a box of val0 at 2 s has no person" in result.output


def test_proposals_are_learnt_from_where_asked_for(home: Path, tmp_path: Path) -> None:
    shutil.copytree(home / "ava", tmp_path / "ava")
    arguments = (
        *("train-baseline", "--model", home / "small.toml", "--release", tmp_path / "ava"),
        *("--out", tmp_path / "run", "--cache", home / "frames", "--steps", 1),
        *("--proposals", 0.9),
    )
    result = kbuild(*arguments)
    assert result.exit_code == 1 and "has no proposals of the split 'train'" in result.output
    (person, *_) = rows_of(home / "ava" / "ava_train_v2.2.csv")
    proposed = ",".join([*person.split(",")[:6], "", "0.9"])
    (tmp_path / "ava" / "ava_train_predicted_boxes.csv").write_text(f"{proposed}\n")
    result = kbuild(*arguments)
    assert result.exit_code == 0, result.output
    assert load_network(tmp_path / "run").card.recipe["proposal_overlap"] == 0.9
