"""How the rules of the template are kept: each a function of one resource, run for all of its type in each view."""

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from check_stack.findings import Findings
from check_stack.view import View

# What is wrong: what, what is there, what is expected.
Fault = tuple[str, object, object]


@dataclass
class Subject:
    """A resource as a stack has it."""

    view: View
    name: str
    properties: dict

    @property
    def resource(self) -> dict:
        """The whole of it, with its policies and its condition, as it is written."""
        return self.view.template["Resources"][self.name]

    @property
    def arn(self) -> str:
        """Its ARN, as the others refer to it."""
        return f"${{{self.name}.Arn}}"

    def others(self, kind: str) -> Iterator["Subject"]:
        """The resources of a type in the same stack."""
        for name, properties in self.view.of(kind):
            yield Subject(self.view, name, properties)


@dataclass
class Rule:
    """A rule, and how many resources it was tried on."""

    kind: str
    optional: bool
    check: Callable[[Subject], Iterator[Fault]]
    tried: Counter = field(default_factory=Counter)


RULES: list[Rule] = []


def rule(kind: str, optional: bool = False) -> Callable:
    """Makes a function the rule for a type (or for `*`); unless it is optional, there must be such resources."""

    def registered(check: Callable[[Subject], Iterator[Fault]]) -> Callable[[Subject], Iterator[Fault]]:
        RULES.append(Rule(kind, optional, check))
        return check

    return registered


def listed(value: object) -> list:
    """Where a list may be written as its only item."""
    return value if isinstance(value, list) else [value]


def keep(findings: Findings, views: list[View]) -> int:
    """Tries all rules in all views; gives how many there are."""
    for one in RULES:
        for view in views:
            for name, resource in view.resources.items():
                if one.kind in ("*", resource["Type"]):
                    one.tried[name] += 1
                    for what, there, expected in one.check(Subject(view, name, view.properties(name))):
                        findings.fault(name, what, there, expected)
        if not one.tried and not one.optional:
            findings.fault(one.kind, f"resources for the rule {one.check.__name__}", 0, "at least one")
    for condition in views[0].conditions:
        states = {view.conditions[condition] for view in views}
        if len(states) == 1:
            findings.fault(condition, f"the condition in {len(views)} stacks", f"always {states}", "both (see STACKS)")
    return len(RULES)
