"""A request by the bus, and what Steward makes of it."""

import json

from check_local.checks import CATALOG, OPERATION, Checks, aws, aws_refuses, expect, wait

BUS = "steward-bus"


def cli(checks: Checks) -> None:
    """What a person at a terminal does."""
    product = "pp-sns0000000001"
    with checks.check("aws events put-events"):
        detail = {"provisionedProductId": product, "requestedBy": "jo", "reason": "the workshop is over"}
        entry = {"EventBusName": BUS, "Source": "my.portal", "DetailType": "Termination Requested"}
        answer = aws("events", "put-events", "--entries", json.dumps([{**entry, "Detail": json.dumps(detail)}]))
        expect(0, answer["FailedEntryCount"], "the number of entries that failed")
    with checks.check("aws dynamodb scan: the operation has succeeded"):
        (table,) = aws("dynamodb", "list-tables")["TableNames"]

        def look() -> bool:
            items = aws("dynamodb", "scan", "--table-name", table, "--consistent-read")["Items"]
            found = [item for item in items if item["pk"]["S"].startswith("op#")]
            return [item["state"]["S"] for item in found if product in json.dumps(item)] == ["succeeded"]

        wait(OPERATION, product, look, 1)
    with checks.check("aws describe-provisioned-product: Steward has terminated it"):
        aws_refuses("ResourceNotFoundException", CATALOG, "describe-provisioned-product", "--id", product)
