"""`kbuild plan`: what is to come is told before, and nothing is fetched or written."""

import json
import uuid
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from click.testing import CliRunner, Result
from hypothesis import given
from hypothesis import strategies as st

from kinetics_builder.config import Config, Quorum
from kinetics_builder.crowd.policy import verdict_of
from kinetics_builder.database.engine import writing
from kinetics_builder.database.tables import Answer, Item, Setting, State, Verdict
from kinetics_builder.workspace import Workspace
from pipelines.cli import group
from pipelines.inspecting.planning.answers import answers_to_decide
from pipelines.inspecting.planning.assumed import assumed_rates
from pipelines.inspecting.planning.draws import shown
from pipelines.inspecting.planning.history import ClassHistory
from pipelines.inspecting.planning.lines import WIDTH
from pipelines.inspecting.planning.plan import Told, plan
from pipelines.inspecting.planning.rates import RATES, Rates
from pipelines.stages import build_stage
from pipelines.verifying.aggregate import aggregate
from tests.pipelines.conftest import Fill


def kbuild(*arguments: str | Path) -> Result:
    return CliRunner().invoke(group, [str(argument) for argument in arguments])


def figures(*arguments: str | Path) -> dict[str, dict[str, Any]]:
    result = kbuild(*arguments, "--json")
    assert result.exit_code == 0, result.output
    return {one["name"]: one for one in json.loads(result.stdout)["figures"]}


@pytest.fixture
def classes(tmp_path: Path) -> Path:
    path = tmp_path / "classes.txt"
    path.write_text("arm wrestling\nusing segway | using segway; segway riding\n")
    return path


def expected(yes: float, rules: Quorum) -> float:
    """Return the mean number of answers over all courses that the answers can take."""
    mean = 0.0
    for course in product((True, False), repeat=rules.max_votes):
        chance = np.prod([yes if one else 1 - yes for one in course])
        numbers = range(1, rules.max_votes + 1)
        ends = (n for n in numbers if verdict_of(sum(course[:n]), n, rules) is not Verdict.OPEN)
        mean += float(chance) * next(ends)
    return mean


@given(
    st.floats(0, 1),
    st.floats(0, 1),
    st.integers(1, 6).flatmap(lambda n: st.builds(Quorum, st.just(n), st.integers(1, n))),
)
def test_answers_to_decide_are_the_mean_over_all_courses(
    true: float, right: float, rules: Quorum
) -> None:
    (found,) = answers_to_decide(np.array([true]), np.array([right]), rules)
    mean = true * expected(right, rules) + (1 - true) * expected(1 - right, rules)
    assert found == pytest.approx(mean)


def history(label: str, **numbers: float) -> ClassHistory:
    return ClassHistory(label=label, **numbers)


def test_rates_are_those_of_the_classes_and_stated_where_these_tell_nothing() -> None:
    known = [history(str(n), listed=100, candidates=40 + n, tried=0) for n in range(10)]
    rates = Rates(known, 10, assumed_rates(Config()))
    candidates, fetched = rates.draw("candidates"), rates.draw("fetched")
    low, likely, high = shown(candidates.draws_N)
    assert 0.40 < low < likely < high < 0.49
    assert candidates.origin == "this workspace: 10 classes"
    assert "arXiv:2010.10864" in fetched.origin
    assert 0.85 <= fetched.draws_N.min() <= fetched.draws_N.max() <= 0.99


def test_few_things_promise_less_than_many() -> None:
    assumed = assumed_rates(Config())
    few = [history(str(n), decided=1, accepted=1) for n in range(5)]
    many = [history(str(n), decided=1000, accepted=1000) for n in range(5)]
    of_few, of_many = (Rates(some, 5, assumed).draw("accepted") for some in (few, many))
    assert shown(of_few.draws_N).low < 0.95
    assert shown(of_many.draws_N).low == 1
    one = Rates([history("one", listed=100, candidates=50)], 5, assumed).draw("candidates")
    assert shown(one.draws_N).low < 0.45 < 0.55 < shown(one.draws_N).high


