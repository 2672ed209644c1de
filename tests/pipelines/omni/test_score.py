"""What a teacher says of pictures, clips and whole videos is kept, and what it would keep."""

import json
import pickle
from pathlib import Path

import pytest
import torch
from click.testing import CliRunner

from kinetics_builder.database.engine import reading, writing
from kinetics_builder.database.tables import Media, Standing, TeacherScore, Verdict, Video, WebKind
from kinetics_builder.errors import FormatError, ModelError, StageOrderError
from kinetics_builder.formats import parquet
from models.checkpoints.store import Card, save_network
from models.evaluation.teacher import Teacher
from models.network import build_network
from models.zoo import network_spec
from pipelines.cli import group
from pipelines.learnt.notes import LEARNT
from pipelines.omni import asking
from pipelines.omni.curves import curve_lines, draw_curves
from pipelines.omni.known import rights_by_file, rights_by_votes
from pipelines.omni.scored import scored_items
from pipelines.omni.teachers import Asked, appoint, score
from pipelines.stages import build_stage
from tests.pipelines.omni.conftest import Web


def said(web: Web) -> dict[str, float]:
    with reading(web.workspace.engine) as session:
        return {
            f"{Path(one.file).name} {one.start_seconds or 0:g}": round(one.score, 1)
            for one in scored_items(session, web.workspace)
        }


def filled(web: Web) -> None:
    web.picture("rose", 255)
    web.picture("soot", 0)
    web.film("v1", [0, 0, 255, 255, 128])
    web.clip("v1", 255, 2.0, verdict=Verdict.ACCEPTED)
    web.clip("v1", 0, 0.0, verdict=Verdict.REJECTED)


@pytest.mark.on_both
def test_each_item_is_scored_for_what_it_was_searched_for(web: Web) -> None:
    filled(web)
    web.picture("ball", 51, label="juggling")
    web.appoint()
    reports = score(web.workspace, Asked())
    assert [(one.stage, one.num_done) for one in reports] == [
        ("omni images", 3),
        ("omni clips", 2),
        ("omni videos", 1),
    ]
    assert said(web) == {
        **{"rose.jpg 0": 1.0, "soot.jpg 0": 0.0, "ball.jpg 0": 0.8},
        **{"v1_2.mp4 0": 1.0, "v1_0.mp4 0": 0.0},
        **{"v1.mp4 0": 0.0, "v1.mp4 2": 1.0, "v1.mp4 4": 0.5},
    }
    assert [one.num_new for one in score(web.workspace, Asked())] == [0, 0, 0]


def test_each_kind_may_have_a_teacher_of_its_own(web: Web) -> None:
    filled(web)
    web.appoint(WebKind.CLIPS)
    assert [one.stage for one in score(web.workspace, Asked())] == ["omni clips"]
    assert [*said(web)] == ["v1_0.mp4 0", "v1_2.mp4 0"]
    with pytest.raises(StageOrderError, match=r"omni score --teacher CHECKPOINT"):
        score(web.workspace, Asked((WebKind.IMAGES,)))


def test_a_score_of_a_file_that_is_another_by_now_says_nothing(web: Web) -> None:
    filled(web)
    web.appoint()
    score(web.workspace, Asked())
    with writing(web.workspace.engine) as session:
        session.query(Media).update({"sha256": "1" * 64})
    assert not [name for name in said(web) if name.startswith("v1.mp4")]


def test_duplicates_are_left_out(web: Web) -> None:
    web.film("v1", [0, 0])
    web.clip("v1", 255, standing=Standing.DUPLICATE)
    web.appoint(WebKind.CLIPS)
    score(web.workspace, Asked())
    assert said(web) == {}


def test_what_was_taken_down_has_no_score_any_more(web: Web) -> None:
    filled(web)
    web.appoint()
    score(web.workspace, Asked())
    listed = web.workspace.root / "list.txt"
    listed.write_text("v1 | 2026-11-03 | asked\nrose | 2026-11-03 | asked\n")
    result = CliRunner().invoke(group, ["-C", str(web.workspace.root), "takedown", str(listed)])
    assert result.exit_code == 0, result.output
    with reading(web.workspace.engine) as session:
        assert [Path(row.item).name for row in session.query(TeacherScore)] == ["soot.jpg"]


def test_windows_are_right_where_a_judged_clip_shares_most_of_them(web: Web) -> None:
    filled(web)
    web.appoint()
    score(web.workspace, Asked())
    with reading(web.workspace.engine) as session:
        items = [one for one in scored_items(session, web.workspace) if one.kind != "images"]
        rights = rights_by_votes(session, items)
    told = {(one.kind, one.start_seconds): right for one, right in zip(items, rights, strict=True)}
    assert told[WebKind.VIDEOS, 0.0] is False and told[WebKind.VIDEOS, 2.0] is True
    assert told[WebKind.VIDEOS, 4.0] is None


def test_a_curve_of_votes_tells_what_a_threshold_keeps(web: Web) -> None:
    filled(web)
    web.appoint()
    score(web.workspace, Asked())
    curves = {one.kind: one for one in draw_curves(web.workspace)}
    clips = {point.threshold: point for point in curves[WebKind.CLIPS].points}
    assert (clips[0.0].num_kept, clips[0.0].precision) == (2, 0.5)
    assert (clips[0.5].num_kept, clips[0.5].precision, clips[0.5].recall) == (1, 1.0, 1.0)
    assert curves[WebKind.IMAGES].num_known == 0
    assert curves[WebKind.IMAGES].points[0].precision is None


