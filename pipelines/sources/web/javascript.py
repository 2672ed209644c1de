"""The JavaScript that yt-dlp needs for YouTube: a runtime, and solver scripts that it runs.

YouTube hides the addresses of its films behind puzzles. Without both, yt-dlp finds fewer
formats or none, and says so in a warning alone.
"""

import json
from dataclasses import dataclass
from typing import Any

from pipelines.sources.web.options import RUNTIMES, Options

_PUZZLE, _SOLVED = "kbuild", "dliubk"
_PLAYER = "_result.n = text => [...text].reverse().join(''); _result.sig = _result.n;"
"""A player whose puzzle is solved by writing a text backwards."""
_REMEDY = "Run pip install 'yt-dlp[default,deno]', or install deno 2.3 or node 22."


@dataclass(frozen=True, slots=True)
class Proof:
    """Whether yt-dlp solves puzzles on this machine."""

    is_good: bool
    found: str
    remedy: str = _REMEDY


def prove_solving() -> Proof:
    """Let yt-dlp's own solver solve a puzzle with the runtime that it would take, and say how."""
    from yt_dlp.version import __version__

    try:
        return _try_providers()
    except (ImportError, AttributeError, TypeError) as error:
        return Proof(
            False,
            f"yt-dlp {__version__} has another solver than kbuild can try ({error})",
            "Install a newer kinetics-builder, or an older yt-dlp.",
        )


def _try_providers() -> Proof:
    from yt_dlp.extractor.youtube.jsc._builtin.ejs import EJSBaseJCP
    from yt_dlp.extractor.youtube.jsc._director import initialize_jsc_director

    from pipelines.sources.web.ytdlp import instance

    extractor = instance(Options()).extractor("Youtube")
    director = initialize_jsc_director(extractor)
    ours = [p for p in director.providers.values() if isinstance(p, EJSBaseJCP)]
    providers = {provider.JS_RUNTIME_NAME: provider for provider in ours}
    proofs = [_try(providers[name]) for name in RUNTIMES if name in providers]
    good = [proof for proof in proofs if proof.is_good]
    return good[0] if good else Proof(False, "; ".join(proof.found for proof in proofs))


def _try(provider: Any) -> Proof:
    from yt_dlp.extractor.youtube.jsc.provider import JsChallengeProviderError

    name = provider.JS_RUNTIME_NAME
    runtime = provider.ie._downloader._js_runtimes.get(name)
    if runtime is None or runtime.info is None:
        return Proof(False, f"no {name}")
    version = f"{name} {runtime.info.version}"
    if not runtime.info.supported:
        return Proof(False, f"{version} is too old")
    try:
        answer = json.loads(provider._run_js_runtime(_script(provider)))
        solver = provider._lib_script.version
    except (JsChallengeProviderError, ValueError, OSError) as error:
        return Proof(False, f"{version} does not run the solver: {str(error)[:200]}")
    is_solved = answer == [{"type": "result", "data": {_PUZZLE: _SOLVED}}]
    text = "solves a puzzle" if is_solved else f"answers {str(answer)[:100]} to a puzzle"
    return Proof(is_solved, f"{version} with yt-dlp's solver {solver} {text}")


def _script(provider: Any) -> str:
    """Return what yt-dlp gives a runtime, with a puzzle of our own."""
    asked = {
        "type": "preprocessed",
        "preprocessed_player": _PLAYER,
        "requests": [{"type": "n", "challenges": [_PUZZLE]}],
    }
    return (
        f"{provider._lib_script.code}\nObject.assign(globalThis, lib);\n"
        f"{provider._core_script.code}\nmeriyah.parse('f(1)');\n"
        f"console.log(JSON.stringify(jsc({json.dumps(asked)}).responses));\n"
    )
