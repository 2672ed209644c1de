"""A takedown: nothing of it is left but what people said, and nothing of it comes again."""

import csv
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from kinetics_builder.database.engine import reading, writing
from kinetics_builder.database.tables import (
    Clip,
    ClipFile,
    CuratedClip,
    Decision,
    Item,
    KeyFrame,
    LiftedTakedown,
    Media,
    RestoredClip,
    Takedown,
    TaskSlot,
    Verdict,
    Video,
    Vote,
)
from kinetics_builder.errors import Reason
from kinetics_builder.text.class_list.entries import ClassEntry
from kinetics_builder.workspace import Workspace
from pipelines.classes.importing import import_classes
from pipelines.cli import group
from pipelines.collecting import download, match, search
from pipelines.collecting.classes import remember
from pipelines.running.runner import run_stage
from tests.journeys.conftest import draw_video


def kbuild(workspace: Workspace, *words: str) -> tuple[int, str]:
    result = CliRunner().invoke(group, ["-C", str(workspace.root), *words])
    return result.exit_code, " ".join(result.output.split())


@pytest.fixture
def released(
    workspace: Workspace, classes: Path, videos: Path, finish: Callable[[Workspace], Path]
) -> Path:
    code, said = kbuild(
        workspace, "collect", "--classes", str(classes), "--source", f"folder:{videos}"
    )
    assert code == 0, said
    return finish(workspace)


def released_clips(folder: Path) -> dict[str, dict[str, str]]:
    with (folder / "clips.csv").open(newline="") as file:
        return {row["youtube_id"]: row for row in csv.DictReader(file)}


def clips_of(video_id: str) -> Any:
    return select(Clip.id).join(Video).where(Video.video_id == video_id)


def files_of(session: Session, video_id: str) -> list[str]:
    of_clips = select(ClipFile.file).where(ClipFile.clip_id.in_(clips_of(video_id)))
    of_media = select(Media.file).join(Video).where(Video.video_id == video_id)
    return [*session.scalars(of_clips), *session.scalars(of_media)]


def num_votes(session: Session, video_id: str) -> int:
    votes = select(func.count()).select_from(Vote)
    return session.scalar(votes.where(Vote.clip_id.in_(clips_of(video_id)))) or 0


def num_accepted(session: Session, video_id: str) -> int:
    accepted = select(Decision.clip_id).where(Decision.verdict == Verdict.ACCEPTED)
    return len(session.scalars(accepted.where(Decision.clip_id.in_(clips_of(video_id)))).all())


@pytest.mark.on_both(is_long=True)
def test_a_video_leaves_files_and_the_next_release_and_its_votes_stay(
    workspace: Workspace, released: Path, tmp_path: Path, finish: Callable[[Workspace], Path]
) -> None:
    gone = sorted(released_clips(released))[0]
    with reading(workspace.engine) as session:
        files = files_of(session, gone)
        before = num_votes(session, gone), num_accepted(session, gone)
    assert all(before) and all((workspace.root / file).exists() for file in files)
    path = tmp_path / "takedown.txt"
    path.write_text(
        f"{gone} | 2026-11-03 | asked by a person shown\nzzzzzzzzzzz | 2026-11-03 | x\n"
    )
    code, said = kbuild(workspace, "takedown", str(path))
    assert code == 0, said
    assert "2 entries, 2 of them new. 1 video of this workspace is on the list" in said
    assert (
        f"{len(files)} files removed." in said
        and "releases/v1 holds or names them still: run `kbuild curate`" in said
    )
    assert not any((workspace.root / file).exists() for file in files)
    again = finish(workspace)
    assert again != released and gone not in released_clips(again)
    with (again / "taken_down.csv").open(newline="") as file:
        rows = [(row["youtube_id"], row["date"], row["reason"]) for row in csv.DictReader(file)]
    assert rows == [(gone, "2026-11-03", "asked by a person shown")] * before[1]
    assert "taken_down.csv" in (again / "SHA256SUMS").read_text()
    told = f"{before[1]} accepted clips were taken down: `taken_down.csv`."
    assert told in (again / "README.md").read_text()
    assert "taken down" not in (released / "README.md").read_text()
    with reading(workspace.engine) as session:
        assert (num_votes(session, gone), num_accepted(session, gone)) == before
    said = kbuild(workspace, "takedown", str(path))[1]
    assert "2 entries, 0 of them new" in said and "0 files removed" in said


