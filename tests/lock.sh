#!/bin/sh
# Renew the locks with hashes and without any index address in them.
set -eu
export UV_PYTHON_DOWNLOADS=never
lock() {
    uv pip compile --quiet --universal --generate-hashes --no-emit-index-url --no-emit-find-links \
        --no-annotate --custom-compile-command 'make lock' "$@"
}
lock --python-version 3.11 requirements.in -o requirements.lock
lock --python-version 3.11 requirements-postgres.in -o requirements-postgres.lock
lock --python-version 3.11 requirements-s3.in -o requirements-s3.lock
lock --python-version 3.11 requirements-dev.in -o requirements-dev.lock
lock --python-version 3.13 requirements-next.in -o requirements-next.lock
if grep -nE 'https?://' requirements*.lock; then
    echo "a lock names an address, see above" >&2
    exit 1
fi
