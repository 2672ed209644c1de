"""A release of films as strangers get it: described, signed, proven, compared, taken back."""

import csv
import errno
import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from click.testing import CliRunner
from cryptography.hazmat.primitives.asymmetric import ed25519
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
)
from sqlalchemy import select

from kinetics_builder.database.engine import writing
from kinetics_builder.database.tables import (
    ActionAnswer,
    ActionVote,
    Answer,
    BoxAnswer,
    BoxFlag,
    DrawnBox,
    FilmSplit,
    LinkAnswer,
    LinkStretch,
    ProposedAction,
    Task,
    TaskSlot,
    TrackedBox,
    Video,
    Worker,
)
from kinetics_builder.errors import ConfigError
from kinetics_builder.formats.datasheet.questions import QUESTIONS
from kinetics_builder.workspace import Workspace
from pipelines.ava.released.differing import diff_films
from pipelines.ava.released.examining import examine_films
from pipelines.ava.releasing.films import FilmsAs
from pipelines.ava.releasing.layouts import AVA_KINETICS
from pipelines.cli import group
from pipelines.publishing.checking import check_release
from pipelines.publishing.folders.kind import HeldAgainst
from pipelines.takedown.takedown import takedown
from tests.pipelines.ava.releasing.conftest import MOMENTS, SETTINGS, VOCABULARY, House

NAMES = ("Anna Smith", "Ben Jones")
SHORT = {"train": "train", "validate": "val", "test": "test"}


def say(house: House) -> None:
    """Let two people answer one question of each kind about film0 at 5 s, Anna twice."""
    with writing(house.workspace.engine) as session:
        box = house.box_at(session, "film0", 5, 0)
        other = house.box_at(session, "film0", 6, 0)
        video = session.scalars(select(Video).where(Video.video_id == "film0")).one()
        stretch = LinkStretch(video_id=video.id, start_seconds=5.0, end_seconds=6.0)
        task = Task(kind="actions", round=0)
        session.add_all([task, stretch])
        workers = [Worker(name=name, code_hash=name[0] * 64) for name in NAMES]
        session.add_all(workers)
        session.flush()
        asked = {"task_id": task.id, "key_frame_id": box.key_frame_id, "person_box_id": box.id}
        slot = TaskSlot(position=0, **asked)
        session.add(slot)
        session.flush()
        anna, ben = ({"worker_id": one.id, "slot_id": slot.id} for one in workers)
        vote = {"person_box_id": box.id, "action_id": 1}
        session.add_all(
            [
                ActionVote(**anna, **vote, answer=Answer.NO),
                ActionVote(**anna, **vote, answer=Answer.YES, revision=1),
                ActionVote(**ben, **vote, answer=Answer.UNSURE),
                BoxAnswer(**ben, key_frame_id=box.key_frame_id),
                ActionAnswer(**ben, person_box_id=box.id, flag=BoxFlag.BLOCKED),
            ]
        )
        drawn = BoxAnswer(**anna, key_frame_id=box.key_frame_id)
        named = ActionAnswer(**anna, person_box_id=box.id, other="juggle")
        linked = LinkAnswer(**anna, stretch_id=stretch.id, is_as_shown=True)
        session.add_all([drawn, named, linked])
        session.flush()
        session.add(DrawnBox(answer_id=drawn.id, number=0, x1=0.1, y1=0.2, x2=0.3, y2=0.4))
        session.add(ProposedAction(answer_id=named.id, action_id=1))
        for one in (box, other):
            session.add(TrackedBox(answer_id=linked.id, person_box_id=one.id, track=0))


