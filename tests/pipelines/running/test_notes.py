"""What is noted on the way is said once, with a count; no estimate is made of nothing."""

from pathlib import Path

import pytest

from kinetics_builder.database.tables import Setting
from kinetics_builder.errors import ItemFailed, Reason
from kinetics_builder.workspace import Workspace
from pipelines.cli.progress import LineReporter, RichReporter, estimate
from pipelines.running.notes import Note, Notebook, note, noting
from pipelines.running.reports import StageReport
from pipelines.running.runner import run_stage
from pipelines.running.stage import Stage, one_by_one


def test_equal_notes_are_one_line_with_a_count() -> None:
    book = Notebook()
    for number in range(5):
        book.add([Note("formats are missing", f"video {number}")] * 2)
    book.add([Note("a page is long")])
    assert book.lines() == (
        "5 times: formats are missing (video 0, video 1, video 2, ...)",
        "a page is long",
    )


def test_notes_belong_to_the_item_that_is_worked_on() -> None:
    note("nobody works")
    with noting() as outer:
        note("one", "http://me:hunter2@a.org/x")
        with noting() as inner:
            note("two")
        note("three")
    assert outer == [Note("one", "http://***@a.org/x"), Note("three")]
    assert inner == [Note("two")]


def work(number: int) -> int:
    note("numbers are old")
    if number % 2:
        note("odd", str(number))
        raise ItemFailed(Reason.REMOVED, "is odd")
    return number


@pytest.mark.parametrize("in_children", [False, True], ids=["here", "in children"])
def test_the_notes_of_all_items_reach_the_report(tmp_path: Path, in_children: bool) -> None:
    workspace = Workspace.create(tmp_path / "workspace", "[run]\nworkers = 1\n")
    stage = Stage(
        name="count",
        needs="",
        what="numbers",
        settings_hash="first",
        items=lambda _session, _page: [(str(n), n) for n in range(4)],
        work=work,
        save=one_by_one(
            lambda session, item, _result: session.merge(Setting(key=f"{item}", value=""))
        ),
        in_children=in_children,
    )
    notes = run_stage(workspace, stage).notes
    assert notes[0] == "4 times: numbers are old"
    assert sorted(notes[1:]) == ["2 times: odd (1, 3)"]


@pytest.mark.parametrize("reporter", [LineReporter, RichReporter])
def test_notes_are_printed_behind_the_stage(
    reporter: type, capsys: pytest.CaptureFixture[str]
) -> None:
    report = StageReport("search", 1, 1, 1, {}, 1.0, ("3 times: [youtube] formats are missing",))
    reporter().end(report)
    said = capsys.readouterr().err
    assert "Note: 3 times: [youtube] formats are missing" in " ".join(said.split())


@pytest.mark.parametrize(
    ("num_new", "num_left", "seconds", "text"),
    [
        (0, 12_000, 10.0, ""),
        (0, 12_000, 0.0, ""),
        (1, 0, 10.0, ", 6.0 a minute, about 0 s left"),
        (20, 30, 10.0, ", 2.0 a second, about 15 s left"),
        (1, 100, 60.0, ", 1.0 a minute, about 100 min left"),
        (1, 1000, 600.0, ", 0.1 a minute, about 7 days left"),
    ],
)
def test_an_estimate_waits_until_it_knows_something(
    num_new: int, num_left: int, seconds: float, text: str
) -> None:
    assert estimate(num_new, num_left, seconds) == text


def test_a_line_before_the_first_item_has_no_estimate(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    moments = iter([0.0, 0.0, 11.0, 22.0])
    monkeypatch.setattr("pipelines.cli.progress.time.monotonic", lambda: next(moments))
    reporter = LineReporter()
    reporter.begin("download", 12, 0)
    reporter.advance([])
    reporter.advance([None])
    assert capsys.readouterr().err.splitlines() == [
        "download: 0 of 12",
        "download: 1 of 12, 2.7 a minute, about 4 min left",
    ]
