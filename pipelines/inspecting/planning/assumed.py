"""What a plan takes for granted where a workspace has no history yet, and who says so."""

from collections.abc import Mapping

from kinetics_builder.config import Config
from pipelines.inspecting.planning.rates import Assumed

_BYTES_AT_480 = (60e3, 110e3, 200e3)
"""A second of a web video of 480 lines."""
_BYTES_OF_CLIP = (40e3, 90e3, 200e3)
"""A second of it that was cut at x264's crf 20."""
AGREEMENT = Assumed(0.8, 0.9, 0.97, "assumed: no paper says it of single answers")
SECONDS_A_VIDEO = Assumed(5, 15, 60, "assumed for a site without a bound")
VIDEOS_OF_AN_ADDRESS = Assumed(1, 1, 1, "one each; a playlist lists up to --limit")
SHARED = Assumed(0.9, 0.97, 1, "assumed: some videos are candidates for two classes")


def assumed_rates(config: Config) -> Mapping[str, Assumed]:
    """Return rates by the names of `RATES`, but the answers that the rules of the crowd give."""
    k, longest = config.propose.num_peaks, config.download.max_duration_seconds
    length = config.propose.clip_seconds
    kept = min(1.0, config.deduplicate.max_per_video / k)
    size = (config.download.max_height / 480) ** 2
    slow, usual, much = (size * rate for rate in _BYTES_AT_480)
    lightest, light, heavy = (length * rate for rate in _BYTES_OF_CLIP)
    return {
        "listed": Assumed(0.5, 0.8, 1, "assumed: queries of a class find some videos twice"),
        "candidates": Assumed(0.3, 0.6, 0.9, "assumed: how many titles name what was asked for"),
        "fetched": Assumed(
            0.85, 0.95, 0.99, "assumed of fresh lists; 5 % are lost a year (arXiv:2010.10864)"
        ),
        "media_seconds": Assumed(
            min(60, longest), min(156, longest), min(300, longest), "HACS: 156 s (arXiv:1712.09374)"
        ),
        "media_bytes": Assumed(slow, usual, much, "assumed of H.264 at download.max_height"),
        "clips": Assumed(0.6 * k, 0.95 * k, k, "propose.num_peaks of a video, fewer of short ones"),
        "clip_bytes": Assumed(lightest, light, heavy, "assumed of cut.crf and 480 lines"),
        "kept": Assumed(
            0.75 * kept,
            0.85 * kept,
            0.95 * kept,
            "deduplicate.max_per_video; 15 % are copies (arXiv:1705.06950)",
        ),
        "accepted": Assumed(0.25, 0.4, 0.6, "HACS: 0.6 of 1.5 million (arXiv:1712.09374)"),
        "answer_seconds": Assumed(
            0.5 * length, length, 2 * length, "not published; a clip looked at half to twice"
        ),
    }
