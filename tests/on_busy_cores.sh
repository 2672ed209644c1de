#!/bin/sh
# Runs the tests several times while every core is busy with something else: what depends on
# time (the browser, waits, leases) fails here before it fails on somebody's loaded machine.
#
#   tests/on_busy_cores.sh [TIMES [PYTEST ARGUMENT ...]]      three times without an argument
#
# Ends with 1 if any run failed; each run's last line is printed again at the end.
cd "$(dirname "$0")/.." || exit 2
times=${1:-3}
[ $# -gt 0 ] && shift
logs=$(mktemp -d)
busy=""
for _ in $(seq "$(getconf _NPROCESSORS_ONLN)"); do
    sh -c 'while :; do :; done' &
    busy="$busy $!"
done
# shellcheck disable=SC2064,SC2086 (the numbers as they are now, as several words)
trap "kill $busy 2>/dev/null" EXIT
trap 'exit 130' INT TERM
failed=0
for run in $(seq "$times"); do
    .venv/bin/pytest -n 2 --dist loadgroup "$@" >"$logs/$run" 2>&1 || failed=1
    tail -n 40 "$logs/$run"
done
echo
for run in $(seq "$times"); do
    echo "run $run of $times: $(tail -n 1 "$logs/$run")"
done
exit "$failed"
