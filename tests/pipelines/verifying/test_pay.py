"""What a panel is told: once, of sessions that have ended, in files of equal bytes."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from kinetics_builder.database.engine import reading, writing
from kinetics_builder.database.tables import (
    Outcome,
    PanelPayment,
    PanelPerson,
    PanelVisit,
    Worker,
    WorkerStanding,
)
from kinetics_builder.workspace import Workspace
from pipelines.cli import group

SETTINGS = """
[[panels]]
name = "prolific-1"
platform = "prolific"
completion_code = "C1"
bonus_per_answer = 0.015
bonus_right = 0.50
"""


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    return Workspace.create(tmp_path / "w", SETTINGS)


def add(
    workspace: Workspace,
    number: int,
    outcome: Outcome | None = Outcome.COMPLETE,
    *,
    num_gold_right: int = 4,
) -> None:
    """Write a session of a new participant, with 11 answers, 4 of them to gold."""
    num_wrong = 4 - num_gold_right
    with writing(workspace.engine) as rows:
        worker = Worker(name=f"prolific-{number}", code_hash=f"{number}")
        rows.add(worker)
        rows.flush()
        rows.add(
            WorkerStanding(
                worker_id=worker.id,
                kind="clip",
                num_gold=4,
                num_gold_right=num_gold_right,
                num_gold_yes=4,
                num_gold_yes_right=num_gold_right,
                num_votes=11,
                is_warned=num_wrong > 2,
            )
        )
        person = PanelPerson(realm="prolific", participant=f"{number:024x}", worker=worker)
        has_ended = outcome is not None
        rows.add(
            PanelVisit(
                panel="prolific-1",
                study="b" * 24,
                session=f"{1000 + number:024x}",
                person=person,
                began_at=100.0,
                expires_at=4000.0,
                answers_before=0,
                gold_before=0,
                gold_right_before=0,
                ended_at=700.0 + number if has_ended else None,
                outcome=outcome,
                num_answers=11 if has_ended else None,
                num_gold=4 if has_ended else None,
                num_gold_right=num_gold_right if has_ended else None,
            )
        )


def pay(workspace: Workspace, out: str, *more: str) -> object:
    words = ["-C", str(workspace.root), "crowd", "pay", "--panel", "prolific-1", "--json"]
    found = CliRunner().invoke(group, [*words, "--out", str(workspace.root / out), *more])
    assert found.exit_code == 0, found.output
    return json.loads(found.stdout)


def files(workspace: Workspace, stem: str) -> dict[str, str]:
    return {path.name: path.read_text() for path in workspace.root.glob(f"{stem}*")}


@pytest.mark.on_both
def test_who_did_what_is_written_once_and_a_second_run_names_who_is_new(
    workspace: Workspace,
) -> None:
    add(workspace, 1)
    add(workspace, 2, num_gold_right=1)
    add(workspace, 3, Outcome.SCREENED_OUT)
    add(workspace, 4, None)
    add(workspace, 5, Outcome.TAKEN_AGAIN)
    told = pay(workspace, "one.csv")
    assert {name: told[name] for name in ("num_approved", "num_rejected", "num_screened_out")} == {
        "num_approved": 1,
        "num_rejected": 1,
        "num_screened_out": 1,
    }
    assert (told["num_open"], told["bonus"]) == (1, "0.67")
    written = files(workspace, "one")
    assert written["one.approve.txt"] == f"{1001:024x}\n"
    assert written[f"one.bonus-{'b' * 24}.csv"] == f"{1:024x},0.67\n"
    why = "1 of 4. Its answers cannot be used: misses clips that show the action."
    assert (
        f"{1002:024x},{2:024x},Known answers given in the session: {why}\n"
        in (written["one.reject.csv"])
    )
    assert written["one.csv"].count("\n") == 4

    assert pay(workspace, "one.csv")["files"] == []
    assert files(workspace, "one") == written
    add(workspace, 6)
    pay(workspace, "two.csv")
    assert files(workspace, "two")["two.approve.txt"] == f"{1006:024x}\n"


def test_all_and_a_run_again_give_equal_bytes(workspace: Workspace) -> None:
    add(workspace, 1)
    pay(workspace, "one.csv")
    first = files(workspace, "one")
    add(workspace, 2)
    pay(workspace, "two.csv", "--all")
    everybody = files(workspace, "two")
    pay(workspace, "two.csv", "--all")
    assert files(workspace, "two") == everybody
    assert everybody["two.approve.txt"] == f"{1001:024x}\n{1002:024x}\n"
    pay(workspace, "one.csv", "--run", "1")
    assert files(workspace, "one") == first


def test_what_was_told_stays_though_the_standing_changes(workspace: Workspace) -> None:
    add(workspace, 1)
    pay(workspace, "one.csv")
    with writing(workspace.engine) as rows:
        rows.query(WorkerStanding).update({"num_gold_yes_right": 0, "num_gold_right": 0})
    assert pay(workspace, "two.csv", "--all")["num_rejected"] == 0


def test_a_file_in_the_way_stays_and_nothing_is_remembered(workspace: Workspace) -> None:
    add(workspace, 1)
    (workspace.root / "one.approve.txt").write_text("precious\n")
    words = ["-C", str(workspace.root), "crowd", "pay", "--panel", "prolific-1"]
    found = CliRunner().invoke(group, [*words, "--out", str(workspace.root / "one.csv")])
    assert found.exit_code == 1
    assert "is there already" in found.output
    assert files(workspace, "one") == {"one.approve.txt": "precious\n"}
    with reading(workspace.engine) as rows:
        assert rows.query(PanelPayment).count() == 0


def test_what_holds_ids_is_its_owners_alone(workspace: Workspace) -> None:
    add(workspace, 1)
    pay(workspace, "one.csv")
    assert {path.stat().st_mode & 0o777 for path in workspace.root.glob("one*")} == {0o600}


@pytest.mark.parametrize(
    ("words", "code", "says"),
    [
        pytest.param(["--panel", "x"], 1, "There is no panel 'x'. Known: prolific-1", id="panel"),
        pytest.param(["--panel", "prolific", "--run", "2"], 1, "there is no run 2", id="run"),
        pytest.param(["--panel", "prolific", "--run", "1", "--all"], 2, "exclude", id="both"),
        pytest.param([], 2, "Missing option '--panel'", id="no panel"),
    ],
)
def test_a_wrong_command_is_one_line(
    workspace: Workspace, words: list[str], code: int, says: str
) -> None:
    out = str(workspace.root / "one.csv")
    line = ["-C", str(workspace.root), "crowd", "pay", "--out", out, *words]
    found = CliRunner().invoke(group, line)
    assert found.exit_code == code
    assert says in found.output


def test_panels_are_listed_with_what_to_paste(workspace: Workspace) -> None:
    add(workspace, 1)
    add(workspace, 2, None)
    words = ["-C", str(workspace.root), "crowd", "panels"]
    (told,) = json.loads(CliRunner().invoke(group, [*words, "--json"]).stdout)
    assert told["address"].startswith("https://YOUR-HOST/panel/prolific-1?PROLIFIC_PID={{%PRO")
    assert (told["sessions"]["complete"], told["sessions"]["late"]) == (1, 1)
    assert "prolific-1: 1 late, 1 complete" in CliRunner().invoke(group, words).output