def answer_all(workspace: Workspace) -> None:
    given = {"about.licence": "https://creativecommons.org/licenses/by/4.0/"}
    given |= {"about.published": "2026-11-30", "about.version": "1.0.0"}
    given |= {"about.address": "https://example.org/films"}
    lines = [f"{one.name} = {json.dumps(given.get(one.name, 'Said.'))}\n" for one in QUESTIONS]
    (workspace.root / "datasheet.toml").write_text("".join(lines))


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> House:
    """Make a workspace of three films, two of them of the web, one release of which is there."""
    root = tmp_path_factory.mktemp("made") / "house"
    root.mkdir()
    (root / "actions.pbtxt").write_text("# gaps = true\n" + VOCABULARY)
    house = House(Workspace.create(root, SETTINGS))
    _ = house.workspace.media
    for number in range(3):
        house.film(f"film{number}", number)
    with writing(house.workspace.engine) as session:
        for video in session.scalars(select(Video).where(Video.video_id != "film2")):
            video.url = f"https://films.org/{video.video_id}?token=secret"
    for number in range(3):
        house.ask(f"film{number}")
    say(house)
    answer_all(house.workspace)
    house.release()
    house.workspace.engine.dispose()
    return house


@pytest.fixture
def house(made: House, tmp_path: Path) -> Iterator[House]:
    root = tmp_path / "house"
    shutil.copytree(made.workspace.root, root)
    yield House(Workspace.open(root), made.people)


@pytest.fixture
def folder(house: House) -> Path:
    return house.workspace.releases / "ava-v1"


def kbuild(house: House, *arguments: object) -> Any:
    return CliRunner().invoke(group, ["-C", str(house.workspace.root), *map(str, arguments)])


def rows(path: Path) -> list[dict[str, str]]:
    with path.open(newline="") as file:
        return list(csv.DictReader(file))


def split_of(folder: Path, film: str) -> str:
    return next(row["split"] for row in rows(folder / "videos.csv") if row["video_id"] == film)


def film_of(folder: Path, split: str) -> str:
    return next(row["video_id"] for row in rows(folder / "videos.csv") if row["split"] == split)


def test_answers_are_released_under_names_that_are_none(folder: Path) -> None:
    texts = b"".join(path.read_bytes() for path in folder.iterdir() if path.is_file())
    assert b"Anna" not in texts and b"secret" not in texts
    found = {name: rows(folder / name) for name in _SAID}
    workers = {row["worker"] for some in found.values() for row in some}
    assert len(workers) == 2 and all(len(name) == 20 for name in workers)
    for name, expected in _SAID.items():
        told = [tuple(row[key] for key in expected[0]) for row in found[name]]
        assert sorted(told) == sorted(expected[1:]), name
    truth = (folder / f"ava_{SHORT[split_of(folder, 'film0')]}_v2.2.csv").read_text()
    vote = found["votes.csv"][0]
    corners = ",".join(vote[name] for name in ("x1", "y1", "x2", "y2"))
    assert f"film0,0005,{corners}," in truth


_SAID = {
    "votes.csv": [
        ("timestamp", "person_id", "action_id", "revision", "answer"),
        *(("0005", "0", "1", "0", "no"), ("0005", "0", "1", "1", "yes")),
        ("0005", "0", "1", "0", "unsure"),
    ],
    "named_actions.csv": [
        ("timestamp", "action_id", "flag", "other"),
        *(("0005", "1", "", "juggle"), ("0005", "", "blocked", "")),
    ],
    "drawn_boxes.csv": [
        ("timestamp", "number", "x1", "y1", "x2", "y2"),
        *(("0005", "0", "0.100", "0.200", "0.300", "0.400"), ("0005", "", "", "", "", "")),
    ],
    "linked_boxes.csv": [
        ("start", "end", "timestamp", "track"),
        *(("0005", "0006", "0005", "0"), ("0005", "0006", "0006", "0")),
    ],
}


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_croissant_is_valid_and_loads_labels_key_frames_and_films(folder: Path) -> None:
    mlcroissant = pytest.importorskip("mlcroissant")
    dataset = mlcroissant.Dataset(folder / "croissant.json")
    issues = dataset.metadata.ctx.issues
    assert (sorted(issues.errors), sorted(issues.warnings)) == ([], [])
    labels = list(dataset.records("labels"))
    assert len(labels) == 3 * len(MOMENTS) * 2 * 2
    assert {row["labels/action"] for row in labels} <= {b"be red", b"be blue", b"walk", b"stand"}
    assert {row["labels/action_by"] for row in labels} == {b"people"}
    frames = list(dataset.records("key_frames"))
    assert len(frames) == 3 * len(MOMENTS) and {row["key_frames/num_boxes"] for row in frames} == {
        2
    }
    films = {row["films/file"] for row in dataset.records("films")}
    videos = {row["videos/path"]: row["videos/content"] for row in dataset.records("videos")}
    assert films == videos.keys() == {row["labels/file"] for row in labels}
    assert videos[b"videos/film0.mp4"] == (folder / "videos" / "film0.mp4").read_bytes()
    said = json.loads((folder / "croissant.json").read_text())
    assert said["rai:dataBiases"] == "Said."
    assert said["prov:wasDerivedFrom"] == [{"@id": "https://films.org/", "prov:label": "films.org"}]


