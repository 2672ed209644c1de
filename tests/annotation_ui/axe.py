"""What axe-core finds on the page that a browser shows."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib.resources import files
from typing import Any

from tests.annotation_ui.driving import prefer, resize

_SCRIPT = files("axe_playwright_python").joinpath("axe.min.js").read_text(encoding="utf-8")
_RUN = """
const done = arguments[arguments.length - 1];
const whole = {resultTypes: ["violations"]};
const run = () =>
  axe.run(document, whole).then((found) => done(found.violations), (e) => done(String(e)));
requestAnimationFrame(() => requestAnimationFrame(run));
"""
_IMPACTS = ("critical", "serious", "moderate")
LOOKS: dict[str, tuple[dict[str, str], tuple[int, int]]] = {
    "light": ({"color_scheme": "light"}, (1366, 768)),
    "dark": ({"color_scheme": "dark"}, (1366, 768)),
    "high contrast": ({"contrast": "more", "forced_colors": "active"}, (1366, 768)),
    "200 %": ({"color_scheme": "light"}, (683, 384)),
}
"""What the person prefers, and the window in CSS pixels."""


def troubles(browser: Any) -> list[str]:
    """Return what is wrong with the page once it is drawn: impact, rule, element."""
    if not browser.execute_script("return 'axe' in window"):
        browser.execute_script(_SCRIPT)
    found = browser.execute_async_script(_RUN)
    assert isinstance(found, list), found
    return [
        f"{one['impact']} {one['id']}: {node['html'][:160]}"
        for one in found
        if one["impact"] in _IMPACTS
        for node in one["nodes"]
    ]


@contextmanager
def watching(browser: Any) -> Iterator[tuple[Callable[..., None], dict[str, list[str]]]]:
    """Yield what looks at a state of the page by its name, in some looks; and what it found."""
    found: dict[str, list[str]] = {}

    def look(state: str, *looks: str) -> None:
        for name in looks or LOOKS:
            preferred, (width, height) = LOOKS[name]
            prefer(browser, **preferred)
            resize(browser, width, height)
            if wrong := troubles(browser):
                found[f"{state}, {name}"] = wrong
        prefer(browser)
        resize(browser, 1366, 768)

    try:
        yield look, found
    finally:
        prefer(browser)
        resize(browser, 0, 0)
        browser.execute_cdp_cmd("Emulation.clearDeviceMetricsOverride", {})