def test_a_curve_warns_of_videos_that_the_teacher_has_learnt_from(web: Web, tmp_path: Path) -> None:
    filled(web)
    rows = ({"youtube_id": "v1", "sha256": ""}, {"youtube_id": "another", "sha256": ""})
    parquet.write(tmp_path / LEARNT, {"youtube_id": "string", "sha256": "string"}, iter(rows))
    web.appoint(checkpoint=str(tmp_path))
    score(web.workspace, Asked())
    curves = draw_curves(web.workspace)
    assert {one.kind.value: one.num_learnt for one in curves} == {
        **{"images": 0, "clips": 2, "videos": 2}
    }
    warned = [line for line in curve_lines(curves) if line.startswith("Warning")]
    assert len(warned) == 2 and "2 of these 2 are of videos that the teacher" in warned[0]


def test_the_command_prints_writes_and_draws_the_curve(web: Web, tmp_path: Path) -> None:
    filled(web)
    web.appoint()
    score(web.workspace, Asked())
    known = tmp_path / "known.csv"
    known.write_text(
        "file,label,is_right\npictures/search/waving/rose.jpg,waving,yes\n"
        "pictures/search/waving/soot.jpg,waving,no\n"
    )
    files = ["--csv", str(tmp_path / "c.csv"), "--picture", str(tmp_path / "c.png")]
    missing = CliRunner().invoke(
        group, ["-C", str(web.workspace.root), "omni", "curve", "--known", "nope.csv"]
    )
    assert missing.exit_code == 2 and "expected votes, or a file" in missing.output
    words = ["-C", str(web.workspace.root), "omni", "curve", "--known", str(known)]
    result = CliRunner().invoke(group, [*words, *files])
    assert result.exit_code == 0, result.output
    assert "images: 2 items, 2 of which people have judged" in result.output
    assert "images,0.5,1,0.5,1,1,1,1" in (tmp_path / "c.csv").read_text().splitlines()
    assert (tmp_path / "c.png").read_bytes().startswith(b"\x89PNG")
    listed = json.loads(CliRunner().invoke(group, [*words, "--json"]).output)
    assert [one["kind"] for one in listed] == ["images", "clips", "videos"]


BAD = [
    pytest.param(
        "file,label\n", r"k\.csv:1: expected a header with file, label, is_right", id="head"
    ),
    pytest.param("file,label,is_right\na,b,maybe\n", r"k\.csv:2: .*yes or no, found", id="word"),
    pytest.param("file,label,is_right\na,b,yes\n", "names none of the 2 items", id="strangers"),
]


@pytest.mark.parametrize(("text", "message"), BAD)
def test_a_file_of_what_is_right_is_held_to_its_shape(
    web: Web, tmp_path: Path, text: str, message: str
) -> None:
    web.picture("rose", 255)
    web.picture("soot", 0)
    web.appoint(WebKind.IMAGES)
    score(web.workspace, Asked())
    (tmp_path / "k.csv").write_text(text)
    with reading(web.workspace.engine) as session:
        items = list(scored_items(session, web.workspace))
    with pytest.raises(FormatError, match=message):
        rights_by_file(tmp_path / "k.csv", items)


def teacher(folder: Path, *labels: str) -> Path:
    torch.manual_seed(0)
    spec = network_spec("i3d_tiny")
    card = Card(spec=spec, labels=labels, release_sha256="0", recipe={}, metrics={})
    save_network(folder, build_network(spec, len(labels)), card)
    return folder


def test_a_teacher_of_other_classes_is_refused_by_their_names(web: Web, tmp_path: Path) -> None:
    other = teacher(tmp_path / "run", "waving", "yawning")
    with pytest.raises(ModelError, match=r"does not know 'juggling' .* knows 'yawning'") as failed:
        appoint(web.workspace, other, Asked())
    assert "\n" not in str(failed.value)
    with reading(web.workspace.engine) as session:
        assert session.query(TeacherScore).count() == 0


def test_a_trained_network_is_asked_by_the_command(
    web: Web, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(asking, "_load", Teacher.load)
    filled(web)
    run = teacher(tmp_path / "run", "juggling", "waving", "yawning")
    words = ["-C", str(web.workspace.root), "omni", "score"]
    result = CliRunner().invoke(group, [*words, "--teacher", str(run), "--window", "2"])
    assert result.exit_code == 0, result.output
    assert "omni videos       1 done" in result.output
    before = said(web)
    assert len(before) == 7
    longer = CliRunner().invoke(group, [*words, "--teacher", str(run), "--window", "5", "--json"])
    now = {one["stage"]: one["num_new"] for one in json.loads(longer.stdout)}
    assert now == {"omni images": 0, "omni clips": 0, "omni videos": 1} and len(said(web)) == 5
    lonely = CliRunner().invoke(group, [*words, "--window", "2"])
    assert lonely.exit_code == 2 and "--window goes with --teacher" in lonely.output


@pytest.mark.parametrize("kind", list(WebKind))
def test_the_work_of_a_stage_can_be_sent_to_a_child(web: Web, kind: WebKind) -> None:
    web.appoint()
    work = build_stage(f"omni {kind.value}", web.workspace).work
    assert pickle.loads(pickle.dumps(work)).func is asking.ask


def test_a_row_names_the_video_that_it_is_of(web: Web) -> None:
    web.film("v1", [0, 0])
    web.appoint(WebKind.VIDEOS)
    score(web.workspace, Asked())
    with reading(web.workspace.engine) as session:
        [row] = session.query(TeacherScore).all()
        assert row.video_id == session.query(Video).one().id and row.times == [0, 2]