@given(st.lists(st.tuples(st.integers(1, 50), st.integers(0, 50)), min_size=1, max_size=5))
def test_shares_stay_shares_and_nothing_is_below_nothing(numbers: list[tuple[int, int]]) -> None:
    known = [
        history(str(n), placed=most, kept=min(least, most), listed=most, candidates=least)
        for n, (most, least) in enumerate(numbers)
    ]
    rates = Rates(known, 3, assumed_rates(Config()))
    for name in RATES:
        if name != "answers":
            drawn = rates.draw(name).draws_N
            assert drawn.min() >= 0
            assert not RATES[name].is_share or drawn.max() <= 1


def test_without_a_workspace_a_list_of_classes_is_planned_by_what_is_stated(
    tmp_path: Path, classes: Path
) -> None:
    (tmp_path / "empty").mkdir()
    found = figures("-C", tmp_path / "empty", "plan", "--classes", classes, "--limit", "20")
    assert found["queries"]["to_come"]["likely"] == 3
    assert 30 <= found["videos listed"]["to_come"]["low"] <= 60
    # YouTube is asked 250 times an hour: queries and videos
    hours = (3 + found["videos to download"]["to_come"]["likely"]) / 250
    assert found["download"]["to_come"]["likely"] == pytest.approx(hours)
    assert found["download"]["assumption"] == "youtube: 250 videos and queries an hour"
    assert "pay" not in found
    assert list((tmp_path / "empty").iterdir()) == []
    for figure in found.values():
        assert figure["assumption"] and figure["origin"]
        assert figure["to_come"]["low"] <= figure["to_come"]["likely"] <= figure["to_come"]["high"]


def test_lines_fit_the_terminal_and_say_ranges(tmp_path: Path, classes: Path) -> None:
    result = kbuild("-C", tmp_path, "plan", "--classes", classes, "--pay-per-hour", "12")
    lines = result.output.splitlines()
    assert result.exit_code == 0
    assert all(len(line) <= WIDTH for line in lines)
    assert lines[0] == "2 classes from search:ytsearch"
    assert [line for line in lines if line and line[0] != " "][1:-3] == [
        "source",
        "time",
        "disk",
        "people",
    ]
    assert any(line.startswith("  pay  ") and ", likely " in line for line in lines)


def test_money_is_hours_times_pay(tmp_path: Path, classes: Path) -> None:
    found = figures(
        *("-C", tmp_path, "plan", "--classes", classes, "--pay-per-hour", "12"),
        *("--seconds-per-answer", "9"),
    )
    answers = found["answers"]["to_come"]["likely"] + found["answers to gold"]["to_come"]["likely"]
    hours = found["hours of work"]["to_come"]["likely"]
    assert hours == pytest.approx(answers * 9 / 3600)
    assert found["pay"]["to_come"]["likely"] == pytest.approx(hours * 12)
    assert found["hours of work"]["origin"] == "as told"


def test_a_folder_is_counted_and_not_guessed(tmp_path: Path, classes: Path) -> None:
    videos = tmp_path / "videos"
    videos.mkdir()
    for name in ("Arm wrestling", "a cat", "segway riding and arm wrestling"):
        (videos / f"{name}.mp4").write_bytes(b"no film")
    source = f"folder:{videos}"
    found = figures("-C", tmp_path, "plan", "--classes", classes, "--source", source)
    come = {name: one["to_come"] for name, one in found.items()}
    assert come["videos listed"] == {"low": 3, "likely": 3, "high": 3}
    assert come["candidates"]["likely"] == 3
    assert come["videos to download"]["likely"] == pytest.approx(2)
    assert "download" not in found  # no site is asked


def test_labels_that_stand_with_addresses_are_candidates(tmp_path: Path, classes: Path) -> None:
    (tmp_path / "urls.txt").write_text("https://a.org/1\tusing segway\nhttps://b.org/2\n")
    source = f"urls:{tmp_path / 'urls.txt'}"
    found = figures("-C", tmp_path, "plan", "--classes", classes, "--source", source)
    assert found["questions"]["to_come"]["likely"] == 2
    assert 1.2 < found["candidates"]["to_come"]["low"] < found["candidates"]["to_come"]["high"] < 2
    assert "no bound" in found["download"]["assumption"]


