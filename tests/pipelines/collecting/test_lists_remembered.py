"""Lists of addresses and released files are read when they are new, and not at every look."""

import os
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from kinetics_builder.config import DownloadConfig
from kinetics_builder.database.engine import writing
from kinetics_builder.text.class_list.entries import ClassEntry
from kinetics_builder.workspace import Workspace
from pipelines.ava.told import SOURCE, tell
from pipelines.classes.importing import import_classes
from pipelines.collecting.classes import remember as remember_told
from pipelines.inspecting.status import status
from pipelines.running import runner
from pipelines.running.engines.inline import InlinePool
from pipelines.running.runner import run_stage
from pipelines.sources.released import ReleasedSource
from pipelines.sources.source import Asked, Found, Request
from pipelines.sources.spec import open_source
from pipelines.sources.urls import UrlsSource
from pipelines.stages import build_stage

KINETICS = "label,youtube_id,time_start,time_end,split\n"
LISTS = {
    "released": ("train.csv", KINETICS + "waving,aaaaaaaaaaa,3,13,train\n"),
    "urls": ("list.txt", "https://example.org/aaaaaaaaaaa\n"),
    "urls as a table": ("list.csv", "url,title\nhttps://example.org/aaaaaaaaaaa,waving\n"),
}
MORE = {
    "released": "waving,bbbbbbbbbbb,3,13,train\n",
    "urls": "https://example.org/bbbbbbbbbbb\n",
    "urls as a table": "https://example.org/bbbbbbbbbbb,waving\n",
}
LOOKED_THROUGH = [
    *((kind, "search") for kind in LISTS),
    *((kind, "ava search") for kind in LISTS if kind != "released"),
]
"""A released file of clips names no films."""

Read = Callable[[], int]


@pytest.fixture
def num_reads(monkeypatch: pytest.MonkeyPatch) -> Read:
    """Say how often a list was read; nobody is asked what its addresses hold."""
    reads: list[str] = []

    def counting(whole: Callable[..., list[Request]]) -> Callable[..., list[Request]]:
        def requests(source: object, asked: Sequence[Asked]) -> list[Request]:
            reads.append("one")
            return whole(source, asked)

        return requests

    def found(_source: UrlsSource, query: str, _limit: int) -> list[Found]:
        return [Found(query.rpartition("/")[2], query, "waving")]

    for source in (UrlsSource, ReleasedSource):
        monkeypatch.setattr(source, "requests", counting(source.requests))
    monkeypatch.setattr(UrlsSource, "search", found)
    monkeypatch.setattr(runner, "make_pool", lambda **_: InlinePool(capacity=2))
    return lambda: len(reads)


def told(tmp_path: Path, kind: str, stage: str, *names: str) -> tuple[Workspace, Path]:
    """Return a workspace that was told to look through a list, and the list."""
    name, text = LISTS[kind]
    file = tmp_path / name
    file.write_text(text)
    workspace = Workspace.create(tmp_path / "workspace")
    spec = f"{kind.partition(' ')[0]}:{file}"
    with writing(workspace.engine) as session:
        if stage == "search":
            import_classes(session, [ClassEntry(name=one) for one in names])
            remember_told(session, tmp_path / "classes.txt", spec, None)
        else:
            tell(session, {SOURCE: spec})
    return workspace, file


@pytest.mark.few("released-search", "urls-ava search")
@pytest.mark.parametrize(("kind", "stage"), LOOKED_THROUGH)
def test_a_list_that_was_looked_through_is_not_read_again(
    tmp_path: Path, kind: str, stage: str, num_reads: Read
) -> None:
    workspace, file = told(tmp_path, kind, stage, "waving")
    assert run_stage(workspace, build_stage(stage, workspace)).num_new == 1
    before = num_reads()
    again = run_stage(workspace, build_stage(stage, workspace))
    assert (again.num_items, again.num_done, again.num_new) == (1, 1, 0)
    shown = {one.stage: one for one in (*status(workspace).stages, *status(workspace).films)}
    assert (shown[stage].num_items, shown[stage].num_done) == (1, 1)
    assert num_reads() == before
    with file.open("a") as more:
        more.write(MORE[kind])
    shown = {one.stage: one for one in (*status(workspace).stages, *status(workspace).films)}
    assert (shown[stage].num_items, shown[stage].num_pending) == (2, 1)
    assert run_stage(workspace, build_stage(stage, workspace)).num_new == 1


def test_a_list_is_read_again_that_was_written_anew_with_as_many_bytes(
    tmp_path: Path, num_reads: Read
) -> None:
    workspace, file = told(tmp_path, "urls", "search", "waving")
    run_stage(workspace, build_stage("search", workspace))
    written = file.stat().st_mtime_ns
    file.write_text(file.read_text().replace("aaa", "bbb"))
    os.utime(file, ns=(written + 1, written + 1))
    assert run_stage(workspace, build_stage("search", workspace)).num_new == 1


def test_a_released_file_is_read_again_for_other_classes(tmp_path: Path, num_reads: Read) -> None:
    workspace, file = told(tmp_path, "released", "search", "waving")
    file.write_text(file.read_text() + "jumping,bbbbbbbbbbb,3,13,train\n")
    for names, num_new in ((["waving"], 1), (["waving", "jumping"], 1), (["waving"], 0)):
        with writing(workspace.engine) as session:
            import_classes(session, [ClassEntry(name=one) for one in names])
        report = run_stage(workspace, build_stage("search", workspace))
        assert (report.num_items, report.num_new) == (len(names), num_new)


def test_a_list_that_is_gone_is_said_to_be(tmp_path: Path, num_reads: Read) -> None:
    workspace, file = told(tmp_path, "urls", "search", "waving")
    run_stage(workspace, build_stage("search", workspace))
    run_stage(workspace, build_stage("search", workspace))
    file.unlink()
    found = status(workspace).stages[0]
    assert (found.stage, found.num_pending) == ("search", 1)
    with pytest.raises(Exception, match=r"list\.txt: No such file"):
        run_stage(workspace, build_stage("search", workspace))


def test_no_source_without_a_list_is_said_to_have_one(tmp_path: Path) -> None:
    workspace = Workspace.create(tmp_path / "workspace")
    for spec in (f"folder:{tmp_path}", f"shards:{tmp_path}"):
        with writing(workspace.engine) as session:
            remember_told(session, tmp_path / "classes.txt", spec, None)
        open_source(spec, DownloadConfig())
        assert build_stage("search", workspace).version is None, spec


def test_a_search_of_the_web_is_remembered_by_the_classes_and_not_by_their_file(
    tmp_path: Path,
) -> None:
    workspace, file = Workspace.create(tmp_path / "workspace"), tmp_path / "classes.txt"

    def version() -> str | None:
        stage = build_stage("search", workspace)
        assert stage.version is not None
        with writing(workspace.engine) as session:
            return stage.version(session)

    with writing(workspace.engine) as session:
        remember_told(session, file, "search:ytsearch", None)
    before = version()
    file.write_text("waving\n")
    assert version() == before
    with writing(workspace.engine) as session:
        import_classes(session, [ClassEntry(name="waving")])
    assert version() != before
