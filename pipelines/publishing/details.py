"""All that is known of released clips, and what people answered about them."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from itertools import groupby
from operator import attrgetter
from typing import Any

from sqlalchemy import and_, select
from sqlalchemy.orm import Session

from kinetics_builder.config import Config
from kinetics_builder.database.tables import (
    Clip,
    ClipBelief,
    ClipFile,
    CuratedClip,
    Decision,
    Media,
    Video,
    Vote,
    Worker,
)
from kinetics_builder.formats.manifest import HEADER, ManifestRow
from kinetics_builder.formats.released_clips import ReleasedClip
from kinetics_builder.text.foreign import one_line
from kinetics_builder.text.licences import licence_kind
from kinetics_builder.text.masking import masked
from kinetics_builder.text.takedowns import uploader_key
from pipelines.publishing.dealing import Together
from pipelines.publishing.pseudonyms import Pseudonyms

VOTES = "votes.csv"
VOTE_COLUMNS = ("file", "label", "worker", "revision", "answer", "whole_clip", "better_name")
_CELLS = attrgetter(*HEADER)
_DIGITS = 4
"""Of probabilities: beyond these, machines may differ."""


@dataclass(frozen=True)
class Details:
    """Reads what is known of released clips."""

    session: Session
    config: Config
    pseudonyms: Pseudonyms

    @cached_property
    def _groups(self) -> Mapping[str, str]:
        return Together.of(self.session, self.config).groups

    @cached_property
    def _posteriors(self) -> Mapping[int, float]:
        return posteriors(self.session)

    def clips(self, rows: Iterable[tuple[ManifestRow, str]]) -> Iterator[ReleasedClip]:
        """Yield the row of each clip of a manifest with its file in the workspace.

        In memory are the clips of a class at a time.
        """
        for label, of_label in groupby(rows, key=lambda pair: pair[0].label):
            known = self._known(label)
            for row, file in of_label:
                yield self._clip(row, known[file])

    def _known(self, label: str) -> dict[str, Any]:
        query = (
            select(ClipFile.file, Clip, ClipFile, Decision, Video, Media, ClipBelief.probability)
            .join(Clip, Clip.id == ClipFile.clip_id)
            .join(CuratedClip, CuratedClip.clip_id == Clip.id)
            .join(Decision, Decision.clip_id == Clip.id)
            .join(Video, Video.id == Clip.video_id)
            .outerjoin(Media, Media.video_id == Video.id)
            .outerjoin(ClipBelief, ClipBelief.clip_id == Clip.id)
            .where(CuratedClip.label == label)
        )
        return {file: rest for file, *rest in self.session.execute(query)}

    def _clip(self, row: ManifestRow, known: Any) -> ReleasedClip:
        clip, file, decision, video, media, belief = known
        answers = (decision.num_yes, decision.num_no, decision.num_unsure, decision.num_bad)
        posterior = belief if belief is not None else self._posteriors.get(clip.id)
        return ReleasedClip(
            **dict(zip(HEADER, _CELLS(row), strict=True)),
            url=public_address(video.url),
            start_seconds=clip.start_seconds,
            end_seconds=clip.end_seconds,
            posterior=None if posterior is None else round(posterior, _DIGITS),
            **dict(zip(("num_yes", "num_no", "num_unsure", "num_bad"), answers, strict=True)),
            agreement=round(answers[0] / sum(answers), _DIGITS) if any(answers) else None,
            is_ruled=decision.is_ruled,
            licence_kind=licence_kind(row.licence) or "",
            uploader=self._uploader(video, media),
            group=self.pseudonyms.name("group", self._groups.get(video.video_id, video.video_id)),
            fingerprint=file.fingerprint,
            **_of_video(media),
        )

    def _uploader(self, video: Video, media: Media | None) -> str:
        name = uploader_key(media.uploader) if media else ""
        return self.pseudonyms.name("uploader", video.site or "", name) if name else ""

    def votes(self, rows: Iterable[tuple[ManifestRow, str]]) -> Iterator[tuple[object, ...]]:
        """Yield every answer about each clip, under pseudonyms, in the order of the rows."""
        for label, of_label in groupby(rows, key=lambda pair: pair[0].label):
            given = self._given(label)
            for row, file in of_label:
                for answer in sorted(given.get(file, [])):
                    yield row.file, *answer

    def _given(self, label: str) -> dict[str, list[tuple[str, ...]]]:
        said = Vote.revision, Vote.answer, Vote.lasts_whole_clip, Vote.better_name
        query = (
            select(ClipFile.file, Vote.worker_id, *said)
            .join(Clip, and_(Clip.id == Vote.clip_id, Clip.label_id == Vote.label_id))
            .join(ClipFile, ClipFile.clip_id == Clip.id)
            .join(CuratedClip, CuratedClip.clip_id == Clip.id)
            .where(CuratedClip.label == label)
        )
        found: dict[str, list[tuple[str, ...]]] = {}
        for file, worker_id, revision, answer, lasts, better_name in self.session.execute(query):
            whole = "" if lasts is None else str(lasts)
            row = (label, self._workers[worker_id], str(revision), answer.value, whole)
            found.setdefault(file, []).append((*row, one_line(better_name) or ""))
        return found

    @cached_property
    def _workers(self) -> Mapping[int, str]:
        """The pseudonym of each worker."""
        rows = self.session.execute(select(Worker.id, Worker.name))
        return {
            number: self.pseudonyms.name("worker", name or f"#{number}") for number, name in rows
        }


def public_address(url: str) -> str:
    """Return an address of the web without secrets, empty for a place on a disk.

    >>> public_address("/home/anna/1.mp4"), public_address("https://a.org/1?token=2")
    ('', 'https://a.org/1?token=***')
    """
    return masked(url) if url.startswith(("http://", "https://")) else ""


def _of_video(media: Media | None) -> dict[str, Any]:
    return {
        "video_sha256": media.sha256 if media else "",
        "video_codec": media.codec if media else "",
        "video_width": media.width if media else None,
        "video_height": media.height if media else None,
        "video_frames_per_second": media.frames_per_second if media else None,
        "has_audio": media.has_audio if media else None,
    }


def posteriors(session: Session) -> dict[int, float]:
    """Return the probability that each clip shows its label, by its id.

    Workers are weighed by how often each is right (the one-coin model, docs/truth.md), by all
    answers that stand.
    """
    from kinetics_builder.crowd.truth.answers import Answers
    from kinetics_builder.crowd.truth.methods import method_named
    from kinetics_builder.crowd.truth.options import Options

    query = select(Vote.clip_id, Vote.worker_id, Vote.answer).where(Vote.stands())
    own = query.join(Clip, and_(Clip.id == Vote.clip_id, Clip.label_id == Vote.label_id))
    rows = [(str(clip), str(worker), answer.value) for clip, worker, answer in session.execute(own)]
    if not rows:
        return {}
    answers = Answers.of(rows)
    if "yes" not in answers.labels:
        return {}
    found = method_named("one-coin")(answers, Options()).posterior_QL
    yes = answers.labels.index("yes")
    return {int(name): float(found[at, yes]) for at, name in enumerate(answers.questions)}
