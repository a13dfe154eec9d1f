#!/usr/bin/env python3
"""Checks that the functions depend on no crate that deny.toml bans.

cargo-deny checks the bans for the whole workspace, but takes minutes to install. This needs cargo alone, looks at what
is deployed, and so runs everywhere; the list of bans is the same.

    python3 tools/check-dependencies.py
"""

import pathlib
import subprocess
import sys
import tomllib

ROOT = pathlib.Path(__file__).resolve().parent.parent
TARGETS = ["x86_64-unknown-linux-gnu", "aarch64-unknown-linux-gnu"]


def bans() -> list[tuple[str, str, str]]:
    """Crate, version (empty: all of them), reason."""
    entries = tomllib.loads((ROOT / "deny.toml").read_text(encoding="utf-8"))["bans"]["deny"]
    return [(*entry["crate"].partition("@")[::2], entry["reason"]) for entry in entries]


def tree(packages: list[str], target: str, *options: str) -> str:
    """What cargo tree says about the packages as they are built for one target."""
    command = ["cargo", "tree", "--locked", "--edges", "normal,build", "--target", target, *options]
    for package in packages:
        command += ["--package", package]
    return subprocess.run(command, cwd=ROOT, check=True, stdout=subprocess.PIPE, text=True).stdout


def crates(packages: list[str], target: str) -> set[tuple[str, str]]:
    """Name and version of everything that goes into the packages."""
    lines = tree(packages, target, "--prefix", "none", "--format", "{p}").splitlines()
    return {(name, version.removeprefix("v")) for name, version, *_ in (line.split() for line in lines if line)}


def main() -> int:
    """Prints one line, or each banned crate with the way by which it came in."""
    packages = sorted(path.parent.name for path in ROOT.glob("functions/*/Cargo.toml"))
    if not packages:
        print("error: functions/ holds no package", file=sys.stderr)
        return 1
    listed = bans()
    found = seen = 0
    for target in TARGETS:
        present = crates(packages, target)
        seen = max(seen, len(present))
        for banned, versions, reason in listed:
            for name, version in sorted(present):
                if name == banned and f"{version}.".startswith(f"{versions}." if versions else ""):
                    found += 1
                    print(f"error: {name} {version} on {target}: {reason}", file=sys.stderr)
                    print(tree(packages, target, "--invert", f"{name}@{version}"), file=sys.stderr)
    if found == 0:
        print(f"{', '.join(packages)}: {seen} crates, none of the {len(listed)} banned ones")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
