"""Stores that an address leads to, by fsspec: opened, and what is wrong with one in a line."""

import errno
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from typing import Any

from kinetics_builder.errors import (
    ConfigError,
    ItemFailed,
    KbuildError,
    Reason,
    WorkspaceError,
)
from kinetics_builder.text.foreign import one_line

AGAIN = "Mend that, then run the same command again."
UNKNOWN_HERE = (FileNotFoundError, NotADirectoryError)
"""What file systems raise where there is no such file."""
_TIMES = ("LastModified", "mtime", "modified", "updated", "created")
"""What they call the time of a file's last change."""

Options = tuple[tuple[str, Any], ...]
"""What fsspec is handed, by name."""


def opened(url: str, options: Options = ()) -> tuple[Any, str]:
    """Return the file system of an address, and the address's path in it.

    Raises:
        ConfigError: The address is of no kind that fsspec knows, or needs a package that is
            not installed.

    """
    try:
        import fsspec

        system, path = fsspec.core.url_to_fs(url, **dict(options))
    except ImportError as error:
        raise ConfigError(
            f"{url} needs a package that is not installed ({error}). Run "
            "`pip install 'kinetics-builder[storage]'`."
        ) from error
    except (ValueError, TypeError) as error:
        raise ConfigError(
            f"{url} is no address that fsspec knows with the options that it is given ({error}). "
            "Name one such as s3://bucket/folder."
        ) from error
    return system, path.rstrip("/")


@contextmanager
def spoken(url: str, passed: tuple[type[Exception], ...] = ()) -> Iterator[None]:
    """Turn what stores say into what a person can use: one line for all items, or for one.

    Args:
        url: What is spoken of.
        passed: What is left as it is, for the caller to explain.

    Raises:
        WorkspaceError: Nothing can be had at `url`: there are no rights, or no credentials.
        ItemFailed: As NETWORK, where that may be so of one file alone.

    """
    try:
        yield
    except (KbuildError, ItemFailed):
        raise
    except Exception as error:
        if isinstance(error, passed):
            raise
        if (fault := _fault(error)) is not None:
            raise WorkspaceError(f"{url}: {fault} {AGAIN}") from error
        said = f"{type(error).__name__}: {one_line(str(error))}"
        raise ItemFailed(Reason.NETWORK, f"{url}: {said[:300]}") from error


def modified_ns(info: Mapping[str, Any]) -> int | None:
    """Return when a file was last changed by the store's clock, in ns; None where it keeps none."""
    time = next((info[name] for name in _TIMES if info.get(name)), None)
    seconds = time.timestamp() if isinstance(time, datetime) else time
    return round(seconds * 1e9) if isinstance(seconds, (int, float)) else None


def _fault(error: BaseException) -> str | None:
    """Return what is wrong with a folder as a whole, None where one file may be at fault."""
    name = type(error).__name__
    if name in ("NoCredentialsError", "PartialCredentialsError", "TokenRetrievalError"):
        return "no credentials were found for it (for S3: ~/.aws/credentials or AWS_ACCESS_KEY_ID)."
    if isinstance(error, PermissionError):
        return f"it does not let us ({one_line(str(error)) or 'permission denied'})."
    if isinstance(error, UNKNOWN_HERE):
        return "there is no such bucket or folder."
    if isinstance(error, FileExistsError):
        return "it is a file, and no folder."
    if isinstance(error, OSError) and error.errno == errno.ENOSPC:
        return "the disk is full."
    if isinstance(error, OSError) and error.errno == errno.EROFS:
        return "the file system is read-only."
    return None
