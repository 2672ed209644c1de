"""Votes of a file -> labels of a file, by a method of choice, with majority beside it."""

from array import array
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from kinetics_builder.crowd.truth.answers import AnsweredTwice, Answers
from kinetics_builder.crowd.truth.estimate import NONE, Estimate
from kinetics_builder.crowd.truth.majority import majority
from kinetics_builder.crowd.truth.methods import method_named
from kinetics_builder.crowd.truth.options import Options
from kinetics_builder.errors import FormatError
from kinetics_builder.formats.problems import Problems
from kinetics_builder.formats.text import lines
from kinetics_builder.formats.votes import read_answers
from pipelines.verifying.truth_scores import check_method, read_scores, weigh_with

_NUM_SHOWN = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class VotesFile:
    """A CSV file of votes, and what else is to be known of its questions."""

    path: Path
    columns: Sequence[str] | None = None
    """What worker, question and answer are called, or their places; else known by their words."""
    encoding: str | None = None
    questions: Path | None = None
    """A file with a question a line: also those that nobody answered."""
    scores: Path | None = None
    """A CSV of a question and its scores a line, for the method that weighs them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """A question of which majority says something else; no label where there is none."""

    question: str
    label: str | None
    majority: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class TruthReport:
    """What came of the votes; the command prints it."""

    method: str
    num_votes: int
    num_questions: int
    num_workers: int
    num_by_label: dict[str, int]
    """How many questions got each label."""
    num_ties: int
    num_unanswered: int
    num_steps: int
    is_converged: bool
    log_likelihood: float | None
    num_unlike_majority: int
    unlike_majority: list[Difference]
    """The first ones, in the order of the questions."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Truth:
    """Votes, what the method makes of them, and what majority does."""

    answers: Answers
    method: str
    estimate: Estimate
    by_majority: Estimate

    def labels_of(self, estimate: Estimate) -> list[str | None]:
        """Return the likeliest label of each question; None without votes and in a tie."""
        return [
            None if place == NONE else self.answers.labels[place]
            for place in estimate.best_Q().tolist()
        ]


def infer_truth(votes: VotesFile, method: str, options: Options) -> Truth:
    """Return what `method` makes of a file's votes.

    Raises:
        ConfigError: There is no such method, or it cannot work with these labels, or scores do
            not go with it.
        FormatError: A file that is empty or wrong, a worker who answers a question twice, or
            nothing to weigh: one worker alone, or one label.

    """
    check_method(method, has_scores=votes.scores is not None)
    scores = None if votes.scores is None else read_scores(votes.scores, votes.encoding)
    answers = read_votes(votes, scores.by_question if scores else ())
    return Truth(
        answers=answers,
        method=method,
        estimate=(
            weigh_with(scores, answers, options)
            if scores
            else method_named(method)(answers, options)
        ),
        by_majority=majority(answers, options),
    )


def read_votes(votes: VotesFile, more_questions: Iterable[str] = ()) -> Answers:
    """Return the answers of a file. A row without an answer names its question alone.

    `more_questions` are there too, answered or not.
    """
    problems, numbers = Problems(votes.path), array("Q")
    questions = [*_questions(votes), *more_questions]

    def rows() -> Iterator[tuple[str, str, str]]:
        found = read_answers(
            votes.path, problems, votes.columns, encoding=votes.encoding, needs_header=True
        )
        for worker, question, label in found:
            if label is None:
                questions.append(question)
                continue
            numbers.append(problems.line or 0)
            yield question, worker, label

    try:
        answers = Answers.of(rows(), questions)
    except AnsweredTwice as error:
        first, second = (numbers[row] for row in error.rows)
        raise FormatError(f"{votes.path}:{second}: {error}; the other is line {first}.") from error
    _refuse_one(votes.path, "worker", answers.workers, "nobody to compare with")
    _refuse_one(votes.path, "label", answers.labels, "nothing to tell apart")
    return answers


def report_on(truth: Truth) -> TruthReport:
    """Return the sums of what was found, and where majority differs."""
    answers, estimate = truth.answers, truth.estimate
    labels, by_majority = truth.labels_of(estimate), truth.labels_of(truth.by_majority)
    numbers = Counter(labels)
    num_unanswered = int((answers.votes_Q() == 0).sum())
    unlike = [
        Difference(question=question, label=label, majority=other)
        for question, label, other in zip(answers.questions, labels, by_majority, strict=True)
        if label != other
    ]
    return TruthReport(
        method=truth.method,
        num_votes=answers.num_votes,
        num_questions=answers.num_questions,
        num_workers=answers.num_workers,
        num_by_label={label: numbers[label] for label in answers.labels},
        num_ties=int((estimate.is_best_QL().sum(axis=1) > 1).sum()),
        num_unanswered=num_unanswered,
        num_steps=estimate.num_steps,
        is_converged=estimate.is_converged,
        log_likelihood=estimate.log_likelihood,
        num_unlike_majority=len(unlike),
        unlike_majority=unlike[:_NUM_SHOWN],
    )


def _questions(votes: VotesFile) -> Iterable[str]:
    if votes.questions is None:
        return ()
    problems = Problems(votes.questions)
    return (line.strip() for line in lines(votes.questions, problems, votes.encoding))


def _refuse_one(path: Path, what: str, names: Sequence[str], why: str) -> None:
    if not names:
        raise FormatError(f"{path}: expected answers below the header, found none.")
    if len(names) == 1:
        raise FormatError(f"{path}: every answer has the {what} {names[0]!r}: there is {why}.")
