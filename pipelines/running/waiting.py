"""The items of a stage that a run has still to do: read page by page, handed on one by one."""

from collections import defaultdict, deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Engine

from kinetics_builder.database.engine import reading
from pipelines.running.leases import is_free, now, rows_of
from pipelines.running.pace.rests import LONGEST_SITE
from pipelines.running.paging import KeySet, Page
from pipelines.running.passed import Passed
from pipelines.running.retrying import Resting
from pipelines.running.stage import Stage

_MOST_OPEN = 20_000
"""Items held at once that wait for no site; a run whose items all rest reads no further."""
_MOST_OF_A_SITE = 500
"""Items that wait for one site, beside those of the page that made them so many: those behind
stay on their pages until half of these have gone, and items of other sites are come to."""
_PAGES_AT_ONCE = 8
"""Read before what is finished meanwhile is looked at."""


@dataclass
class Waiting:
    """What waits: on pages not read yet, in a queue, for a pause to be over, or for a site."""

    engine: Engine
    stage: Stage[Any, Any]
    pages: deque[Page] = field(default_factory=deque)
    """Those of which something may be left to begin."""
    items: dict[str, Any] = field(default_factory=dict)
    """Those of the pages at hand that are neither done nor failed, in work or not."""
    queue: deque[str] = field(default_factory=deque)
    resting: Resting = field(default_factory=Resting)
    passed: Passed = field(default_factory=Passed)
    """Those that wait for sites for which many wait already."""
    left: KeySet = field(default_factory=KeySet)
    """Those of sites that rest for longer than a run waits."""

    def begin(self, pages: Iterable[Page]) -> None:
        """Begin to read the pages that hold what is left to do."""
        self.pages = deque(pages)

    def has_more(self) -> bool:
        """Say whether an item may be begun now, as far as is known without a look."""
        return bool(self.queue) or self._next_page() is not None

    def is_over(self) -> bool:
        """Say whether nothing is left to begin, now or after a rest."""
        return not (self.has_more() or self.resting)

    def next_keys(self, room: int) -> list[str]:
        """Take at most `room` items that may be begun; those of a site that rests rest with it."""
        self._turn_pages(room)
        keys: list[str] = []
        while len(keys) < room and (key := self._next_key()) is not None:
            if self.resting.site_seconds_left(self.site(key)) > 0:
                self.park(key)
            else:
                keys.append(key)
        return keys

    def park(self, key: str) -> None:
        """Let an item wait until its site may be asked."""
        self.resting.park(self.site(key), key)

    def site(self, key: str) -> str:
        """Return whom the work on an item asks; empty for nobody."""
        return self._site_of(self.items[key])

    def give_up_long(self) -> Iterator[tuple[str, int, list[str]]]:
        """Leave what waits for sites that rest for longer than a run waits, to a later run.

        Yields each such site, how many items wait for it, and which of them were at hand.
        """
        for site, keys in self.resting.give_up().items():
            num_items = len(keys) + self.passed.num_items(site)
            self.left.add(keys)
            self.left.take_in(self.passed.give_up(site))
            yield site, num_items, keys

    def _turn_pages(self, room: int) -> None:
        """Read on where fewer items wait than there is room for, some pages at a time."""
        for _ in range(_PAGES_AT_ONCE):
            page = self._next_page() if len(self.queue) < room else None
            if page is None:
                return
            if self.pages and self.pages[0] is page:
                self.pages.popleft()
            self.passed.take(page)
            self._turn(page)

    def _next_page(self) -> Page | None:
        """Return the page that may be read now; those passed over last."""
        if len(self.items) - self.resting.num_parked() >= _MOST_OPEN:
            return None
        return self.pages[0] if self.pages else self.passed.next_page(self._has_few)

    def _has_few(self, site: str) -> bool:
        return self.resting.num_parked(site) < _MOST_OF_A_SITE / 2

    def _turn(self, page: Page) -> None:
        """Take the free items of a page, but of no site for which many wait already."""
        with reading(self.engine) as session:
            items = dict(self.stage.items(session, page))
            rows = rows_of(session, self.stage, list(items))
            moment = now(session)
        passed: dict[str, list[str]] = defaultdict(list)
        for key, item in items.items():
            is_begun = key in rows and not is_free(rows[key], moment)
            if is_begun or key in self.items or key in self.left:
                continue
            site = self._site_of(item)
            if site and self.resting.num_parked(site) >= _MOST_OF_A_SITE:
                passed[site].append(key)
            else:
                self.items[key] = item
                self.queue.append(key)
        self.passed.put(page, passed)

    def _next_key(self) -> str | None:
        if rested := self.resting.rested(1):
            return rested[0]
        return self.queue.popleft() if self.queue else None

    def _site_of(self, item: Any) -> str:
        return self.stage.site(item)[:LONGEST_SITE] if self.stage.site else ""