def test_a_video_that_was_taken_down_is_a_row_with_a_reason_and_comes_never_again(
    workspace: Workspace, released: Path, classes: Path, videos: Path, tmp_path: Path
) -> None:
    gone = sorted(released_clips(released))[-1]
    path = tmp_path / "takedown.txt"
    path.write_text(f"{gone} | 2026-11-03 | asked\n")
    kbuild(workspace, "takedown", str(path))
    words = ("collect", "--classes", str(classes), "--source", f"folder:{videos}")
    for _ in range(2):
        code, said = kbuild(workspace, *words)
        assert code == 0 and "1 failed (1 taken down)" in said, said
    with reading(workspace.engine) as session:
        row = session.scalars(select(Item).where(Item.stage == "download", Item.key == gone)).one()
        assert (row.reason, row.message) == (Reason.TAKEN_DOWN, "taken down on 2026-11-03: asked")
        assert files_of(session, gone) == []
        assert session.scalars(clips_of(gone).where(~Clip.is_withdrawn)).all() == []
    code, said = kbuild(workspace, "check")
    assert code == 0, said
    assert "1 taken down" in kbuild(workspace, "status")[1]


def test_a_clip_that_is_taken_down_is_asked_about_no_more(
    workspace: Workspace, classes: Path, videos: Path, tmp_path: Path
) -> None:
    from annotation_ui.kinds.clip.questions import QUESTIONS

    kbuild(workspace, "collect", "--classes", str(classes), "--source", f"folder:{videos}")
    with reading(workspace.engine) as session:
        videos_of = select(Video.video_id, Clip.id).join(Clip, Clip.video_id == Video.id)
        gone, clip_id = session.execute(
            videos_of.join(TaskSlot, TaskSlot.clip_id == Clip.id).order_by(Video.video_id)
        ).first() or ("", 0)
        asked = QUESTIONS.where(TaskSlot.clip_id == clip_id)
        assert len(session.execute(asked).all()) == 1
    path = tmp_path / "takedown.txt"
    path.write_text(f"{gone} | 2026-11-03 | asked\n")
    kbuild(workspace, "takedown", str(path))
    with reading(workspace.engine) as session:
        assert session.execute(asked).all() == []
        assert session.scalars(select(CuratedClip)).all() == []


def test_what_is_listed_later_is_on_the_list_from_the_first(
    workspace: Workspace, classes: Path, tmp_path: Path
) -> None:
    folder = tmp_path / "more"
    folder.mkdir()
    for seed, name in enumerate(("arm wrestling 1", "arm wrestling 2", "juggling balls")):
        draw_video(folder / f"{name}.mp4", seed)
    (folder / "arm wrestling 2.info.json").write_text('{"uploader": "Some  channel"}')
    path = tmp_path / "takedown.txt"
    path.write_text("uploader: some Channel | 2026-11-05 | asked\n")
    assert "1 of them new. 0 videos" in kbuild(workspace, "takedown", str(path))[1]
    source = f"folder:{folder}"
    code, said = kbuild(workspace, "collect", "--classes", str(classes), "--source", source)
    assert code == 0 and "1 taken down" in said, said
    with reading(workspace.engine) as session:
        assert len(session.scalars(select(Media)).all()) == 2
    assert len(list(workspace.media.iterdir())) == 2