def test_hugging_face_loads_the_labels_of_the_splits_with_their_types(
    folder: Path, tmp_path: Path
) -> None:
    datasets = pytest.importorskip("datasets")
    card = yaml.safe_load((folder / "README.md").read_text().split("---\n")[1])
    assert card["task_categories"][0] == "object-detection"
    found = datasets.load_dataset(str(folder), cache_dir=str(tmp_path / "cache"))
    assert {split: len(labels) for split, labels in found.items()} == dict.fromkeys(
        ("train", "validation", "test"), len(MOMENTS) * 2 * 2
    )
    row = found["train"][0]
    assert (row["timestamp"], type(row["action_id"]), row["split"]) == (2.0, int, "train")
    assert row["num_yes"] == 2 and row["file_seconds"] == 2.0


def test_the_datasheet_counts_and_open_questions_are_refused(house: House, folder: Path) -> None:
    sheet = (folder / "datasheet.md").read_text()
    assert "In train: 1 film, 9 key frames, 2 persons, 18 boxes, 36 labels." in sheet
    assert "2 people gave 2 answers about who is there, 1 answer about who is who, " in sheet
    assert kbuild(house, "releases", "check", "--publish").exit_code == 0
    (house.workspace.root / "datasheet.toml").unlink()
    house.release()
    refused = kbuild(house, "releases", "check", "--publish")
    assert refused.exit_code == 1
    assert refused.output.count("open: datasheet.md:") == len(QUESTIONS)
    listed = kbuild(house, "releases", "list").output.splitlines()
    told = json.loads(kbuild(house, "releases", "list", "--json").output)
    found = [(one["name"], one["num_open"]) for one in told]
    assert found == [("ava-v2", len(QUESTIONS)), ("ava-v1", 0)]
    assert listed[0].startswith("ava-v2  films") and f"{len(QUESTIONS)} open" in listed[0]
    assert "open" not in listed[1] and listed[2] == "2 releases."


def test_a_release_without_films_describes_none(house: House) -> None:
    folder = house.release(films=FilmsAs.NONE).folder
    said = json.loads((folder / "croissant.json").read_text())
    assert [one["@id"] for one in said["recordSet"]] == ["splits", "labels", "key_frames", "films"]
    urls = {row["video_id"]: row["url"] for row in rows(folder / "videos.csv")}
    assert urls == {
        "film0": "https://films.org/film0?token=***",
        "film1": "https://films.org/film1?token=***",
        "film2": "",
    }


@pytest.mark.parametrize(
    ("name", "old", "new"),
    [
        ("ava_train_v2.2.csv", ",0004,", ",0044,"),
        ("ava_val_v2.2.csv", ",0004,0", ",0004,x"),
        ("key_frames.csv", ",False,", ",True,"),
        ("videos.csv", "CC BY", "CC0"),
        ("votes.csv", ",yes", ",no"),
        ("datasheet.md", "Said.", "Said!"),
    ],
)
def test_an_edit_by_hand_is_found_with_its_line(
    house: House, folder: Path, name: str, old: str, new: str
) -> None:
    assert kbuild(house, "releases", "check").exit_code == 0
    text = (folder / name).read_text()
    line = text[: text.index(old)].count("\n") + 1
    (folder / name).write_text(text.replace(old, new, 1))
    result = kbuild(house, "releases", "check", "ava-v1")
    assert result.exit_code == 1, result.output
    assert f"file: {name}:{line}: changed since it was released" in result.output


