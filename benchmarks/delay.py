"""A proxy on loopback that is a line of some length: what goes in comes out later."""

import asyncio
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from urllib.parse import urlsplit

_CHUNK = 65_536


@contextmanager
def delayed(origin: str, seconds: float) -> Iterator[str]:
    """Yield an address behind which `origin` is, `seconds` away in each direction.

    Everything keeps its order, and later data does not wait for earlier data: a longer line,
    not a narrower one. Opening a connection takes one way more, as a handshake does.
    """
    port = urlsplit(origin).port
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await asyncio.sleep(seconds)
        far_reader, far_writer = await asyncio.open_connection("127.0.0.1", port)
        # A cut is how it ends; asyncio's own callback would print it as a fault otherwise.
        with suppress(asyncio.CancelledError):
            await asyncio.gather(
                _carry(reader, far_writer, seconds), _carry(far_reader, writer, seconds)
            )

    async def start() -> asyncio.Server:
        return await asyncio.start_server(serve, "127.0.0.1", 0)

    server = asyncio.run_coroutine_threadsafe(start(), loop).result()
    try:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    finally:
        asyncio.run_coroutine_threadsafe(_stop(server), loop).result()
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()


async def _stop(server: asyncio.Server) -> None:
    """Stop listening and cut all connections."""
    server.close()
    others = asyncio.all_tasks() - {asyncio.current_task()}
    for task in others:
        task.cancel()
    await asyncio.gather(*others, return_exceptions=True)


async def _carry(
    reader: asyncio.StreamReader, writer: asyncio.StreamWriter, seconds: float
) -> None:
    """Write what is read, each piece `seconds` after it came; close when the reader ends."""
    loop = asyncio.get_running_loop()
    pieces: asyncio.Queue[tuple[float, bytes]] = asyncio.Queue()

    async def deliver() -> None:
        data = b"-"
        while data:
            due, data = await pieces.get()
            await asyncio.sleep(max(0.0, due - loop.time()))
            if data and not writer.is_closing():
                writer.write(data)
        writer.close()

    delivery = asyncio.create_task(deliver())
    data = b"-"
    while data:
        try:
            data = await reader.read(_CHUNK)
        except ConnectionError:
            data = b""
        pieces.put_nowait((loop.time() + seconds, data))
    await delivery
