"""One training at a time for what it will write, and where its state lies meanwhile."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from kinetics_builder.errors import ModelError
from kinetics_builder.locks import HeldElsewhere, held


def state_file(out: Path) -> Path:
    """Return where the state of a training lies that will write `out`."""
    return out.with_name(f"{out.name}.last")


@contextmanager
def alone(out: Path) -> Iterator[None]:
    """Keep every other training from `out`; refuse to go where there is one."""
    out.parent.mkdir(parents=True, exist_ok=True)
    try:
        with held(out.with_name(f".{out.name}.lock")):
            yield
    except HeldElsewhere as error:
        raise ModelError(
            f"{out} is being trained by {error}. Wait for it, or use another --out."
        ) from error
