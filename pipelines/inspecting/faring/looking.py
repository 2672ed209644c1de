"""Reading how the classes and queries of a workspace have fared."""

from kinetics_builder.database.engine import reading
from kinetics_builder.workspace import Workspace
from pipelines.inspecting.faring.classes import ClassFaring, class_farings, quota_of
from pipelines.inspecting.faring.outlook import Outlook, worst_first
from pipelines.inspecting.faring.queries import QueryFaring, query_farings
from pipelines.stages import build_stage


def look_at_classes(
    workspace: Workspace, quota: int | None = None
) -> list[tuple[ClassFaring, Outlook]]:
    """Return how each class has fared and what is to be expected of it, the worst first.

    Args:
        workspace: Where.
        quota: Accepted clips that a class shall have; without it, as many as `curate` needs.

    """
    download, propose = (build_stage(name, workspace) for name in ("download", "propose"))
    with reading(workspace.engine) as session:
        classes = class_farings(session, download.settings_hash, propose.settings_hash)
    shall = quota_of(workspace.config.curate) if quota is None else quota
    return worst_first(classes, shall)


def look_at_queries(workspace: Workspace) -> list[QueryFaring]:
    """Return what each query has brought, the worst first."""
    search = build_stage("search", workspace)
    with reading(workspace.engine) as session:
        return query_farings(session, search)
