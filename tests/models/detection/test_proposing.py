"""Detectors that find the people themselves, AVA's own baselines: sizes, losses and answers."""

import json
import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from click.testing import CliRunner
from torchvision.models import resnet50, resnet101

from kinetics_builder.errors import ModelError
from models.backbones.key_frame import KeyFrameConfig
from models.backbones.region_i3d import MIXED_4E, MIXED_4F, RESNET_50_C4, RegionI3DConfig
from models.checkpoints.store import Card, load_network, save_network
from models.counting import build_weightless, count
from models.detection.evaluate import apart
from models.detection.lessons import AvaCourse
from models.detection.rows import Detections
from models.detection.rows import strongest as strongest_rows
from models.heads import proposing
from models.heads.config import HeadConfig
from models.heads.edges import CODER, edges_loss
from models.heads.learnt_regions import Lesson, joined, lesson_of
from models.heads.proposing import ProposingHead, strongest
from models.layer_table import layers
from models.layers.inflation import bootstrap
from models.network import build_network, num_parameters
from models.recipes.registry import default_recipe
from models.training.log import read_log
from models.training.pictures import start_from_pictures
from models.training.trunks import start_from_trunk
from models.zoo import SPECS, network_spec
from pipelines.cli import group

FINDERS = sorted(name for name, spec in SPECS.items() if spec.finds_people)
TINY = [name for name in FINDERS if "tiny" in name]
I3D_TRUNK = 12_697_264 - (1024 * 400 + 400)
"""The published I3D without its classifier."""


def search(num_in: int) -> int:
    """Return the numbers of 3x3 of 512, and of 12 anchors' one score and four edges."""
    return num_in * 512 * 9 + 512 + (512 + 1) * 12 * 5


def answers(num_in: int, num_boxes: int) -> int:
    return (num_in + 1) * (80 + 4 * num_boxes)


def numbers_of(network: torch.nn.Module, *without: str) -> int:
    parts = network.named_parameters()
    return sum(value.numel() for name, value in parts if not name.startswith(without))


def test_every_size_is_that_of_its_parts() -> None:
    with torch.device("meta"):
        whole = numbers_of(resnet101(), "fc")
        shallow = numbers_of(resnet50(), "fc", "layer4")
        before_4f = num_parameters(replace(RegionI3DConfig(), num_blocks=MIXED_4E).build())
        flow = RegionI3DConfig(num_blocks=MIXED_4E, with_flow=True).build().flow
    assert flow is not None and before_4f == I3D_TRUNK
    expected = {
        "faster_rcnn_r101_det": whole + search(1024) + answers(2048, 80),
        "i3d_rgb_det": I3D_TRUNK + shallow + search(1024) + answers(1024, 80),
        "i3d_two_stream_det": I3D_TRUNK
        + num_parameters(flow)
        + shallow
        + search(1024)
        + answers(1024, 80),
        "i3d_better_det": I3D_TRUNK + search(832) + answers(1024, 1),
    }
    found = {name: num_parameters(build_weightless(network_spec(name))) for name in expected}
    assert found == expected
    # Of 12,675,312 the flow stream lacks what is behind Mixed_4e and the classifier.
    behind = 1_799_168 + 1_974_272 + 2_784_736
    assert num_parameters(flow) == 12_675_312 - (1024 * 400 + 400) - behind


