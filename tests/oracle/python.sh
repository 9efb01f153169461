#!/bin/sh
# python.sh - runs a test in Python: $BELAY_PYTHON, else the one of build/venv, else python3.
# The last line of a test that ends with 77 says why it was skipped. With BELAY_LIVE what it says is
# seen while it runs, and nothing is skipped.
set -u

test=$1
shift
here=$(cd "$(dirname "$0")" && pwd)
top_srcdir=${top_srcdir:-$(cd "$here/../.." && pwd)}
top_builddir=${top_builddir:-$top_srcdir/build}
venv=${BELAY_VENV:-$top_srcdir/build/venv}
[ -x "$venv/bin/python" ] || venv=$top_builddir/venv

python=${BELAY_PYTHON:-$venv/bin/python}
command -v "$python" >/dev/null || python=python3
command -v "$python" >/dev/null || { echo "1..0 # SKIP python3 is not here"; exit 0; }

export top_srcdir top_builddir
export PYTHONDONTWRITEBYTECODE=1 PYTHONPATH="$here" KERAS_BACKEND=torch
[ "${BELAY_LIVE:-}" ] && exec "$python" "$test" "$@"
out=$(mktemp) || exit 99
trap 'rm -f "$out"' EXIT
"$python" "$test" "$@" >"$out" 2>&1
code=$?
cat "$out"
[ $code -eq 77 ] || exit $code
echo "1..0 # SKIP $(tail -n 1 "$out")"
