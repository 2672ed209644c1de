import shutil
from pathlib import Path

import pytest
from click.testing import CliRunner
from sqlalchemy import delete, select, update

from kinetics_builder.database.engine import reading, writing
from kinetics_builder.database.tables import (
    AlikeClips,
    Clip,
    ClipPlace,
    PairWord,
    Standing,
    Survival,
    Video,
)
from kinetics_builder.errors import StageOrderError
from kinetics_builder.files import file_sha256
from kinetics_builder.formats.manifest import ManifestRow, write_manifest
from kinetics_builder.video.ffmpeg import run_ffmpeg
from kinetics_builder.workspace import Workspace
from pipelines.cli import group
from pipelines.inspecting.report import write_report
from pipelines.kinetics.copies import same_videos
from pipelines.running import runner
from pipelines.running.engines.inline import InlinePool
from pipelines.running.reports import StageReport
from tests.pipelines.kinetics.conftest import SETTINGS, World

ACTIONS = ("cutting_watermelon_demo.mp4", "SOX5yA1l24A.mp4")


def change(source: Path, target: Path, filters: str) -> None:
    arguments = ["-i", str(source), "-vf", f"{filters},scale=trunc(iw/2)*2:trunc(ih/2)*2", "-an"]
    encoder = ["-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p"]
    run_ffmpeg([*arguments, *encoder, "-y", str(target)], timeout_seconds=60)


def places(world) -> dict[tuple[str, float], tuple]:
    """Return standing and original of each clip, by video and start."""
    with reading(world.workspace.engine) as session:
        clips = {clip.id: clip for clip in session.scalars(select(Clip))}
        rows = session.scalars(select(ClipPlace)).all()
        return {
            (clips[row.clip_id].video.video_id, clips[row.clip_id].rank): (
                row.standing,
                row.duplicate_of_id and clips[row.duplicate_of_id].video.video_id,
                row.similarity,
            )
            for row in rows
        }


def upload(world: World, actions: Path) -> StageReport:
    """Note two videos, one of them again smaller and cropped, and once more as it is; run all."""
    media = world.workspace.media
    for name, action in zip(("v1", "v2"), ACTIONS, strict=True):
        change(actions / action, media / f"{name}.mp4", "null")
    change(media / "v1.mp4", media / "v3.mp4", "crop=iw*0.95:ih*0.95,scale=240:-2")
    (media / "v4.mp4").write_bytes((media / "v2.mp4").read_bytes())
    for name in ("v1", "v2", "v3", "v4"):
        world.note(name, media / f"{name}.mp4", ("doing something",))
    return world.run("score", "propose", "cut", "deduplicate")


@pytest.fixture(scope="module")
def first(shared: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, StageReport]:
    """A workspace in SQLite with all of that, to be copied, and what deduplicate said."""
    root = tmp_path_factory.mktemp("uploaded") / "workspace"
    settings = f'database = "kbuild.sqlite"\n{SETTINGS}'
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(runner, "make_pool", lambda **_: InlinePool())
        world = World(Workspace.create(root, settings))
        report = upload(world, shared / "videos" / "actions")
        world.workspace.engine.dispose()
    (root / "kbuild.toml").write_text(SETTINGS)
    return root, report


@pytest.fixture
def uploaded(world: World, request: pytest.FixtureRequest, shared: Path) -> World:
    """The videos in a workspace of the test's own."""
    root = world.workspace.root
    if "://" in world.workspace.database:
        world.report = upload(world, shared / "videos" / "actions")
        return world
    of_all, world.report = request.getfixturevalue("first")
    world.workspace.engine.dispose()
    shutil.rmtree(root)
    shutil.copytree(of_all, root)
    world.workspace = Workspace.open(root)
    return world


