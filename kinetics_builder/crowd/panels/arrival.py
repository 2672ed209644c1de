"""Who comes by a platform's address, as the address says it, and why it may not do."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from kinetics_builder.errors import KbuildError

Parameters = Mapping[str, Sequence[str]]
"""Of an address: name -> all its values."""


class Refusal(StrEnum):
    """Why somebody who comes by a platform's address is not let in."""

    MISSING = "missing"
    """A parameter is not there."""
    UNFILLED = "unfilled"
    """The platform's placeholder stands where the id should."""
    MALFORMED = "malformed"
    """An id of another length, with other characters, or given twice."""
    SUBMIT_TO = "submit to"
    """The finished form would go to a host that the settings do not name."""
    UNKNOWN_STUDY = "unknown study"
    OTHER_ID = "other id"
    """The session belongs to another participant's id."""
    CLOSED = "closed"
    PLACES_TAKEN = "places taken"
    SHUT_OUT = "shut out"
    """The owner has revoked or excluded the worker."""
    STALE = "stale"
    """The form was open for too long, or is none of ours."""


STATUS = {
    Refusal.UNKNOWN_STUDY: 404,
    Refusal.OTHER_ID: 409,
    Refusal.CLOSED: 403,
    Refusal.PLACES_TAKEN: 403,
    Refusal.SHUT_OUT: 403,
}
"""Status codes of HTTP; of all others 400."""


class BadArrival(KbuildError):
    """Somebody who came by a platform's address is not let in."""

    def __init__(self, refusal: Refusal, parameter: str = "") -> None:
        self.refusal = refusal
        self.parameter = parameter
        """The parameter that is wrong, where one is."""
        super().__init__(f"{refusal.value}: {parameter}" if parameter else refusal.value)


@dataclass(frozen=True, slots=True)
class Arrival:
    """What a platform's address says. Checked: lengths, characters, and where the form goes."""

    participant: str
    study: str
    session: str
    submit_to: str = ""
    """Where the finished form is posted, of platforms that want one."""
    is_preview: bool = False
    """Whether somebody only looks, and has taken nothing yet."""


def value_of(parameters: Parameters, name: str) -> str:
    """Return a parameter's only value.

    Raises:
        BadArrival: It is missing, stands there twice, or is the platform's own placeholder.

    """
    values = {value.strip() for value in parameters.get(name, ())}
    values.discard("")
    if not values:
        raise BadArrival(Refusal.MISSING, name)
    if len(values) > 1:
        raise BadArrival(Refusal.MALFORMED, name)
    (value,) = values
    if "%" in value or value.startswith(("{", "[")):
        raise BadArrival(Refusal.UNFILLED, name)
    return value
