"""`kbuild models`: the table of networks and the layers of one."""

import json
from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import CliRunner

import models.zoo
from models.spec import Published
from models.zoo import network_spec
from pipelines.cli import group


def kbuild(*arguments: str) -> tuple[int, str]:
    result = CliRunner().invoke(group, list(arguments))
    return result.exit_code, result.output


@pytest.fixture
def few(monkeypatch: pytest.MonkeyPatch) -> None:
    """Leave two networks in the zoo: one without published numbers, one with wrong ones."""
    paper = Published(parameters=1_000_000, multiply_adds=1e8, source="a paper", note="It is made.")
    specs = [
        replace(network_spec("i3d_tiny"), published=Published()),
        replace(network_spec("slowfast_tiny"), published=paper),
    ]
    monkeypatch.setattr(models.zoo, "SPECS", {spec.name: spec for spec in specs})


@pytest.mark.usefixtures("few")
def test_the_table_holds_ours_against_the_paper() -> None:
    code, output = kbuild("models")
    assert code == 0, output
    header, i3d, slowfast, *_, note = output.splitlines()
    assert header.split()[:3] == ["network", "parameters", "paper"]
    assert i3d.split() == ["i3d_tiny", "214,184", "-", "-", "0.15", "-", "-", "3x16x64x64"]
    assert slowfast.split()[1:7] == ["760,360", "1,000,000", "-23.96%", "0.12", "0.10", "+21.72%"]
    assert note == "slowfast_tiny: It is made."


@pytest.mark.usefixtures("few")
def test_programs_read_a_list_of_objects() -> None:
    code, output = kbuild("models", "--json")
    assert code == 0, output
    i3d, slowfast = json.loads(output)
    assert list(slowfast) == [
        "name",
        "parameters",
        "multiply_adds",
        "input_shape",
        "paper_parameters",
        "paper_multiply_adds",
        "source",
    ]
    assert slowfast["input_shape"] == [3, 16, 64, 64] and slowfast["source"] == "a paper"
    assert i3d["paper_parameters"] is None and i3d["source"].startswith("arXiv:1705.07750")


def test_a_name_prints_its_layers() -> None:
    code, output = kbuild("models", "slowfast_tiny")
    assert code == 0, output
    assert "backbone.slow_stages.2" in output and "128x16x2x2" in output
    assert output.splitlines()[-1].split() == ["in", "all", "760,360", "121.7"]
    code, output = kbuild("models", "slowfast_tiny", "--json")
    assert json.loads(output)["name"] == "slowfast_tiny"


def test_an_unknown_name_is_one_line_and_exit_1() -> None:
    code, output = kbuild("models", "slowfast_tyny")
    assert code == 1
    assert output.startswith("Error: There is no network 'slowfast_tyny'. Did you mean")


def test_a_file_prints_its_layers_or_what_does_not_fit(tmp_path: Path) -> None:
    mine = tmp_path / "mine.toml"
    mine.write_text('base = "slowfast_tiny"\n[backbone]\nwidth = 8\n')
    code, output = kbuild("models", str(mine))
    assert code == 0, output
    assert output.startswith("mine: mine.toml, from slowfast_tiny") and "1x5x5, 8" in output
    mine.write_text('base = "slowfast_tiny"\n[backbone]\nwidht = 8\n')
    code, output = kbuild("models", str(mine))
    assert code == 1
    assert "mine.toml: backbone: unknown key 'widht'. Did you mean 'width'?" in output
