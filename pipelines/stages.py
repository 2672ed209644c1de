"""All stages in their order: the spines of the pipeline, one for clips and one for films.

Each module named here exposes `stage(workspace) -> Stage`. `assign` and what follows look
at all rows at once and are functions of one transaction, not stages of items.
"""

from importlib import import_module
from typing import Any

from kinetics_builder.workspace import Workspace
from pipelines.running.stage import Stage

MODULES = {
    "search": "pipelines.collecting.search",
    "match": "pipelines.collecting.match",
    "download": "pipelines.collecting.download",
    "score": "pipelines.kinetics.score",
    "propose": "pipelines.kinetics.propose",
    "cut": "pipelines.kinetics.cut",
    "deduplicate": "pipelines.kinetics.deduplicate",
}
"""From class names to clips: what `collect` runs."""

AVA_MODULES = {
    "ava search": "pipelines.ava.search",
    "ava download": "pipelines.ava.download",
    "ava select": "pipelines.ava.select",
    "ava keyframes": "pipelines.ava.keyframes",
    "ava detect": "pipelines.ava.detect",
    "ava link": "pipelines.ava.link",
}
"""From films to boxes whose persons are linked: what `ava collect` runs."""

ON_REQUEST = {
    "deduplicate listen": "pipelines.kinetics.listen",
    "deduplicate sounds": "pipelines.kinetics.sounds",
    "deduplicate against": "pipelines.kinetics.against",
    "ava cut": "pipelines.ava.cut",
    "restore cut": "pipelines.restoring.cut",
    "availability": "pipelines.availability.asking",
    "omni images": "pipelines.omni.images",
    "omni clips": "pipelines.omni.clips",
    "omni videos": "pipelines.omni.videos",
}
"""What other verbs run where they need it: `deduplicate`, `ava release`, `restore`, `releases`,
`omni`."""

ALL_MODULES = MODULES | AVA_MODULES | ON_REQUEST

WORKED_WITH = (
    "kinetics_builder.ava.linking",
    "kinetics_builder.ava.looks",
    "kinetics_builder.video.cutting.cut",
    "kinetics_builder.video.cutting.faces",
    "kinetics_builder.video.cutting.stills",
    "kinetics_builder.video.likeness.fingerprint",
    "kinetics_builder.video.likeness.similarity",
    "kinetics_builder.video.likeness.sounds.agreement",
    "kinetics_builder.video.likeness.sounds.hearing",
    "kinetics_builder.video.likeness.sounds.index",
    "kinetics_builder.video.likeness.sounds.landmarks",
    "kinetics_builder.video.reading.probe",
    "kinetics_builder.video.reading.timeline",
    "kinetics_builder.video.reading.wholeness",
    "pipelines.ava.decoding",
    "pipelines.kinetics.looking",
    "pipelines.kinetics.skimming",
    "pipelines.kinetics.watching",
)
"""What work itself imports, so that who only says how a stage stands opens no video and counts no
pictures: children have it from their start."""


def stages_for(name: str, workspace: Workspace) -> tuple[str, ...]:
    """Return a stage of `collect`, after those that the settings ask for before it."""
    if name == "deduplicate" and workspace.config.deduplicate.audio:
        return "deduplicate listen", "deduplicate sounds", name
    return (name,)


def build_stage(name: str, workspace: Workspace) -> Stage[Any, Any]:
    """Return the stage `name` under the workspace's settings."""
    stage: Stage[Any, Any] = import_module(ALL_MODULES[name]).stage(workspace)
    return stage
