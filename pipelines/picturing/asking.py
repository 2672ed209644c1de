"""What an image search is asked for a workspace's classes, and under which rules."""

import os
from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import requests

from kinetics_builder.database.engine import reading
from kinetics_builder.errors import ClassesError, StageOrderError
from kinetics_builder.text.class_list.classes import read_classes
from kinetics_builder.workspace import Workspace
from pipelines.collecting.classes import asked_of, entries_of, lacking
from pipelines.picturing.collecting import ImagesReport, Progress, Rules, collect_images
from pipelines.picturing.openverse import FoundImage, Openverse, chosen_licences
from pipelines.running.engines.children import ChildPool
from pipelines.sources.web.addresses import allowed_by
from pipelines.sources.web.fence import fenced
from pipelines.takedown.marking import Takedowns

SEARCHED = "pictures/search"
IMAGES = (SEARCHED,)
"""Folders of a workspace that hold pictures of the web, where no other is named."""
SECONDS = 180.0
"""For fetching one image."""


def ask_for_images(
    workspace: Workspace,
    classes: Path | None,
    out: Path,
    values: Mapping[str, Any],
    progress: Progress,
) -> ImagesReport:
    """Fetch pictures of the classes in a file, or of the workspace's.

    Args:
        workspace: Whose settings say which addresses may be asked.
        classes: The list of classes, or None.
        out: Where the pictures go.
        values: `number`, `licences`, `languages`, `address` and `pause`, as the command has them.
        progress: Told how far it is.

    Raises:
        KbuildError: A licence is unknown, there are no classes, the search does not answer.

    """
    licences = chosen_licences(values["licences"])
    queries = _queries(workspace, classes, values["languages"])
    with reading(workspace.engine) as session:
        takedowns = Takedowns.of(session)
    allowed = allowed_by(workspace.config.download.allow_private)
    with requests.Session() as session:
        session.trust_env = False
        search = Openverse(
            values["address"], licences=licences, pause_seconds=values["pause"], session=session
        )
        run = workspace.config.run
        pool = ChildPool(run.workers or os.cpu_count() or 1, SECONDS, run.memory_megabytes << 20)
        try:
            with fenced(allowed):
                return collect_images(
                    queries,
                    search,
                    out,
                    pool,
                    Rules(values["number"], allowed, partial(is_refused, takedowns=takedowns)),
                    progress,
                )
        finally:
            pool.stop()


def is_refused(image: FoundImage, takedowns: Takedowns) -> bool:
    """Say whether an image is on the takedown list: its id, an address of it, or its maker."""
    return takedowns.refuses(image.id, (image.address, image.page), image.creator)


def _queries(
    workspace: Workspace, classes: Path | None, languages: Sequence[str]
) -> dict[str, list[str]]:
    """Return what is asked for each class: its name, and what its list adds, in these languages."""
    if classes is not None:
        entries = read_classes(classes)
    else:
        with reading(workspace.engine) as session:
            entries = entries_of(session)
    if not entries:
        raise StageOrderError("images", "collect --classes FILE", "classes")
    if lack := lacking(entries, languages, "--language"):
        raise ClassesError(lack)
    queries: dict[str, list[str]] = {name: [] for name in sorted(entry.name for entry in entries)}
    for asked in asked_of(entries, languages):
        queries[asked.label].append(asked.query)
    return queries
