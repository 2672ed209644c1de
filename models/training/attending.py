"""What happens beside the learning of a small network: it says how it goes, and is put down."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from models.training.alone import state_file
from models.training.runtime import Runtime
from models.training.stopping import AskedToStop, Stops


@dataclass(frozen=True)
class Attending:
    """Of one training that will write `out`."""

    out: Path
    runtime: Runtime
    stops: Stops
    progress: Callable[[str], None]

    def after_step(
        self, step: int, num_steps: int, loss: float, save: Callable[[Path], None]
    ) -> None:
        """Say how it goes, and put it down where it is time.

        Raises:
            AskedToStop: Somebody wants it to end; it was put down.

        """
        if step % 100 == 0:
            self.progress(f"step {step}/{num_steps}, loss {loss:.3f}")
        if step % self.runtime.checkpoint_every == 0 or step == num_steps:
            save(state_file(self.out))
        try:
            self.stops.check()
        except AskedToStop:
            save(state_file(self.out))
            self.progress(
                f"stopped after step {step}/{num_steps}, which {state_file(self.out)} keeps. The "
                "same command goes on from there."
            )
            raise
