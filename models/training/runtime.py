"""Where and how a run is carried out."""

import os
from dataclasses import dataclass
from pathlib import Path

from models.clips.release import Missing


@dataclass(frozen=True, kw_only=True, slots=True)
class Runtime:
    """Where and how a run is carried out; the result does not depend on it (on one device)."""

    device: str = "auto"
    """`auto`, `cpu`, `cuda` or `cuda:1`."""
    num_threads: int = 1
    """Threads of torch on the CPU; more than the free cores is slower by far."""
    num_cores: int | None = None
    """Cores that are left to this run; None: all of the machine. Where one is free beside torch's
    threads, a thread more computes what changes no bit."""
    num_workers: int = 0
    """Processes that decode ahead, for releases too large for the cache."""
    cache: Path | None = None
    """Folder of decoded frames; None puts it beside the run."""
    cache_bytes: int = 4 << 30
    """Releases that would take more are decoded anew at each step."""
    clips: str = ""
    """Where the release's clips lie: a folder, one of tar shards, a store's address; empty: in
    the release's folder."""
    flow: str = ""
    """Where their flow lies, as `kbuild flow --to` was given it; empty: beside the clips."""
    checkpoint_every: int = 100
    log_every: int = 10
    validate_every: int = 0
    """Steps between validations; 0 validates at the end only."""
    counts_missing: bool = False
    """Whether clips that cannot be read count as wrong where accuracy is measured."""
    fresh: bool = False
    """Throw an unfinished or finished run away and begin again."""

    @property
    def has_free_core(self) -> bool:
        """Say whether there are more cores than torch has threads."""
        return (self.num_cores or os.cpu_count() or 1) > self.num_threads

    @property
    def missing(self) -> Missing:
        """Return what becomes of clips that cannot be read, where accuracy is measured."""
        return Missing.COUNT_WRONG if self.counts_missing else Missing.LEAVE_OUT
