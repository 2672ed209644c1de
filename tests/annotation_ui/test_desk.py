"""Who is asked what: pure rules."""

from hypothesis import given, settings
from hypothesis import strategies as st

from annotation_ui.kinds.clip.questions import Desk, Question
from kinetics_builder.config import VerifyConfig
from kinetics_builder.crowd.policy import decide
from kinetics_builder.database.tables import Answer, Verdict

CONFIG = VerifyConfig()
ORDINARY = Question(1, 10, 20, False, "jumping", None, None)
GOLD = Question(2, 11, 20, True, "jumping", None, None)


def desk(votes: str = "", ahead: int = 0, mine: dict[tuple[int, int], int] | None = None) -> Desk:
    answers = {100 + n: Answer.YES if v == "y" else Answer.NO for n, v in enumerate(votes)}
    return Desk(
        worker_id=1,
        task_id=1,
        config=CONFIG,
        questions=(ORDINARY, GOLD),
        ahead=tuple(range(500, 500 + ahead)),
        votes={ORDINARY.subject: answers},
        mine=mine or {},
    )


def test_three_workers_are_asked_at_once() -> None:
    assert [desk(ahead=n).is_asked(ORDINARY) for n in range(4)] == [True, True, True, False]


def test_one_worker_is_asked_when_one_vote_decides() -> None:
    assert [desk("yyn", ahead=n).is_asked(ORDINARY) for n in range(2)] == [True, False]


def test_those_ahead_who_have_answered_need_no_seat() -> None:
    table = desk("yyn")
    table.ahead = (100, 101)
    assert table.is_asked(ORDINARY)


def test_a_decided_question_is_asked_no_more_but_gold_is() -> None:
    for votes in ("yyy", "nnn", "ynnn"):
        assert desk(votes, ahead=5).remaining() == [GOLD]
        assert not desk(votes).is_worth_taking()


def test_nobody_is_asked_twice_even_by_another_task() -> None:
    table = desk(mine={ORDINARY.subject: 77, GOLD.subject: 2})
    assert table.remaining() == []
    assert table.num_answered() == 1, "slot 77 lies in another task"


@settings(max_examples=60)
@given(
    st.integers(1, 6).flatmap(lambda most: st.tuples(st.integers(1, most), st.just(most))),
    st.lists(st.booleans(), max_size=400),
)
def test_no_order_of_work_asks_for_a_vote_that_is_not_needed(bounds, choices) -> None:
    """Workers take seats and answer in any order: each vote finds its clip undecided."""
    config = VerifyConfig(min_yes=bounds[0], max_votes=bounds[1])
    votes: dict[int, Answer] = {}
    holders: list[int] = []
    coins = iter(choices)

    def answer(voter: int) -> None:
        assert decide(votes.values(), config) is Verdict.OPEN
        votes[voter] = Answer.YES if next(coins, True) else Answer.NO

    for newcomer in range(1, 20):
        table = Desk(newcomer, 1, config, (ORDINARY,), tuple(holders), {ORDINARY.subject: votes})
        if table.is_asked(ORDINARY):
            holders.append(newcomer)
        while holders and (newcomer > 8 or next(coins, True)):
            answer(holders.pop(0 if next(coins, True) else -1))
    assert len(votes) <= config.max_votes
    assert decide(votes.values(), config) is not Verdict.OPEN
