"""Films that come in segments, over DASH and HLS: what comes of each, and what is left of it."""

import re
import subprocess
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from kinetics_builder.database.engine import reading, writing
from kinetics_builder.database.tables import Item, Media, State, Video
from kinetics_builder.errors import ItemFailed, Reason
from kinetics_builder.intervals import Interval
from kinetics_builder.text.class_list.entries import ClassEntry
from kinetics_builder.video.ffmpeg import find_ffmpeg
from kinetics_builder.video.reading.probe import probe
from kinetics_builder.workspace import Workspace
from pipelines.classes.importing import import_classes
from pipelines.collecting import download, match, search
from pipelines.collecting.classes import remember
from pipelines.running.runner import run_stage
from pipelines.sources.source import Limits
from pipelines.sources.web.options import Options
from pipelines.sources.web.ytdlp import fetch_video
from tests.sources.conftest import ALLOWING, LOOPBACK, Answer

SECONDS = 10
KINDS = {"mpd": "application/dash+xml", "m3u8": "application/vnd.apple.mpegurl"}
OPTIONS = Options(allow_private=LOOPBACK)
LIMITS = Limits(max_duration_seconds=60, max_bytes=10**7)
Change = Callable[[dict[str, Answer], str], None]


def segmented(folder: Path, *options: str) -> dict[str, bytes]:
    """Return a film with sound in segments of 2 s, and the list of them, by name."""
    tone = f"sine=frequency=300:duration={SECONDS}"
    sources = (f"testsrc=size=64x48:rate=10:duration={SECONDS}", tone)
    inputs = [word for source in sources for word in ("-f", "lavfi", "-i", source)]
    coded = ["-g", "10", "-c:v", "libx264", "-preset", "ultrafast", "-c:a", "aac"]
    quiet = ["-nostdin", "-loglevel", "error"]
    subprocess.run([str(find_ffmpeg()), *quiet, *inputs, *coded, *options], check=True)
    return {path.name: path.read_bytes() for path in folder.iterdir()}


