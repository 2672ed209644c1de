"""What each kind of question offers `assign`, in the order in which people are asked."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any, Protocol

from sqlalchemy.orm import Session

from kinetics_builder.config import Config
from kinetics_builder.crowd.actions.deciding import ACTIONS, VERIFICATION
from kinetics_builder.crowd.boxes.decisions import KIND as BOXES
from kinetics_builder.crowd.kinds.clip import CLIP
from kinetics_builder.crowd.links.deciding import LINKS
from kinetics_builder.crowd.segments.deciding import KIND as SEGMENTS
from kinetics_builder.crowd.trees.walked import QUESTIONNAIRE
from pipelines.verifying.assign import assign_clips, has_clips
from pipelines.verifying.assign_frames import assign_frames, count_new_frames, has_frames
from pipelines.verifying.assign_links import assign_links, count_new_stretches, has_linked
from pipelines.verifying.assign_paths import assign_paths, has_trees
from pipelines.verifying.assign_segments import assign_segments, has_videos
from pipelines.verifying.people import (
    assign_kind,
    count_waiting,
    has_people,
)


class Dealt(Protocol):
    """What was dealt of one kind; a kind may have more to say."""

    @property
    def num_tasks(self) -> int:
        """New ones."""

    @property
    def num_questions(self) -> int:
        """Ordinary questions of the new tasks."""

    @property
    def num_gold_slots(self) -> int:
        """Gold questions of the new tasks."""

    @property
    def num_gold_missing(self) -> int:
        """Gold questions that the new tasks lack."""

    @property
    def num_gold_mixed_in(self) -> int:
        """Gold questions put into tasks of earlier runs that are not finished."""


def _nothing(session: Session, config: Config) -> str | None:
    return None


@dataclass(frozen=True, kw_only=True)
class Dealing:
    """One kind of question, as far as dealing is concerned."""

    kind: str
    of_films: bool
    thing: str
    """What is asked about, in the singular and in the plural."""
    things: str
    lacking: Callable[[Session, Config], str | None]
    """Why nothing of it can be asked, in words; None where its input stands."""
    deal: Callable[..., Any]
    """Put what can be asked into tasks, from a session, the settings and `whatever_was_asked`:
    whether things come too that the kinds behind it were asked about without it."""
    count_new: Callable[[Session, Config], int] | None = None
    """How many key frames or stretches `deal` would ask about that come by themselves; None where
    clips, or persons, are counted elsewhere."""
    waiting: Callable[[Session, Config], str | None] = _nothing
    """What waits, and for what, in words; None where nothing does."""


def _clips_lack(session: Session, config: Config) -> str | None:
    return None if has_clips(session) else "no clip was cut: `kbuild collect`"


def _paths_lack(session: Session, config: Config) -> str | None:
    return None if has_trees(session) else "no class lies in a tree of questions"


def _frames_lack(session: Session, config: Config) -> str | None:
    if not config.verify.box_answers:
        return "verify.box_answers is 0: nobody is asked, and the boxes stand as they are"
    return None if has_frames(session) else "there is no key frame: `kbuild ava collect`"


def _links_lack(session: Session, config: Config) -> str | None:
    if not config.verify.link_answers:
        return "verify.link_answers is 0: nobody is asked, and the links stand as they are"
    return None if has_linked(session) else "no box has a person: `kbuild ava link`"


def _people_lack(session: Session, config: Config) -> str | None:
    return None if has_people(session) else "there is no box of a person"


def _segments_lack(session: Session, config: Config) -> str | None:
    if not config.verify.segment_answers:
        return "verify.segment_answers is 0: nobody is asked when actions happen"
    return None if has_videos(session) else "no video was downloaded: `kbuild collect`"


def are_links_asked(config: Config) -> bool:
    """Tell whether people are asked whose boxes are whose before they are asked what they do."""
    return config.verify.link_answers > 0


def _people(session: Session, config: Config, *, whatever_was_asked: bool, kind: str) -> Any:
    after_links = not whatever_was_asked and are_links_asked(config)
    return assign_kind(session, config.assign, kind, after_links=after_links)


def _people_wait(session: Session, config: Config) -> str | None:
    number = count_waiting(session, after_links=are_links_asked(config))
    if not number:
        return None
    return f"{number} key frames wait until it is said who is there, and whose the boxes are"


DEALINGS = (
    Dealing(
        kind=CLIP.name,
        of_films=False,
        thing="clip",
        things="clips",
        lacking=_clips_lack,
        deal=assign_clips,
    ),
    Dealing(
        kind=BOXES,
        of_films=True,
        thing="key frame",
        things="key frames",
        lacking=_frames_lack,
        deal=assign_frames,
        count_new=lambda session, config: count_new_frames(session),
    ),
    Dealing(
        kind=LINKS,
        of_films=True,
        thing="stretch of films",
        things="stretches of films",
        lacking=_links_lack,
        deal=assign_links,
        count_new=count_new_stretches,
    ),
    Dealing(
        kind=ACTIONS,
        of_films=True,
        thing="person",
        things="persons",
        lacking=_people_lack,
        deal=partial(_people, kind=ACTIONS),
        waiting=_people_wait,
    ),
    Dealing(
        kind=VERIFICATION,
        of_films=True,
        thing="proposed action",
        things="proposed actions",
        lacking=_people_lack,
        deal=partial(_people, kind=VERIFICATION),
    ),
    Dealing(
        kind=QUESTIONNAIRE,
        of_films=False,
        thing="clip by a tree",
        things="clips by trees",
        lacking=_paths_lack,
        deal=assign_paths,
    ),
    Dealing(
        kind=SEGMENTS,
        of_films=False,
        thing="video",
        things="videos",
        lacking=_segments_lack,
        deal=assign_segments,
    ),
)


@dataclass(frozen=True)
class KindDealt:
    """What `assign` did about one kind."""

    kind: str
    thing: str
    things: str
    report: Any
    """A `Dealt`; None where nothing of the kind can be asked."""
    waits: str | None
    """What waits for what, in words."""


def deal_all(session: Session, config: Config) -> list[KindDealt]:
    """Put what people should see next into tasks: every kind whose input stands, in turn.

    Of a kind whose input does not stand it is said why, where another kind of films has some.
    """
    lacking = {one.kind: one.lacking(session, config) for one in DEALINGS}
    has_films = has_frames(session) or has_people(session)
    told = []
    for one in DEALINGS:
        if lacking[one.kind] is None:
            told.append(_dealt(session, config, one, whatever_was_asked=False))
        elif one.of_films and has_films:
            told.append(KindDealt(one.kind, one.thing, one.things, None, lacking[one.kind]))
    if not any(one.report for one in told):
        assign_clips(session, config)  # which says what comes before
    return told


def deal_one(session: Session, config: Config, kind: str) -> KindDealt:
    """Put what people should see next of one kind into tasks, whatever they were asked before."""
    (one,) = (dealing for dealing in DEALINGS if dealing.kind == kind)
    return _dealt(session, config, one, whatever_was_asked=True)


def _dealt(
    session: Session, config: Config, one: Dealing, *, whatever_was_asked: bool
) -> KindDealt:
    report = one.deal(session, config, whatever_was_asked=whatever_was_asked)
    return KindDealt(one.kind, one.thing, one.things, report, one.waiting(session, config))
