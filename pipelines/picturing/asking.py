"""Which pictures are fetched for a workspace's classes, and under which rules."""

import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import requests

from kinetics_builder.database.engine import reading
from kinetics_builder.errors import ClassesError, StageOrderError
from kinetics_builder.text.class_list.classes import read_classes
from kinetics_builder.text.class_list.entries import ClassEntry
from kinetics_builder.workspace import Workspace
from pipelines.collecting.classes import asked_of, entries_of, lacking, with_licences
from pipelines.picturing.collecting import ImagesReport, Progress, Rules, collect_images
from pipelines.picturing.openverse import FoundImage, Openverse, chosen_licences
from pipelines.picturing.pacing import SECONDS, Pace
from pipelines.picturing.thumbnails import Thumbnails
from pipelines.running.engines.children import ChildPool
from pipelines.sources.web.addresses import allowed_by
from pipelines.takedown.marking import Takedowns

SEARCHED = "pictures/search"
THUMBNAILS = "pictures/thumbnails"
IMAGES = (SEARCHED, THUMBNAILS)
"""Folders of a workspace that hold pictures of the web, where no other is named."""


def ask_for_images(
    workspace: Workspace,
    classes: Path | None,
    out: Path,
    values: Mapping[str, Any],
    progress: Progress,
) -> ImagesReport:
    """Fetch pictures of the classes in a file, or of the workspace's, from an image search.

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
    queries = _queries(_entries(workspace, classes), values["languages"])
    with requests.Session() as session:
        session.trust_env = False
        search = Openverse(
            allowed_by(workspace.config.download.allow_private),
            values["address"],
            licences=licences,
            pause_seconds=values["pause"],
            session=session,
        )
        found = {label: search.search_all(words) for label, words in queries.items()}
        rules = _rules(workspace, values["number"])
        with _children(workspace) as pool:
            return collect_images(found, out, pool, rules, progress)


def ask_for_thumbnails(
    workspace: Workspace, classes: Path | None, out: Path, number: int, progress: Progress
) -> ImagesReport:
    """Fetch the thumbnails of videos that name the classes in a file, or the workspace's.

    Args:
        workspace: Whose candidates they are of, and whose settings say who may be asked.
        classes: The list of classes, or None.
        out: Where the pictures go.
        number: For each class, at most.
        progress: Told how far it is.

    Raises:
        KbuildError: There are no classes or no candidates, or the list names a class of which
            the workspace has none.

    """
    with reading(workspace.engine) as session:
        thumbnails = Thumbnails(
            workspace.engine, with_licences(session, workspace.config.download).licences
        )
        known = {entry.name for entry in entries_of(session)}
    labels = sorted(entry.name for entry in _entries(workspace, classes))
    if unknown := [label for label in labels if label not in known]:
        raise ClassesError(
            f"{classes} names {unknown[0]!r}, which is no class of the workspace: thumbnails are "
            "those of its candidates. Collect videos of it first, or leave it out."
        )
    num_candidates, num_unlisted = thumbnails.num_candidates(labels)
    if not num_candidates:
        raise StageOrderError("images --from thumbnails", "match", "candidates")
    found = {label: thumbnails.of(label) for label in labels}
    rules = replace(_rules(workspace, number), withdrawn=thumbnails.withdrawn)
    with _children(workspace) as pool:
        report = collect_images(found, out, pool, rules, progress)
    return replace(report, num_candidates=num_candidates, num_unlisted=num_unlisted)


def _rules(workspace: Workspace, number: int) -> Rules:
    with reading(workspace.engine) as session:
        takedowns = Takedowns.of(session)
    return Rules(
        number,
        allowed_by(workspace.config.download.allow_private),
        Pace.of(workspace),
        partial(is_refused, takedowns=takedowns),
    )


@contextmanager
def _children(workspace: Workspace) -> Iterator[ChildPool]:
    run = workspace.config.run
    pool = ChildPool(run.workers or os.cpu_count() or 1, SECONDS, run.memory_megabytes << 20)
    try:
        yield pool
    finally:
        pool.stop()


def is_refused(image: FoundImage, takedowns: Takedowns) -> bool:
    """Say whether an image is on the takedown list: its id, an address of it, or its maker."""
    return takedowns.refuses(image.id, (image.address, image.page), image.creator)


def _entries(workspace: Workspace, classes: Path | None) -> Sequence[ClassEntry]:
    if classes is not None:
        entries: Sequence[ClassEntry] = read_classes(classes)
    else:
        with reading(workspace.engine) as session:
            entries = entries_of(session)
    if not entries:
        raise StageOrderError("images", "collect --classes FILE", "classes")
    return entries


def _queries(entries: Sequence[ClassEntry], languages: Sequence[str]) -> dict[str, list[str]]:
    """Return what is asked for each class: its name, and what its list adds, in these languages."""
    if lack := lacking(entries, languages, "--language"):
        raise ClassesError(lack)
    queries: dict[str, list[str]] = {name: [] for name in sorted(entry.name for entry in entries)}
    for asked in asked_of(entries, languages):
        queries[asked.label].append(asked.query)
    return queries
