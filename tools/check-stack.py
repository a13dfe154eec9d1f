#!/usr/bin/env python3
"""Checks that template.yaml deploys as it is meant, without an account.

What AWS would make of it is deployed to moto, more than once, and read back with boto3: what is there must be what the
template says, and no stack may be in the way of another. What moto cannot hold, and what must never be written
otherwise, is asserted on the transformed template: the rules in tools/check_stack.

    tools/venv.sh tools/check-stack.py [TEMPLATE]
"""

import argparse
import pathlib
import re
import sys

# The modules lie beside this file, where no compiled copy of them should appear.
sys.dont_write_bytecode = True
import sam_template
from check_stack import access, held, rules, stacks, storage, wiring
from check_stack.attributes import ACCOUNT
from check_stack.findings import Findings
from check_stack.view import Unresolved, View

# A policy of the account, for a parameter.
POLICY = f"arn:aws:iam::{ACCOUNT}:policy/products"
# The stacks and their parameters. The first two are as the template has it; each condition of the template must hold
# in one of them and not in another.
STACKS = {
    "steward-one": {},
    "steward-two": {},
    "steward-options": {
        "ActionPolicyArns": POLICY,
        "CentralBusArn": f"arn:aws:events:{sam_template.REGION}:210987654321:event-bus/central",
        "DriftDetectionRoleArn": f"arn:aws:iam::{ACCOUNT}:role/drift-detection",
        "ExistingTableName": "an-older-table",
        "ImportPolicyArns": POLICY,
        "NotifyEmail": "people@example.com",
        "PlanPolicyArns": POLICY,
        "Requesters": f"arn:aws:iam::{ACCOUNT}:role/requester,arn:aws:iam::{ACCOUNT}:role/other-*",
        "TerminatePolicyArns": POLICY,
        "Tracing": "true",
    },
}
# Where the rules are: importing them has registered them.
RULES_IN = (access, storage, wiring)


def counted(number: int, kind: str) -> str:
    """How many of a type: `2 event buses`."""
    words = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", kind.rpartition(":")[2]).lower()
    if number == 1:
        return f"1 {words}"
    if words.endswith("y"):
        return f"{number} {words[:-1]}ies"
    return f"{number} {words}es" if words.endswith("s") else f"{number} {words}s"


def roles(findings: Findings, source: dict, template: dict) -> None:
    """The transform may not make up any role."""
    for name, resource in template["Resources"].items():
        if resource["Type"] == "AWS::IAM::Role" and name not in source["Resources"]:
            findings.fault(name, "who made this AWS::IAM::Role", "the SAM transform", "the template itself")


def compared(findings: Findings, template: dict) -> None:
    """Deploys all stacks and compares them; each type that moto has must have been compared."""
    with stacks.cloud() as client:
        views = [stacks.deployed(client, template, stack, given) for stack, given in STACKS.items()]
        for view in views:
            held.compare(findings, client, view)
        stacks.apart(findings, views)
    for kind in {resource["Type"] for view in views for resource in view.resources.values()}:
        if not findings.compared[kind]:
            findings.fault(kind, "resources compared", 0, "at least one")


def main() -> int:
    """All of it; prints a line for each fault."""
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    arguments.add_argument("template", nargs="?", type=pathlib.Path, default=sam_template.TEMPLATE)
    options = arguments.parse_args()

    findings = Findings()
    source = sam_template.read(options.template)
    template = sam_template.transformed(source, {})
    try:
        roles(findings, source, template)
        count = 1 + rules.keep(findings, [View(template, stack, given) for stack, given in STACKS.items()])
        compared(findings, template)
    except Unresolved as error:
        findings.fault(options.template.name, "cannot be deployed", str(error), "a template that CloudFormation takes")
    for line in findings.lines:
        print(f"FAILED  {line}")
    if findings.lines:
        print(f"faults of {options.template.name}: {len(findings.lines)}")
        return 1
    kinds = ", ".join(counted(number, kind) for kind, number in sorted(findings.compared.items()))
    print(f"{len(STACKS)} stacks held by moto: {kinds} compared; {count} rules of the template hold")
    return 0


if __name__ == "__main__":
    sys.exit(main())
