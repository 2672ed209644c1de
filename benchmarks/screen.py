"""When a browser's screen shows what comes next, seen from outside: by pictures of the screen.

The page is not asked and cannot promise anything: the compositor's own pictures are looked at.
"""

import base64
import io
import json
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from typing import Any, NamedTuple
from urllib.request import urlopen

import numpy as np
import websocket
from PIL import Image

SIZE = {"maxWidth": 683, "maxHeight": 384}
IS_SAME = 40
"""Values of a colour that differ by less are the same."""
COMPLETE = 0.99
"""Share of a picture's points that are as they are at last, when a change is complete."""


class Picture(NamedTuple):
    """The screen at a moment."""

    at_ms: float
    """Unix time."""
    jpeg: bytes

    def points(self) -> Any:
        """Return the colours as numbers: height x width x 3."""
        return np.asarray(Image.open(io.BytesIO(self.jpeg)).convert("RGB"), np.int16)


@contextmanager
def watching(browser: Any) -> Iterator[list[Picture]]:
    """Yield a list to which every picture is added that the browser's compositor makes."""
    address = browser.capabilities["goog:chromeOptions"]["debuggerAddress"]
    with urlopen(f"http://{address}/json", timeout=60) as reply:
        targets = json.load(reply)
    (page,) = (target for target in targets if target["type"] == "page")
    line = websocket.create_connection(page["webSocketDebuggerUrl"], suppress_origin=True)
    pictures: list[Picture] = []
    told = {"format": "jpeg", "quality": 60, **SIZE}
    line.send(json.dumps({"id": 1, "method": "Page.startScreencast", "params": told}))
    watcher = threading.Thread(target=_watch, args=(line, pictures), daemon=True)
    watcher.start()
    try:
        yield pictures
    finally:
        line.close()
        watcher.join(timeout=60)


def _watch(line: Any, pictures: list[Picture]) -> None:
    with suppress(OSError, ValueError, websocket.WebSocketException):
        _take(line, pictures)


def _take(line: Any, pictures: list[Picture]) -> None:
    number = 1
    while True:
        told = json.loads(line.recv())
        if told.get("method") != "Page.screencastFrame":
            continue
        seen, number = told["params"], number + 1
        is_seen = {"sessionId": seen["sessionId"]}
        line.send(
            json.dumps({"id": number, "method": "Page.screencastFrameAck", "params": is_seen})
        )
        at_ms = 1000 * seen["metadata"]["timestamp"]
        pictures.append(Picture(at_ms, base64.b64decode(seen["data"])))


def complete_after(pictures: Sequence[Picture], from_ms: float, to_ms: float) -> float | None:
    """Return how long after `from_ms` the screen is, and stays, as it is at `to_ms`.

    It is so from the first picture on behind which none differs from the last in more than a
    share of 1 - `COMPLETE` of its points. None where it was so at `from_ms` already: nobody can
    see then when a change was complete.
    """
    seen = [one for one in pictures if one.at_ms <= to_ms]
    last = seen[-1].points()
    for place in range(len(seen) - 1, -1, -1):
        away = np.abs(seen[place].points() - last).max(axis=2)
        if (away < IS_SAME).mean() < COMPLETE:
            return seen[place + 1].at_ms - from_ms if seen[place + 1].at_ms > from_ms else None
    return None
