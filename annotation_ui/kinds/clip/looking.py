"""Looking at all answers from time to time, while the page goes on."""

from annotation_ui.page import Page
from kinetics_builder.crowd.clips.decisions import keep_weighed
from kinetics_builder.crowd.clips.rules import is_look_due
from kinetics_builder.crowd.clips.weighing import weigh


def look_if_due(here: Page) -> None:
    """Look at all answers, if so many came as the posterior policy asks for at once.

    Everything is weighed outside of a write transaction: answers are stored meanwhile. One looks
    at a time; others go on by what was seen last.
    """
    with here.reading() as rows:
        is_due = is_look_due(rows)
    if not is_due or not here.looking.acquire(blocking=False):
        return
    try:
        with here.reading() as rows:
            weighed = weigh(rows, here.config.verify)
        here.write(lambda rows: keep_weighed(rows, weighed, here.config.verify))
    finally:
        here.looking.release()