@pytest.mark.parametrize(
    ("config", "clip", "searched", "cut", "described"),
    [
        pytest.param(
            KeyFrameConfig(),
            (3, 1, 600, 800),
            (1024, 1, 38, 50),
            (1024, 1, 38, 50),
            (2048, 1, 7, 7),
            id="ResNet-101 to res4, then res5",
        ),
        pytest.param(
            RegionI3DConfig(num_blocks=MIXED_4E, searches_key_frame=True, with_flow=True),
            (5, 40, 320, 400),
            (1024, 1, 20, 25),
            (528, 10, 20, 25),
            (1024, 5, 7, 7),
            id="both streams to Mixed_4e, ResNet-50 searches",
        ),
        pytest.param(
            RegionI3DConfig(num_blocks=MIXED_4F),
            (3, 64, 400, 400),
            (832, 1, 25, 25),
            (832, 16, 25, 25),
            (1024, 8, 7, 7),
            id="I3D to Mixed_4f searches its own middle",
        ),
    ],
)
def test_maps_are_cut_where_the_papers_cut_them(config, clip, searched, cut, described) -> None:
    with torch.device("meta"):
        trunk = config.build()
        maps = trunk(torch.empty(1, *clip))
        regions = torch.empty(3, *maps[1].shape[1:3], 14, 14)
        assert [tuple(one.shape[1:]) for one in maps] == [searched, cut]
        assert tuple(trunk.rest(regions).shape) == (3, *described)
        assert trunk.feature_widths == (searched[0], described[0])


@pytest.mark.parametrize("name", FINDERS)
def test_the_table_of_layers_has_every_number_of_the_network(name) -> None:
    rows = {row.name: row for row in layers(network_spec(name))}
    assert "head.search.head" in rows and all(row.output_shapes for row in rows.values())
    assert sum(row.parameters for row in rows.values()) == count(network_spec(name)).parameters


def test_streams_are_averaged_and_the_key_frame_alone_is_searched() -> None:
    config = network_spec("i3d_rgb_tiny_det").backbone
    assert isinstance(config, RegionI3DConfig)
    trunk = replace(config, with_flow=True).build().eval()
    x_BCTHW = torch.randn(1, 5, 8, 32, 48)
    with torch.no_grad():
        searched, both = trunk(x_BCTHW)
        flow = trunk.flow(x_BCTHW[:, 3:])[0]
        trunk.flow = None
        rgb = trunk(x_BCTHW)[1]
        torch.testing.assert_close(both, (rgb + flow) / 2)
        x_BCTHW[:, :, [0, 1, 2, 3, 5, 6, 7]] = 0
        torch.testing.assert_close(trunk(x_BCTHW)[0], searched)
        x_BCTHW[:, :3, 4] = 0
        assert (trunk(x_BCTHW)[0] - searched).abs().max() > 1e-3


def test_torchvisions_resnet_gives_the_map_that_is_searched() -> None:
    torch.manual_seed(0)
    theirs = resnet50().eval()
    ours = RESNET_50_C4.build().eval()
    bootstrap(ours, {k: v for k, v in theirs.state_dict().items() if not k.startswith("layer4")})
    picture = torch.randn(1, 3, 64, 96)
    with torch.no_grad():
        y = theirs.maxpool(theirs.relu(theirs.bn1(theirs.conv1(picture))))
        y = theirs.layer3(theirs.layer2(theirs.layer1(y)))
        torch.testing.assert_close(ours(picture[:, :, None])[0][:, :, 0], y, rtol=1e-4, atol=1e-4)


def test_a_region_is_cut_out_at_every_moment_and_led_through_the_rest() -> None:
    config = HeadConfig(kind="proposing", dropout=0.0, resolution=4, anchor_sides=(32,))
    head = ProposingHead((2, 2), 3, config).eval()
    x_BCTHW = torch.randn(2, 2, 5, 8, 8)
    seen: list[torch.Tensor] = []

    def rest(regions_RCTHW: torch.Tensor) -> torch.Tensor:
        seen.append(regions_RCTHW)
        return regions_RCTHW

    boxes = torch.tensor([[1, 0.0, 0.0, 64.0, 64.0], [0, 32.0, 32.0, 96.0, 128.0]])
    logits = head([x_BCTHW[:, :, 2:3], x_BCTHW], rest, boxes)
    assert seen[0].shape == (2, 2, 5, 4, 4)
    for moment in range(5):
        head([x_BCTHW[:, :, 2:3], x_BCTHW[:, :, moment : moment + 1]], rest, boxes)
        torch.testing.assert_close(seen[-1][:, :, 0], seen[0][:, :, moment])
    expected = head.projection(seen[0].mean((2, 3, 4)))
    torch.testing.assert_close(logits, expected)


