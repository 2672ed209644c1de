"""Detectors of actions: their sizes, their shapes, and the answers of other people's code."""

import pickle
import re
from dataclasses import replace

import pytest
import torch

from kinetics_builder.errors import ModelError
from models.backbones.resnet import ResNetConfig
from models.backbones.slowfast import SlowFastConfig
from models.checkpoints.importing import import_checkpoint
from models.checkpoints.layouts.residual import caffe2_keys, pyslowfast_keys
from models.checkpoints.store import load_network
from models.counting import build_weightless
from models.heads.config import HeadConfig
from models.heads.regions import RegionsHead
from models.layer_table import layers
from models.network import build_network, num_parameters
from models.spec import spec_from_json
from models.zoo import SPECS, detection, network_spec

DETECTORS = sorted(name for name, spec in SPECS.items() if spec.is_detector)
BOXES = torch.tensor(
    [[0, 4.0, 3.0, 50.0, 60.0], [1, 0.0, 0.0, 96.0, 64.0], [1, 70.3, 11.2, 99.9, 50.5]]
)


@pytest.mark.parametrize(
    ("name", "parameters"),
    [
        ("slow_r50_4x16_det", 31_798_416),
        ("slow_r50_8x8_det", 31_798_416),
        ("slowfast_r50_8x8_det", 33_828_888),
        ("slowfast_r101_8x8+nl_det", 59_342_488),
        ("slowfast_r101_16x8+nl_det", 59_342_488),
    ],
)
def test_every_size_is_that_of_the_released_code(name, parameters) -> None:
    assert num_parameters(build_weightless(network_spec(name))) == parameters


def test_res5_keeps_the_size_of_res4_and_all_of_its_kernels_look_twice_as_far() -> None:
    spec = network_spec("slowfast_r50_8x8_det")
    view = replace(spec.published, input_size=(32, 256, 320))
    rows = {row.name: row for row in layers(replace(spec, published=view))}
    assert rows["backbone.slow_stages.3"].output_shapes == ((2048, 8, 16, 20),)
    assert rows["backbone.fast_stages.3"].output_shapes == ((256, 32, 16, 20),)
    assert rows["backbone.slow_stages.2"].output_shapes == ((1024, 8, 16, 20),)
    kernels = rows["backbone.slow_stages.3"].kernels
    assert kernels == "[3x1x1, 512; 1x3x3 dilated 2, 512; 1x1x1, 2048] x 3"
    assert rows["head.projection"].kernels == "linear, 80"


@pytest.mark.parametrize("name", DETECTORS)
def test_a_card_gives_the_detector_back(name) -> None:
    assert spec_from_json(network_spec(name).to_json()) == network_spec(name)


def test_a_box_is_answered_by_what_is_in_it_alone() -> None:
    head = RegionsHead((3,), 2, HeadConfig(kind="regions")).eval()
    x_BCTHW = torch.randn(2, 3, 4, 6, 8)
    boxes = torch.tensor([[0, 0.0, 0.0, 64.0, 96.0], [1, 0.0, 0.0, 64.0, 96.0]])
    before = head([x_BCTHW], boxes)
    x_BCTHW[0, :, :, :, 5:] = 9.0
    after = head([x_BCTHW], boxes)
    torch.testing.assert_close(after, before)
    assert (head([x_BCTHW], boxes + torch.tensor([0, 64, 0, 64, 0])) - before)[0].abs().max() > 1e-3


def test_time_is_averaged_and_the_greatest_of_a_box_is_taken() -> None:
    head = RegionsHead((1,), 1, HeadConfig(kind="regions", dropout=0.0))
    torch.nn.init.ones_(head.projection.weight)
    x_BCTHW = torch.zeros(1, 1, 4, 14, 14)
    x_BCTHW[0, 0, 1, 5, 5] = 8.0
    box = torch.tensor([[0, 0.0, 0.0, 14 * 16.0, 14 * 16.0]])
    # Each of the 7x7 cells averages 2x2 samples, which lie on the map's positions: 8 / 4 / 4.
    torch.testing.assert_close(head([x_BCTHW], box), torch.tensor([[0.5]]))


