"""Pictures of an image search on loopback, with exact counts of what becomes of each."""

import csv
import io
import json
import threading
from collections import Counter
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import combinations
from pathlib import Path
from typing import ClassVar
from urllib.parse import parse_qs, urlsplit

import numpy as np
import pytest
from click.testing import CliRunner
from PIL import Image

from kinetics_builder.errors import ConfigError, SourceError
from kinetics_builder.workspace import Workspace
from pipelines.cli import group
from pipelines.picturing import fetching
from pipelines.picturing.collecting import ImagesReport, Rules, collect_images
from pipelines.picturing.fetching import likeness, look_alike
from pipelines.picturing.openverse import Openverse, chosen_licences
from pipelines.picturing.pacing import Pace
from pipelines.running.engines.inline import InlinePool
from pipelines.sources.web.addresses import Allowed

HERE = Allowed.of(["127.0.0.1"])
GOOD = 25


def jpeg(seed: int, size: tuple[int, int] = (96, 80), quality: int = 90) -> bytes:
    """Return a picture of blocks, of which no two seeds look alike."""
    blocks = np.random.default_rng(seed).integers(0, 255, (8, 9, 3), np.uint8)
    picture = Image.fromarray(blocks).resize(size, Image.Resampling.NEAREST)
    data = io.BytesIO()
    picture.save(data, "JPEG", quality=quality)
    return data.getvalue()


class Site(BaseHTTPRequestHandler):
    """An API of Openverse's shape, and the images that it names."""

    asked: ClassVar[Counter[str]] = Counter()
    queries: ClassVar[list[dict[str, list[str]]]] = []
    refusals: ClassVar[int] = 0
    names: ClassVar[list[str]] = []

    def do_GET(self) -> None:
        parts = urlsplit(self.path)
        if parts.path == "/v1/images/":
            self.search(parse_qs(parts.query))
            return
        name = parts.path.removeprefix("/image/")
        Site.asked[name] += 1
        self.image(name)

    def search(self, query: dict[str, list[str]]) -> None:
        Site.queries.append(query)
        if Site.refusals:
            Site.refusals -= 1
            self.give(429, b"{}", {"Retry-After": "0"})
            return
        page, size = int(query["page"][0]), 20
        names = Site.names[(page - 1) * size : page * size]
        base = f"http://127.0.0.1:{self.server.server_address[1]}"
        results = [self.told(name, base) for name in names]
        answer = {
            "result_count": len(Site.names),
            "page_count": -(-len(Site.names) // size),
            "page_size": size,
            "page": page,
            "results": results,
        }
        self.give(200, json.dumps(answer).encode(), {"Content-Type": "application/json"})

    def told(self, name: str, base: str) -> dict[str, object]:
        url = {"file": "file:///etc/hostname"}.get(name, f"{base}/image/{name}")
        return {
            "id": name,
            "url": url,
            "foreign_landing_url": f"{base}/page/{name}",
            "title": f"A picture,\n called {name}",
            "creator": "Ann, or so",
            "license": "by-nc" if name == "licence" else "by",
            "license_version": "2.0",
            "license_url": "https://creativecommons.org/licenses/by/2.0/",
            "attribution": f'"{name}" by Ann is licensed under CC BY 2.0.',
        }

    def image(self, name: str) -> None:
        port = self.server.server_address[1]
        leads = {
            "moved": f"http://127.0.0.1:{port}/image/good{GOOD}",
            "inner": "http://10.0.0.1/secret.jpg",
            "local": "file:///etc/hostname",
        }
        pages = {
            "twin": jpeg(0, (192, 160)),
            "copy": jpeg(0),
            "small": jpeg(900, (40, 40)),
            "half": jpeg(901)[:900],
            "page": b"<html>Sign in to see it</html>",
        }
        if name.startswith("good"):
            self.give(200, jpeg(int(name.removeprefix("good"))))
        elif name in leads:
            self.give(302, b"", {"Location": leads[name]})
        elif name == "large":
            self.send_response(200)
            self.end_headers()  # and no word of how large it is
            for _ in range(40):
                self.wfile.write(b"\xff\xd8" + bytes(1 << 16))
        elif name in pages:
            self.give(200, pages[name])
        else:
            self.give(503 if name == "busy" else 404, b"")

    def give(self, status: int, data: bytes, headers: dict[str, str] | None = None) -> None:
        self.send_response(status)
        for key, value in (headers or {}).items():
            self.send_header(key, value)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, *_: object) -> None:
        pass


