import shutil
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kinetics_builder.errors import FormatError, ItemFailed, ModelError, Reason
from kinetics_builder.intervals import Interval
from kinetics_builder.locks import held
from kinetics_builder.video.cutting.cut import cut_clip
from models.clips import cache
from models.clips.cache import Grid, open_cache
from models.clips.dataset import Sample, TrainingClips, collate
from models.clips.decode import DecodeLimits, decode_at
from models.clips.opening import CachePolicy, open_frames
from models.clips.plan import BatchPlan, Key
from models.clips.release import BrokenClip, read_release
from models.clips.sampling import frame_times, random_start, view_starts
from models.clips.sources import CachedFrames, DecodedFrames
from models.clips.transforms import Augmentation, augment, crops, has_sides, random_cut
from models.zoo import network_spec

GRID = Grid(step_seconds=0.1, short_side=36)
SAMPLING = network_spec("i3d_tiny").sampling


def quiet(line: str) -> None:
    pass


def test_a_release_is_read_with_its_labels_and_splits(squares: Path) -> None:
    release = read_release(squares)
    assert release.labels == ("moving down", "moving left", "moving right", "moving up")
    assert [len(release.split(name)) for name in ("train", "validate", "test")] == [16, 8, 8]
    with pytest.raises(ModelError, match=r"no split 'val'\. Known: train, validate, test"):
        release.split("val")


@pytest.mark.parametrize(
    ("name", "text", "error", "message"),
    [
        pytest.param("classes.txt", "moving up\n", ModelError, "not in classes", id="label"),
        pytest.param("classes.txt", "a\na\n", ModelError, "'a' twice", id="label twice"),
        pytest.param(
            "clips.csv", "label,file\n", FormatError, "expected a header with", id="header"
        ),
    ],
)
def test_a_release_that_does_not_fit_is_refused(
    squares: Path, tmp_path: Path, name, text, error, message
) -> None:
    for file in ("clips.csv", "classes.txt"):
        shutil.copy(squares / file, tmp_path)
    (tmp_path / name).write_text(text)
    with pytest.raises(error, match=message):
        read_release(tmp_path)


def test_a_folder_without_a_manifest_is_no_release(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match=r"no clips\.csv\. Give the folder that `kbuild release`"):
        read_release(tmp_path)


def test_a_manifest_cannot_reach_outside_its_folder(squares: Path, tmp_path: Path) -> None:
    shutil.copy(squares / "classes.txt", tmp_path)
    text = (squares / "clips.csv").read_text().replace("clips/train-moving_up-0", "../../secret")
    (tmp_path / "clips.csv").write_text(text)
    with pytest.raises(FormatError, match="expected a file that leads to no other folder"):
        read_release(tmp_path)


def test_frames_come_by_their_timestamps(squares: Path) -> None:
    path = next((squares / "clips").glob("train-moving_right-0.mp4"))
    every = decode_at(path, np.arange(40) / 10, 72)
    assert every.shape == (40, 72, 96, 3)
    picked = decode_at(path, np.array([3.9, 0.0, 0.05, 1.0, 1.0999, 1.1]), 72)
    assert [int((frame == every).all((1, 2, 3)).argmax()) for frame in picked] == [
        39, 0, 0, 10, 11, 11,
    ]  # fmt: skip


def test_a_clip_that_ends_too_soon_is_broken(squares: Path) -> None:
    path = next((squares / "clips").iterdir())
    with pytest.raises(ItemFailed, match=r"ends at 3\.90 s, frames up to 9\.00 s"):
        decode_at(path, np.array([0.0, 9.0]), 36)


def test_a_clip_of_few_frames_is_read_to_the_end_of_the_last(tmp_path: Path) -> None:
    source = tmp_path / "slow.mkv"
    with av.open(str(source), "w") as output:
        stream = output.add_stream("libx264", rate=1)
        stream.width, stream.height, stream.pix_fmt = 96, 72, "yuv420p"
        for index in range(4):
            grey = np.full((72, 96, 3), 60 * index, np.uint8)
            frame = av.VideoFrame.from_ndarray(grey, format="rgb24")
            frame.pts, frame.time_base = 5 * index, Fraction(1)
            output.mux(stream.encode(frame))
        output.mux(stream.encode(None))
    made = cut_clip(source, tmp_path / "clip.mp4", Interval(1, 14))
    assert (made.num_frames, made.duration_seconds) == (3, pytest.approx(13))
    frames = decode_at(tmp_path / "clip.mp4", np.array([0, 3.9, 4.1, 8.9, 9.1, 12.9]), 72)
    assert [round(float(frame.mean()) / 60) for frame in frames] == [0, 0, 1, 1, 2, 2]


