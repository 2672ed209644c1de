"""`kbuild restore`: a released file comes back from a site on loopback, or is told to be gone."""

import csv
import json
import os
import re
import signal
import subprocess
import sys
import time
import uuid
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import av
import pytest
from click.testing import CliRunner
from sqlalchemy import func, select

from kinetics_builder.database.engine import reading, writing
from kinetics_builder.database.tables import (
    FilmHit,
    Item,
    ReleasedFile,
    ReleasedStretch,
    RestoredClip,
    State,
    Video,
)
from kinetics_builder.errors import FormatError, Reason, SourceError
from kinetics_builder.formats.problems import Problems
from kinetics_builder.workspace import Workspace
from pipelines.cli import group
from pipelines.inspecting.report import write_report
from pipelines.inspecting.status import status
from pipelines.inspecting.status_lines import status_lines
from pipelines.restoring import restore as restoring
from pipelines.restoring.outcomes import Outcome, outcome_of
from pipelines.restoring.released import find_released, read_wanted
from pipelines.restoring.restore import RestoreReport, restore
from pipelines.takedown.takedown import takedown
from tests.sources.conftest import ALLOWING, Answer, small_film

HEADER = "label,youtube_id,time_start,time_end,split\n"
EXCUSES = {
    "bbbbbbbbbbB": (410, "Video unavailable. This video has been removed by the uploader"),
    "cccccccccCC": (
        200,
        "This video is no longer available because the YouTube account associated with this "
        "video has been terminated.",
    ),
    "dddddddddDD": (200, "Private video. Sign in if you've been granted access to this video"),
    "eeeeeeeeeEE": (451, "The uploader has not made this video available in your country"),
    "fffffffffFF": (200, "Sign in to confirm your age. This video may be inappropriate."),
    "gggggggggGG": (200, "Join this channel to get access to members-only content"),
    "hhhhhhhhhHH": (200, "This video is no longer available due to a copyright claim by Me"),
    "iiiiiiiiiII": (503, "Too busy, come back later"),
}
ROWS = [
    "yoga,aaaaaaaaaaA,1,4,train",
    "yoga,aaaaaaaaaaA,2,12,validate",  # the film ends after 8 s
    "bowling,aaaaaaaaaaA,20,30,train",
    *(f"{label},{name},0,3,train" for name in EXCUSES for label in ("yoga", "bowling")),
    "bowling,#NAME?,0,10,validate",
]

Restoring = Callable[..., RestoreReport]


on_both = pytest.mark.parametrize("workspace", ["sqlite", "postgresql"], indirect=True)


@pytest.fixture
def workspace(request: pytest.FixtureRequest, site: Any, tmp_path: Path) -> Workspace:
    site.film = small_film(80, grey=3)
    site.facts = {"duration": "PT8S"}
    database = ""
    if getattr(request, "param", "sqlite") == "postgresql":
        address = request.getfixturevalue("postgresql")(f"restoring{uuid.uuid4().hex}")
        database = f'database = "{address}"\n'
    plain = Workspace.create(tmp_path / "workspace", f"{database}[run]\nworkers = 1\n")
    return Workspace(plain.root, replace(plain.config, download=site.config(attempts=1)))


@pytest.fixture
def run(site: Any, workspace: Workspace) -> Restoring:
    def restored(file: Path, name: str | None = None, **options: Any) -> RestoreReport:
        released = find_released(file, name, address=f"{site.base}/watch?v={{id}}")
        return restore(workspace, released, **options)[0]

    return restored


def written(path: Path, *rows: str, header: str = HEADER) -> Path:
    path.write_text(header + "".join(f"{row}\n" for row in rows))
    return path


def validated(*arguments: str | Path) -> str:
    result = CliRunner().invoke(group, ["validate", *map(str, arguments)])
    assert result.exit_code == 0, result.output
    return result.output


def seconds_of(path: Path) -> float:
    with av.open(str(path)) as container:
        frames = list(container.decode(video=0))
    return len(frames) / 10


def test_what_was_taken_down_is_not_fetched_and_told_so(
    site: Any, run: Restoring, workspace: Workspace, tmp_path: Path
) -> None:
    """Before a released file names it, and after."""
    for number, name in enumerate(("aaaaaaaaaaA", "bbbbbbbbbbB")):
        (tmp_path / "takedown.txt").write_text(f"{name} | 2026-11-03 | asked\n")
        takedown(workspace, tmp_path / "takedown.txt")
        site.asked.clear()
        rows = ("yoga,aaaaaaaaaaA,0,1,validate", "yoga,bbbbbbbbbbB,0,1,validate")
        report = run(written(tmp_path / f"{number}.csv", *rows, "yoga,cccccccccC_,0,1,validate"))
        assert report.outcomes == {"restored": 2 - number, "taken down": 1 + number}
        assert f"/watch?v={name}" not in site.asked