ODD = ["twin", "copy", "small", "half", "large", "page", "moved", "inner", "local", "busy", "gone"]


@pytest.fixture
def site(monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    monkeypatch.setattr(fetching, "MOST_BYTES", 1_000_000)
    Site.asked, Site.queries, Site.refusals = Counter(), [], 0
    Site.names = [*(f"good{n}" for n in range(GOOD)), *ODD, "licence", "file"]
    server = ThreadingHTTPServer(("127.0.0.1", 0), Site)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_address[1]}"
    server.shutdown()
    thread.join()
    server.server_close()


def run(site: str, folder: Path, for_each: int = 100) -> ImagesReport:
    search = Openverse(HERE, site, pause_seconds=0)
    search.session.trust_env = False
    place = folder / ".workspace"
    workspace = Workspace.open(place) if place.exists() else Workspace.create(place)
    rules = Rules(for_each, HERE, Pace.of(workspace))
    with search.session:
        found = {"waving": search.search_all(["waving"])}
        return collect_images(found, folder, InlinePool(), rules)


def test_every_image_comes_to_its_end_and_is_counted(site: str, tmp_path: Path) -> None:
    report = run(site, tmp_path)
    assert report.fates == {
        "duplicate": 2,
        "gone": 1,
        "kept": GOOD + 1,
        "later": 1,
        "no picture": 2,
        "refused": 2,
        "too large": 1,
        "too small": 1,
    }
    assert report.kept == {"waving": GOOD + 1}
    files = sorted((tmp_path / "waving").iterdir())
    assert len(files) == GOOD + 1
    for file in files:
        with Image.open(file) as picture:
            assert picture.size == (96, 80)
    assert Site.asked["licence"] == 0  # the API gave it, though nobody asked for that licence
    assert [query["page"] for query in Site.queries] == [["1"], ["2"]]
    assert Site.queries[0]["license"] == ["by,by-sa,cc0,pdm"]


