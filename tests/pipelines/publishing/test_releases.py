"""What is found in releases that leak or were edited; what became of clips between two."""

import json
import shutil
import subprocess
from dataclasses import replace
from pathlib import Path
from typing import Any

import fsspec
import numpy as np
import pytest
from click.testing import CliRunner
from cryptography.hazmat.primitives.asymmetric import ed25519, rsa
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
)
from sqlalchemy import select

from kinetics_builder.config import Config, CurateConfig
from kinetics_builder.crowd.clips.ruling import rule
from kinetics_builder.database.engine import writing
from kinetics_builder.database.tables import (
    AlikeClips,
    Clip,
    Media,
    Release,
    Ruling,
    Standing,
    Verdict,
    Video,
    VideoSplit,
)
from kinetics_builder.errors import ConfigError
from kinetics_builder.formats.manifest import read_manifest
from kinetics_builder.formats.released_clips import read_released_clips, write_released
from kinetics_builder.video.flow.folder import FlowFolder, FlowRow
from kinetics_builder.video.flow.settings import FlowSettings, Method
from kinetics_builder.video.likeness.fingerprint import Fingerprint
from kinetics_builder.workspace import Workspace
from pipelines.cli import group
from pipelines.publishing.checking import check_release
from pipelines.publishing.clips.alike import alike_clips
from pipelines.publishing.curating.curate import curate
from pipelines.publishing.curating.edits import record_edits
from pipelines.publishing.folders import broken
from pipelines.publishing.folders.kind import HeldAgainst
from pipelines.publishing.release import release
from pipelines.takedown.takedown import takedown
from pipelines.verifying.aggregate import aggregate
from tests.pipelines.conftest import Filler

CONFIG = Config(curate=CurateConfig(num_validate=2, num_test=2, max_held_out_share=0.5))


def kbuild(workspace: Workspace, *arguments: object) -> Any:
    return CliRunner().invoke(group, ["-C", str(workspace.root), *map(str, arguments)])


