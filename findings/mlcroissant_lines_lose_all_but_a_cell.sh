#!/usr/bin/env bash
# The lines of a text, as mlcroissant reads them, are what stands behind their last comma.
#
# In Croissant a field may be made of the lines of a file: extract, fileProperty "lines". One expects
# each line as it is, as of AVA's lists of boxes, which have no header and so no columns to name.
# mlcroissant reads such a file as a table of commas with one named column: the cells before the
# last become its index and are gone, without a word, and blank lines are left out. Where only some
# lines have commas, it raises.
#
# Seen with mlcroissant 1.1.1:
#   rows.txt: film,0902,0.1,0.2,0.3,0.4,12,1 -> 1
#   rows.txt: film,0903,0.1,0.2,0.3,0.4,80,7 -> 7
#   notes.txt: no record (GenerationError)
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet mlcroissant==1.1.1
cd "$folder"
printf 'film,0902,0.1,0.2,0.3,0.4,12,1\n\nfilm,0903,0.1,0.2,0.3,0.4,80,7\n' >rows.txt
printf 'one line\nanother, with a comma\n' >notes.txt
cat >read.py <<'PYTHON'
import hashlib
import json
import logging
import warnings

warnings.simplefilter("ignore")
logging.disable(logging.CRITICAL)
import mlcroissant as mlc
from mlcroissant._src.core.rdf import make_context


def described(name):
    with open(name, "rb") as file:
        sha256 = hashlib.sha256(file.read()).hexdigest()
    field = {
        "@type": "cr:Field", "@id": "lines/text", "dataType": "sc:Text",
        "source": {"fileObject": {"@id": "file"}, "extract": {"fileProperty": "lines"}},
    }
    return {
        "@context": make_context(),
        "@type": "sc:Dataset", "name": "lines", "description": "A text.", "version": "1.0.0",
        "conformsTo": "http://mlcommons.org/croissant/1.0", "license": "CC0-1.0",
        "url": "https://example.org/lines", "datePublished": "2026-01-01", "citeAs": "none",
        "creator": {"@type": "sc:Person", "name": "nobody"},
        "distribution": [
            {"@type": "cr:FileObject", "@id": "file", "name": "file", "contentUrl": name,
             "encodingFormat": "text/plain", "sha256": sha256},
        ],
        "recordSet": [{"@type": "cr:RecordSet", "@id": "lines", "name": "lines", "field": [field]}],
    }


for name in ("rows.txt", "notes.txt"):
    with open("croissant.json", "w") as file:
        json.dump(described(name), file)
    dataset = mlc.Dataset("croissant.json")
    errors = len(dataset.metadata.ctx.issues.errors)
    try:
        found = [record["lines/text"].decode() for record in dataset.records("lines")]
    except Exception as error:
        found = type(error).__name__
    print(name, f"{errors} errors", found, sep="; ")
PYTHON
"$folder/venv/bin/python" read.py | tee said.txt
grep -qx "rows.txt; 0 errors; \['1', '7'\]" said.txt
grep -qx "notes.txt; 0 errors; GenerationError" said.txt
