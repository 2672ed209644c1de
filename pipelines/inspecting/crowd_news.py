"""What the owner should know about the crowd before anything else."""

from sqlalchemy.orm import Session

from kinetics_builder.config import Config
from kinetics_builder.crowd.clips.gating import read_gates
from kinetics_builder.crowd.people import list_people
from kinetics_builder.crowd.records import count_uncounted
from kinetics_builder.crowd.undecidable import crowd_warnings
from kinetics_builder.text.counting import counted


def crowd_news(session: Session, config: Config) -> list[str]:
    """Return what is wrong, one sentence each.

    No gold, what can't be decided, classes that are closed, workers to look at, votes not counted.
    """
    news = crowd_warnings(session, config)
    closed = [gate for gate in read_gates(session) if gate.is_closed]
    news += [f"Class {gate.label} is {gate.words}." for gate in closed]
    if closed:
        news.append("`kbuild crowd open CLASS` has the clips of a closed class asked about again.")
    people = list_people(session, config.verify)
    flagged = [one for one in people if one.standing.is_flagged]
    has_several = len({one.kind for one in people}) > 1
    for one in flagged:
        kind = f" ({one.kind})" if has_several else ""
        news.append(f"Worker {one.title}{kind}: {one.standing.words}.")
    if flagged:
        news.append(
            "`kbuild crowd exclude NAME` sets a worker's votes aside and ends the sessions."
        )
    if num_new := count_uncounted(session):
        votes = counted(num_new, "vote is", "votes are")
        news.append(f"{votes} not counted yet: `kbuild aggregate` does that.")
    return news
