"""What else people were asked about released clips, where a class was split."""

from collections import defaultdict
from collections.abc import Mapping

from sqlalchemy import and_, func, or_, select
from sqlalchemy.orm import Session, aliased

from kinetics_builder.database.tables import Clip, CuratedClip, Label
from pipelines.publishing.clips.contents import Page
from pipelines.publishing.curating.parting import has_parts

Asked = tuple[list[int], list[str], list[str]]
"""Clips that people were asked about, their files in the release, and as which label."""


def read_beside(session: Session) -> Mapping[int, list[tuple[int, str]]]:
    """Return the questions about the class, or about other parts of it, of each released clip.

    Each is another clip of the same stretch, with the label that was asked.
    """
    if not has_parts(session):
        return {}
    released = aliased(Clip)
    whole = func.coalesce(released.part_of_id, released.id)
    is_beside = and_(or_(Clip.id == whole, Clip.part_of_id == whole), Clip.id != released.id)
    rows = session.execute(
        select(released.id, Clip.id, Label.name)
        .join(CuratedClip, CuratedClip.clip_id == released.id)
        .join(Clip, is_beside)
        .join(Label, Label.id == Clip.label_id)
        .where(~Clip.is_withdrawn)
        .order_by(released.id, Clip.id)
    )
    found: dict[int, list[tuple[int, str]]] = defaultdict(list)
    for clip_id, other_id, label in rows:
        found[clip_id].append((other_id, label))
    return dict(found)


def asked_of(page: Page, beside: Mapping[int, list[tuple[int, str]]]) -> Asked:
    """Return the questions about the clips of a page: each its own, then those beside it."""
    clips, files, labels = page["clip_id"], page["file"], page["label"]
    if not beside:
        return clips, files, labels
    asked = [
        (about, file, as_label)
        for clip_id, file, label in zip(clips, files, labels, strict=True)
        for about, as_label in ((clip_id, label), *beside.get(clip_id, ()))
    ]
    return [one[0] for one in asked], [one[1] for one in asked], [one[2] for one in asked]
