"""What a person's actions may be, and when enough people have named them. Pure functions."""

from collections import Counter
from collections.abc import Iterable

from kinetics_builder.ava.actions import Action, ActionType
from kinetics_builder.database.tables.values import Verdict

_WORDS = {
    ActionType.POSE: "pose",
    ActionType.OBJECT: "interactions with objects",
    ActionType.PERSON: "interactions with persons",
}


def check_actions(actions: Iterable[Action]) -> None:
    """Refuse what a person cannot do at one moment.

    Raises:
        ValueError: There is not exactly one pose, an action stands twice, or there are more than
            three interactions with objects, or with persons (arXiv:1705.08421, figure 1).

    """
    given = list(actions)
    twice = [action.name for action, number in Counter(given).items() if number > 1]
    if twice:
        raise ValueError(f"{twice[0]!r} stands twice")
    numbers = Counter(action.type for action in given)
    if not numbers[ActionType.POSE]:
        raise ValueError("found no pose: a person always has one, such as stand or sit")
    for kind, number in numbers.items():
        if number > kind.most:
            names = ", ".join(repr(action.name) for action in given if action.type is kind)
            raise ValueError(f"expected at most {kind.most} {_WORDS[kind]}, found {names}")


def verdict_of_box(num_named: int, num_flagged: int, num_proposers: int) -> Verdict:
    """Return whether a box's actions may be verified.

    It is accepted when `num_proposers` people have named actions, and rejected when as many
    say that it cannot be judged or is no person's. Where both are so (gold is asked of
    everybody), what more people say holds; as many of each accept.
    """
    if num_named >= num_proposers and num_named >= num_flagged:
        return Verdict.ACCEPTED
    return Verdict.REJECTED if num_flagged >= num_proposers else Verdict.OPEN


def proposers_to_decide(num_named: int, num_flagged: int, num_proposers: int) -> int:
    """Return how many more answers decide a box at best; 0 when it is decided.

    No box gets more than twice `num_proposers` less one.
    """
    if verdict_of_box(num_named, num_flagged, num_proposers) is not Verdict.OPEN:
        return 0
    return num_proposers - max(num_named, num_flagged)