def leaks(house: House, folder: Path, *against: Path) -> list[tuple[str, str]]:
    found = examine_films(house.workspace, folder, HeldAgainst(against)).findings
    return [(one.sort, f"{one.place}: {one.problem}") for one in found]


def test_a_film_in_two_splits_is_found_in_whatever_list(house: House, folder: Path) -> None:
    assert leaks(house, folder) == []
    train = film_of(folder, "train")
    for name in ("excluded_timestamps_v2.2.csv", "predicted_boxes.csv", "v2.2.csv"):
        path = folder / f"ava_test_{name}"
        before = path.read_text()
        cells = {"v2.2.csv": ",0.1,0.1,0.2,0.2,3,0", "predicted_boxes.csv": ",0,0,1,1,,0.9"}
        path.write_text(f"{before}{train},0004{cells.get(name, '')}\n")
        (sort, told), *more = leaks(house, folder)
        line = before.count("\n") + 1
        assert sort == "video" and f"{path.name}:{line}: {train} is in test, and in train" in told
        assert [sort for sort, _ in more] == (["list"] if name != "predicted_boxes.csv" else [])
        path.write_text(before)


def test_lists_that_differ_and_equal_films_in_two_splits_are_found(
    house: House, folder: Path
) -> None:
    (folder / "labels_val.parquet").unlink()
    (folder / "labels_test.parquet").write_bytes((folder / "labels_train.parquet").read_bytes())
    excluded = folder / "ava_train_excluded_timestamps_v2.2.csv"
    excluded.write_text(f"{film_of(folder, 'train')},0005\nnobody,0006\n")
    sums = folder / "SHA256SUMS"
    lines = [line for line in sums.read_text().splitlines() if "  videos/" not in line]
    lines += [f"{'0' * 64}  videos/film{number}.mp4" for number in range(3)]
    sums.write_text("\n".join(lines))
    found = leaks(house, folder)
    assert sorted({sort for sort, _ in found}) == ["copy", "file", "list"]
    told = "\n".join(text for _, text in found)
    assert "labels_val.parquet: is missing" in told
    assert "labels_test.parquet: row 1 is (" in told
    assert f"{excluded.name}:1: {film_of(folder, 'train')} at 5 s is excluded, and in " in told
    assert f"{excluded.name}:2: nobody is in train, by videos.csv in no split" in told
    assert [sort for sort, _ in found].count("copy") == 2


def test_other_splits_of_earlier_releases_and_films_of_other_datasets_are_found(
    house: House, folder: Path, tmp_path: Path
) -> None:
    ids = tmp_path / "ava.txt"
    ids.write_text("film1\nabcdefghijk\n")
    (found,) = leaks(house, folder, ids)
    assert found[0] == "against" and "film1 is in" in found[1]
    assert len(leaks(house, folder, folder)) == 3
    with writing(house.workspace.engine) as session:
        for row in session.scalars(select(FilmSplit)):
            row.split = "test" if row.split == "train" else "train"
    again = house.release().folder
    report = check_release(house.workspace, again)
    assert {one.sort for one in report.findings} == {"earlier"}
    assert "in releases/ava-v1/videos.csv:" in report.findings[0].problem


