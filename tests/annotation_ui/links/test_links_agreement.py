"""Agreement of links: the share that the other made too."""

from itertools import pairwise

import pytest

from kinetics_builder.database.engine import reading
from pipelines.inspecting.agreement import read_agreement
from tests.annotation_ui.links.test_links import MakeStrips, ask, log_in, say


def test_links_agree_by_those_that_the_other_made_too(make_strips: MakeStrips) -> None:
    world = make_strips(settings="link_answers = 2\n")
    (left, right) = world.tracks  # type: ignore[attr-defined]
    answers = ([left, right], [left[:3], left[3:], right])
    for number, tracks in enumerate(answers):
        person = log_in(world, number)
        assert say(person, ask(person)["slot"], tracks).status_code == 200
    made = [{pair for track in tracks for pair in pairwise(track)} for tracks in answers]
    with reading(world.workspace.engine) as session:
        (found,) = read_agreement(session, world.workspace)
    (measure,) = found.measures
    assert found.kind == "links" and measure.num_questions == 1
    assert measure.value == pytest.approx(2 * len(made[0] & made[1]) / sum(map(len, made)))
