"""The command: help, README, errors in one line, exit codes."""

import json
import re
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import fields
from pathlib import Path

import click
import pytest
from click.testing import CliRunner, Result

from kinetics_builder.config import Config
from pipelines.cli import group
from pipelines.cli.numbers import SEED, Number

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")
COMMANDS = list(group.commands.values())
each_command = pytest.mark.parametrize("command", COMMANDS, ids=lambda c: c.name)


def kbuild(*arguments: str) -> Result:
    return CliRunner().invoke(group, list(arguments), prog_name="kbuild")


@each_command
def test_every_command_has_help_and_stands_in_the_readme(command: click.Command) -> None:
    assert command.help
    assert re.search(rf"\bkbuild {command.name}\b", README), f"README misses kbuild {command.name}"


@each_command
def test_every_option_has_help(command: click.Command) -> None:
    for parameter in command.params:
        if isinstance(parameter, click.Option):
            assert parameter.help, parameter.name


def every_command(within: click.Command = group) -> Iterator[click.Command]:
    yield within
    for command in getattr(within, "commands", {}).values():
        yield from every_command(command)


def test_no_help_shows_the_mark_that_click_obeys_as_of_a_raw_docstring() -> None:
    assert not [command.name for command in every_command() if "\\b" in (command.help or "")]


def test_every_number_that_an_option_takes_is_finite_and_bounded() -> None:
    for command in every_command():
        for parameter in command.params:
            kind, name = parameter.type, f"{command.name} {parameter.name}"
            if isinstance(kind, click.types.FloatParamType):
                assert isinstance(kind, Number), name
            if isinstance(kind, click.types.IntParamType):
                assert isinstance(kind, click.IntRange), name
            assert (parameter.name == "seed") <= (kind is SEED), name


@pytest.mark.parametrize("number", ["nan", "inf", "-1"])
def test_what_is_no_finite_number_within_its_bounds_is_exit_2(number: str) -> None:
    assert kbuild("crowd", "simulate", "--price", number).exit_code == 2


def test_the_readme_names_no_command_that_is_not_there() -> None:
    named = set(
        re.findall(r"(?:^ *|`|&& |\$ )kbuild(?: -C [^\s`]+)? ([a-z][a-z-]+)", README, re.MULTILINE)
    )
    assert named <= set(group.commands)


def test_help_answers_at_once_and_loads_nothing_heavy() -> None:
    code = (
        "import sys\n"
        "from pipelines.cli import main\n"
        "try:\n    main(['--help'])\n"
        "except SystemExit:\n    pass\n"
        "heavy = {'torch', 'flask', 'sqlalchemy', 'numpy', 'av', 'yt_dlp', 'rich'}\n"
        "sys.exit(f'loaded {heavy & set(sys.modules)}' if heavy & set(sys.modules) else 0)\n"
    )
    times = []
    for _ in range(3):
        begun = time.perf_counter()
        process = subprocess.run(
            [sys.executable, "-c", code], capture_output=True, text=True, check=False
        )
        times.append(time.perf_counter() - begun)
        assert process.returncode == 0, process.stderr
    assert "collect" in process.stdout


def test_the_garbage_collector_looks_seldom_while_a_command_runs() -> None:
    """Rows of 100,000 clips are no garbage: looking often takes as long as all else."""
    code = "import gc; gc.callbacks.append(lambda phase, _: looked.append(phase)); looked = []\n"
    code += "from pipelines.cli import main, group\n"
    code += "import click\n"
    code += "def hold():\n    looked.clear(); [(n,) for n in range(100_000)]; print(len(looked))\n"
    code += "group.add_command(click.Command('hold', callback=hold))\n"
    code += "main(['hold'])"
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=True
    )
    assert int(done.stdout) <= 12, "once for 20,000 new objects, with a beginning and an end"


def test_a_folder_that_is_no_workspace_is_one_line_and_exit_1(tmp_path: Path) -> None:
    result = kbuild("-C", str(tmp_path), "status")
    assert result.exit_code == 1
    assert result.output.startswith("Error: ")
    assert "kbuild.toml is missing. Run `kbuild init" in result.output
    assert result.output.count("\n") == 1


def test_an_unknown_command_is_exit_2() -> None:
    assert kbuild("colect").exit_code == 2


def test_a_new_workspace_shows_its_empty_status(tmp_path: Path) -> None:
    assert kbuild("init", str(tmp_path / "new")).exit_code == 0
    result = kbuild("-C", str(tmp_path / "new"), "status", "--json")
    assert result.exit_code == 0, result.output
    found = json.loads(result.output)
    assert found["counts"]["labels"] == 0
    assert [stage["stage"] for stage in found["stages"]][:3] == ["search", "match", "download"]


def test_a_typo_in_the_settings_lists_the_known_ones(tmp_path: Path) -> None:
    kbuild("init", str(tmp_path / "new"))
    (tmp_path / "new" / "kbuild.toml").write_text("[mach]\n")
    result = kbuild("-C", str(tmp_path / "new"), "status")
    assert result.exit_code == 1
    sections = ", ".join(sorted(field.name for field in fields(Config)))
    assert f"unknown setting 'mach'. Known here: {sections}." in result.output


@pytest.mark.parametrize(
    ("stage", "needs"),
    [
        ("match", "search"),
        ("download", "match"),
        ("score", "download"),
        ("propose", "score"),
        ("cut", "propose"),
        ("deduplicate", "cut"),
    ],
)
def test_a_stage_run_too_early_says_which_to_run(tmp_path: Path, stage: str, needs: str) -> None:
    kbuild("init", str(tmp_path / "new"))
    result = kbuild("-C", str(tmp_path / "new"), stage)
    assert result.exit_code == 1
    assert re.search(rf"Run `kbuild ({needs}|collect)", result.output), result.output
    assert result.output.count("\n") == 1


def test_doctor_finds_this_machine_fit() -> None:
    result = kbuild("doctor", "--json")
    found = {finding["name"]: finding for finding in json.loads(result.output)}
    assert found["ffmpeg"]["is_good"] and found["libx264"]["is_good"]
    assert found["clips for training"]["is_good"]
    assert result.exit_code == 0, result.output
