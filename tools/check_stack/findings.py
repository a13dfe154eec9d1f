"""What was looked at, and what was not as it should be."""

import json
from collections import Counter


def shown(value: object) -> str:
    """A value for a line: as JSON, on one line, and not without end."""
    text = " ".join((value if isinstance(value, str) else json.dumps(value, default=str)).split())
    return text if len(text) <= 300 else f"{text[:300]}..."


class Findings:
    """Counts what was compared, and keeps one line for each fault."""

    def __init__(self):
        self.compared: Counter[str] = Counter()
        # A dictionary, as a set that keeps its order: a fault of the template is found in each stack, and told once.
        self.lines: dict[str, None] = {}

    def fault(self, subject: str, what: str, there: object, expected: object) -> None:
        """Something is not as it should be."""
        self.lines[f"{subject}: {what}: {shown(there)}, expected {shown(expected)}"] = None

    def same(self, subject: str, what: str, there: object, expected: object) -> None:
        """Two values that must be the same; of large ones the first place where they are not is told."""
        if there != expected:
            path, there, expected = parting(there, expected)
            self.fault(subject, what + path, there, expected)


def parting(there: object, expected: object) -> tuple[str, object, object]:
    """Where two values that are not the same begin to differ: the path to it, and the two."""
    match there, expected:
        case dict(), dict():
            same_members = there.keys() == expected.keys()
            pairs = [(f".{name}", there[name], expected[name]) for name in there] if same_members else []
        case list(), list():
            same_length = len(there) == len(expected)
            pairs = [(f"[{at}]", *pair) for at, pair in enumerate(zip(there, expected))] if same_length else []
        case _:
            pairs = []
    for step, first, second in pairs:
        if first != second:
            path, first, second = parting(first, second)
            return step + path, first, second
    return "", there, expected