def test_boxes_keep_their_pixels_in_half_precision() -> None:
    head = RegionsHead((4,), 3, HeadConfig(kind="regions", dropout=0.0))
    x_BCTHW = torch.randn(1, 4, 2, 24, 40)
    box = torch.tensor([[0, 301.5, 203.25, 349.75, 267.5]])
    with torch.no_grad(), torch.autocast("cpu", torch.bfloat16):
        half = head([x_BCTHW.bfloat16()], box)
        exact = head([x_BCTHW.bfloat16().float()], box)
        rounded = head([x_BCTHW.bfloat16()], box.bfloat16())
    assert torch.equal(half, exact)
    assert not torch.equal(half, rounded)


def test_without_boxes_the_whole_picture_is_one() -> None:
    network = build_network(network_spec("slowfast_tiny_det"), 4).eval()
    x_BCTHW = torch.randn(2, 3, 16, 96, 128)
    whole = torch.tensor([[0, 0.0, 0.0, 128.0, 96.0], [1, 0.0, 0.0, 128.0, 96.0]])
    with torch.no_grad():
        torch.testing.assert_close(network(x_BCTHW), network(x_BCTHW, whole))


def test_every_weight_of_the_tiny_detector_learns() -> None:
    network = build_network(network_spec("slowfast_tiny_det"), 3)
    network(torch.randn(2, 3, 16, 96, 96), BOXES).logsumexp(1).sum().backward()
    assert [name for name, value in network.named_parameters() if value.grad is None] == []


@pytest.mark.parametrize(
    ("config", "changes", "message"),
    [
        (SlowFastConfig, {"space_dilations": (1, 1, 2)}, "space_dilations has 3 entries; give 4"),
        (SlowFastConfig, {"space_strides": (1, 2, 2, 0)}, "space_strides has 0"),
        (SlowFastConfig, {"nonlocal_affinity": "dot"}, "choose one of softmax, dot_product"),
        (ResNetConfig, {"space_dilations": (1, 1, 1, 0)}, "space_dilations has 0"),
        (ResNetConfig, {"space_dilations": (2,)}, "space_dilations has 1 entries; give 4"),
    ],
)
def test_dilations_that_cannot_be_are_refused(config, changes, message) -> None:
    with pytest.raises(ModelError, match=message):
        config(**changes)


def thin(name: str):
    """Return the detector a quarter as wide."""
    spec = network_spec(name)
    return replace(spec, backbone=replace(spec.backbone, width=16))


def fill(network: torch.nn.Module, *clip: object) -> None:
    """Draw all weights, and take the norms' statistics from one answer: nothing saturates."""
    random = torch.Generator().manual_seed(3)
    for value in network.parameters():
        scale = (2 / value[0].numel()) ** 0.5 if value.ndim > 1 else 0.2
        value.data = torch.randn(value.shape, generator=random) * scale + (value.ndim == 1) * 0.8
    for part in network.modules():
        if isinstance(part, torch.nn.BatchNorm3d):
            part.momentum = 1.0
    with torch.no_grad():
        network.train()(*clip, BOXES)
    network.eval()


def clip_of(num_frames: int) -> torch.Tensor:
    return torch.randn(2, 3, num_frames, 64, 112, generator=torch.Generator().manual_seed(5))


def check_answers(theirs_RK: torch.Tensor, ours: torch.nn.Module, clip: torch.Tensor) -> None:
    with torch.no_grad():
        answer_RK = ours(clip, BOXES)
    assert theirs_RK.std() > 0.05 and (theirs_RK[1] - theirs_RK[2]).abs().max() > 1e-2
    torch.testing.assert_close(answer_RK, theirs_RK, rtol=1e-4, atol=1e-4)