@on_both
def test_what_is_left_is_a_release_and_what_is_gone_is_told_by_class_and_split(
    site: Any, run: Restoring, tmp_path: Path
) -> None:
    site.excuses = EXCUSES
    report = run(written(tmp_path / "k.csv", *ROWS))
    assert (report.format, report.num_rows, report.num_restored) == ("kinetics", 20, 2)
    assert report.outcomes == {
        "restored": 2,
        "removed": 2,
        "account terminated": 2,
        "copyright claim": 2,
        "private": 2,
        "blocked in a country": 2,
        "age-restricted": 2,
        "members only": 2,
        "ends before the stretch": 1,
        "not fetched yet": 2,
        "no video's id": 1,
    }
    assert report.by_split["validate"] == {"restored": 1, "no video's id": 1}
    assert report.by_class["yoga"]["restored"] == 2
    assert report.by_class["bowling"]["removed"] == 1
    assert report.num_shortened == 1
    # a video is asked for once, however many rows name it
    watched = [path for path in site.asked if path.startswith("/watch")]
    assert sorted(watched) == sorted(f"/watch?v={name}" for name in ["aaaaaaaaaaA", *EXCUSES])

    folder = Path(report.release or "")
    assert (folder / "k.csv").read_text() == HEADER + f"{ROWS[0]}\n{ROWS[1]}\n"
    with (folder / "missing.csv").open() as file:
        missing = list(csv.DictReader(file))
    assert [row["outcome"] for row in missing].count("removed") == 2
    assert len(missing) == 18
    assert missing[0] == {
        "video_id": "aaaaaaaaaaA",
        "time_start": "20.0",
        "time_end": "30.0",
        "label": "bowling",
        "split": "train",
        "outcome": "ends before the stretch",
        "reason": "the video lasts 8 s by now, and the stretch begins at 20 s",
    }
    assert seconds_of(folder / "clips" / "aaaaaaaaaaA_000001_000004.mp4") == 3
    assert seconds_of(folder / "clips" / "aaaaaaaaaaA_000002_000012.mp4") == 6
    assert "2 of 20 rows" in (folder / "README.md").read_text()
    validated("--format", "kinetics", folder / "k.csv", "--media", folder / "clips", "--strict")
    told = validated("--format", "kbuild-manifest", folder / "clips.csv", "--media", folder)
    assert told.endswith("2 clips, no errors\n")


def test_a_second_run_asks_for_nothing_and_retries_what_may_have_come_back(
    site: Any, run: Restoring, tmp_path: Path
) -> None:
    site.excuses = dict(EXCUSES)
    file = written(tmp_path / "k.csv", *ROWS)
    first = run(file)
    num_asked = len(site.asked)
    again = run(file)
    assert len(site.asked) == num_asked
    assert (again.outcomes, again.release) == (first.outcomes, first.release)
    assert first.is_new and not again.is_new
    del site.excuses["iiiiiiiiiII"], site.excuses["bbbbbbbbbbB"]
    later = run(file, retry_failed=True)
    assert [path for path in site.asked[num_asked:] if path.startswith("/watch")] == [
        "/watch?v=iiiiiiiiiII"
    ]
    assert (later.outcomes["restored"], later.outcomes["removed"]) == (4, 2)
    assert "not fetched yet" not in later.outcomes
    assert later.release != first.release and later.is_new


def test_times_between_seconds_are_kept_and_namesakes_are_told_apart(
    site: Any, run: Restoring, tmp_path: Path
) -> None:
    site.excuses = EXCUSES
    video = {
        "duration": 8.0,
        "resolution": "64x48",
        "subset": "validation",
        "annotations": [
            {"label": "Yoga", "segment": [1.5, 3.0]},
            {"label": "Bowling", "segment": [1.5, 3.0]},
            {"label": "Yoga", "segment": [1.1, 2.9]},
            {"label": "Yoga", "segment": [4.0, 4.0]},
        ],
    }
    gone = {**video, "annotations": video["annotations"][:1]}  # type: ignore[index]
    taxonomy = [{"nodeName": "Root", "nodeId": 0, "parentName": None, "parentId": None}]
    database = {"bbbbbbbbbbB": gone, "aaaaaaaaaaA": video}
    file = tmp_path / "anet.json"
    content = {"version": "VERSION 1.3", "taxonomy": taxonomy, "database": database}
    file.write_text(json.dumps(content))
    report = run(file)
    assert report.format == "activitynet"
    assert report.outcomes == {"restored": 4, "removed": 1}
    folder = Path(report.release or "")
    assert json.loads((folder / "anet.json").read_text()) == {
        **content,
        "database": {"aaaaaaaaaaA": video},
    }
    lengths = {path.name: seconds_of(path) for path in (folder / "clips").iterdir()}
    assert lengths == {
        "aaaaaaaaaaA_000001500_000003000.mp4": 1.5,
        "aaaaaaaaaaA_000001100_000002900.mp4": 1.8,
    }
    assert [path.name for path in (folder / "videos").iterdir()] == ["aaaaaaaaaaA.mp4"]
    validated("--format", "activitynet", folder / "anet.json")
    told = validated("--format", "kbuild-manifest", folder / "clips.csv", "--media", folder)
    assert told.endswith("3 clips, no errors\n")


