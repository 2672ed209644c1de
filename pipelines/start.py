"""How `kbuild` starts: it can be stopped in one line before most of it is imported."""

import os
import signal
from types import FrameType

STOPPED = "\nStopped. Run the same command again: it goes on from what is finished."


def main() -> None:
    """Run the command line; the entry point of `kbuild`."""
    for number in (signal.SIGINT, signal.SIGTERM):
        if signal.getsignal(number) is not signal.SIG_IGN:
            signal.signal(number, leave)
    from pipelines.cli import main as run

    run()


def leave(number: int, _frame: FrameType | None) -> None:
    """End this process at once: in the middle of an import there is nothing to give back."""
    os.write(2, f"{STOPPED}\n".encode())
    os._exit(128 + number)
