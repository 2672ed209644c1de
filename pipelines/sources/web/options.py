"""How yt-dlp is set up: hardened, polite, quiet.

No configuration files, netrc or proxy of the environment; no plug-ins and cookies but those that
a setting names; no external programs other than ffmpeg for joining streams and a JavaScript
runtime for YouTube; no file names made of titles.
"""

import json
import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from kinetics_builder.config import DownloadConfig
from kinetics_builder.errors import ConfigError
from kinetics_builder.text.masking import hide, masked
from kinetics_builder.text.told_elsewhere import told
from pipelines.sources.web.addresses import allowed_by
from pipelines.sources.web.cookies import read_cookies
from pipelines.sources.web.extractors import load_extractor
from pipelines.sources.web.plugins import load_plugins

RUNTIMES: tuple[str, ...] = ("deno", "node")
"""Those that yt-dlp may start, best first. It takes deno from 2.3 and node from 22."""


_PROXIES = ("http", "https", "socks4", "socks4a", "socks5", "socks5h")
_SECRET = re.compile(r"token|visitor|sync_id|secret|key|passw|auth|session", re.IGNORECASE)
"""Names of arguments whose values are nobody else's business."""
_NATIVE = "[protocol~='^(https?|m3u8(_native)?|http_dash_segments(_generator)?|f4m|ism)$']"
"""Ways to send a film that yt-dlp goes itself, through our fence."""
_FORMAT = f"bv*{_NATIVE}+ba{_NATIVE}/b{_NATIVE}/bv*{_NATIVE}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """What an instance of yt-dlp depends on. Hashable and picklable."""

    max_height: int = 480
    sleep_seconds: float = 0.0
    max_sleep_seconds: float = 0.0
    sleep_requests_seconds: float = 0.0
    allow_private: tuple[str, ...] | bool = ()
    cookies_file: str = ""
    proxy: str = field(default="", repr=False)
    """As the setting has it: where it is kept elsewhere, `proxy_of` reads it."""
    format: str = ""
    format_sort: tuple[str, ...] = ()
    max_bytes_per_second: float = 0.0
    plugins: tuple[str, ...] = ()
    extractors: tuple[str, ...] = ()
    extractor_args: str = field(default="{}", repr=False)
    """As JSON."""

    @classmethod
    def of(cls, config: DownloadConfig) -> "Options":
        """Return the options that the settings ask for.

        Raises:
            ConfigError: A setting cannot be meant so.

        """
        allowed_by(config.allow_private)
        return cls(
            max_height=config.max_height,
            sleep_seconds=config.sleep_seconds,
            max_sleep_seconds=max(config.sleep_seconds, config.max_sleep_seconds),
            sleep_requests_seconds=config.sleep_requests_seconds or config.sleep_seconds,
            allow_private=config.allow_private,
            cookies_file=config.cookies_file,
            proxy=config.proxy,
            format=config.format,
            format_sort=config.format_sort,
            max_bytes_per_second=config.max_bytes_per_second,
            plugins=config.plugins,
            extractors=config.extractors,
            extractor_args=json.dumps(config.extractor_args, sort_keys=True),
        )


def require_ready(config: DownloadConfig) -> None:
    """Look at what lies outside of the settings: cookies, values kept elsewhere, plug-ins.

    Nothing is read that no setting names. Quick: asked at the beginning of every command that may
    go to the network.

    Raises:
        ConfigError: Something of it cannot be used.

    """
    options = Options.of(config)
    if options.format:
        _check_format(options.format)
    proxy_of(options)
    arguments_of(options)
    if options.cookies_file:
        read_cookies(Path(options.cookies_file))
    for package in options.plugins:
        load_plugins(package)
    for name in options.extractors:
        load_extractor(name)


def _check_format(words: str) -> None:
    from yt_dlp import YoutubeDL

    try:
        YoutubeDL({"quiet": True, "format": words}, auto_init=False)
    except SyntaxError as error:
        flaw = str(error.msg).splitlines()[0]
        raise ConfigError(
            f"download.format: {words!r} is no choice of formats of yt-dlp: {flaw}. Write such as "
            '"bv*[height<=720]+ba/b".'
        ) from None


def proxy_of(options: Options) -> str:
    """Return the proxy's address, empty for none.

    Raises:
        ConfigError: There is none where the setting says, or it is no address of a proxy.

    """
    proxy = told("download.proxy", options.proxy)
    scheme, separator, _ = proxy.partition("://")
    if not proxy or (separator and scheme.lower() in _PROXIES and _host_of(proxy)):
        hide(_login_of(proxy))
        return proxy
    raise ConfigError(
        f"download.proxy: {masked(proxy, proxy)!r} is no address of a proxy. Write it with its "
        f"port, after one of {', '.join(f'{known}://' for known in _PROXIES)}."
    )


def arguments_of(options: Options) -> dict[str, dict[str, list[str]]]:
    """Return the arguments of extractors, those included that are kept elsewhere.

    Raises:
        ConfigError: There is no value where one says.

    """
    given = json.loads(options.extractor_args)
    read = {
        site: {
            key: [told(f"download.extractor_args.{site}.{key}", text) for text in texts]
            for key, texts in values.items()
        }
        for site, values in given.items()
    }
    for values in read.values():
        for key in filter(_SECRET.search, values):
            for text in values[key]:
                hide(text)
                hide(text.rpartition("+")[2])
    return read


def _host_of(proxy: str) -> str:
    try:
        parts = urlsplit(proxy)
        return parts.hostname or "" if parts.port != 0 else ""
    except ValueError:
        return ""


def _login_of(proxy: str) -> str:
    return (urlsplit(proxy).password or "") if proxy else ""


def parameters(options: Options) -> dict[str, Any]:
    """Return the parameters of a `yt_dlp.YoutubeDL`.

    The smallest picture of at least `max_height` lines is taken only where no smaller one is
    offered.

    Raises:
        ConfigError: What is kept elsewhere is not there.

    """
    by_height = [f"res:{options.max_height}", "vcodec:h264", "ext"]
    return {
        "quiet": True,
        "noprogress": True,
        "color": "never",
        "cachedir": False,
        "usenetrc": False,
        "noplaylist": True,
        "extract_flat": "in_playlist",
        "outtmpl": "video.%(ext)s",
        "restrictfilenames": True,
        "overwrites": True,
        "updatetime": False,
        "format": options.format or _FORMAT,
        "format_sort": list(options.format_sort) or by_height,
        "merge_output_format": "mp4/mkv",
        "external_downloader": {"default": "native"},
        "geo_bypass": False,  # a site that refuses a country is not told another one
        "js_runtimes": {name: {} for name in RUNTIMES},
        "postprocessor_args": {"ffmpeg_i": ["-protocol_whitelist", "file"]},
        "proxy": proxy_of(options),  # empty: not even that of the environment
        "ratelimit": options.max_bytes_per_second or None,
        "socket_timeout": 20,
        "retries": 0,  # the runner tries again
        "extractor_retries": 1,
        "fragment_retries": 2,
        "file_access_retries": 1,
        "retry_sleep_functions": dict.fromkeys(("extractor", "fragment", "file_access"), _pause),
        "skip_unavailable_fragments": False,
        "sleep_interval": options.sleep_seconds,
        "max_sleep_interval": options.max_sleep_seconds,
        "sleep_interval_requests": options.sleep_requests_seconds,
        "extractor_args": arguments_of(options),
    }


def _pause(n: int) -> float:
    """Return the seconds before yt-dlp itself tries again for the nth time, from 0."""
    return float(2**n)