@pytest.fixture(scope="session")
def dash(tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    """Return a film whose picture and sound come apart."""
    folder = tmp_path_factory.mktemp("dash")
    how = ("-f", "dash", "-seg_duration", "2", "-use_timeline", "0", "-use_template", "1")
    return segmented(folder, *how, str(folder / "film.mpd"))


@pytest.fixture(scope="session")
def hls(tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    """Return a film whose segments hold both."""
    folder = tmp_path_factory.mktemp("hls")
    how = ("-f", "hls", "-hls_time", "2", "-hls_list_size", "0")
    return segmented(folder, *how, str(folder / "film.m3u8"))


def show(site: Any, name: str, film: dict[str, bytes], change: Change | None = None) -> str:
    """Put a film on the site, changed, and return its address."""
    shown: dict[str, Answer] = {}
    for file, body in film.items():
        ending = file.rpartition(".")[2]
        told = re.sub(rb"(init-stream|chunk-stream|film(?=\d))", name.encode() + rb"-\1", body)
        is_list = ending in KINDS
        path = f"{name}.{ending}" if is_list else f"{name}-{file}"
        shown[path] = Answer(told if is_list else body, KINDS.get(ending, "video/mp4"))
    if change is not None:
        change(shown, name)
    site.answers |= {f"/{path}": answer for path, answer in shown.items()}
    return next(f"{site.base}/{path}" for path in shown if path.rpartition(".")[2] in KINDS)


def segment(shown: dict[str, Answer], name: str, number: int) -> str:
    """Return which file of the picture is the segment of a number, from 0."""
    path = f"{name}-chunk-stream0-{number + 1:05}.m4s"
    return path if path in shown else f"{name}-film{number}.ts"


def whole(_shown: dict[str, Answer], _name: str) -> None:
    """Change nothing."""


def gone(shown: dict[str, Answer], name: str) -> None:
    shown[segment(shown, name, 2)] = Answer(b"gone", status=404)


def refused(shown: dict[str, Answer], name: str) -> None:
    shown[segment(shown, name, 2)] = Answer(b"no", status=403)


def half(shown: dict[str, Answer], name: str) -> None:
    answer = shown[segment(shown, name, 2)]
    answer.body, answer.has_length = answer.body[: len(answer.body) // 2], False


def huge(shown: dict[str, Answer], name: str) -> None:
    """Say nothing of its length, in which no bound could be seen before it comes."""
    answer = shown[segment(shown, name, 1)]
    answer.body, answer.has_length = answer.body + bytes(3_000_000), False


def endless(shown: dict[str, Answer], name: str) -> None:
    """Let the list say that the film lasts for hours."""
    for path, answer in shown.items():
        if path.endswith(".mpd"):
            answer.body = re.sub(rb'([dD]uration)="PT[^"]*"', rb'\1="PT9H"', answer.body)
        if path.endswith(".m3u8"):
            answer.body = re.sub(rb"#EXTINF:[\d.]+", b"#EXTINF:6480.5", answer.body)


def live(shown: dict[str, Answer], name: str) -> None:
    for path, answer in shown.items():
        if path.endswith(".mpd"):
            answer.body = answer.body.replace(b'type="static"', b'type="dynamic"')
        if path.endswith(".m3u8"):
            answer.body = answer.body.replace(b"#EXT-X-ENDLIST", b"")


OUTCOMES: dict[Change, Reason | None] = {
    whole: None,
    gone: Reason.INCOMPLETE,
    refused: Reason.REFUSED,
    half: Reason.INCOMPLETE,
    huge: Reason.TOO_LARGE,
    endless: Reason.TOO_LONG,
    live: Reason.OTHER,
}


@pytest.fixture(params=["dash", "hls"])
def film(request: pytest.FixtureRequest) -> dict[str, bytes]:
    found: dict[str, bytes] = request.getfixturevalue(request.param)
    return found


@pytest.fixture
def workspace(site: Any, film: dict[str, bytes], tmp_path: Path) -> Workspace:
    """Films of the site that `download` wants, one of each outcome."""
    settings = f"[run]\nworkers = 2\n{ALLOWING}max_megabytes = 2\nattempts = 1\n"
    workspace = Workspace.create(tmp_path / "workspace", settings)
    addresses = [show(site, f"yoga-{change.__name__}", film, change) for change in OUTCOMES]
    (tmp_path / "urls.txt").write_text("\n".join(addresses))
    with writing(workspace.engine) as session:
        import_classes(session, [ClassEntry(name="yoga")])
        remember(session, tmp_path / "classes.txt", f"urls:{tmp_path}/urls.txt", None)
    for stage in (search.stage(workspace), match.stage(workspace)):
        run_stage(workspace, stage)
    return workspace


def outcomes(workspace: Workspace) -> dict[str, Reason | None]:
    """Return what has become of each film, by what was changed about it."""
    with reading(workspace.engine) as session:
        rows = session.scalars(select(Item).where(Item.stage == "download")).all()
        media = set(session.scalars(select(Video.video_id).join(Media)))
        assert {row.key for row in rows if row.state is State.DONE} == media
        return {row.key.partition("_")[2].partition("-")[0]: row.reason for row in rows}


def left(workspace: Workspace) -> set[str]:
    """Return of which films something unfinished lies there."""
    parts = workspace.media.glob(".part/*/*")
    return {path.parent.name.partition("_")[2].partition("-")[0] for path in parts}


@pytest.mark.few("dash")
def test_each_film_in_segments_has_its_outcome_and_what_may_come_yet_comes(
    site: Any, film: dict[str, bytes], workspace: Workspace
) -> None:
    report = run_stage(workspace, download.stage(workspace))
    assert (report.num_items, report.num_done) == (len(OUTCOMES), 1)
    assert outcomes(workspace) == {change.__name__: why for change, why in OUTCOMES.items()}
    assert left(workspace) <= {"gone", "refused", "half"}, "those that may come yet"
    before = list(site.asked)
    for change in OUTCOMES:
        show(site, f"yoga-{change.__name__}", film)
    report = run_stage(workspace, download.stage(workspace), retry_failed=True)
    assert (report.num_done, report.num_new) == (5, 4)
    final = {"huge": Reason.TOO_LARGE, "endless": Reason.TOO_LONG}
    assert {name: why for name, why in outcomes(workspace).items() if why} == final
    assert not left(workspace)
    files = list(workspace.media.glob("*.mp4"))
    assert [probe(file).num_frames for file in files] == [10 * SECONDS] * 5
    again = site.asked[len(before) :]
    assert not any(name in path for path in again for name in (*final, "whole"))


def segments_asked(site: Any) -> list[str]:
    return [path for path in site.asked if path.endswith((".ts", ".m4s"))]


def test_a_list_that_says_too_much_costs_no_segment(
    site: Any, film: dict[str, bytes], tmp_path: Path
) -> None:
    with pytest.raises(ItemFailed, match="allowed are 60 s"):
        fetch_video(OPTIONS, show(site, "long", film, endless), tmp_path, LIMITS)
    assert segments_asked(site) == []


def test_picture_and_sound_are_bounded_together_to_the_byte(
    site: Any, film: dict[str, bytes], tmp_path: Path
) -> None:
    """Nobody says how long any of them is: what they are together shows once they come."""
    address = show(site, "film", film)
    for path, answer in site.answers.items():
        answer.has_length = path.endswith(tuple(KINDS))
    for name in ("all", "just", "less"):
        (tmp_path / name).mkdir()
    assert probe(fetch_video(OPTIONS, address, tmp_path / "all", LIMITS).file).num_frames == 100
    asked = segments_asked(site)
    limits = replace(LIMITS, max_bytes=sum(len(site.answers[path].body) for path in asked))
    fetch_video(OPTIONS, address, tmp_path / "just", limits)
    site.asked.clear()
    limits = replace(limits, max_bytes=limits.max_bytes - 1)
    with pytest.raises(ItemFailed) as failure:
        fetch_video(OPTIONS, address, tmp_path / "less", limits)
    assert failure.value.reason is Reason.TOO_LARGE
    assert segments_asked(site) == asked, "the last byte is too much"


def test_of_a_film_in_segments_stretches_are_not_asked_for(
    site: Any, film: dict[str, bytes], tmp_path: Path
) -> None:
    limits = replace(LIMITS, stretches=(Interval(2.0, 3.0),))
    fetched = fetch_video(OPTIONS, show(site, "film", film), tmp_path, limits)
    assert fetched.sections is None
    assert "in segments" in str(fetched.whole_because) or "of their own" in str(
        fetched.whole_because
    )
    assert probe(fetched.file).num_frames == 10 * SECONDS
    assert len(set(segments_asked(site))) == len(segments_asked(site))


@pytest.mark.parametrize("lost", ["picture", "sound"])
def test_half_a_file_is_missed_though_the_other_one_is_whole(
    site: Any, tmp_path: Path, dash: dict[str, bytes], lost: str
) -> None:
    def cut(shown: dict[str, Answer], name: str) -> None:
        path = f"{name}-chunk-stream{'01'[lost == 'sound']}-00003.m4s"
        shown[path].body, shown[path].has_length = shown[path].body[:-2000], False

    with pytest.raises(ItemFailed, match="its own structure") as failure:
        fetch_video(OPTIONS, show(site, "film", dash, cut), tmp_path, LIMITS)
    assert failure.value.reason is Reason.INCOMPLETE
