"""`kbuild crowd simulate`: what a policy makes of a crowd that is made up."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from pipelines.cli import group

SMALL = ["crowd", "simulate", "--clips", "200", "--workers", "12", "--purity", "0.9"]


def test_a_simulation_tells_what_was_found_and_what_it_cost() -> None:
    result = CliRunner().invoke(group, [*SMALL, "--policy", "three_of_five", "--price", "2"])
    assert result.exit_code == 0, result.output
    first, purity, recall, answers = result.output.splitlines()[:4]
    assert first == "three_of_five: 200 clips, 12 workers, 3 rounds"
    assert purity.startswith("purity ") and purity.endswith("target 90.0%")
    assert recall.startswith("recall ") and recall.endswith("target 95.0%")
    assert "gold included" in answers


def test_equal_seeds_give_equal_documents() -> None:
    first, again = (CliRunner().invoke(group, [*SMALL, "--json"]).output for _ in range(2))
    assert first == again
    report = json.loads(first)
    outcome = report["outcome"]
    assert report["cost"] == pytest.approx(outcome["num_answers"] * 0.01)
    assert 0.85 < outcome["claimed_purity"] <= 1
    assert outcome["num_answers"] == pytest.approx(200 * outcome["answers_per_clip"])


@pytest.mark.parametrize(
    ("options", "words"),
    [
        pytest.param(["--workers", "0"], "at least one of its workers, found 0", id="nobody"),
        pytest.param(
            ["--shares", ".5", ".2", ".1"], "must sum to 1, found 0.5 careful", id="shares"
        ),
        pytest.param(["--purity", "1"], "must lie between 0 and 1, found 1", id="impossible"),
        pytest.param(["--recall", "-0.1"], "must lie between 0 and 1, found -0.1", id="recall"),
        pytest.param(["--right", "2", ".5"], "right of careful workers", id="right"),
        pytest.param(["--misleading", "3"], "misleading must lie between 0 and 1", id="misleading"),
    ],
)
def test_a_crowd_that_cannot_be_is_one_line_and_exit_1(options: list[str], words: str) -> None:
    result = CliRunner().invoke(group, [*SMALL, *options])
    assert result.exit_code == 1
    assert words in result.output
    assert len(result.output.splitlines()) == 1


def test_a_crowd_that_is_always_wrong_may_be_played() -> None:
    result = CliRunner().invoke(group, [*SMALL, "--shares", "1", "0", "0", "--right", "0", "0"])
    assert result.exit_code == 0, result.output


def test_a_crowd_that_tells_nothing_is_said_to_miss_the_targets() -> None:
    result = CliRunner().invoke(group, [*SMALL, "--shares", "0", "0", "1"])
    assert result.exit_code == 0
    assert "The targets were not met. No set of clips was sure enough" in result.output


@pytest.mark.parametrize("policy", ["posterior", "three_of_five"])
def test_a_picture_is_drawn_and_equal_seeds_draw_equal_bytes(tmp_path: Path, policy: str) -> None:
    pictures = []
    for name in ("first.png", "again.png"):
        path = tmp_path / name
        told = ["--clips", "60", "--policy", policy, "--audit", "5", "--picture", str(path)]
        result = CliRunner().invoke(group, [*SMALL, *told])
        assert result.exit_code == 0, result.output
        pictures.append(path.read_bytes())
    assert pictures[0] == pictures[1]
    assert pictures[0].startswith(b"\x89PNG")


def test_an_audit_is_paid_and_makes_the_claim_truer() -> None:
    told = ["--clips", "800", "--workers", "30", "--misleading", "0.15", "--purity", "0.8"]
    plain, audited = (
        json.loads(
            CliRunner()
            .invoke(group, ["crowd", "simulate", *told, "--recall", "0.7", *more, "--json"])
            .output
        )["outcome"]
        for more in ([], ["--audit", "150"])
    )
    off = [abs(one["claimed_purity"] - one["purity"]) for one in (plain, audited)]
    assert off[1] < off[0] - 0.02
    assert audited["num_answers"] >= plain["num_answers"] + 150
