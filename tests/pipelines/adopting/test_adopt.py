"""`kbuild releases adopt`: rows and files of others become what networks learn from."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from click.testing import CliRunner

from kinetics_builder.errors import FormatError
from kinetics_builder.formats.format import Options
from kinetics_builder.formats.label_map import LabelMap
from kinetics_builder.formats.manifest import read_manifest
from kinetics_builder.formats.registry import find_format
from models.clips.release import read_release, readable
from pipelines.adopting.asking import Asked
from pipelines.adopting.run import Report, adopt
from pipelines.cli import group
from pipelines.converting.convert import Listeners
from pipelines.demo.drawing.acting import FRAMES_PER_SECOND
from pipelines.demo.encode import SOUND_RATE, encode
from pipelines.running.engines.inline import InlinePool
from pipelines.running.reports import SilentReporter

Adopted = Callable[..., Report]
LISTS = {
    "trainlist01.txt": "Bowling/v_Bowling_g01_c01.avi 1\nDiving/v_Diving_g01_c01.avi 2\n",
    "testlist01.txt": "Bowling/v_Bowling_g02_c01.avi\nDiving/v_Diving_g02_c01.avi\n",
}


@pytest.fixture(scope="module")
def small_clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Some seconds of a wall that grows lighter."""
    pictures = (np.full((48, 64, 3), at, np.uint8) for at in range(round(4 * FRAMES_PER_SECOND)))
    path = tmp_path_factory.mktemp("clip") / "clip.mp4"
    encode(path, pictures, np.zeros(4 * SOUND_RATE, np.int16))
    return path


