"""Thumbnails of videos on a site on loopback: which are fetched, when, and which go again."""

import csv
import io
import json
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner
from PIL import Image
from sqlalchemy import delete, select

from kinetics_builder.database.engine import reading, writing
from kinetics_builder.database.tables import (
    Clip,
    Decision,
    Label,
    Method,
    SitePace,
    SiteRest,
    Verdict,
    Video,
)
from kinetics_builder.text.class_list.entries import ClassEntry
from kinetics_builder.workspace import Workspace
from pipelines.classes.importing import import_classes
from pipelines.cli import group
from pipelines.collecting import match, search
from pipelines.collecting.classes import remember
from pipelines.picturing.collecting import Gathering
from pipelines.picturing.fetching import Fate, Fetched, part_of
from pipelines.picturing.openverse import FoundImage
from pipelines.running.engines.children import ChildPool
from pipelines.running.engines.pool import Outcome
from pipelines.running.runner import run_stage
from tests.sources.conftest import Answer, Site, site  # noqa: F401

LABEL = "juggling balls"
NAMES = ("accepted", "best", "better", "rejected", "gone", "page", "inner", "unlisted", "soup")
TITLES = {"best": LABEL, "rejected": LABEL, "unlisted": LABEL, "soup": "cooking soup"}


def picture(seed: int) -> Answer:
    blocks = np.random.default_rng(seed).integers(0, 255, (8, 9, 3), np.uint8)
    data = io.BytesIO()
    Image.fromarray(blocks).resize((96, 80), Image.Resampling.NEAREST).save(data, "JPEG")
    return Answer(data.getvalue(), "image/jpeg")


def at(name: str) -> str:
    return f"/thumbs/{name}.jpg"


@pytest.fixture
def world(site: Site, tmp_path: Path) -> Iterator["World"]:  # noqa: F811
    for seed, name in enumerate(NAMES):
        site.answers[at(name)] = picture(seed)
    site.answers[at("gone")] = Answer(b"no", status=404)
    site.answers[at("page")] = Answer(b"<html>Sign in to see it</html>")
    site.answers[at("inner")] = Answer(status=302, headers={"Location": "http://10.0.0.1/x.jpg"})
    yield World(site, tmp_path)


class World:
    """A workspace that has listed and matched, and what the site was asked for."""

    def __init__(self, shown: Site, folder: Path, settings: str = "") -> None:
        self.site, self.folder = shown, folder / "w" / "pictures" / "thumbnails"
        local = f"[download]\nallow_private = ['127.0.0.1']\n{settings}\n[run]\nworkers = 1\n"
        self.workspace = Workspace.create(folder / "w", local)
        file = folder / "list.csv"
        with file.open("w", newline="") as out:
            rows = csv.writer(out)
            rows.writerow(["url", "title", "uploader", "licence", "thumbnail"])
            for name in NAMES:
                title = TITLES.get(name, f"{name} of all: juggling balls")
                address = "" if name == "unlisted" else f"{shown.base}{at(name)}"
                rows.writerow([f"{shown.base}/films/{name}.mp4", title, "Ann", "CC BY", address])
        with writing(self.workspace.engine) as session:
            import_classes(session, [ClassEntry(name=LABEL)])
            remember(session, folder / "classes.txt", f"urls:{file}", None)
        for stage in (search, match):
            run_stage(self.workspace, stage.stage(self.workspace))
        assert shown.asked == []
        with reading(self.workspace.engine) as session:
            videos = session.execute(select(Video.url, Video.video_id))
            self.ids = {url.rpartition("/")[2].partition(".")[0]: name for url, name in videos}

    def kbuild(self, *words: str) -> tuple[int, str]:
        result = CliRunner().invoke(group, ["-C", str(self.workspace.root), *words])
        return result.exit_code, " ".join(result.output.split())

    def fetch(self, *words: str) -> str:
        code, said = self.kbuild("images", "--from", "thumbnails", *words)
        assert code == 0, said
        return said

    def judge(self, name: str, verdict: Verdict, start: float = 0.0) -> None:
        """Write a clip of a video that people have judged so."""
        with writing(self.workspace.engine) as session:
            video = select(Video.id).where(Video.video_id == self.ids[name])
            clip = Clip(
                video_id=session.scalars(video).one(),
                label_id=session.scalars(select(Label.id)).one(),
                start_seconds=start,
                end_seconds=start + 10,
                method=Method.MOTION,
                score=0.5,
                rank=0,
            )
            counts = dict.fromkeys(("num_yes", "num_no", "num_unsure", "num_bad"), 0)
            clip.decision = Decision(
                verdict=verdict, num_set_aside=0, lasts_whole_clip=False, **counts
            )
            session.add(clip)

    def asked(self) -> list[str]:
        """Return the thumbnails that were asked for since the last call, in order."""
        found, self.site.asked[:] = list(self.site.asked), []
        return [path.removeprefix("/thumbs/").removesuffix(".jpg") for path in found]

    def kept(self) -> set[str]:
        """Return the names of all files that lie there."""
        names = {video_id: name for name, video_id in self.ids.items()}
        return {names[file.stem] for file in (self.folder / LABEL).iterdir()}


