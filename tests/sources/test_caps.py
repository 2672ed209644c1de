"""Bytes, duration and the disk: what is too much stops where it becomes too much."""

import os
import shutil
import signal
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from sqlalchemy import func, select

from kinetics_builder.database.engine import reading, writing
from kinetics_builder.database.tables import Item, Media, State
from kinetics_builder.errors import ItemFailed, Reason, WorkspaceError
from kinetics_builder.text.class_list.entries import ClassEntry
from kinetics_builder.workspace import Workspace
from pipelines.classes.importing import import_classes
from pipelines.collecting import download, match, search
from pipelines.collecting.classes import remember
from pipelines.running.runner import run_stage
from pipelines.sources.source import Limits
from pipelines.sources.web.options import Options
from pipelines.sources.web.ytdlp import fetch_video
from tests.sources.conftest import ALLOWING, LOOPBACK, Answer, small_film

FILM = small_film(40, format="mpegts")
OPTIONS = Options(allow_private=LOOPBACK)


class Usage(NamedTuple):
    total: int
    used: int
    free: int


def playlist(*segments: str, seconds: float = 2.0) -> Answer:
    lines = [line for name in segments for line in (f"#EXTINF:{seconds:.1f},", name)]
    text = "\n".join(["#EXTM3U", "#EXT-X-TARGETDURATION:9", *lines, "#EXT-X-ENDLIST"])
    return Answer(text.encode(), "application/vnd.apple.mpegurl")


def test_a_film_without_a_stated_size_stops_at_the_byte(site: Any, tmp_path: Path) -> None:
    body = FILM + bytes(2_000_000)
    site.answers["/film.ts"] = Answer(body, "video/mp2t", has_length=False)
    limits = Limits(max_duration_seconds=60, max_bytes=len(FILM) + 5000)
    with pytest.raises(ItemFailed) as failure:
        fetch_video(OPTIONS, f"{site.base}/film.ts", tmp_path, limits)
    assert failure.value.reason is Reason.TOO_LARGE
    assert sum(file.stat().st_size for file in tmp_path.glob("video*")) <= limits.max_bytes


def test_segments_count_together(site: Any, tmp_path: Path) -> None:
    names = [f"/{number}.ts" for number in range(9)]
    site.answers = {name: Answer(FILM, "video/mp2t") for name in names}
    site.answers["/film.m3u8"] = playlist(*names)
    limits = Limits(max_duration_seconds=60, max_bytes=3 * len(FILM) + 10)
    with pytest.raises(ItemFailed) as failure:
        fetch_video(OPTIONS, f"{site.base}/film.m3u8", tmp_path, limits)
    assert failure.value.reason is Reason.TOO_LARGE
    assert [name for name in site.asked if name.endswith(".ts")] == names[:4]


def test_a_playlist_that_lasts_too_long_costs_no_segment(site: Any, tmp_path: Path) -> None:
    site.answers["/film.m3u8"] = playlist("/0.ts", "/1.ts", seconds=31.5)
    limits = Limits(max_duration_seconds=60, max_bytes=10**6)
    with pytest.raises(ItemFailed, match="lasts 63 s, allowed are 60 s") as failure:
        fetch_video(OPTIONS, f"{site.base}/film.m3u8", tmp_path, limits)
    assert failure.value.reason is Reason.TOO_LONG
    assert not any(name.endswith(".ts") for name in site.asked)


@pytest.fixture
def workspace(site: Any, tmp_path: Path) -> Workspace:
    """Two films of the site that `download` wants."""
    workspace = Workspace.create(tmp_path / "workspace", f"[run]\nworkers = 1\n{ALLOWING}")
    site.answers = {f"/yoga-{n}.ts": Answer(FILM, "video/mp2t") for n in range(2)}
    (tmp_path / "urls.txt").write_text("\n".join(f"{site.base}{name}" for name in site.answers))
    with writing(workspace.engine) as session:
        import_classes(session, [ClassEntry(name="yoga")])
        remember(session, tmp_path / "classes.txt", f"urls:{tmp_path}/urls.txt", None)
    for stage in (search.stage(workspace), match.stage(workspace)):
        run_stage(workspace, stage)
    return workspace


def states(workspace: Workspace) -> list[State]:
    with reading(workspace.engine) as session:
        rows = session.scalars(select(Item).where(Item.stage == "download")).all()
        return [row.state for row in rows if row.state is not State.PENDING]


