#!/bin/sh
# Make a virtual environment and install a lock into it: setup.sh FOLDER LOCK [PYTHON]
# Says in one sentence what is wrong when it cannot.
set -eu
folder=$1
lock=$2

fail() {
    echo "obzvon: $1" >&2
    exit 1
}

new_enough() {
    "$1" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null
}

python=""
for candidate in ${3:-python3 python3.13 python3.12 python3.11}; do
    if new_enough "$candidate"; then
        python=$candidate
        break
    fi
done
[ -n "$python" ] || fail "Python 3.11 or newer is needed, and this machine has $(python3 --version 2>/dev/null || echo none). Install it (Debian 12: apt install python3 python3-venv) and repeat."

[ -w "$(dirname "$folder")" ] || fail "the folder $(pwd) is read-only, and the virtual environment has to be made in it. Copy the project to a folder that you may write to."

if [ ! -x "$folder/bin/python" ] || ! new_enough "$folder/bin/python"; then
    rm -rf "$folder"
    if ! "$python" -m venv "$folder" >/dev/null 2>&1; then
        rm -rf "$folder"
        if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
            { apt-get update -qq && apt-get install -y -qq python3-venv; } >/dev/null 2>&1 || true
        fi
        "$python" -m venv "$folder" >/dev/null 2>&1 ||
            fail "Python cannot make a virtual environment here. On Debian 12: apt install python3-venv, then repeat."
    fi
fi
echo "obzvon: installing $lock (the first time takes a minute)"
"$folder/bin/python" -m pip install --quiet --disable-pip-version-check --no-warn-script-location \
    --require-hashes -r "$lock" 2>"$folder/install.log" || {
    grep -E '^ERROR' "$folder/install.log" >&2 || tail -n 5 "$folder/install.log" >&2
    fail "the packages of $lock could not be installed, see above. Is the package index reachable?"
}
