"""What may leave this process while an item is worked on: connections to public addresses alone.

Python itself asks the fence before each connection of any library (PEP 578), with the address
that is really connected to: nothing can change between the look and the connection. Programs
that would go to the network by themselves are not started.
"""

import re
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, TypeVar

from requests.exceptions import RequestException

from pipelines.sources.web.addresses import Allowed, plain_host

ErrorT = TypeVar("ErrorT", bound=Exception)

_OF_THE_NETWORK = re.compile(r"(?!file:)([a-z][a-z0-9+.-]*)://", re.IGNORECASE)


class AddressRefusedError(RequestException):
    """An address is not asked: it is not public, or not of the web. An OSError too."""


class ProgramRefusedError(OSError):
    """A program is not started that would go to the network by itself."""


@dataclass(frozen=True)
class _Fence:
    allowed: Allowed
    proxy_host: str
    refusals: list[Exception] = field(default_factory=list)


_fence: _Fence | None = None
_is_watching = False
_resolved = threading.local()


@contextmanager
def fenced(allowed: Allowed, proxy_host: str = "") -> Iterator[list[Exception]]:
    """Let this process connect to public addresses, `allowed` ones and its proxy alone.

    Gives the list that fills with what is refused.

    Raises:
        AddressRefusedError: Within, where something connects to another address.
        ProgramRefusedError: Within, where a program would be given an address.

    """
    global _fence, _is_watching
    if not _is_watching:
        _is_watching = True
        sys.addaudithook(_watch)
    before = _fence
    _fence = _Fence(allowed, plain_host(proxy_host))
    try:
        yield _fence.refusals
    finally:
        _fence = before


def _watch(event: str, args: tuple[Any, ...]) -> None:
    """Take what Python is about to do; an exception keeps it from that."""
    if _fence is None:
        return
    if event == "socket.getaddrinfo":
        _resolved.host = _as_text(args[0])
    elif event == "socket.connect":
        _check_connection(_fence, args[1])
    elif event == "subprocess.Popen":
        _check_program(_fence, args[1])


def _check_connection(fence: _Fence, address: object) -> None:
    if not isinstance(address, tuple):  # a socket of the file system
        return
    number = _as_text(address[0])
    host = getattr(_resolved, "host", "") or number
    if fence.proxy_host and plain_host(host) == fence.proxy_host:
        return
    try:
        flaw = fence.allowed.flaw(number, host)
    except ValueError:
        flaw = "resolved behind our back"
    if flaw is not None:
        raise _noted(fence, refused(host, number, flaw))


def refuse(error: AddressRefusedError) -> AddressRefusedError:
    """Note a refusal that was come to before a connection was tried, to be raised."""
    return error if _fence is None else _noted(_fence, error)


def _noted(fence: _Fence, error: ErrorT) -> ErrorT:
    fence.refusals.append(error)
    return error


def refused(host: str, number: str, flaw: str) -> AddressRefusedError:
    """Return the error of a host whose address is not public."""
    leads = host if host == number else f"{host} leads to {number}, which"
    return AddressRefusedError(
        f"{leads} is not public: {flaw}. If it is yours, name it in kbuild.toml: "
        f'download.allow_private = ["{host}"]'
    )


def _check_program(fence: _Fence, arguments: object) -> None:
    words = arguments if isinstance(arguments, (list, tuple)) else [arguments]
    for word in map(_as_text, words):
        if found := _OF_THE_NETWORK.match(word):
            way = found[1].lower()
            text = f"comes by {way} through another program alone, which would ask any address"
            raise _noted(fence, ProgramRefusedError(f"{text}: such formats are not fetched"))


def _as_text(value: object) -> str:
    return value.decode("utf-8", "replace") if isinstance(value, bytes) else str(value)
