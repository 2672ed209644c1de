from pathlib import Path

import numpy as np
import pytest

from kinetics_builder.errors import ItemFailed, Reason
from kinetics_builder.video.reading.frames import FrameReader, fit_short_side, iterate_frames


def test_every_frame_comes_once_in_order(counting: Path, read_number) -> None:
    frames = list(iterate_frames(counting))
    assert [read_number(frame.rgb_HWC) for frame in frames] == list(range(200))
    assert np.allclose([frame.time_seconds for frame in frames], np.arange(200) / 25)


def test_sampling_takes_the_first_frame_at_or_after_each_moment(
    counting: Path, read_number
) -> None:
    frames = list(iterate_frames(counting, every_seconds=0.5))
    assert [read_number(f.rgb_HWC) for f in frames][:5] == [0, 13, 25, 38, 50]
    assert len(frames) == 16


def test_frames_are_as_small_as_asked(counting: Path) -> None:
    assert next(iterate_frames(counting, size=(24, 20))).rgb_HWC.shape == (20, 24, 3)
    assert next(iterate_frames(counting, short_side=32)).rgb_HWC.shape == (32, 48, 3)


def test_time_0_is_the_first_frame(tmp_path: Path, make_video, times) -> None:
    late = make_video(tmp_path / "late.mkv", times(10, start_ms=3000))
    assert [round(f.time_seconds, 3) for f in iterate_frames(late)][:3] == [0, 0.04, 0.08]


def test_uneven_frames_keep_their_times(tmp_path: Path, make_video, read_number) -> None:
    uneven = make_video(tmp_path / "uneven.mkv", [0, 40, 500, 520, 1200])
    frames = list(iterate_frames(uneven, every_seconds=0.5))
    assert [(f.time_seconds, read_number(f.rgb_HWC)) for f in frames] == [
        (0.0, 0),
        (0.5, 2),
        (1.2, 4),
    ]


def test_broken_packets_are_counted_and_the_rest_is_given(shared: Path) -> None:
    reader = FrameReader(shared / "videos" / "odd" / "corrupted.mp4", short_side=32)
    assert len(list(reader)) == reader.num_decoded == 49
    assert reader.num_errors >= 1


def test_frames_are_upright(shared: Path) -> None:
    odd = shared / "videos" / "odd"
    tall = next(iterate_frames(odd / "video_90.mov", short_side=64)).rgb_HWC
    assert tall.shape == (114, 64, 3)
    assert next(iterate_frames(odd / "video_90.mov", size=(40, 30))).rgb_HWC.shape == (30, 40, 3)


def test_a_file_without_a_frame_is_broken(tmp_path: Path, counting: Path) -> None:
    content = bytearray(counting.read_bytes())
    start, end = content.index(b"mdat") + 4, content.index(b"moov") - 4
    content[start:end] = bytes(end - start)
    (tmp_path / "zeros.mp4").write_bytes(content)
    with pytest.raises(ItemFailed) as failed:
        list(iterate_frames(tmp_path / "zeros.mp4"))
    assert failed.value.reason is Reason.BROKEN


def test_the_short_side_is_the_short_side() -> None:
    assert fit_short_side(1920, 1080, 256) == (455, 256)
    assert fit_short_side(1080, 1920, 256) == (256, 455)
    assert fit_short_side(30, 20, 0) == (30, 20)
