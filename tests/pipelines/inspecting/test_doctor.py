"""`doctor` tries what it finds, and does not believe that what is there works."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from kinetics_builder.errors import ItemFailed, Reason
from kinetics_builder.video import trial
from kinetics_builder.video.cutting import cut
from kinetics_builder.video.ffmpeg import find_ffmpeg
from pipelines.inspecting import doctor as diagnosis
from pipelines.inspecting.doctor import Finding, doctor


@pytest.fixture
def findings(tmp_path: Path) -> Iterator[Callable[[], dict[str, Finding]]]:
    find_ffmpeg.cache_clear()
    yield lambda: {finding.name: finding for finding in doctor(tmp_path)}
    find_ffmpeg.cache_clear()


@pytest.fixture
def on_path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], Path]:
    """Put a program called ffmpeg before all others."""

    def put(script: str) -> Path:
        program = tmp_path / "bin" / "ffmpeg"
        program.parent.mkdir()
        program.write_text(f"#!/bin/sh\n{script}\n")
        program.chmod(0o755)
        monkeypatch.setenv("PATH", f"{program.parent}:/usr/bin:/bin")
        return program

    return put


def test_it_cuts_a_second_and_merges_two(findings) -> None:
    found = findings()
    assert found["libx264"].is_good
    assert found["libx264"].found == "cut a second with it: 25 frames in 1.00 s with sound"
    assert found["ffmpeg"].is_good
    assert found["ffmpeg"].found.endswith("merged 50 frames in 2.00 s with sound")


@pytest.mark.parametrize(
    ("script", "told"),
    [
        pytest.param("echo 'no such filter' >&2; exit 1", "no such filter", id="that gives up"),
        pytest.param("exit 0", "cannot be opened", id="that makes nothing"),
    ],
)
def test_an_ffmpeg_that_does_not_work_is_told(findings, on_path, script: str, told: str) -> None:
    program = on_path(script)
    found = findings()["ffmpeg"]
    assert not found.is_good
    assert str(program) in found.found
    assert told in found.found
    assert "Take this ffmpeg off the PATH" in found.remedy


def test_clips_do_not_depend_on_the_program(findings, on_path) -> None:
    on_path("exit 1")
    assert findings()["libx264"].is_good


def test_an_encoder_that_makes_something_else_is_told(
    findings, monkeypatch: pytest.MonkeyPatch
) -> None:
    def short(*_args: object, **_named: object) -> None:
        raise ItemFailed(Reason.BROKEN, "the clip that was written has 12 frames for 25")

    monkeypatch.setattr(trial, "cut_clip", short)
    found = findings()["libx264"]
    assert (found.is_good, "12 frames for 25" in found.found) == (False, True)
    assert "--only-binary av" in found.remedy
    assert cut.cut_clip is not short


def test_one_wheel_brings_opencv_with_all_that_is_asked_of_it(findings) -> None:
    found = findings()["opencv"]
    assert found.is_good, found
    assert found.found.endswith("of opencv-contrib-python-headless, with HOG and TV-L1")


def test_two_wheels_that_share_a_folder_are_told(findings, monkeypatch) -> None:
    both = ["opencv-python", "opencv-contrib-python-headless"]
    monkeypatch.setattr(diagnosis, "packages_distributions", lambda: {"cv2": both})
    found = findings()["opencv"]
    assert not found.is_good
    assert found.found == "opencv-contrib-python-headless, opencv-python share the folder cv2"
    assert "pip uninstall -y opencv-python &&" in found.remedy
    assert found.remedy.endswith("--force-reinstall --no-deps opencv-contrib-python-headless")


def test_an_opencv_without_contrib_is_told(findings, monkeypatch) -> None:
    import cv2

    monkeypatch.setattr(diagnosis, "packages_distributions", lambda: {"cv2": ["opencv-python"]})
    monkeypatch.delattr(cv2, "HOGDescriptor")
    monkeypatch.delattr(cv2, "optflow")
    found = findings()["opencv"]
    assert found.found == "cv2 of opencv-python has no HOG and no TV-L1"
    assert not found.is_good


@pytest.mark.parametrize(
    ("page", "is_good", "begins"),
    [
        pytest.param("", False, "https://YOUR-HOST/panel/p-1?", id="where the page is, is unsaid"),
        pytest.param(
            '[page]\npublic_url = "https://clips.example"\n',
            True,
            "https://clips.example/panel/p-1?PROLIFIC_PID=",
            id="what to paste",
        ),
    ],
)
def test_it_says_what_address_a_paid_panel_is_given(
    tmp_path: Path, page: str, is_good: bool, begins: str
) -> None:
    panel = '[[panels]]\nname = "p-1"\nplatform = "prolific"\ncompletion_code = "C1"\n'
    (tmp_path / "kbuild.toml").write_text(page + panel)
    (found,) = diagnosis._panels(tmp_path)
    assert (found.name, found.is_good) == ("panel p-1", is_good)
    assert found.found.startswith(begins)