def test_the_difference_of_two_releases_is_told_with_the_reasons(
    house: House, folder: Path
) -> None:
    pose = house.people["film0"][0].actions[1]
    other = 8 - pose
    house.vote("film0", 4, 0, other, num_yes=3)  # now the pose
    house.reject("film0", 6, 1)
    house.drop("film1", 7)
    with writing(house.workspace.engine) as session:
        house.box_at(session, "film1", 3, 0).x1 += 0.05
        gone = house.box_at(session, "film1", 3, 1)
        gone.person = 7
    second = house.release().folder
    found = {(one.sort, one.place): one for one in diff_films(folder, second)}
    assert sorted(found) == [
        ("redrawn", "film1 0003 person 0"),
        ("relabelled", "film0 0004 person 0"),
        ("removed", "film0 0006 person 1"),
        *(("removed", f"film1 0007 person {number}") for number in (0, 1)),
    ], "a box with another number of its person is the same"
    told = found["relabelled", "film0 0004 person 0"]
    assert told.why == f"action {pose}: another pose has more votes"
    assert told.before.endswith(f": {house.people['film0'][0].actions[0]}, {pose}")
    why = found["removed", "film0 0006 person 1"].why
    assert why == "box rejected: no person, or not around one"
    (back,) = [one for one in diff_films(second, folder) if one.place == "film0 0006 person 1"]
    assert (back.sort, back.why) == ("added", f"was left out before: {why}")
    lines = kbuild(house, "releases", "diff", "ava-v1", "ava-v2").output.splitlines()
    told = json.loads(kbuild(house, "releases", "diff", "ava-v1", "ava-v2", "--json").output)
    assert why in [row["why"] for row in told if row["person_id"] == "1"]
    assert lines[-1] == "0 added, 3 removed, 0 moved, 1 redrawn, 1 relabelled."


def take_down(house: House, film: str, *options: str) -> Any:
    path = house.workspace.root / "taken.txt"
    path.write_text(f"{film} | 2026-11-03 | asked by a person shown\n")
    return kbuild(house, "takedown", path, *options)


def test_a_takedown_leaves_an_erratum_and_later_releases_obey(house: House, folder: Path) -> None:
    split = split_of(folder, "film0")
    result = take_down(house, "film0")
    assert "errata.csv beside them has 1 row more." in result.output, result.output
    erratum = f"film0,videos/film0.mp4,0,{split},2026-11-03,asked by a person shown"
    assert (folder / "errata.csv").read_text().splitlines()[1:] == [erratum]
    assert kbuild(house, "releases", "check", "ava-v1").exit_code == 0
    told = kbuild(house, "releases", "errata", "ava-v1").output
    assert "video_id film0" in told and "1 row beside" in told
    again = house.release().folder
    assert "film0" not in (again / "videos.csv").read_text()
    found = diff_films(folder, again)
    assert {one.sort for one in found if one.video_id == "film0"} == {"removed"}
    assert {one.why for one in found if one.video_id == "film0"} == {
        "taken down 2026-11-03: asked by a person shown"
    }


def test_a_release_is_rewritten_without_a_film_only_if_that_is_asked_for(
    house: House, folder: Path
) -> None:
    untouched = {path.name: path.read_bytes() for path in folder.iterdir() if path.is_file()}
    assert "holds or names them still" in take_down(house, "film0").output
    assert (
        untouched.items()
        <= {p.name: p.read_bytes() for p in folder.iterdir() if p.is_file()}.items()
    )
    result = take_down(house, "film0", "--rewrite")
    assert result.exit_code == 0 and "still" not in result.output, result.output
    naming = {
        path.name
        for path in folder.rglob("*")
        if path.is_file() and ("film0" in path.name or b"film0" in path.read_bytes())
    }
    assert naming == {"errata.csv"}
    report = check_release(house.workspace, folder)
    assert report.findings == [] and report.counts["label"] == 2 * len(MOMENTS) * 2 * 2
    statistics = json.loads((folder / "statistics.json").read_text())
    assert (statistics["num_films"], statistics["answers"]) == (2, {})
    assert "## Rewritten" in (folder / "README.md").read_text()
    before = {path.name: path.read_bytes() for path in folder.iterdir() if path.is_file()}
    take_down(house, "film0", "--rewrite")
    assert {path.name: path.read_bytes() for path in folder.iterdir() if path.is_file()} == before


def test_of_two_clips_of_a_video_one_is_taken_down_and_the_other_stays(house: House) -> None:
    for number, start in enumerate((7, 40)):
        name = f"AAAAAAAAAAA_0000{start:02}_0000{start + 12}"
        house.film(name, 3 + number)
        house.ask(name)
    folder = house.release(layout=AVA_KINETICS, name="clips").folder
    takedown_of = "AAAAAAAAAAA_000007_000019"
    path = house.workspace.root / "taken.txt"
    path.write_text(f"{takedown_of} | 2026-11-03 | asked\n")
    takedown(house.workspace, path, rewrites=True)
    left = [row for row in rows(folder / "videos.csv") if row["video_id"] == "AAAAAAAAAAA"]
    assert [row["start_seconds"] for row in left] == ["40.0"]
    moments = [
        row["timestamp"]
        for row in rows(folder / "key_frames.csv")
        if row["file"] == left[0]["file"]
    ]
    assert len(moments) == 1 and 40 < float(moments[0]) < 52
    assert check_release(house.workspace, folder).findings == []


