"""`kbuild releases survey`: what of a released file is still on a site on loopback."""

import csv
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from sqlalchemy import select

from kinetics_builder.database.engine import reading, writing
from kinetics_builder.database.tables import Item, Media, SurveyedVideo, Video
from kinetics_builder.errors import FormatError
from kinetics_builder.workspace import Workspace
from pipelines.availability.files import GONE, OVER_TIME, PICTURE, TO_COLLECT, TOP_UP
from pipelines.availability.survey import Wish, survey
from pipelines.availability.surveyed import SurveyReport
from pipelines.cli import group
from pipelines.restoring.released import find_released
from pipelines.takedown.takedown import takedown
from tests.sources.conftest import ALLOWING

HEADER = "label,youtube_id,time_start,time_end,split\n"
REMOVED = (410, "Video unavailable. This video has been removed by the uploader")
PRIVATE = (200, "Private video. Sign in if you've been granted access to this video")
BUSY = (503, "Too busy, come back later")
ROWS = (
    "yoga,aaaaaaaaaaA,0,2,train",
    "yoga,bbbbbbbbbbB,0,2,train",
    "yoga,cccccccccCC,0,2,validate",
    "bowling,aaaaaaaaaaA,5,7,train",  # its video lasts 2 s by now
    "bowling,dddddddddDD,0,2,train",
    "bowling,#NAME?,0,2,train",
)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "train.csv"
    path.write_text(HEADER + "".join(f"{row}\n" for row in ROWS))
    return path


@pytest.fixture
def workspace(site: Any, tmp_path: Path) -> Workspace:
    site.excuses |= {"bbbbbbbbbbB": REMOVED, "cccccccccCC": BUSY}
    plain = Workspace.create(tmp_path / "workspace", "[run]\nworkers = 1\n")
    return Workspace(plain.root, replace(plain.config, download=site.config(attempts=1)))


@pytest.fixture
def run(site: Any, workspace: Workspace, file: Path) -> Any:
    def surveyed(**wish: Any) -> SurveyReport:
        released = find_released(file, address=f"{site.base}/watch?v={{id}}")
        return survey(workspace, released, Wish(**wish))

    return surveyed


def rows_of(path: Path) -> list[list[str]]:
    return list(csv.reader(path.read_text("utf-8").splitlines()))


def test_each_row_is_told_and_nothing_is_fetched(site: Any, workspace: Workspace, run: Any) -> None:
    report = run()
    assert report.outcomes == {
        "removed": 1,
        "ends before the stretch": 1,
        "no video's id": 1,
        "not answered yet": 1,
        "there": 2,
    }
    assert report.by_class["yoga"] == {"there": 1, "removed": 1, "not answered yet": 1}
    assert not any(path.startswith("/films/") for path in site.asked)
    with reading(workspace.engine) as session:
        assert not session.scalars(select(Media)).all()
        assert not session.scalars(select(Video)).all()
        one = session.scalars(select(SurveyedVideo).filter_by(video_id="aaaaaaaaaaA")).one()
        assert (one.duration_seconds, one.licence) == (2.0, "CC BY 4.0")


def test_what_was_answered_is_asked_for_once(site: Any, run: Any) -> None:
    run()
    site.asked.clear()
    assert run().stage.num_new == 0
    assert site.asked == []
    site.excuses.pop("cccccccccCC")
    report = run(retry_failed=True)
    assert site.asked == ["/watch?v=cccccccccCC"]
    assert report.outcomes["there"] == 3
    assert len(report.history) == 1


