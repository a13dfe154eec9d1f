#!/usr/bin/env python3
"""Least privilege: whatever the roles of the functions allow, the scenarios of `cargo test` have needed.

The local cloud enforces the roles of template.yaml: a call that a role does not allow fails its scenario. This is the other
direction: an action, on a resource, that no scenario has needed is one too many. Permissions of the platform (logs, traces, the
queue that Lambda reads) are left out by the local cloud itself.

    cargo test && python3 tools/check-permissions.py
"""

import json
import pathlib
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
NOTES = ROOT / "target" / "unneeded-actions.json"
# What is allowed and no scenario can show to be needed: function -> action -> why.
EXCEPTIONS: dict[str, dict[str, str]] = {}


def main() -> int:
    """Compares what was not needed with the exceptions, both ways."""
    if not NOTES.is_file():
        print(f"{NOTES.relative_to(ROOT)} is missing: run `cargo test` first", file=sys.stderr)
        return 1
    unneeded = {function: set(actions) for function, actions in json.loads(NOTES.read_text(encoding="utf-8")).items()}
    problems = []
    for function, actions in sorted(unneeded.items()):
        problems += [
            f"{function}: no scenario needs {action}; take it out of the role, or say why it stays"
            for action in sorted(actions - EXCEPTIONS.get(function, {}).keys())
        ]
    for function, actions in EXCEPTIONS.items():
        problems += [
            f"{function}: {action} is an exception, and needed all the same"
            for action in sorted(actions.keys() - unneeded.get(function, set()))
        ]
    for problem in problems:
        print(problem, file=sys.stderr)
    if problems:
        print("(one scenario alone needs little: only after all of `cargo test` does this say anything)", file=sys.stderr)
        return 1
    count = sum(len(actions) for actions in EXCEPTIONS.values())
    print(f"The scenarios have needed all that the roles allow; {count} exceptions.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
