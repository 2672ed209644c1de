"""Optical flow: how it is computed, and the file that it is kept in."""

from pathlib import Path

import numpy as np
import pytest

from kinetics_builder.errors import ModelError
from kinetics_builder.video.flow.folder import FlowFolder, FlowRow
from kinetics_builder.video.flow.levels import BOUND, MOST, opposite, to_levels, to_pixels
from kinetics_builder.video.flow.settings import FlowSettings, Method
from kinetics_builder.video.flow.stored import StoredFlow, UnreadableFlow, write_flow
from kinetics_builder.video.flow.tvl1 import TVL1

SETTINGS = FlowSettings(method=Method.TVL1, parameters={"tau": 0.25}, program="OpenCV 1")
FIELDS = np.random.default_rng(0).integers(0, 256, (5, 7, 9, 2), np.uint8)


def test_levels_lose_half_a_step_at_most_and_nothing_goes_beyond_the_bound() -> None:
    pixels = np.linspace(-BOUND, BOUND, 1001)
    assert np.abs(to_pixels(to_levels(pixels)) - pixels).max() <= BOUND / MOST + 1e-5
    assert to_levels(np.array([-1e6, 1e6])).tolist() == [0, MOST]
    levels = to_levels(pixels)
    assert np.abs(opposite(levels).astype(int) - to_levels(-pixels)).max() <= 1


@pytest.mark.parametrize("step", [(3, 0), (-3, 0), (0, 2)], ids=["right", "left", "down"])
def test_what_moves_is_seen_to_move_by_as_much(step: tuple[int, int]) -> None:
    wall = np.random.default_rng(1).integers(0, 255, (8, 10), np.uint8)
    picture = np.repeat(np.repeat(np.repeat(wall, 6, 0), 6, 1)[..., None], 3, axis=-1)
    frames = np.stack([picture, np.roll(picture, step, axis=(1, 0))])
    (field_HW2,) = TVL1().fields(frames)
    middle = np.median(field_HW2[12:-12, 12:-12], axis=(0, 1))
    assert np.allclose(middle, step, atol=0.25)


def test_a_field_is_read_on_its_own_as_it_was_written(tmp_path: Path) -> None:
    told = {"clip": "a" * 64}
    assert write_flow(tmp_path / "deep" / "a.arrow", iter(FIELDS), told) == len(FIELDS)
    with StoredFlow.open(tmp_path / "deep" / "a.arrow") as stored:
        assert (stored.num_fields, stored.height, stored.width) == FIELDS.shape[:3]
        assert stored.told == told
        for number in (3, 0, 4):
            assert np.array_equal(stored.field(number), FIELDS[number])
    write_flow(tmp_path / "b.arrow", iter(FIELDS), told)
    assert (tmp_path / "b.arrow").read_bytes() == (tmp_path / "deep" / "a.arrow").read_bytes()


@pytest.mark.parametrize("keep", [0, 40, 0.5, 0.9], ids=["empty", "head", "half", "no end"])
def test_a_file_that_is_cut_off_says_so(tmp_path: Path, keep: float) -> None:
    path = tmp_path / "a.arrow"
    write_flow(path, iter(FIELDS), {})
    data = path.read_bytes()
    path.write_bytes(data[: int(keep if keep > 1 else keep * len(data))])
    with pytest.raises(UnreadableFlow, match=r"a\.arrow"), StoredFlow.open(path) as stored:
        stored.field(0)


def test_a_folder_reads_back_what_it_noted(tmp_path: Path) -> None:
    folder = FlowFolder(tmp_path)
    assert folder.settings() is None and folder.rows() == []
    rows = [
        FlowRow("clips/b.mp4", "1" * 64, 0, 0, "", "broken", 'no picture, or "none"'),
        FlowRow("clips/a.mp4", "2" * 64, 9, 1234, "3" * 64),
    ]
    folder.note_settings(SETTINGS)
    folder.note_rows(rows)
    assert folder.settings() == SETTINGS
    assert folder.rows() == sorted(rows)
    (tmp_path / "flow.json").write_text("{}")
    with pytest.raises(ModelError, match=r"flow\.json does not say how .* --fresh"):
        folder.settings()


def test_settings_say_in_what_they_differ() -> None:
    other = FlowSettings(
        method=Method.TVL1, parameters={"tau": 0.1}, program="OpenCV 1", short_side=128
    )
    assert other.differences(SETTINGS) == ["short_side 128, not 256", "tau 0.1, not 0.25"]
    raft = FlowSettings(method=Method.RAFT, parameters={"updates": 12}, program="torchvision 1")
    assert raft.differences(SETTINGS) == ["method 'raft', not 'tv-l1'"]
    assert other.hash != SETTINGS.hash and not SETTINGS.differences(SETTINGS)