def test_films_and_restored_stretches_go_too(workspace: Workspace, tmp_path: Path) -> None:
    names = ("media/film.mp4", "stills/film/1.jpg", "restored/film_0_2.mp4")
    for name in names:
        (workspace.root / name).parent.mkdir(parents=True, exist_ok=True)
        (workspace.root / name).write_bytes(b"x")
    part = workspace.media / ".part" / "film" / "video.mp4.part"
    part.parent.mkdir(parents=True)
    part.write_bytes(b"x")
    facts = {"bytes": 1, "sha256": "0" * 64, "width": 1, "height": 1}
    moving = {**facts, "duration_seconds": 2.0, "frames_per_second": 10.0}
    address = "https://films.org/film.mp4"
    with writing(workspace.engine) as session:
        video = Video(video_id="film", source="urls:x", url=address, title="a film")
        session.add(video)
        session.flush()
        key = {"video_id": video.id}
        session.add(Media(**key, **moving, file=names[0], has_audio=False, codec="h264"))
        session.add(
            KeyFrame(
                **key, **facts, file=names[1], timestamp_seconds=1, shown_seconds=1, shot_number=0
            )
        )
        clip = {"start_seconds": 0, "end_seconds": 2, "num_frames": 20, "file": names[2]}
        session.add(RestoredClip(**key, **moving, **clip))
    (tmp_path / "takedown.txt").write_text(f"{address} | 2026-11-03 | asked\n")
    code, said = kbuild(workspace, "takedown", str(tmp_path / "takedown.txt"))
    assert code == 0 and "3 files removed" in said, said
    assert not any((workspace.root / name).exists() for name in names) and not part.exists()
    with reading(workspace.engine) as session:
        for table in (Media, KeyFrame, RestoredClip):
            assert session.scalars(select(table)).all() == []


def test_a_list_that_is_none_changes_nothing(workspace: Workspace, tmp_path: Path) -> None:
    (tmp_path / "takedown.txt").write_text("abc | 2026-11-03 | asked\nnone\n")
    code, said = kbuild(workspace, "takedown", str(tmp_path / "takedown.txt"))
    assert code == 1 and "takedown.txt:2: 'none' is no entry" in said
    with reading(workspace.engine) as session:
        assert session.scalars(select(Takedown)).all() == []


@pytest.mark.parametrize(
    "address",
    ["https://youtu.be/dQw4w9WgXcQ?t=3", "https://www.youtube.com/watch?v=dQw4w9WgXcQ&list=x"],
)
def test_an_address_means_its_video_whatever_way_it_is_written(
    workspace: Workspace, tmp_path: Path, address: str
) -> None:
    with writing(workspace.engine) as session:
        url = "https://m.youtube.com/watch?v=dQw4w9WgXcQ"
        session.add(Video(video_id="dQw4w9WgXcQ", source="urls:x", url=url, title="a song"))
    (tmp_path / "takedown.txt").write_text(f"{address} | 2026-11-03 | asked\n")
    assert "1 video of this" in kbuild(workspace, "takedown", str(tmp_path / "takedown.txt"))[1]


def test_files_that_lie_in_a_store_go_from_there(tmp_path: Path) -> None:
    store = tmp_path / "store"
    settings = f'[storage]\nmedia = "file://{store}"\ncache = "{tmp_path}/cache"\n'
    workspace = Workspace.create(tmp_path / "workspace", settings)
    copy = workspace.storage.folder("media") / "film.mp4"
    copy.write_bytes(b"x")
    workspace.storage.publish("media/film.mp4")
    assert [file.name for file in store.iterdir()] == ["film.mp4"]
    facts = {"bytes": 1, "sha256": "0" * 64, "width": 1, "height": 1, "codec": "h264"}
    facts |= {"duration_seconds": 2.0, "frames_per_second": 10.0, "has_audio": False}
    with writing(workspace.engine) as session:
        video = Video(video_id="film", source="urls:x", url="https://a.org/x", title="a film")
        session.add(video)
        session.flush()
        session.add(Media(video_id=video.id, file="media/film.mp4", **facts))
    (tmp_path / "takedown.txt").write_text("film | 2026-11-03 | asked\n")
    assert "1 file removed" in kbuild(workspace, "takedown", str(tmp_path / "takedown.txt"))[1]
    assert not list(store.iterdir()) and not copy.exists()


