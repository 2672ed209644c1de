"""How the work stands, for the owner: by kind and class, by worker, by hour. Reads only.

Every number is read from what is kept with each answer (`work_tally`, `worker_standing`), so
the page costs the same after a thousand answers, or questions, as after a million.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from sqlalchemy import select
from sqlalchemy.orm import Session

from annotation_ui.kinds.kind import Kind, Recent
from annotation_ui.kinds.registry import KINDS
from annotation_ui.owner.costing import Cost, Counted, cost_of
from kinetics_builder.config import Config
from kinetics_builder.crowd.clips.auditing import Audit, read_audit
from kinetics_builder.crowd.clips.claims import Claims, read_claims
from kinetics_builder.crowd.clips.gating import Gate, read_gates
from kinetics_builder.crowd.people import Access, Person, list_people
from kinetics_builder.crowd.undecidable import crowd_warnings
from kinetics_builder.database.tables import HourTally, Verdict, WorkTally

NUM_HOURS = 24
NUM_RECENT = 12


@dataclass(frozen=True, slots=True)
class ClassProgress:
    """How far one class of one kind is: questions, and answers to them."""

    label: str
    num_asked: int = 0
    num_accepted: int = 0
    num_rejected: int = 0
    num_votes: int = 0
    """Answers, those set aside included."""
    num_overruled: int = 0
    """Answers that a decision contradicts."""

    @property
    def num_open(self) -> int:
        """Questions that are not decided, those that nobody has answered included."""
        return self.num_asked - self.num_accepted - self.num_rejected

    @property
    def yes_rate(self) -> float | None:
        """The share of decided questions that were accepted, None before the first."""
        decided = self.num_accepted + self.num_rejected
        return self.num_accepted / decided if decided else None

    @property
    def overruled_share(self) -> float | None:
        """The share of answers that a decision contradicts, None before the first decision."""
        is_known = self.num_votes and self.num_open < self.num_asked
        return self.num_overruled / self.num_votes if is_known else None


@dataclass(frozen=True, slots=True)
class KindProgress:
    """How far the work of one kind is."""

    kind: Kind
    classes: Sequence[ClassProgress]
    """The hardest first: of whose answers most were overruled; one where there are no classes."""
    cost: Cost | None = None
    """None before anybody's pace is known."""

    @property
    def total(self) -> ClassProgress:
        """All classes together."""
        names = ("num_asked", "num_accepted", "num_rejected", "num_votes", "num_overruled")
        sums = [sum(getattr(row, name) for row in self.classes) for name in names]
        return ClassProgress("", *sums)

    @property
    def has_classes(self) -> bool:
        """Whether its questions are of classes."""
        return any(row.label for row in self.classes)


@dataclass(frozen=True, slots=True)
class Progress:
    """The owner's page."""

    kinds: list[KindProgress]
    """Those of which anything is asked."""
    people: list[Person]
    """Workers who have come, those to look at first, then by answers."""
    num_invited: int
    """Workers whose code was not used yet."""
    warnings: list[str]
    """Of kinds that hold no gold, or gold that tells little."""
    hours: list[tuple[str, int]]
    """(hour in UTC as `YYYY-MM-DD HH`, votes), the newest last; hours without votes left out."""
    recent: list[Recent]
    """The newest answers."""
    troubles: list[Recent]
    """The newest answers that say that something is wrong with what was asked."""
    audit: Audit | None
    """The newest draw of accepted clips."""
    claims: Claims
    """What the posterior policy expects of its clips."""
    gates: Sequence[Gate]
    """Classes that are closed, or that the owner opened."""

    @property
    def classes(self) -> Sequence[ClassProgress]:
        """The classes of clips."""
        return self._of_clips.classes

    @property
    def verdicts(self) -> Counter[Verdict]:
        """Clips by verdict over all classes."""
        total = self._of_clips.total
        found = {
            Verdict.ACCEPTED: total.num_accepted,
            Verdict.REJECTED: total.num_rejected,
            Verdict.OPEN: total.num_open,
        }
        return Counter({verdict: number for verdict, number in found.items() if number})

    @property
    def num_votes(self) -> int:
        """Votes about clips that are asked about, those set aside included."""
        return self._of_clips.total.num_votes

    @property
    def flagged(self) -> list[Person]:
        """Workers whom the owner should look at."""
        return [person for person in self.people if person.standing.is_flagged]

    @property
    def _of_clips(self) -> KindProgress:
        found = (one for one in self.kinds if one.kind is KINDS[0])
        return next(found, KindProgress(KINDS[0], ()))


def read_progress(session: Session, config: Config) -> Progress:
    """Read everything that the owner's page shows."""
    people = list_people(session, config.verify)
    come = [person for person in people if person.standing.num_votes or person.name]
    come.sort(key=lambda one: (not one.standing.is_flagged, -one.standing.num_votes))
    kinds = [
        _costed(found, people) for kind in KINDS if (found := _read_kind(session, kind)).classes
    ]
    return Progress(
        kinds=kinds,
        people=come,
        num_invited=sum(person.access is Access.INVITED for person in people),
        warnings=crowd_warnings(session, config),
        hours=[(hour, number) for hour, number in reversed(session.execute(_BY_HOUR).all())],
        recent=_newest(one for kind in KINDS for one in kind.newest(session, NUM_RECENT)),
        troubles=_newest(one for kind in KINDS for one in kind.troubles(session, NUM_RECENT)),
        audit=read_audit(session),
        claims=read_claims(session),
        gates=read_gates(session),
    )


def _read_kind(session: Session, kind: Kind) -> KindProgress:
    tallies = session.scalars(
        select(WorkTally).where(WorkTally.kind == kind.name, WorkTally.num_asked > 0)
    ).all()
    names = kind.class_names(session) if tallies else {}
    classes = [
        ClassProgress(
            names.get(row.about_id, ""),
            row.num_asked,
            row.num_accepted,
            row.num_rejected,
            row.num_answers,
            row.num_overruled,
        )
        for row in tallies
    ]
    classes.sort(key=lambda one: (-(one.overruled_share or 0), one.label))
    return KindProgress(kind, classes)


def _costed(progress: KindProgress, people: Iterable[Person]) -> KindProgress:
    total = progress.total
    counted = Counted(total.num_asked - total.num_open, total.num_open)
    standings = [one.standing for one in people if one.kind == progress.kind.name]
    return replace(progress, cost=cost_of(counted, standings))


def _newest(found: Iterable[Recent]) -> list[Recent]:
    return sorted(found, key=lambda one: one.at, reverse=True)[:NUM_RECENT]


_BY_HOUR = (
    select(HourTally.hour, HourTally.num_votes).order_by(HourTally.hour.desc()).limit(NUM_HOURS)
)
