"""What the report shows of films."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy.orm import Session

from kinetics_builder.ava.vocabulary import chosen_vocabulary
from kinetics_builder.database.tables import Verdict
from kinetics_builder.workspace import Workspace
from pipelines.ava.statistics.summary import ClassRow
from pipelines.html_page import png_address
from pipelines.inspecting.films.actions import ActionFacts, action_facts, count_actions
from pipelines.inspecting.films.facts import film_facts
from pipelines.inspecting.films.operating import (
    curve,
    judge,
    operating_points,
    precision_curve,
)
from pipelines.inspecting.films.released import newest_released
from pipelines.inspecting.films.sheets import doings, sheets
from pipelines.inspecting.gathering import releases_of

_MAX_FILMS = 300
_MAX_SHEETS = 40
_PICTURES_PER_ACTION = 3
_MAX_PICTURES = 120


def gather_films(session: Session, workspace: Workspace, failures: Sequence[Any]) -> dict[str, Any]:
    """Return what the part `films.html` of the page is made of."""
    root, config = workspace.root, workspace.config
    films = film_facts(session, failures)
    released = newest_released(workspace)
    vocabulary = chosen_vocabulary(root, config.actions.vocabulary)
    actions = action_facts(count_actions(session), vocabulary, released.labels if released else {})
    names = {one.id: one.name for one in actions}
    judged = judge(session)
    points = operating_points(session, judged)
    return {
        "films": films[:_MAX_FILMS],
        "num_films": len(films),
        "num_with_key_frames": sum(film.num_key_frames > 0 for film in films),
        "sheets": sheets(session, root, films, max_films=_MAX_SHEETS),
        "actions": actions,
        "long_tail": _long_tail(actions),
        "accepted": doings(
            session,
            root,
            Verdict.ACCEPTED,
            names,
            per_action=_PICTURES_PER_ACTION,
            max_total=_MAX_PICTURES,
        ),
        "rejected": doings(
            session, root, Verdict.REJECTED, names, per_action=1, max_total=_MAX_PICTURES // 4
        ),
        "released": released,
        "releases": releases_of(session, workspace, films=True),
        "points": points,
        "curve": curve(points),
        "judged": judged,
        "precision_curve": precision_curve(points),
        "min_score": config.detect.min_score,
    }


def _long_tail(actions: Sequence[ActionFacts]) -> str:
    """Return the picture of how often each action was accepted; empty before the first."""
    from pipelines.ava.statistics.pictures import long_tail

    total = sum(one.counts.num_labels for one in actions)
    if not total:
        return ""
    rows = [
        ClassRow(
            id=one.id,
            name=one.name,
            type=one.type,
            rows=one.counts.num_labels,
            share=one.counts.num_labels / total,
        )
        for one in actions
    ]
    return png_address(long_tail(rows))
