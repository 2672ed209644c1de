"""What flow is asked for, and what a child is told of one clip."""

import os
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from kinetics_builder.errors import ConfigError
from kinetics_builder.formats.manifest import ManifestRow
from kinetics_builder.storage.remote import RemoteFolder
from kinetics_builder.video.flow.settings import RATE, SHORT_SIDE, FlowSettings, Method

if TYPE_CHECKING:
    from models.clips.places import ClipPlace


@dataclass(frozen=True, kw_only=True, slots=True)
class Asked:
    """What somebody wants of the flow of a release."""

    method: Method = Method.TVL1
    weights: Path | None = None
    """Of RAFT."""
    frames_per_second: float = RATE
    short_side: int = SHORT_SIDE
    num_workers: int = 0
    """Processes; 0 takes one a core, or of a GPU one."""
    device: str = "auto"
    """Of RAFT."""
    fresh: bool = False
    """Whether what is there is thrown away."""
    retry_failed: bool = False
    clips: str = ""
    """Where the clips lie: a folder, one of tar shards, a store's address; empty: in the
    release's folder."""
    to: str = ""
    """Where the flow is kept: a folder or a store's address; empty: beside the clips."""
    in_shards: bool = False
    """Whether it is kept in a tar file for each of the clips'."""

    def settings(self) -> FlowSettings:
        """Return all that decides what comes out.

        Raises:
            ConfigError: RAFT without weights, or weights without RAFT.
            ModelError: Weights that are not those of RAFT.

        """
        parameters, program = self._method()
        return FlowSettings(
            method=self.method,
            parameters=parameters,
            program=program,
            frames_per_second=self.frames_per_second,
            short_side=self.short_side,
        )

    def _method(self) -> tuple[dict[str, object], str]:
        if self.method is Method.TVL1:
            from kinetics_builder.video.flow.tvl1 import TVL1, version

            if self.weights is not None:
                raise ConfigError("--weights are those of a network: add --method raft.")
            return asdict(TVL1()), version()
        from models.flow import raft

        if self.weights is None:
            raise ConfigError(
                "--method raft needs --weights FILE: torchvision's weights of raft_large or "
                "raft_small, which are fetched by nobody but you."
            )
        return raft.parameters(self.weights), raft.version()

    def workers(self) -> int:
        """Return how many processes compute."""
        if self.num_workers:
            return self.num_workers
        return 1 if self._is_on_gpu() else os.cpu_count() or 1

    def _is_on_gpu(self) -> bool:
        if self.method is Method.TVL1 or self.device == "cpu":
            return False
        from models.training.device import choose_device

        return choose_device(self.device).type == "cuda"


@dataclass(frozen=True, slots=True)
class Item:
    """One clip whose flow is wanted."""

    clip: ManifestRow
    place: "ClipPlace"
    """What has that clip."""
    copies: Path
    """Where a copy of it lies while it is worked on."""
    target: Path
    remote: RemoteFolder | None
    """The store's folder that the finished file goes to from there."""
    settings: FlowSettings
    weights: Path | None
    device: str
