"""What the owner should know about the crowd before anything else."""

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from kinetics_builder.config import Config
from kinetics_builder.crowd.gold_cover import read_gold_cover
from kinetics_builder.crowd.people import list_people
from kinetics_builder.database.tables import Vote, WorkerStanding


def crowd_news(session: Session, config: Config) -> list[str]:
    """Return what is wrong, one sentence each: no gold, workers to look at, votes not counted."""
    news = []
    cover = read_gold_cover(session, config.assign)
    if cover.warning:
        news.append(cover.warning)
    flagged = [one for one in list_people(session, config.verify) if one.standing.is_flagged]
    news += [f"Worker {one.title}: {one.standing.words}." for one in flagged]
    if flagged:
        news.append(
            "`kbuild crowd exclude NAME` sets a worker's votes aside and ends the sessions."
        )
    counted = select(func.coalesce(func.max(WorkerStanding.last_vote_id), 0))
    query = select(func.count(Vote.id)).where(Vote.id > counted.scalar_subquery(), Vote.stands())
    if num_new := session.scalar(query):
        news.append(f"{num_new} votes are not counted yet: `kbuild aggregate` counts them.")
    return news
