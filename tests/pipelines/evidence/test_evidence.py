"""Evidence about classes and labels, from the rows to the pages."""

import json
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from click.testing import CliRunner
from sqlalchemy import select, update

from kinetics_builder.config import Config
from kinetics_builder.curation.edits_file import read_edits
from kinetics_builder.curation.evidence import PairEvidence
from kinetics_builder.database.engine import reading, writing
from kinetics_builder.database.tables import AlikeClips, Answer, Clip, ClipFile, VideoLook
from kinetics_builder.errors import FormatError
from kinetics_builder.video.likeness.fingerprint import Fingerprint
from kinetics_builder.workspace import Workspace
from pipelines.cli import group
from pipelines.evidence.clips import shown_clips
from pipelines.evidence.gathering import ClassEvidence, Sources, gather_evidence
from pipelines.evidence.pages import page_names
from pipelines.evidence.suspects import by_class, find_suspects
from pipelines.verifying.aggregate import aggregate

NO, YES = Answer.NO, Answer.YES


def print_of(kind: str, number: int) -> bytes:
    """Return the fingerprint of a dot that goes across, or down, in some noise."""
    random = np.random.default_rng([number, len(kind)])
    film = random.integers(100, 110, (32, 16, 16)).astype(np.uint8)
    for time in range(32):
        place = (time // 2 + number) % 16
        film[time, place, 4:8] = 255 if kind == "down" else film[time, place, 4:8]
        film[time, 4:8, place] = film[time, 4:8, place] if kind == "down" else 255
    stills, colours = np.zeros((1, 32, 32), np.uint8), np.zeros((4, 4, 3), np.uint8)
    movement = np.kron(film.std(0), np.ones((2, 2))).astype(np.uint8)
    return Fingerprint(film, stills, movement, colours).to_bytes()


def story(filler: Any) -> None:
    for n in range(10):
        for label, kind in (("running", "across"), ("jogging", "across"), ("falling", "down")):
            clip = filler.clip(f"{label}{n}", label)
            shows = "down" if (label, n) == ("running", 3) else kind
            clip.file.fingerprint = print_of(shows, n + 20 * (label == "jogging"))
            wrong = (label, n) == ("running", 3)
            filler.votes(clip, [YES, NO, YES, NO, YES] if wrong else [YES] * 3)
            if label == "jogging" and n < 4:
                filler.vote(clip, f"namer {n}", NO, better_name="Running")
    for label in ("running", "jogging"):
        clip = filler.clip("both", label)
        clip.file.fingerprint = print_of("across", 50)
        filler.votes(clip)


@pytest.fixture(scope="module")
def told(fill: Any, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A workspace of which each test has a copy."""
    workspace = Workspace.create(tmp_path_factory.mktemp("told") / "workspace")
    fill(workspace, story)
    with writing(workspace.engine) as session:
        aggregate(session, Config().verify)
    workspace.engine.dispose()
    return workspace.root


@pytest.fixture
def filled(told: Path, tmp_path: Path) -> Workspace:
    return Workspace.open(shutil.copytree(told, tmp_path / "workspace"))


def gathered(workspace: Workspace, sources: Sources | None = None) -> ClassEvidence:
    with reading(workspace.engine) as session:
        return gather_evidence(session, Config(), sources)[0]


def test_the_pair_that_people_and_pictures_speak_for_comes_first(filled: Workspace) -> None:
    first = gathered(filled).pairs[0]
    assert (first.one, first.other) == ("jogging", "running")
    said = {kind: found.said for kind, found in first.findings.items()}
    assert said["accepted"] == "1 of 11 accepted moments"
    assert said["named"] == "4 of 22 judged clips called the other"
    assert said["titles"] == "1 of 11 titles that name both"
    assert {"overlap", "neighbours"} <= said.keys()


def test_confusions_and_features_come_from_files(filled: Workspace, tmp_path: Path) -> None:
    predictions = tmp_path / "predictions.csv"
    rows = [f"clips/{n}.mp4,falling,running,0.8" for n in range(5)]
    predictions.write_text("\n".join(["file,label,predicted,probability", *rows, ""]))
    features = tmp_path / "features.csv"
    names = [
        f"clips/{v}{n}_000000_000010.mp4,{n % 2 * 9 + n / 99}"
        for v in ("running", "falling")
        for n in range(10)
    ]
    features.write_text("\n".join(["file,0", *names, ""]))
    found = gathered(filled, Sources((predictions,), features))
    pairs = {(one.one, one.other): one.findings for one in found.pairs}
    assert pairs["falling", "running"]["confused"].said == "5 of 5 clips that the network took so"
    parts = {one.label: one for one in found.parts}
    assert parts["falling"].silhouette > 0.9 and len(parts["falling"].clips[0]) == 5


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("name,0\n", r"features\.csv:1: expected a header with file"),
        ("file,0\na,b\n", r"features\.csv:2: could not convert"),
        ("file,0\na,1,2\n", r"features\.csv:2: expected 2 cells, found 3"),
        ("file,0\na,nan\n", r"features\.csv:2: expected finite numbers"),
        ("file,0\na,1\n", r"names none of the 32 clips"),
    ],
)
def test_features_that_do_not_fit_are_named(
    filled: Workspace, tmp_path: Path, text: str, message: str
) -> None:
    path = tmp_path / "features.csv"
    path.write_text(text)
    with pytest.raises(FormatError, match=message):
        gathered(filled, Sources(features=path))


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("a,b\n", r"predictions\.csv:1: expected a header with file, label, predicted"),
        ("file,label,predicted,probability\na,b,c,2\n", r"predictions\.csv:2: a probability in"),
    ],
)
def test_predictions_that_do_not_fit_are_named(
    filled: Workspace, tmp_path: Path, text: str, message: str
) -> None:
    path = tmp_path / "predictions.csv"
    path.write_text(text)
    with pytest.raises(FormatError, match=message):
        gathered(filled, Sources((path,)))


def test_predictions_of_other_clips_make_nobody_suspect(filled: Workspace, tmp_path: Path) -> None:
    path = tmp_path / "predictions.csv"
    path.write_text("file,label,predicted,probability\na,b,c,1\n")
    with (
        reading(filled.engine) as session,
        pytest.raises(FormatError, match=r"predictions\.csv names none of the"),
    ):
        find_suspects(session, Config(), [path])


def test_the_wrong_label_is_the_first_suspect(filled: Workspace) -> None:
    with reading(filled.engine) as session:
        found = find_suspects(session, Config())
    first = found[0]
    assert (first.clip.video_id, first.taken_for, first.rank) == ("running3", "falling", 1)
    assert len(found) == 32 and first.clip.num_votes == 5


def test_predictions_of_a_network_go_before_our_own_scores(
    filled: Workspace, tmp_path: Path
) -> None:
    path = tmp_path / "predictions.csv"
    path.write_text(
        "file,label,predicted,probability\n"
        "clips/falling2_000000_000010.mp4,falling,running,0.999999\n"
        "clips/falling4_000000_000010.mp4,running,running,0.5\n"
    )
    with reading(filled.engine) as session:
        found = find_suspects(session, Config(), [path])
    confidence = {one.clip.video_id: one.confidence for one in found}
    assert found[0].clip.video_id == "falling2"
    assert confidence["falling2"] == pytest.approx(5e-7)
    assert confidence["falling4"] != 0.5, "said of the clip under another label"


def write_scores(path: Path, scores: list[list[float]], **arrays: list[str]) -> Path:
    np.savez(path, scores=np.array(scores, float), **{k: np.array(v) for k, v in arrays.items()})
    return path


def test_scores_of_all_classes_give_each_label_its_own(filled: Workspace, tmp_path: Path) -> None:
    names = ["falling", "jogging", "running"]
    clips = [f"clips/falling{n}_000000_000010.mp4" for n in (2, 4)]
    path = write_scores(tmp_path / "scores.npz", [[1, 1, 8], [7, 2, 1]], clips=clips, labels=names)
    with reading(filled.engine) as session:
        found = find_suspects(session, Config(), [path])
    known = {one.clip.video_id: one for one in found}
    assert (known["falling2"].confidence, known["falling2"].taken_for) == (0.1, "running")
    assert (known["falling4"].confidence, known["falling4"].taken_for) == (0.7, "falling")
    assert known["running3"].taken_for == "falling", "by folds, where the network says nothing"
    pairs = {(one.one, one.other): one.findings for one in gathered(filled, Sources((path,))).pairs}
    assert pairs["falling", "running"]["confused"].said == "1 of 2 clips that the network took so"


@pytest.mark.parametrize(
    ("scores", "arrays", "message"),
    [
        pytest.param([[1.0]], {"labels": ["a"]}, "expected an array `clips`", id="no names"),
        pytest.param(
            [[-1.0]], {"labels": ["a"], "clips": ["a_0_10"]}, "expected probabilities", id="logits"
        ),
    ],
)
def test_scores_that_do_not_fit_are_named(
    filled: Workspace, tmp_path: Path, scores: Any, arrays: Any, message: str
) -> None:
    path = write_scores(tmp_path / "scores.npz", scores, **arrays)
    with pytest.raises(FormatError, match=message):
        gathered(filled, Sources((path,)))


def test_what_was_seen_of_a_clip_whatever_its_class_stands_behind_it(filled: Workspace) -> None:
    with writing(filled.engine) as session:
        clips = {clip.clip_id: clip for clip in shown_clips(session, Config()).clips}
        first, second, third = sorted(clips)[:3]
        video_id = session.scalar(select(Clip.video_id).where(Clip.id == first))
        session.add(VideoLook(video_id=video_id, cuts=[], traits={"dark": 0.9, "still": 0.1}))
        session.execute(update(Clip).where(Clip.id == second).values(noted={"text": 0.5}))
        short = update(ClipFile).where(ClipFile.clip_id == third)
        session.execute(short.values(duration_seconds=2.0))
    with reading(filled.engine) as session:
        found = {one.clip.clip_id: one.clip.seen for one in find_suspects(session, Config())}
    assert (found[first], found[second], found[third]) == (("dark",), ("text",), ("short",))
    done = CliRunner().invoke(group, ["-C", str(filled.root), "curate", "suspects", "--seen"])
    told = {line.partition("(")[2] for line in done.output.splitlines()[1:]}
    assert told == {"dark)", "text)", "short)"}


def test_clips_that_may_show_the_same_stand_side_by_side(filled: Workspace) -> None:
    with reading(filled.engine) as session:
        found = find_suspects(session, Config())
    falling = [one.clip.clip_id for one in by_class(found)["falling"]]
    with writing(filled.engine) as session:
        pair = {"clip_id": max(falling[0], falling[-1]), "other_id": min(falling[0], falling[-1])}
        session.add(AlikeClips(**pair, similarity=0.7, shift_seconds=0.0, is_mirrored=False))
    with reading(filled.engine) as session:
        found = find_suspects(session, Config())
    again = [one.clip.clip_id for one in by_class(found)["falling"]]
    assert again == [falling[0], falling[-1], *falling[1:-1]]


def test_the_commands_write_pages_with_edits_to_paste(filled: Workspace, tmp_path: Path) -> None:
    def kbuild(*words: str) -> str:
        done = CliRunner().invoke(group, ["-C", str(filled.root), *words])
        assert done.exit_code == 0, done.output
        return done.stdout

    out = tmp_path / "evidence"
    found = json.loads(kbuild("classes", "evidence", "--out", str(out), "--json", "--limit", "1"))
    assert [(one["one"], one["other"]) for one in found["pairs"]] == [("jogging", "running")]
    assert "jogging | running" in kbuild("classes", "evidence")
    page = (out / "jogging--running.html").read_text()
    assert 'href="jogging--running.html"' in (out / "index.html").read_text()
    assert "split" in (out / "parts.html").read_text()
    lines = page.split("<pre>")[1].split("</pre>")[0].replace("&gt;", ">").splitlines()
    edits = tmp_path / "edits.txt"
    edits.write_text("\n".join(lines))
    assert "evidence: evidence/jogging--running.html" in lines
    assert [str(line.edit) for line in read_edits(edits)] == [
        "merge jogging + running -> jogging",
        "merge jogging + running -> running",
        "rename running -> running (not jogging)",
    ]
    suspects = kbuild("curate", "suspects", "--out", str(tmp_path / "last.html"), "--limit", "3")
    assert suspects.splitlines()[1].endswith("running -> falling")
    assert suspects.splitlines()[-1].startswith("29 more")
    assert "taken for falling" in (tmp_path / "last.html").read_text()


def test_pages_of_classes_that_differ_in_marks_alone_or_have_long_names_stand_apart() -> None:
    labels = ["dance (slow)", "dance slow", "踊" * 100]
    pairs = [PairEvidence(one, "rest", 0.5, {}) for one in labels]
    first, second, long = page_names(pairs)
    assert first == "dance-slow--rest.html" and second == "dance-slow--rest-2.html"
    assert len(f".{long}.12345678".encode()) < 255


def test_a_workspace_without_clips_has_no_evidence(workspace: Workspace) -> None:
    assert gathered(workspace) == ClassEvidence(0, (), ())
    with reading(workspace.engine) as session:
        assert find_suspects(session, Config()) == []