def test_negatives_come_back_too_and_are_no_examples_of_their_class(
    run: Restoring, tmp_path: Path
) -> None:
    rows = "Yoga,aaaaaaaaaaA,training,1.0,3.0,1", "Yoga,aaaaaaaaaaA,training,4.0,6.0,-1"
    header = "classname,youtube_id,subset,start,end,label\n"
    report = run(written(tmp_path / "hacs.csv", *rows, header=header))
    assert (report.format, report.outcomes) == ("hacs-clips", {"restored": 2})
    folder = Path(report.release or "")
    assert len(list((folder / "clips").iterdir())) == 2
    assert validated("--format", "hacs-clips", folder / "hacs.csv").endswith("2 clips, no errors\n")
    with (folder / "clips.csv").open() as file:
        assert [row["time_start"] for row in csv.DictReader(file)] == ["1"]


def of_one_video(**said: Any) -> dict[str, Any]:
    """Return what a JSON file says of the one video that the site has."""
    return {"aaaaaaaaaaA": said}


OTHERS = {
    "kinetics-json": json.dumps(
        of_one_video(
            annotations={"label": "yoga", "segment": [1.0, 4.0]},
            duration=3.0,
            subset="train",
            url="https://www.youtube.com/watch?v=aaaaaaaaaaA",
        )
    ),
    "hacs-segments": json.dumps(
        {
            "database": of_one_video(
                duration="8.0",
                subset="training",
                annotations=[{"label": "Yoga", "segment": [1.5, 3.25]}],
            )
        }
    ),
    "charades": "id,subject,scene,quality,relevance,verified,script,objects,descriptions,actions,"
    "length\naaaaaaaaaaA,HR43,Kitchen,6,7,Yes,Cooks.,food,Cooks.,c092 1.50 3.25,8.00\n",
    "finegym": json.dumps(
        of_one_video(
            E_000001_000003={
                "event": 4,
                "timestamps": [[1.0, 3.25]],
                "segments": {"A_0000_0002": {"stages": 1, "timestamps": [[0.5, 2.25]]}},
            }
        )
    ),
}
"""Files of one video, by their format; but for Kinetics, their stretch is [1.5, 3.25)."""


@pytest.mark.few("kinetics-json", "charades", "finegym")
@pytest.mark.parametrize("name", OTHERS)
def test_every_file_comes_back_in_the_format_that_it_is_known_to_have(
    workspace: Workspace, run: Restoring, tmp_path: Path, name: str
) -> None:
    file = tmp_path / f"train.{'csv' if name == 'charades' else 'json'}"
    file.write_text(OTHERS[name])
    report = run(file)
    assert (report.format, report.num_restored) == (name, report.num_rows)
    folder = Path(report.release or "")
    validated("--format", name, folder / file.name)
    first, again = (
        [record[:-1] for record in find_released(one).records(Problems(one))]
        for one in (file, folder / file.name)
    )
    assert first == again
    stretch = (1.0, 4.0) if name == "kinetics-json" else (1.5, 3.25)
    with reading(workspace.engine) as session:
        clips = session.execute(
            select(
                RestoredClip.start_seconds, RestoredClip.end_seconds, RestoredClip.duration_seconds
            )
        )
        made = {(start, end): length for start, end, length in clips}
    assert made[stretch] == pytest.approx(stretch[1] - stretch[0], abs=0.05)


def test_a_restored_release_can_be_restored(site: Any, run: Restoring, tmp_path: Path) -> None:
    first = Path(run(written(tmp_path / "k.csv", *ROWS[:2])).release or "")
    report = run(first / "clips.csv")
    assert (report.format, report.outcomes) == ("kbuild-manifest", {"restored": 2})
    again = Path(report.release or "")
    assert (again / "clips.csv").read_bytes() == (first / "clips.csv").read_bytes()
    assert site.num_asked("/watch?v=aaaaaaaaaaA") == 1