def test_frames_for_training_are_upright(shared: Path) -> None:
    odd = shared / "videos" / "odd"
    assert decode_at(odd / "video_90.mov", np.array([0.0]), 64).shape == (1, 114, 64, 3)


def test_what_is_no_video_is_broken(tmp_path: Path) -> None:
    (tmp_path / "x.mp4").write_bytes(b"no video" * 100)
    with pytest.raises(ItemFailed) as failure:
        decode_at(tmp_path / "x.mp4", np.zeros(1), 36)
    assert failure.value.reason is Reason.BROKEN


def test_decoding_has_a_time_limit(squares: Path) -> None:
    path = next((squares / "clips").iterdir())
    with pytest.raises(ItemFailed, match="timeout: decoding took over 0 s"):
        decode_at(path, np.array([3.0]), 36, DecodeLimits(seconds=0.0))


def test_odd_real_files_decode_or_say_why(shared: Path) -> None:
    for path in sorted((shared / "videos" / "odd").iterdir()):
        try:
            frames = decode_at(path, np.array([0.0, 0.2]), 32)
        except ItemFailed as failure:
            assert failure.message
        else:
            assert frames.shape[0] == 2 and min(frames.shape[1:3]) == 32


def test_the_cache_holds_what_the_files_hold(squares: Path, tmp_path: Path) -> None:
    release = read_release(squares)
    cached = CachedFrames(open_cache(release, tmp_path, GRID, 1, quiet))
    decoded = DecodedFrames(release, GRID.short_side)
    times = np.array([0.0, 1.5, 0.7, 3.9])
    for row in release.rows[::7]:
        assert np.array_equal(cached.frames(row, times), decoded.frames(row, times))


def test_a_release_is_decoded_once(squares: Path, tmp_path: Path) -> None:
    lines: list[str] = []
    for _ in range(2):
        open_cache(read_release(squares), tmp_path, GRID, 1, lines.append)
    assert len(lines) == 1
    assert [path.suffix for path in sorted(tmp_path.iterdir())] == [".json", ".lock", ".u8"]


LEFT = (".frames-0123.u8.7.part", ".frames-0123.json.7.part", "frames-0123.part7", "frames-0123.u8")
"""What those leave who die while they decode another release, or before its index is there."""


def test_what_a_killed_run_left_of_another_release_is_removed(
    squares: Path, tmp_path: Path
) -> None:
    for name in LEFT:
        (tmp_path / name).write_bytes(b"half")
    whole = [tmp_path / f"frames-4567.{suffix}" for suffix in ("u8", "json")]
    for path in whole:
        path.write_bytes(b"whole")
    with held(tmp_path / "frames-0123.lock"):  # somebody is at it
        open_cache(read_release(squares), tmp_path, GRID, 1, quiet)
    assert all((tmp_path / name).exists() for name in LEFT)
    open_cache(read_release(squares), tmp_path, GRID, 1, quiet)
    assert not any((tmp_path / name).exists() for name in LEFT)
    assert all(path.exists() for path in whole)


