#!/usr/bin/env bash
# wordllama's wheel holds its tokenizer, and its loader asks the network for it all the same.
#
# The wheel ships weights/l2_supercat_256.safetensors and tokenizers/l2_supercat_tokenizer_config.json,
# and one expects both to be used. The weights are. For the tokenizer the loader looks in the
# folder `tokenizer`, where the wheel has `tokenizers`: without a network, or with
# disable_download=True, loading fails although all is there. A cache_dir that names the
# package's own folder is looked at under `tokenizers`, and so loads what was installed.
#
# Seen with wordllama 0.4.0.post1:
#   as documented: FileNotFoundError: Tokenizer file 'l2_supercat_tokenizer_config.json' not found ...
#   with the package as cache: 256 numbers
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet wordllama==0.4.0.post1
cd "$folder"
HOME=$folder "$folder/venv/bin/python" - <<'PYTHON'
import sys
from pathlib import Path

import wordllama

inside = Path(wordllama.__file__).parent
is_shipped = (inside / "tokenizers" / "l2_supercat_tokenizer_config.json").exists()
try:
    wordllama.WordLlama.load(disable_download=True)
    failed = False
except FileNotFoundError as error:
    failed = True
    print("as documented: FileNotFoundError:", error)
model = wordllama.WordLlama.load(cache_dir=inside, disable_download=True)
print("with the package as cache:", model.embed(["playing trombone"]).shape[1], "numbers")
sys.exit(0 if is_shipped and failed else 1)
PYTHON
