"""The datasheet as Markdown: answers of people, and beside them what the data says."""

from collections.abc import Mapping, Sequence

from kinetics_builder.formats.datasheet.answers import Answers
from kinetics_builder.formats.datasheet.questions import QUESTIONS, SECTIONS

OPEN = "**Open: nobody has answered this yet.**"
SHEET = "datasheet.md"


def write_sheet(answers: Answers, facts: Mapping[str, Sequence[str]]) -> str:
    """Return the sheet.

    Args:
        answers: Of people.
        facts: Sentences that the data says, by section.

    """
    parts = [
        "# Datasheet\n\nAnswers are those of the makers; what stands under *From the data* was "
        "counted."
    ]
    for section in SECTIONS:
        parts.append(f"## {section.capitalize()}")
        if told := facts.get(section):
            parts.append("*From the data*\n\n" + "\n".join(f"- {fact}" for fact in told))
        for question in QUESTIONS:
            if question.section == section:
                parts.append(f"### {question.text}\n\n{answers.get(question.name) or OPEN}")
    return "\n\n".join(parts) + "\n"
