"""Why clips of one release are not in a later one, or are another class there: what rows say now.

Edits and takedowns stand in the folders, and `differing` reads them there. This tells of what the
workspace alone knows: people who said no since, the owner's word, copies, better clips.
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, NamedTuple

from sqlalchemy import select
from sqlalchemy.orm import Session, aliased

from kinetics_builder.crowd.clips.ruled import class_shown
from kinetics_builder.database.bulk import chunks
from kinetics_builder.database.engine import reading
from kinetics_builder.database.tables import (
    Clip,
    ClipPlace,
    CuratedClip,
    Decision,
    Label,
    Ruling,
    SplitNote,
    Standing,
    TreeDecision,
    Verdict,
    Video,
)
from kinetics_builder.formats.names import whole_seconds
from kinetics_builder.intervals import Interval
from kinetics_builder.text.counting import counted
from kinetics_builder.workspace import Workspace
from pipelines.publishing.clips.differing import Difference, diff_releases

_TOLD = ("removed", "relabelled")
_OTHER = aliased(Label)
_Key = tuple[str, int, int]
"""A video and whole seconds, as releases name clips."""


class _Known(NamedTuple):
    """What rows say of a clip."""

    label: str
    """The class that it counts for."""
    is_retired: bool
    is_withdrawn: bool
    standing: Standing | None
    verdict: Verdict | None
    votes: tuple[int, int]
    """Yes, and all."""
    ruling: str | None
    is_curated: bool
    torn: str | None

    def why(self) -> str:
        """Return why it is not released; empty where it is, or nothing says so."""
        if self.is_curated:
            return ""
        if self.is_retired:
            return f"{self.label} is in the list of classes no more"
        if self.is_withdrawn:
            return "it is proposed no more"
        if self.standing is Standing.DUPLICATE:
            return "it is a duplicate of another clip"
        if self.verdict is not Verdict.ACCEPTED:
            num_yes, num_all = self.votes
            by_votes = f"{num_yes} of {counted(num_all, 'answer')} say yes"
            return f"the owner: {self.ruling}" if self.ruling else by_votes
        return self.torn or "another clip of its video is better"


def diff_clips(workspace: Workspace, one: Path, other: Path) -> list[Difference]:
    """Return what is otherwise in the second of two releases, with what a workspace knows of it.

    Raises:
        FormatError: One of them cannot be read.

    """
    found = diff_releases(one, other)
    if other.resolve().parent != workspace.releases.resolve():
        return found
    with reading(workspace.engine) as session:
        return explained(session, found)


def explained(session: Session, found: Sequence[Difference]) -> list[Difference]:
    """Return differences with the reasons that rows of this workspace know, where none was told."""
    wanted = {one.youtube_id for one in found if one.sort in _TOLD and not one.why}
    known: dict[_Key, list[_Known]] = {}
    for key, row in _rows(session, sorted(wanted)):
        known.setdefault(key, []).append(row)
    return [
        one if one.why or one.sort not in _TOLD else replace(one, why=_why(one, known))
        for one in found
    ]


def _why(one: Difference, known: dict[_Key, list[_Known]]) -> str:
    rows = known.get((one.youtube_id, one.time_start, one.time_end), [])
    if one.sort == "relabelled":
        told = [f"the owner: {row.ruling}" for row in rows if row.ruling and row.is_curated]
    else:
        of_class = [row for row in rows if one.before.startswith(f"{row.label} (")]
        told = [row.why() for row in of_class or rows]
    return next(iter(told), "")


def _rows(session: Session, videos: Sequence[str]) -> Iterator[tuple[_Key, _Known]]:
    """Yield what is known of each clip of some videos."""
    for chunk in chunks(videos):
        for row in session.execute(_KNOWN.where(Video.video_id.in_(chunk))):
            stretch = whole_seconds(Interval(row.start_seconds, row.end_seconds))
            votes = [
                number or 0 for number in (row.num_yes, row.num_no, row.num_unsure, row.num_bad)
            ]
            yield (
                (row.video_id, *stretch),
                _Known(
                    label=row.shown or row.asked,
                    is_retired=row.is_retired,
                    is_withdrawn=row.is_withdrawn,
                    standing=row.standing,
                    verdict=row.verdict,
                    votes=(votes[0], sum(votes)),
                    ruling=row.word if row.is_ruled else None,
                    is_curated=row.curated is not None,
                    torn=row.torn,
                ),
            )


_SHOWN = select(_OTHER.name).where(_OTHER.id == class_shown())
_WORD = select(Ruling.reason).where(Ruling.clip_id == Clip.id, Ruling.stands())
_NOTED = select(SplitNote.reason).where(
    SplitNote.sort == "torn", SplitNote.subject == Video.video_id
)
_KNOWN: Any = (
    select(
        *(Video.video_id, Clip.start_seconds, Clip.end_seconds, Clip.is_withdrawn),
        *(Label.name.label("asked"), Label.is_retired, ClipPlace.standing),
        *(Decision.verdict, Decision.is_ruled),
        *(Decision.num_yes, Decision.num_no, Decision.num_unsure, Decision.num_bad),
        CuratedClip.clip_id.label("curated"),
        _SHOWN.correlate(Clip, Decision, TreeDecision).scalar_subquery().label("shown"),
        _WORD.correlate(Clip).scalar_subquery().label("word"),
        _NOTED.correlate(Video).limit(1).scalar_subquery().label("torn"),
    )
    .join(Video, Video.id == Clip.video_id)
    .join(Label, Label.id == Clip.label_id)
    .outerjoin(ClipPlace, ClipPlace.clip_id == Clip.id)
    .outerjoin(Decision, Decision.clip_id == Clip.id)
    .outerjoin(TreeDecision, TreeDecision.clip_id == Clip.id)
    .outerjoin(CuratedClip, CuratedClip.clip_id == Clip.id)
    .order_by(Clip.id)
)
