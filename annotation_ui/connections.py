"""Connections of many browsers at once: waitress, where its habits do not bear a crowd.

- A channel whose request is being answered is not asked to write for the worker thread, which
  writes itself: waitress asks again and again while the thread holds the channel's lock.
- Nobody is kept out by idle connections: the newcomer takes the place of the one that has
  been idle longest, of the address that has most of them.
"""

import resource
import socket
from collections import Counter
from typing import Any

from waitress.adjustments import Adjustments  # type: ignore[import-untyped]
from waitress.channel import HTTPChannel  # type: ignore[import-untyped]
from waitress.server import TcpWSGIServer  # type: ignore[import-untyped]

MOST_CONNECTIONS = 4000
_SPARE_FILES = 128
"""File descriptors for all but connections: the database, clips, the log."""


class Channel(HTTPChannel):  # type: ignore[misc]
    """One connection."""

    def writable(self) -> bool:
        """Tell whether the loop should send what waits: not while a thread still does.

        The thread leaves it to the loop where more waits than may wait, and stops meanwhile.
        """
        if self.requests and not self.will_close:
            return bool(self.total_outbufs_len > self.adj.outbuf_high_watermark)
        return bool(super().writable())

    @property
    def is_idle(self) -> bool:
        """Whether no request is being answered, and none that is whole waits for it."""
        return not self.requests and not self.total_outbufs_len


class CrowdServer(TcpWSGIServer):  # type: ignore[misc]
    """A server that stays open to newcomers."""

    channel_class = Channel
    most_connections = MOST_CONNECTIONS

    def handle_accept(self) -> None:
        """Take a connection; where there are too many, close an idle one first."""
        if len(self.active_channels) >= self.most_connections:
            self._close_an_idle_one()
        super().handle_accept()

    def _close_an_idle_one(self) -> None:
        idle = [channel for channel in self.active_channels.values() if channel.is_idle]
        if not idle:
            return
        per_address = Counter(channel.addr[0] for channel in idle)
        (crowded, _), *_ = per_address.most_common(1)
        own = (channel for channel in idle if channel.addr[0] == crowded)
        min(own, key=lambda channel: channel.last_activity).handle_close()


def make_server(
    app: Any, listening: socket.socket, sockets: dict[int, Any] | None, **options: Any
) -> CrowdServer:
    """Return a server of `app` on a socket that listens; `options` are waitress's."""
    most = _room_for_connections()
    adjustments = Adjustments(
        **options,
        asyncore_use_poll=True,  # select() fails from the 1,024th file on
        connection_limit=2 * most,  # ours comes first
        channel_timeout=60,
        cleanup_interval=5,
    )
    where = (listening.family, listening.type, listening.proto, listening.getsockname())
    server = CrowdServer(
        app, sockets, _sock=listening, adj=adjustments, sockinfo=where, bind_socket=False
    )
    server.most_connections = most
    return server


def _room_for_connections() -> int:
    """Return how many connections fit; the system is asked for as many files as it allows."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = MOST_CONNECTIONS + _SPARE_FILES
    if soft != resource.RLIM_INFINITY and soft < wanted:
        soft = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
    elif soft == resource.RLIM_INFINITY:
        soft = wanted
    return max(16, min(MOST_CONNECTIONS, soft - _SPARE_FILES))
