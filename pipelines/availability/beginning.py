"""Which survey of a released file is gone on with, and what it asks for."""

from collections.abc import Iterable, Mapping
from typing import Any

from sqlalchemy import insert, select, update
from sqlalchemy.orm import Session

from kinetics_builder.database.bulk import chunks
from kinetics_builder.database.tables import AvailabilitySurvey, SurveyedVideo
from pipelines.restoring.released import Released, Wanted
from pipelines.sources.sites import site_of


def key_of(survey_id: int, video_id: str) -> str:
    """Return what names a video of a survey."""
    return f"{survey_id} {video_id}"


def begin(
    session: Session,
    released: Released,
    pages: Iterable[Wanted],
    extractors: tuple[str, ...],
    *,
    is_new: bool,
) -> AvailabilitySurvey:
    """Return the survey of a file that is current, a new one where there is none of what it holds.

    Args:
        session: A writing session.
        released: The file.
        pages: What its rows name; read to the end, so that a bad row ends all.
        extractors: One's own, as `download.extractors` names them.
        is_new: Whether another one is begun in any case.

    """
    path, version = str(released.path.resolve()), released.version
    of_file = AvailabilitySurvey.path == path, AvailabilitySurvey.is_current
    found = session.scalars(select(AvailabilitySurvey).where(*of_file)).one_or_none()
    if found is not None and found.version == version and not is_new:
        return found
    session.execute(update(AvailabilitySurvey).where(*of_file).values(is_current=False))
    survey = AvailabilitySurvey(path=path, version=version)
    session.add(survey)
    session.flush()
    for page in pages:
        _add(session, survey.id, page.addresses, extractors)
    return survey


def past_surveys(session: Session, path: str) -> list[AvailabilitySurvey]:
    """Return all surveys of a file, the oldest first."""
    surveys = select(AvailabilitySurvey).where(AvailabilitySurvey.path == path)
    return list(session.scalars(surveys.order_by(AvailabilitySurvey.id)))


def _add(
    session: Session, survey_id: int, addresses: Mapping[str, str], extractors: tuple[str, ...]
) -> None:
    """Write the videos of a page, but those that an earlier page named too."""
    keys = {key_of(survey_id, name): name for name in addresses}
    there: set[str] = set()
    for chunk in chunks(sorted(keys)):
        known = select(SurveyedVideo.key).where(SurveyedVideo.key.in_(chunk))
        there.update(session.scalars(known))
    new = [
        {"key": key, "survey_id": survey_id, "video_id": name, "said": ""}
        | {"url": addresses[name], "site": site_of(addresses[name], extractors)}
        for key, name in sorted(keys.items())
        if key not in there
    ]
    if new:
        session.execute(insert(_VIDEO), new)


_VIDEO: Any = SurveyedVideo.__table__
