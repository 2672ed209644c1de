"""Splitting a class: which part each clip is, and what people are asked where nobody has said.

Whether a clip is one part is a question as any other: yes, or no and what it is instead. Where
that names another part nothing more is asked, so that a clip mostly costs as many answers as
one question, whichever part it is. One part is asked about after the other, the most frequent
first.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from kinetics_builder.curation.edits import SplitLabel
from kinetics_builder.curation.judged import JudgedClip, JudgedPart
from kinetics_builder.text.normalise import normalise


@dataclass(frozen=True, slots=True)
class Unsettled:
    """A clip of a split class of which nobody has said yet which part it is."""

    clip: JudgedClip
    """With the label that was split."""
    part: str
    """What to ask about next."""


def split_clips(
    edit: SplitLabel, clips: Iterable[JudgedClip]
) -> tuple[list[JudgedClip], list[Unsettled]]:
    """Return the clips after a split, and those that are to be asked about.

    A clip goes to the part that people accepted for it; else, if it is accepted, to the part that
    most of its annotators named. One of which no part is known stays; so does one of which all
    parts are rejected, which is not asked about again, and the rest of a class that is one of its
    own parts. A rejected clip says nothing about another label.
    """
    if not edit.targets:
        return [_by_answers(clip) if clip.label == edit.source else clip for clip in clips], []
    spelled = {normalise(target): target for target in edit.targets}
    rest_stays = edit.source in edit.targets
    after, left, known = list[JudgedClip](), list[JudgedClip](), Counter[str]()
    for clip in clips:
        moved = _moved(clip, spelled) if clip.label == edit.source else None
        after.append(moved or clip)
        if moved:
            known[moved.label] += 1
        elif clip.label == edit.source and not rest_stays and _is_wanted(clip):
            left.append(clip)
    asked = ((clip, _next_part(clip, spelled, known)) for clip in left)
    return after, [Unsettled(clip, part) for clip, part in asked if part is not None]


def _is_wanted(clip: JudgedClip) -> bool:
    return clip.is_accepted or clip.is_undecided


def _by_answers(clip: JudgedClip) -> JudgedClip:
    name = clip.better_name if clip.is_accepted else None
    return replace(clip, label=name) if name else clip


def _moved(clip: JudgedClip, spelled: Mapping[str, str]) -> JudgedClip | None:
    """Return a clip under its part; None where nothing says which that is."""
    asked = _asked(clip, spelled)
    accepted = [part for part in asked if part.is_accepted]
    if accepted:
        part = max(accepted, key=lambda one: one.num_yes)  # of equal ones the first of the split
        return replace(
            clip,
            released_as=part.key,
            label=part.label,
            is_accepted=True,
            is_undecided=False,
            num_yes=part.num_yes,
            num_votes=part.num_votes,
        )
    if not clip.is_accepted:
        return None
    named = next(_named(clip.better_name, asked, spelled), None)
    return replace(clip, label=named) if named else None


def _next_part(clip: JudgedClip, spelled: Mapping[str, str], known: Counter[str]) -> str | None:
    """Return the part to ask about: what is asked already, was named, or is most frequent."""
    asked = _asked(clip, spelled)
    if under_way := [part.label for part in asked if part.is_accepted is None and part.is_asked]:
        return under_way[0]
    refused = {part.label for part in asked if part.is_accepted is False}
    left = [target for target in spelled.values() if target not in refused]
    named = next(_named(clip.better_name, asked, spelled), None)
    return named or max(left, key=lambda part: known[part], default=None)


def _asked(clip: JudgedClip, spelled: Mapping[str, str]) -> Sequence[JudgedPart]:
    """Return what was asked of these parts, in the order of the split."""
    places = {target: place for place, target in enumerate(spelled.values())}
    return sorted(
        (part for part in clip.parts if part.label in places), key=lambda one: places[one.label]
    )


def _named(
    name: str | None, asked: Sequence[JudgedPart], spelled: Mapping[str, str]
) -> Iterator[str]:
    """Yield the parts that annotators named, but for those that were refused when asked about."""
    refused = {part.label for part in asked if part.is_accepted is False}
    for said in (name, *(part.better_name for part in asked if part.is_accepted is False)):
        target = spelled.get(said or "")
        if target is not None and target not in refused:
            yield target