def test_a_new_survey_stands_beside_that_of_before(
    site: Any, run: Any, tmp_path: Path, workspace: Workspace
) -> None:
    run()
    site.excuses = {"bbbbbbbbbbB": REMOVED, "dddddddddDD": PRIVATE}
    report = run(is_new=True, folder=tmp_path / "out")
    assert [(past.num_there, past.num_unanswered) for past in report.history] == [(2, 1), (2, 0)]
    assert report.history[0].there_by_class == {"bowling": 1, "yoga": 1}
    assert report.history[1].there_by_class == {"bowling": 0, "yoga": 2}
    assert [row[1:] for row in rows_of(tmp_path / "out" / OVER_TIME)[1:]] == [
        ["2", "2"],
        ["1", "0"],
        ["1", "2"],
    ]
    gone = {row[0]: row[5] for row in rows_of(tmp_path / "out" / GONE)[1:]}
    assert gone == {
        "bbbbbbbbbbB": "removed",
        "aaaaaaaaaaA": "ends before the stretch",
        "dddddddddDD": "private",
        "#NAME?": "no video's id",
    }
    assert (tmp_path / "out" / PICTURE).read_bytes().startswith(b"\x89PNG")
    with reading(workspace.engine) as session:
        assert {key.split()[0] for key in session.scalars(select(Item.key))} == {"2"}


def test_classes_with_too_few_rows_are_told_with_what_they_need(run: Any, tmp_path: Path) -> None:
    report = run(minimum=2, folder=tmp_path / "out")
    (short,) = report.top_up  # yoga has one, and one that may be there
    assert (short.label, short.num_rows, short.num_there, short.num_short) == ("bowling", 3, 1, 1)
    assert (tmp_path / "out" / TO_COLLECT).read_text() == "bowling\n"
    assert rows_of(tmp_path / "out" / TOP_UP)[1:] == [["bowling", "3", "1", "1", "0", "1"]]
    assert run(minimum=1).top_up == ()


def test_another_content_of_the_file_is_another_survey(run: Any, file: Path) -> None:
    run()
    file.write_text(HEADER + "yoga,aaaaaaaaaaA,0,2,train\n")
    report = run()
    assert report.outcomes == {"there": 1}
    assert [past.num_rows for past in report.history] == [6, 1]


def test_what_was_taken_down_is_not_asked_for(
    site: Any, run: Any, workspace: Workspace, tmp_path: Path
) -> None:
    (tmp_path / "takedown.txt").write_text("aaaaaaaaaaA | 2026-11-03 | asked\n")
    takedown(workspace, tmp_path / "takedown.txt")
    assert run().outcomes["taken down"] == 2
    assert "/watch?v=aaaaaaaaaaA" not in site.asked
    (tmp_path / "takedown.txt").write_text("dddddddddDD | 2026-11-04 | asked\n")
    takedown(workspace, tmp_path / "takedown.txt")  # of one that was there
    site.asked.clear()
    assert run().outcomes["taken down"] == 3 and not site.asked


def test_a_bad_row_ends_all_before_anybody_is_asked(
    site: Any, run: Any, workspace: Workspace, file: Path
) -> None:
    file.write_text(file.read_text() + "yoga,eeeeeeeeeeE,nine,11,train\n")
    with pytest.raises(FormatError, match=r"train\.csv:8"):
        run()
    assert site.asked == []
    with writing(workspace.engine) as session:
        assert not session.scalars(select(SurveyedVideo)).all()


def test_the_command_says_it_in_words_and_as_json(
    site: Any, file: Path, tmp_path: Path, workspace: Workspace
) -> None:
    said = ALLOWING + (
        "attempts = 1\nextractors = ['kbdemo-search', 'kbdemo']\n"
        f"[download.extractor_args.kbdemo]\nbase = ['{site.base}']\n"
    )
    (workspace.root / "kbuild.toml").write_text(f"[run]\nworkers = 1\n{said}")
    command = ["-C", str(workspace.root), "releases", "survey", str(file)]
    command += ["--address", f"{site.base}/watch?v={{id}}", "--minimum", "3"]
    result = CliRunner().invoke(group, command)
    assert result.exit_code == 0, result.output
    assert "2 of 6 rows are still there; " in result.output
    assert "2 classes have fewer than 3 rows: 3 are wanting, 0 of them" in result.output
    found = json.loads(CliRunner().invoke(group, [*command, "--json"]).stdout)
    assert found["outcomes"]["there"] == 2
    assert found["history"][0]["num_there"] == 2