def test_pytorchvideos_slowfast_detector_answers_as_before(tmp_path) -> None:
    module = pytest.importorskip("pytorchvideo.models.slowfast")
    theirs = module.create_slowfast_with_roi_head(
        model_num_class=5,
        stem_dim_outs=(16, 2),
        head_pool_kernel_sizes=((2, 1, 1), (8, 1, 1)),
        head_activation=torch.nn.Identity,
    )
    clip = clip_of(8)
    fill(theirs, [clip[:, :, ::4], clip.clone()])
    torch.save({"model_state": theirs.state_dict()}, tmp_path / "detector.pyth")
    report = import_checkpoint(tmp_path / "detector.pyth", thin("slowfast_r50_8x8_det"), tmp_path)
    assert report.keys.layout == "pytorchvideo" and report.keys.is_whole
    assert len(report.keys.mapped) == len(theirs.state_dict()) == 662
    trained = load_network(tmp_path)
    assert trained.card.spec.head.aligned is False
    with torch.no_grad():
        expected = theirs([clip[:, :, ::4], clip.clone()], BOXES)
    check_answers(expected, trained.network, clip)


def test_pytorchvideos_slow_detector_answers_as_before(tmp_path) -> None:
    module = pytest.importorskip("pytorchvideo.models.resnet")
    theirs = module.create_resnet_with_roi_head(
        model_num_class=5, stem_dim_out=16, head_activation=torch.nn.Identity
    )
    clip = clip_of(4)
    fill(theirs, clip)
    torch.save({"model_state": theirs.state_dict()}, tmp_path / "detector.pyth")
    report = import_checkpoint(tmp_path / "detector.pyth", thin("slow_r50_4x16_det"), tmp_path)
    assert report.keys.layout == "pytorchvideo" and report.keys.is_whole
    with torch.no_grad():
        expected = theirs(clip, BOXES)
    check_answers(expected, load_network(tmp_path).network, clip)


def named_as_pyslowfast(key: str) -> str:
    """Return PySlowFast's name of a weight of pytorchvideo's detector: a second, own rule."""
    if key.startswith("detection_head.proj."):
        return key.replace("detection_head.proj", "head.projection")
    _, _, block, rest = key.split(".", 3)
    stage, pathway = int(block) + 1, "0"
    if rest.startswith("multipathway_fusion."):
        part, leaf = rest.split(".")[1:]
        return f"s{stage}_fuse.{'bn' if part == 'norm' else 'conv_f2s'}.{leaf}"
    if rest.startswith("multipathway_blocks."):
        _, pathway, rest = rest.split(".", 2)
    if not rest.startswith("res_blocks."):
        return f"s1.pathway{pathway}_stem.{rest.replace('norm.', 'bn.')}"
    _, number, rest = rest.split(".", 2)
    rest = re.sub(r"branch2\.conv_(\w)", r"branch2.\1", rest)
    rest = re.sub(r"branch2\.norm_(\w)", r"branch2.\1_bn", rest)
    rest = rest.replace("branch1_conv", "branch1").replace("branch1_norm", "branch1_bn")
    return f"s{stage}.pathway{pathway}_res{number}.{rest}"


