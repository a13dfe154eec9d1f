#!/usr/bin/env bash
# Sees to it that target/venv holds the tools of requirements.txt; with arguments, then runs them as a command that
# finds these tools first:
#
#   tools/venv.sh                       install, or do nothing
#   tools/venv.sh sam validate --lint   the same, then run sam
#
# PYTHON names another interpreter than python3.
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
venv=$root/target/venv
python=${PYTHON:-python3}

fail() {
    printf 'tools/venv.sh: %s\n' "$*" >&2
    exit 1
}

# One line for all that decides what the environment contains: the interpreter and the two lists.
key() {
    "$python" - "$root/tools/requirements.txt" "$root/tools/constraints.txt" <<'PY'
import hashlib, pathlib, sys

digest = hashlib.sha256()
for name in sys.argv[1:]:
    digest.update(pathlib.Path(name).read_bytes())
print(f"{sys.version_info.major}.{sys.version_info.minor}.{sys.version_info.micro} {digest.hexdigest()}")
PY
}

create() {
    # What a run left that was interrupted, or that had other versions.
    rm -rf "$venv"
    mkdir -p "$root/target"
    if "$python" -c 'import ensurepip, venv' 2>/dev/null; then
        "$python" -m venv "$venv"
        pip() { "$venv/bin/python" -m pip "$@"; }
    elif "$python" -m pip --version >/dev/null 2>&1 && "$python" -c 'import venv' 2>/dev/null; then
        # Some distributions ship ensurepip apart. Any pip from 22.3 on can install into another environment.
        printf 'tools/venv.sh: this Python has no ensurepip; its own pip fills the environment\n' >&2
        "$python" -m venv --without-pip "$venv"
        pip() { "$python" -m pip --python "$venv/bin/python" "$@"; }
    else
        fail "$python can create no virtual environment; on Debian and Ubuntu: apt-get install python3-venv"
    fi
    pip install --quiet --no-input --disable-pip-version-check \
        --requirement "$root/tools/requirements.txt" --constraint "$root/tools/constraints.txt"
}

command -v "$python" >/dev/null || fail "$python is missing; Python 3.11 or newer is needed"
if ! "$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))'; then
    fail "$python is too old; Python 3.11 or newer is needed"
fi

wanted=$(key)
if [ "$(cat "$venv/stamp" 2>/dev/null || true)" != "$wanted" ]; then
    create
    # Last, so that an interrupted installation is not taken for a complete one.
    printf '%s\n' "$wanted" >"$venv/stamp"
fi

if [ $# -gt 0 ]; then
    # sam calls `cargo lambda`, and cargo looks for its subcommands in PATH.
    export PATH="$venv/bin:$PATH"
    exec "$@"
fi
