"""How often a site is asked, and when: counted by the site."""

import gzip
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path
from threading import Lock
from typing import Any

import pytest
from sqlalchemy import select

from kinetics_builder.database.engine import reading, writing
from kinetics_builder.database.tables import Item
from kinetics_builder.errors import RETRYABLE, SOON, ItemFailed, Reason
from kinetics_builder.text.class_list.entries import ClassEntry
from kinetics_builder.workspace import Workspace
from pipelines.classes.importing import import_classes
from pipelines.collecting import search
from pipelines.collecting.classes import remember
from pipelines.running import retrying
from pipelines.running.retrying import (
    FIRST_PAUSE_SECONDS,
    LONGEST_PAUSE_SECONDS,
    Resting,
    pause_before_retry,
    what_now,
)
from pipelines.running.runner import run_stage
from pipelines.sources.web import wire
from pipelines.sources.web.wire import retry_after
from tests.sources.conftest import ALLOWING, Answer, small_film

FILM = Answer(small_film(), "video/mp4")

Listing = Callable[[str], Item]


@pytest.fixture
def listing(site: Any, tmp_path: Path) -> Listing:
    """Run `search` over one path of the site; returns its row."""

    def run(path: str, base: str | None = None) -> Item:
        workspace = Workspace.create(tmp_path / "workspace", f"[run]\nworkers = 1\n{ALLOWING}")
        (tmp_path / "urls.txt").write_text(f"{base or site.base}{path}\n")
        with writing(workspace.engine) as session:
            import_classes(session, [ClassEntry(name="yoga")])
            remember(session, tmp_path / "classes.txt", f"urls:{tmp_path}/urls.txt", None)
        run_stage(workspace, replace(search.stage(workspace), in_children=False))
        with reading(workspace.engine) as session:
            row = session.scalars(select(Item)).one()
            session.expunge_all()
        return row

    return run


@pytest.mark.parametrize(
    ("answer", "reason", "retryable"),
    [
        (Answer(status=403), Reason.REFUSED, True),
        (Answer(status=404), Reason.REMOVED, False),
        (Answer(status=410), Reason.REMOVED, False),
        (Answer(status=401), Reason.SIGN_IN, False),
        (Answer(status=451), Reason.GEO, False),
        (Answer(status=400), Reason.OTHER, True),
        (Answer(status=429, headers={"Retry-After": "86400"}), Reason.RATE_LIMITED, True),
        (Answer(status=503, headers={"Retry-After": "86400"}), Reason.NETWORK, True),
    ],
)
def test_a_refusal_is_asked_for_once_in_a_run(
    site: Any, listing: Listing, answer: Answer, reason: Reason, retryable: bool
) -> None:
    site.answers["/page"] = answer
    row = listing("/page")
    assert (row.reason, row.retryable, row.attempts) == (reason, retryable, 1)
    assert site.num_asked("/page") == 1


def test_a_redirect_loop_is_followed_in_one_try(site: Any, listing: Listing) -> None:
    site.answers["/page"] = Answer(status=302, headers={"Location": "/page"})
    row = listing("/page")
    assert (row.reason, row.retryable, row.attempts) == (Reason.OTHER, True, 1)
    assert "redirect loop" in (row.message or "")
    assert site.num_asked("/page") <= 31


def test_an_unknown_name_is_left_to_a_later_run(listing: Listing) -> None:
    row = listing("/page", "http://no-such-place.invalid")
    assert (row.reason, row.retryable, row.attempts) == (Reason.NETWORK, True, 1)


