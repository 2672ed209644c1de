"""The questions of a group of classes, drawn as the tree that answers lead through."""

from collections.abc import Iterator

from kinetics_builder.text.class_list.entries import Group, TreeQuestion


def question_lines(group: Group) -> Iterator[str]:
    """Yield the group's questions from the first on, each with where yes and no lead.

    A question to which several answers lead is drawn once, and named by its id after that.
    """
    yield from _drawn({one.key: one for one in group.questions}, group.questions[0].key, set())


def _drawn(questions: dict[str, TreeQuestion], key: str, drawn: set[str]) -> Iterator[str]:
    one = questions[key]
    drawn.add(key)
    shown = f"  (for example: {'; '.join(one.examples)})" if one.examples else ""
    yield f"{key}: {one.text}{shown}"
    for said, goal, stem, under in (("yes", one.yes, "├─ ", "│  "), ("no", one.no, "└─ ", "   ")):
        if goal not in questions:
            yield f"{stem}{said} -> {goal}"
        elif goal in drawn:
            yield f"{stem}{said} -> the question {goal}"
        else:
            first, *rest = _drawn(questions, goal, drawn)
            yield f"{stem}{said} -> {first}"
            yield from (under + line for line in rest)