@pytest.mark.few("sqlite")
@on_both
def test_films_are_kept_whole_and_their_stretch_is_stated(
    site: Any, workspace: Workspace, run: Restoring, tmp_path: Path
) -> None:
    site.excuses = {"bbbbbbbbbbB": EXCUSES["bbbbbbbbbbB"]}
    box = "0.100,0.100,0.500,0.900,12,1"
    rows = [f"aaaaaaaaaaA,{second:04d},{box}" for second in (2, 3, 7)]
    lost = f"bbbbbbbbbbB,0002,{box}", f"aaaaaaaaaaA,0902,{box}"  # a film gone, one cut short
    file = written(tmp_path / "ava_val_v2.2.csv", *lost, *rows, header="")
    report = run(file)
    outcomes = {"restored": 3, "removed": 1, "ends before the stretch": 1}
    assert report.outcomes == outcomes
    assert (report.by_split, report.by_class) == ({"validate": outcomes}, {"action 12": outcomes})
    folder = Path(report.release or "")
    assert (folder / "videos" / "aaaaaaaaaaA.mp4").read_bytes() == site.film
    with (folder / "stretches.csv").open() as stretches:
        (one,) = csv.DictReader(stretches)
    assert (one["video_id"], one["first_seconds"], one["last_seconds"], one["rows"]) == (
        *("aaaaaaaaaaA", "2.0", "7.0"),
        "3",
    )
    assert (folder / file.name).read_text() == "".join(f"{row}\n" for row in rows)
    assert not (folder / "clips.csv").exists()
    validated("--format", "ava", folder / file.name)
    with reading(workspace.engine) as session:
        assert session.scalar(select(func.count()).select_from(FilmHit)) == 2
        assert set(session.scalars(select(Item.stage))) == {"ava download"}


def test_a_test_list_without_labels_comes_back(run: Restoring, tmp_path: Path) -> None:
    header = "youtube_id,time_start,time_end,split\n"
    file = written(tmp_path / "test.csv", "aaaaaaaaaaA,0,5,test", header=header)
    report = run(file)
    assert (report.outcomes, report.by_class) == ({"restored": 1}, {"": {"restored": 1}})
    folder = Path(report.release or "")
    assert (folder / "test.csv").read_text() == file.read_text()
    assert (folder / "clips" / "aaaaaaaaaaA_000000_000005.mp4").is_file()


def test_a_video_that_a_folder_has_listed_is_taken_from_there(
    site: Any, workspace: Workspace, run: Restoring, tmp_path: Path
) -> None:
    (tmp_path / "own").mkdir()
    film = tmp_path / "own" / "aaaaaaaaaaA.mp4"
    film.write_bytes(site.film)
    with writing(workspace.engine) as session:
        source = f"folder:{film.parent}"
        session.add(Video(video_id="aaaaaaaaaaA", source=source, url=str(film), title=""))
    assert run(written(tmp_path / "k.csv", ROWS[0])).outcomes == {"restored": 1}
    assert site.asked == []


def test_where_nothing_is_left_no_release_is_written(
    site: Any, workspace: Workspace, run: Restoring, tmp_path: Path
) -> None:
    site.excuses = EXCUSES
    report = run(written(tmp_path / "k.csv", "yoga,bbbbbbbbbbB,0,3,train"))
    assert (report.outcomes, report.release) == ({"removed": 1}, None)
    assert list(workspace.releases.glob("[!.]*")) == []


def test_a_site_that_is_down_stops_and_loses_nothing(
    workspace: Workspace, run: Restoring, tmp_path: Path, closed_port: int
) -> None:
    file = written(tmp_path / "k.csv", "yoga,aaaaaaaaaaA,0,3,train")
    down = find_released(file, address=f"http://127.0.0.1:{closed_port}/watch?v={{id}}")
    with pytest.raises(SourceError, match="does not answer"):
        restore(workspace, down)
    with reading(workspace.engine) as session:
        assert set(session.scalars(select(Item.state))) == {State.PENDING}
    assert run(file).outcomes == {"restored": 1}


