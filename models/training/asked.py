"""What a finished run was asked, so that the same question is answered at once. No torch.

The answer to a question is a function of the question and of the program: where neither has
changed, the run's report stands as it is, and torch need not even be imported.
"""

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from models.checkpoints.files import write_json
from models.checkpoints.weights import check_weights, read_card
from models.training.report import TrainReport, read_report

ASKED = "asked.json"
_PROGRAM = Path(__file__).parents[1]


def question(network: str, options: Mapping[str, Any], release_sha256: str) -> str:
    """Return 64 hex digits that change with anything that may change the answer.

    Args:
        network: A network's name, or the path of its description.
        options: All that decides what is learnt; a value that is a file counts by its contents.
        release_sha256: The release's hash.

    """
    asked = {
        "network": _contents(network),
        "options": {name: _contents(value) for name, value in options.items()},
        "release": release_sha256,
        "program": _program(),
    }
    return hashlib.sha256(json.dumps(asked, sort_keys=True).encode()).hexdigest()


def answered(folder: Path, asked: str) -> TrainReport | None:
    """Return the report of the finished run in `folder` if it answers this very question.

    Raises ModelError where its weights are no longer those that it wrote.
    """
    try:
        noted = json.loads((folder / ASKED).read_text(encoding="utf-8"))
        card = read_card(folder)
    except (FileNotFoundError, NotADirectoryError, ValueError):
        return None
    report = read_report(folder)
    if noted != {"question": asked} or report is None:
        return None
    check_weights(report.checkpoint, card, "Train it again with --fresh.")
    return report


def note(folder: Path, asked: str) -> None:
    """Write down which question the finished run in `folder` answers."""
    write_json(folder / ASKED, {"question": asked})


def _contents(value: Any) -> Any:
    """Return a file's hash for its path, anything else as it is."""
    if isinstance(value, str) and Path(value).is_file():
        return hashlib.sha256(Path(value).read_bytes()).hexdigest()
    return value


def _program() -> str:
    """Return the hash of all that computes: this package's files."""
    digest = hashlib.sha256()
    for path in sorted(_PROGRAM.rglob("*.py")):
        digest.update(f"{path.relative_to(_PROGRAM)}\0".encode() + path.read_bytes() + b"\0")
    return digest.hexdigest()
