"""Subsets with a least and a most of clips a class."""

from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st

from kinetics_builder.curation.balanced import Balance, balanced, train_counts
from kinetics_builder.formats.records import Clip
from pipelines.cli import group


def clips(**numbers: int) -> list[Clip]:
    return [
        Clip(f"{label}{n:03}", float(n), n + 10.0, label, "train")
        for label, number in numbers.items()
        for n in range(number)
    ]


@pytest.mark.parametrize(
    ("balance", "counts"),
    [
        pytest.param(Balance(), {"a": 9, "b": 4, "c": 1}, id="all"),
        pytest.param(Balance(least=4), {"a": 9, "b": 4}, id="rare classes are left out"),
        pytest.param(Balance(most=3), {"a": 3, "b": 3, "c": 1}, id="common ones in part"),
        pytest.param(Balance(least=2, most=5), {"a": 5, "b": 4}, id="both"),
    ],
)
def test_counts_of_a_subset(balance: Balance, counts: dict[str, int]) -> None:
    assert train_counts(balanced(clips(a=9, b=4, c=1), balance)) == counts


def test_other_splits_keep_all_of_the_classes_that_stay() -> None:
    found = clips(a=5, b=1)
    others = [Clip(f"v{n}", 0.0, 1.0, "ab"[n % 2], "validate") for n in range(8)]
    kept = balanced([*found, *others], Balance(least=2, most=2))
    assert [clip.label for clip in kept if clip.split == "validate"] == ["a"] * 4


@given(st.randoms(use_true_random=False), st.integers(0, 3))
def test_the_order_of_clips_does_not_matter(random: Any, seed: int) -> None:
    found = clips(a=9, b=4)
    shuffled = random.sample(found, len(found))
    balance = Balance(most=3, seed=seed)
    assert sorted(map(str, balanced(shuffled, balance))) == sorted(
        map(str, balanced(found, balance))
    )


def test_another_seed_chooses_others() -> None:
    found = clips(a=50)
    chosen = [balanced(found, Balance(most=5, seed=seed)) for seed in (0, 1)]
    assert chosen[0] != chosen[1]


def test_convert_writes_a_subset_and_says_its_counts(tmp_path: Path) -> None:
    rows = [
        f"{label},{label}{n:010},{n},{n + 10},train"
        for label, k in (("a", 4), ("b", 2), ("c", 1))
        for n in range(k)
    ]
    source, target = tmp_path / "all.csv", tmp_path / "some.csv"
    source.write_text("label,youtube_id,time_start,time_end,split\n" + "\n".join(rows) + "\n")
    words = ["convert", str(source), str(target), "--from", "kinetics", "--to", "kinetics"]
    told = CliRunner().invoke(group, [*words, "--least", "2", "--most", "3"])
    assert told.exit_code == 0, told.output
    assert "2 of 3 classes, with 2 to 3 clips for training each; 5 of 7 clips." in told.output
    assert len(target.read_text().splitlines()) == 6
    again = CliRunner().invoke(group, [*words, "--force", "--least", "2", "--most", "3"])
    assert again.exit_code == 0
