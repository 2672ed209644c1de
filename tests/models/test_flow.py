"""Networks that eat flow: where it comes from, what a mirror makes of it, and that they learn."""

import hashlib
import re
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from kinetics_builder.errors import ItemFailed, ModelError
from kinetics_builder.video.flow.folder import FlowFolder, FlowRow
from kinetics_builder.video.flow.settings import FlowSettings, Method
from kinetics_builder.video.flow.stored import write_flow
from models.clips.opening import CachePolicy, OpenFrames, open_frames
from models.clips.release import Release, read_release
from models.clips.transforms import mirrored, played_backwards
from models.description import find_recipe, find_spec
from models.evaluation.evaluate import evaluate_checkpoint
from models.evaluation.views import ClipViews
from models.flow.raft import Raft
from models.recipes.registry import default_recipe
from models.spec import Sampling
from models.training.baseline import train_baseline
from models.training.runtime import Runtime
from models.zoo import network_spec
from pipelines.network_card.page import Lying, write_network_card

RATE, HEIGHT, WIDTH = 10.0, 36, 48
SAMPLING = Sampling(num_frames=4, step_seconds=0.2, crop_size=32, short_side=36, modality="flow")
SPEC = replace(network_spec("i3d_flow_tiny"), sampling=SAMPLING)
BOTH = replace(SAMPLING, modality="rgb_and_flow")


def with_flow(folder: Path, *, lacks: str = "", fails: str = "") -> Release:
    """Give a release flow: in field n of a clip x is n, and y says in which split it is."""
    release, flow = read_release(folder), FlowFolder.of(folder)
    rows = []
    for clip in release.rows:
        if clip.file == fails:
            rows.append(FlowRow(clip.file, clip.sha256, 0, 0, "", "broken", "no picture"))
        elif clip.file != lacks:
            fields = np.empty((39, HEIGHT, WIDTH, 2), np.uint8)
            fields[..., 0] = np.arange(39)[:, None, None]
            fields[..., 1] = len(clip.split)
            write_flow(flow.path(clip.file), iter(fields), {})
            data = flow.path(clip.file).read_bytes()
            digest = hashlib.sha256(data).hexdigest()
            rows.append(FlowRow(clip.file, clip.sha256, 39, len(data), digest))
    flow.note_settings(
        FlowSettings(
            method=Method.TVL1,
            parameters={},
            program="made",
            frames_per_second=RATE,
            short_side=HEIGHT,
        )
    )
    flow.note_rows(rows)
    return release


@pytest.fixture
def release(make_release, tmp_path: Path) -> Release:
    """Eight clips with flow."""
    return with_flow(make_release(tmp_path / "release", train=1, validate=0, test=1))


def opened(release: Release, sampling: Sampling) -> OpenFrames:
    policy = CachePolicy(folder=release.folder.parent / "cache", max_bytes=0)
    return open_frames(release, sampling, policy, lambda line: None)


def test_a_field_is_that_of_the_picture_shown_then(release: Release) -> None:
    source, row = opened(release, SAMPLING).source, release.rows[0]
    found = source.frames(row, np.array([0.0, 0.29, 0.3, 0.1, 3.99]))
    assert found.shape == (5, HEIGHT, WIDTH, 2)
    assert found[:, 0, 0, 0].tolist() == [0, 2, 3, 1, 38]
    both = opened(release, BOTH).source.frames(row, np.array([0.0, 0.3]))
    assert both.shape == (2, HEIGHT, WIDTH, 5)
    assert both[:, 5, 5, 3].tolist() == [0, 3] and both[..., :3].std() > 1


def test_a_mirror_turns_what_moves_sideways_and_no_more() -> None:
    random = np.random.default_rng(0)
    frames = random.integers(0, 255, (2, 4, 6, 5), np.uint8)
    seen = mirrored(frames)
    assert np.array_equal(seen[..., [0, 1, 2, 4]], frames[:, :, ::-1, [0, 1, 2, 4]])
    assert np.array_equal(seen[..., 3], 255 - frames[:, :, ::-1, 3])
    flow = frames[..., 3:]
    assert np.array_equal(mirrored(flow), seen[..., 3:])
    assert np.array_equal(mirrored(frames[..., :3]), frames[:, :, ::-1, :3])
    assert np.array_equal(played_backwards(flow), 255 - flow)


def test_played_backwards_flow_points_the_other_way(release: Release) -> None:
    views = ClipViews(
        rows=release.rows[:1], spec=SPEC, source=opened(release, SAMPLING).source, order="reversed"
    )
    forward = replace(views, order="forward")[0]
    assert isinstance(forward, torch.Tensor)
    assert torch.equal(views[0], 255 - forward.flip(1))


@pytest.mark.parametrize(
    ("sampling", "said"),
    [
        (
            network_spec("i3d_flow").sampling,
            r"eats flow at 25 a second and a short side of 256 .* has 10 a second and 36 pixels: "
            r"`kbuild flow \S+ --fresh`",
        ),
        (replace(SAMPLING, short_side=48), r"`kbuild flow \S+ --short-side 48 --fresh`"),
        (replace(SAMPLING, step_seconds=0.02), r"--short-side 36 --fps 50 --fresh`"),
    ],
    ids=["papers", "larger", "faster"],
)
def test_flow_that_is_too_coarse_is_refused_with_the_command(
    release: Release, sampling: Sampling, said: str
) -> None:
    with pytest.raises(ModelError, match=said):
        opened(release, sampling)


