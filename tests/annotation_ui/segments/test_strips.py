"""Strips of stills below the line of time: who may see them, how they are made, and kept."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image
from sqlalchemy import update

from annotation_ui.kinds.segments import strips
from kinetics_builder.database.engine import writing
from kinetics_builder.database.tables import Media
from kinetics_builder.intervals import Interval
from kinetics_builder.video.cutting.strip import HEIGHT, NUM_STILLS, WIDTH, write_strip
from pipelines.inspecting.unknown import unknown_files
from pipelines.takedown.takedown import takedown
from tests.annotation_ui.segments.test_marks import ask, log_in


def walked(picture: Image.Image) -> list[int]:
    """Return where in each still the orange square begins, from left to right."""
    rgb_HWC = np.asarray(picture, np.int64)
    is_orange_W = (rgb_HWC[..., 0] - rgb_HWC[..., 2]).max(axis=0) > 100
    return [int(part.argmax()) for part in is_orange_W.reshape(NUM_STILLS, WIDTH)]


def test_a_strip_shows_its_share_of_the_video_from_start_to_end(
    tmp_path: Path, film_bytes: bytes
) -> None:
    (tmp_path / "film.mp4").write_bytes(film_bytes)
    pictures = []
    for name, stretch in (("all", Interval(0, 6)), ("half", Interval(3, 6))):
        write_strip(tmp_path / "film.mp4", stretch, tmp_path / name)
        with Image.open(tmp_path / name) as picture:
            assert picture.size == (NUM_STILLS * WIDTH, HEIGHT)
            pictures.append(walked(picture))
    assert pictures[0] == sorted(pictures[0]) and pictures[0][0] < pictures[0][-1]
    assert pictures[1][0] > pictures[0][0], "the second half begins further on"


def test_strips_are_sent_to_who_is_asked_made_once_and_go_with_the_video(
    make_videos: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    world = make_videos(1)
    person, other = log_in(world), world.client(1).log_in(read_instructions=False)
    asked = ask(person)
    assert asked is not None
    path = f"/videos/{asked['video']}/strip"
    with person.browser.get(f"{path}/0/0.jpg") as first:
        assert (first.status_code, first.mimetype) == (200, "image/jpeg")
        picture = first.data
    assert other.browser.get(f"{path}/0/0.jpg").status_code == 404
    for wrong in (
        "0/1",
        "1/2",
        "2/0",
        "30/0",
        f"{10**12}/0",
    ):  # the quarters of six seconds have no strips
        assert person.browser.get(f"{path}/{wrong}.jpg").status_code == 404
    monkeypatch.setattr(strips, "run_limited", None)
    with person.browser.get(f"{path}/0/0.jpg") as again:
        assert again.data == picture, "kept"
    folder = world.workspace.root / "stills" / "video0"
    assert len(list(folder.iterdir())) == 1
    assert unknown_files(world.workspace)["stills"] == set()
    listed = world.workspace.root / "list.csv"
    listed.write_text("video0 | 2026-11-30 | asked for\n")
    takedown(world.workspace, listed)
    assert not folder.exists()
    assert person.browser.get(f"{path}/0/0.jpg").status_code == 404


def test_a_video_that_cannot_be_read_has_no_strip_and_is_not_tried_again(
    make_videos: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    world = make_videos(1)
    (world.workspace.root / "media/video0.mp4").write_bytes(b"no film")
    with writing(world.workspace.engine) as session:
        session.execute(update(Media).values(sha256="f" * 64, bytes=7))
    person = log_in(world)
    asked = ask(person)
    assert asked is not None
    path = f"/videos/{asked['video']}/strip/0/0.jpg"
    assert person.browser.get(path).status_code == 404
    monkeypatch.setattr(strips, "run_limited", None)
    assert person.browser.get(path).status_code == 404
