"""Where the owner's pages lie."""

from flask import Blueprint, g

bp = Blueprint(
    "owner",
    __name__,
    url_prefix="/owner",
    template_folder="templates",
    static_folder="static",
    static_url_path="/static",
)


@bp.context_processor
def _name_asker() -> dict[str, object]:
    """Let the pages know who is asking."""
    return {"asker": g.get("asker")}
