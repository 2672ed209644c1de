"""Thumbnails of videos that name a class, as their sites show them."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Engine, Select, and_, func, or_, select

from kinetics_builder.database.bulk import chunks
from kinetics_builder.database.engine import reading
from kinetics_builder.database.tables import (
    Candidate,
    Clip,
    Decision,
    Label,
    Media,
    PartialMedia,
    TakenVideo,
    Verdict,
    Video,
)
from kinetics_builder.text.licences import is_allowed
from kinetics_builder.text.masking import masked
from pipelines.picturing.openverse import FoundImage


@dataclass(frozen=True, slots=True)
class Thumbnails:
    """Those of the candidates of a workspace.

    Left out are videos that were taken down, those of which people rejected a clip of the label
    and accepted none, and, where licences are asked for, those that are not known to have one.
    """

    engine: Engine
    licences: tuple[str, ...] = ()

    def of(self, label: str) -> Iterator[FoundImage]:
        """Yield a label's: of videos with accepted clips first, then as well as titles match."""
        return iter(self._listed(label))

    def withdrawn(self, label: str, ids: Collection[str]) -> set[str]:
        """Return which of these are of videos that may not show the label any more.

        Those that are of no video stay: a folder may hold what an image search found as well.
        """
        videos: set[str] = set()
        with reading(self.engine) as session:
            for chunk in chunks(sorted(ids)):
                videos |= {
                    *session.scalars(select(Video.video_id).where(Video.video_id.in_(chunk)))
                }
        return videos - {image.id for image in self._listed(label)} if videos else videos

    def num_candidates(self, labels: Collection[str]) -> tuple[int, int]:
        """Return how many videos name one of the labels, and how many have no thumbnail listed."""
        with_address = _wanted(func.count(Video.thumbnail), func.count())
        with reading(self.engine) as session:
            query = with_address.where(Label.name.in_(labels))
            num_listed, num_all = session.execute(query).one()
        return num_all, num_all - num_listed

    def _listed(self, label: str) -> Sequence[FoundImage]:
        uploader = func.coalesce(Media.uploader, PartialMedia.uploader)
        licence = func.coalesce(Media.licence, PartialMedia.licence, Video.listed_licence)
        query = (
            _wanted(Video.video_id, Video.url, Video.title, Video.thumbnail, uploader, licence)
            .outerjoin(Media, Media.video_id == Video.id)
            .outerjoin(PartialMedia, PartialMedia.video_id == Video.id)
            .where(Label.name == label, Video.thumbnail.is_not(None))
            .order_by(_has(Verdict.ACCEPTED).desc(), Candidate.score.desc(), Video.video_id)
        )
        with reading(self.engine) as session:
            rows = session.execute(query).all()
        return [_image(*row) for row in rows if is_allowed(row[-1], self.licences)]


def _wanted(*columns: Any) -> Select[Any]:
    is_taken = select(TakenVideo.video_id).where(TakenVideo.video_id == Video.id).exists()
    return (
        select(*columns)
        .select_from(Candidate)
        .join(Video, Video.id == Candidate.video_id)
        .join(Label, Label.id == Candidate.label_id)
        .where(~is_taken, or_(_has(Verdict.ACCEPTED), ~_has(Verdict.REJECTED)))
    )


def _has(verdict: Verdict) -> ColumnElement[bool]:
    """Say of a candidate whether a clip of it was so decided for its label."""
    is_of_it = and_(Clip.video_id == Candidate.video_id, Clip.label_id == Candidate.label_id)
    decided = select(Decision.clip_id).join(Clip, Clip.id == Decision.clip_id)
    return decided.where(is_of_it, Decision.verdict == verdict).correlate(Candidate).exists()


def _image(
    video_id: str, url: str, title: str, address: str, uploader: str | None, licence: str | None
) -> FoundImage:
    page = masked(url) if url.lower().startswith(("http://", "https://")) else ""
    told = f'"{title or video_id}"' + (f" by {uploader}" if uploader else "")
    return FoundImage(
        id=video_id,
        address=address,
        page=page,
        title=title,
        creator=uploader or "",
        licence=licence or "",
        licence_version="",
        licence_address="",
        attribution=", ".join(filter(None, (told, page, licence or "licence not said"))),
    )