@pytest.mark.on_both(is_long=True)
def test_one_clip_of_a_video_and_one_video_of_several_alike(uploaded) -> None:
    found = places(uploaded)
    assert (uploaded.report.num_done, uploaded.report.failures) == (1, {})
    assert {key: standing for key, (standing, *_) in found.items()} == {
        ("v1", 0): Standing.KEPT,
        ("v1", 1): Standing.RESERVE,
        ("v2", 0): Standing.KEPT,
        ("v2", 1): Standing.RESERVE,
        ("v3", 0): Standing.DUPLICATE,
        ("v3", 1): Standing.DUPLICATE,
        ("v4", 0): Standing.DUPLICATE,
        ("v4", 1): Standing.DUPLICATE,
    }
    assert {original for _, original, _ in found.values()} == {None, "v1", "v2"}
    assert found["v3", 0][1] == "v1"
    assert found["v4", 0][1:] == ("v2", 1.0)
    assert 0.83 <= found["v3", 0][2] < 1


def test_a_second_run_compares_nothing_and_settings_decide_anew(uploaded) -> None:
    before = places(uploaded)
    assert uploaded.run("deduplicate").num_new == 0
    uploaded.set("[run]", "[deduplicate]\nmax_per_video = 2\n[run]")
    assert uploaded.run("deduplicate").num_new == 0  # nothing is compared anew
    assert places(uploaded)["v1", 1][0] is Standing.KEPT
    uploaded.set("max_per_video = 2", "max_per_video = 1")
    uploaded.run("deduplicate")
    assert places(uploaded) == before


def test_before_cut_there_is_nothing_to_compare(world) -> None:
    with pytest.raises(StageOrderError, match="Run `kbuild cut` first"):
        world.run("deduplicate")


def kbuild(world, *arguments: str):
    return CliRunner().invoke(group, ["-C", str(world.workspace.root), "deduplicate", *arguments])


def kinds(world) -> dict[str, Standing]:
    """Return the standing of the best clip of each video."""
    return {video: place[0] for (video, rank), place in places(world).items() if rank == 0}


@pytest.mark.long
def test_the_last_word_of_people_about_two_clips_counts(uploaded, tmp_path: Path) -> None:
    words = tmp_path / "pairs.csv"
    words.write_text(
        "a,b,word\nv1_000000_000004,clips/v3_000000_000004.mp4,different\n"
        "v1_000004_000008,v3_000004_000008,different\nv1_000000_000004,v2_000000_000004,same\n"
        "v1_000004_000008,v2_000004_000008,\n"
    )
    result = kbuild(uploaded, "--pairs", str(words))
    assert result.exit_code == 0 and "3 new words" in result.stderr
    assert kinds(uploaded)["v3"] is Standing.KEPT
    assert Standing.DUPLICATE in (kinds(uploaded)["v1"], kinds(uploaded)["v2"])
    assert "0 new words" in kbuild(uploaded, "--pairs", str(words)).stderr
    words.write_text("v2_000000_000004,v1_000000_000004,DIFFERENT\n")
    assert kbuild(uploaded, "--pairs", str(words)).exit_code == 0
    assert kinds(uploaded)["v1"] is kinds(uploaded)["v2"] is Standing.KEPT


