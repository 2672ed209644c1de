"""yt-dlp's solver runs, and is told apart from one that does not."""

import stat
from pathlib import Path
from typing import Any

import pytest

from pipelines.inspecting import doctor
from pipelines.sources.web import javascript
from pipelines.sources.web.javascript import prove_solving
from pipelines.sources.web.options import Options
from pipelines.sources.web.ytdlp import _instance, instance


@pytest.fixture
def runtime(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Put programs that stand for runtimes in the place of the real ones."""

    def put(name: str, script: str) -> None:
        program = tmp_path / name
        program.write_text(f"#!/bin/sh\n{script}\n")
        program.chmod(program.stat().st_mode | stat.S_IEXEC)

    def path_of(base: str) -> str:
        return str(tmp_path / base)

    monkeypatch.setattr("yt_dlp.utils._jsruntime._find_exe", path_of)
    _instance.cache_clear()
    yield put
    _instance.cache_clear()


def test_a_puzzle_is_solved_by_runtime_and_scripts_together() -> None:
    proof = prove_solving()
    assert proof.is_good, proof.found
    assert "solves a puzzle" in proof.found
    assert "solver" in proof.found


@pytest.mark.parametrize("name", ["deno", "node"])
def test_the_runtimes_are_named_to_yt_dlp(name: str) -> None:
    assert name in instance(Options())._instance._js_runtimes


def test_without_a_runtime_doctor_says_what_to_install(runtime: Any) -> None:
    proof = prove_solving()
    assert (proof.is_good, proof.found) == (False, "no deno; no node")
    finding = doctor._javascript()
    assert not finding.is_good
    assert "pip install 'yt-dlp[default,deno]'" in finding.remedy


def test_a_runtime_that_is_too_old_is_named(runtime: Any) -> None:
    runtime("node", "echo v20.20.2")
    runtime("deno", "echo deno 2.2.9")
    proof = prove_solving()
    assert (proof.is_good, proof.found) == (False, "deno 2.2.9 is too old; node 20.20.2 is too old")


def test_a_runtime_that_does_not_run_the_solver_is_no_proof(runtime: Any) -> None:
    runtime(
        "deno", 'if [ "$1" = --version ]; then echo deno 2.9.8; else cat >/dev/null; exit 1; fi'
    )
    proof = prove_solving()
    assert not proof.is_good
    assert "deno 2.9.8 does not run the solver" in proof.found


def test_an_answer_that_is_wrong_is_no_proof(runtime: Any) -> None:
    runtime(
        "deno", 'if [ "$1" = --version ]; then echo deno 2.9.8; else cat >/dev/null; echo []; fi'
    )
    proof = prove_solving()
    assert not proof.is_good
    assert "answers [] to a puzzle" in proof.found


def test_the_next_runtime_is_taken_where_the_first_fails(
    runtime: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    solved = '[{\\"type\\": \\"result\\", \\"data\\": {\\"kbuild\\": \\"dliubk\\"}}]'
    runtime("deno", "exit 1")
    runtime(
        "node",
        f'if [ "$1" = --version ]; then echo v22.1.0; else cat >/dev/null; echo "{solved}"; fi',
    )
    proof = prove_solving()
    assert proof.is_good, proof.found
    assert proof.found.startswith("node 22.1.0")


def test_a_solver_of_another_make_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    def other() -> None:
        raise ImportError("no module named director")

    monkeypatch.setattr(javascript, "_try_providers", other)
    proof = prove_solving()
    assert not proof.is_good
    assert "another solver than kbuild can try" in proof.found
