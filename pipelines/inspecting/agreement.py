"""How far workers agree, and what their work takes, kind by kind."""

from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from kinetics_builder.ava.vocabulary import chosen_vocabulary
from kinetics_builder.crowd.agreeing import (
    Measure,
    Quartiles,
    seconds_a_task,
    seconds_an_answer,
)
from kinetics_builder.crowd.kinds.registry import KINDS
from kinetics_builder.workspace import Workspace


@dataclass(frozen=True, slots=True)
class KindAgreement:
    """Agreement and time of one kind of question."""

    kind: str
    measures: list[Measure]
    seconds_an_answer: Quartiles | None
    seconds_a_task: Quartiles | None


def read_agreement(session: Session, workspace: Workspace) -> list[KindAgreement]:
    """Return what is known of each kind that anybody has answered."""
    config = workspace.config
    actions = chosen_vocabulary(workspace.root, config.actions.vocabulary)
    return [
        KindAgreement(
            kind.name,
            kind.agreement(session, config.verify, actions),
            seconds_an_answer(kind, session),
            seconds_a_task(kind, session),
        )
        for kind in KINDS
        if session.scalar(select(kind.answers.id).limit(1)) is not None
    ]


def agreement_lines(found: Iterable[KindAgreement]) -> list[str]:
    """Return what a person should know."""
    lines = []
    for one in found:
        lines.append(one.kind)
        lines += [
            f"  {measure.name:<34} {_share(measure.value)}  ({measure.num_questions} questions)"
            for measure in one.measures
        ]
        lines += _of_times("an answer", "answers", one.seconds_an_answer)
        lines += _of_times("a finished task", "tasks", one.seconds_a_task)
    return lines or ["Nobody has answered yet: `kbuild annotate` serves the page."]


def _share(value: float | None) -> str:
    return "not defined" if value is None else f"{value:.3f}"


def _of_times(what: str, many: str, times: Quartiles | None) -> list[str]:
    if times is None:
        return []
    return [
        f"  {f'seconds {what}':<34} {times.median:.1f}  (quartiles {times.first:.1f} and "
        f"{times.third:.1f}; {times.num} {many})"
    ]
