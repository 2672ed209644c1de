"""Making a clip gold: a question whose answer is known. Only ever added."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from kinetics_builder.crowd.acts import BY_COMMAND, note_act
from kinetics_builder.crowd.class_texts.examples import is_example
from kinetics_builder.database.tables import Act, Answer, Clip, Gold
from kinetics_builder.errors import CrowdError


def make_gold(session: Session, clip_id: int, answer: Answer, by: str = BY_COMMAND) -> Gold:
    """Add that the answer about a clip and its own class is known, and return the row.

    It enters tasks as all gold does, by the next `kbuild assign` or `kbuild gold`; of those who
    have answered about the clip nobody is judged by that, for it was no test then.

    Raises:
        CrowdError: There is no such clip, or it is gold already, or an example of a class.

    """
    clip = session.get(Clip, clip_id)
    if clip is None or clip.is_withdrawn or clip.file is None:
        raise CrowdError(f"Clip {clip_id} is not there any more: choose another one.")
    of_it = select(Gold).where(Gold.clip_id == clip.id, Gold.label_id == clip.label_id)
    if (known := session.scalar(of_it)) is not None:
        raise CrowdError(
            f"Clip {clip_id} is gold already, with the answer {known.expected}: gold is only "
            "ever added."
        )
    if is_example(session, clip_id):
        raise CrowdError(f"Clip {clip_id} is an example, which workers see: choose another one.")
    gold = Gold(clip_id=clip.id, label_id=clip.label_id, expected=answer)
    session.add(gold)
    note_act(session, Act.GOLD, clip, by=by, why=f"the answer is {answer.value}")
    return gold
