"""`kbuild ava check`, as people and programs see it."""

import json
from collections.abc import Callable
from pathlib import Path

from click.testing import CliRunner, Result

from pipelines.cli import group

MadeFolder = Callable[..., Path]
SHORT = "a,0005,0.1,0.1,0.5,0.9,12,0\na,0006,0.1,0.1,0.5,0.9,12,0\n"


def check(root: Path, reader: str, *more: str) -> Result:
    return CliRunner().invoke(group, ["ava", "check", str(root), "--for", reader, *more])


def test_a_whole_folder_passes_in_words(ava_folder: MadeFolder) -> None:
    result = check(ava_folder(), "mmaction2")
    assert result.exit_code == 0
    assert (
        "  val             looks at the proposals of the truth's key frames: 2 of 2 key frames, 2 "
        in (result.output)
    )
    assert result.output.endswith("MMAction2 uses all that the folder states.\n")


def test_what_stops_a_tool_is_told_with_place_and_remedy(ava_folder: MadeFolder) -> None:
    result = check(ava_folder(train=SHORT), "pyslowfast")
    assert result.exit_code == 1
    assert "trains on the boxes of the truth: 0 of 2 key frames, 0 of 2 boxes, 0 of 2 labels; " in (
        result.output
    )
    assert "annotations/ava_train_v2.2.csv:1, 2: stops (train)\n  second 5 is outside of 902" in (
        result.output
    )
    assert "To mend: add 900 to the seconds of a short video" in result.output
    assert result.output.endswith("PySlowFast stops with an error: train.\n")


def test_programs_get_the_same(ava_folder: MadeFolder) -> None:
    result = check(ava_folder(train=SHORT), "mmaction2", "--json")
    assert result.exit_code == 1
    document = json.loads(result.stdout)
    assert (document["reader"], document["version"], document["passes"]) == (
        "MMAction2",
        "1.2.0",
        False,
    )
    train = document["parts"][0]
    assert train["stated"] == train["used"] == {"key_frames": 2, "boxes": 2, "labels": 2}
    finding = document["findings"][0]
    assert (finding["fate"], finding["file"], finding["line"], finding["lines"]) == (
        "misreads",
        "annotations/ava_train_v2.1.csv",
        1,
        [1, 2],
    )
    assert "reads image 1 instead" in finding["what"]
    assert finding["remedy"]


def test_what_is_given_wrongly_is_told(ava_folder: MadeFolder, tmp_path: Path) -> None:
    assert "expected IMAGESxSTRIDE such as 32x2, found '32'" in (
        check(ava_folder(), "pyslowfast", "--clip", "32").output
    )
    result = check(tmp_path / "nothing", "kbuild")
    assert result.exit_code == 1
    assert (
        result.output
        == f"Error: {tmp_path}/nothing: expected a folder of AVA's files, found none.\n"
    )


def test_images_may_lie_elsewhere(ava_folder: MadeFolder, tmp_path: Path) -> None:
    root = ava_folder()
    (root / "frames").rename(tmp_path / "elsewhere")
    result = check(root, "pyslowfast")
    assert "whether those listed exist was not looked at" in result.output
    result = check(root, "pyslowfast", "--media", str(tmp_path / "elsewhere"))
    assert result.exit_code == 0
    assert "was not looked at" not in result.output
