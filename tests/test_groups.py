"""Tests that share what is made once a module run in one process; of sweeps few are not `long`."""

import pytest


@pytest.fixture(scope="module")
def made_once() -> None:
    """What every test of this module would share."""


def test_what_is_made_once_a_module_is_made_in_one_process(
    request: pytest.FixtureRequest, made_once: None
) -> None:
    """Each process would train networks anew else. pytest-xdist tells the group by a test's id."""
    assert request.node.get_closest_marker("xdist_group").args == (request.module.__name__,)
    if getattr(request.config.option, "loadgroup", False):  # one of several, `--dist loadgroup`
        assert request.node.nodeid.endswith(f"@{request.module.__name__}")


@pytest.mark.few("one", "two")
@pytest.mark.parametrize("case", ["one", "two", "three"])
def test_of_a_sweep_the_few_are_tried_by_every_change(
    request: pytest.FixtureRequest, case: str
) -> None:
    assert bool(request.node.get_closest_marker("long")) == (case == "three")
