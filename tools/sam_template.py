"""What AWS makes of template.yaml: the SAM transform, applied here."""

import copy
import pathlib

import boto3
from samtranslator.parser.parser import Parser
from samtranslator.translator.translator import Translator
from samtranslator.yaml_helper import yaml_parse

ROOT = pathlib.Path(__file__).resolve().parent.parent
TEMPLATE = ROOT / "template.yaml"
# The transform asks for a region to name the partition; it calls nothing.
REGION = "eu-central-1"
# Where `sam package` would have put the code of each function.
CODE_BUCKET, CODE_KEY = "bucket", "key"


def read(file: pathlib.Path) -> dict:
    """A template as it is written."""
    return yaml_parse(file.read_text(encoding="utf-8"))


def defaults(template: dict) -> dict:
    """The parameters that need not be given, with what they are then."""
    declared = template.get("Parameters", {})
    return {name: parameter["Default"] for name, parameter in declared.items() if "Default" in parameter}


def transformed(source: dict, parameters: dict) -> dict:
    """The template as CloudFormation gets it, with the given parameters."""
    template = copy.deepcopy(source)
    for resource in template["Resources"].values():
        if resource["Type"] == "AWS::Serverless::Function":
            # The transform wants uploaded code.
            resource["Properties"]["CodeUri"] = f"s3://{CODE_BUCKET}/{CODE_KEY}"
    translator = Translator(
        managed_policy_map={}, sam_parser=Parser(), boto_session=boto3.session.Session(region_name=REGION)
    )
    result = translator.translate(template, {"AWS::Region": REGION, **defaults(template), **parameters})
    # Goes nowhere; the translator complains at its end about measurements that nobody fetched.
    translator.metrics.publish()
    return result
