"""What the teacher's word keeps is written, but for what may be in the target."""

from pathlib import Path

import pytest
from click.testing import CliRunner

from kinetics_builder.database.tables import WebKind
from kinetics_builder.errors import StageOrderError
from kinetics_builder.formats.training.omnisource.items import read_items
from pipelines.cli import group
from pipelines.omni.teachers import Asked, score
from pipelines.omni.writing import Wanted, write_omni
from tests.pipelines.omni.conftest import Web


@pytest.fixture
def scored(web: Web) -> Web:
    for name, red in (("rose", 255), ("brick", 153), ("soot", 0), ("v2", 255)):
        web.picture(name, red, page=f"https://i.org/{name}", licence="by")
    for name in ("v1", "v2"):
        web.film(name, [0] * 10 + [255] * 10, licence="CC BY")
    web.clip("v1", 255)
    web.appoint(window_seconds=10.0)
    score(web.workspace, Asked())
    return web


def kbuild(web: Web, *words: str) -> tuple[int, str]:
    result = CliRunner().invoke(group, ["-C", str(web.workspace.root), *words])
    return result.exit_code, result.output


def test_items_above_their_kind_s_threshold_and_not_in_the_target_are_written(
    scored: Web, tmp_path: Path
) -> None:
    ids, out = tmp_path / "val.txt", tmp_path / "lists"
    ids.write_text("v2\n")
    words = ["--threshold", "0.9", "--threshold", "images=0.5", "--target", str(ids)]
    code, said = kbuild(scored, "omni", "write", str(out), *words)
    assert code == 0, said
    rows = read_items(out / "items.csv")
    assert [(row.kind, Path(row.file).name, row.start_seconds) for row in rows] == [
        ("images", "brick.jpg", None),
        ("images", "rose.jpg", None),
        ("clips", "v1_0.mp4", None),
        ("videos", "v1.mp4", 10.0),
    ]
    assert (out / "videos.txt").read_text() == "media/v1 1 2 1\n"
    left = [line.split(",")[1] for line in (out / "contaminated.csv").read_text().splitlines()[1:]]
    assert left == ["pictures/search/waving/v2.jpg", "media/v2.mp4"]
    assert kbuild(scored, "omni", "check", str(out), "--media", str(scored.workspace.root))[0] == 0
    (out / "clips.txt").write_text("")
    code, said = kbuild(scored, "omni", "check", str(out))
    assert code == 1 and "clips.txt lacks clips/v1_0.mp4" in said


def test_sources_and_licences_stand_beside_items(scored: Web, tmp_path: Path) -> None:
    write_omni(scored.workspace, tmp_path / "lists", Wanted(dict.fromkeys(WebKind, 0.9)))
    rows = {Path(row.file).name: row for row in read_items(tmp_path / "lists/items.csv")}
    assert (rows["rose.jpg"].source, rows["rose.jpg"].licence) == ("https://i.org/rose", "by")
    assert (rows["v1.mp4"].source, rows["v1.mp4"].licence) == ("https://a.org/v1", "CC BY")


def test_equal_scores_give_equal_bytes(scored: Web, tmp_path: Path) -> None:
    for name in ("one", "two"):
        write_omni(scored.workspace, tmp_path / name, Wanted(dict.fromkeys(WebKind, 0.5)))
    for path in (tmp_path / "one").iterdir():
        assert path.read_bytes() == (tmp_path / "two" / path.name).read_bytes()


def test_kinds_without_a_threshold_are_not_written(scored: Web, tmp_path: Path) -> None:
    report = write_omni(scored.workspace, tmp_path / "lists", Wanted({WebKind.CLIPS: 0.0}))
    assert report.num_written == {"clips": 1}


def test_nothing_is_written_without_scores(web: Web, tmp_path: Path) -> None:
    with pytest.raises(StageOrderError, match="omni score --teacher"):
        write_omni(web.workspace, tmp_path / "lists", Wanted(dict.fromkeys(WebKind, 0.5)))
    assert not (tmp_path / "lists").exists()


@pytest.mark.parametrize("value", ["1.5", "films=0.5", "images=", "high"])
def test_a_threshold_that_cannot_be_meant_is_refused(web: Web, tmp_path: Path, value: str) -> None:
    code, said = kbuild(web, "omni", "write", str(tmp_path / "x"), "--threshold", value)
    assert code == 2 and "expected a share from 0 to 1" in said


def test_a_workspace_without_a_release_asks_for_a_target(scored: Web, tmp_path: Path) -> None:
    code, said = kbuild(scored, "omni", "write", str(tmp_path / "x"), "--threshold", "0.5")
    assert code == 1 and "release" in said and not (tmp_path / "x").exists()
    words = ["--threshold", "0.5", "--keep-contaminated"]
    assert kbuild(scored, "omni", "write", str(tmp_path / "x"), *words)[0] == 0
