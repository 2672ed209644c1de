"""Verb `curate plan`: what class edits would change, before anything is recorded."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy.orm import Session

from kinetics_builder.config import Config
from kinetics_builder.curation.edits_file import EditLine
from kinetics_builder.garbage import many_rows
from kinetics_builder.text.counting import counted
from pipelines.inspecting.faring.classes import quota_of
from pipelines.publishing.curating.curate import Chooser, count_by_label, shown_splits
from pipelines.publishing.curating.edits import new_edits


@dataclass(frozen=True)
class ClassEffect:
    """What becomes of one class."""

    label: str
    before: Mapping[str, int]
    """Clips that `curate` would choose without the new edits, by split."""
    after: Mapping[str, int]
    """The same with them."""
    num_to_ask: int
    """Clips of it, which is split, of which no answer says the part: people are asked."""
    quota: str
    """"reached" or "lost" where the edits make that of it; else empty."""

    @property
    def has_changed(self) -> bool:
        """Whether the new edits change anything about it."""
        return self.before != self.after or bool(self.num_to_ask)


@dataclass(frozen=True)
class CuratePlan:
    """What `curate` would do."""

    edits: tuple[EditLine, ...]
    """The new ones."""
    num_accepted: int
    """Clips that annotators accepted and that are no duplicates."""
    num_before: int
    """Clips that `curate` would choose without the new edits."""
    num_after: int
    num_to_ask: int
    """Clips about which the split classes' old answers say nothing, beside those of today."""
    quota: int
    """Clips that fill a class's test and validation sets."""
    classes: tuple[ClassEffect, ...]
    """All, before or after, by name."""


def plan_curate(session: Session, config: Config, path: Path | None = None) -> CuratePlan:
    """Return what the lines of `path` that are not recorded yet would change; write nothing.

    Raises:
        FormatError: A line that is no edit or makes no sense.

    """
    return plan_edits(session, config, [] if path is None else new_edits(session, path))


def plan_edits(session: Session, config: Config, lines: Sequence[EditLine]) -> CuratePlan:
    """Return what new edits, which make sense, would change; write nothing."""
    with many_rows():
        chooser = Chooser(session, config)
        now = chooser.choose()
        then = chooser.choose([line.edit for line in lines]) if lines else now
    before, after = (count_by_label(choice.rows.values(), config) for choice in (now, then))
    asked_now, asked_then = (Counter(one.label for one in c.questions) for c in (now, then))
    quota = quota_of(config.curate)
    empty = dict.fromkeys(shown_splits(config), 0)
    classes = tuple(
        ClassEffect(
            label=label,
            before=(was := before.get(label, empty)),
            after=(is_now := after.get(label, empty)),
            num_to_ask=max(0, asked_then[label] - asked_now[label]),
            quota=_quota(sum(was.values()), sum(is_now.values()), quota),
        )
        for label in sorted({*before, *after, *asked_then})
    )
    return CuratePlan(
        edits=tuple(lines),
        num_accepted=now.num_accepted,
        num_before=len(now.rows),
        num_after=len(then.rows),
        num_to_ask=sum(one.num_to_ask for one in classes),
        quota=quota,
        classes=classes,
    )


def _quota(num_before: int, num_after: int, quota: int) -> str:
    if (num_before >= quota) == (num_after >= quota):
        return ""
    return "reached" if num_after >= quota else "lost"


def plan_lines(plan: CuratePlan, *, shows_all: bool = False) -> Iterator[str]:
    """Yield what people read: the edits, the classes they change, the sums; or all classes."""
    yield f"{counted(len(plan.edits), 'new edit')}; nothing is recorded by this."
    for line in plan.edits:
        said = "  ".join(text for text in (line.author, line.reason, line.evidence) if text)
        yield f"line {line.number}: {line.edit}{f'  # {said}' if said else ''}"
    shown = [one for one in plan.classes if shows_all or one.has_changed]
    if shown:
        yield ""
        yield from _table(shown)
        yield ""
    num_same = len(plan.classes) - len(shown)
    if num_same:
        yield f"{counted(num_same, 'class', 'classes')} as before (--all shows them)"
    yield (
        f"{plan.num_before} -> {plan.num_after} of {counted(plan.num_accepted, 'accepted clip')}; "
        f"{counted(plan.num_to_ask, 'clip')} to be asked about anew; "
        f"the quota of a class is {counted(plan.quota, 'clip')}"
    )


def _table(shown: Sequence[ClassEffect]) -> Iterator[str]:
    names = list(shown[0].after)
    rows = [("class", "clips", *names, "to ask", "quota")]
    rows += [
        (
            one.label,
            _change(sum(one.before.values()), sum(one.after.values())),
            *(_change(one.before[name], one.after[name]) for name in names),
            str(one.num_to_ask or ""),
            one.quota,
        )
        for one in shown
    ]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for first, *rest in rows:
        cells = (f"{cell:>{width}}" for cell, width in zip(rest, widths[1:], strict=True))
        yield "  ".join((f"{first:<{widths[0]}}", *cells)).rstrip()


def _change(before: int, after: int) -> str:
    return str(after) if before == after else f"{before} -> {after}"
