"""A release as other programs read it: Croissant, Hugging Face, and the datasheet for people."""

import json
from pathlib import Path
from typing import Any

import pytest
import yaml
from click.testing import CliRunner

from kinetics_builder.config import Config, CurateConfig
from kinetics_builder.database.engine import writing
from kinetics_builder.errors import ConfigError
from kinetics_builder.formats.datasheet.answers import blank_answers, read_answers
from kinetics_builder.formats.datasheet.questions import QUESTIONS
from kinetics_builder.workspace import Workspace
from pipelines.cli import group
from pipelines.publishing.curating.curate import curate
from pipelines.publishing.release import release
from pipelines.verifying.aggregate import aggregate

CONFIG = Config(curate=CurateConfig(num_validate=1, num_test=2, max_held_out_share=0.5))
ANSWERED = {
    "about.published": "2026-11-30",
    "about.version": "1.0.0",
    "about.address": "https://example.org/dataset",
    "about.licence": "https://creativecommons.org/licenses/by/4.0/",
    "about.makers": "Anna Smith\nBen Jones",
    "composition.synthetic": "no",
}


def answer(workspace: Workspace) -> None:
    """Answer every question."""
    lines = []
    for question in QUESTIONS:
        text = json.dumps(ANSWERED.get(question.name, f"An answer to {question.key}."))
        lines.append(f"{question.name} = {text}\n")
    (workspace.root / "datasheet.toml").write_text("".join(lines))


@pytest.fixture
def curated(workspace: Workspace, fill: Any) -> Workspace:
    def story(filler: Any) -> None:
        for n in range(8):
            clip = filler.clip(f"video{n}", "waving", 1.5)
            filler.votes(clip)
            clip.video.url = f"https://films.org/{n}"

    fill(workspace, story)
    with writing(workspace.engine) as session:
        aggregate(session, CONFIG.verify)
        curate(session, CONFIG)
    return workspace


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_croissant_is_valid_and_loads_every_clip_with_its_file(curated: Workspace) -> None:
    mlcroissant = pytest.importorskip("mlcroissant")
    answer(curated)
    folder = release(curated).folder
    dataset = mlcroissant.Dataset(folder / "croissant.json")
    issues = dataset.metadata.ctx.issues
    assert (sorted(issues.errors), sorted(issues.warnings)) == ([], [])
    clips = list(dataset.records("clips"))
    assert len(clips) == 8
    assert {row["clips/label"] for row in clips} == {b"waving"}
    assert {row["clips/num_yes"] for row in clips} == {3}
    videos = {row["videos/path"]: row["videos/content"] for row in dataset.records("videos")}
    assert videos == {
        f"clips/{path.name}".encode(): path.read_bytes() for path in (folder / "clips").iterdir()
    }
    assert videos.keys() == {row["clips/file"] for row in clips}
    said = json.loads((folder / "croissant.json").read_text())
    assert said["rai:hasSyntheticData"] is False
    assert said["rai:dataBiases"] == "An answer to biases."
    assert [one["name"] for one in said["creator"]] == ["Anna Smith", "Ben Jones"]
    assert said["prov:wasDerivedFrom"] == [{"@id": "https://films.org/", "prov:label": "films.org"}]


def test_hugging_face_loads_the_splits_that_the_card_names(
    curated: Workspace, tmp_path: Path
) -> None:
    datasets = pytest.importorskip("datasets")
    folder = release(curated).folder
    head = (folder / "README.md").read_text().split("---\n")[1]
    card = yaml.safe_load(head)
    assert card["task_categories"] == ["video-classification"]
    found = datasets.load_dataset(str(folder), cache_dir=str(tmp_path / "cache"))
    sizes = {split: len(rows) for split, rows in found.items()}
    assert sizes == {"train": 5, "validation": 1, "test": 2}
    assert found["train"][0]["label"] == "waving"


def test_the_datasheet_counts_and_leaves_open_what_nobody_has_answered(
    curated: Workspace,
) -> None:
    folder = release(curated).folder
    text = (folder / "datasheet.md").read_text()
    assert "8 clips of 8 videos in 1 class: 5 in train" in text
    assert "24 answers: 24 yes, 0 no" in text
    assert text.count("**Open: nobody has answered this yet.**") == len(QUESTIONS)
    arguments = ["-C", str(curated.root), "releases", "check"]
    assert CliRunner().invoke(group, arguments).exit_code == 0
    refused = CliRunner().invoke(group, [*arguments, "--publish"])
    assert refused.exit_code == 1
    assert refused.output.count("open: datasheet.md:") == len(QUESTIONS)
    said = json.loads((folder / "croissant.json").read_text())
    assert "rai:dataBiases" not in said and "license" not in said
    answer(curated)
    release(curated)
    assert CliRunner().invoke(group, [*arguments, "--publish"]).exit_code == 0


def test_questions_are_written_once_and_what_is_open_is_listed(workspace: Workspace) -> None:
    def run() -> Any:
        return CliRunner().invoke(group, ["-C", str(workspace.root), "releases", "questions"])

    path = workspace.root / "datasheet.toml"
    assert f"{len(QUESTIONS)} questions are open." in run().output
    assert path.read_text() == blank_answers()
    path.write_text(path.read_text().replace('purpose = ""', 'purpose = "To learn."'))
    told = run().output
    assert "written" not in told and "motivation.purpose" not in told
    assert "motivation.funding" in told


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[about", "expected TOML"),
        ('[about]\nnmae = "x"', "nothing asks 'about.nmae'"),
        ("[about]\nname = 3", "expected a text as answer to about.name, found 3"),
        ('about = "x"', "nothing asks 'about'"),
    ],
)
def test_a_file_of_answers_that_does_not_fit_is_refused(
    tmp_path: Path, text: str, message: str
) -> None:
    path = tmp_path / "datasheet.toml"
    path.write_text(text)
    with pytest.raises(ConfigError, match=message):
        read_answers(path)
