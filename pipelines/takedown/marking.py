"""Which videos are on the takedown list: noted with each, so that stages need no look at it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from sqlalchemy import ScalarSelect, Select, func, select
from sqlalchemy.orm import Session

from kinetics_builder.database.bulk import chunks
from kinetics_builder.database.tables import (
    LiftedTakedown,
    Media,
    PartialMedia,
    Takedown,
    TakenVideo,
    Video,
)
from kinetics_builder.formats.names import parse_clip_name
from kinetics_builder.text.takedowns import ADDRESS, UPLOADER, uploader_key
from pipelines.sources.entries import unmarked


def taken_down() -> ScalarSelect[str]:
    """Return, of a query of `video`, when and why a video was taken down; NULL if it was not."""
    return (
        select(Takedown.on_date + ": " + Takedown.reason)
        .join(TakenVideo, TakenVideo.takedown_id == Takedown.id)
        .where(TakenVideo.video_id == Video.id)
        .correlate(Video)
        .scalar_subquery()
    )


def standing() -> Select[Takedown]:
    """Select the entries that were not lifted, oldest first."""
    lifted = select(LiftedTakedown.takedown_id)
    return select(Takedown).where(Takedown.id.not_in(lifted)).order_by(Takedown.id)


class Known(NamedTuple):
    """What is known of a video when it is listed."""

    row_id: int
    video_id: str
    url: str
    uploader: str | None = None


@dataclass(frozen=True, slots=True)
class Takedowns:
    """The takedown list, without what was lifted."""

    by_id: Mapping[str, int] = field(default_factory=dict)
    by_address: Mapping[str, int] = field(default_factory=dict)
    by_uploader: Mapping[str, int] = field(default_factory=dict)

    @classmethod
    def of(cls, session: Session) -> "Takedowns":
        """Return the list as it stands in the database."""
        ids, addresses, uploaders = dict[str, int](), dict[str, int](), dict[str, int]()
        for row in session.scalars(standing()):
            if row.kind == UPLOADER:
                uploaders.setdefault(uploader_key(row.name), row.id)
            elif row.kind == ADDRESS:
                addresses.setdefault(row.name, row.id)
            else:
                ids.setdefault(row.name, row.id)
            if row.video_id is not None:
                ids.setdefault(row.video_id, row.id)
        return cls(ids, addresses, uploaders)

    def names(self, video_id: str) -> bool:
        """Say whether a video's id is on the list, or that of the video which it is a clip of."""
        return self._by_name(video_id) is not None

    def entry_of(self, video: Known) -> int | None:
        """Return the entry that a video falls under, None for none."""
        return (
            self._by_name(video.video_id)
            or self.by_address.get(video.url)
            or self.by_address.get(unmarked(video.url)[0])
            or (self.by_uploader.get(uploader_key(video.uploader)) if video.uploader else None)
        )

    def _by_name(self, video_id: str) -> int | None:
        clip = parse_clip_name(video_id)
        return self.by_id.get(video_id) or (self.by_id.get(clip.video_id) if clip else None)

    def refuses(self, name: str, addresses: Iterable[str], maker: str) -> bool:
        """Say whether a picture is on the list: its id, an address of it, or its maker."""
        known = (Known(0, name, address, maker) for address in addresses)
        return any(self.entry_of(one) is not None for one in known)

    def __bool__(self) -> bool:
        """Say whether there is any entry."""
        return bool(self.by_id or self.by_address or self.by_uploader)


def mark(session: Session, videos: Iterable[Known]) -> None:
    """Note which of the videos are on the list."""
    takedowns = Takedowns.of(session)
    if not takedowns:
        return
    for video in videos:
        entry = takedowns.entry_of(video)
        if entry is not None and session.get(TakenVideo, video.row_id) is None:
            session.add(TakenVideo(video_id=video.row_id, takedown_id=entry))
    session.flush()


def mark_all(session: Session) -> None:
    """Note which of all videos are on the list."""
    ids = session.scalars(select(Video.id).order_by(Video.id)).all()
    uploader = func.coalesce(Media.uploader, PartialMedia.uploader)
    query = (
        select(Video.id, Video.video_id, Video.url, uploader)
        .outerjoin(Media, Media.video_id == Video.id)
        .outerjoin(PartialMedia, PartialMedia.video_id == Video.id)
    )
    for chunk in chunks(list(ids)):
        mark(session, [Known(*row) for row in session.execute(query.where(Video.id.in_(chunk)))])


def refused_uploaders(session: Session) -> tuple[tuple[str, str], ...]:
    """Return the uploaders on the list as they are compared, each with when and why."""
    rows = session.scalars(standing().where(Takedown.kind == UPLOADER)).all()
    found = {uploader_key(row.name): f"{row.on_date}: {row.reason}" for row in reversed(rows)}
    return tuple(sorted(found.items()))
