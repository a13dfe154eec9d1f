#!/usr/bin/env bash
# Prints the path of a Chromium: the one that CHROMIUM names, one in PATH, or Debian's, which root gets installed.
# Without any it says in one line why not, and fails.
set -euo pipefail

fail() {
    printf 'tools/chromium.sh: %s\n' "$*" >&2
    exit 1
}

if [ -n "${CHROMIUM:-}" ]; then
    command -v "$CHROMIUM" || fail "CHROMIUM names $CHROMIUM, which is no program"
    exit
fi

names=(chromium chromium-browser google-chrome google-chrome-stable)
for name in "${names[@]}"; do
    if command -v "$name"; then
        exit
    fi
done

[ "$(id -u)" -eq 0 ] || fail "none of ${names[*]} is in PATH, and only root can install one; CHROMIUM may name another"
command -v apt-get >/dev/null || fail "none of ${names[*]} is in PATH, and there is no apt-get to install one"

log=$(mktemp)
trap 'rm -f "$log"' EXIT
export DEBIAN_FRONTEND=noninteractive
{
    apt-get update --quiet && apt-get install --yes --quiet --no-install-recommends chromium
} </dev/null >"$log" 2>&1 || fail "apt-get could not install chromium: $(tail -n 1 "$log")"
command -v chromium || fail "apt-get has installed chromium, and it is not in PATH"
