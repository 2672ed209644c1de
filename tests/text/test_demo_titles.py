"""What the demo's titles name, by both rules."""

from pathlib import Path

from kinetics_builder.text.class_list.classes import read_classes
from kinetics_builder.text.matching.matcher import Matcher
from kinetics_builder.text.matching.scored import ScoredMatcher
from pipelines.demo.settings import classes_text
from pipelines.demo.world import build_world


def test_both_rules_give_the_same_candidates(tmp_path: Path) -> None:
    (tmp_path / "classes.yaml").write_text(classes_text())
    entries = read_classes(tmp_path / "classes.yaml")
    uploads = build_world().uploads
    named = [
        {
            (upload.video_id, match.label)
            for upload in uploads
            for match in matcher.match(upload.title)
            if match.score >= 0.5
        }
        for matcher in (Matcher(entries), ScoredMatcher(entries))
    ]
    truth = {(upload.video_id, label) for upload in uploads for label in upload.title_labels}
    assert named[0] == named[1]
    assert named[0] <= truth
    assert len(named[0]) >= 0.99 * len(truth)