def test_makers_are_named_beside_the_pictures(site: str, tmp_path: Path) -> None:
    run(site, tmp_path, for_each=3)
    with (tmp_path / "attributions.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert [row["file"] for row in rows] == [f"waving/good{n}.jpg" for n in range(3)]
    assert rows[0]["attribution"] == '"good0" by Ann is licensed under CC BY 2.0.'
    assert rows[0]["title"] == "A picture, called good0"
    assert rows[0]["licence_address"] == "https://creativecommons.org/licenses/by/2.0/"


def test_a_second_run_asks_for_nothing_that_was_tried(site: str, tmp_path: Path) -> None:
    first = run(site, tmp_path)
    before = Site.asked.copy()
    again = run(site, tmp_path)
    assert again.fates == first.fates and again.num_new == 0
    assert Site.asked - before == Counter({"busy": 1})  # the site did not answer then
    (tmp_path / "waving" / "good4.jpg").unlink()
    run(site, tmp_path)
    assert Site.asked["good4"] == 2 and (tmp_path / "waving" / "good4.jpg").is_file()


def test_a_run_that_was_killed_goes_on(site: str, tmp_path: Path) -> None:
    run(site, tmp_path, for_each=5)
    found = tmp_path / "found.jsonl"
    found.write_text(found.read_text()[:-40])  # the last line is half there
    (tmp_path / "waving" / ".good9.jpg.7.part").write_bytes(b"half")
    run(site, tmp_path, for_each=6)
    assert (Site.asked["good3"], Site.asked["good4"], Site.asked["good5"]) == (1, 2, 1)
    assert len(list((tmp_path / "waving").iterdir())) == 6
    assert all(json.loads(line) for line in found.read_text().splitlines())


def test_who_is_asked_to_wait_waits_and_then_stops(site: str, tmp_path: Path) -> None:
    Site.refusals = 2
    assert run(site, tmp_path, for_each=1).kept == {"waving": 1}
    Site.refusals = 9
    with pytest.raises(SourceError, match="asks to be left alone"):
        run(site, tmp_path, for_each=2)
    Site.refusals = 0
    assert run(site, tmp_path, for_each=2).kept == {"waving": 2}


@pytest.mark.parametrize("answer", [b"<html>", b"[]", b'{"results": 3}'])
def test_what_is_no_such_api_is_told(site: str, tmp_path: Path, monkeypatch, answer) -> None:
    monkeypatch.setattr(Site, "search", lambda self, query: self.give(200, answer))
    with pytest.raises(SourceError, match=r"not answer with JSON|not its shape"):
        run(site, tmp_path)


def test_an_unknown_licence_is_told_with_those_that_are_known() -> None:
    with pytest.raises(ConfigError, match=r"'mit' is no licence .* by, by-nc"):
        chosen_licences("by,mit")
    assert chosen_licences(" BY, cc0 ") == ("by", "cc0")


def test_likeness_minds_what_is_shown_and_not_how_it_is_stored() -> None:
    def read(data: bytes) -> Image.Image:
        return Image.open(io.BytesIO(data)).convert("RGB")

    same = [likeness(read(jpeg(3, size, q))) for size in ((96, 80), (450, 400)) for q in (60, 95)]
    assert all(look_alike(one, same[0]) for one in same)
    others = [likeness(read(jpeg(seed))) for seed in range(100)]
    assert not any(look_alike(a, b) for a, b in combinations(others, 2))


def test_the_command_fetches_for_the_workspaces_classes(site: str, tmp_path: Path) -> None:
    settings = '[download]\nallow_private = ["127.0.0.1"]\n[run]\nworkers = 1\n'
    Workspace.create(tmp_path / "w", settings)
    (tmp_path / "classes.txt").write_text("waving\n")
    here = ["-C", str(tmp_path / "w"), "images"]
    told = ["--address", site, "--number", "2", "--pause", "0"]
    result = CliRunner().invoke(group, [*here, *told])
    assert result.exit_code == 1 and "found no classes" in result.output
    classes = ["--classes", str(tmp_path / "classes.txt")]
    result = CliRunner().invoke(group, [*here, *told, *classes])
    assert result.exit_code == 0, result.output
    assert "2 pictures of 1 class in" in result.output
    assert len(list((tmp_path / "w" / "pictures" / "search" / "waving").iterdir())) == 2


def test_an_api_on_a_private_address_is_not_asked_unless_it_is_named(
    site: str, tmp_path: Path
) -> None:
    Workspace.create(tmp_path / "w", "")
    (tmp_path / "classes.txt").write_text("waving\n")
    here = ["-C", str(tmp_path / "w"), "images", "--classes", str(tmp_path / "classes.txt")]
    result = CliRunner().invoke(group, [*here, "--address", site, "--pause", "0"])
    assert result.exit_code == 1 and "is not public" in result.output
    assert not Site.queries


def test_a_class_is_asked_for_by_its_queries_in_the_languages_that_are_named(
    site: str, tmp_path: Path
) -> None:
    settings = '[download]\nallow_private = ["127.0.0.1"]\n[run]\nworkers = 1\n'
    Workspace.create(tmp_path / "w", settings)
    path = tmp_path / "classes.yaml"
    path.write_text("- name: arm wrestling\n  queries: {pt: [queda de braço], en: [arm wrestle]}\n")
    here = ["-C", str(tmp_path / "w"), "images", "--address", site, "--pause", "0"]
    here += ["--number", "100", "--classes", str(path)]

    def asked(*words: str) -> list[str]:
        Site.queries = []
        result = CliRunner().invoke(group, [*here, *words])
        assert result.exit_code == 0, result.output
        return list(dict.fromkeys(query["q"][0] for query in Site.queries))

    assert asked() == ["arm wrestling", "queda de braço", "arm wrestle"]
    assert asked("--language", "pt") == ["queda de braço"]
    result = CliRunner().invoke(group, [*here, "--language", "fr"])
    assert result.exit_code == 1
    told = " ".join(result.output.split())
    assert "--language asks for 'fr', in which there is no query for 'arm wrestling'" in told
