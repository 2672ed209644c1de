"""What a run says while it goes: TensorBoard and a file of JSON lines."""

import json
from pathlib import Path
from types import TracebackType
from typing import Self


class RunLog:
    """Scalars by step. Opened at a step, it forgets what was logged from there on."""

    def __init__(self, folder: Path, first_step: int) -> None:
        self.path = folder / "log.jsonl"
        kept = [line for line in _whole_lines(self.path) if json.loads(line)["step"] <= first_step]
        self.path.write_text("".join(f"{line}\n" for line in kept), encoding="utf-8")
        self.file = self.path.open("a", encoding="utf-8")
        from torch.utils.tensorboard import SummaryWriter

        self.board = SummaryWriter(str(folder / "tensorboard"), purge_step=first_step + 1)

    def write(self, step: int, values: dict[str, float]) -> None:
        """Log `values` after `step` steps."""
        self.file.write(json.dumps({"step": step} | values) + "\n")
        self.file.flush()
        for name, value in values.items():
            self.board.add_scalar(name, value, step)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        try:
            self.file.close()
        finally:
            self.board.close()


def read_log(path: Path) -> list[dict[str, float]]:
    """Return the lines of a run's `log.jsonl`."""
    return [json.loads(line) for line in _whole_lines(path)]


def _whole_lines(path: Path) -> list[str]:
    """Return the lines that end; a killed run may have left half of one."""
    if not path.is_file():
        return []
    return path.read_text(encoding="utf-8").split("\n")[:-1]
