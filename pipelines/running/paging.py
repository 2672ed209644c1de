"""What a stage is about, page by page, so that a run holds few items however many there are."""

from array import array
from bisect import bisect_left
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import TypeVar

from sqlalchemy import ColumnElement, and_, select, true
from sqlalchemy.orm import InstrumentedAttribute, Session

from kinetics_builder.database.tables import Base

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Page:
    """The items of the things whose names lie from `first` on and before `end`; None: no bound."""

    first: str | None = None
    end: str | None = None

    def holds(self, name: InstrumentedAttribute[str]) -> ColumnElement[bool]:
        """Return the condition that a name lies on this page."""
        bounds = []
        if self.first is not None:
            bounds.append(name >= self.first)
        if self.end is not None:
            bounds.append(name < self.end)
        return and_(true(), *bounds)


EVERYTHING = Page()


@dataclass(frozen=True, slots=True)
class Paging:
    """How the items of a stage are parted: by the names of what they are about."""

    name: InstrumentedAttribute[str]
    """A unique column. All items about one name are on one page."""
    reads: tuple[type[Base], ...]
    """The tables that items are listed from: as long as none changes, the items are the same."""
    num_names: int = 2000
    """On a page."""

    def pages(self, session: Session) -> Iterator[Page]:
        """Yield pages that hold every name there will ever be, in the database's order.

        Their bounds are looked up as they are asked for: a name that comes meanwhile is on
        one of them, too.
        """
        first = None
        while True:
            names = select(self.name).where(Page(first).holds(self.name)).order_by(self.name)
            end = session.scalar(names.offset(self.num_names).limit(1))
            yield Page(first, end)
            if end is None:
                return
            first = end


def in_one_page(listed: Callable[[Session], T]) -> Callable[[Session, Page], T]:
    """Return what lists everything as what lists a page, for stages of few items."""

    def of_page(session: Session, _page: Page) -> T:
        return listed(session)

    return of_page


class KeySet:
    """Which keys there are, in eight bytes each.

    A key is told by its hash: of a million others one is taken for it once in ten million million
    times.
    """

    def __init__(self) -> None:
        self._hashes = array("q")
        self._is_sorted = True

    def __len__(self) -> int:
        return len(self._hashes)

    def add(self, keys: Sequence[str]) -> None:
        """Take in keys that are not there."""
        self._hashes.extend(map(hash, keys))
        self._is_sorted = False

    def take_in(self, others: "KeySet") -> None:
        """Take in the keys of another set that are not there."""
        self._hashes.extend(others._hashes)
        self._is_sorted = False

    def __contains__(self, key: object) -> bool:
        if not self._is_sorted:
            _sort(self._hashes)
            self._is_sorted = True
        wanted = hash(key)
        place = bisect_left(self._hashes, wanted)
        return place < len(self._hashes) and self._hashes[place] == wanted


def _sort(numbers: "array[int]") -> None:
    """Sort in place: a list of as many numbers takes five times the room."""
    import numpy as np

    np.frombuffer(numbers, np.int64).sort()
