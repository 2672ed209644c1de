"""What a run waits between two tries, and two looks at what others do, is short in tests."""

from collections.abc import Iterator

import pytest

from pipelines.running import retrying, runner
from pipelines.running.pace import turns

SHORT_SECONDS = 0.05


@pytest.fixture(scope="session", autouse=True)
def pauses_are_short() -> Iterator[None]:
    """Let no test of something else wait; those of pauses know how long these are by name."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(retrying, "FIRST_PAUSE_SECONDS", SHORT_SECONDS)
        patch.setattr(runner, "_SHARE_SECONDS", SHORT_SECONDS)
        patch.setattr(turns, "_TRIAL_POLL_SECONDS", SHORT_SECONDS)
        yield
