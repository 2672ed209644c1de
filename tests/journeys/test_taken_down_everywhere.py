"""Wherever a file of a video may lie, none is left once it is taken down; no worker sees it."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from click.testing import CliRunner
from sqlalchemy import select

from kinetics_builder.ava.key_frames import still_name
from kinetics_builder.database.engine import reading, writing
from kinetics_builder.database.tables import Item, OlderClip, State, Video
from kinetics_builder.errors import Reason
from kinetics_builder.files import FileMark
from kinetics_builder.formats.names import clip_file_name
from kinetics_builder.intervals import Interval
from kinetics_builder.workspace import Workspace
from models.image_scoring.listed import LIST, SHOWS, TRAIN, Listed, read_list, write_list
from pipelines.cli import group
from pipelines.kinetics.cut import Cutting
from pipelines.picturing.asking import IMAGES, THUMBNAILS
from pipelines.picturing.collecting import ATTRIBUTIONS, FOUND, Gathering, file_of
from pipelines.picturing.fetching import Fate, Fetched, part_of
from pipelines.picturing.frames import name_of
from pipelines.picturing.judged import JudgedVideo
from pipelines.picturing.openverse import FoundImage
from pipelines.restoring.cut import Named
from pipelines.stages import ALL_MODULES, build_stage
from pipelines.takedown.places import PLACES
from pipelines.training import VOTED

GONE, STAYS = "go_ne-1_000007_000019", "stays"
"""The first is called as clips of other datasets are, and has what parts the names of ours."""
MARK = FileMark(1, "0" * 64, 1)
WINDOW = Interval(1.5, 3.5)


def kbuild(workspace: Workspace, *words: str) -> tuple[int, str]:
    result = CliRunner().invoke(group, ["-C", str(workspace.root), *words])
    return result.exit_code, " ".join(result.output.split())


def names_of(video: str) -> dict[str, list[str]]:
    """Return what each writer calls its files of a video, by the folder."""
    judged = JudgedVideo(video, "", MARK, 9.0, "", ())
    return {
        "media": [f"{video}.webm"],
        "clips": [Cutting(video, "", "", WINDOW, (), ()).name],
        "restored": [Named(1, video, "", MARK, 9.0, WINDOW).name],
        "stretches": [f"{video}.mp4"],
        "stills": [f"{video}/{still_name(902.0)}", f"{video}/000902.mp4"],
        VOTED: [name_of(judged, 2.5)],
        THUMBNAILS: [file_of("juggling", image(video))],
    }


def written(path: Path, data: bytes = b"x") -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
    return path


def add_video(workspace: Workspace, name: str, **known: Any) -> int:
    with writing(workspace.engine) as session:
        columns = {"source": "urls:x", "url": f"https://a.org/{name}", "title": name, **known}
        video = Video(video_id=name, **columns)
        session.add(video)
        session.flush()
        return video.id


def take_down(workspace: Workspace, name: str) -> str:
    path = workspace.root / "takedown.txt"
    path.write_text(f"{name} | 2026-11-03 | asked\n")
    code, said = kbuild(workspace, "takedown", str(path))
    path.unlink()
    assert code == 0, said
    return said


def files_naming(workspace: Workspace, name: str) -> list[str]:
    """Return the files of a workspace but for its database that have a name in theirs or within."""
    found = []
    for path in workspace.root.rglob("*"):
        place = str(path.relative_to(workspace.root))
        if not place.startswith("kbuild.") and (
            name in place or (path.is_file() and name.encode() in path.read_bytes())
        ):
            found.append(place)
    return sorted(found)


@pytest.mark.parametrize("has_rows", [True, False])
def test_files_go_by_their_names_whatever_rows_say(workspace: Workspace, *, has_rows: bool) -> None:
    files = {
        name: [f"{folder}/{file}" for folder, made in names_of(name).items() for file in made]
        for name in (GONE, STAYS)
    }
    assert {*names_of(GONE)} == {*PLACES}
    for name, theirs in files.items():
        if has_rows:
            add_video(workspace, name)
        for file in theirs:
            written(workspace.root / file)
    for folder in ("media", "stills"):
        written(workspace.root / folder / ".part" / GONE / "half")
    assert f"{len(files[GONE])} files removed" in take_down(workspace, GONE)
    assert files_naming(workspace, GONE) == []
    assert all((workspace.root / file).is_file() for file in files[STAYS])


def test_every_folder_of_a_workspace_is_a_place_where_files_are_looked_for() -> None:
    folders = {
        name
        for name, value in vars(Workspace).items()
        if isinstance(value, property) and "self._folder(" in _source(value)
    }
    assert folders == {"media", "clips", "stills", "stretches", "restored", "releases", "runs"}
    assert {*PLACES} == {*folders, VOTED, THUMBNAILS} - {"releases", "runs"}


def _source(value: property) -> str:
    import inspect

    assert value.fget is not None
    return inspect.getsource(value.fget)


STAGES_WITHOUT_VIDEOS = {
    *("search", "ava search", "match"),  # titles and addresses
    "availability",  # what sites say of addresses
    *("deduplicate", "deduplicate sounds"),  # how alike pairs of clips are, in numbers
}


def test_no_stage_keeps_what_was_taken_down_meanwhile(workspace: Workspace) -> None:
    for name in (GONE, STAYS):
        add_video(workspace, name)
    take_down(workspace, GONE)
    made = [
        (SimpleNamespace(video_id=one, video=SimpleNamespace(video_id=one)), None)
        for one in (STAYS, GONE)
    ]
    kept = {}
    for name in sorted({*ALL_MODULES} - STAGES_WITHOUT_VIDEOS):
        stage = build_stage(name, workspace)
        assert stage.refuses is not None, name
        with writing(workspace.engine) as session:
            refused = stage.refuses(session, made)
        kept[name] = {place: failure.reason for place, failure in refused.items()}
    assert kept == {name: {1: Reason.TAKEN_DOWN} for name in kept} and len(kept) == 16


def test_clips_that_were_restored_while_they_were_taken_down_leave_no_file(
    workspace: Workspace,
) -> None:
    row = add_video(workspace, GONE)
    named = Named(row, GONE, "", MARK, 9.0, WINDOW)
    file = written(workspace.restored / named.name)
    take_down(workspace, GONE)
    written(file)  # by a child that had begun before
    stage = build_stage("restore cut", workspace)
    assert stage.refuses is not None
    with writing(workspace.engine) as session:
        assert [*stage.refuses(session, [(named, object())])] == [0]
    assert not file.exists()


def older(session: Any, video: str) -> OlderClip:
    clip = OlderClip(
        dataset="v0", name=f"clips/{video}.mp4", video_id=video, sha256="1" * 64, file="x.mp4"
    )
    clip.fingerprint = b"looks"
    session.add(clip)
    session.flush()
    key = f"v0/clips/{video}.mp4 {'1' * 16}"
    session.add(Item(stage="deduplicate against", key=key, settings_hash="0", state=State.DONE))
    return clip


def test_fingerprints_of_older_datasets_go_too_and_come_back(workspace: Workspace) -> None:
    with writing(workspace.engine) as session:
        for video in (GONE, STAYS):
            older(session, video)
    take_down(workspace, GONE)

    def listed() -> dict[str, bool]:
        with reading(workspace.engine) as session:
            stage = build_stage("deduplicate against", workspace)
            items = [one.video_id for _, one in stage.items(session, None)]  # type: ignore[arg-type]
            prints = session.execute(select(OlderClip.video_id, OlderClip.fingerprint)).all()
            assert dict(prints) == {GONE: None, STAYS: b"looks"}
            done = len(session.scalars(select(Item)).all())
            return {"gone is listed": GONE in items, "stays is done": done == 1}

    assert listed() == {"gone is listed": False, "stays is done": True}
    assert kbuild(workspace, "takedown", "--lift", GONE)[0] == 0
    assert listed() == {"gone is listed": True, "stays is done": True}


def image(name: str, **known: str) -> FoundImage:
    told = dict.fromkeys(FoundImage.__dataclass_fields__, "")
    return FoundImage(**{**told, "id": name, "address": f"https://i.org/{name}.jpg", **known})


def test_pictures_of_the_web_go_by_id_address_page_and_maker(workspace: Workspace) -> None:
    images = {
        GONE: image(GONE),
        "by-address": image("by-address"),
        "by-page": image("by-page", page="https://a.org/gone"),
        "by-maker": image("by-maker", creator="gone maker"),
        STAYS: image(STAYS, page="https://a.org/x", creator="maker"),
    }
    entries = [GONE, "https://i.org/by-address.jpg", "https://a.org/gone", "uploader: Gone  maker"]
    for folder in IMAGES:
        place = workspace.root / folder
        (place / "juggling").mkdir(parents=True)
        gathering = Gathering.of(place)
        for number, (name, one) in enumerate(images.items()):
            written(part_of(place / "juggling" / f"{name}.jpg"))
            likeness = f"{number * 0x1111:016x}"
            gathering.note("juggling", one, Fetched(Fate.KEPT, "", name, likeness))
        gathering.write_attributions()
    left = dict(images)
    for entry, name in zip(entries, images, strict=False):
        assert f"{len(IMAGES)} files removed" in take_down(workspace, entry)
        del left[name]
        for folder in IMAGES:
            place = workspace.root / folder
            assert {file.stem for file in (place / "juggling").iterdir()} == {*left}
            for file in (FOUND, ATTRIBUTIONS):
                text = (place / file).read_text()
                assert {one for one in images if f"{one}.jpg" in text} == {*left}


def test_what_was_made_of_many_videos_goes_or_is_told_of(workspace: Workspace) -> None:
    add_video(workspace, GONE)
    clip = clip_file_name(GONE, 12, 22)
    frames = workspace.runs / "frames"
    for number, name in enumerate((clip, clip_file_name(STAYS, 12, 22))):
        index = json.dumps({"clips": {f"clips/{name}": []}, "broken": []})
        written(frames / f"frames-{number}.json", index.encode())
        written(frames / f"frames-{number}.u8")
    rows = [Listed("juggling", f"{one}.jpg", SHOWS, TRAIN, one) for one in (GONE, STAYS)]
    (workspace.root / VOTED).mkdir(parents=True)
    write_list(workspace.root / VOTED / LIST, rows)
    written(workspace.media / f"{GONE}.mp4")
    assert kbuild(workspace, "report")[0] == 0
    written(workspace.releases / "films" / "videos" / f"{GONE}.mp4")
    written(workspace.releases / "films" / "videos.csv", b"video_id,file\n")
    written(workspace.releases / "rows" / "videos.csv", f"video_id\n{GONE}\n".encode())
    written(workspace.releases / "again" / "clips" / clip)
    written(workspace.releases / "again" / "missing.csv")
    written(workspace.releases / "clips" / "clips.csv", f"youtube_id\n{GONE}\n".encode())
    written(workspace.releases / "other" / "clips.csv", f"youtube_id\n{STAYS}\n".encode())
    said = take_down(workspace, GONE)
    assert not (workspace.root / "report.html").exists()
    assert sorted(path.name for path in frames.iterdir()) == ["frames-1.json", "frames-1.u8"]
    assert read_list(workspace.root / VOTED / LIST) == rows[1:]
    remakes = {
        "again": "`kbuild restore` of the file that it was made of",
        "clips": "`kbuild curate` and `kbuild release`",
        "films": "`kbuild ava release`",
        "rows": "`kbuild ava release`",
    }
    for name, how in remakes.items():
        assert f"releases/{name} holds or names them still: run {how}, then remove" in said
    assert said.count("holds or names") == len(remakes)


def test_a_page_of_somebody_else_stays(workspace: Workspace) -> None:
    add_video(workspace, GONE)
    written(workspace.media / f"{GONE}.mp4")
    page = written(workspace.root / "report.html", b"<title>my own notes</title>")
    take_down(workspace, GONE)
    assert page.exists()


@pytest.fixture
def collected(workspace: Workspace, classes: Path, videos: Path) -> Workspace:
    words = ("collect", "--classes", str(classes), "--source", f"folder:{videos}")
    code, said = kbuild(workspace, *words)
    assert code == 0, said
    return workspace


@pytest.mark.long
def test_pictures_of_judged_clips_go_and_are_not_taken_again(
    collected: Workspace, finish: Callable[[Workspace], Path]
) -> None:
    from models.image_scoring.recipe import ScorerRecipe
    from pipelines.training import scorer_lesson

    finish(collected)
    recipe = ScorerRecipe(size=32)

    def learn() -> set[str]:
        lesson = scorer_lesson(
            collected.root, (), from_votes=True, recipe=recipe, progress=lambda _line: None
        )
        assert lesson.pictures.labels
        return {row.video_id for row in read_list(collected.root / VOTED / LIST)}

    before = learn()
    gone = min(before)
    assert [f for f in files_naming(collected, gone) if f.startswith(VOTED)]
    take_down(collected, gone)
    assert not [f for f in files_naming(collected, gone) if f.startswith(VOTED)]
    assert learn() == before - {gone}
    assert kbuild(collected, "takedown", "--lift", gone)[0] == 0


@pytest.fixture
def page(collected: Workspace) -> Iterator[Any]:
    from kinetics_builder.crowd.invitations import make_invitations
    from tests.annotation_ui.conftest import Person, World

    with writing(collected.engine) as session:
        codes = make_invitations(session, 1)
    world = World(collected, codes)
    yield Person(world.app().test_client(), "ann", codes[0], world).log_in()


def test_who_holds_a_task_is_shown_nothing_of_it_any_more(collected: Workspace, page: Any) -> None:
    from kinetics_builder.database.tables import Clip, TaskSlot

    with reading(collected.engine) as session:
        shown = select(TaskSlot.id, Video.video_id).join(Clip, Clip.id == TaskSlot.clip_id)
        videos = dict(session.execute(shown.join(Video, Video.id == Clip.video_id)).all())
    answered = page.next()
    assert page.answer(answered["slot"]).status_code == 200
    held = page.next()
    addresses = [f"/clips/{one['clip']}.mp4" for one in (answered, held)]
    again = f"/earlier/{answered['slot']}"
    for address in (*addresses, again):
        with page.browser.get(address) as reply:
            assert reply.status_code == 200
    for one in (answered, held):
        take_down(collected, videos[one["slot"]])
    for address in (*addresses, again):
        assert page.browser.get(address).status_code == 404
    reply = page.answer(held["slot"], "yes")
    assert (reply.status_code, reply.json["outcome"]) == (410, "closed")
    asked = {one["slot"] for one in page.answer_all()}
    assert asked and not asked & {answered["slot"], held["slot"]}
