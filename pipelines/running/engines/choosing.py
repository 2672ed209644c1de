"""Which pool a stage is given: by what it does, and by the setting `run.engine`."""

import os
from typing import Any

from kinetics_builder.config import LOCAL, RunConfig
from kinetics_builder.errors import ConfigError
from kinetics_builder.workspace import Workspace
from pipelines.running.engines.children import ChildPool
from pipelines.running.engines.inline import InlinePool
from pipelines.running.engines.pool import Pool
from pipelines.running.stage import Stage


def make_pool(*, stage: Stage[Any, Any], workspace: Workspace) -> Pool:
    """Return the pool for a stage.

    Raises:
        ConfigError: The setting `run.engine` asks for a cluster that cannot be had.

    """
    run = workspace.config.run
    if not stage.in_children:
        return InlinePool(look=stage.look)
    if run.engine != LOCAL:
        return _on_cluster(stage, workspace, run)
    workers = stage.workers or run.workers or os.cpu_count() or 1
    return ChildPool(workers, stage.timeout_seconds, run.memory_megabytes << 20)


def _on_cluster(stage: Stage[Any, Any], workspace: Workspace, run: RunConfig) -> Pool:
    try:
        import ray  # noqa: F401
    except ModuleNotFoundError as error:
        raise ConfigError(
            f"run.engine = {run.engine!r} needs Ray, which is not installed. Run "
            "`pip install 'kinetics-builder[ray]'`, or use `--engine local`."
        ) from error
    from pipelines.running.engines.cluster.cluster import cluster_of
    from pipelines.running.engines.cluster.pool import RayPool

    return RayPool(cluster_of(run), workspace.root.absolute(), stage.timeout_seconds)
