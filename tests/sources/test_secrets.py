"""Passwords of addresses: used to fetch, never shown."""

import base64
from pathlib import Path
from typing import Any

from click.testing import CliRunner
from sqlalchemy import select

from kinetics_builder.database.engine import reading, writing
from kinetics_builder.database.tables import Item, State
from kinetics_builder.errors import Reason
from kinetics_builder.workspace import Workspace
from pipelines.cli import group
from tests.sources.conftest import ALLOWING


def kbuild(root: Path, *arguments: str) -> str:
    return CliRunner().invoke(group, ["-C", str(root), *arguments]).output


def test_a_password_fetches_its_video_and_is_shown_nowhere(site: Any, tmp_path: Path) -> None:
    base = site.base.replace("http://", "http://ann:hunter2@")
    (tmp_path / "urls.txt").write_text(
        f"{base}/films/yoga.mp4\tyoga\n{base}/gone.mp4\tyoga\n"
        f"{site.base}/gone2.mp4?token=hunter2\tyoga\n"
    )
    (tmp_path / "classes.txt").write_text("yoga\n")
    workspace = Workspace.create(tmp_path / "workspace", f"[run]\nworkers = 1\n{ALLOWING}")
    said = kbuild(
        workspace.root,
        *("collect", "--classes", str(tmp_path / "classes.txt")),
        *("--source", f"urls:{tmp_path / 'urls.txt'}"),
    )
    login = base64.b64encode(b"ann:hunter2").decode()
    assert ("/films/yoga.mp4", f"Basic {login}") in site.logins
    with reading(workspace.engine) as session:
        rows = session.scalars(select(Item).where(Item.stage == "search")).all()
        assert sorted((row.state.value, row.reason) for row in rows) == [
            ("done", None),
            ("failed", Reason.REMOVED),
            ("failed", Reason.REMOVED),
        ]
        kept = "".join(f"{row.key} {row.message}" for row in rows)
    report = kbuild(workspace.root, "report")
    page = (workspace.root / "report.html").read_text()
    listed = kbuild(workspace.root, "status", "--failures")
    for text in (said, kept, report, page, listed, kbuild(workspace.root, "status", "--json")):
        assert "hunter2" not in text
        assert login not in text
    assert f"http://***@127.0.0.1:{site.port}/gone.mp4" in listed


def test_what_an_older_workspace_wrote_down_is_masked_where_it_is_shown(tmp_path: Path) -> None:
    workspace = Workspace.create(tmp_path / "workspace")
    with writing(workspace.engine) as session:
        from pipelines.stages import build_stage

        session.add(
            Item(
                stage="search",
                key="yoga: http://ann:hunter2@a.org/x",
                settings_hash=build_stage("search", workspace).settings_hash,
                state=State.FAILED,
                reason=Reason.NETWORK,
                message="http://ann:hunter2@a.org/x: timed out",
            )
        )
    kbuild(workspace.root, "report")
    page = (workspace.root / "report.html").read_text()
    for text in (page, kbuild(workspace.root, "status", "--failures")):
        assert "hunter2" not in text
        assert "http://***@a.org/x: timed out" in text
