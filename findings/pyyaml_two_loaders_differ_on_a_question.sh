#!/usr/bin/env bash
# PyYAML's loader in Python refuses a question mark inside {...} or [...] that its loader in C reads.
#
# YAML lets "?" stand within or at the end of a plain text; only "? " at its beginning means a key.
# Inside a flow collection PyYAML's SafeLoader ends the text at any "?" and then complains of it,
# while CSafeLoader of the same installation, and ruamel.yaml, read the text as it stands. Outside of
# braces both read it. A decision tree's questions written on one line meet this at once; with
# quotation marks all loaders agree.
#
# Seen with PyYAML 6.0.3 (libyaml in its wheel) and ruamel.yaml 0.18.16:
#   {ask: Is it red?, go: left}    SafeLoader ParserError; CSafeLoader and ruamel.yaml read it
#   [what? now, then]              the same
#   ask: Is it red?, go            all three read one text
#   {ask: "Is it red?", go: left}  all three read it
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet PyYAML==6.0.3 ruamel.yaml==0.18.16
cd "$folder"
cat >read.py <<'PYTHON'
import yaml
from ruamel.yaml import YAML

LOADERS = {
    "SafeLoader": lambda text: yaml.load(text, Loader=yaml.SafeLoader),
    "CSafeLoader": lambda text: yaml.load(text, Loader=yaml.CSafeLoader),
    "ruamel.yaml": lambda text: YAML(typ="safe", pure=True).load(text),
}
TEXTS = (
    "{ask: Is it red?, go: left}",
    "[what? now, then]",
    "ask: Is it red?, go",
    '{ask: "Is it red?", go: left}',
)
for text in TEXTS:
    for name, load in LOADERS.items():
        try:
            said = load(text)
        except yaml.YAMLError as error:
            said = type(error).__name__
        print(f"{text}: {name}: {said}")
PYTHON
cat >expected.txt <<'TEXT'
{ask: Is it red?, go: left}: SafeLoader: ParserError
{ask: Is it red?, go: left}: CSafeLoader: {'ask': 'Is it red?', 'go': 'left'}
{ask: Is it red?, go: left}: ruamel.yaml: {'ask': 'Is it red?', 'go': 'left'}
[what? now, then]: SafeLoader: ParserError
[what? now, then]: CSafeLoader: ['what? now', 'then']
[what? now, then]: ruamel.yaml: ['what? now', 'then']
ask: Is it red?, go: SafeLoader: {'ask': 'Is it red?, go'}
ask: Is it red?, go: CSafeLoader: {'ask': 'Is it red?, go'}
ask: Is it red?, go: ruamel.yaml: {'ask': 'Is it red?, go'}
{ask: "Is it red?", go: left}: SafeLoader: {'ask': 'Is it red?', 'go': 'left'}
{ask: "Is it red?", go: left}: CSafeLoader: {'ask': 'Is it red?', 'go': 'left'}
{ask: "Is it red?", go: left}: ruamel.yaml: {'ask': 'Is it red?', 'go': 'left'}
TEXT
venv/bin/python read.py >seen.txt
cat seen.txt
if ! diff expected.txt seen.txt; then
  echo "not as seen before"
  exit 1
fi
