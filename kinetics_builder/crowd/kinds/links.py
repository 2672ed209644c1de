"""Whose boxes are whose along a stretch: answers are tracks, and tracks are judged by identity."""

from collections.abc import Collection, Iterable
from itertools import pairwise
from typing import Any

from sqlalchemy import ColumnElement, Connection, exists
from sqlalchemy.orm import Session

from kinetics_builder.ava.actions import Vocabulary
from kinetics_builder.config import VerifyConfig
from kinetics_builder.crowd.agreeing import Measure, pairs_of, read_answers
from kinetics_builder.crowd.kinds.kind import Kind
from kinetics_builder.crowd.links.boxes import Told, read_shown, read_tracks, read_truth
from kinetics_builder.crowd.links.deciding import (
    LINKS,
    can_be_linked,
    decide_stretches,
    remake_stretches,
)
from kinetics_builder.crowd.links.tracks import Tracks, grade
from kinetics_builder.crowd.standing import Fault, Given, Known
from kinetics_builder.database.bulk import insert_plain
from kinetics_builder.database.tables import Answer, Gold, LinkAnswer, LinkStretch, TrackedBox


class LinksKind(Kind):
    """AVA's persons from key frame to key frame."""

    name = LINKS
    answers = LinkAnswer
    subject = LinkAnswer.SUBJECT
    parts = (TrackedBox,)
    faults = (Fault.LINKS_BROKEN, Fault.LINKS_MISSED)
    columns = (LinkAnswer.is_as_shown, Gold.expected)

    def can_be_asked(self) -> ColumnElement[bool]:
        """Return the condition that the stretch of a row of `gold` has boxes to link."""
        return exists(LinkStretch.id).where(LinkStretch.id == Gold.stretch_id, can_be_linked())

    def least_people(self, config: VerifyConfig) -> int:
        """Return how many people must answer before anything is accepted."""
        return config.links_to_decide

    def givens(
        self, connection: Connection, rows: Iterable[Any], config: VerifyConfig
    ) -> list[Given]:
        """Return what these answers say about their workers.

        A strip that is left as it is shown is what to expect of a good machine: however often
        it is so in a row, it says nothing. Gold of the first sort is shown as it is true, and is
        right if it is left so; of the other, an error is shown, and must be mended. Of all links
        a share of `link_agreement` must be right.
        """
        listed = list(rows)
        golds = {row.gold_id for row in listed if row.gold_id is not None}
        said = read_tracks(connection, [row.id for row in listed if row.gold_id is not None])
        truth, shown = read_truth(connection, golds), read_shown(connection, golds)
        return [
            Given(
                row.id,
                None if row.is_as_shown else "changed",
                None
                if row.gold_id is None
                else Known(
                    is_first_sort=row.expected is Answer.YES,
                    is_right=grade(
                        _tracks(said.get(row.id)),
                        _tracks(truth.get(row.gold_id)),
                        _tracks(shown.get(row.gold_id)),
                    ).is_right(config.link_agreement),
                ),
                row.answered_at,
                row.taken_at,
            )
            for row in listed
        ]

    def agreement(
        self, session: Session, config: VerifyConfig, actions: Vocabulary
    ) -> list[Measure]:
        """Return the share of links that the other made too, over all pairs of answers.

        A link is a box and the one before it in its row.
        """
        answers = read_answers(self, session)
        told = read_tracks(session.connection(), [r.id for rows in answers.values() for r in rows])
        num_links = num_shared = 0
        for rows in answers.values():
            for one, other in pairs_of([_links(told.get(row.id)) for row in rows]):
                num_links += len(one) + len(other)
                num_shared += 2 * len(one & other)
        shared = num_shared / num_links if num_links else None
        return [Measure("links that others made too", shared, len(answers))]

    def decide(self, session: Session, things: Collection[int], config: VerifyConfig) -> None:
        """Decide these stretches."""
        decide_stretches(session, things, config)

    def remake(self, session: Session, config: VerifyConfig) -> None:
        """Decide all stretches anew."""
        remake_stretches(session, config)


def add_tracks(connection: Connection, answer_id: int, tracks: Tracks) -> None:
    """Write the tracks of a new answer."""
    rows = [(answer_id, box, n) for n, track in enumerate(tracks) for box in track]
    insert_plain(connection, TrackedBox, ("answer_id", "person_box_id", "track"), rows)


def _links(told: Told | None) -> set[tuple[int, int]]:
    return {pair for track in _tracks(told) for pair in pairwise(track)}


def _tracks(told: Told | None) -> Tracks:
    return told.tracks if told else ()


LINKS_KIND = LinksKind()
