"""How many bytes of a released file's videos did not have to come."""

from collections.abc import Iterator
from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from kinetics_builder.database.tables import Media, PartialMedia, ReleasedFile, ReleasedStretch
from kinetics_builder.text.counting import counted
from pipelines.restoring.released import Released


@dataclass(frozen=True, kw_only=True)
class Parts:
    """The videos of a released file of which stretches alone came."""

    num_videos: int
    fetched_bytes: int
    """That came of these."""
    all_bytes: int
    """Of their files, had they come whole."""
    whole_because: dict[str, int]
    """Videos that came whole all the same, by why."""

    def lines(self) -> Iterator[str]:
        """Yield lines for a person; none where no video came so, nor could have."""
        if self.num_videos:
            saved = self.all_bytes - self.fetched_bytes
            yield (
                f"of {counted(self.num_videos, 'video')} the wanted stretches alone came: "
                f"{self.fetched_bytes / 1e6:,.1f} MB, {saved / 1e6:,.1f} MB saved"
            )
        for why, number in sorted(self.whole_because.items()):
            yield f"{number:,} came whole: {why}"


def count_parts(session: Session, released: Released) -> Parts:
    """Return how much came of the videos of a released file that was asked for."""
    file = select(ReleasedFile.id).where(ReleasedFile.path == str(released.path.resolve()))
    named = select(ReleasedStretch.video_id).where(
        ReleasedStretch.file_id.in_(file), ReleasedStretch.start_seconds.is_not(None)
    )
    num_videos, fetched, whole = session.execute(
        select(
            func.count(),
            func.coalesce(func.sum(PartialMedia.num_fetched_bytes), 0),
            func.coalesce(func.sum(PartialMedia.bytes), 0),
        ).where(PartialMedia.video_id.in_(named))
    ).one()
    because = session.execute(
        select(Media.whole_because, func.count())
        .where(Media.video_id.in_(named), Media.whole_because.is_not(None))
        .group_by(Media.whole_because)
    )
    return Parts(
        num_videos=num_videos,
        fetched_bytes=int(fetched),
        all_bytes=int(whole),
        whole_because={why: number for why, number in because if why is not None},
    )