def test_thumbnails_come_once_and_what_is_none_is_told(world: World) -> None:
    world.judge("accepted", Verdict.ACCEPTED)
    world.judge("accepted", Verdict.REJECTED, start=20)
    world.judge("rejected", Verdict.REJECTED)
    assert "1 picture of 1 class in" in world.fetch("--number", "1")
    assert world.asked() == ["accepted"]  # what people accepted comes before better titles
    assert "2 pictures of 1 class in" in world.fetch("--number", "2")
    assert world.asked() == ["best"]
    said = world.fetch()
    assert {*world.asked()} == {"better", "gone", "page", "inner"}
    assert "3 pictures of 1 class in" in said and "4 images tried now" in said
    assert "of all images tried: 1 gone, 3 kept, 1 no picture, 1 refused" in said
    assert "no thumbnail is known of 1 of 7 videos" in said
    assert world.kept() == {"accepted", "best", "better"}
    rows = [json.loads(line) for line in (world.folder / "found.jsonl").read_text().splitlines()]
    reasons = {row["id"]: row["reason"] for row in rows}
    assert reasons[world.ids["gone"]] == "404 Not Found"
    assert "cannot identify image" in reasons[world.ids["page"]]
    assert "10.0.0.1 is not public" in reasons[world.ids["inner"]]
    assert "0 images tried now" in world.fetch() and world.asked() == []
    with (world.folder / "attributions.csv").open(newline="") as file:
        told = {Path(row["file"]).stem: row for row in csv.DictReader(file)}
    best = told[world.ids["best"]]
    page = f"{world.site.base}/films/best.mp4"
    assert (best["title"], best["licence"], best["page"]) == (LABEL, "CC BY", page)
    assert best["attribution"] == f'"{LABEL}", {page}, CC BY'
    assert best["address"] == f"{world.site.base}{at('best')}"


def test_what_is_taken_down_or_rejected_goes_and_does_not_come_again(world: World) -> None:
    world.site.answers[at("accepted")] = world.site.answers[at("better")]  # the same picture
    world.fetch()
    assert len(world.kept()) == 3  # the one that people reject below is not rejected yet
    shown = ({"accepted", "better"} & world.kept()).pop()
    copy = ({"accepted", "better"} - {shown}).pop()
    path = world.folder.parent.parent / "takedown.txt"
    path.write_text(f"{world.ids[shown]} | 2026-11-03 | asked\n")
    assert world.kbuild("takedown", str(path))[0] == 0
    assert world.kept() == {"best", "rejected"}
    for name in ("found.jsonl", "attributions.csv"):
        assert world.ids[shown] not in (world.folder / name).read_text()
    world.judge("rejected", Verdict.REJECTED)
    world.asked()
    searched = world.folder / LABEL / "of-a-search.jpg"
    found = FoundImage("of-a-search", "https://i.org/a.jpg", *[""] * 7)
    part_of(searched).write_bytes(world.site.answers[at("soup")].body)
    Gathering.of(world.folder).note(LABEL, found, Fetched(Fate.KEPT, "", "0" * 64, "5a" * 8))
    said = world.fetch()
    assert "1 picture removed" in said and searched.is_file()
    searched.unlink()
    assert world.asked() == [copy] and world.kept() == {"best", copy}
    with writing(world.workspace.engine) as session:
        session.execute(delete(Decision))
    assert world.kbuild("takedown", "--lift", world.ids[shown])[0] == 0
    world.fetch()
    assert {*world.asked()} == {shown, "rejected"} and world.kept() == {"best", "rejected", copy}


