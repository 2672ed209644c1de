"""What names of files tell: those of the crawler, of downloaders, and of people."""

from pathlib import Path
from typing import Any

import pytest

from kinetics_builder.formats.media import possible_files, told_by_name
from kinetics_builder.formats.names import FileName, parse_file_name
from kinetics_builder.formats.records import Clip

ID = "SOX5yA1l24A"


@pytest.mark.parametrize(
    ("stem", "expected"),
    [
        (f"Segway tour-{ID}", FileName(ID, "Segway tour")),
        (f"Segway tour [{ID}]", FileName(ID, "Segway tour")),
        (f"Segway_tour_[{ID}]", FileName(ID, "Segway_tour")),
        (f"Segway tour [{ID}].f137", FileName(ID, "Segway tour")),
        (f"{ID}_000010_000020", FileName(ID, None, 10.0, 20.0)),
        (f"Segway tour [{ID}]_000010_000020", FileName(ID, "Segway tour", 10.0, 20.0)),
        (f"Segway tour-{ID}_000010_000020", FileName(ID, "Segway tour", 10.0, 20.0)),
        ("Title--5KQ66BBWC4", FileName("-5KQ66BBWC4", "Title")),
        ("Title - part 2 [abc_def-123]", FileName("abc_def-123", "Title - part 2")),
        # no ids: words, numbers, and names of datasets
        ("word-photography", FileName("word-photography")),
        ("trip-Switzerland", FileName("trip-Switzerland")),
        ("long [photography]", FileName("long [photography]")),
        ("clip [1080p]", FileName("clip [1080p]")),
        ("v_Archery_g01_c01", FileName("v_Archery_g01_c01")),
        ("-5KQ66BBWC4", FileName("-5KQ66BBWC4")),
        ("getty-rock-climber-video-id114_12", FileName("getty-rock-climber-video-id114_12")),
        ("yt-ZVcuwNr8OTU_20", FileName("yt-ZVcuwNr8OTU_20")),
        ("a_000020_000010", FileName("a_000020_000010")),
        (f"a_{'9' * 400}_{'9' * 5000}", FileName(f"a_{'9' * 400}_{'9' * 5000}")),
    ],
)
def test_a_name_gives_back_what_its_maker_put_there(stem: str, expected: FileName) -> None:
    assert parse_file_name(stem) == expected
    assert told_by_name(f"some/folder.x/{stem}.webm") == (expected[0], *expected[2:])


def test_titles_of_files_become_details_of_clips(tried: Any, tmp_path: Path) -> None:
    (tmp_path / "train.csv").write_text(f"a/Segway tour [{ID}].mp4,0\na/{ID}_000010_000020.mp4,0\n")
    (tmp_path / "classes.txt").write_text("riding\n")
    clips, told = tried("pyslowfast").read(tmp_path / "train.csv")
    assert told == []
    file = f"a/Segway tour [{ID}].mp4"
    assert clips == [
        Clip(ID, None, None, "riding", "train", file, details={"title": "Segway tour"}),
        Clip(ID, 10.0, 20.0, "riding", "train", f"a/{ID}_000010_000020.mp4"),
    ]
    (warning,) = tried("pyslowfast").write(tmp_path / "out", clips)
    assert "paths hold spaces" in warning
    assert tried("pyslowfast").read(tmp_path / "out")[0] == clips


def test_files_of_the_crawler_are_found_whichever_end_it_wrote() -> None:
    clip = Clip(ID, 40.25, 42.5, "tai chi")
    assert list(possible_files(clip)) == [
        f"{folder}{ID}_000040_{end}.mp4"
        for end in ("000043", "000042")
        for folder in ("", "tai chi/", "tai_chi/")
    ]
