"""Where pictures of key frames come from: stills, films, and what cannot be read."""

from pathlib import Path

import av
import numpy as np
import pytest
from PIL import Image

from kinetics_builder.errors import ModelError
from kinetics_builder.formats.boxes.pixels import Corners
from models.detection.people import examples as examples_of
from models.detection.people.examples import decoded, read_examples
from models.detection.people.recipe import DetectorRecipe
from models.detection.people.training import train_detector

BOX = Corners(0.1, 0.1, 0.4, 0.9)


def write_film(path: Path, num_seconds: int = 4) -> None:
    """Write a film that shows another grey each second: 20 more than before."""
    with av.open(str(path), "w") as container:
        stream = container.add_stream("libx264", rate=10)
        stream.width, stream.height, stream.pix_fmt = 64, 48, "yuv420p"
        for number in range(10 * num_seconds):
            grey = np.full((48, 64, 3), 40 + 20 * (number // 10), np.uint8)
            container.mux(stream.encode(av.VideoFrame.from_ndarray(grey, format="rgb24")))
        container.mux(stream.encode(None))


def test_films_give_the_pictures_that_are_shown_at_the_seconds_of_the_boxes(tmp_path: Path) -> None:
    write_film(tmp_path / "A nice film [SOX5yA1l24A].mp4")
    drawn = {"SOX5yA1l24A": {3.0: [BOX], 1.5: []}}
    examples = read_examples(drawn, tmp_path, 64)
    assert [(one.seconds, one.boxes) for one in examples.all] == [(1.5, ()), (3.0, (BOX,))]
    assert [round(float(one.picture().mean()) / 20) for one in examples.all] == [3, 5]
    assert examples.all[0].picture().shape == (48, 64, 3)
    assert examples.broken == ()


def test_a_film_of_many_key_frames_is_read_a_few_at_a_time(tmp_path: Path, monkeypatch) -> None:
    write_film(tmp_path / "film.mp4")
    times = [number / 10 for number in range(35)]
    whole, end = decoded(tmp_path / "film.mp4", times, 64)
    monkeypatch.setattr(examples_of, "_AT_ONCE", 4)
    assert decoded(tmp_path / "film.mp4", times, 64) == (whole, end)
    assert (len(whole), end) == (35, 4.0)


def test_stills_lie_in_a_folder_a_film(tmp_path: Path) -> None:
    (tmp_path / "f").mkdir()
    Image.new("RGB", (100, 50), (200, 0, 0)).save(tmp_path / "f" / "0902.jpg")
    (tmp_path / "f" / "0904.jpg").write_bytes(b"no picture")
    examples = read_examples({"f": {902.0: [BOX], 903.0: [BOX], 904.0: []}}, tmp_path, 50)
    assert [one.seconds for one in examples.all] == [902.0]
    assert examples.all[0].picture().shape == (25, 50, 3)
    told = {Path(one.file).name: one.reason for one in examples.broken}
    assert set(told) == {"0904.jpg", "f"}
    assert told["f"] == "no still for 1 of 3 moments with boxes: 0903.jpg"


def test_boxes_of_every_picture_are_told_of_once_where_stills_are_of_seconds(
    tmp_path: Path,
) -> None:
    (tmp_path / "f").mkdir()
    Image.new("RGB", (64, 48)).save(tmp_path / "f" / "0001.jpg")
    drawn = {"f": {number / 25: [BOX] for number in range(50)}}
    examples = read_examples(drawn, tmp_path, 64)
    assert [one.seconds for one in examples.all] == [1.0]
    [told] = examples.broken
    assert told.reason == "no still for 49 of 50 moments with boxes: 0000.jpg, ..."


def test_a_film_that_breaks_or_is_not_there_costs_itself_alone(tmp_path: Path) -> None:
    write_film(tmp_path / "good.mp4")
    (tmp_path / "bad.mp4").write_bytes(b"0" * 5000)
    drawn = {name: {1.0: [BOX]} for name in ("good", "bad", "gone")}
    drawn["good"][1.0] = [BOX]
    examples = read_examples(drawn, tmp_path, 64)
    assert [one.film for one in examples.all] == ["good"]
    broken = {Path(one.file).stem: one.reason for one in examples.broken}
    assert set(broken) == {"bad", "gone"}
    assert "neither a film nor stills of it" in broken["gone"]


def test_seconds_behind_the_films_end_are_told_and_cost_themselves_alone(tmp_path: Path) -> None:
    write_film(tmp_path / "short.mp4")
    drawn = {"short": {1.0: [BOX], 3.0: [], **{900.0 + n: [BOX] for n in range(5)}}}
    examples = read_examples(drawn, tmp_path, 64)
    assert [one.seconds for one in examples.all] == [1.0, 3.0]
    [told] = examples.broken
    assert told.file == str(tmp_path / "short.mp4")
    assert told.reason == "ends at 4 s: boxes at 900, 901, 902 and 2 more s lie behind it"


def test_two_files_of_one_film_are_refused(tmp_path: Path) -> None:
    for folder in ("a", "b"):
        (tmp_path / folder).mkdir()
        write_film(tmp_path / folder / "film.mp4", 2)
    with pytest.raises(ModelError, match=r"both called film.*Move one of them"):
        read_examples({"film": {1.0: [BOX]}}, tmp_path, 64)


def test_boxes_of_other_films_end_in_one_line(tmp_path: Path) -> None:
    write_film(tmp_path / "here.mp4", 2)
    with pytest.raises(ModelError, match=r"not one picture for the 1 films of boxes: there: neith"):
        read_examples({"there": {1.0: [BOX]}}, tmp_path, 64)
    with pytest.raises(ModelError, match="no such folder"):
        read_examples({"there": {1.0: [BOX]}}, tmp_path / "nowhere", 64)


def test_nothing_is_learnt_from_pictures_without_a_box(tmp_path: Path) -> None:
    write_film(tmp_path / "film.mp4")
    out = tmp_path / "detector.pt"
    with pytest.raises(ModelError, match="not one box on the 3 pictures"):
        train_detector({"film": {1.0: [], 2.0: [], 3.0: []}}, tmp_path, out, DetectorRecipe())
    assert not out.exists()
