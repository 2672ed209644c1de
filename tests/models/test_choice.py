from pathlib import Path

import numpy as np
import pytest

from models.clips.choice import ALL, Choice
from models.clips.release import read_release
from models.training.clip_lessons import ClipCourse


def test_a_choice_is_part_of_what_a_course_is(squares: Path) -> None:
    release = read_release(squares)
    rows = release.split("train")
    files = frozenset(row.file for row in rows[:5])
    course = ClipCourse(release, Choice(files))
    assert {row.file for row in course.train} == files and course.num_clips == 5
    assert ClipCourse(release, ALL).sha256 == release.sha256 != course.sha256
    assert ClipCourse(release, Choice(files, (("clips", 2.0),))).sha256 != course.sha256


def test_ratios_say_how_many_samples_come_from_each_folder(squares: Path) -> None:
    from dataclasses import replace

    row = read_release(squares).rows[0]
    rows = [replace(row, file=f"{folder}/{n}") for folder in "aab" for n in range(3)]
    rows += [replace(row, file="c/0")]
    shares = Choice(ratios=(("a", 2.0), ("b", 1.0))).shares(rows)
    assert shares is not None
    by_folder = [shares.per_clip[:6].sum(), shares.per_clip[6:9].sum(), shares.per_clip[9]]
    assert np.allclose(by_folder, [5.0, 2.5, 2.5])
    assert shares.per_clip.mean() == pytest.approx(1.0)
    assert ALL.shares(rows) is None
