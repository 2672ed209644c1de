"""axe-core finds nothing serious or moderate on the page on which boxes are drawn."""

import pytest

from annotation_ui.server import serving
from tests.annotation_ui.axe import watching
from tests.annotation_ui.boxes.test_boxes_browser import begin

pytestmark = pytest.mark.browser


@pytest.mark.long
def test_the_page_of_boxes_has_no_flaw(browser, make_film) -> None:
    world = make_film()
    with serving(world.workspace) as address, watching(browser) as (look, found):
        begin(browser, address, world)
        look("question")
    assert found == {}