@pytest.mark.parametrize(
    ("text", "error"),
    [
        pytest.param("v1_000000_000004,v9,same\n", "'v9' is no clip", id="no clip"),
        pytest.param(
            "v1_000000_000004,v3_000000_000004,maybe\n", "`same` or `different`", id="word"
        ),
        pytest.param("v1_000000_000004\n", "expected two clips", id="one clip"),
        pytest.param(
            "v1_000000_000004,v1_000000_000004,same\n", "is named twice", id="the same clip twice"
        ),
        pytest.param(
            "v2_000000_000004,v1_000000_000004,different\n",
            "pairs.csv:1 says otherwise of the same two clips",
            id="against a line before, the clips the other way round",
        ),
        pytest.param('"v1_000000_000004,v3,same\n', "quotes that do not fit", id="an open quote"),
        pytest.param(f'"{"x" * 200_000}",v1,same\n', "quotes that do not fit", id="a huge cell"),
        pytest.param(
            "v1_000000_000004;v3_000000_000004;same\n", "parted by semicolons", id="semicolons"
        ),
    ],
)
def test_a_file_of_pairs_with_a_bad_line_is_one_error_and_nothing_is_recorded(
    uploaded, tmp_path: Path, text: str, error: str
) -> None:
    (tmp_path / "pairs.csv").write_text(f"v1_000000_000004,v2_000000_000004,same\n{text}")
    result = kbuild(uploaded, "--pairs", str(tmp_path / "pairs.csv"))
    assert result.exit_code == 1 and error in result.output.replace("\n", " ")
    with reading(uploaded.workspace.engine) as session:
        assert session.scalars(select(PairWord)).all() == []


def test_files_of_pairs_are_taken_as_tables_save_them_and_the_last_counts(
    uploaded, tmp_path: Path
) -> None:
    saved, later = tmp_path / "saved.csv", tmp_path / "later.csv"
    saved.write_bytes(
        b"\xef\xbb\xbfa,b,word\r\nv3_000000_000004,v1_000000_000004,Different\r\n"
        b'"v2_000000_000004.mp4","v1_000000_000004",same,,\r\n'
    )
    later.write_text("v1_000000_000004,v3_000000_000004,same\n")
    result = kbuild(uploaded, "--pairs", str(saved), "--pairs", str(later))
    assert result.exit_code == 0, result.output
    assert "saved.csv: 2 new words about pairs.\n" in result.stderr
    assert "1 new word about pairs, 1 in place of what was said before." in result.stderr
    assert Standing.DUPLICATE in (kinds(uploaded)["v1"], kinds(uploaded)["v3"])


def test_lines_about_clips_that_are_compared_no_more_are_left_out(uploaded, tmp_path: Path) -> None:
    with writing(uploaded.workspace.engine) as session:
        third = select(Video.id).where(Video.video_id == "v3").scalar_subquery()
        session.execute(update(Clip).where(Clip.video_id == third).values(is_withdrawn=True))
    words = tmp_path / "pairs.csv"
    words.write_text(
        "v1_000000_000004,v3_000000_000004,same\nv1_000000_000004,v2_000000_000004,different\n"
    )
    result = kbuild(uploaded, "--pairs", str(words))
    assert result.exit_code == 0, result.output
    told = " ".join(result.stderr.split())
    assert "1 new word about pairs; 1 line left out, of clips compared no more." in told


def test_doubtful_pairs_stay_and_are_listed_until_somebody_knows(uploaded, tmp_path: Path) -> None:
    found = places(uploaded)["v3", 0][2]
    uploaded.set("[run]", f"[deduplicate]\nmin_similarity = {found + 0.001}\n[run]")
    with writing(uploaded.workspace.engine) as session:
        session.execute(delete(AlikeClips).where(AlikeClips.similarity != found))
    result = kbuild(uploaded, "--doubtful")
    header, *lines = result.stdout.splitlines()
    assert header == "a,b,word,similarity,label,is_mirrored" and len(lines) >= 1
    assert kinds(uploaded)["v3"] is Standing.KEPT
    page = write_report(uploaded.workspace, tmp_path / "report.html").read_text()
    assert "One recording or two?" in page
    assert page.count('alt="four moments of v') == 2 * len(lines)
    (tmp_path / "pairs.csv").write_text(result.stdout.replace(",,", ",same,"))
    assert kbuild(uploaded, "--pairs", str(tmp_path / "pairs.csv"), "--doubtful").stdout == (
        f"{header}\n"
    )
    assert kinds(uploaded)["v3"] is Standing.DUPLICATE


