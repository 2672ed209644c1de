"""What `status` says about the crowd, and what `aggregate` says comes next."""

import json
from typing import Any

from click.testing import CliRunner

from kinetics_builder.config import VerifyConfig
from kinetics_builder.database.engine import writing
from kinetics_builder.database.tables import Answer
from kinetics_builder.workspace import Workspace
from pipelines.cli import group
from pipelines.verifying.aggregate import aggregate

YES, NO, UNSURE, BAD = Answer


def run(workspace: Workspace, *words: str) -> Any:
    result = CliRunner().invoke(group, ["-C", str(workspace.root), *words])
    assert result.exit_code == 0, result.output
    return json.loads(result.stdout) if "--json" in words else result.output


def count(workspace: Workspace) -> None:
    with writing(workspace.engine) as session:
        aggregate(session, VerifyConfig())


def test_haste_and_straight_lines_stand_in_status(workspace: Workspace, fill: Any) -> None:
    def story(filler: Any) -> None:
        for number in range(25):
            clip = filler.clip(f"v{number}", "waving")
            filler.vote(clip, "bot", (YES, NO)[number % 2], answered_at=100 + 0.1 * number)
            filler.vote(clip, "liner", NO, answered_at=100 + 4.0 * number)
            filler.vote(clip, "ann", (YES, NO)[number % 2], answered_at=100 + 4.0 * number)

    fill(workspace, story)
    assert "75 votes are not counted yet" in " ".join(run(workspace, "status", "--json")["crowd"])
    count(workspace)
    news = run(workspace, "status", "--json")["crowd"]
    assert "Worker bot: set aside: answers too fast to have looked." in news
    assert "Worker liner: counts; “no” 25 times in a row." in news
    assert not any(sentence.startswith("Worker ann") for sentence in news)
    text = run(workspace, "status")
    assert "! No task holds a question whose answer is known (gold)" in text
    assert "! Worker bot: set aside" in text
    run(workspace, "crowd", "exclude", "bot")
    assert not any(
        "Worker bot" in sentence for sentence in run(workspace, "status", "--json")["crowd"]
    )


def next_of(workspace: Workspace) -> str:
    return str(run(workspace, "aggregate", "--json")["next"])


def test_aggregate_names_the_step_that_leads_on(workspace: Workspace, fill: Any) -> None:
    fill(workspace, lambda filler: filler.vote(filler.clip("open", "waving"), "ann", YES))
    assert next_of(workspace) == "`kbuild annotate` (1 open clip needs more answers)"
    fill(workspace, lambda filler: filler.votes(filler.clip("sure", "waving"), [YES] * 3))
    assert next_of(workspace).startswith("`kbuild gold --from-votes` (1 question with")
    fill(workspace, lambda filler: filler.clip("fresh", "waving"))
    assert next_of(workspace).startswith(
        "`kbuild assign` (1 clip can be asked about that is not yet)"
    )


def test_after_the_last_decision_comes_the_release(workspace: Workspace, fill: Any) -> None:
    fill(workspace, lambda filler: filler.votes(filler.clip("sure", "waving"), [YES] * 3))
    assert next_of(workspace).startswith("`kbuild curate` (1 clip is accepted)")


def test_where_nothing_was_accepted_more_is_to_be_collected(
    workspace: Workspace, fill: Any
) -> None:
    fill(workspace, lambda filler: filler.votes(filler.clip("no", "waving"), [NO] * 3))
    assert next_of(workspace).startswith("`kbuild collect --classes")
    assert "(no clip was accepted)" in next_of(workspace)


def too_few(workspace: Workspace) -> list[str]:
    news = run(workspace, "status", "--json")["crowd"]
    return [sentence for sentence in news if sentence.startswith("Nothing is accepted before")]


def test_too_few_people_to_decide_anything_are_told(workspace: Workspace, fill: Any) -> None:
    fill(workspace, lambda filler: filler.slot(filler.clip("v", "waving")))
    assert too_few(workspace) == [], "nobody was invited yet: that comes next"
    run(workspace, "annotate", "--invite", "2")
    (told,) = too_few(workspace)
    assert told == (
        "Nothing is accepted before 3 people have answered a question, and answers count of 2 "
        "workers alone: nothing will be. `kbuild annotate --invite 1` prints codes for more."
    )
    run(workspace, "annotate", "--invite", "1")
    assert too_few(workspace) == []
    run(workspace, "crowd", "revoke", "#1")
    assert "of 2 workers alone" in too_few(workspace)[0]
    settings = workspace.root / "kbuild.toml"
    for said in ("max_votes = 3\nmin_yes = 2", 'policy = "posterior"'):
        settings.write_text(f"[verify]\n{said}\n")
        assert too_few(workspace) == [], said
