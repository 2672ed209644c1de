"""Where the ffmpeg program is, and how it is run."""

import os
import shutil
import subprocess
from collections.abc import Sequence
from functools import cache

import imageio_ffmpeg

from kinetics_builder.errors import ItemFailed, KbuildError, Reason

TAIL_CHARACTERS = 300
"""How much of ffmpeg's complaint a message carries."""


class FfmpegMissing(KbuildError):
    """No ffmpeg program can be found."""

    def __init__(self) -> None:
        super().__init__(
            "found no ffmpeg: neither on PATH nor inside the package imageio-ffmpeg. "
            "Install it (`apt install ffmpeg`, `brew install ffmpeg`), "
            "or reinstall imageio-ffmpeg with `pip install --force-reinstall imageio-ffmpeg`."
        )


@cache
def find_ffmpeg() -> str:
    """Return the path of the ffmpeg on PATH, else of the one in the imageio-ffmpeg wheel.

    Raises FfmpegMissing if there is neither.
    """
    if found := shutil.which("ffmpeg", path=_search_path()):
        return found
    try:
        return str(imageio_ffmpeg.get_ffmpeg_exe())
    except RuntimeError as error:
        raise FfmpegMissing from error


def _search_path() -> str:
    """Return PATH without what depends on the current folder, which may be a stranger's."""
    return os.pathsep.join(filter(os.path.isabs, os.get_exec_path()))


def run_ffmpeg(arguments: Sequence[str], *, timeout_seconds: float) -> None:
    """Run ffmpeg with a list of arguments, no shell and no input.

    Raises ItemFailed(TIMEOUT) if it takes longer, ItemFailed(BROKEN) with the last words of
    its complaint if it gives up.
    """
    command = [find_ffmpeg(), "-nostdin", "-hide_banner", "-loglevel", "error", *arguments]
    try:
        done = subprocess.run(
            command, stdin=subprocess.DEVNULL, capture_output=True, timeout=timeout_seconds
        )
    except subprocess.TimeoutExpired as error:
        message = f"ffmpeg took longer than {timeout_seconds:g} s"
        raise ItemFailed(Reason.TIMEOUT, message) from error
    if done.returncode:
        complaint = done.stderr.decode(errors="replace").strip()[-TAIL_CHARACTERS:]
        raise ItemFailed(Reason.BROKEN, f"ffmpeg stopped ({done.returncode}): {complaint}")