def num_rows(workspace: Workspace, video_id: str) -> dict[str, int]:
    with reading(workspace.engine) as session:
        clips = clips_of(video_id)
        return {
            "files": len(files_of(session, video_id)),
            "clips": len(session.scalars(clips.where(~Clip.is_withdrawn)).all()),
            "votes": num_votes(session, video_id),
            "accepted": num_accepted(session, video_id),
        }


@pytest.mark.few("True")
@pytest.mark.on_both(is_long=True)
@pytest.mark.parametrize("is_run_between", [True, False])
def test_what_is_lifted_is_made_again(
    workspace: Workspace,
    released: Path,
    classes: Path,
    videos: Path,
    tmp_path: Path,
    finish: Callable[[Workspace], Path],
    *,
    is_run_between: bool,
) -> None:
    gone, stays = sorted(released_clips(released))[:2]
    before, path = num_rows(workspace, gone), tmp_path / "takedown.txt"
    path.write_text(f"{gone} | 2026-11-03 | asked\n{stays} | 2026-11-03 | asked\n")
    kbuild(workspace, "takedown", str(path))
    words = ("collect", "--classes", str(classes), "--source", f"folder:{videos}")
    if is_run_between:
        assert "2 taken down" in kbuild(workspace, *words)[1]
    assert num_rows(workspace, gone) == {**before, "files": 0, "clips": 0}
    code, said = kbuild(workspace, "takedown", "--lift", gone, "--reason", "a mistake")
    assert code == 0 and "1 entry lifted, 0 were before. 1 video" in said, said
    assert "1 is on the list still" in said
    code, said = kbuild(workspace, *words)
    assert code == 0 and "1 taken down" in said, said
    assert num_rows(workspace, gone) == before
    assert num_rows(workspace, stays)["files"] == 0
    again = released_clips(finish(workspace))
    assert gone in again and stays not in again
    assert (
        "0 entries lifted, 1 were before. 0 videos"
        in kbuild(workspace, "takedown", "--lift", gone)[1]
    )
    with reading(workspace.engine) as session:
        assert len(session.scalars(select(Takedown)).all()) == 2
        lifted = session.scalars(select(LiftedTakedown)).one()
        assert lifted.reason == "a mistake"


def test_a_lifted_entry_comes_back_by_another_date_alone(
    workspace: Workspace, tmp_path: Path
) -> None:
    with writing(workspace.engine) as session:
        session.add(Video(video_id="film", source="urls:x", url="https://a.org/x", title="a film"))
    path = tmp_path / "takedown.txt"
    path.write_text("film | 2026-11-03 | asked\n")
    assert "1 of them new. 1 video" in kbuild(workspace, "takedown", str(path))[1]
    kbuild(workspace, "takedown", "--lift", "film")
    said = kbuild(workspace, "takedown", str(path))[1]
    assert "0 of them new. 0 videos" in said and "1 of them were lifted" in said
    path.write_text("film | 2026-12-01 | asked again\n")
    assert "1 of them new. 1 video" in kbuild(workspace, "takedown", str(path))[1]


def test_a_video_that_another_entry_names_stays_down(workspace: Workspace, tmp_path: Path) -> None:
    with writing(workspace.engine) as session:
        session.add(Video(video_id="film", source="urls:x", url="https://a.org/x", title="a film"))
    path = tmp_path / "takedown.txt"
    path.write_text("film | 2026-11-03 | asked\nhttps://a.org/x | 2026-11-04 | asked\n")
    kbuild(workspace, "takedown", str(path))
    assert "0 videos of this" in kbuild(workspace, "takedown", "--lift", "film")[1]
    said = kbuild(workspace, "takedown", "--lift", "https://a.org/x")[1]
    assert "1 entry lifted, 0 were before. 1 video" in said