@pytest.mark.few("seconds-429", "date-503")
@pytest.mark.parametrize("status", [429, 503])
@pytest.mark.parametrize("form", ["seconds", "date"])
def test_a_site_is_left_alone_as_long_as_it_asks(
    site: Any, listing: Listing, status: int, form: str
) -> None:
    asked_at: list[float] = []

    def answers() -> Iterator[Answer]:
        until = datetime.now(UTC) + timedelta(seconds=2)
        header = "2" if form == "seconds" else format_datetime(until, usegmt=True)
        yield Answer(status=status, headers={"Retry-After": header})
        while True:
            yield FILM

    given = answers()

    def answer(path: str) -> Answer:
        asked_at.append(time.monotonic())
        return next(given)

    site.answer = answer
    row = listing("/films/yoga.mp4")
    assert (row.state.value, row.attempts, row.reason) == ("done", 2, None)
    assert asked_at[1] - asked_at[0] > 0.9  # a date has whole seconds


def test_a_site_that_fails_is_asked_three_times_with_pauses(
    site: Any, listing: Listing, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(retrying, "FIRST_PAUSE_SECONDS", 0.25)
    asked_at: list[float] = []

    def answer(path: str) -> Answer:
        asked_at.append(time.monotonic())
        return Answer(status=503)

    site.answer = answer
    row = listing("/page")
    assert (row.reason, row.retryable, row.attempts) == (Reason.NETWORK, True, 3)
    assert len(asked_at) == 3
    assert asked_at[1] - asked_at[0] > 0.24
    assert asked_at[2] - asked_at[1] > 0.99


def test_a_page_without_end_is_tried_once_and_not_kept(
    site: Any, listing: Listing, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(wire, "MAX_PAGE_BYTES", 1 << 20)
    site.answers["/page"] = Answer(b"<html>" + b"x" * (4 << 20))
    row = listing("/page")
    assert (row.reason, row.attempts) == (Reason.TOO_LARGE, 1)
    assert site.num_asked("/page") == 1


def test_a_page_that_expands_is_not_unpacked(
    site: Any, listing: Listing, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(wire, "MAX_PAGE_BYTES", 1 << 20)
    packed = gzip.compress(b"<html>" + b"x" * (64 << 20))
    site.answers["/page"] = Answer(packed, headers={"Content-Encoding": "gzip"})
    row = listing("/page")
    assert (row.reason, row.attempts) == (Reason.TOO_LARGE, 1)


def test_a_page_that_drips_is_tried_once(
    site: Any, listing: Listing, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(wire, "MAX_PAGE_SECONDS", 0.5)
    site.answers["/page"] = Answer(b"<html>" + b"x" * 3000, drip_seconds=0.002)
    row = listing("/page")
    assert (row.reason, row.retryable, row.attempts) == (Reason.TIMEOUT, True, 1)
    assert site.num_asked("/page") == 1


@pytest.fixture
def _as_long_as_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the first pause be that of a real run."""
    monkeypatch.setattr(retrying, "FIRST_PAUSE_SECONDS", FIRST_PAUSE_SECONDS)


@pytest.mark.usefixtures("_as_long_as_it_is")
@pytest.mark.parametrize("reason", Reason)
def test_no_reason_is_tried_again_without_a_pause(reason: Reason) -> None:
    for num_tries in (1, 2, 5):
        pause = pause_before_retry(ItemFailed(reason, ""), num_tries, 60.0)
        assert (pause is not None) == (reason in SOON)
        assert pause is None or pause >= (60.0 if reason is Reason.RATE_LIMITED else 1.0)


@pytest.mark.usefixtures("_as_long_as_it_is")
@pytest.mark.parametrize(
    ("asked", "pause"),
    [(7.0, 7.0), (0.0, 1.0), (LONGEST_PAUSE_SECONDS + 1, None), (float("inf"), None)],
)
def test_what_the_site_asks_for_counts(asked: float, pause: float | None) -> None:
    failure = ItemFailed(Reason.RATE_LIMITED, "", asked)
    assert pause_before_retry(failure, 1, 60.0) == pause


def test_items_rest_and_come_back_in_order() -> None:
    resting = Resting()
    for key, pause in (("later", 60.0), ("second", 0.0), ("third", 0.0)):
        resting.add(key, pause)
    assert resting.rested(1) == ["second"]
    assert resting.rested(9) == ["third"]
    assert len(resting) == 1
    assert 0 < resting.seconds_left() <= 60


@pytest.mark.parametrize(
    ("header", "seconds"),
    [("0", 0.0), (" 30 ", 30.0), ("-1", None), ("", None), ("Fri, 99 Foo", None), (None, None)],
)
def test_retry_after_is_a_number_or_a_date(header: str | None, seconds: float | None) -> None:
    assert retry_after(header) == seconds


def test_a_date_in_the_past_asks_for_nothing() -> None:
    assert retry_after("Wed, 21 Oct 2015 07:28:00 GMT") == 0.0
    soon = format_datetime(datetime.now(UTC) + timedelta(seconds=100), usegmt=True)
    assert retry_after(soon) == pytest.approx(100, abs=5)


def run_search(site: Any, folder: Path, paths: list[str]) -> list[Item]:
    """Run `search` with four workers over paths of the site; returns its rows."""
    workspace = Workspace.create(folder / "workspace", f"[run]\nworkers = 4\n{ALLOWING}")
    lines = [path if "://" in path else f"{site.base}{path}" for path in paths]
    (folder / "urls.txt").write_text("\n".join(lines))
    with writing(workspace.engine) as session:
        import_classes(session, [ClassEntry(name="yoga")])
        remember(session, folder / "classes.txt", f"urls:{folder}/urls.txt", None)
    run_stage(workspace, search.stage(workspace))
    with reading(workspace.engine) as session:
        rows = list(session.scalars(select(Item).order_by(Item.key)))
        session.expunge_all()
    return rows


@pytest.mark.parametrize("status", [429, pytest.param(503, marks=pytest.mark.long)])
def test_a_site_that_wants_to_be_left_alone_is_left_alone_by_all_workers(
    site: Any, tmp_path: Path, status: int
) -> None:
    asked_at: list[float] = []
    lock = Lock()

    def answer(path: str) -> Answer:
        with lock:
            asked_at.append(time.monotonic())
            is_over = asked_at[-1] - asked_at[0] > 1.5
        return FILM if is_over else Answer(status=status, headers={"Retry-After": "2"})

    site.answer = answer
    rows = run_search(site, tmp_path, [f"/films/yoga{number}.mp4" for number in range(30)])
    assert {row.state.value for row in rows} == {"done"}
    refused = [moment for moment in asked_at if moment - asked_at[0] <= 1.5]
    assert len(refused) <= 8  # what the four workers had begun or taken before the first answer
    assert sum(row.attempts for row in rows) == len(rows) + len(refused)


def test_a_site_that_is_not_to_be_asked_today_is_asked_no_more_and_others_are(
    site: Any, tmp_path: Path
) -> None:
    def answer(path: str) -> Answer:
        is_closed = site.hosts[-1].startswith("localhost")
        return Answer(status=429, headers={"Retry-After": "86400"}) if is_closed else FILM

    site.answer = answer
    closed = [f"http://localhost:{site.port}/{number}.mp4" for number in range(40)]
    rows = run_search(site, tmp_path, [*closed, "/films/yoga.mp4"])
    refused = [row for row in rows if row.state.value == "pending"]
    assert [row.state.value for row in rows if row not in refused] == ["done"]
    assert {(row.reason, row.lease_owner, row.attempts) for row in refused} == {
        (Reason.RATE_LIMITED, None, 1)
    }
    num_asked = sum(host.startswith("localhost") for host in site.hosts)
    assert len(refused) == num_asked <= 8


@pytest.mark.parametrize("reason", Reason)
def test_trying_again_is_said_only_of_what_is_tried_again(reason: Reason) -> None:
    told = what_now({reason.value: 2})
    assert ("--retry-failed tries them again" in told) == (reason in RETRYABLE)
    assert told.startswith("`kbuild status --failures` says why; ") and told.endswith(".")
    both = what_now({"network": 3, reason.value: 2})
    number = "them" if reason in RETRYABLE else "3 of them"
    assert f"--retry-failed tries {number} again" in both
