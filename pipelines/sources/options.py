"""How yt-dlp is set up: hardened, polite, quiet.

No configuration files, plugins, cookies or netrc; no external programs other than ffmpeg for
joining streams and a JavaScript runtime for YouTube; no file names made of titles; no proxy of
the environment.
"""

import json
from dataclasses import dataclass
from typing import Any

from kinetics_builder.config import DownloadConfig
from kinetics_builder.video.ffmpeg import find_ffmpeg
from pipelines.sources.addresses import allowed_by

RUNTIMES: tuple[str, ...] = ("deno", "node")
"""Those that yt-dlp may start, best first. It takes deno from 2.3 and node from 22."""


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
    extractors: tuple[str, ...] = ()
    extractor_args: str = "{}"
    """As JSON."""
    allow_private: tuple[str, ...] | bool = ()

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
            extractors=config.extractors,
            extractor_args=json.dumps(config.extractor_args, sort_keys=True),
            allow_private=config.allow_private,
        )


def parameters(options: Options) -> dict[str, Any]:
    """Return the parameters of a `yt_dlp.YoutubeDL`.

    The smallest picture of at least `max_height` lines is taken only where no smaller one is
    offered.
    """
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
        "format": _FORMAT,
        "format_sort": [f"res:{options.max_height}", "vcodec:h264", "ext"],
        "merge_output_format": "mp4/mkv",
        "ffmpeg_location": find_ffmpeg(),
        "external_downloader": {"default": "native"},
        "geo_bypass": False,  # a site that refuses a country is not told another one
        "js_runtimes": {name: {} for name in RUNTIMES},
        "postprocessor_args": {"ffmpeg_i": ["-protocol_whitelist", "file"]},
        "proxy": "",  # none but one's own
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
        "extractor_args": json.loads(options.extractor_args),
    }


def _pause(n: int) -> float:
    """Return the seconds before yt-dlp itself tries again for the nth time, from 0."""
    return float(2**n)
