"""Paths through a tree: where one leads, and where several lead together."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kinetics_builder.config import Quorum, VerifyConfig
from kinetics_builder.crowd.trees.paths import follow
from kinetics_builder.crowd.trees.settling import settle, settle_weighed
from kinetics_builder.crowd.trees.weighing import UNPROVEN, Heard, trust_of
from kinetics_builder.crowd.trees.written import questions_in, read, written
from kinetics_builder.database.tables import Answer, Verdict
from kinetics_builder.text.class_list.entries import ClassEntry, ClassList, Group, TreeQuestion
from kinetics_builder.text.class_list.trees import NOWHERE, Leads, trees_of

GROUPS = (
    Group(
        name="floor",
        questions=(TreeQuestion(key="leap", text="Leap?", yes="leaps", no="none of these"),),
    ),
    Group(
        name="leaps",
        parent="floor",
        questions=(
            TreeQuestion(key="turn", text="Turn?", examples=("a half",), yes="half", no="split"),
            TreeQuestion(key="half", text="Half?", yes="switch half", no="split"),
            TreeQuestion(key="split", text="Split?", yes="split leap", no="none of these"),
        ),
    ),
)
FOUND = ClassList(
    tuple(ClassEntry(name=name, groups=("leaps",)) for name in ("split leap", "switch half")),
    GROUPS,
)
(TREE,) = trees_of(FOUND)
FIVE = Quorum(5, 2)


def path(answers: str) -> list[list[str]]:
    """Return the path of answers by their first letters."""
    words = {"y": "yes", "n": "no", "u": "unsure", "b": "bad"}
    steps: list[list[str]] = []
    for letter in answers:
        steps.append([follow(TREE, steps).goal.name, words[letter]])
    return steps


ENDS = ("n", "b", "u", "yu", "yb", "yny", "ynn", "yyy", "yyny", "yynn", "yyu", "ynu")
paths = st.lists(st.sampled_from(ENDS).map(path), max_size=8)


@pytest.mark.parametrize(
    ("answers", "element", "is_whole"),
    [
        pytest.param("", None, False, id="nothing answered"),
        pytest.param("y", None, False, id="on the way"),
        pytest.param("n", None, True, id="none of these"),
        pytest.param("yny", "split leap", True, id="a class"),
        pytest.param("yyny", "split leap", True, id="the same class another way"),
        pytest.param("yu", None, True, id="unsure"),
        pytest.param("yb", None, True, id="a bad clip"),
    ],
)
def test_where_one_path_leads(answers: str, element: str | None, is_whole: bool) -> None:
    reached = follow(TREE, path(answers))
    assert (reached.element, reached.is_whole) == (element, is_whole)


@pytest.mark.parametrize(
    ("given", "verdict", "element", "question", "needed"),
    [
        pytest.param([], Verdict.OPEN, None, "leap", 2, id="nobody"),
        pytest.param(["yyy"], Verdict.OPEN, None, "leap", 1, id="one"),
        pytest.param(["yyy", "yyy"], Verdict.ACCEPTED, "switch half", None, 0, id="two alike"),
        pytest.param(["yyy", "yyny"], Verdict.OPEN, None, "half", 1, id="parted at the third"),
        pytest.param(["yyy", "n"], Verdict.OPEN, None, "leap", 1, id="parted at once"),
        pytest.param(["yny", "yyny"], Verdict.OPEN, None, "turn", 1, id="two ways to one class"),
        pytest.param(["n", "n"], Verdict.REJECTED, None, None, 0, id="none of these"),
        pytest.param(["b", "b", "n"], Verdict.REJECTED, None, None, 0, id="bad"),
        pytest.param(["yu", "yu"], Verdict.REJECTED, None, "turn", 0, id="both unsure"),
        pytest.param(["yyy", "yyny", "yyu"], Verdict.OPEN, None, "half", 2, id="three part"),
        pytest.param(
            ["yyy", "yyny", "yyu", "yyy", "yyny"], Verdict.REJECTED, None, "half", 0, id="five part"
        ),
        pytest.param(["yyy", "yyy", "n", "n"], Verdict.OPEN, None, "leap", 1, id="two against two"),
    ],
)
def test_where_several_lead(
    given: list[str], verdict: Verdict, element: str | None, question: str | None, needed: int
) -> None:
    settled = settle(TREE, [path(one) for one in given], FIVE)
    found = settled.verdict, settled.element, settled.question, settled.num_needed
    assert found == (verdict, element, question, needed)


def test_answers_to_questions_that_are_gone_count_for_nothing() -> None:
    old = [["colour", "yes"], ["shape", "no"]]
    assert settle(TREE, [old, old, path("yyy"), path("yyy")], FIVE).element == "switch half"


@given(paths, st.randoms(use_true_random=False))
def test_the_order_of_paths_does_not_matter(given: list[Any], random: Any) -> None:
    shuffled = random.sample(given, len(given))
    assert settle(TREE, shuffled, FIVE) == settle(TREE, given, FIVE)


@given(paths)
def test_the_decided_answers_are_a_path_to_where_it_stands(given: list[Any]) -> None:
    settled = settle(TREE, given, FIVE)
    reached = follow(TREE, [[key, answer.value] for key, answer in settled.way])
    assert reached.goal == settled.goal
    assert settled.goal == NOWHERE or settled.goal.leads is not Leads.NONE


@given(paths)
def test_as_many_more_as_are_needed_decide_the_question(given: list[Any]) -> None:
    settled = settle(TREE, given, FIVE)
    key = settled.question
    if not settled.num_needed or key is None:
        return

    def decides(answer: Answer, number: int) -> bool:
        steps = [*settled.way, (key, answer)]
        more = [[[name, said.value] for name, said in steps]] * number
        return len(settle(TREE, [*given, *more], FIVE).way) > len(settled.way)

    assert any(decides(answer, settled.num_needed) for answer in Answer)
    assert not any(decides(answer, settled.num_needed - 1) for answer in Answer)


@given(paths)
@settings(max_examples=50)
def test_nobody_is_asked_beyond_the_most(given: list[Any]) -> None:
    assert settle(TREE, given, FIVE).num_needed <= max(0, FIVE.max_votes - len(given))


def test_a_tree_is_read_back_as_it_was_written() -> None:
    assert read(written(TREE)) == TREE
    assert questions_in(TREE) == {group.name: group.questions for group in GROUPS}


POSTERIOR = VerifyConfig(policy="posterior", path_votes=5)
SURE, LOST = trust_of(30, 30), trust_of(30, 15)


@pytest.mark.parametrize(
    ("given", "element", "question", "needed"),
    [
        pytest.param([("yyy", UNPROVEN)], None, "leap", 1, id="one of whom nothing is known"),
        pytest.param([("yyy", UNPROVEN)] * 2, "switch half", None, 0, id="two such"),
        pytest.param([("yyy", SURE)], "switch half", None, 0, id="one who is known to be right"),
        pytest.param([("yyy", LOST)] * 2, None, "leap", 1, id="two who are known to err"),
        pytest.param([("yyy", LOST)] * 3, "switch half", None, 0, id="three such"),
        pytest.param(
            [("yyy", LOST), ("yny", LOST), ("yyy", SURE)],
            "switch half",
            None,
            0,
            id="one who knows, and two who part",
        ),
        pytest.param(
            [("yyy", SURE), ("yyny", SURE)], None, "half", 1, id="two who know part at the third"
        ),
        pytest.param(
            [("yyy", 0.5), ("n", 0.5)] * 2 + [("b", 0.5)], None, "leap", 0, id="five part"
        ),
    ],
)
def test_the_posterior_policy_believes_whom_gold_speaks_for(
    given: list[tuple[str, float]], element: str | None, question: str | None, needed: int
) -> None:
    heard = [Heard(path(answers), trust) for answers, trust in given]
    settled = settle_weighed(TREE, heard, POSTERIOR)
    assert (settled.element, settled.question, settled.num_needed) == (element, question, needed)
    assert settle_weighed(TREE, heard[::-1], POSTERIOR) == settled


def test_another_policy_counts_all_alike() -> None:
    heard = [Heard(path("yyy"), LOST), Heard(path("yyy"), LOST)]
    assert settle_weighed(TREE, heard, VerifyConfig()) == settle(
        TREE, [one.path for one in heard], VerifyConfig().of_paths
    )
