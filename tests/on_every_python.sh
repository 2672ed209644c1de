#!/bin/sh
# Makes this project's targets with every Python that is supported and found on this machine,
# each in a fresh clone of what is committed and in a virtual environment of its own.
#
#   tests/on_every_python.sh [TARGET ...]      `make test` and `make demo` without an argument
#
# Found are python3.11, python3.12 ... on the PATH, and those that pyenv and uv have installed;
# one of each minor version is taken. Ends with 1 if any target failed with any of them.
cd "$(dirname "$0")/.." || exit 2
home=$PWD
[ $# -gt 0 ] || set -- test demo
if [ -z "$KBUILD_SHARED" ] && [ -d ../shared/data ]; then
    KBUILD_SHARED=$(cd ../shared/data && pwd)
    export KBUILD_SHARED
fi

supported() {
    sed -n 's/.*"Programming Language :: Python :: \(3\.[0-9]*\)".*/\1/p' pyproject.toml
}

# Prints the interpreter of a minor version, such as 3.12, if there is one that runs.
find_python() {
    for candidate in "python$1" "${PYENV_ROOT:-$HOME/.pyenv}/versions/$1".*/bin/python3 \
        "$(.venv/bin/uv python find --no-python-downloads --system "$1" 2>/dev/null)"; do
        found=$("$candidate" -c 'import sys; print("%d.%d" % sys.version_info[:2])' 2>/dev/null)
        if [ "$found" = "$1" ]; then
            command -v "$candidate"
            return
        fi
    done
}

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
trap 'exit 130' INT TERM
failed=0
summary=""
for version in $(supported); do
    python=$(find_python "$version")
    if [ -z "$python" ]; then
        summary="$summary
Python $version: not on this machine"
        continue
    fi
    git clone -q "$home" "$folder/$version" || exit 2
    for target in "$@"; do
        log=$folder/$version-$target.txt
        echo "make $target with $("$python" --version), $python"
        if make --no-print-directory -C "$folder/$version" "$target" PYTHON="$python" >"$log" 2>&1; then
            result=passed
        else
            result=FAILED
            failed=1
            tail -n 60 "$log"
        fi
        summary="$summary
Python $version: make $target $result: $(tail -n 1 "$log")"
    done
    rm -rf "${folder:?}/$version"
done
echo "$summary"
exit "$failed"
