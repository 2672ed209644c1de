"""A release as Croissant: its files, the records in them, and what its makers say."""

from collections.abc import Iterable, Mapping
from typing import Any

from kinetics_builder.formats.croissant.context import CONFORMS_TO, CONTEXT
from kinetics_builder.formats.croissant.parts import Contents, DescribedFile, file_object
from kinetics_builder.formats.datasheet.answers import Answers
from kinetics_builder.formats.datasheet.questions import QUESTIONS

CROISSANT = "croissant.json"


def describe(
    files: Iterable[DescribedFile],
    contents: Contents,
    answers: Answers,
    facts: Mapping[str, Any],
) -> dict[str, Any]:
    """Return the description as JSON-LD.

    Args:
        files: The texts and tables.
        contents: Sets of files, and the records in all of them.
        answers: What the makers say; what is open is left out.
        facts: Properties that the data gives, by name; `name` and `description` where nobody
            has answered those.

    """
    return {
        "@context": CONTEXT,
        "@type": "sc:Dataset",
        "conformsTo": list(CONFORMS_TO),
        **facts,
        **_answered(answers),
        "distribution": [*map(file_object, files), *contents.file_sets],
        "recordSet": list(contents.record_sets),
    }


def _answered(answers: Answers) -> dict[str, Any]:
    given: dict[str, Any] = {
        one.field: answers[one.name] for one in QUESTIONS if one.field and answers[one.name]
    }
    if "creator" in given:
        names = [name.strip() for name in given["creator"].splitlines() if name.strip()]
        given["creator"] = [{"@type": "sc:Person", "name": name} for name in names]
    if "rai:hasSyntheticData" in given:
        given["rai:hasSyntheticData"] = given["rai:hasSyntheticData"].lower().startswith("yes")
    return given