@pytest.mark.parametrize("name", TINY)
def test_every_weight_learns(name) -> None:
    torch.manual_seed(0)
    spec = network_spec(name)
    network = build_network(spec, 4).to(memory_format=torch.channels_last_3d)
    boxes = torch.tensor([[0, 4.0, 3, 50, 60], [1, 0, 0, 60, 64], [1, 40, 11, 80, 90]])
    clip = torch.randn(2, 3, spec.sampling.num_frames, 96, 96)
    regions = network(clip, boxes, torch.eye(4)[:3])
    assert regions.logits_SK.shape == regions.actions_SK.shape == (32, 4)
    assert regions.is_person_S.sum() >= 3
    (regions.loss + regions.logits_SK.logsumexp(1).sum()).backward()
    assert [key for key, value in network.named_parameters() if value.grad is None] == []
    network.eval()
    for found in network.find(clip):
        assert (found.boxes_D4[:, :2] < found.boxes_D4[:, 2:]).all()
        assert found.boxes_D4.min() >= 0 and found.boxes_D4.max() <= 96
        assert (found.scores_D[:-1] >= found.scores_D[1:]).all()


def test_half_precision_keeps_pixels_and_losses_exact() -> None:
    torch.manual_seed(0)
    spec = network_spec("i3d_better_tiny_det")
    network = build_network(spec, 4)
    boxes = torch.tensor([[0, 4.0, 3, 50, 60], [1, 40, 11, 80, 90]])
    clip = torch.randn(2, 3, 8, 96, 96)
    with torch.autocast("cpu", torch.bfloat16):
        regions = network(clip, boxes, torch.eye(4)[:2])
        found = network.eval().find(clip)
    assert {part.dtype for part in regions} == {torch.float32, torch.bool}
    assert regions.loss.isfinite()
    assert {one.boxes_D4.dtype for one in found} == {torch.float32}
    sides = torch.cat([one.boxes_D4 for one in found]).flatten()
    assert (sides != sides.bfloat16().float()).float().mean() > 0.5


def test_regions_are_led_through_in_pieces_and_come_out_as_together(monkeypatch) -> None:
    torch.manual_seed(0)
    network = build_network(network_spec("faster_rcnn_tiny_det"), 4).eval()
    clip = torch.randn(2, 3, 1, 96, 96)
    together = network.find(clip)
    monkeypatch.setattr(proposing, "_AT_ONCE", 7)
    for whole, pieces in zip(together, network.find(clip), strict=True):
        torch.testing.assert_close(pieces.scores_D, whole.scores_D, rtol=1e-4, atol=1e-5)


def test_people_apart_are_as_many_as_can_count() -> None:
    boxes = np.array([[0.1, 0.1, 0.3, 0.5], [0.11, 0.1, 0.3, 0.5], [0.6, 0.1, 0.9, 0.5]])
    said = Detections(boxes, np.array([0, 1, 0]), np.array([0.7, 0.9, 0.2], np.float32))
    people, sure = apart(said)
    assert people.tolist() == boxes[[1, 2]].tolist() and sure.tolist() == said.scores_M[1:].tolist()
    many = np.tile(np.linspace(0, 0.98, 99)[:, None], 4) + np.array([0, 0, 0.01, 0.01])
    crowd = Detections(many, np.zeros(99, int), np.linspace(0, 1, 99))
    assert len(apart(crowd)[0]) == 50
    assert strongest_rows(said, 2).classes_M.tolist() == [1, 0]


