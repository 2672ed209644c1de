#!/usr/bin/env bash
# A mapping file of Babel in TOML cannot switch on an option of Jinja2's extractor with `true`.
#
# Babel reads its mapping from TOML since 2.14, and hands the values on as TOML has them. Jinja2's
# extractor, which Babel calls by its entry point, takes each switch (`trimmed`, `silent`,
# `keep_trailing_newline`, ...) for a text and asks for its lower case. So `trimmed = true`, the
# only way in which TOML writes a switch, ends the extraction with an AttributeError that names
# neither the option nor the file; `trimmed = "true"` works, and so does the same in an INI mapping.
#
# Seen with Babel 2.18.0 and Jinja2 3.1.6:
#   trimmed = true: AttributeError: 'bool' object has no attribute 'lower'
#   trimmed = "true": extracted 'two lines'
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet Babel==2.18.0 Jinja2==3.1.6
mkdir "$folder/pages"
printf '{%% trans %%}two\n  lines{%% endtrans %%}\n' >"$folder/pages/page.html"
cd "$folder"
for value in true '"true"'; do
    printf '[[mappings]]\nmethod = "jinja2"\npattern = "**.html"\ntrimmed = %s\n' "$value" >babel.toml
    "$folder/venv/bin/pybabel" -q extract -F babel.toml -o texts.pot pages >said.txt 2>&1 || true
    case $value in
    true)
        grep "AttributeError: 'bool' object has no attribute 'lower'" said.txt
        ;;
    *)
        grep 'msgid "two lines"' texts.pot
        ;;
    esac
done
echo "a switch in TOML ends the extraction; the same as a text does not"
