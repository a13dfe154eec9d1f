"""A template with its intrinsic functions resolved, as a stack with given parameters has it.

Without physical ids a resource is named by its own reference: `!GetAtt Queue.Arn` is the text `${Queue.Arn}`.
"""

import re
from collections.abc import Iterator

import sam_template
from check_stack.attributes import ACCOUNT, attribute, reference

# What AWS::NoValue stands for: the member or the item is not there.
NOTHING = object()
IN_SUB = re.compile(r"\$\{(!?)([^}]+)\}")


class Unresolved(Exception):
    """What CloudFormation would refuse too, or what this module does not know."""


class View:
    """A template as a stack of it."""

    def __init__(
        self,
        template: dict,
        stack: str,
        parameters: dict,
        ids: dict[str, str | None] | None = None,
        stack_id: str | None = None,
    ):
        self.template, self.stack, self.ids = template, stack, ids
        declared = template.get("Parameters", {})
        if unknown := set(parameters) - set(declared):
            raise Unresolved(f"the template has no parameter {', '.join(sorted(unknown))}")
        given = {**sam_template.defaults(template), **parameters}
        self.parameters = {name: typed(declared[name], value) for name, value in given.items()}
        self.pseudo = {
            "AWS::AccountId": ACCOUNT,
            "AWS::NoValue": NOTHING,
            "AWS::Partition": "aws",
            "AWS::Region": sam_template.REGION,
            "AWS::StackId": stack_id or "${AWS::StackId}",
            "AWS::StackName": stack,
            "AWS::URLSuffix": "amazonaws.com",
        }
        self.conditions = {name: self.holds(body) for name, body in template.get("Conditions", {}).items()}
        # Those that the stack has.
        self.resources = {
            name: resource
            for name, resource in template["Resources"].items()
            if self.conditions.get(resource.get("Condition"), "Condition" not in resource)
        }
        self.known: dict[str, dict] = {}

    def of(self, kind: str) -> Iterator[tuple[str, dict]]:
        """The resources of a type: logical id, properties."""
        for name, resource in self.resources.items():
            if resource["Type"] == kind:
                yield name, self.properties(name)

    def properties(self, name: str) -> dict:
        """The properties of a resource, resolved."""
        if name not in self.known:
            self.known[name] = self.value(self.resources[name].get("Properties", {}))
        return self.known[name]

    def holds(self, condition: object) -> bool:
        """Whether a condition does."""
        ((function, body),) = condition.items()
        match function:
            case "Condition":
                return self.holds(self.template["Conditions"][body])
            case "Fn::Equals":
                first, second = (self.value(side) for side in body)
                return str(first) == str(second)
            case "Fn::Not":
                return not self.holds(body[0])
            case "Fn::And":
                return all(self.holds(part) for part in body)
            case "Fn::Or":
                return any(self.holds(part) for part in body)
        raise Unresolved(f"{function} in a condition")

    def value(self, value: object) -> object:
        """A value, resolved."""
        if isinstance(value, list):
            return [item for item in map(self.value, value) if item is not NOTHING]
        if not isinstance(value, dict):
            return value
        if len(value) == 1:
            ((function, body),) = value.items()
            if function == "Ref" or function.startswith("Fn::"):
                return self.call(function, body)
        members = {name: self.value(member) for name, member in value.items()}
        return {name: member for name, member in members.items() if member is not NOTHING}

    def call(self, function: str, body: object) -> object:
        """What an intrinsic function gives."""
        match function:
            case "Ref":
                return self.ref(body)
            case "Fn::GetAtt":
                name, _, path = body.partition(".") if isinstance(body, str) else (body[0], ".", body[1])
                return self.attribute(name, path)
            case "Fn::If":
                return self.value(body[1] if self.conditions[body[0]] else body[2])
            case "Fn::Sub":
                return self.sub(body)
            case "Fn::Join":
                return body[0].join(str(part) for part in self.value(body[1]))
            case "Fn::Split":
                return self.value(body[1]).split(body[0])
            case "Fn::Select":
                return self.value(body[1])[int(self.value(body[0]))]
            case "Fn::FindInMap":
                first, second, third = (self.value(part) for part in body)
                return self.template["Mappings"][first][second][third]
        raise Unresolved(function)

    def ref(self, name: str) -> object:
        """A parameter, or a resource."""
        if name in self.pseudo:
            return self.pseudo[name]
        if name in self.parameters:
            return self.parameters[name]
        self.must_be_there(name)
        return f"${{{name}}}" if self.ids is None else reference(self, name)

    def attribute(self, name: str, path: str) -> str:
        """An attribute of a resource."""
        self.must_be_there(name)
        return f"${{{name}.{path}}}" if self.ids is None else attribute(self, name, path)

    def must_be_there(self, name: str) -> None:
        """CloudFormation refuses a reference to what the stack does not have."""
        if name not in self.resources:
            raise Unresolved(f"a reference to {name}, which stack {self.stack} does not have")

    def sub(self, body: object) -> str:
        """A text with references in it."""
        text, own = (body, {}) if isinstance(body, str) else body

        def replaced(match: re.Match) -> str:
            literal, name = match.groups()
            if literal:
                return f"${{{name}}}"
            if name in own:
                return str(self.value(own[name]))
            return str(self.call("Fn::GetAtt", name) if "." in name else self.ref(name))

        return IN_SUB.sub(replaced, text)


def typed(parameter: dict, value: object) -> object:
    """What a reference to a parameter gives: a list, or a text."""
    if parameter["Type"] == "CommaDelimitedList" or parameter["Type"].startswith("List<"):
        return str(value).split(",")
    return str(value)