@pytest.mark.parametrize("name", ["slowfast_r50_8x8_det", "slow_r50_4x16_det"])
def test_other_peoples_networks_under_pyslowfasts_names_answer_as_before(name, tmp_path) -> None:
    """Both programs have this network: pytorchvideo's code runs it, PySlowFast's names hold it."""
    slow = pytest.importorskip("pytorchvideo.models.resnet")
    fast = pytest.importorskip("pytorchvideo.models.slowfast")
    if name.startswith("slowfast"):
        clip = clip_of(8)
        shown = [clip[:, :, ::4], clip.clone()]
        theirs = fast.create_slowfast_with_roi_head(
            model_num_class=5,
            stem_dim_outs=(16, 2),
            head_pool_kernel_sizes=((2, 1, 1), (8, 1, 1)),
            head_activation=torch.nn.Identity,
        )
    else:
        clip = shown = clip_of(4)
        theirs = slow.create_resnet_with_roi_head(
            model_num_class=5, stem_dim_out=16, head_activation=torch.nn.Identity
        )
    fill(theirs, list(shown) if isinstance(shown, list) else shown)
    state = {named_as_pyslowfast(key): value for key, value in theirs.state_dict().items()}
    assert len(state) == len(theirs.state_dict())
    torch.save({"model_state": state, "epoch": 20}, tmp_path / "detector.pyth")
    report = import_checkpoint(tmp_path / "detector.pyth", thin(name), tmp_path)
    assert report.keys.layout == "PySlowFast" and report.keys.is_whole
    trained = load_network(tmp_path)
    head = replace(trained.card.spec.head, aligned=False)
    unmoved = build_network(replace(trained.card.spec, head=head), 5).eval()
    unmoved.load_state_dict(trained.network.state_dict())
    with torch.no_grad():
        check_answers(theirs(shown, BOXES), unmoved, clip)


@pytest.mark.parametrize(
    "name",
    [
        "slow_r50_4x16_det",
        pytest.param("slowfast_r50_8x8_det", marks=pytest.mark.long),
        pytest.param("slowfast_r101_8x8+nl_det", marks=pytest.mark.long),
    ],
)
def test_pyslowfasts_detectors_answer_as_before(name, tmp_path) -> None:
    spec = thin(name)
    theirs, clip = build_network(spec, 5), clip_of(8)
    fill(theirs, clip)
    state = {new: theirs.state_dict()[old] for old, new in pyslowfast_keys(theirs).items()}
    torch.save({"model_state": state, "cfg": "X: 1"}, tmp_path / "detector.pyth")
    report = import_checkpoint(tmp_path / "detector.pyth", spec, tmp_path)
    assert report.keys.layout == "PySlowFast" and report.num_classes == 5
    trained = load_network(tmp_path)
    assert trained.card.spec.head.aligned is True
    with torch.no_grad():
        check_answers(theirs(clip, BOXES), trained.network, clip)


def test_a_caffe2_detector_is_one_whose_boxes_are_not_moved(tmp_path) -> None:
    spec = thin("slowfast_r50_8x8_det")
    theirs, clip = build_network(spec, 5), clip_of(8)
    fill(theirs, clip)
    counts = "num_batches_tracked"
    blobs = {
        name: theirs.state_dict()[key].numpy()
        for key, name in caffe2_keys(theirs).items()
        if not key.endswith(counts)
    }
    (tmp_path / "detector.pkl").write_bytes(pickle.dumps({"blobs": blobs}, protocol=2))
    import_checkpoint(tmp_path / "detector.pkl", spec, tmp_path)
    trained = load_network(tmp_path)
    assert trained.card.spec.head.aligned is False
    unmoved = build_network(replace(spec, head=replace(spec.head, aligned=False)), 5).eval()
    unmoved.load_state_dict(theirs.state_dict())
    with torch.no_grad():
        check_answers(unmoved(clip, BOXES), trained.network, clip)
        assert (theirs(clip, BOXES) - unmoved(clip, BOXES)).abs().max() > 1e-3


def test_a_network_of_clips_is_no_detector(tmp_path) -> None:
    theirs = build_network(thin("slow_r50_4x16_det"), 5)
    torch.save(
        {"model_state": {f"model.{k}": v for k, v in theirs.state_dict().items()}},
        tmp_path / "a.pyth",
    )
    with pytest.raises(ModelError, match="Check --as"):
        import_checkpoint(tmp_path / "a.pyth", thin("slow_r50_4x16_det"), tmp_path)


def test_a_detector_sees_the_paper_s_frames() -> None:
    sampling = network_spec("slowfast_r50_8x8_det").sampling
    assert sampling.num_frames == 32 and sampling.span_seconds == pytest.approx(64 / 30)
    assert detection.NUM_ACTIONS == 80
