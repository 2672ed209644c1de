from io import StringIO
from pathlib import Path

import pytest
from rich.console import Console

from kinetics_builder.config import Config
from kinetics_builder.errors import KbuildError
from kinetics_builder.intervals import Interval
from kinetics_builder.text.class_list.classes import read_classes
from models.recipes.registry import default_recipe
from pipelines.demo.claims import Claim
from pipelines.demo.gold import HEADER, choose_gold, write_gold
from pipelines.demo.labels import LABELS, NAMES, REVERSED_PAIRS
from pipelines.demo.plan import Plan
from pipelines.demo.printing import print_verdict
from pipelines.demo.settings import classes_text, settings_text
from pipelines.demo.tally import StageTally
from pipelines.demo.truth import truth_of
from pipelines.demo.verdict import LEAST_TOP1, DemoVerdict, NetworkScore, bars_of
from pipelines.demo.world import build_world
from pipelines.verifying.gold import COLUMNS

TRUTH = truth_of(build_world(small=True))
CLIPS = [
    Claim(video.video_id, action.label, Interval(round(action.start_seconds + 0.5), 0))
    for video in TRUTH.values()
    for action in video.usable()
]
CLIPS = [Claim(v, label, Interval(i.start, i.start + 4)) for v, label, i in CLIPS]


def test_a_folder_keeps_its_plan(tmp_path: Path) -> None:
    Plan(tmp_path, small=True).claim()
    Plan(tmp_path, small=True).claim()
    with pytest.raises(KbuildError, match="holds another demo"):
        Plan(tmp_path, small=False).claim()


def test_networks_learn_as_their_recipes_say(tmp_path: Path) -> None:
    steps = Plan(tmp_path).num_steps
    assert steps == {name: default_recipe(name).num_steps for name in steps}
    assert steps.keys() == LEAST_TOP1.keys()


def test_the_settings_are_ones_that_kbuild_knows(tmp_path: Path) -> None:
    (tmp_path / "kbuild.toml").write_text(settings_text("http://127.0.0.1:1"))
    config = Config.load(tmp_path / "kbuild.toml")
    assert config.download.extractor_args == {"kbdemo": {"base": ["http://127.0.0.1:1"]}}
    assert config.propose.clip_seconds == 4


def test_the_list_of_classes_is_one_that_kbuild_reads(tmp_path: Path) -> None:
    (tmp_path / "classes.yaml").write_text(classes_text(), encoding="utf-8")
    entries = read_classes(tmp_path / "classes.yaml")
    assert tuple(entry.name for entry in entries) == NAMES
    for entry, label in zip(entries, LABELS, strict=True):
        assert label.portuguese in {query.text for query in entry.queries}


def test_gold_is_half_yes_half_no_and_right(tmp_path: Path) -> None:
    rows = choose_gold(CLIPS, TRUTH, 20)
    assert [answer for *_, answer in rows] == ["yes", "no"] * 10
    reversed_pairs = {*REVERSED_PAIRS, *(pair[::-1] for pair in REVERSED_PAIRS)}
    for video_id, start, label, answer in rows:
        shown = TRUTH[video_id].shown_share(label, Interval(float(start), float(start) + 4))
        assert shown == (1.0 if answer == "yes" else 0.0)
        if answer == "no":
            assert (TRUTH[video_id].actions[0].label, label) not in reversed_pairs
    assert choose_gold(CLIPS[::-1], TRUTH, 20) == rows
    write_gold(tmp_path / "gold.csv", rows)
    assert (tmp_path / "gold.csv").read_text().splitlines()[0] == ",".join(COLUMNS)
    assert list(HEADER) == COLUMNS


def test_the_verdict_names_what_was_missed() -> None:
    scores = (NetworkScore("i3d_tiny_12x3", 120, 0.5, 0.45, None, 1 / 12),)
    name = "slowfast_tiny_2x16"
    long = NetworkScore(name, 120, 0.9, 0.45, 0.8, 1 / 12)
    verdict = DemoVerdict(
        stages=(StageTally("search", 10, 8, 16, 0, {"spam": 2}),),
        num_usable=16,
        precision=0.99,
        recall=0.5,
        num_votes=40,
        votes_per_accepted_clip=4.5,
        networks=(*scores, long),
        bars=bars_of((0.99, 0.5, 4.5), scores, small=False),
        report=Path("report.html"),
        seconds=3.0,
        part_seconds={"draw": 1.2, "train": 1.6},
    )
    output = StringIO()
    print_verdict(verdict, Console(file=output, width=80))
    text = output.getvalue()
    assert name in text  # whole, on a narrow screen
    text = " ".join(text.split())
    assert "Missed: recall of usable clips is 0.500, at least 0.75 is asked." in text
    assert "Missed: i3d_tiny_12x3 top-1 is 0.500, at least 0.93 is asked." in text
    assert "Missed: i3d_tiny_12x3 reversed swap could not be measured" in text
    assert "Missed: votes for each accepted clip is 4.500, at most 3.2 is asked." in text
    assert "precision of released clips is" not in text
    assert "2 spam" in text
    assert "3 s in all: draw 1, train 2." in text
