"""Where the owner's pages lie."""

from flask import Blueprint

bp = Blueprint(
    "owner",
    __name__,
    url_prefix="/owner",
    template_folder="templates",
    static_folder="static",
    static_url_path="/static",
)
