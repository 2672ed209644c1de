"""What a stage is: which items it is about, what it does to one, what it writes down."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from typing import Generic, TypeVar

from sqlalchemy import Executable, SelectBase
from sqlalchemy.orm import Session

from kinetics_builder.errors import ItemFailed
from kinetics_builder.files import FileMark
from kinetics_builder.storage.storage import Place
from pipelines.running.pace.rates import Rates
from pipelines.running.paging import EVERYTHING, Page, Paging

ItemT = TypeVar("ItemT")
ResultT = TypeVar("ResultT")


@dataclass(frozen=True, slots=True)
class Promise:
    """A file that a done item has made."""

    key: str
    """The item's."""
    file: str
    """Path relative to the workspace."""
    mark: FileMark


@dataclass(frozen=True)
class Together(Generic[ItemT, ResultT]):
    """What items of a stage have in common."""

    of: Callable[[ItemT], str]
    """Items that give the same text are worked on together, in the order of their keys."""
    opened: Callable[[ItemT], AbstractContextManager[Callable[[ItemT], ResultT]]]
    """Gives the work for all of them, with what they share held open; picklable."""


@dataclass(frozen=True, kw_only=True)
class Stage(Generic[ItemT, ResultT]):
    """One verb of the pipeline, item by item.

    `items` and `save` see the database, `work` does not: it is a pure, picklable function
    of its item (use `functools.partial` for settings), so it may run in another process or
    on another machine. It says no by raising `ItemFailed`; a `KbuildError` stops the stage.
    """

    name: str
    """The verb: also the command."""
    needs: str
    """The stage that feeds this one; empty for the first."""
    what: str
    """What `items` lists, in the plural, as a person would say it."""
    settings_hash: str
    """Changes when the settings change that this stage's results depend on."""
    items: Callable[[Session, Page], Sequence[tuple[str, ItemT]]]
    """Every (key, item) of a page that the stage is about, done or not, in a stable order. A
    key names the item and, where it matters, the version of its input (such as a file's hash)."""
    listed: Callable[[], SelectBase] | None = None
    """Selects one row for each item, so that they are counted without listing them; None where
    they are few."""
    paging: Paging | None = None
    """How the items are parted; None where they are few and all on one page."""
    version: Callable[[Session], str | None] | None = None
    """Says, where items are listed from more than tables, which list that is: as long as it is the
    same, so are the items, and they are counted without listing them. None where that cannot be
    said."""
    work: Callable[[ItemT], ResultT]
    save: Callable[[Session, Sequence[tuple[ItemT, ResultT]]], None]
    """Write results down (`one_by_one` for each alone); must give the same rows when called
    again."""
    refuses: (
        Callable[[Session, Sequence[tuple[ItemT, ResultT | None]]], Mapping[int, ItemFailed]] | None
    ) = None
    """Say which results may not be kept after all, by their places, before any is saved; None as a
    result is of an item that failed."""
    unsave: Callable[[Session, Sequence[ItemT]], None] | None = None
    """Take back what an earlier result of items has left that failed now."""
    load: Callable[[Session, ItemT], ItemT] | None = None
    """Fill an item that `items` lists without what takes room: called when its turn comes, so
    that a run holds what few of them are about, however many there are."""
    look: Callable[[Sequence[ItemT]], Callable[[ItemT], ResultT]] | None = None
    """Looks at all items that wait, where that is faster than one by one, and gives the work for
    each of them in place of `work`, with equal results. What is wrong with an item, and what is
    to be noted of it, is for that work to say. Not with `in_children`."""
    together: Together[ItemT, ResultT] | None = None
    """Items that gain from being worked on one after the other, by the same child."""
    timeout_seconds: float | None = None
    """For one item; longer is a failure."""
    attempts: int = 1
    """Tries in one run for failures that a later try may not meet again."""
    rate_limit_seconds: float = 3600.0
    """How long a site rests that refused an item because of too many requests."""
    site: Callable[[ItemT], str] | None = None
    """Whom `work` asks, empty for nobody: while a site wants to be left alone, no item of it is
    begun."""
    noted_sites: Callable[[], SelectBase] | None = None
    """Selects the key and the site of every item where these are noted, so that they are counted
    without a look at each; a site that nobody has judged is None."""
    rates: Rates = field(default_factory=Rates)
    """How often each site is asked at most."""
    in_children: bool = True
    """False: `work` is quick and opens no untrusted file, so it runs here."""
    workers: int = 0
    """Processes; 0 leaves it to the workspace's settings."""
    ready: Callable[[], None] | None = None
    """Raises KbuildError where no item could be done; asked before items are looked at, so it must
    be quick."""
    writes: tuple[Place, ...] = ()
    """Folders that `work` writes files into. One that takes none stops the stage."""
    promises: Callable[[Session, Page], Iterable[Promise]] | None = None
    """The files that rows speak of, of a page's items. One that is lost or changed makes its item
    undone."""
    marks: Callable[[Page], Executable] | None = None
    """Selects path, size and time of every file of `promises`, and maybe of others, of a page's
    items: without what it takes to name the item. None where files are few."""
    before: Callable[[], None] | None = None
    """Called once before the items are looked at."""
    grows: bool = False
    """True: what is done may list further items, and a run goes on with them until none is left."""
    forgets: bool = False
    """True: a run begins by forgetting what was done under other settings and for items no
    longer listed, so that what comes back is done anew. Right where results are replaced."""
    after: Callable[[Session], None] | None = None
    """Called once in its own transaction when every item is done or failed."""

    def pages(self, session: Session) -> Iterator[Page]:
        """Yield the pages that hold all items."""
        return iter([EVERYTHING]) if self.paging is None else self.paging.pages(session)


def one_by_one(
    save: Callable[[Session, ItemT, ResultT], None],
) -> Callable[[Session, Sequence[tuple[ItemT, ResultT]]], None]:
    """Return what saves one result as what saves several."""

    def save_each(session: Session, made: Sequence[tuple[ItemT, ResultT]]) -> None:
        for item, result in made:
            save(session, item, result)

    return save_each