def mark_done(workspace: Workspace, *names: str) -> None:
    """Say of all items of stages that they are done."""
    for stage in (build_stage(name, workspace) for name in names):
        with writing(workspace.engine) as session:
            keys = [key for page in stage.pages(session) for key, _ in stage.items(session, page)]
            told = {"stage": stage.name, "settings_hash": stage.settings_hash}
            session.add_all(Item(key=key, state=State.DONE, **told) for key in keys)


@pytest.fixture(params=["sqlite", "postgresql"])
def on_both(request: pytest.FixtureRequest, tmp_path: Path) -> Workspace:
    """A workspace on each kind of database."""
    if request.param == "sqlite":
        return Workspace.create(tmp_path / "both")
    address = request.getfixturevalue("postgresql")(f"planning{uuid.uuid4().hex}")
    return Workspace.create(tmp_path / "both", f'database = "{address}"\n')


def test_what_waits_for_people_is_planned_from_an_existing_workspace(
    on_both: Workspace, fill: Fill
) -> None:
    workspace = on_both

    def story(filler: Any) -> None:
        for number in range(6):
            clip = filler.clip(f"video{number}", "yoga")
            if number < 4:
                filler.votes(clip, (Answer.YES,) * 3)

    fill(workspace, story)
    with writing(workspace.engine) as session:
        aggregate(session, workspace.config.verify)
    mark_done(workspace, "search", "match", "download", "score")
    found = {one.name: one for one in plan(workspace.root, Told()).figures}
    assert (found["queries"].so_far, found["queries"].to_come.high) == (1, 0)
    assert (found["clips to ask about"].so_far, found["clips to ask about"].to_come.high) == (6, 0)
    assert found["answers"].so_far == 12
    low, likely, high = found["answers"].to_come  # two are open; the others took three each
    assert low < 6 < high
    assert likely == pytest.approx(6, rel=0.25)
    assert found["media/"].so_far == 6
    assert found["clips/"].so_far > 0


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        pytest.param([], "is no workspace: kbuild.toml is missing", id="nothing to plan"),
        pytest.param(["--classes", "none.txt"], "none.txt", id="a list that is not there"),
        pytest.param(
            ["--classes", "classes.txt", "--source", "folder:none"],
            "no such folder",
            id="no folder",
        ),
        pytest.param(
            ["--classes", "classes.txt", "--source", "ftp:x"], "is no source. Write", id="no source"
        ),
    ],
)
def test_what_cannot_be_planned_is_one_line(
    tmp_path: Path,
    classes: Path,
    monkeypatch: pytest.MonkeyPatch,
    arguments: list[str],
    message: str,
) -> None:
    monkeypatch.chdir(classes.parent)
    result = kbuild("-C", tmp_path / "nowhere", "plan", *arguments)
    assert result.exit_code == 1
    assert message in result.output
    assert len(result.output.splitlines()) == 1
    assert not (tmp_path / "nowhere").exists()


def test_a_new_workspace_is_left_without_a_database(workspace: Workspace, classes: Path) -> None:
    assert figures("-C", workspace.root, "plan", "--classes", classes)["queries"]
    assert not list(workspace.root.glob("kbuild.sqlite*"))


def test_licences_that_collect_was_told_make_no_query_new(workspace: Workspace, fill: Fill) -> None:
    fill(workspace, lambda filler: filler.label("yoga"))
    with writing(workspace.engine) as session:
        session.add(Setting(key="licences", value="cc"))
    mark_done(workspace, "search")
    found = {one.name: one for one in plan(workspace.root, Told()).figures}
    assert (found["queries"].so_far, found["queries"].to_come.high) == (1, 0)


def test_a_workspace_without_classes_says_so(workspace: Workspace) -> None:
    result = kbuild("-C", workspace.root, "plan")
    assert result.exit_code == 1
    assert "found no classes in the workspace. Write `kbuild plan --classes FILE`" in result.output
    assert not list(workspace.root.glob("kbuild.sqlite*"))
