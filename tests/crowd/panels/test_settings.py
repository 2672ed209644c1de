"""What `[[panels]]` may say, and what each mistake is told."""

import re
from dataclasses import fields
from pathlib import Path

import pytest

from kinetics_builder.config import Config
from kinetics_builder.crowd.kinds.registry import KINDS
from kinetics_builder.crowd.panels import settings
from kinetics_builder.crowd.panels.registry import BY_NAME, address_of
from kinetics_builder.crowd.panels.settings import PLATFORMS, PanelConfig
from kinetics_builder.errors import ConfigError

GOOD = {"name": "p-1", "platform": "prolific", "completion_code": "C1"}
FRAMED = {
    "name": "hits",
    "platform": "external",
    "frame_origin": "https://workers.example",
    "submit_hosts": ("workers.example",),
}


def test_every_setting_stands_in_the_page_for_owners() -> None:
    page = (Path(__file__).parents[3] / "docs" / "annotating.md").read_text(encoding="utf-8")
    cells = " ".join(re.findall(r"^\| (`\w+`[^|]*) \|", page, re.MULTILINE))
    assert {field.name for field in fields(PanelConfig)} == set(re.findall(r"`(\w+)`", cells))


def test_every_kind_of_the_settings_is_there_and_no_other() -> None:
    assert {kind.name for kind in KINDS} == set(settings.KINDS)


def test_every_platform_of_the_settings_is_there_and_no_other() -> None:
    assert tuple(BY_NAME) == PLATFORMS


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        pytest.param({"name": ""}, "name must be 1 to 40 of a-z", id="no name"),
        pytest.param({"name": "a/b"}, "found 'a/b'", id="a slash in the name"),
        pytest.param({"platform": "mturk"}, "'prolific' or 'connect' or 'external'", id="unknown"),
        pytest.param({"completion_code": ""}, "completion_code is missing", id="no code"),
        pytest.param({"completion_code": "C 1&x"}, "letters and digits", id="a strange code"),
        pytest.param({"screen_out_code": "C1"}, "must differ.*found 'C1', 'C1'", id="one code"),
        pytest.param({"no_work_code": "C1"}, "must differ", id="one code for no work"),
        pytest.param({"completion_url": "http://x.example/"}, "https://", id="no https"),
        pytest.param({"completion_url": "x.example"}, "https://", id="no address"),
        pytest.param({"completion_url": "https://a b/"}, "https://", id="a space"),
        pytest.param(
            {"completion_url": "https://a.example/", "screen_out_url": "https://a.example/"},
            "must differ",
            id="one address",
        ),
        pytest.param({"kinds": ("clips",)}, "kinds: unknown 'clips'. Known are: clip", id="a kind"),
        pytest.param({"minutes": 0.0}, "minutes must be more than 0", id="no time"),
        pytest.param({"places": -1}, "places must be 0 or more", id="fewer than no places"),
        pytest.param({"bonus_right_share": 2.0}, "between 0 and 1", id="a share above 1"),
        pytest.param(
            {"frame_origin": "https://x.example"}, 'for platform = "external"', id="frame"
        ),
        pytest.param({**FRAMED, "frame_origin": ""}, "frame_origin must be https", id="no origin"),
        pytest.param(
            {**FRAMED, "frame_origin": "https://workers.example/x"}, "without a path", id="a path"
        ),
        pytest.param({**FRAMED, "frame_origin": "https://*"}, "frame_origin", id="any host"),
        pytest.param({**FRAMED, "submit_hosts": ()}, "must list a host", id="no hosts"),
        pytest.param(
            {**FRAMED, "submit_hosts": ("https://x",)}, "'https://x' is no host", id="no host"
        ),
    ],
)
def test_a_wrong_panel_is_an_error_that_says_what_is_meant(
    changed: dict[str, object], message: str
) -> None:
    with pytest.raises(ConfigError, match=message):
        PanelConfig(**{**GOOD, **changed})


def test_an_error_says_which_of_the_panels_it_is(tmp_path: Path) -> None:
    path = tmp_path / "kbuild.toml"
    one = '[[panels]]\nname = "a"\nplatform = "prolific"\ncompletion_code = "C1"\n'
    path.write_text(one + one.replace('"a"', '"b"').replace("C1", "C 1"))
    with pytest.raises(ConfigError, match=r"panels 2: completion_code must be"):
        Config.load(path)
    path.write_text(one + one)
    with pytest.raises(ConfigError, match="two are called 'a'"):
        Config.load(path)
    path.write_text('[panels]\nname = "a"\n')
    with pytest.raises(ConfigError, match="panels must be a list of tables"):
        Config.load(path)


def test_this_machine_needs_no_https() -> None:
    assert PanelConfig(**GOOD, completion_url="http://127.0.0.1:8000/done").completion_url


def test_public_url_is_https_and_ends_without_a_slash(tmp_path: Path) -> None:
    path = tmp_path / "kbuild.toml"
    for wrong in ("http://clips.example", "https://clips.example/", "clips.example"):
        path.write_text(f'[page]\npublic_url = "{wrong}"\n')
        with pytest.raises(ConfigError, match="public_url must begin with https"):
            Config.load(path)


def test_the_address_to_paste_holds_what_the_platform_fills_in() -> None:
    assert address_of(PanelConfig(**GOOD), "https://clips.example") == (
        "https://clips.example/panel/p-1?PROLIFIC_PID={{%PROLIFIC_PID%}}"
        "&STUDY_ID={{%STUDY_ID%}}&SESSION_ID={{%SESSION_ID%}}"
    )
    assert address_of(PanelConfig(**FRAMED), "") == "https://YOUR-HOST/panel/hits"


def test_people_are_of_a_platform_or_of_the_host_that_frames_them() -> None:
    assert PanelConfig(**GOOD).realm == "prolific"
    assert PanelConfig(**FRAMED).realm == "external workers.example"
