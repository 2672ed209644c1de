from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kinetics_builder.errors import ModelError
from models.clips.dataset import Sample, TrainingClips
from models.clips.plan import Key
from models.clips.release import read_release
from models.clips.sampling import frame_times, random_start, random_times, view_starts, view_times
from models.clips.sources import DecodedFrames
from models.clips.transforms import Augmentation
from models.spec import Normalisation, Sampling
from models.zoo import network_spec

CONSECUTIVE = Sampling(num_frames=32, step_seconds=2 / 30, crop_size=224, short_side=256)
INDEPENDENT = Sampling(
    num_frames=3, step_seconds=1 / 25, crop_size=224, short_side=256, num_segments=3
)
STACKS = replace(INDEPENDENT, num_frames=20, num_segments=2)
samplings = st.sampled_from([CONSECUTIVE, INDEPENDENT, STACKS])
durations = st.floats(0.1, 30.0)
seeds = st.integers(0, 99)


@given(samplings, durations, seeds)
def test_a_training_clip_has_its_frames_inside_the_video(sampling, duration, seed) -> None:
    times = random_times(sampling, duration, np.random.default_rng(seed))
    assert times.shape == (sampling.num_frames,)
    assert (times >= 0).all() and (times < duration).all()


@given(durations, seeds)
def test_one_segment_is_the_random_stretch_it_always_was(duration, seed) -> None:
    start = random_start(duration, CONSECUTIVE.span_seconds, np.random.default_rng(seed))
    expected = frame_times(start, 32, 2 / 30, duration)
    assert np.array_equal(
        random_times(CONSECUTIVE, duration, np.random.default_rng(seed)), expected
    )


@given(durations, st.integers(1, 10))
def test_one_segment_has_the_views_it_always_had(duration, num_clips) -> None:
    starts = view_starts(duration, CONSECUTIVE.span_seconds, num_clips)
    views = view_times(CONSECUTIVE, duration, num_clips)
    for start, times in zip(starts, views, strict=True):
        assert np.array_equal(times, frame_times(start, 32, 2 / 30, duration))


@settings(max_examples=50)
@given(st.floats(2.0, 30.0), seeds)
def test_independent_frames_come_one_from_each_part_of_the_clip(duration, seed) -> None:
    times = random_times(INDEPENDENT, duration, np.random.default_rng(seed))
    assert np.array_equal(times // (duration / 3), [0, 1, 2])


def test_independent_frames_differ_from_seed_to_seed() -> None:
    first, other = (random_times(INDEPENDENT, 10.0, np.random.default_rng(s)) for s in (0, 1))
    assert not np.isclose(first, other).any()


def test_a_stack_is_consecutive_and_the_next_stack_is_elsewhere() -> None:
    times = random_times(STACKS, 10.0, np.random.default_rng(0)).reshape(2, 10)
    assert np.allclose(np.diff(times, axis=1), 1 / 25)
    assert times[0, 0] < 5 <= times[1, 0]


def test_a_single_view_looks_at_the_middle_of_each_segment() -> None:
    (times,) = view_times(INDEPENDENT, 9.0, 1)
    assert np.allclose(times, np.array([1.5, 4.5, 7.5]) - 0.02)


def test_a_view_may_have_more_segments_than_a_training_clip() -> None:
    spec = network_spec("two_stream")
    assert (spec.sampling.num_frames, spec.sampling.num_segments) == (10, 1)
    (times,) = view_times(spec.view_sampling, 10.0, 1)
    snapshots = times.reshape(25, 10)
    assert np.allclose(np.diff(snapshots, axis=1), 1 / 25)
    assert np.allclose(np.diff(snapshots[:, 0]), 10 / 25)


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"num_segments": 5}, r"num_segments = 5 does not divide .* choose one of 1, 2, 4, 8, 16"),
        ({"num_segments": 0}, "num_segments = 0 does not divide"),
        ({"modality": "sound"}, "modality = 'sound' is unknown; choose one of rgb, flow"),
    ],
)
def test_a_sampling_that_cannot_be_is_refused_with_what_fits(wrong, message) -> None:
    with pytest.raises(ModelError, match=message):
        replace(CONSECUTIVE, **wrong)


def test_segments_of_a_view_must_divide_its_frames() -> None:
    spec = network_spec("tsn_r50")
    message = r"views\.num_segments: 25 segments do not divide the 8 frames .*; 1, 2, 4, 8 would"
    with pytest.raises(ModelError, match=message):
        replace(spec, views=replace(spec.views, num_frames=8))


def test_frames_that_leave_a_flow_stack_unfinished_are_refused() -> None:
    spec = network_spec("two_stream")
    message = r"sampling\.num_frames: 15 frames cannot be split by flow_stack=10; 10 or 20 would"
    with pytest.raises(ModelError, match=message):
        replace(spec, sampling=replace(spec.sampling, num_frames=15))


def test_a_normalisation_needs_a_number_for_each_channel() -> None:
    spec = network_spec("i3d_tiny")
    with pytest.raises(ModelError, match=r"mean has 2 numbers.*'rgb' has 3"):
        replace(spec, normalisation=Normalisation(mean=(0.5, 0.5), std=(0.5, 0.5)))


def test_independent_frames_come_out_of_real_videos(squares: Path) -> None:
    release = read_release(squares)
    sampling = replace(INDEPENDENT, crop_size=64, short_side=72)
    still = Augmentation(short_sides=(72, 72), crop_size=64, flip_probability=0.0)
    source = DecodedFrames(release, 72)
    clips = TrainingClips(release.split("train"), release.labels, source, sampling, still)
    sample = clips[Key(0, 0, 0)]
    assert isinstance(sample, Sample)
    assert sample.frames_THWC.shape == (3, 64, 64, 3)
    first, second, third = sample.frames_THWC.float()
    assert not first.equal(second) and not second.equal(third)
