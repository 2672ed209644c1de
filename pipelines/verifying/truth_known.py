"""What was found true beside a file of known answers, to tell which method suits the votes."""

from dataclasses import dataclass
from pathlib import Path

from kinetics_builder.crowd.truth.known import share_right
from kinetics_builder.errors import FormatError
from kinetics_builder.formats.cells import table
from kinetics_builder.formats.problems import Problems
from pipelines.verifying.truth import Truth

COLUMNS = ("question", "answer")


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownReport:
    """How often labels are right where that is known; a tie of n labels counts 1/n."""

    num_questions: int
    """Those that are known and among the votes' questions."""
    share_right: float
    share_right_by_majority: float


def compare_with_known(truth: Truth, path: Path, encoding: str | None = None) -> KnownReport:
    """Return how often the method and majority are right on the questions of a file.

    Raises:
        FormatError: A file that is wrong, a question with two answers, or none that was asked.

    """
    known = _read(path, encoding)
    num_questions = len(known.keys() & set(truth.answers.questions))
    if not num_questions:
        raise FormatError(f"{path}: expected questions of the votes, found none of them.")
    return KnownReport(
        num_questions=num_questions,
        share_right=share_right(truth.estimate, truth.answers, known),
        share_right_by_majority=share_right(truth.by_majority, truth.answers, known),
    )


def _read(path: Path, encoding: str | None) -> dict[str, str]:
    problems = Problems(path)
    header, rows = table(path, COLUMNS, problems, encoding=encoding)
    places = [header.index(column) for column in COLUMNS]
    known: dict[str, str] = {}
    for row in rows:
        question, answer = (row[place].strip() for place in places)
        if known.setdefault(question, answer) != answer:
            problems.error(f"{question!r} is {answer!r} here and {known[question]!r} before")
    return known
