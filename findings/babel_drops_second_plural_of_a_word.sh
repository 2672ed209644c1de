#!/usr/bin/env bash
# Babel's extraction drops, without a word, the second plural that sources give one singular.
#
# A catalogue of gettext finds a text by its singular alone. Where sources say "a person, many
# persons" in one place and "a person, many people" in another, xgettext warns of it. `pybabel
# extract` keeps the plural that comes first and both places, exits with 0 and says nothing. What is
# seen then hangs on the language: the source's own shows each plural as it was written, every
# translated one shows the translation of the first at both places.
#
# Seen with Babel 2.18.0:
#   2 calls of ngettext with 2 plurals: 1 entry, of the first plural, at both lines; 0 warnings
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet Babel==2.18.0
cd "$folder"
cat >texts.py <<'PYTHON'
print(ngettext("a person", "many persons", num))
print(ngettext("a person", "many people", num))
PYTHON
"$folder/venv/bin/pybabel" extract -o texts.pot texts.py >said.txt 2>&1
grep -A1 'msgid "a person"' texts.pot
grep -q 'texts.py:1 texts.py:2' texts.pot
! grep -q 'many people' texts.pot
! grep -i -E 'warn|inconsisten|plural' said.txt
echo "one plural of two is kept, and nothing is said"
