"""What the report shows of clips."""

from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from kinetics_builder.crowd.clips.claims import read_claims
from kinetics_builder.database.tables import Release, Verdict
from kinetics_builder.workspace import Workspace, is_of_films
from pipelines.inspecting import facts
from pipelines.inspecting.contact_sheets import contact_sheets
from pipelines.inspecting.doubts import doubts
from pipelines.inspecting.faring.looking import look_at_classes, look_at_queries
from pipelines.inspecting.pictures import strips
from pipelines.inspecting.placements import read_placements
from pipelines.inspecting.reaching import Reaching
from pipelines.inspecting.yields import read_yields

_STRIPS_PER_LABEL = 3
_MAX_STRIPS = 120
_MOST_QUERIES = 100

_RELEASES = select(Release.name, Release.folder, Release.content_hash).order_by(Release.name)


def gather_clips(session: Session, workspace: Workspace) -> dict[str, Any]:
    """Return what the part `clips.html` of the page is made of."""
    reaching = Reaching(workspace.storage)
    doubtful, num_doubtful = doubts(session, workspace.config.deduplicate, reaching)
    vain = [query for query in look_at_queries(workspace) if query.why]
    found = {
        "funnel": facts.funnel(session),
        "classes": look_at_classes(workspace),
        "placements": read_placements(session),
        "cuts": read_yields(session, workspace.config),
        "sheets": contact_sheets(session, reaching),
        "vain": vain[:_MOST_QUERIES],
        "num_vain": len(vain),
        "doubtful": doubtful,
        "num_doubtful": num_doubtful,
        "damaged": facts.damaged_clips(session),
        "released": facts.released_facts(session),
        "releases": releases_of(session, workspace, films=False),
        "claims": read_claims(session),
        "votes_per_decision": facts.votes_per_decision(session),
        "accepted": strips(
            session,
            reaching,
            Verdict.ACCEPTED,
            per_label=_STRIPS_PER_LABEL,
            max_total=_MAX_STRIPS,
        ),
        "rejected": strips(
            session, reaching, Verdict.REJECTED, per_label=1, max_total=_MAX_STRIPS // 4
        ),
    }
    return found | {"unread": reaching.told()}


def releases_of(session: Session, workspace: Workspace, *, films: bool) -> list[Any]:
    """Return name, folder and content of each release of films, or of each of clips."""
    rows = session.execute(_RELEASES).all()
    return [row for row in rows if is_of_films(workspace.root / row.folder) == films]
