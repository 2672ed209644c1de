"""Rows of a release, held against the truth that they were made of."""

from pathlib import Path

from pipelines.demo.ava import claims
from pipelines.demo.ava.tally import NOT_DONE, owners_of, tally_labels
from pipelines.demo.ava.truth import write_rows
from tests.demo.ava.people.conftest import film_truth

TRUTHS = [film_truth("filmA"), film_truth("filmB")]


def test_what_a_release_says_is_read_from_all_its_splits_and_no_other_file(tmp_path: Path) -> None:
    write_rows(tmp_path / "ava_train_v2.2.csv", TRUTHS[:1])
    write_rows(tmp_path / "ava_val_v2.2.csv", TRUTHS[1:])
    (tmp_path / "ava_train_excluded_timestamps_v2.2.csv").write_text("")
    boxes, labels = claims.released(tmp_path)
    step = tally_labels("release", labels, boxes, owners_of(boxes, TRUTHS), TRUTHS)
    asked = [one for t in TRUTHS for m in t.key_frames() for one in m.asked()]
    assert len(boxes) == len(asked)
    assert step.num_true == step.num_right == step.num_passed == sum(len(o.actions) for o in asked)


def test_a_row_that_is_not_true_is_counted(tmp_path: Path) -> None:
    path = tmp_path / "ava_train_v2.2.csv"
    write_rows(path, TRUTHS)
    first, *rest = path.read_text().splitlines()
    cells = first.split(",")
    path.write_text("\n".join([",".join([*cells[:6], "1", *cells[7:]]), *rest]) + "\n")
    boxes, labels = claims.released(tmp_path)
    step = tally_labels("release", labels, boxes, owners_of(boxes, TRUTHS), TRUTHS)
    assert step.let_through == {NOT_DONE: 1}
    assert step.num_lost == 1