def test_regions_that_meet_a_person_by_half_do_what_they_do_and_others_nothing() -> None:
    torch.manual_seed(0)
    people = torch.tensor([[0.0, 0, 40, 40], [60, 60, 90, 90]])
    actions = torch.tensor([[1.0, 0, 1], [0, 1, 0]])
    near, far = torch.tensor([[2.0, 0, 42, 40]]), torch.tensor([[100.0, 0, 140, 40]])
    lesson = lesson_of(torch.cat([near, far.repeat(50, 1)]), people, actions, count=16)
    assert lesson.boxes_S5.shape == (16, 5) and lesson.is_person_S.sum() == 3
    for box, person, is_person, done in zip(*lesson, strict=True):
        if not is_person:
            assert box[1:].tolist() == far[0].tolist() and done.tolist() == [0, 0, 0]
        else:
            which = int(person[0] == 60)
            assert done.tolist() == actions[which].tolist()
            assert person.tolist() == people[which].tolist()
    crowd = lesson_of(people[:1].repeat(50, 1), people[:1], actions[:1], count=16)
    assert crowd.is_person_S.all() and len(crowd.is_person_S) == 4
    both = joined([lesson, crowd])
    assert both.boxes_S5[:, 0].tolist() == [0] * 16 + [1] * 4


def test_edges_cost_nothing_where_they_are_right_and_only_of_what_is_done() -> None:
    boxes = torch.tensor([[0, 10.0, 10, 50, 50], [0, 0, 0, 30, 30]])
    people = torch.tensor([[12.0, 8, 55, 52], [12, 8, 55, 52]])
    lesson = Lesson(boxes, people, torch.tensor([True, False]), torch.tensor([[1.0, 0], [0, 0]]))
    right = CODER.encode_single(people, boxes[:, 1:])[:, None]
    assert edges_loss(right, lesson) == 0
    elsewhere = right.clone()
    elsewhere[1] += 9
    assert edges_loss(elsewhere, lesson) == 0
    assert edges_loss(right + 2, lesson) == pytest.approx(4 * 1.5 / 2)
    by_class = right.repeat(1, 2, 1)
    by_class[:, 1] += 9
    assert edges_loss(by_class, lesson) == 0
    by_class[:, 0] += 2
    assert edges_loss(by_class, lesson) == pytest.approx(4 * 1.5 / 2)


def test_of_boxes_that_overlap_the_best_of_each_class_stays() -> None:
    boxes = torch.tensor([[0.0, 0, 40, 40], [1, 1, 41, 41], [60, 60, 130, 90], [70, 70, 70.5, 90]])
    scores = torch.tensor([[0.9, 0.2], [0.8, 0.3], [0.5, 0.1], [1.0, 1.0]])
    found = strongest(boxes[:, None], scores, (96, 100), 0.6)
    rows = list(zip(found.classes_D.tolist(), found.boxes_D4.tolist(), strict=True))
    assert rows == [
        (0, [0, 0, 40, 40]),
        (0, [60, 60, 100, 90]),
        (1, [1, 1, 41, 41]),
        (1, [60, 60, 100, 90]),
    ]
    by_class = strongest(torch.stack([boxes, boxes + 5], dim=1), scores, (96, 100), 0.6)
    assert [6.0, 6, 46, 46] in by_class.boxes_D4.tolist()


def test_a_head_and_a_trunk_that_do_not_fit_are_refused() -> None:
    spec = network_spec("i3d_better_tiny_det")
    with pytest.raises(ModelError, match="takes a trunk that is cut in two"):
        replace(spec, head=HeadConfig(kind="regions"))
    with pytest.raises(ModelError, match="takes a trunk that is cut in two"):
        replace(network_spec("slowfast_tiny_det"), head=spec.head)
    with pytest.raises(ModelError, match="can be cut after 1 to 2 blocks"):
        replace(spec.backbone, num_blocks=3)