def test_a_disk_with_little_room_stops_the_stage_and_costs_no_item(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = shutil.disk_usage
    monkeypatch.setattr(shutil, "disk_usage", lambda _: Usage(9 * 10**9, 0, 990_000_000))
    words = r"media: 0\.99 GB are free on its disk, of which run\.min_free_gigabytes keeps 1\. Make"
    with pytest.raises(WorkspaceError, match=words) as error:
        run_stage(workspace, download.stage(workspace))
    assert "\n" not in str(error.value)
    assert states(workspace) == []
    monkeypatch.setattr(shutil, "disk_usage", real)
    assert run_stage(workspace, download.stage(workspace)).num_done == 2


def test_a_disk_that_gets_full_while_a_film_comes_leaves_its_part(
    site: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    body = FILM + bytes(20 << 20)
    site.answers["/film.ts"] = Answer(body, "video/mp2t", headers={"ETag": '"1"'})
    free = iter([5 * 10**9, 2 * 10**9])
    monkeypatch.setattr(shutil, "disk_usage", lambda _: Usage(9 * 10**9, 0, next(free, 10**8)))
    limits = Limits(max_duration_seconds=60, max_bytes=10**9, min_free_bytes=10**9)
    with pytest.raises(WorkspaceError, match=r"0\.10 GB are free"):
        fetch_video(OPTIONS, f"{site.base}/film.ts", tmp_path, limits)
    (part,) = tmp_path.glob("*.part")
    assert (8 << 20) < part.stat().st_size < len(body)


@pytest.mark.long
def test_a_part_is_gone_on_with_after_a_kill_in_the_middle(site: Any, workspace: Workspace) -> None:
    slow = Answer(FILM, "video/mp2t", headers={"ETag": '"1"'}, drip_seconds=0.001)
    site.answers = {"/yoga-0.ts": slow, "/yoga-1.ts": slow}
    command = [sys.executable, "-m", "pipelines.cli", "-C", str(workspace.root), "download"]
    with subprocess.Popen(command, start_new_session=True, stderr=subprocess.PIPE) as run:
        deadline = time.monotonic() + 120
        while not (parts := list(workspace.media.glob(".part/*/*.part"))) or not (
            parts[0].stat().st_size > 2000
        ):
            assert run.poll() is None, run.communicate()
            assert time.monotonic() < deadline
            time.sleep(0.05)
        os.killpg(run.pid, signal.SIGKILL)
    (part,) = parts
    site.ranges.clear()
    answer = site.answer

    def quick(path: str) -> Answer:
        asked = site.ranges[-1]
        start = int(asked.removeprefix("bytes=").partition("-")[0] or 0) if asked else 0
        answer(path)
        headers = {"ETag": '"1"', "Content-Range": f"bytes {start}-{len(FILM) - 1}/{len(FILM)}"}
        return Answer(FILM[start:], "video/mp2t", 206 if asked else 200, headers)

    site.answer = quick
    size = part.stat().st_size
    assert run_stage(workspace, download.stage(workspace)).num_done == 2
    assert f"bytes={size}-" in site.ranges
    for file in workspace.media.glob("*.ts"):
        assert file.read_bytes() == FILM


def variants(**sizes: str) -> Answer:
    """Return a film that is offered in several sizes, the segments of each under its name."""
    head = '#EXT-X-STREAM-INF:BANDWIDTH={},RESOLUTION={},CODECS="mp4v.20.9"\n/{}.m3u8'
    lines = [head.format(9000 * n, size, name) for n, (name, size) in enumerate(sizes.items(), 1)]
    return Answer("\n".join(["#EXTM3U", *lines]).encode(), "application/vnd.apple.mpegurl")


@pytest.mark.parametrize(
    ("sizes", "cap", "choice", "taken"),
    [
        ({"small": "64x48", "large": "640x480"}, 0, "b", "large"),
        ({"small": "64x48", "large": "640x480"}, 479, "b", "small"),
        ({"small": "64x48", "large": "640x480"}, 479, "", "small"),
        ({"large": "640x480"}, 480, "", "large"),
        ({"large": "480x640"}, 480, "", "large"),
        ({"large": "640x480"}, 479, "", None),
        ({"large": "640x480", "larger": "960x720"}, 479, "b", None),
    ],
)
def test_a_picture_above_the_bound_never_comes(
    site: Any, tmp_path: Path, sizes: dict[str, str], cap: int, choice: str, taken: str | None
) -> None:
    site.answers["/film.m3u8"] = variants(**sizes)
    for name in sizes:
        site.answers[f"/{name}.m3u8"] = playlist(f"/{name}.ts", seconds=4.0)
        site.answers[f"/{name}.ts"] = Answer(FILM, "video/mp2t")
    options = Options(allow_private=LOOPBACK, format=choice)
    limits = Limits(max_duration_seconds=60, max_bytes=10**6, max_height=cap)
    if taken:
        fetch_video(options, f"{site.base}/film.m3u8", tmp_path, limits)
    else:
        with pytest.raises(ItemFailed, match=r"640 x 480|960 x 720") as failure:
            fetch_video(options, f"{site.base}/film.m3u8", tmp_path, limits)
        assert failure.value.reason is Reason.LARGE_PICTURE
    assert [name for name in site.asked if name.endswith(".ts")] == (
        [f"/{taken}.ts"] if taken else []
    )


def test_a_picture_whose_size_nobody_stated_is_looked_at_when_it_is_here(
    workspace: Workspace,
) -> None:
    def bounded(height: int) -> Workspace:
        changed = replace(workspace.config.download, refuse_above_height=height)
        return Workspace(workspace.root, replace(workspace.config, download=changed))

    def num_here() -> int | None:
        with reading(workspace.engine) as session:
            return session.scalar(select(func.count()).select_from(Media))

    report = run_stage(bounded(47), download.stage(bounded(47)))
    assert (report.failures, num_here()) == ({"too large a picture": 2}, 0)
    assert run_stage(bounded(48), download.stage(bounded(48))).num_done == 2
    assert run_stage(bounded(0), download.stage(bounded(0))).num_new == 0
    run_stage(bounded(40), download.stage(bounded(40)))
    assert num_here() == 0
