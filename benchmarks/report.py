"""What results of measurements share, and the table that `benchmarks/models.py` writes."""

import platform
import re
import statistics
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

MIB = 2**20


@dataclass(frozen=True, kw_only=True)
class Row:
    """One network, forward or in training; rates are clips a second."""

    name: str
    what: str
    clip: str
    """Clips x frames x pixels squared."""
    our_rate: float
    their_rate: float
    ratios: Sequence[float]
    """Their seconds over ours, pair by pair."""
    our_bytes: int
    their_bytes: int
    peak_share: float | None
    """Ours, of the operations that the device can do; None where it is not known."""

    def line(self) -> str:
        """Return the row of the table."""
        low, high = min(self.ratios), max(self.ratios)
        ratio = statistics.median(self.ratios)
        share = "not measured" if self.peak_share is None else f"{self.peak_share:.1%}"
        return (
            f"| {self.name} | {self.what} | {self.clip} | {self.our_rate:.2f} "
            f"| {self.their_rate:.2f} | {ratio:.2f} ({low:.2f} to {high:.2f}) "
            f"| {self.our_bytes / MIB:.0f} | {self.their_bytes / MIB:.0f} | {share} |"
        )


def machine(device: str) -> str:
    """Return the processor's or the card's name."""
    if device == "cuda":
        import torch  # here: what is measured may not hold it in memory

        return str(torch.cuda.get_device_name())
    cpuinfo = Path("/proc/cpuinfo")
    found = re.search(r"model name\s*:\s*(.+)", cpuinfo.read_text()) if cpuinfo.exists() else None
    return found[1] if found else platform.processor() or platform.machine()


def put_down(lines: Sequence[str], path: Path) -> None:
    """Print a page of results, and write it."""
    text = "\n".join(lines)
    print(text)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")


def write_report(rows: Sequence[Row], path: Path, heading: str, how: Sequence[str]) -> None:
    """Write and print the table; `how` says how it was measured."""
    lines = [
        f"# Networks on {heading}",
        "",
        *how,
        "",
        "| network | what | clips x frames x pixels | ours, clips/s | pytorchvideo, clips/s "
        "| ratio (lowest to highest) | peak MiB, ours | pytorchvideo | share of peak, ours |",
        "|---|---|---|---:|---:|---:|---:|---:|---:|",
        *(row.line() for row in rows),
        "",
    ]
    put_down(lines, path)