def again(workspace: Workspace, name: str, config: Config = CONFIG) -> Path:
    with writing(workspace.engine) as session:
        aggregate(session, config.verify)
        curate(session, config)
    return release(workspace, name).folder


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Make the workspace once of which each test has a copy."""
    workspace = Workspace.create(tmp_path_factory.mktemp("made") / "workspace")
    with writing(workspace.engine) as session:
        filler = Filler(workspace, session)
        for n in range(12):
            for label in ("surfing", "diving"):
                filler.votes(filler.clip(f"{label}{n:02}", label))
    again(workspace, "v1")
    workspace.engine.dispose()
    return workspace.root


@pytest.fixture
def released(made: Path, tmp_path: Path) -> Workspace:
    return Workspace.open(shutil.copytree(made, tmp_path / "workspace"))


def found(workspace: Workspace, *against: Path) -> list[tuple[str, str]]:
    report = check_release(workspace, workspace.releases / "v1", HeldAgainst(against))
    return [(one.sort, one.place) for one in report.findings]


def of_split(workspace: Workspace, split: str) -> str:
    rows = read_manifest(workspace.releases / "v1" / "clips.csv")
    return min(row.youtube_id for row in rows if row.split == split)


def test_a_release_as_it_was_made_is_sound(released: Workspace) -> None:
    result = kbuild(released, "releases", "check")
    assert result.exit_code == 0, result.output
    assert "v1: 24 clips and" in result.output and "0 findings." in result.output


@pytest.mark.parametrize(
    ("name", "old", "new", "place"),
    [
        ("train.csv", "surfing,", "diving,", "train.csv:"),
        ("clips.csv", ",train,", ",test,", "clips.csv:"),
        ("README.md", "human actions", "animals", "README.md:"),
        ("votes.csv", ",yes,", ",no,", "votes.csv:2"),
        ("statistics.json", '"num_classes": 2', '"num_classes": 3', "statistics.json:3"),
        ("SHA256SUMS", "  README.md", "  ./README.md", "SHA256SUMS:1"),
    ],
)
def test_an_edit_by_hand_is_found_with_its_line(
    released: Workspace, name: str, old: str, new: str, place: str
) -> None:
    path = released.releases / "v1" / name
    text = path.read_text()
    assert old in text
    line = text[: text.index(old)].count("\n") + 1
    path.unlink()  # clips may be linked to those of the workspace
    path.write_text(text.replace(old, new, 1))
    place = f"{place}{line}" if place.endswith(":") else place
    assert ("file", place) in found(released)
    result = kbuild(released, "releases", "check", "v1")
    assert result.exit_code == 1 and place in result.output


@pytest.mark.parametrize("name", ["datasheet.md", "train.csv"])
def test_a_text_that_was_saved_in_another_encoding_is_found(released: Workspace, name: str) -> None:
    path = released.releases / "v1" / name
    text = path.read_bytes()
    path.unlink()
    path.write_bytes(b"caf\xe9\n" + text)
    assert kbuild(released, "releases", "list").exit_code == 0
    result = kbuild(released, "releases", "check", "--publish")
    assert result.exit_code == 1 and f"file: {name}:1: changed" in result.output


def test_a_folder_in_the_place_of_an_earlier_list_hides_nothing(released: Workspace) -> None:
    again(released, "v2")
    path = released.releases / "v1" / "train.csv"
    path.unlink()
    path.mkdir()
    assert kbuild(released, "releases", "check", "v2").exit_code == 0
    assert "file: train.csv: missing" in kbuild(released, "releases", "check", "v1").output


def test_a_line_that_was_added_or_taken_out_is_found(released: Workspace) -> None:
    path = released.releases / "v1" / "classes.txt"
    path.write_text("diving\nsurfing\nwaving\n")
    assert ("file", "classes.txt:3") in found(released)
    path.write_text("diving\n")
    assert ("file", "classes.txt:2") in found(released)
    (released.releases / "v1" / "more.txt").write_text("")
    assert ("file", "more.txt") in found(released)


@pytest.mark.parametrize("sort", ["uploader", "copy"])
def test_what_turned_out_to_belong_together_since_is_found(released: Workspace, sort: str) -> None:
    train, test = of_split(released, "train"), of_split(released, "test")
    with writing(released.engine) as session:
        clips = {
            video: clip
            for clip, video in session.execute(
                select(Clip, Video.video_id).join(Video).where(Video.video_id.in_([train, test]))
            )
        }
        if sort == "copy":
            session.add(
                AlikeClips(
                    clip_id=clips[train].id,
                    other_id=clips[test].id,
                    similarity=0.9,
                    shift_seconds=0.0,
                    is_mirrored=False,
                )
            )
        else:
            for media in session.scalars(select(Media).join(Video)):
                media.uploader = "Anna" if media.video.video_id in (train, test) else None
    if sort == "copy":
        assert [one for one, _ in found(released)] == ["copy"]
        assert "as far as 0.90" in kbuild(released, "releases", "check").output
    else:
        folder = again(released, "v2")
        gone = {row.youtube_id for row in read_manifest(folder / "clips.csv")}
        assert train not in gone and test in gone
        assert kbuild(released, "releases", "check", "v2").exit_code == 0


def test_a_release_that_keeps_uploaders_apart_from_nobody_is_found(
    workspace: Workspace, fill: Any
) -> None:
    def story(filler: Any) -> None:
        for n in range(12):
            clip = filler.clip(f"video{n}", "surfing")
            filler.votes(clip)
            clip.video.media.uploader = f"Anna {n % 2}"

    fill(workspace, story)
    curated = CurateConfig(num_test=4, num_validate=0, max_held_out_share=0.5, keep_together=())
    again(workspace, "v1", Config(curate=curated))
    assert "uploader" in {sort for sort, _ in found(workspace)}


def test_ids_of_other_datasets_and_other_splits_of_earlier_releases_are_found(
    released: Workspace, tmp_path: Path
) -> None:
    train = of_split(released, "train")
    ids = tmp_path / "kinetics400.txt"
    ids.write_text(f"# ids\n{train}\nabcdefghijk\n")
    (sort, place) = found(released, ids)[0]
    assert sort == "against" and place.startswith("clips.csv:")
    assert kbuild(released, "releases", "check", "--against", ids).exit_code == 1
    with writing(released.engine) as session:
        session.execute(Media.__table__.update().values(uploader=None))
        for row in session.scalars(select(VideoSplit)):
            row.is_released, row.dealt_by = False, ""
    again(released, "v2", Config(curate=CurateConfig(num_test=4, num_validate=0, seed=5)))
    report = check_release(released, released.releases / "v2")
    assert {one.sort for one in report.findings} == {"earlier"}
    assert "in releases/v1/" in report.findings[0].problem


def test_a_video_in_another_split_of_a_release_of_segments_is_found(released: Workspace) -> None:
    folder = released.releases / "segments-v1"
    folder.mkdir()
    train = of_split(released, "train")
    (folder / "marked_videos.csv").write_text(f"video,split\n{train},test\n")
    with writing(released.engine) as session:
        row = {"folder": "releases/segments-v1", "content_hash": ""}
        session.add(Release(name="segments-v1", **row))
    (finding,) = check_release(released, released.releases / "v1").findings
    assert finding.problem.endswith("and in test in releases/segments-v1/marked_videos.csv")


def pem(key: Any, path: Path, *, part: str = "private", secret: str = "") -> Path:
    how = BestAvailableEncryption(secret.encode()) if secret else NoEncryption()
    path.write_bytes(
        key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, how)
        if part == "private"
        else key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    )
    return path


def test_a_signed_release_is_verified_by_kbuild_and_by_openssl(
    released: Workspace, tmp_path: Path
) -> None:
    key = ed25519.Ed25519PrivateKey.from_private_bytes(bytes(32))
    private, public = pem(key, tmp_path / "k.pem"), pem(key, tmp_path / "p.pem", part="public")
    result = kbuild(released, "release", "--key", private)
    assert result.exit_code == 0 and "there already" in result.output, result.output
    folder = released.releases / "v1"
    assert kbuild(released, "releases", "check", "--public-key", public).exit_code == 0
    verify = ["openssl", "pkeyutl", "-verify", "-pubin", "-inkey", str(public), "-rawin"]
    verify += ["-in", str(folder / "SHA256SUMS"), "-sigfile", str(folder / "SHA256SUMS.sig")]
    assert subprocess.run(verify, capture_output=True).returncode == 0
    (folder / "SHA256SUMS.sig").unlink()
    assert kbuild(released, "releases", "sign", "v1", "--key", private).exit_code == 0
    assert kbuild(released, "releases", "check", "--public-key", public).exit_code == 0
    other = ed25519.Ed25519PrivateKey.from_private_bytes(bytes([1] * 32))
    theirs = pem(other, tmp_path / "o.pem", part="public")
    wrong = kbuild(released, "releases", "check", "--public-key", theirs)
    assert wrong.exit_code == 1 and "signature: SHA256SUMS.sig: is not that of" in wrong.output


def test_what_was_changed_is_not_signed(released: Workspace, tmp_path: Path) -> None:
    private = pem(ed25519.Ed25519PrivateKey.from_private_bytes(bytes(32)), tmp_path / "k.pem")
    sums = released.releases / "v1" / "SHA256SUMS"
    sums.write_text("".join(sums.read_text().splitlines(keepends=True)[1:]))
    result = kbuild(released, "releases", "sign", "v1", "--key", private)
    assert result.exit_code == 1 and "SHA256SUMS was changed since" in result.output
    assert not sums.with_name("SHA256SUMS.sig").exists()


@pytest.mark.parametrize(
    ("sort", "message"),
    [
        ("public", "found a public key, which signs nothing"),
        ("rsa", "found a key of another sort, RSAPrivateKey"),
        ("locked", "found a key with a passphrase"),
        ("text", "found no key"),
        ("missing", "found No such file or directory"),
    ],
)
def test_a_key_that_signs_nothing_is_refused_before_anything_is_written(
    workspace: Workspace, tmp_path: Path, sort: str, message: str
) -> None:
    key, path = ed25519.Ed25519PrivateKey.generate(), tmp_path / "key.pem"
    if sort == "public":
        pem(key, path, part="public")
    elif sort == "rsa":
        pem(rsa.generate_private_key(65537, 2048), path)
    elif sort == "locked":
        pem(key, path, secret="word")
    elif sort == "text":
        path.write_text("a key")
    with pytest.raises(ConfigError, match=message):
        release(workspace, None, path)
    assert [one for one in workspace.releases.iterdir() if one.name != ".lock"] == []


def test_the_difference_of_two_releases_is_told_with_the_edits(
    released: Workspace, fill: Any, tmp_path: Path
) -> None:
    edits, taken = tmp_path / "edits.txt", tmp_path / "taken.txt"
    edits.write_text("rename diving -> plunging\n")
    gone = of_split(released, "train")
    taken.write_text(f"{gone} | 2026-11-03 | asked by a person shown\n")
    with writing(released.engine) as session:
        record_edits(session, edits)
    takedown(released, taken)
    fill(released, lambda filler: filler.votes(filler.clip("new", "surfing")))
    again(released, "v2")
    rows = json.loads(kbuild(released, "releases", "diff", "v1", "v2", "--json").output)
    by_sort = {
        sort: [row for row in rows if row["sort"] == sort]
        for sort in ("added", "removed", "relabelled", "moved")
    }
    assert [row["youtube_id"] for row in by_sort["added"]] == ["new"]
    (removed,) = by_sort["removed"]
    assert removed["youtube_id"] == gone
    assert removed["why"] == "taken down 2026-11-03: asked by a person shown"
    assert {row["why"] for row in by_sort["relabelled"]} == {"rename diving -> plunging"}
    assert not by_sort["moved"]
    told = kbuild(released, "releases", "diff", "v1", "v2").output.splitlines()[-1]
    assert told == f"1 added, 1 removed, 0 moved, {len(by_sort['relabelled'])} relabelled."


def test_why_a_clip_is_in_no_later_release_is_told_as_far_as_the_workspace_knows(
    released: Workspace, tmp_path: Path
) -> None:
    with writing(released.engine) as session:
        clips = {clip.video.video_id: clip for clip in session.scalars(select(Clip))}
        no = {"verdict": Verdict.REJECTED, "reason": "it is a dog", "ruled_by": "Ana"}
        rule(session, Ruling(clip_id=clips["diving00"].id, **no), CONFIG.verify)
        clips["diving01"].place.standing = Standing.DUPLICATE
        clips["diving02"].is_withdrawn = True
    again(released, "v2")
    (tmp_path / "edits.txt").write_text("filter min_clips=12\n")
    with writing(released.engine) as session:
        record_edits(session, tmp_path / "edits.txt")
    again(released, "v3")

    def whys(one: str, other: str) -> dict[str, str]:
        told = json.loads(kbuild(released, "releases", "diff", one, other, "--json").output)
        return {row["youtube_id"]: row["why"] for row in told}

    assert whys("v1", "v2") == {
        "diving00": "the owner: it is a dog",
        "diving01": "it is a duplicate of another clip",
        "diving02": "it is proposed no more",
    }
    assert set(whys("v2", "v3").values()) == {"filter min_clips=12"}


def test_a_takedown_leaves_an_erratum_beside_what_was_given_away(
    released: Workspace, tmp_path: Path
) -> None:
    taken = tmp_path / "taken.txt"
    gone = of_split(released, "train")
    taken.write_text(f"{gone} | 2026-11-03 | asked by a person shown\n")
    result = kbuild(released, "takedown", taken)
    assert "errata.csv beside them has 1 row more." in result.output, result.output
    errata = (released.releases / "v1" / "errata.csv").read_text().splitlines()
    assert errata[1:] == [f"{gone},0,10,{gone[:-2]},2026-11-03,asked by a person shown"]
    assert kbuild(released, "takedown", taken).output.count("errata") == 0
    assert found(released) == []


def with_flow(folder: Path) -> FlowFolder:
    """Give a release what stands for the flow of its clips."""
    flow, rows = FlowFolder.of(folder), list(read_manifest(folder / "clips.csv"))
    for row in rows:
        flow.path(row.file).parent.mkdir(parents=True, exist_ok=True)
        flow.path(row.file).write_bytes(b"flow")
    flow.note_settings(FlowSettings(method=Method.TVL1, parameters={}, program="made"))
    flow.note_rows(FlowRow(row.file, row.sha256, 1, 4, "0") for row in rows)
    return flow


def test_a_release_is_rewritten_without_what_was_taken_down_only_if_that_is_asked_for(
    released: Workspace, tmp_path: Path
) -> None:
    taken, folder = tmp_path / "taken.txt", released.releases / "v1"
    gone = of_split(released, "test")
    taken.write_text(f"{gone} | 2026-11-03 | asked by a person shown\n")
    assert "holds or names them still" in kbuild(released, "takedown", taken).output
    assert gone in (folder / "test.csv").read_text()
    flow = with_flow(folder)
    (folder / "SHA256SUMS.sig").write_bytes(bytes(64))
    result = kbuild(released, "takedown", taken, "--rewrite")
    assert result.exit_code == 0 and "still" not in result.output, result.output
    assert "v1 lost its signature" in result.output
    naming = {
        path.name
        for path in folder.rglob("*")
        if path.is_file() and (gone in path.name or gone.encode() in path.read_bytes())
    }
    assert naming == {"errata.csv"}
    assert len(list(read_manifest(folder / "clips.csv"))) == 23
    assert len(flow.rows()) == len(list(flow.root.rglob("*.arrow"))) == 23
    assert json.loads((folder / "statistics.json").read_text())["num_clips"] == 23
    assert "## Rewritten" in (folder / "README.md").read_text()
    assert found(released) == []
    before = {path.name: path.read_bytes() for path in folder.iterdir() if path.is_file()}
    kbuild(released, "takedown", taken, "--rewrite")
    assert {path.name: path.read_bytes() for path in folder.iterdir() if path.is_file()} == before


def test_a_release_that_cannot_be_rewritten_is_a_row_and_the_others_go_on(
    released: Workspace, tmp_path: Path
) -> None:
    old, new, taken = released.releases / "v1", released.releases / "v2", tmp_path / "taken.txt"
    gone = of_split(released, "test")
    shutil.copytree(old, new)
    with writing(released.engine) as session:
        session.add(Release(name="v2", folder="releases/v2", content_hash="of v1"))
    (old / "clips.parquet").unlink()
    lines = (old / "SHA256SUMS").read_text().splitlines(keepends=True)
    (old / "SHA256SUMS").write_text("".join(one for one in lines if "clips.parquet" not in one))
    taken.write_text(f"{gone} | 2026-11-03 | asked by a person shown\n")
    result = kbuild(released, "takedown", taken, "--rewrite")
    assert result.exit_code == 1, result.output
    assert "releases/v1 stays as it is: " in result.output
    assert "clips.parquet is not there" in result.output
    assert "releases/v2" not in result.output
    assert gone in (old / "errata.csv").read_text() and gone in (old / "test.csv").read_text()
    assert gone not in (new / "test.csv").read_text()


def test_a_release_that_a_kill_left_between_two_names_is_brought_back(
    released: Workspace, tmp_path: Path
) -> None:
    taken, folder = tmp_path / "taken.txt", released.releases / "v1"
    taken.write_text(f"{of_split(released, 'test')} | 2026-11-03 | asked\n")
    folder.rename(folder.with_name(".v1.old"))
    assert kbuild(released, "takedown", taken, "--rewrite").exit_code == 0
    assert found(released) == []
    assert not folder.with_name(".v1.old").exists()


def test_many_files_are_looked_at_by_several_processes_and_found_the_same(
    released: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = released.releases / "v1"
    clips = sorted((folder / "clips").iterdir())
    clips[3].unlink()
    for path in (clips[0], clips[-1]):
        path.unlink()
        path.write_bytes(b"another")
    (folder / "train.csv").write_text("another\n")
    alone = found(released)
    assert [place for sort, place in alone if sort == "file"] == [
        "train.csv:1",
        *(f"clips/{clips[at].name}" for at in (0, 3, -1)),
    ]
    monkeypatch.setattr(broken, "MANY", 1)
    monkeypatch.setattr(broken, "num_cores", lambda: 2)
    assert found(released) == alone


def test_a_table_that_says_something_else_than_the_manifest_is_found(released: Workspace) -> None:
    path = released.releases / "v1" / "clips.parquet"
    clips = list(read_released_clips(path))
    write_released(path, [replace(clips[0], licence="CC0"), *clips[1:]])
    assert of_table(released) == [
        f"row 1 has the licence 'CC0', clips.csv has {clips[0].licence!r}"
    ]
    write_released(path, clips[1:])
    assert of_table(released) == [f"has {len(clips) - 1} rows, clips.csv {len(clips)}"]


def of_table(workspace: Workspace) -> list[str]:
    findings = check_release(workspace, workspace.releases / "v1").findings
    return [one.problem for one in findings if (one.sort, one.place) == ("list", "clips.parquet")]


def test_clips_of_two_splits_that_show_the_same_are_found_by_their_fingerprints_alone(
    released: Workspace, tmp_path: Path
) -> None:
    path = released.releases / "v1" / "clips.parquet"
    generator = np.random.default_rng(0)
    clips = list(read_released_clips(path))
    prints = [moving(generator) for _ in clips]
    train = next(at for at, clip in enumerate(clips) if clip.split == "train")
    test = next(at for at, clip in enumerate(clips) if clip.split == "test")
    prints[test] = prints[train].mirrored()
    pairs = zip(clips, prints, strict=True)
    write_released(path, [replace(clip, fingerprint=one.to_bytes()) for clip, one in pairs])
    result = kbuild(released, "releases", "check", "v1", "--alike", "--json")
    told = [one for one in json.loads(result.output)["findings"] if one["sort"] == "alike"]
    assert [one["place"] for one in told] == ["clips.parquet"], result.output
    assert clips[test].file in told[0]["problem"] and clips[train].file in told[0]["problem"]
    result = kbuild(released, "releases", "check", "v1", "--json")
    assert "alike" not in {one["sort"] for one in json.loads(result.output)["findings"]}
    other = tmp_path / "other"
    other.mkdir()
    (other / "clips.csv").write_bytes((path.parent / "clips.csv").read_bytes())
    ours = next(at for at in range(len(clips)) if at not in (train, test))
    theirs = replace(clips[ours], file="clips/theirs.mp4", fingerprint=prints[ours].to_bytes())
    twice = replace(theirs, file="clips/twice.mp4", split="test")
    write_released(other / "clips.parquet", [theirs, twice])
    told = alike_clips(path.parent, 0.5, [other])
    assert sorted(one.problem.split(", as far")[0] for one in told if "theirs" in one.problem) == [
        f"{clips[ours].file} in {clips[ours].split} shows the same as clips/theirs.mp4 in {other}"
    ], "those of one other dataset are not compared with each other"


def moving(generator: np.random.Generator) -> Fingerprint:
    """Return the fingerprint of a clip that nothing else is like."""
    cells = generator.integers(0, 256, (8, 8), np.uint8).repeat(4, 0).repeat(4, 1)
    film = generator.integers(0, 256, (80, 4, 4), np.uint8).repeat(4, 1).repeat(4, 2)
    colours = generator.integers(0, 256, (4, 4, 3), np.uint8)
    return Fingerprint(film, np.stack([cells] * 4), cells, colours)


def test_a_release_goes_to_a_store_and_the_same_command_goes_on(released: Workspace) -> None:
    refused = kbuild(released, "release", "--name", "v2", "--out", "nosuch://given")
    assert refused.exit_code == 1 and not (released.releases / "v2").exists(), refused.output
    arguments = ("release", "--out", "memory://given", "--json")
    told = json.loads(kbuild(released, *arguments).stdout)
    assert told["name"] == "v1" and told["copy"]["url"] == "memory://given/v1"
    assert told["copy"]["num_copied"] == told["copy"]["num_proven"] > 24
    system = fsspec.filesystem("memory")
    for name in ("clips.csv", "SHA256SUMS"):
        assert system.cat(f"/given/v1/{name}") == (released.releases / "v1" / name).read_bytes()
    again = json.loads(kbuild(released, *arguments).stdout)
    assert again["copy"]["num_copied"] == 0
    system.rm("/given", recursive=True)


@pytest.mark.filterwarnings("ignore::ResourceWarning")
def test_shards_hold_the_same_clips_and_go_with_a_takedown(
    released: Workspace, tmp_path: Path
) -> None:
    webdataset = pytest.importorskip("webdataset")
    told = kbuild(released, "release", "--name", "sharded", "--shards", 3)
    folder = released.releases / "sharded"
    rows = [row for row in read_manifest(folder / "clips.csv") if row.split == "train"]
    assert f"and in {len([*folder.glob('shards/*.tar')])} shards" in told.output

    def samples() -> list[tuple[str, bytes, str]]:
        tars = sorted(map(str, folder.glob("shards/train-*.tar")))
        assert len(tars) == 3
        found = webdataset.WebDataset(tars, shardshuffle=False, empty_check=False)
        return [(s["__key__"], s["mp4"], json.loads(s["json"])["label"]) for s in found]

    def expected(rows: Any) -> set[tuple[str, bytes, str]]:
        return {(Path(r.file).stem, (folder / r.file).read_bytes(), r.label) for r in rows}

    assert len(samples()) == len(rows) and {*samples()} == expected(rows)
    assert found_in(released, "sharded") == []
    assert not release(released, "sharded", num_shards=3).is_new
    gone = rows[0].youtube_id
    (path := tmp_path / "takedown.txt").write_text(f"{gone} | 2026-11-03 | asked\n")
    takedown(released, path, rewrites=True)
    left = [row for row in rows if row.youtube_id != gone]
    assert {*samples()} == expected(left) and len(samples()) == len(left)
    assert [one for one in found_in(released, "sharded") if one[0] == "file"] == []


def found_in(workspace: Workspace, name: str) -> list[tuple[str, str]]:
    report = check_release(workspace, workspace.releases / name)
    return [(one.sort, one.place) for one in report.findings if one.sort in ("file", "signature")]


SAID = ("--what", "shows diving", "--reason", "a reader wrote", "--author", "Ana | Co")


def test_an_erratum_stands_beside_a_release_and_is_told(
    released: Workspace, tmp_path: Path
) -> None:
    folder = released.releases / "v1"
    before = {path.name: path.read_bytes() for path in folder.iterdir() if path.is_file()}
    row = next(read_manifest(folder / "clips.csv"))
    name = Path(row.file).name
    unknown = kbuild(released, "releases", "erratum", "v1", *SAID, "--clip", "nobody")
    assert unknown.exit_code == 1 and "named nobody" in unknown.output
    assert not (folder / "errata.csv").exists()
    for extra in (("--clip", name), ()):
        assert kbuild(released, "releases", "erratum", "v1", *SAID, *extra).exit_code == 0
    clip, whole = json.loads(kbuild(released, "releases", "errata", "v1", "--json").stdout)
    by = {"what": "shows diving", "reason": "a reader wrote", "author": "Ana | Co"}
    assert by.items() <= clip.items() and by.items() <= whole.items()
    assert (clip["youtube_id"], clip["label"]) == (row.youtube_id, row.label)
    assert (whole["youtube_id"], whole["label"]) == ("", "") and clip["date"][:2] == "20"
    after = {path.name: path.read_bytes() for path in folder.iterdir() if path.is_file()}
    assert after.keys() - before.keys() == {"errata.csv"} and before.items() <= after.items()
    assert found_in(released, "v1") == []
    page = tmp_path / "page.html"
    assert kbuild(released, "releases", "page", "v1", "--out", page).exit_code == 0
    assert "all of it: shows diving: a reader wrote (Ana | Co, 20" in page.read_text()


def test_a_takedown_and_an_erratum_stand_in_one_file_and_a_stale_signature_goes(
    released: Workspace, tmp_path: Path
) -> None:
    folder, key = released.releases / "v1", write_key(tmp_path / "key.pem")
    kbuild(released, "releases", "erratum", "v1", *SAID, "--key", key)
    assert (folder / "errata.csv.sig").is_file()
    gone = of_split(released, "train")
    (path := tmp_path / "takedown.txt").write_text(f"{gone} | 2026-11-03 | asked\n")
    takedown(released, path)
    assert not (folder / "errata.csv.sig").exists()
    rows = json.loads(kbuild(released, "releases", "errata", "v1", "--json").stdout)
    assert [(row["youtube_id"], row["what"]) for row in rows] == [("", "shows diving"), (gone, "")]


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_a_release_tells_its_errata_itself_where_that_is_asked_for(
    released: Workspace, tmp_path: Path
) -> None:
    mlcroissant = pytest.importorskip("mlcroissant")
    folder, key = released.releases / "v1", write_key(tmp_path / "key.pem")
    arguments = ("releases", "erratum", "v1", *SAID, "--rewrite", "--key", key)
    assert kbuild(released, *arguments).exit_code == 0
    assert (
        kbuild(released, *arguments[:3], "--what", "more", *SAID[2:], *arguments[-3:]).exit_code
        == 0
    )
    readme = (folder / "README.md").read_text()
    assert readme.count("## Errata") == 1 and "shows diving" in readme and "more" in readme
    told = json.loads((folder / "croissant.json").read_text())
    assert len(told["correction"]) == 2
    assert not mlcroissant.Dataset(folder / "croissant.json").metadata.issues.errors
    assert found_in(released, "v1") == []
    for name in ("errata.csv", "SHA256SUMS"):
        assert (folder / f"{name}.sig").is_file()


def write_key(path: Path) -> Path:
    return pem(ed25519.Ed25519PrivateKey.from_private_bytes(bytes(32)), path)
