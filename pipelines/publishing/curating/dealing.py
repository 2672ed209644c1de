"""Dealing curated clips out to splits: what belongs together, where it was before, what is told."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import Select, delete, insert, select, update
from sqlalchemy.orm import Session

from kinetics_builder.config import Config, settings_hash
from kinetics_builder.curation.components import Link, join, join_parts, told, way_between
from kinetics_builder.curation.splits import Dealt, Missed, Placement, Torn
from kinetics_builder.database.bulk import chunks, select_plain
from kinetics_builder.database.tables import (
    Clip,
    CuratedClip,
    Decision,
    FilmSplit,
    Media,
    Split,
    SplitNote,
    Verdict,
    Video,
    VideoSplit,
)
from kinetics_builder.text.counting import counted
from kinetics_builder.text.takedowns import uploader_key
from pipelines.kinetics.copies import copies

Uploaded = tuple[str, str | None, str | None]
"""A video, its site, and who put it there."""
Why = Callable[[str, str], str]
"""Says why two videos belong together."""


@dataclass(frozen=True, slots=True)
class Note:
    """What could not be as it should when clips were dealt out."""

    sort: str
    """`torn` or `missed`."""
    subject: str
    """The video or the class that it is about."""
    reason: str


@dataclass(frozen=True, slots=True)
class Together:
    """Which videos no two splits may share, and why."""

    links: Sequence[Link]

    @classmethod
    def of(cls, session: Session, config: Config, others: Iterable[Uploaded] = ()) -> "Together":
        """Read what `curate.keep_together` names: of accepted videos, and of `others`."""
        relations = config.curate.keep_together
        links: list[Link] = []
        if "duplicates" in relations:
            links += copies(session, config.deduplicate)
        if "uploader" in relations:
            links += _of_uploaders(session, others)
        return cls(links)

    @staticmethod
    def groups_of(session: Session, config: Config) -> dict[str, str]:
        """Return the `groups` of what `of` reads, without a word on why they belong together."""
        relations = config.curate.keep_together
        parts = _by_uploaders(session) if "uploader" in relations else ()
        pairs = copies(session, config.deduplicate) if "duplicates" in relations else ()
        return join_parts(parts, ((link.one, link.other) for link in pairs))

    @property
    def groups(self) -> dict[str, str]:
        """Return one name for all videos that belong together, by video."""
        return join((link.one, link.other) for link in self.links)

    def why(self, one: str, other: str) -> str:
        """Return why two videos belong together."""
        return told(way_between(self.links, one, other))


def _of_uploaders(session: Session, others: Iterable[Uploaded]) -> Iterator[Link]:
    """Yield videos of one uploader of one site; who is unknown has no other."""
    accepted = {
        (video, site or "", who or "") for video, site, who in session.execute(_uploaders())
    }
    rows = sorted(accepted.union((video, site or "", who or "") for video, site, who in others))
    first: dict[tuple[str, str], str] = {}
    for video, site, uploader in rows:
        if name := uploader_key(uploader):
            known = first.setdefault((site, name), video)
            if known != video:
                yield Link(known, video, f"{known} and {video} are of {uploader!r}")


def _by_uploaders(session: Session) -> Iterator[set[str]]:
    """Yield the videos of each uploader of each site who has several."""
    by_name: dict[tuple[str | None, str], list[str]] = defaultdict(list)
    for rows in select_plain(session, _uploaders()):
        for video, site, uploader in rows:
            by_name[site, uploader].append(video)
    videos: dict[tuple[str, str], set[str]] = {}
    for (site, uploader), some in by_name.items():
        if name := uploader_key(uploader):
            videos.setdefault((site or "", name), set()).update(some)
    return (some for some in videos.values() if len(some) > 1)


def _uploaders() -> Select[str, str | None, str | None]:
    """Return the accepted videos with their sites and uploaders, as often as clips are accepted."""
    return (
        select(Video.video_id, Video.site, Media.uploader)
        .join(Media, Media.video_id == Video.id)
        .join(Clip, Clip.video_id == Video.id)
        .join(Decision, Decision.clip_id == Clip.id)
        .where(Decision.verdict == Verdict.ACCEPTED, Media.uploader.is_not(None))
    )


def _dealt_by(config: Config) -> str:
    return settings_hash(config.curate)


def placements(session: Session, config: Config) -> dict[str, Placement]:
    """Return where videos were put before: their clips, or the whole of them."""
    is_dealt_so = VideoSplit.dealt_by == _dealt_by(config)
    of_clips = session.execute(
        select(Video.video_id, VideoSplit.split, VideoSplit.is_released)
        .join(Video, Video.id == VideoSplit.video_id)
        .where(VideoSplit.is_released | is_dealt_so)
    )
    found = {video: Placement(split, is_released) for video, split, is_released in of_clips}
    whole = session.execute(
        select(Video.video_id, FilmSplit.split)
        .join(Video, Video.id == FilmSplit.video_id)
        .where(FilmSplit.seed == config.release.seed)
    )
    for video, split in whole:
        if not (video in found and found[video].is_fixed):
            found[video] = Placement(split, is_fixed=True)
    return found


def note_placements(session: Session, dealt: Mapping[str, Split], config: Config) -> None:
    """Write down where videos are now; those that were released stay as they are."""
    dealt_by = _dealt_by(config)
    known = {row.video_id: row for row in session.scalars(select(VideoSplit))}
    for chunk in chunks(sorted(dealt)):
        rows = session.execute(
            select(Video.id, Video.video_id).where(Video.video_id.in_(chunk))
        ).all()
        for number, video in rows:
            row = known.get(number)
            if row is None:
                session.add(VideoSplit(video_id=number, split=dealt[video], dealt_by=dealt_by))
            elif not row.is_released:
                row.split, row.dealt_by = dealt[video], dealt_by


def fix_placements(session: Session) -> None:
    """Note that what is curated was released where it is."""
    videos = select(Clip.video_id).join(CuratedClip, CuratedClip.clip_id == Clip.id)
    session.execute(
        update(VideoSplit)
        .where(VideoSplit.video_id.in_(videos), ~VideoSplit.is_released)
        .values(is_released=True)
        .execution_options(synchronize_session=False)
    )


def notes_of(
    dealt: Dealt, placed: Mapping[str, Placement], groups: Mapping[str, str], why: Why
) -> list[Note]:
    """Return rows for what was torn and for quotas that were missed."""
    torn = [note for one in dealt.torn for note in _of_torn(one, placed, groups, why)]
    return [*torn, *map(_of_missed, dealt.missed)]


def _of_torn(
    torn: Torn, placed: Mapping[str, Placement], groups: Mapping[str, str], why: Why
) -> Iterator[Note]:
    at_home = min(
        video
        for video, placement in placed.items()
        if groups.get(video, video) == torn.group and placement.split is torn.home
    )
    for videos, what in (
        (torn.left_out, "was released there and is left out now"),
        (torn.moved, f"was never released there and goes to {torn.home.value} now"),
    ):
        for video in videos:
            yield Note(
                "torn",
                video,
                f"was in {placed[video].split.value}, but belongs to {at_home} in "
                f"{torn.home.value} ({why(at_home, video)}): it {what}.",
            )


def _of_missed(missed: Missed) -> Note:
    return Note(
        "missed",
        missed.label,
        f"has {counted(missed.num_clips, 'clip')} in {missed.split.value}, where the quota is "
        f"{missed.num_wanted}: what belongs together stays together, and the largest group holds "
        f"{counted(missed.num_largest, 'clip')} of this class.",
    )


def write_notes(session: Session, notes: Iterable[Note]) -> None:
    """Write rows in place of those of the last run."""
    session.execute(delete(SplitNote))
    rows = [{"sort": one.sort, "subject": one.subject, "reason": one.reason} for one in notes]
    for chunk in chunks(rows):
        session.execute(insert(SplitNote), list(chunk))


def is_torn(session: Session) -> bool:
    """Say whether the last run left anything out because it was torn."""
    found = select(SplitNote.id).where(SplitNote.sort == "torn").limit(1)
    return session.scalar(found) is not None
