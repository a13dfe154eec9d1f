#!/usr/bin/env python3
"""Lints template.yaml twice: as it is written, and as AWS will see it.

The linter takes the properties of AWS::Serverless resources as they are and stops checking IAM actions as soon as a
template names the SAM transform: a misspelt action would pass and then be missing in production. So the transform is
applied here, once for each architecture that the template offers, and the results are linted too. Warnings count.

    tools/venv.sh tools/lint-template.py [TEMPLATE] [--keep DIRECTORY]
"""

import argparse
import json
import pathlib
import subprocess
import sys

from samtranslator.model.exceptions import InvalidDocumentException

# The module lies beside this file, where no compiled copy of it should appear.
sys.dont_write_bytecode = True
from sam_template import ROOT, TEMPLATE, read, transformed


def variants(source: dict) -> dict[str, dict]:
    """What is to be transformed: file name -> parameters."""
    architectures = source.get("Parameters", {}).get("Architecture", {}).get("AllowedValues", [])
    return {f"transformed-{value}.json": {"Architecture": value} for value in architectures} or {"transformed.json": {}}


def main() -> int:
    """Writes the transformed templates beside each other and lints all of them with the source."""
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    arguments.add_argument("template", nargs="?", type=pathlib.Path, default=TEMPLATE)
    arguments.add_argument("--keep", type=pathlib.Path, default=ROOT / "target" / "template", metavar="DIRECTORY")
    options = arguments.parse_args()

    source = read(options.template)
    options.keep.mkdir(parents=True, exist_ok=True)
    files = [options.template]
    for name, parameters in variants(source).items():
        try:
            result = transformed(source, parameters)
        except InvalidDocumentException as error:
            print(f"{options.template}: SAM refuses it with {parameters}:", file=sys.stderr)
            for cause in error.causes:
                print(f"  {cause.message}", file=sys.stderr)
            return 1
        file = options.keep / name
        file.write_text(json.dumps(result, indent=2) + "\n", encoding="utf-8")
        files.append(file)

    linter = pathlib.Path(sys.executable).with_name("cfn-lint")
    code = subprocess.run([linter, "--template", *files], check=False).returncode
    if code == 0:
        print(f"{options.template.name} and {len(files) - 1} transformed templates: no finding")
    return code


if __name__ == "__main__":
    sys.exit(main())
