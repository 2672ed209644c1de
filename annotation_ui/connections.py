"""Connections of many browsers at once: waitress, where its habits do not bear a crowd.

- A channel whose request is being answered is not asked to write for the worker thread, which
  writes itself: waitress asks again and again while the thread holds the channel's lock.
- The loop asks the system about those connections alone whose state has changed, not about
  each of hundreds at every turn.
- Nobody is kept out by idle connections: the newcomer takes the place of the one that has
  been idle longest, of the address that has most of them.
"""

import resource
import select
import socket
import time
from collections import Counter, deque
from contextlib import suppress
from typing import Any

from waitress import wasyncore  # type: ignore[import-untyped]
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

    def service(self) -> None:
        """Answer a request, in a worker thread."""
        self.server.being_answered.add(self)
        try:
            super().service()
        finally:
            self.server.being_answered.discard(self)
            self.server.look_again(self)

    @property
    def is_idle(self) -> bool:
        """Whether no request is being answered, and none that is whole waits for it."""
        return not self.requests and not self.total_outbufs_len


class Watched(dict[int, Any]):
    """File descriptor -> handler, as waitress keeps them, each watched by the system."""

    def __init__(self) -> None:
        super().__init__()
        self.epoll = select.epoll()
        self.changed: deque[int] = deque()
        """Descriptors whose handlers may want something else than before."""
        self._wanted: dict[int, int] = {}

    def __setitem__(self, number: int, handler: Any) -> None:
        super().__setitem__(number, handler)
        self.changed.append(number)

    def __delitem__(self, number: int) -> None:
        super().__delitem__(number)
        if self._wanted.pop(number, 0):
            with suppress(OSError):  # it may be closed already
                self.epoll.unregister(number)

    def turn(self, timeout: float) -> None:
        """Wait until something can be read or written, and let its handler do so."""
        while self.changed:
            self.watch(self.changed.popleft())
        for number, events in self.epoll.poll(timeout):
            handler = self.get(number)
            if handler is not None:
                wasyncore.readwrite(handler, events)
                self.changed.append(number)

    def watch(self, number: int) -> None:
        """Tell the system what the handler of a descriptor waits for."""
        handler = self.get(number)
        if handler is None:
            return
        wanted = select.EPOLLIN | select.EPOLLPRI if handler.readable() else 0
        if handler.writable() and not handler.accepting:
            wanted |= select.EPOLLOUT
        before = self._wanted.get(number, 0)
        if wanted == before:
            return
        if not before:
            self.epoll.register(number, wanted)
        elif not wanted:
            self.epoll.unregister(number)
        else:
            self.epoll.modify(number, wanted)
        self._wanted[number] = wanted


class CrowdServer(TcpWSGIServer):  # type: ignore[misc]
    """A server that stays open to newcomers."""

    channel_class = Channel
    most_connections = MOST_CONNECTIONS

    def __init__(self, *arguments: Any, **options: Any) -> None:
        self.watched = Watched()
        self.being_answered: set[Channel] = set()
        super().__init__(*arguments, map=self.watched, **options)

    def run(self) -> None:
        """Answer requests until an exception ends it."""
        try:
            while self.watched:
                self.turn(1.0)
        except (SystemExit, KeyboardInterrupt):
            self.task_dispatcher.shutdown()

    def turn(self, timeout: float) -> None:
        """Turn the loop once; wait for so many seconds at most."""
        if time.time() >= self.next_channel_cleanup:
            self.watched.watch(self._fileno)
        for channel in tuple(self.being_answered):  # it may wait for the loop to write
            if channel._fileno is not None:
                self.watched.watch(channel._fileno)
        self.watched.turn(timeout)

    def look_again(self, channel: Channel) -> None:
        """Let the loop ask a channel what it wants; called by other threads."""
        number = channel._fileno
        if number is not None:
            self.watched.changed.append(number)
            self.pull_trigger()

    def maintenance(self, now: float) -> None:
        """Close connections that have been idle for too long."""
        super().maintenance(now)
        self.watched.changed.extend(
            number for number, channel in self.active_channels.items() if channel.will_close
        )

    def close_everything(self) -> None:
        """Stop the threads and close all connections, the listening socket among them."""
        self.task_dispatcher.shutdown()
        for channel in tuple(self.active_channels.values()):
            channel.handle_close()  # `close_all` would leave files open that were being sent
        wasyncore.close_all(self.watched)
        self.watched.epoll.close()

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


def make_server(app: Any, listening: socket.socket, **options: Any) -> CrowdServer:
    """Return a server of `app` on a socket that listens; `options` are waitress's."""
    most = _room_for_connections()
    adjustments = Adjustments(
        **options,
        connection_limit=2 * most,  # ours comes first
        channel_timeout=60,
        cleanup_interval=5,
    )
    where = (listening.family, listening.type, listening.proto, listening.getsockname())
    server = CrowdServer(app, _sock=listening, adj=adjustments, sockinfo=where, bind_socket=False)
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