def test_what_was_stopped_between_stages_goes_on(
    site: Any,
    workspace: Workspace,
    run: Restoring,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    file = written(tmp_path / "k.csv", *ROWS[:2])
    honest = restoring.run_stage

    def stopped(workspace: Workspace, stage: Any, **options: Any) -> Any:
        if stage.name == "restore cut":
            raise KeyboardInterrupt
        return honest(workspace, stage, **options)

    monkeypatch.setattr(restoring, "run_stage", stopped)
    with pytest.raises(KeyboardInterrupt):
        run(file)
    monkeypatch.undo()
    num_asked = len(site.asked)
    assert run(file).outcomes == {"restored": 2}
    assert len(site.asked) == num_asked


def contents(folder: Path) -> dict[str, bytes]:
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    return {str(path.relative_to(folder)): path.read_bytes() for path in files}


def command(site: Any, root: Path, file: Path, *more: str) -> list[str]:
    """Return what the command line takes, for a workspace that is made for the site."""
    settings = (
        f"[run]\nworkers = 1\n{ALLOWING}attempts = 1\nextractors = ['kbdemo']\n"
        f"[download.extractor_args.kbdemo]\nbase = ['{site.base}']\n"
    )
    if not root.exists():
        Workspace.create(root, settings)
    address = f"{site.base}/watch?v={{id}}"
    return ["-C", str(root), "restore", str(file), "--address", address, *more]


@pytest.mark.long
@pytest.mark.timeout(180)
def test_a_kill_in_the_middle_of_a_film_changes_nothing_in_the_release(
    site: Any, tmp_path: Path, start_child: Callable[..., "subprocess.Popen[str]"]
) -> None:
    site.film, site.facts = small_film(80, grey=3), {"duration": "PT8S"}
    names = "aaaaaaaaaaA", "bbbbbbbbbbB", "cccccccccCC"
    rows = [f"yoga,{name},{start},{start + 2},train" for name in names for start in (0, 4)]
    file = written(tmp_path / "k.csv", *rows)
    site.facts["contentUrl"] = "/films/any.mp4"
    said = CliRunner().invoke(group, command(site, tmp_path / "undisturbed", file))
    assert said.exit_code == 0, said.output

    site.answers["/films/any.mp4"] = Answer(site.film, "video/mp4", drip_seconds=0.05)
    num_asked = site.num_asked("/films/any.mp4")
    killed = command(site, tmp_path / "killed", file)
    process = start_child(
        [sys.executable, "-m", "pipelines.cli", *killed],
        stderr=subprocess.PIPE,
        start_new_session=True,
    )
    deadline = time.monotonic() + 60
    while site.num_asked("/films/any.mp4") == num_asked:
        assert process.poll() is None, process.communicate()[1]
        assert time.monotonic() < deadline, "no film was ever begun"
        time.sleep(0.02)
    os.killpg(process.pid, signal.SIGKILL)
    process.communicate()
    del site.answers["/films/any.mp4"]
    said = CliRunner().invoke(group, killed)
    assert said.exit_code == 0, said.output
    expected = contents(tmp_path / "undisturbed" / "releases" / "restored1")
    assert len([name for name in expected if name.startswith("clips/")]) == 6
    assert contents(tmp_path / "killed" / "releases" / "restored1") == expected


def test_a_clip_that_was_lost_is_cut_again(
    site: Any, workspace: Workspace, run: Restoring, tmp_path: Path
) -> None:
    file = written(tmp_path / "k.csv", ROWS[0])
    first = run(file)
    (clip,) = workspace.restored.iterdir()
    clip.unlink()
    num_asked = len(site.asked)
    assert run(file).release == first.release
    assert clip.is_file() and len(site.asked) == num_asked


@pytest.mark.few("sqlite")
@on_both
def test_a_file_that_was_mended_is_asked_for_as_it_is_now(
    workspace: Workspace, run: Restoring, tmp_path: Path
) -> None:
    file = written(tmp_path / "k.csv", ROWS[0], "yoga,aaaaaaaaaaA,2,5,train")
    assert run(file).num_restored == 2
    other = written(tmp_path / "other.csv", "yoga,aaaaaaaaaaA,3,4,train")
    assert run(other).num_restored == 1
    written(file, "yoga,aaaaaaaaaaA,2,5,train")
    assert run(file).num_restored == 1
    with reading(workspace.engine) as session:
        starts = sorted(session.scalars(select(ReleasedStretch.start_seconds)))
    assert starts == [2.0, 3.0]


@pytest.mark.parametrize(
    ("name", "content", "told"),
    [
        ("a.csv", "label,id,start,end\nyoga,aaaaaaaaaaA,1,4\n", "a.csv:1: expected a header with"),
        ("a.csv", HEADER + "yoga,aaaaaaaaaaA,4,1,train\n", "a.csv:2: expected time_start <"),
        ("a.csv", HEADER + 30 * f"{ROWS[0]}\n" + "yoga,b,x,1,train\n", "a.csv:32: "),
        ("a.csv", HEADER + "yoga,nobody,1,4,train\n", "names no video of the web .*'nobody'"),
        ("a.csv", HEADER, "it has no rows"),
        ("a.csv", "", "empty"),
        ("a.json", '{"database": 3}', "a.json"),
        ("a.csv", "id,actions\n46GP8,c092 11.90 21.20\n", "names no video .*'46GP8'"),
    ],
)
def test_a_file_that_is_none_is_one_line_and_nothing_is_written(
    workspace: Workspace, tmp_path: Path, name: str, content: str, told: str
) -> None:
    file = tmp_path / name
    file.write_text(content)
    with pytest.raises(FormatError, match=told) as raised:
        restore(workspace, find_released(file))
    assert "\n" not in str(raised.value)
    with reading(workspace.engine) as session:
        for table in (Video, ReleasedFile, ReleasedStretch, RestoredClip):
            assert session.scalar(select(func.count()).select_from(table)) == 0


@pytest.mark.parametrize(
    ("name", "address", "told"),
    [
        ("kinetics", "https://a.org/video", "{id}"),
        ("kinetics", "ftp://a.org/{id}", "http or https"),
        ("ava-pbtxt", None, "no rows that could be restored"),
        ("nothing", None, "No format"),
    ],
)
def test_what_cannot_be_meant_is_refused(
    tmp_path: Path, name: str, address: str | None, told: str
) -> None:
    file = written(tmp_path / "k.csv", ROWS[0])
    with pytest.raises(FormatError, match=told):
        find_released(file, name, address=address)
    with pytest.raises(FormatError, match="is not there"):
        find_released(tmp_path / "none.csv")


def test_addresses_are_those_of_youtube_or_of_the_file(tmp_path: Path) -> None:
    video = {"subset": "training", "annotations": [{"label": "A", "segment": [0, 1]}]}
    elsewhere = {**video, "url": "https://vimeo.com/76979871"}
    content = {"v_-aaaaaaaaaA": video, "76979871": elsewhere}
    file = tmp_path / "a.json"
    file.write_text(json.dumps({"version": "1", "taxonomy": [], "database": content}))
    (wanted,) = read_wanted(find_released(file))
    assert wanted.addresses == {
        "-aaaaaaaaaA": "https://www.youtube.com/watch?v=-aaaaaaaaaA",
        "76979871": "https://vimeo.com/76979871",
    }


@pytest.mark.parametrize("reason", Reason)
def test_every_reason_has_a_word(reason: Reason) -> None:
    assert outcome_of(reason, "") is not Outcome.RESTORED


REAL = [
    ("kinetics/kinetics-400_val.csv", "kinetics", 19906, 19906),
    ("kinetics/kinetics700_test.csv.gz", "kinetics", 67009, 66723),
    ("ava/ava_val_v2.1_head27163.csv.gz", "ava", 27163, 8),
    (
        *("evaluation/activitynet/gt_activitynet_v1.3_converted.json.gz", "activitynet"),
        *(27003, 19228),
    ),
]
"""Real files with their format, and how many rows and videos they have."""


@pytest.mark.parametrize(("name", "format_name", "num_rows", "num_videos"), REAL)
def test_released_files_are_known_by_what_stands_in_them(
    shared: Path, name: str, format_name: str, num_rows: int, num_videos: int
) -> None:
    released = find_released(shared / name)
    pages = list(read_wanted(released))
    assert (released.format.name, sum(page.num_rows for page in pages)) == (format_name, num_rows)
    assert len({name for page in pages for name in page.addresses}) == num_videos


def test_the_command_says_it_as_a_table_and_as_json(site: Any, tmp_path: Path) -> None:
    site.film, site.facts = small_film(80, grey=3), {"duration": "PT8S"}
    site.excuses = EXCUSES
    file = written(tmp_path / "k.csv", *ROWS[:3], "yoga,bbbbbbbbbbB,0,3,train")
    said = command(site, tmp_path / "workspace", file)
    result = CliRunner().invoke(group, said)
    assert result.exit_code == 0, result.output
    lines = [line.split() for line in result.stdout.splitlines()]
    assert lines[0][1:] == ["2", "of", "4", "rows", "restored"]
    assert ["train", "3", "1", "1", "1"] in lines and ["yoga", "3", "2", "1", "0"] in lines
    told = json.loads(CliRunner().invoke(group, [*said, "--json"]).stdout)
    assert told["by_class"]["bowling"] == {"ends before the stretch": 1}
    assert told["release"].endswith("/releases/restored1")


def test_ava_kinetics_comes_back_with_its_rows_without_actions(
    site: Any, run: Restoring, tmp_path: Path
) -> None:
    """Seven columns, times between seconds of the whole video, two columns where nobody acts."""
    site.excuses = {"bbbbbbbbbbB": EXCUSES["bbbbbbbbbbB"]}
    rows = [
        "aaaaaaaaaaA,2.345678,0.100,0.100,0.500,0.900,12",
        "aaaaaaaaaaA,2.345678,0.100,0.100,0.500,0.900,80",
        "aaaaaaaaaaA,5.5",
        "bbbbbbbbbbB,1.25,0.100,0.100,0.500,0.900,12",
        "aaaaaaaaaaA,902.5,0.100,0.100,0.500,0.900,12",
    ]
    file = written(tmp_path / "kinetics_val_v1.0.csv", *rows, header="")
    report = run(file)
    assert report.format == "ava"
    assert report.outcomes == {"restored": 3, "removed": 1, "ends before the stretch": 1}
    folder = Path(report.release or "")
    assert (folder / file.name).read_text().splitlines() == rows[:3]
    assert [path.name for path in (folder / "videos").iterdir()] == ["aaaaaaaaaaA.mp4"]


def test_videos_are_kept_whole_where_that_is_asked_for(
    site: Any, workspace: Workspace, tmp_path: Path
) -> None:
    video = {
        "duration": 8.0,
        "subset": "training",
        "annotations": [
            {"label": "Yoga", "segment": [1.5, 3.0]},
            {"label": "Yoga", "segment": [20.0, 23.0]},
        ],
    }
    file = tmp_path / "anet.json"
    database = {"aaaaaaaaaaA": video}
    file.write_text(json.dumps({"version": "1", "taxonomy": [], "database": database}))
    address = f"{site.base}/watch?v={{id}}"
    whole = restore(workspace, find_released(file, address=address, is_whole=True))[0]
    assert whole.outcomes == {"restored": 1, "ends before the stretch": 1}
    folder = Path(whole.release or "")
    assert (folder / "videos" / "aaaaaaaaaaA.mp4").read_bytes() == site.film
    assert not (folder / "clips").exists()
    assert not (folder / "clips.csv").exists()
    kept = json.loads((folder / "anet.json").read_text())["database"]["aaaaaaaaaaA"]
    assert kept["annotations"] == video["annotations"][:1]
    assert "videos, whole" in (folder / "README.md").read_text()
    # cut after all, it needs no other download
    cut = restore(workspace, find_released(file, address=address))[0]
    assert cut.outcomes == whole.outcomes and cut.release != whole.release
    assert site.num_asked("/watch?v=aaaaaaaaaaA") == 1


def test_what_lies_behind_a_limit_is_told_before_and_after_and_how_to_have_it(
    site: Any, workspace: Workspace, tmp_path: Path
) -> None:
    """The limit is raised as told: what came under the first one is not asked for again."""
    file = written(tmp_path / "k.csv", ROWS[0], "yoga,aaaaaaaaaaA,5,7.5,train")
    settings = (
        f"[run]\nworkers = 1\n{ALLOWING}attempts = 1\nmax_duration_seconds = {{}}\n"
        'extractors = ["kbdemo-search", "kbdemo"]\n'
        f'extractor_args = {{{{ kbdemo = {{{{ base = ["{site.base}"] }}}} }}}}\n'
    )
    toml = workspace.root / "kbuild.toml"
    told = ["-C", str(workspace.root), "restore", str(file)]
    told += ["--address", f"{site.base}/watch?v={{id}}"]
    toml.write_text(settings.format(6))
    first = CliRunner().invoke(group, told)
    assert first.exit_code == 0, first.output
    assert "1 stretches lie behind download.max_duration_seconds = 6" in first.output
    assert "In kbuild.toml 8 is the least that could take them all" in first.output
    assert "2 over a limit: `kbuild status --failures` says by how much. Raise" in first.output
    toml.write_text(settings.format(9))
    second = CliRunner().invoke(group, told)
    assert "2 of 2 rows restored" in second.output
    assert "behind download.max_duration_seconds" not in second.output
    num_asked = len(site.asked)
    toml.write_text(settings.format(100))
    third = CliRunner().invoke(group, told)
    assert "2 of 2 rows restored" in third.output
    assert len(site.asked) == num_asked
    toml.write_text(settings.format(7))  # lowered below what is here: it is asked for anew
    CliRunner().invoke(group, told)
    assert len(site.asked) > num_asked


@pytest.mark.few("sqlite")
@on_both
def test_other_limits_ask_again_for_what_they_concern_alone(
    site: Any, workspace: Workspace, tmp_path: Path
) -> None:
    site.excuses = {"bbbbbbbbbbB": EXCUSES["bbbbbbbbbbB"]}
    file = written(tmp_path / "k.csv", ROWS[0], "yoga,bbbbbbbbbbB,0,3,train")
    released = find_released(file, address=f"{site.base}/watch?v={{id}}")

    def asked_under(seconds: float) -> tuple[int, int]:
        """Return how often the video that is here, and the one that is gone, were asked for."""
        download = replace(workspace.config.download, max_duration_seconds=seconds)
        restore(replace(workspace, config=replace(workspace.config, download=download)), released)
        return site.num_asked("/watch?v=aaaaaaaaaaA"), site.num_asked("/watch?v=bbbbbbbbbbB")

    assert asked_under(6) == (1, 1)  # too long
    assert asked_under(9) == (2, 1)
    assert asked_under(100) == asked_under(10) == (2, 1)
    assert asked_under(7) == (3, 1)  # what is here is longer than that


def test_what_came_of_each_file_stands_in_status_and_report_by_class_and_reason(
    site: Any, workspace: Workspace, run: Restoring, tmp_path: Path
) -> None:
    site.excuses = EXCUSES
    run(written(tmp_path / "k.csv", *ROWS))
    found = status(workspace)
    (file,) = found.restored
    assert file.line.startswith("k.csv: 2 of 20 rows restored; 2 removed, 2 account terminated")
    assert file.by_class["yoga"]["restored"] == 2
    assert [label for label, _ in file.worst_first] == ["bowling", "yoga"]
    (stage,) = found.restoring
    assert (stage.stage, stage.num_items, stage.num_done, stage.num_failed) == (
        *("restore cut", 3, 2),
        1,
    )
    assert (
        found.next == f"`kbuild restore {tmp_path / 'k.csv'} --retry-failed` (2 rows may come yet)"
    )
    lines = "\n".join(status_lines(found))
    assert "restore cut          3        2        1" in lines
    assert "k.csv: 2 of 20 rows restored; 2 removed" in lines
    page = write_report(workspace, tmp_path / "report.html").read_text()
    assert 'id="restored"' in page
    assert re.search(r"<td>bowling</td><td class=\"n\">10</td>", page)


def test_a_file_is_read_some_rows_at_a_time(
    site: Any, run: Restoring, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Rows of one video and one stretch lie far apart: each is asked for and cut once."""
    monkeypatch.setattr("pipelines.restoring.released._ROWS_AT_ONCE", 2)
    stretches = [ROWS[0], ROWS[1]]
    others = [f"yoga,{name},0,3,train" for name in EXCUSES]
    site.excuses = EXCUSES
    rows = [
        *stretches,
        *others,
        stretches[0].replace("yoga", "bowling"),
        "bowling,#NAME?,0,10,test",
    ]
    report = run(written(tmp_path / "k.csv", *rows))
    assert (report.num_rows, report.num_restored) == (len(rows), 3)
    assert sum(stage.num_done for stage in report.stages if stage.stage == "restore cut") == 2
    assert site.num_asked("/watch?v=aaaaaaaaaaA") == 1
    folder = Path(report.release or "")
    assert (folder / "k.csv").read_text() == HEADER + "".join(
        f"{r}\n" for r in (*rows[:2], rows[-2])
    )
    with (folder / "missing.csv").open() as missing:
        assert len(list(csv.DictReader(missing))) == len(rows) - 3


def test_a_row_that_cannot_be_read_far_down_leaves_nothing_behind(
    workspace: Workspace, run: Restoring, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("pipelines.restoring.released._ROWS_AT_ONCE", 2)
    good = [f"yoga,{n:011d},0,3,train" for n in range(30)]
    with pytest.raises(FormatError):
        run(written(tmp_path / "k.csv", *good, "yoga,aaaaaaaaaaA,three,4,train"))
    with reading(workspace.engine) as session:
        for table in (Video, ReleasedFile, ReleasedStretch):
            assert session.scalar(select(func.count()).select_from(table)) == 0


def test_videos_are_asked_for_where_they_are_said_to_lie_now(
    site: Any, tmp_path: Path, closed_port: int
) -> None:
    file = written(tmp_path / "k.csv", ROWS[0])
    words = command(site, tmp_path / "workspace", file)
    words[-1] = "http://10.0.0.1/{id}.mp4"
    said = CliRunner().invoke(group, words)
    assert "1 unsafe address: `kbuild status --failures` says which." in said.output, said.output
    assert "--address" in said.output and "--retry-failed" not in said.output
    said = CliRunner().invoke(group, command(site, tmp_path / "workspace", file))
    assert "1 of 1 rows restored" in said.output, said.output
