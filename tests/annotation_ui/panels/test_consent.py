"""What people agree to, and that two ids of one person are one worker."""

from collections.abc import Callable

import pytest

from annotation_ui.app import create_app
from kinetics_builder.crowd.people import join
from kinetics_builder.database.engine import reading, writing
from kinetics_builder.database.tables import PanelPerson, Vote
from kinetics_builder.errors import ConfigError
from tests.annotation_ui.panels.conftest import Panel, id_of

MakePanel = Callable[..., Panel]


def test_the_owners_own_words_are_shown_as_text(make_panel: MakePanel) -> None:
    panel = make_panel('consent = "consent.txt"\n', is_served=False)
    path = panel.world.workspace.root / "consent.txt"
    path.write_text("We study <b>clips</b>.\nFor science.\n\n\nYou may stop.\n", encoding="utf-8")
    panel.serve()
    shown = panel.participant().open().text
    assert "<p>We study &lt;b&gt;clips&lt;/b&gt;. For science.</p>" in shown
    assert "<p>You may stop.</p>" in shown
    assert "Your answers help" not in shown


@pytest.mark.parametrize(
    ("setting", "text", "says"),
    [
        pytest.param("consent.txt", None, "cannot be read as text", id="no file"),
        pytest.param("consent.txt", b"\xff\xfe\x00", "cannot be read as text", id="no text"),
        pytest.param("consent.txt", b" \n\n", "is empty", id="empty"),
        pytest.param("../consent.txt", None, "leads out of the workspace", id="outside"),
    ],
)
def test_a_consent_that_cannot_be_shown_stops_the_server_at_its_start(
    make_panel: MakePanel, setting: str, text: bytes | None, says: str
) -> None:
    panel = make_panel(f'consent = "{setting}"\n', is_served=False)
    if text is not None:
        (panel.world.workspace.root / "consent.txt").write_bytes(text)
    with pytest.raises(ConfigError, match=says):
        create_app(panel.world.workspace, secret=b"x" * 32)


def test_an_id_whose_worker_was_joined_to_another_goes_on_as_that_one(panel: Panel) -> None:
    one, two = panel.participant(1).come(), panel.participant(2).come()
    for someone in (one, two):
        someone.answer_all()
        someone.finish()
    with writing(panel.world.workspace.engine) as rows:
        first, second = rows.query(PanelPerson).order_by(PanelPerson.id)
        kept = first.worker_id
        join(rows, first.worker, second.worker, panel.page.config.verify)
    again = panel.participant(2, sent={"SESSION_ID": id_of(99)})
    assert again.agree().status_code == 302
    number = again.answer_all()
    assert number == 2
    with reading(panel.world.workspace.engine) as rows:
        newest = rows.query(Vote).order_by(Vote.id.desc()).limit(number)
        assert {vote.worker_id for vote in newest} == {kept}
