"""Who may see the owner's pages: the owner all of them, a reviewer what people dispute."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from typing import ParamSpec

from flask import abort, g, redirect, url_for
from flask.typing import ResponseReturnValue

from annotation_ui.page import is_owner, owner_token, page
from kinetics_builder.crowd import logins
from kinetics_builder.crowd.acts import AT_PAGE

P = ParamSpec("P")


@dataclass(frozen=True, slots=True)
class Asker:
    """Who is asking, as what is decided names them."""

    name: str
    is_owner: bool


def find_asker() -> Asker | None:
    """Return the owner or the reviewer who is asking; None for anybody else."""
    token = owner_token()
    if token is None:
        return None
    if is_owner():
        return Asker(AT_PAGE, is_owner=True)
    here = page()
    with here.reading() as rows:
        name = logins.find_reviewer(rows, token, here.clock())
    return None if name is None else Asker(name, is_owner=False)


def asker() -> Asker:
    """Return who is asking; only where one of the guards below has let them in."""
    found: Asker = g.asker
    return found


def owner_only(view: Callable[P, ResponseReturnValue]) -> Callable[P, ResponseReturnValue]:
    """Let the owner in; refuse a reviewer, and send others to the owner's login."""
    return _guard(view, for_reviewers=False)


def reviewers_too(view: Callable[P, ResponseReturnValue]) -> Callable[P, ResponseReturnValue]:
    """Let the owner and reviewers in; send others to the owner's login."""
    return _guard(view, for_reviewers=True)


def _guard(
    view: Callable[P, ResponseReturnValue], *, for_reviewers: bool
) -> Callable[P, ResponseReturnValue]:
    @wraps(view)
    def guarded(*args: P.args, **kwargs: P.kwargs) -> ResponseReturnValue:
        found = g.asker = find_asker()
        if found is None:
            return redirect(url_for("owner.show_login"))
        if not (found.is_owner or for_reviewers):
            abort(403, "This page is the owner's alone.")
        return view(*args, **kwargs)

    return guarded