def test_a_release_is_signed_and_a_key_that_signs_nothing_is_refused_first(
    house: House, folder: Path, tmp_path: Path
) -> None:
    key = ed25519.Ed25519PrivateKey.from_private_bytes(bytes(32))
    private, public = tmp_path / "key.pem", tmp_path / "public.pem"
    private.write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    subject = PublicFormat.SubjectPublicKeyInfo
    public.write_bytes(key.public_key().public_bytes(Encoding.PEM, subject))
    with pytest.raises(ConfigError, match="found a public key, which signs nothing"):
        house.release(name="signed", key=public)
    assert not (house.workspace.releases / "signed").exists()
    assert kbuild(house, "ava", "release", "--key", private).exit_code == 0
    check = ("releases", "check", "--public-key", public)
    assert kbuild(house, *check).exit_code == 0
    (folder / "SHA256SUMS.sig").write_bytes(bytes(64))
    assert "signature: SHA256SUMS.sig: is not that of" in kbuild(house, *check).output


def test_a_disk_that_is_full_is_one_line_and_leaves_nothing(house: House) -> None:
    def full(path: Path, *_: Any) -> None:
        raise OSError(errno.ENOSPC, "No space left on device", str(path))

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("pipelines.ava.releasing.texts.write_json", full)
        result = kbuild(house, "ava", "release", "--name", "another")
    assert result.exit_code == 1 and "the disk is full" in result.output.splitlines()[-1]
    left = {path.name for path in house.workspace.releases.iterdir()}
    assert left - {".lock"} == {"ava-v1"}


def test_a_release_of_clips_cannot_be_compared_with_one_of_films(house: House) -> None:
    clips = house.workspace.releases / "v1"
    clips.mkdir()
    (clips / "clips.csv").write_text("")
    result = kbuild(house, "releases", "diff", "v1", "ava-v1")
    assert (
        result.exit_code == 1 and "v1 is a release of clips, ava-v1 one of films" in result.output
    )


def test_the_page_counts_the_tables_and_shows_each_person_once_an_action(
    house: House, folder: Path, tmp_path: Path
) -> None:
    out = tmp_path / "page.html"
    result = kbuild(house, "releases", "page", "ava-v1", "--out", out)
    assert result.exit_code == 0, result.output
    text = out.read_text()
    assert "<b>108</b>labels" in text and "<b>54</b>boxes" in text and "<b>3</b>films" in text
    assert text.count("data:image/jpeg") == 4
    assert "http" not in text.replace("http://www.w3.org", "")
    shutil.rmtree(folder / "videos")
    kbuild(house, "releases", "page", folder, "--out", out)
    assert out.read_text().count("these films are not here") == 4


@pytest.mark.few("labels_train.parquet")
@pytest.mark.parametrize("name", ["key_frames.csv", "labels_train.parquet", "croissant.json"])
def test_a_release_that_lacks_a_file_is_told_of_in_one_line(
    house: House, folder: Path, name: str, tmp_path: Path
) -> None:
    (folder / name).unlink()
    for words in (["check", "ava-v1"], ["diff", "ava-v1", "ava-v1"], ["errata", "ava-v1"]):
        assert kbuild(house, "releases", *words).exit_code in (0, 1)
    page = kbuild(house, "releases", "page", "ava-v1", "--out", tmp_path / "page.html")
    assert page.exit_code in (0, 1), page.output
    listed = tmp_path / "list.csv"
    listed.write_text("nobody | 2026-11-30 | asked for\n")
    assert kbuild(house, "takedown", listed, "--rewrite").exit_code in (0, 1)