@pytest.fixture
def ucf(tmp_path: Path, small_clip: Path) -> Path:
    """A small UCF101: lists, and files of which one is missing and one broken."""
    for name, text in LISTS.items():
        (tmp_path / name).write_text(text)
    for name in ("Bowling/v_Bowling_g01_c01.avi", "Diving/v_Diving_g01_c01.mp4"):
        (tmp_path / "videos" / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(small_clip, tmp_path / "videos" / name)
    (tmp_path / "videos/Bowling/v_Bowling_g02_c01.avi").write_bytes(b"no video at all")
    return tmp_path


@pytest.fixture
def adopted(ucf: Path) -> Adopted:
    """Adopts in this process."""

    def run(
        *names: str, form: str = "ucf101", out: str = "out", media: str = "videos", **options: Any
    ) -> Report:
        asked = Asked(
            annotations=tuple(ucf / name for name in names or LISTS),
            format=find_format(form),
            options=Options(media=ucf / media, **options),
            media=ucf / media,
            num_workers=1,
        )
        return adopt(asked, ucf / out, Listeners(), SilentReporter(), InlinePool())

    return run


def troubles(ucf: Path) -> list[str]:
    return (ucf / "out/troubles.csv").read_text().splitlines()[1:]


def test_what_is_missing_or_broken_is_listed_and_counted_as_such(
    adopted: Adopted, ucf: Path
) -> None:
    report = adopted()
    assert report.num_clips == {"train": 2, "validate": 0, "test": 2}
    assert (report.num_left_out, report.reasons) == (0, {"broken": 1, "missing": 1})
    release = read_release(ucf / "out")
    assert release.labels == ("Bowling", "Diving")
    good, broken = readable(release, release.split("train"))
    assert (len(good), broken) == (2, [])
    _, broken = readable(release, release.split("test"))
    assert [one.reason for one in broken] == ["No such file or directory"]
    assert [line.split(",")[0] for line in troubles(ucf)] == [
        "testlist01.txt:1",
        "testlist01.txt:2",
    ]
    row = release.split("train")[1]
    assert (row.label, row.file) == ("Diving", "media/Diving/v_Diving_g01_c01.mp4")
    assert row.num_frames > 1 and row.duration_seconds > 0 and row.width and row.height


def test_files_that_have_not_changed_are_not_looked_at_again(
    adopted: Adopted, ucf: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    adopted()
    before = {path.name: path.read_bytes() for path in (ucf / "out").iterdir() if path.is_file()}
    looked: list[str] = []
    submit = InlinePool.submit

    def note(self: InlinePool, key: str, work: Any, item: Any) -> None:
        looked.append(key)
        submit(self, key, work, item)

    monkeypatch.setattr(InlinePool, "submit", note)
    adopted()
    assert looked == []
    after = {path.name: path.read_bytes() for path in (ucf / "out").iterdir() if path.is_file()}
    assert after == before

    lines = (ucf / "out/files.jsonl").read_text().splitlines()
    (ucf / "out/files.jsonl").write_text(f"{lines[0]}\n{lines[1]}\n{lines[2][:40]}")  # killed
    adopted()
    assert looked == [json.loads(lines[2])["file"]]
    assert (ucf / "out/files.jsonl").read_bytes() == before["files.jsonl"]


def test_a_row_that_cannot_be_used_is_left_out_with_its_reason(adopted: Adopted, ucf: Path) -> None:
    (ucf / "trainlist01.txt").write_text(
        "Bowling/v_Bowling_g01_c01.avi 1\n"
        "Bowling/v_Bowling_g01_c01.avi 1\n"
        "Curling/v_Diving_g01_c01.avi 3\n"
    )
    report = adopted("trainlist01.txt", labels=LabelMap.of_names(["Diving", "Bowling"]))
    assert read_release(ucf / "out").labels == ("Diving", "Bowling")
    assert report.num_clips == {"train": 1, "validate": 0, "test": 0}
    assert [",".join(line.split(",")[-3:]) for line in troubles(ucf)] == [
        "bad row,its file Bowling/v_Bowling_g01_c01.avi is that of trainlist01.txt:1 already; a "
        "clip has one label,False",
        "bad row,the label 'Curling' is not in the label map,False",
    ]


def test_no_row_leads_out_of_the_folder_of_the_files(adopted: Adopted, ucf: Path) -> None:
    shutil.copyfile(ucf / "videos/Bowling/v_Bowling_g01_c01.avi", ucf / "secret.avi")
    (ucf / "trainlist01.txt").write_text("../secret.avi 1\nBowling/v_Bowling_g01_c01.avi 1\n")
    assert adopted("trainlist01.txt").num_left_out == 1
    assert troubles(ucf)[0].endswith("bad row,'../secret.avi' leaves the folder of the files,False")


def test_a_row_about_a_part_of_a_long_file_is_not_learnt_from_the_whole(
    adopted: Adopted, ucf: Path
) -> None:
    seconds = next(read_manifest(_first(adopted, ucf))).duration_seconds
    clip = ucf / "videos/Bowling/v_Bowling_g01_c01.avi"
    for end in (1, 11):
        shutil.copyfile(clip, ucf / f"videos/abcdefghijk_000001_{1 + end:06}.mp4")
    (ucf / "train.csv").write_text(
        "label,youtube_id,time_start,time_end,split\n"
        "Bowling,abcdefghijk,1,2,train\nBowling,abcdefghijk,1,12,train\n"
    )
    report = adopted("train.csv", form="kinetics")
    assert report.reasons == {"too long": 1} and report.num_left_out == 1
    assert f"lasts {seconds:.1f} s and the row speaks of 1.0 s of it" in troubles(ucf)[0]


def _first(adopted: Adopted, ucf: Path) -> Path:
    adopted(out="first")
    return ucf / "first/clips.csv"


def test_files_of_hmdb51_lie_in_folders_that_its_lists_do_not_name(
    adopted: Adopted, ucf: Path
) -> None:
    (ucf / "splits").mkdir()
    (ucf / "splits/Bowling_test_split1.txt").write_text("v_Bowling_g01_c01.avi 1 \n")
    assert adopted("splits", form="hmdb51", split_number=1).num_clips["train"] == 1


@pytest.mark.parametrize(
    ("names", "change", "expected"),
    [
        (("testlist01.txt",), {}, "no row has a clip in .*videos that can be learnt from"),
        ((), {"form": "ava"}, "ava does not tell of clips. Formats that do: "),
        ((), {"out": "videos"}, "videos holds Bowling, which no adoption wrote"),
        ((), {"out": "testlist01.txt"}, "testlist01.txt is a file"),
    ],
)
def test_what_cannot_be_adopted_is_refused_in_one_line(
    adopted: Adopted, names: tuple[str, ...], change: dict[str, Any], expected: str
) -> None:
    with pytest.raises(FormatError, match=expected):
        adopted(*names, **change)


def test_the_command_says_what_can_be_learnt_from_now(ucf: Path) -> None:
    lists = [str(ucf / name) for name in LISTS]
    asked = ["releases", "adopt", *lists, "--from", "ucf101", "--out", str(ucf / "out")]
    assert "--media says where" in CliRunner().invoke(group, asked).output
    found = CliRunner().invoke(group, [*asked, "--media", str(ucf / "videos"), "--workers", "1"])
    assert found.exit_code == 0
    assert "2 classes, clips: 2 train, 2 test" in found.output
    assert "1 broken, 1 missing; 0 of these left out" in found.output
