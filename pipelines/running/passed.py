"""Items that a run has passed over, since enough of their site wait already.

They stay on their pages: what is known of one is eight bytes. A page is read again when its site
comes to them.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from pipelines.running.paging import KeySet, Page


@dataclass
class Passed:
    """Which pages hold items that were passed over, by site."""

    _pages: dict[str, dict[Page, KeySet]] = field(default_factory=dict)

    def put(self, page: Page, keys: Mapping[str, Sequence[str]]) -> None:
        """Pass over items of a page that was just read, by site."""
        for site, of_site in keys.items():
            found = self._pages.setdefault(site, {}).setdefault(page, KeySet())
            found.add(of_site)

    def next_page(self, is_wanted: Callable[[str], bool]) -> Page | None:
        """Return the first page passed over of a site that is wanted; None if there is none."""
        for site, pages in self._pages.items():
            if is_wanted(site):
                return next(iter(pages))
        return None

    def take(self, page: Page) -> None:
        """Forget what was passed over on a page: it is read again."""
        for site in list(self._pages):
            self._pages[site].pop(page, None)
            if not self._pages[site]:
                del self._pages[site]

    def give_up(self, site: str) -> KeySet:
        """Take the items of a site."""
        keys = KeySet()
        for of_page in self._pages.pop(site, {}).values():
            keys.take_in(of_page)
        return keys

    def num_items(self, site: str) -> int:
        """Return how many items of a site were passed over."""
        return sum(map(len, self._pages.get(site, {}).values()))