@pytest.mark.on_both(is_long=True)
def test_what_an_older_dataset_holds_does_not_come_again(uploaded, tmp_path: Path) -> None:
    """By its clips, whatever was done to them; by the ids of its videos; until it is forgotten."""
    before = places(uploaded)
    folder = tmp_path / "v0"
    folder.mkdir()
    change(uploaded.workspace.media / "v2.mp4", folder / "clip.mp4", "hflip,scale=200:-2")
    row = ManifestRow(
        label="doing something",
        youtube_id="elsewhere",
        time_start=0,
        time_end=4,
        split="train",
        file="clip.mp4",
        bytes=1,
        sha256=file_sha256(folder / "clip.mp4"),
        duration_seconds=4.0,
        width=2,
        height=2,
        frames_per_second=25.0,
        num_frames=100,
        whole_clip=True,
        licence="",
    )
    write_manifest(folder / "clips.csv", [row])
    result = kbuild(uploaded, "--against", str(folder))
    assert result.exit_code == 0, result.output
    assert kinds(uploaded)["v2"] is kinds(uploaded)["v4"] is Standing.DUPLICATE
    assert kinds(uploaded)["v1"] is Standing.KEPT
    (tmp_path / "ids.txt").write_text("# of another dataset\nv1\n")
    assert kbuild(uploaded, "--against", str(tmp_path / "ids.txt")).exit_code == 0
    assert kinds(uploaded)["v1"] is Standing.DUPLICATE
    with reading(uploaded.workspace.engine) as session:
        reasons = set(session.scalars(select(ClipPlace.because)))
    assert Survival.OLDER in reasons
    assert kbuild(uploaded, "--forget", "v9").exit_code == 1
    for name in ("v0", "ids.txt"):
        assert kbuild(uploaded, "--forget", name).exit_code == 0
    assert places(uploaded) == before


@pytest.mark.parametrize(
    "given", ["nothing", "an empty folder", "empty.txt", "classes.txt", "latin.txt"]
)
def test_a_dataset_that_is_none_is_one_error(uploaded, tmp_path: Path, given: str) -> None:
    (tmp_path / "an empty folder").mkdir()
    (tmp_path / "empty.txt").write_text("\n")
    (tmp_path / "classes.txt").write_text("abseiling\nair drumming\n")
    (tmp_path / "latin.txt").write_bytes(b"caf\xe9\n")
    path = tmp_path / given
    result = kbuild(uploaded, "--against", str(path))
    assert result.exit_code == 1 and result.output.startswith("Error: ")


def test_copies_in_two_classes_are_kept_in_both_and_known_as_one_recording(
    world, shared: Path
) -> None:
    """Only votes can say which class is right; but the two may not be in two splits."""
    media = world.workspace.media
    change(shared / "videos" / "actions" / ACTIONS[0], media / "v1.mp4", "null")
    change(media / "v1.mp4", media / "v2.mp4", "hflip,crop=iw*0.95:ih*0.95,scale=240:-2")
    world.note("v1", media / "v1.mp4", ("one thing",))
    world.note("v2", media / "v2.mp4", ("another",))
    world.run("score", "propose", "cut", "deduplicate")
    assert kinds(world) == {"v1": Standing.KEPT, "v2": Standing.KEPT}
    with reading(world.workspace.engine) as session:
        groups = same_videos(session, world.workspace.config.deduplicate)
    assert groups == {"v1": "v1", "v2": "v1"}


def test_a_file_of_pairs_that_is_none_is_told_with_what_was_expected(world, tmp_path: Path) -> None:
    (tmp_path / "latin.csv").write_bytes(b"a,b\xe9,same\n")
    for name, flaw in (("nope.csv", "No such file"), ("latin.csv", "not UTF-8 at offset 3")):
        result = kbuild(world, "--pairs", str(tmp_path / name))
        told = " ".join(result.output.split())
        assert result.exit_code == 1 and flaw in told and "Errno" not in told
        assert "two clips, and `same` or `different`" in told
