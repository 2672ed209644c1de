"""What a run's README says: its head is read by hubs of models, the rest by people."""

from typing import Any

import yaml

from kinetics_builder.text.counting import counted
from pipelines.network_card.measures import Measure, measures
from pipelines.network_card.run_files import Evaluation, RunFiles
from pipelines.publishing.folders.markdown import table

README = "README.md"
_TYPES = {"top-1": "accuracy", "top-5": "top-5-accuracy"}
"""What hubs call our measures; the others keep their names."""


def readme(found: RunFiles) -> str:
    """Return the README of a run."""
    spec = found.card["spec"]
    head: dict[str, Any] = {
        "library_name": "kinetics-builder",
        "pipeline_tag": "video-classification",
        "tags": ["action-recognition", str(spec["name"])],
        "model-index": [
            {"name": str(spec["name"]), "results": list(map(_result, found.evaluations))}
        ],
    }
    text = yaml.safe_dump(head, sort_keys=False, allow_unicode=True)
    return f"---\n{text}---\n\n{_body(found)}"


def _result(one: Evaluation) -> dict[str, Any]:
    return {
        "task": {"type": "video-classification"},
        "dataset": {
            "name": "a release of kinetics-builder",
            "type": "kinetics-builder",
            "split": one.split,
            "revision": str(one.values.get("release_sha256", "")),
        },
        "metrics": [
            {"type": _TYPES.get(each.name, each.name), "name": each.name, "value": each.value}
            for each in measures(one)
        ],
    }


def _body(found: RunFiles) -> str:
    spec, labels = found.card["spec"], found.labels
    lines = [
        f"# {spec['name']}",
        f"{spec['source']}. It tells {counted(len(labels), 'class', 'classes')} apart.",
    ]
    if found.report is not None:
        lines.append(
            f"Trained for {counted(found.report.num_steps, 'step')} on "
            f"{counted(found.report.num_train, 'clip')}; "
            f"{counted(len(found.report.broken), 'clip')} could not be read."
        )
    for one in found.evaluations:
        rows = [[each.name, f"{each.value:.4f}", _interval(each)] for each in measures(one)]
        lines.append(f"## Measured on the split {one.split}")
        lines.append(table(["measure", "value", "95 %"], rows))
    lines.append("All of it, with clips: `card.html`.")
    return "\n\n".join(lines) + "\n"


def _interval(one: Measure) -> str:
    return "" if one.interval is None else f"{one.interval[0]:.4f} to {one.interval[1]:.4f}"
