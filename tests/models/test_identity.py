"""Which run a folder holds, whichever build began it."""

import json
from dataclasses import replace
from pathlib import Path

import pytest

from kinetics_builder.errors import ModelError
from models.recipes.registry import default_recipe
from models.spec import spec_from_json
from models.training.identity import RUN, describe_run, holds_run, identity_of, note_run
from models.zoo import network_spec

SPEC = network_spec("slowfast_tiny")
RECIPE = default_recipe("slowfast_tiny")


def test_a_value_that_recipes_were_given_later_makes_no_other_run(tmp_path: Path) -> None:
    run = describe_run(SPEC, RECIPE, "release")
    note_run(tmp_path, run)
    stored = json.loads((tmp_path / RUN).read_text())
    assert stored["recipe"].pop("mixup") == 0.0
    (tmp_path / RUN).write_text(json.dumps(stored))
    assert holds_run(tmp_path, run)
    assert identity_of(stored) == identity_of(run)


def test_a_value_that_heads_were_given_later_is_told_only_where_it_is_another() -> None:
    assert "max_overlap" not in SPEC.to_json()["head"]
    assert spec_from_json(SPEC.to_json()) == SPEC
    finder = network_spec("action_transformer_tiny_det")
    assert finder.to_json()["head"]["max_overlap"] == 0.3
    assert spec_from_json(finder.to_json()) == finder


def test_another_value_makes_another_run(tmp_path: Path) -> None:
    run = describe_run(SPEC, RECIPE, "release")
    note_run(tmp_path, run)
    other = describe_run(SPEC, replace(RECIPE, mixup=0.2), "release")
    assert identity_of(other) != identity_of(run)
    with pytest.raises(ModelError, match=r"its recipe has mixup 0\.0, not 0\.2"):
        holds_run(tmp_path, other)
