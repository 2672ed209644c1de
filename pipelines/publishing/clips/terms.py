"""On which terms clips come: `terms.csv`."""

from typing import TYPE_CHECKING

from kinetics_builder.formats.column_lines import Texts, csv_texts
from pipelines.publishing.folders.facts import allowed

if TYPE_CHECKING:
    import pyarrow

TERMS = "terms.csv"
TERM_COLUMNS = (
    *("file", "url", "licence", "kind"),
    *("attribution", "commercial", "derivatives", "share_alike"),
)


def terms_texts(clips: "pyarrow.RecordBatch") -> Texts:
    """Return on which terms each clip comes, as far as its licence's name says it, as lines."""
    import pyarrow

    kinds = clips["licence_kind"].dictionary_encode()
    known = zip(*map(allowed, kinds.dictionary.to_pylist()), strict=True)
    terms = (pyarrow.array(one, pyarrow.string()).take(kinds.indices) for one in known)
    names = ("file", "url", "licence", "licence_kind")
    return csv_texts([*(clips[name] for name in names), *terms])