def test_it_starts_from_i3d_and_from_pictures(tmp_path: Path) -> None:
    torch.manual_seed(0)
    clips = network_spec("i3d_tiny")
    card = Card(spec=clips, labels=("a", "b"), release_sha256="", recipe={}, metrics={})
    trained = build_network(clips, 2)
    save_network(tmp_path, trained, card)
    trunk = network_spec("i3d_rgb_tiny_det").backbone.build()
    start_from_trunk(trunk, str(tmp_path))
    for key, value in trained.backbone.state_dict().items():
        assert torch.equal(trunk.rgb.state_dict()[key], value)
    torch.save(resnet50().state_dict(), tmp_path / "resnet50.pth")
    torch.save(resnet101().state_dict(), tmp_path / "resnet101.pth")
    with torch.device("meta"):
        large = network_spec("i3d_rgb_det").backbone.build()
        flat = network_spec("faster_rcnn_r101_det").backbone.build()
    large, flat = large.to_empty(device="cpu"), flat.to_empty(device="cpu")
    assert start_from_pictures(large, str(tmp_path / "resnet50.pth")) == len(
        large.searcher.state_dict()
    )
    assert start_from_pictures(flat, str(tmp_path / "resnet101.pth")) == len(
        flat.resnet.state_dict()
    )


def kbuild(*arguments: object):
    return CliRunner().invoke(group, [str(argument) for argument in arguments])


SMALL = """\
base = "{base}"
[sampling]
num_frames = {num_frames}
step_seconds = 0.2
crop_size = 64
short_side = 64
[recipe]
num_steps = {num_steps}
batch_size = 8
short_sides = [64, 72]
"""


def trained(home: Path, base: str, num_frames: int, num_steps: int) -> Path:
    """Train a small one by the command; return its run."""
    described = home / f"small_{base}.toml"
    described.write_text(SMALL.format(base=base, num_frames=num_frames, num_steps=num_steps))
    result = kbuild(
        *("train-baseline", "--model", described, "--release", home / "ava"),
        *("--out", home / base, "--cache", home / "frames"),
    )
    assert result.exit_code == 0, result.output
    return home / base