def test_flow_that_is_not_there_is_one_line_with_the_command(make_release, tmp_path: Path) -> None:
    folder = make_release(tmp_path / "release", train=1, validate=0, test=0)
    release = read_release(folder)
    with pytest.raises(ModelError, match=r"has no flow: `kbuild flow \S+ --short-side 36` comp"):
        opened(release, SAMPLING)
    gone = release.rows[1].file
    with_flow(folder, lacks=gone)
    with pytest.raises(ModelError, match=rf"none of 1 of 4 clips, for instance {gone}: `kbuild f"):
        opened(release, SAMPLING)
    other = replace(release.rows[0], sha256="0" * 64)
    cut_anew = replace(release, rows=(other, *release.rows[1:]))
    said = rf"none of 1 of 4 .* and is that of other cuts of 1 of 4 clips, .* {other.file}: `kbu"
    with pytest.raises(ModelError, match=said):
        opened(cut_anew, SAMPLING)
    with_flow(folder, fails=gone)
    frames = opened(release, SAMPLING)
    assert frames.broken[gone].reason == "no flow: broken: no picture"
    assert len(frames.usable(release.rows)) == 3
    short = release.rows[2].file
    FlowFolder.of(folder).path(short).write_bytes(b"cut off")
    assert re.fullmatch(
        r"no flow: 7 bytes, flow\.csv says \d+", opened(release, SAMPLING).broken[short].reason
    )
    FlowFolder.of(folder).path(short).unlink()
    assert opened(release, SAMPLING).broken[short].reason == "no flow: its file is not there"


def test_a_flow_file_that_was_changed_is_no_flow(release: Release) -> None:
    source, row = opened(release, SAMPLING).source, release.rows[0]
    path = FlowFolder.of(release.folder).path(row.file)
    path.write_bytes(path.read_bytes()[:-1] + b"x")
    for _ in range(2):
        with pytest.raises(ItemFailed, match=r"another file than .*`kbuild flow` computes"):
            source.frames(row, np.array([0.0]))


def test_a_network_learns_from_flow_and_is_tested_with_it(release: Release, tmp_path: Path) -> None:
    recipe = replace(default_recipe("i3d_flow_tiny"), num_steps=2, batch_size=2)
    runtime = Runtime(device="cpu", cache=tmp_path / "cache")
    trained = train_baseline(SPEC, release.folder, tmp_path / "run", recipe, runtime)
    assert trained.num_train == 4 and not trained.broken
    run, out = tmp_path / "run", tmp_path / "run" / "evaluation-test"
    report = evaluate_checkpoint(run, release.folder, out, reversed_pairs=(), runtime=runtime)
    assert report.num_clips == 4
    flow = FlowFolder.of(release.folder)
    page = write_network_card(run, releases=[release.folder]).read_text()
    assert "the clip&#39;s flow: colours say" in page and "backbone.conv_1a.conv: 16" in page
    elsewhere = flow.root.rename(tmp_path / "elsewhere")
    lying = Lying(flow=str(elsewhere))
    assert "Where it looks" not in write_network_card(run, releases=[release.folder]).read_text()
    page = write_network_card(run, releases=[release.folder], lying=lying).read_text()
    assert "Where it looks" in page
    elsewhere.rename(flow.root)
    flow.note_rows([replace(row, num_fields=7) for row in flow.rows()])
    with pytest.raises(ModelError, match="it was trained on other flow"):
        train_baseline(SPEC, release.folder, tmp_path / "run", recipe, runtime)


def test_the_network_of_the_page_lets_the_fast_pathway_see_flow(tmp_path: Path) -> None:
    page = (Path(__file__).parents[2] / "docs" / "flow.md").read_text(encoding="utf-8")
    (table,) = re.findall(r"```toml\n(.*?)```", page, re.DOTALL)
    (tmp_path / "fed.toml").write_text(table)
    spec = find_spec(str(tmp_path / "fed.toml"))
    assert spec.sampling.modality == "rgb_and_flow"
    assert find_recipe(str(tmp_path / "fed.toml")).num_steps == 60_000


def test_raft_says_how_far_what_moves_by_weights_of_a_file(tmp_path: Path) -> None:
    from torchvision.models.optical_flow import raft_small

    torch.manual_seed(0)
    network = raft_small(weights=None)
    torch.save(network.state_dict(), tmp_path / "raft.pth")
    raft = Raft.load(tmp_path / "raft.pth", "cpu")
    assert raft.name == "raft_small"
    frames = np.random.default_rng(0).integers(0, 255, (2, 40, 52, 3), np.uint8)
    (field,) = raft.fields(frames)
    assert field.shape == (40, 52, 2) and np.isfinite(field).all()
    torch.save({"other": torch.zeros(1)}, tmp_path / "other.pth")
    with pytest.raises(ModelError, match="does not hold the weights of torchvision's raft_small"):
        Raft.load(tmp_path / "other.pth", "cpu")
