"""The file in which the makers of a dataset answer: TOML, a table for each section."""

import tomllib
from collections.abc import Mapping
from pathlib import Path

from kinetics_builder.errors import ConfigError
from kinetics_builder.formats.datasheet.questions import QUESTIONS, SECTIONS

ANSWERS = "datasheet.toml"

Answers = Mapping[str, str]
"""What was answered, by the names of questions; empty for what is open."""


def read_answers(path: Path) -> Answers:
    """Return the answers of a file; all are empty where there is none.

    Raises:
        ConfigError: It is no TOML, or answers what is not asked, or not by a text.

    """
    if not path.is_file():
        return {question.name: "" for question in QUESTIONS}
    try:
        tables = tomllib.loads(path.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ConfigError(f"{path}: expected TOML: {error}.") from error
    known = {question.name for question in QUESTIONS}
    for section, table in tables.items():
        for key, answer in table.items() if isinstance(table, dict) else [("", table)]:
            name = f"{section}.{key}" if key else section
            if name not in known:
                raise ConfigError(
                    f"{path}: nothing asks {name!r}. `kbuild releases questions` writes what is "
                    "asked to a file that is not there yet."
                )
            if not isinstance(answer, str):
                raise ConfigError(f"{path}: expected a text as answer to {name}, found {answer!r}.")
    return {
        question.name: str(tables.get(question.section, {}).get(question.key, "")).strip()
        for question in QUESTIONS
    }


def open_questions(answers: Answers) -> list[str]:
    """Return the names of the questions that nobody has answered."""
    return [question.name for question in QUESTIONS if not answers.get(question.name)]


def blank_answers() -> str:
    """Return the text of a file with all questions and no answers."""
    parts = [
        "# What only the makers of the dataset can say. An answer of several lines stands between\n"
        '# three quotation marks: purpose = """ ... """. What is empty is shown as open.\n'
    ]
    for section in SECTIONS:
        parts.append(f"\n[{section}]\n")
        for question in QUESTIONS:
            if question.section == section:
                parts.append(f'# {question.text}\n{question.key} = ""\n')
    return "".join(parts)