@pytest.fixture(scope="module")
def home(squares: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    home = tmp_path_factory.mktemp("finders")
    shutil.copytree(squares, home / "ava")
    return home


@pytest.fixture(scope="module")
def run(home: Path) -> Path:
    """What looks at key frames alone, learnt in a minute."""
    return trained(home, "faster_rcnn_tiny_det", 1, 60)


def evaluated(home: Path, run: Path, *arguments: object) -> dict:
    result = kbuild(
        *("evaluate", run, "--release", home / "ava", "--cache", home / "frames"),
        *("--bootstrap", 5, "--json", *arguments),
    )
    assert result.exit_code == 0, result.output
    return json.loads(result.stdout)


@pytest.mark.long
def test_it_finds_people_of_films_it_never_saw_and_says_who_is_what(home, run, tmp_path) -> None:
    losses = [line["loss"] for line in read_log(run / "log.jsonl") if "loss" in line]
    assert losses[-1] < 0.6 * losses[0]
    found = evaluated(home, run, "--out", tmp_path)
    assert found["boxes"] == "own" and found["broken"] == []
    assert found["mAP@0.5IOU"] > 0.9
    assert found["mAP@0.5IOU"] > found["prior"]["mAP@0.5IOU"] + 0.1
    moments = [line.split(",")[:2] for line in (tmp_path / "prior.csv").read_text().splitlines()]
    assert all(moments.count(one) <= 50 for one in moments[::50])
    rows = [line.split(",") for line in (tmp_path / "detections.csv").read_text().splitlines()]
    corners = {tuple(row[:6]) for row in rows}
    truth = (home / "ava" / "ava_val_v2.2.csv").read_text().splitlines()
    assert corners.isdisjoint(tuple(line.split(",")[:6]) for line in truth)
    scores: dict[tuple[str, ...], list[float]] = {}
    for row in rows:
        scores.setdefault(tuple(row[:2]), []).append(float(row[7]))
    assert all(some == sorted(some, reverse=True) for some in scores.values())
    again = evaluated(home, tmp_path / "detections.csv", "--out", tmp_path / "again")
    assert again["mAP@0.5IOU"] == found["mAP@0.5IOU"]


@pytest.mark.long
def test_it_says_of_true_boxes_what_is_done_there_as_others_do(home, run, tmp_path) -> None:
    found = evaluated(home, run, "--out", tmp_path, "--boxes", "truth", "--tubes")
    assert found["boxes"] == "truth" and found["mAP@0.5IOU"] > 0.9
    assert found["counts"]["detections"] == 18 * 2 * 4
    assert found["tubes"]["counts"]["tubes"] == 8
    result = kbuild(
        *("evaluate", run, "--release", home / "ava", "--out", tmp_path, "--tubes"),
        *("--cache", home / "frames"),
    )
    assert result.exit_code == 1 and "nor a network's own boxes name" in result.output


@pytest.mark.long
def test_what_is_measured_while_it_learns_is_what_is_measured_afterwards(home, run) -> None:
    report = json.loads((run / "report.json").read_text())
    trained = load_network(run)
    assert trained.card.spec.finds_people
    found = evaluated(home, run, "--out", home / "whole")
    assert found["mAP@0.5IOU"] == pytest.approx(report["metrics"]["mAP"], abs=1e-3)


@pytest.mark.long
@pytest.mark.parametrize(
    "base", ["i3d_rgb_tiny_det", "i3d_better_tiny_det", "action_transformer_tiny_det"]
)
def test_i3d_finds_people_too(home: Path, base: str) -> None:
    report = json.loads((trained(home, base, 8, 60) / "report.json").read_text())
    losses = [line["loss"] for line in read_log(home / base / "log.jsonl") if "loss" in line]
    assert losses[-1] < 0.6 * losses[0]
    assert report["metrics"]["mAP"] > 0.5


def test_flow_is_told_to_be_missing(home: Path, tmp_path: Path) -> None:
    result = kbuild(
        *("train-baseline", "--model", "i3d_two_stream_det", "--release", home / "ava"),
        *("--out", tmp_path / "run", "--steps", 1),
    )
    assert result.exit_code == 1
    assert "The network eats rgb and flow, but the films of" in result.output


def test_proposals_are_not_for_who_finds_people(home: Path, tmp_path: Path) -> None:
    shutil.copytree(home / "ava", tmp_path / "ava")
    person = (home / "ava" / "ava_train_v2.2.csv").read_text().split(",", 6)[:6]
    (tmp_path / "ava" / "ava_train_predicted_boxes.csv").write_text(",".join([*person, "", "0.9"]))
    result = kbuild(
        *("train-baseline", "--model", "faster_rcnn_tiny_det", "--release", tmp_path / "ava"),
        *("--out", tmp_path / "run", "--steps", 1, "--proposals", 0.9),
    )
    assert result.exit_code == 1
    assert "finds people itself and learns from people's boxes" in result.output


def test_who_is_told_where_people_are_has_no_boxes_of_its_own(squares, small, tmp_path) -> None:
    labels = AvaCourse.read(squares).labels
    card = Card(spec=small, labels=labels, release_sha256="", recipe={}, metrics={})
    save_network(tmp_path, build_network(small, len(labels)), card)
    result = kbuild(
        *("evaluate", tmp_path, "--release", squares, "--out", tmp_path / "out"),
        *("--boxes", "own", "--cache", tmp_path / "frames"),
    )
    assert result.exit_code == 1
    assert "small_det is told where people are and finds nobody itself" in result.output


def test_full_size_recipes_are_those_of_their_sources() -> None:
    first, better = (default_recipe(f"{name}_det") for name in ("faster_rcnn_r101", "i3d_better"))
    assert first.num_steps * first.batch_size == 1_500_000
    assert first.peak_rate / first.batch_size == pytest.approx(0.0003)
    assert first.flip_probability == 0 and better.flip_probability == 0.5
    assert better.short_sides[1] > better.short_sides[0] == 400
