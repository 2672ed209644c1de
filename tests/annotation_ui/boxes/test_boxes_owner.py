"""The owner's page where clips and boxes are asked about beside each other."""

import re

from annotation_ui.security import owner_code
from kinetics_builder.crowd.records import remake
from kinetics_builder.database.engine import writing
from tests.annotation_ui.boxes.test_boxes import ask, log_in, say
from tests.annotation_ui.test_owner_page import kept, recount

CSRF = re.compile(r'name="csrf_token" value="([^"]+)"')


def test_the_page_shows_open_and_decided_of_every_kind_with_work(make_film) -> None:
    world = make_film(num_frames=3, clips=(2,))
    with writing(world.workspace.engine) as session:
        remake(session, world.workspace.config.verify)
    app = world.app()
    person = log_in(world)
    say(person, ask(person)["slot"], [])
    browser = app.test_client()
    form = {"csrf_token": CSRF.search(browser.get("/owner/login").text)[1]}
    browser.post("/owner/login", data={**form, "code": owner_code(app.config["SECRET_KEY"])})
    page = " ".join(re.sub(r"<[^>]+>", " ", browser.get("/owner").text).split())
    assert "Draw boxes Pictures asked about 3 Decided 1 Open 2 Answers 1" in page
    assert "Confirm clips Clips asked about 2 Accepted 0 Rejected 0 Open 2 Answers 0" in page
    assert "worker 0 boxes nobody A walk at 0:02" in page
    assert kept(world.workspace) == recount(world.workspace)
