"""Lists with named columns: every row is a video, or a reason."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pyarrow
import pytest
from pyarrow import parquet
from sqlalchemy import select

from kinetics_builder.config import DownloadConfig
from kinetics_builder.database.engine import reading, writing
from kinetics_builder.database.tables import Candidate, Item, Media, SearchHit, State, Video
from kinetics_builder.text.class_list.entries import ClassEntry
from kinetics_builder.workspace import Workspace
from pipelines.classes.importing import import_classes
from pipelines.collecting import download, match, search
from pipelines.collecting.classes import remember
from pipelines.running.reports import StageReport
from pipelines.running.runner import run_stage
from pipelines.sources.source import Asked, Request
from pipelines.sources.spec import open_source

ASKED = [Asked("yoga", "yoga"), Asked("bowling", "bowling")]
ROWS = [
    {"Link": "https://a.org/1.mp4", "Title": "Yoga in the park", "License": "CC BY 4.0"},
    {"Link": "https://a.org/2.mp4", "Title": "a film, with a comma", "Class": "BOWLING"},
]


def requests(file: Path) -> list[Request]:
    return list(open_source(f"urls:{file}", DownloadConfig()).requests(ASKED))


def written(folder: Path, name: str, rows: list[dict[str, Any]]) -> Path:
    file, columns = folder / name, list(dict.fromkeys(key for row in rows for key in row))
    if file.suffix == ".parquet":
        parquet.write_table(
            pyarrow.Table.from_pylist([dict.fromkeys(columns) | r for r in rows]), file
        )
    elif file.suffix in (".jsonl", ".ndjson"):
        file.write_text("".join(f"{json.dumps(row)}\n" for row in rows))
    else:
        mark = "\t" if file.suffix == ".tsv" else ","
        cells = [columns, *([row.get(name, "") for name in columns] for row in rows)]
        quoted = [[f'"{one}"' if mark in one else one for one in line] for line in cells]
        file.write_text("".join(mark.join(line) + "\r\n" for line in quoted))
    return file


@pytest.mark.parametrize("name", ["l.csv", "l.tsv", "l.jsonl", "l.ndjson", "l.parquet", "L.CSV"])
def test_each_kind_of_table_says_the_same(tmp_path: Path, name: str) -> None:
    one, two = requests(written(tmp_path, name, ROWS))
    assert (one.query, one.label, one.is_given) == ("https://a.org/1.mp4", None, False)
    assert (two.query, two.label, two.is_given) == ("https://a.org/2.mp4", "bowling", True)
    assert one.known is not None and two.known is not None
    found = one.known()
    assert (found.title, found.licence) == ("Yoga in the park", "CC BY 4.0")
    assert two.known().title == "a film, with a comma"
    assert one.said == (
        f"{name}: address from 'Link', title from 'Title', label from 'Class', "
        "licence from 'License'"
    )


@pytest.mark.parametrize("name", ["l.csv", "l.tsv", "l.jsonl", "l.parquet"])
def test_tags_and_descriptions_are_kept(tmp_path: Path, name: str) -> None:
    is_flat = name.endswith(("csv", "tsv"))
    tags: Any = "yoga|#SunSalutation" if is_flat else ["yoga", "#SunSalutation"]
    row = {"url": "https://a.org/1.mp4", "title": "t", "Keywords": tags, "description": "One; two."}
    (request,) = requests(written(tmp_path, name, [row]))
    assert request.known is not None
    found = request.known()
    assert (found.tags, found.description) == (("yoga", "SunSalutation"), "One; two.")
    del row["Keywords"], row["description"]
    (plain,) = requests(written(tmp_path, name, [row]))
    assert plain.known is not None
    assert (plain.key, plain.known().tags) == ("https://a.org/1.mp4 t", ())
    assert request.key != plain.key


@pytest.mark.parametrize(
    ("header", "row", "address"),
    [
        ("youtube_id", "SOX5yA1l24A", "https://www.youtube.com/watch?v=SOX5yA1l24A"),
        ("ID", "SOX5yA1l24A", "https://www.youtube.com/watch?v=SOX5yA1l24A"),
        ("webpage_url,id", "https://a.org/1,SOX5yA1l24A", "https://a.org/1"),
        ("id,Video URL", "7,https://a.org/1", "https://a.org/1"),
    ],
)
def test_columns_are_found_by_the_names_that_others_give_them(
    tmp_path: Path, header: str, row: str, address: str
) -> None:
    (tmp_path / "l.csv").write_text(f"{header}\n{row}\n")
    (request,) = requests(tmp_path / "l.csv")
    assert request.query == address
    assert request.known is None  # without a title somebody must be asked


def test_a_file_without_a_header_holds_addresses_and_labels(tmp_path: Path) -> None:
    (tmp_path / "l.csv").write_text("https://a.org/1,yoga\nhttps://a.org/2,bowling\n")
    assert [(r.query, r.label) for r in requests(tmp_path / "l.csv")] == [
        ("https://a.org/1", "yoga"),
        ("https://a.org/2", "bowling"),
    ]
    (tmp_path / "m.csv").write_text("https://a.org/1\n\nhttps://a.org/2\n")
    assert [r.query for r in requests(tmp_path / "m.csv")] == ["https://a.org/1", "https://a.org/2"]


def test_a_bad_row_is_a_row_with_a_reason_and_hides_no_good_one(tmp_path: Path) -> None:
    (tmp_path / "l.csv").write_text(
        "url,label\nhttps://a.org/1,yoga\nftp://a.org/2,yoga\n,yoga\nhttps://a.org/3,skiing\n"
        'https://a.org/4\n"https://a.org/5,yoga\nhttps://a.org/6,bowling\n'
    )
    found = requests(tmp_path / "l.csv")
    assert [r.query for r in found if r.flaw is None] == ["https://a.org/1", "https://a.org/6"]
    flaws = [r.flaw.partition("l.csv:")[2] for r in found if r.flaw is not None]
    assert [flaw.split(",")[0] for flaw in flaws] == [
        "3: 'ftp://a.org/2' is no http or https address",
        "4: no address",
        "5: 'skiing' is none of the classes",
        "6: expected 2 cells",
        "7: quotes that do not fit (unexpected end of data)",
    ]
    assert len({r.key for r in found}) == 7


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        pytest.param("l.csv", b"", "the file is empty", id="empty"),
        pytest.param("l.csv", b"url,title\n", "no rows", id="header alone"),
        pytest.param(
            "l.csv",
            b"film,year\na,1999\n",
            "no column of addresses: found 'film', 'year'",
            id="csv",
        ),
        pytest.param("l.jsonl", b'{"x": 1}\n', "no column of addresses: found 'x'", id="jsonl"),
        pytest.param("l.csv", b"url,url\na,b\n", "a column stands twice", id="twice"),
        pytest.param("l.parquet", b"PAR1 not really", "expected a Parquet file", id="parquet"),
        pytest.param("none.tsv", None, "no such file", id="missing"),
    ],
)
def test_what_is_no_list_is_refused_in_one_line(
    tmp_path: Path, name: str, content: bytes | None, message: str
) -> None:
    if content is not None:
        (tmp_path / name).write_bytes(content)
    (request,) = requests(tmp_path / name)
    assert request.refusal is not None and message in request.refusal
    assert "\n" not in request.refusal


def test_ids_of_a_list_are_kept_where_no_site_gives_one(tmp_path: Path) -> None:
    (tmp_path / "l.csv").write_text(
        "id,url,title\nmine,https://a.org/1.mp4,x\nother,https://youtu.be/SOX5yA1l24A,y\n"
    )
    one, two = (r.known() for r in requests(tmp_path / "l.csv") if r.known is not None)
    assert one.video_id.startswith("mine-")
    assert two.video_id == "SOX5yA1l24A"


@pytest.fixture
def run(site: Any, tmp_path: Path) -> Any:
    """Return a function that collects a list up to the downloads; its workspace is `run.w`."""
    plain = Workspace.create(tmp_path / "w", "[run]\nworkers = 1\n")
    workspace = Workspace(plain.root, replace(plain.config, download=site.config(attempts=1)))

    def collect(file: Path) -> list[StageReport]:
        with writing(workspace.engine) as session:
            import_classes(session, [ClassEntry(name="yoga"), ClassEntry(name="bowling")])
            remember(session, tmp_path / "classes.txt", f"urls:{file}", None)
        return [run_stage(workspace, one.stage(workspace)) for one in (search, match, download)]

    collect.w = workspace  # type: ignore[attr-defined]
    return collect


def test_a_list_is_collected_without_asking_for_what_it_says(
    site: Any, run: Any, tmp_path: Path
) -> None:
    file = tmp_path / "list.csv"
    file.write_text(
        "url,title,class,license,start\n"
        f"{site.base}/films/one.mp4,nothing of it,yoga,CC BY 4.0,3\n"
        f"{site.base}/films/two.mp4,bowling at night,,,\n"
        f"nowhere,x,,,\n"
    )
    listed, _, fetched = run(file)
    assert (listed.num_done, listed.failures) == (2, {"bad row": 1})
    (note,) = listed.notes
    assert "list.csv: address from 'url', title from 'title', label from 'class'" in note
    assert "not used: 'start'" in note
    assert fetched.num_done == 2
    assert {path for path in site.asked if not path.startswith("/films/")} == set()
    with reading(run.w.engine) as session:
        licences = session.scalars(select(Media.licence).join(Video).order_by(Video.url)).all()
        assert licences == ["CC BY 4.0", None]
        assert len(session.scalars(select(Candidate)).all()) == 2
        assert len(session.scalars(select(SearchHit)).all()) == 1
        failed = session.scalars(select(Item).where(Item.state == State.FAILED)).one()
        assert failed.message == f"{file}:4: 'nowhere' is no http or https address"
        assert not failed.retryable
    num_asked = len(site.asked)
    assert [report.num_new for report in run(file)] == [0, 0, 0]
    assert len(site.asked) == num_asked