@pytest.mark.long
def test_a_thumbnail_that_has_moved_is_asked_for_again(world: World) -> None:
    world.fetch()
    world.asked()
    with writing(world.workspace.engine) as session:
        row = session.scalars(select(Video).where(Video.video_id == world.ids["gone"])).one()
        row.thumbnail = f"{world.site.base}{at('soup')}"
    world.fetch()
    assert world.asked() == ["soup"] and "gone" in world.kept()


@pytest.mark.long
def test_a_site_that_asks_to_be_left_alone_is_left_alone(world: World) -> None:
    busy = Answer(b"no", status=429, headers={"Retry-After": "570"})
    for name in NAMES:
        world.site.answers[at(name)] = busy
    said = world.fetch()
    assert "127.0.0.1 asked to be left alone (" in said and "for another 9 min" in said
    assert 1 <= len(world.asked()) <= 2  # one waited with the child that had the first
    with reading(world.workspace.engine) as session:
        assert session.scalars(select(SiteRest.site)).all() == ["127.0.0.1"]
    assert "asked to be left alone" in world.fetch() and world.asked() == []
    with writing(world.workspace.engine) as session:
        rest = session.scalars(select(SiteRest)).one()
        rest.since, rest.until = rest.since - 1000, rest.since - 500
    for seed, name in enumerate(NAMES):
        world.site.answers[at(name)] = picture(seed)
    world.fetch("--number", "1")
    assert len(world.kept()) == len(world.asked()) == 1
    with reading(world.workspace.engine) as session:
        assert session.scalars(select(SiteRest.site)).all() == []


def test_thumbnails_count_against_the_rate_of_their_own_host(site: Site, tmp_path: Path) -> None:  # noqa: F811
    for seed, name in enumerate(NAMES):
        site.answers[at(name)] = picture(seed)
    world = World(site, tmp_path, "[download.videos_per_hour]\n'127.0.0.1' = 7200\n")
    world.fetch("--number", "2")
    assert len(world.kept()) == 2
    with reading(world.workspace.engine) as session:
        pace = session.scalars(select(SitePace)).one()
        assert pace.site == "127.0.0.1" and pace.since < pace.next_at <= pace.since + 1


def test_wrong_commands_are_told_what_to_do(world: World) -> None:
    code, said = world.kbuild("images", "--from", "thumbnails", "--licence", "by")
    assert code == 2 and "--licence is for the image search" in said
    classes = world.workspace.root.parent / "other.txt"
    classes.write_text("knitting\n")
    code, said = world.kbuild("images", "--from", "thumbnails", "--classes", str(classes))
    assert code == 1 and "names 'knitting', which is no class of the workspace" in said
    with writing(world.workspace.engine) as session:
        import_classes(session, [ClassEntry(name="knitting")])
    code, said = world.kbuild("images", "--from", "thumbnails")
    assert code == 1 and "found no candidates. Run `kbuild match` first" in said


def test_who_is_stopped_keeps_pictures_whose_makers_are_written_down_and_no_others(
    world: "World", monkeypatch: pytest.MonkeyPatch
) -> None:
    take, taken = ChildPool.finished, list[Outcome]()

    def until_two(pool: ChildPool) -> list[Outcome]:
        if len(taken) >= 2 and world.site.asked[2:]:
            raise KeyboardInterrupt
        taken.extend(some := take(pool))
        return some

    monkeypatch.setattr(ChildPool, "finished", until_two)
    code, said = world.kbuild("images", "--from", "thumbnails")
    assert code == 130 and "Stopped. Run the same command again" in said
    with (world.folder / "attributions.csv").open(newline="") as file:
        told = {row["file"] for row in csv.DictReader(file)}
    pictures = {f"{LABEL}/{path.name}" for path in (world.folder / LABEL).glob("[!.]*")}
    assert pictures == told != set()
    monkeypatch.undo()
    world.fetch()
    assert len(world.kept()) > len(pictures)
