"""`kbuild measure groups` on files: who is in a class's clips, and for whom it is judged worse."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st

from kinetics_builder.metrics.groups import group_rows, holm
from pipelines.cli import group

LABELS = {"crying": ["baby"] * 12 + ["adult"] * 12, "yoga": ["adult"] * 19 + ["baby"]}


def clip(number: int) -> str:
    return f"v{number:010d}_0_10"


@pytest.fixture
def files(tmp_path: Path) -> dict[str, Path]:
    """Crying is found in all babies and in no adult; yoga is always found."""
    paths = {name: tmp_path / f"{name}.csv" for name in ("truth", "groups", "predictions")}
    truth, groups, results = ["label,youtube_id,time_start,time_end,split"], ["clip,group"], {}
    number = 0
    for label, named in LABELS.items():
        for who in named:
            truth.append(f"{label},{clip(number).removesuffix('_0_10')},0,10,test")
            groups.append(f"{clip(number)},{who}")
            is_right = label == "yoga" or who == "baby"
            said = label if is_right else "yoga"
            results[clip(number)] = [{"label": said, "score": 1.0}]
            number += 1
    paths["truth"].write_text("\n".join(truth) + "\n")
    paths["groups"].write_text("\n".join(groups) + "\n")
    paths["predictions"] = tmp_path / "predictions.json"
    paths["predictions"].write_text(json.dumps({"results": results}))
    return paths


def measured(files: dict[str, Path], *more: str) -> Any:
    command = ["measure", "groups", "--ground-truth", str(files["truth"])]
    command += ["--predictions", str(files["predictions"]), "--groups", str(files["groups"])]
    return CliRunner().invoke(group, [*command, *more])


def test_balance_and_errors_are_told_by_group(files: dict[str, Path]) -> None:
    found = json.loads(measured(files, "--json").stdout)
    assert (found["clips"], found["clips_of_unknown_group"]) == (44, 0)
    assert (found["classes"], found["classes_dominated_by_one_group"]) == (2, 1)
    assert found["groups"]["baby"] == {"clips": 13, "mean_class_accuracy": 1.0}
    rows = {(row["label"], row["group"]): row for row in found["rows"]}
    baby = rows["crying", "baby"]
    assert (baby["accuracy"], baby["accuracy_of_others"], baby["share"]) == (1.0, 0.0, 0.5)
    assert baby["p"] < baby["p_of_all"] < 1e-5
    assert rows["yoga", "baby"]["p"] == 1.0  # one clip is too few


def test_people_read_what_differs_and_what_does_not(files: dict[str, Path]) -> None:
    text = measured(files).output
    assert "1 of 2 classes are not dominated by one group (90 % or more of their clips)" in text
    assert "  crying, baby: 1.000 of 12, others 0.000 (p " in text
    assert "yoga, " not in text
    files["groups"].write_text(f"clip,group\n{clip(0)},baby\n{clip(30)},adult\n")
    text = measured(files).output
    assert "44 clips, of 42 the group is not known" in text
    assert "No class is judged better or worse" in text


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "groups.csv: the file is empty."),
        ("video,gender\n", ":1: expected a header with clip, group; clip, group is missing from "),
        ("clip,group\na\n", ":2: expected 2 cells, found 1 cell, in ['a']"),
        ("clip,group\n ,x\n", ":2: expected a clip and its group, found [' ', 'x']."),
        (f'clip,group\n"a,x\n{"b,y" * 50_000}', ":2: quotes that do not fit "),
        ("clip,group\na,x\n\na,y\n", ":4: 'a' is of 'y' and, above, of 'x'."),
        ("clip,group\nnowhere,x\n", "none of its 1 clips is among the 44 of "),
    ],
    ids=[
        "empty",
        "other columns",
        "a cell too few",
        "no clip",
        "no end of a quote",
        "two groups",
        "no clip of the truth",
    ],
)
def test_a_bad_file_of_groups_is_said(files: dict[str, Path], text: str, said: str) -> None:
    files["groups"].write_text(text)
    result = measured(files)
    assert result.exit_code == 1 and said in result.output


@given(st.lists(st.floats(0, 1), min_size=1, max_size=20))
def test_holm_only_raises_and_keeps_the_order(values: list[float]) -> None:
    p = np.array(values)
    found = holm(p)
    assert (found >= p).all() and (found <= 1).all()
    assert (np.diff(found[np.argsort(p, kind="stable")]) >= 0).all()
    assert found.min() == pytest.approx(min(1.0, p.min() * len(p)))


def test_differences_by_chance_are_seldom_shown() -> None:
    """At most in one study of twenty, whatever the number of classes."""
    rng = np.random.default_rng(0)
    labels, groups = np.repeat(np.arange(20), 40), np.tile([0, 1], 400)
    num_mistaken = sum(
        any(row.p_of_all < 0.05 for row in group_rows(labels, groups, rng.random(800) < 0.7))
        for _ in range(60)
    )
    assert num_mistaken <= 6  # three are to be expected at most
