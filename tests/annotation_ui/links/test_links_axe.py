"""axe-core finds nothing serious or moderate on the page on which people are followed."""

import pytest

from annotation_ui.server import serving
from tests.annotation_ui.axe import watching
from tests.annotation_ui.links.test_links_browser import begin

pytestmark = pytest.mark.browser


@pytest.mark.long
def test_the_page_of_links_has_no_flaw(browser, make_strips) -> None:
    world = make_strips()
    with serving(world.workspace) as address, watching(browser) as (look, found):
        begin(browser, address, world)
        look("question")
    assert found == {}