def test_a_run_that_fails_leaves_nothing_of_its_cache(
    squares: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fill_disk(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(cache, "_decoded", fill_disk)
    with pytest.raises(OSError, match="No space left"):
        open_cache(read_release(squares), tmp_path, GRID, 1, quiet)
    assert [path.suffix for path in tmp_path.iterdir()] == [".lock"]


@pytest.mark.parametrize("max_bytes", [1 << 30, 0], ids=["cached", "from files"])
def test_broken_clips_are_listed_and_never_replaced(
    squares: Path, tmp_path: Path, max_bytes
) -> None:
    release = read_release(shutil.copytree(squares, tmp_path / "release"))
    cut, gone = release.split("train")[0], release.split("train")[3]
    with release.path(cut).open("r+b") as file:
        file.truncate(100)
    release.path(gone).unlink()
    policy = CachePolicy(folder=tmp_path / "cache", max_bytes=max_bytes)
    frames = open_frames(release, SAMPLING, policy, quiet)
    rows = release.split("train")
    assert frames.broken_of(rows) == [
        BrokenClip(cut.file, f"100 bytes, the manifest says {cut.bytes}"),
        BrokenClip(gone.file, "No such file or directory"),
    ]
    assert len(frames.usable(rows)) == len(rows) - 2


def test_what_lists_changed_clips_of_a_release_is_named(squares: Path, tmp_path: Path) -> None:
    release = read_release(shutil.copytree(squares, tmp_path / "release"))
    row = release.rows[0]
    release.path(row).write_bytes(bytes(row.bytes))
    with pytest.raises(ItemFailed, match="`kbuild releases check` lists such clips"):
        DecodedFrames(release, 72).frames(row, np.array([0.0]))


def test_a_clip_that_breaks_while_training_makes_its_batch_smaller(
    squares: Path, tmp_path: Path
) -> None:
    release = read_release(shutil.copytree(squares, tmp_path / "release"))
    rows = release.split("train")[:2]
    data = release.path(rows[0]).read_bytes()
    release.path(rows[0]).write_bytes(bytes(len(data)))
    clips = TrainingClips(rows, release.labels, DecodedFrames(release, 72), SAMPLING, PLAIN)
    batch = collate([clips[Key(0, 0, 0)], clips[Key(1, 0, 1)]])
    assert len(batch.labels_B) == 1
    assert [clip.file for clip in batch.broken] == [rows[0].file]


@pytest.mark.parametrize("max_bytes", [1 << 30, 0], ids=["cached", "from files"])
def test_another_film_of_the_same_size_teaches_nothing(
    squares: Path, tmp_path: Path, max_bytes: int
) -> None:
    release = read_release(shutil.copytree(squares, tmp_path / "release"))
    row, other = release.split("train")[:2]
    film = release.path(other).read_bytes()
    size = max(row.bytes, len(film))
    release.path(row).write_bytes(film.ljust(size, b"\0")[: row.bytes])
    frames = open_frames(
        release, SAMPLING, CachePolicy(folder=tmp_path / "c", max_bytes=max_bytes), quiet
    )
    if row.file not in frames.broken:
        clips = TrainingClips([row], release.labels, frames.source, SAMPLING, PLAIN)
        broken = clips[Key(0, 0, 0)]
        assert isinstance(broken, BrokenClip)
    else:
        broken = frames.broken[row.file]
    assert broken.reason.startswith("changed: ")


def test_a_release_without_a_readable_clip_is_an_error(squares: Path, tmp_path: Path) -> None:
    for name in ("clips.csv", "classes.txt"):
        shutil.copy(squares / name, tmp_path)
    policy = CachePolicy(folder=tmp_path / "cache")
    with pytest.raises(ModelError, match="no readable clip: all 32 are broken"):
        open_frames(read_release(tmp_path), SAMPLING, policy, quiet)


durations = st.floats(0.2, 30)
spans = st.floats(0.1, 12)


@given(durations, spans, st.integers(0, 99))
def test_a_random_stretch_lies_inside_the_clip(duration, span, seed) -> None:
    start = random_start(duration, span, np.random.default_rng(seed))
    assert 0 <= start <= max(0.0, duration - span)


@given(durations, spans, st.integers(1, 10))
def test_views_are_even_and_inside(duration, span, num_clips) -> None:
    starts = view_starts(duration, span, num_clips)
    assert len(starts) == num_clips
    assert all(0 <= start <= max(0.0, duration - span) + 1e-9 for start in starts)
    assert np.allclose(np.diff(starts, 2), 0, atol=1e-9)


def test_a_short_clip_is_looped() -> None:
    assert frame_times(0, 5, 0.5, 1.5).tolist() == [0.0, 0.5, 1.0, 0.0, 0.5]


@settings(max_examples=25, deadline=None)
@given(st.integers(1, 12), st.integers(1, 6), st.integers(0, 9), st.integers(1, 3))
def test_every_clip_is_seen_once_a_pass_whatever_the_ranks(
    num_clips, batches, seed, num_ranks
) -> None:
    batch_size = num_ranks * 2
    plans = [
        BatchPlan(num_clips, batch_size, seed, batches, rank, num_ranks)
        for rank in range(num_ranks)
    ]
    keys = sorted(
        (key for plan in plans for step in plan.steps_from(0) for key in step),
        key=lambda key: key[2],
    )
    assert [key.position for key in keys] == list(range(batches * batch_size))
    for first in range(0, len(keys) - num_clips + 1, num_clips):
        seen = [key.clip for key in keys[first : first + num_clips]]
        assert sorted(seen) == list(range(num_clips))


def test_a_plan_taken_up_later_goes_on_with_the_same_batches() -> None:
    plan = BatchPlan(num_clips=7, batch_size=4, seed=3, num_steps=9)
    assert list(plan.steps_from(0))[5:] == list(plan.steps_from(5))


PLAIN = Augmentation(short_sides=(72, 72), crop_size=64, flip_probability=0.0)


def test_the_same_key_gives_the_same_sample(squares: Path) -> None:
    release = read_release(squares)
    clips = TrainingClips(
        release.split("train"), release.labels, DecodedFrames(release, 72), SAMPLING, PLAIN
    )
    first, again, other = clips[Key(2, 0, 5)], clips[Key(2, 0, 5)], clips[Key(2, 0, 6)]
    assert isinstance(first, Sample) and isinstance(again, Sample) and isinstance(other, Sample)
    assert first.frames_THWC.shape == (16, 64, 64, 3)
    assert np.array_equal(first.frames_THWC, again.frames_THWC)
    assert not np.array_equal(first.frames_THWC, other.frames_THWC)


def test_a_mirror_image_is_mirrored_in_all_frames() -> None:
    frames = np.random.default_rng(0).integers(0, 255, (3, 64, 64, 3), np.uint8)
    always = Augmentation(short_sides=(64, 64), crop_size=64, flip_probability=1.0)
    mirrored = augment(frames, always, True, np.random.default_rng(0)).numpy()
    assert np.array_equal(mirrored, frames[:, :, ::-1])
    kept = augment(frames, always, False, np.random.default_rng(0)).numpy()
    assert np.array_equal(kept, frames)


def test_labels_that_name_a_side_are_not_mirrored() -> None:
    assert has_sides("Swiping Left") and has_sides("turning clockwise")
    assert not has_sides("leftover cooking") and not has_sides("clapping")


@pytest.mark.parametrize(("height", "width"), [(72, 96), (96, 72), (64, 64), (40, 50)])
def test_test_crops_have_their_size_and_reach_both_ends(height, width) -> None:
    frames = np.zeros((2, height, width, 3), np.uint8)
    frames[:, 0, 0] = frames[:, -1, -1] = 255
    three = crops(frames, 64, 3)
    assert [crop.shape for crop in three] == [(2, 64, 64, 3)] * 3
    if max(height, width) > 72 and min(height, width) == 72:
        assert len(crops(frames, 64, 1)) == 1


def test_a_part_of_some_area_is_drawn_and_shown_as_a_square() -> None:
    asked = replace(PLAIN, area=(0.08, 1.0), flip_probability=0.5)
    random = np.random.default_rng(0)
    drawn = [random_cut(72, 96, asked, True, random) for _ in range(300)]
    for cut in drawn:
        assert 0 <= cut.top <= 72 - cut.side and 0 <= cut.left <= 96 - cut.width
        assert 0.7 < cut.width / cut.side < 1.4
    areas = [cut.side * cut.width / (72 * 96) for cut in drawn]
    assert 0.07 < min(areas) < 0.15 and 0.85 < max(areas) <= 1
    assert 0.3 < np.mean([cut.is_mirrored for cut in drawn]) < 0.7
    frames = random.integers(0, 255, (3, 72, 96, 3), np.uint8)
    assert drawn[0].of(frames, 64).shape == (3, 64, 64, 3)
    whole = replace(asked, area=(1.0, 1.0))  # no part of 2 to 1 is that large: the middle
    middle = random_cut(50, 100, whole, False, random)
    assert (middle.top, middle.left, middle.side, middle.width) == (0, 16, 50, 67)