@pytest.mark.long
def test_an_uploader_is_lifted_who_was_known_when_the_video_came(
    workspace: Workspace, classes: Path, tmp_path: Path
) -> None:
    folder = tmp_path / "more"
    folder.mkdir()
    draw_video(folder / "arm wrestling 1.mp4", 1)
    draw_video(folder / "arm wrestling 2.mp4", 2)
    (folder / "arm wrestling 2.info.json").write_text('{"uploader": "Some  channel"}')
    path = tmp_path / "takedown.txt"
    path.write_text("uploader: some Channel | 2026-11-05 | asked\n")
    kbuild(workspace, "takedown", str(path))
    words = ("collect", "--classes", str(classes), "--source", f"folder:{folder}")
    assert "1 taken down" in kbuild(workspace, *words)[1]
    assert "1 entry lifted" in kbuild(workspace, "takedown", "--lift", "Uploader: SOME channel")[1]
    assert "taken down" not in kbuild(workspace, *words)[1]
    with reading(workspace.engine) as session:
        assert len(session.scalars(select(Media)).all()) == 2


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["--lift", "film", "--lift", "other"], "'other' is no entry of the takedown list. It has"),
        (["--lift", "a b | c"], "'a b | c' is no entry of the takedown list"),
        ([], "Name a takedown list FILE, or the entries to --lift"),
        (["takedown.txt", "--lift", "film"], "Name a takedown list FILE, or the entries to --lift"),
        (["takedown.txt", "--reason", "x"], "--reason says why entries are lifted"),
    ],
)
def test_what_cannot_be_lifted_changes_nothing(
    workspace: Workspace, tmp_path: Path, words: list[str], told: str
) -> None:
    (tmp_path / "takedown.txt").write_text("film | 2026-11-03 | asked\n")
    kbuild(workspace, "takedown", str(tmp_path / "takedown.txt"))
    code, said = kbuild(workspace, "takedown", *words)
    assert code != 0 and told in said, said
    with reading(workspace.engine) as session:
        assert session.scalars(select(LiftedTakedown)).all() == []


def test_what_is_taken_down_while_it_comes_leaves_no_file(
    workspace: Workspace, classes: Path, videos: Path, tmp_path: Path
) -> None:
    with writing(workspace.engine) as session:
        import_classes(
            session, [ClassEntry(name=name) for name in classes.read_text().split("\n") if name]
        )
        remember(session, classes, f"folder:{videos}", None)
    for one in (search.stage(workspace), match.stage(workspace)):
        run_stage(workspace, one)
    stage, path = download.stage(workspace), tmp_path / "takedown.txt"
    with reading(workspace.engine) as session:
        names = list(session.scalars(select(Video.video_id).order_by(Video.video_id)))
    fetched: list[str] = []

    def work(wanted: download.Wanted) -> download.Downloaded:
        made = stage.work(wanted)
        fetched.append(wanted.video_id)
        if len(fetched) == 1:
            path.write_text(f"{wanted.video_id} | 2026-11-03 | asked\n")
            data = (workspace.media / made.file).read_bytes()
            assert "1 file removed" in kbuild(workspace, "takedown", str(path))[1]
            (workspace.media / made.file).write_bytes(data)  # as by a child that is slower
        return made

    run_stage(workspace, replace(stage, work=work, in_children=False))
    gone, *others = fetched
    with reading(workspace.engine) as session:
        there = set(session.scalars(select(Video.video_id).join(Media)))
        assert there == set(others) and gone in names
    kept = {file.stem for file in workspace.media.iterdir() if file.name[0] != "."}
    assert kept == set(others) and not (workspace.media / ".part" / gone).exists()
    report = run_stage(workspace, download.stage(workspace))
    assert report.failures == {"taken down": 1} and report.num_done == len(others)
