#!/usr/bin/env bash
# mlcroissant takes video/mp4 for a known encoding, and can read no record of such files.
#
# Croissant describes a folder of files by a FileSet with an encodingFormat. mlcroissant's own list
# of encodings has video/mp4, and a description of MP4 files with the bytes of each as a field
# passes its validation without an error or a warning. As soon as a record is asked for, it raises.
# With text/plain beside it (a list of two) the same description gives the bytes of each file, as
# they are.
#
# Seen with mlcroissant 1.1.1:
#   video/mp4: 0 errors, 0 warnings, no record (GenerationError)
#   video/mp4, text/plain: 0 errors, 0 warnings, 2 records of bytes
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet mlcroissant==1.1.1
cd "$folder"
mkdir clips
printf 'one' >clips/one.mp4
printf 'two' >clips/two.mp4
cat >read.py <<'PYTHON'
import json
import logging
import sys
import warnings

warnings.simplefilter("ignore")
logging.disable(logging.CRITICAL)
import mlcroissant as mlc
from mlcroissant._src.core.rdf import make_context


def described(encoding):
    field = {
        "@type": "cr:Field", "@id": "clips/content", "dataType": "sc:Text",
        "source": {"fileSet": {"@id": "files"}, "extract": {"fileProperty": "content"}},
    }
    return {
        "@context": make_context(),
        "@type": "sc:Dataset", "name": "clips", "description": "Two files.", "version": "1.0.0",
        "conformsTo": "http://mlcommons.org/croissant/1.0", "license": "CC0-1.0",
        "url": "https://example.org/clips", "datePublished": "2026-01-01", "citeAs": "none",
        "creator": {"@type": "sc:Person", "name": "nobody"},
        "distribution": [
            {"@type": "cr:FileObject", "@id": "here", "name": "here", "contentUrl": ".",
             "encodingFormat": "https://github.com/mlcommons/croissant/issues/80", "sha256": "main"},
            {"@type": "cr:FileSet", "@id": "files", "name": "files", "encodingFormat": encoding,
             "includes": "clips/*.mp4"},
        ],
        "recordSet": [{"@type": "cr:RecordSet", "@id": "clips", "name": "clips", "field": [field]}],
    }


for encoding in ("video/mp4", ["video/mp4", "text/plain"]):
    with open("croissant.json", "w") as file:
        json.dump(described(encoding), file)
    dataset = mlc.Dataset("croissant.json")
    issues = dataset.metadata.ctx.issues
    said = f"{len(issues.errors)} errors, {len(issues.warnings)} warnings"
    try:
        found = len([bytes(record["clips/content"]) for record in dataset.records("clips")])
    except Exception as error:
        found = type(error).__name__
    print(encoding, said, found, sep="; ")
PYTHON
"$folder/venv/bin/python" read.py | tee said.txt
grep -q '"video/mp4"' "$folder"/venv/lib/python*/site-packages/mlcroissant/_src/core/constants.py
grep -qx 'video/mp4; 0 errors, 0 warnings; GenerationError' said.txt
grep -qx "\['video/mp4', 'text/plain'\]; 0 errors, 0 warnings; 2" said.txt
echo "what is known is not read"
