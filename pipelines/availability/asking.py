"""Stage that `releases survey` runs, availability: videos of released files -> what is there."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial

from sqlalchemy import SelectBase, select, update
from sqlalchemy.orm import Session

from kinetics_builder.config import DownloadConfig, settings_hash
from kinetics_builder.database.tables import (
    AvailabilitySurvey,
    LiftedTakedown,
    SurveyedVideo,
    Takedown,
)
from kinetics_builder.errors import RETRYABLE, ItemFailed
from kinetics_builder.workspace import Workspace
from pipelines.restoring.outcomes import Outcome, outcome_of
from pipelines.running.pace.rates import Rates
from pipelines.running.paging import Page, Paging
from pipelines.running.stage import Stage, one_by_one
from pipelines.sources.web.options import Options, require_ready
from pipelines.takedown.marking import Known, Takedowns

NAME = "availability"


@dataclass(frozen=True, slots=True)
class Asked:
    """A video of a survey."""

    key: str
    video_id: str
    url: str
    site: str
    is_taken_down: bool = False
    """Then nobody is asked."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What a site says of a video."""

    outcome: Outcome
    said: str = ""
    duration_seconds: float | None = None
    licence: str | None = None


def stage(workspace: Workspace) -> Stage[Asked, Answer]:
    """Return the stage: an item is a video of a survey that is current.

    Reads `availability_survey`, `surveyed_video`, `takedown`; writes the answers to
    `surveyed_video`. That a video is gone is an answer; an item fails where there is none.
    """
    config = workspace.config.download
    return Stage(
        name=NAME,
        needs="releases survey",
        what="videos of released files",
        settings_hash=settings_hash("is it there?"),
        items=_items,
        listed=_listed,
        paging=Paging(SurveyedVideo.key, reads=(AvailabilitySurvey, Takedown, LiftedTakedown)),
        work=partial(ask, config=config),
        save=one_by_one(_save),
        timeout_seconds=config.timeout_seconds,
        attempts=config.attempts,
        rate_limit_seconds=config.rate_limit_seconds,
        site=_site,
        noted_sites=_listed_sites,
        rates=Rates.of(config),
        ready=partial(require_ready, config),
        forgets=True,
    )


def ask(asked: Asked, *, config: DownloadConfig) -> Answer:
    """Ask a site whether a video is there; nothing of it is fetched.

    Raises:
        ItemFailed: The site gave no answer that would hold: it may give another one later.

    """
    from pipelines.sources.web.ytdlp import look_at

    if asked.is_taken_down:
        return Answer(Outcome.TAKEN_DOWN)
    try:
        noted = look_at(Options.of(config), asked.url)
    except ItemFailed as failure:
        if failure.reason in RETRYABLE:
            raise
        return Answer(outcome_of(failure.reason, failure.message), failure.message)
    return Answer(Outcome.THERE, "", noted.duration_seconds, noted.licence)


def _site(asked: Asked) -> str:
    return "" if asked.is_taken_down else asked.site


def _current(*columns: object) -> SelectBase:
    rows = select(*columns)  # type: ignore[call-overload]
    joined = rows.join(AvailabilitySurvey, AvailabilitySurvey.id == SurveyedVideo.survey_id)
    found: SelectBase = joined.where(AvailabilitySurvey.is_current)
    return found


def _listed() -> SelectBase:
    return _current(SurveyedVideo.key)


def _listed_sites() -> SelectBase:
    return _current(SurveyedVideo.key, SurveyedVideo.site)


def _items(session: Session, page: Page) -> Sequence[tuple[str, Asked]]:
    takedowns = Takedowns.of(session)
    columns = (getattr(SurveyedVideo, name) for name in ("key", "video_id", "url", "site"))
    wanted = (
        select(*columns)
        .join(AvailabilitySurvey, AvailabilitySurvey.id == SurveyedVideo.survey_id)
        .where(AvailabilitySurvey.is_current, page.holds(SurveyedVideo.key))
        .order_by(SurveyedVideo.key)
    )
    rows = [Asked(*row) for row in session.execute(wanted)]
    return [(one.key, _marked(one, takedowns)) for one in rows]


def _marked(one: Asked, takedowns: Takedowns) -> Asked:
    is_listed = takedowns.entry_of(Known(0, one.video_id, one.url)) is not None
    return Asked(one.key, one.video_id, one.url, one.site, is_listed)


def _save(session: Session, asked: Asked, answer: Answer) -> None:
    values: Mapping[str, object] = {
        "outcome": answer.outcome.value,
        "said": answer.said,
        "duration_seconds": answer.duration_seconds,
        "licence": answer.licence,
    }
    row = update(SurveyedVideo).where(SurveyedVideo.key == asked.key)
    session.execute(row.values(**values))
