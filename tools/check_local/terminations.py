"""The end of provisioned products, and what is seen of it."""

import contextlib

from check_local.checks import (
    CATALOG,
    RECORD,
    Checks,
    Failure,
    aws,
    aws_refuses,
    ended,
    expect,
    refuses,
    wait,
    whole,
)

SELF = {"Key": "Account", "Value": "self"}
# Each with requests that are good but ask for nothing that is there.
OPERATIONS = {
    "TerminateProvisionedProduct": [
        {"ProvisionedProductId": "pp-nobody", "TerminateToken": "t"},
        {"ProvisionedProductName": "nobody", "TerminateToken": "t"},
    ],
    "DescribeProvisionedProduct": [{"Id": "pp-nobody"}, {"Name": "nobody"}],
    "DescribeRecord": [{"Id": "rec-nobody"}],
    "ListRecordHistory": [{}],
    "SearchProvisionedProducts": [{}],
    "ScanProvisionedProducts": [{}],
}


def cli(checks: Checks) -> None:
    """What a person at a terminal does."""
    catalog, by_id = CATALOG, ("--id", "pp-safe000000001")
    level = ("--access-level-filter", "Key=Account,Value=self")
    describe = (catalog, "describe-provisioned-product")
    terminate = (catalog, "terminate-provisioned-product", "--terminate-token")
    record = ""
    with checks.check("aws sts get-caller-identity"):
        identity = aws("sts", "get-caller-identity")
        expect(identity["Account"], identity["Arn"].split(":")[4], "the account")
    with checks.check("aws search-provisioned-products"):
        found = aws(catalog, "search-provisioned-products", *level)
        rows = found["ProvisionedProducts"]
        while token := found.get("NextPageToken"):
            found = aws(catalog, "search-provisioned-products", *level, "--page-token", token)
            rows += found["ProvisionedProducts"]
        expect(found["TotalResultsCount"], len(rows), "the number of products")
        if "pp-safe000000001" not in [row["Id"] for row in rows]:
            raise Failure("pp-safe000000001 is not among them")
    with checks.check("aws search-provisioned-products, by a query"):
        query = ("--filters", "SearchQuery=id:pp-safe000000001")
        found = aws(catalog, "search-provisioned-products", *level, *query)
        expect(["sandbox-safe"], [row["Name"] for row in found["ProvisionedProducts"]], "the products")
    with checks.check("aws describe-provisioned-product"):
        expect("AVAILABLE", aws(*describe, *by_id)["ProvisionedProductDetail"]["Status"], "the status")
    with checks.check("aws describe-provisioned-product, by name"):
        found = aws(*describe, "--name", "sandbox-safe")
        expect("pp-safe000000001", found["ProvisionedProductDetail"]["Id"], "the id")
    with checks.check("aws terminate-provisioned-product: a token with a colon is a ValidationException"):
        aws_refuses("ValidationException", *terminate, "a:b", "--provisioned-product-id", "pp-safe000000001")
    with checks.check("aws terminate-provisioned-product"):
        answer = aws(*terminate, "by-hand-1", "--provisioned-product-id", "pp-safe000000001")
        expect("pp-safe000000001", answer["RecordDetail"]["ProvisionedProductId"], "the product")
        record = answer["RecordDetail"]["RecordId"]
    with checks.check("aws describe-record, until SUCCEEDED"):
        look = lambda: aws(catalog, "describe-record", "--id", record)["RecordDetail"]["Status"] == "SUCCEEDED"
        wait(RECORD, record, look)
    with checks.check("aws describe-provisioned-product: afterwards a ResourceNotFoundException"):
        aws_refuses("ResourceNotFoundException", *describe, *by_id)
    with checks.check("aws scan-provisioned-products"):
        found = [row["Id"] for row in aws(catalog, "scan-provisioned-products", *level)["ProvisionedProducts"]]
        expect((True, False), ("pp-direct0000001" in found, "pp-safe000000001" in found), "there, and gone")
    with checks.check("aws list-record-history"):
        newest = aws(catalog, "list-record-history", *level)["RecordDetails"][0]
        expect((record, "TERMINATE_PROVISIONED_PRODUCT"), (newest["RecordId"], newest["RecordType"]), "the newest")
    with checks.check("aws with a key that nobody has: an UnrecognizedClientException"):
        aws_refuses("UnrecognizedClientException", *describe, *by_id, AWS_ACCESS_KEY_ID="AKIANOBODY")


def sdk(checks: Checks, client) -> None:
    """The same operations with boto3, in every state that the samples have."""
    terminate, describe = client.terminate_provisioned_product, client.describe_provisioned_product

    def to_the_end(product: str, token: str, status: str) -> dict:
        answer = terminate(ProvisionedProductId=product, TerminateToken=token)
        # As it is on its way, too.
        with contextlib.suppress(client.exceptions.ResourceNotFoundException):
            describe(Id=product)
        return ended(client, answer, status)

    with checks.check("boto3: a repeated token gives its record, another one is refused while the product is busy"):
        asked = {"ProvisionedProductId": "pp-retain0000001", "TerminateToken": "by-hand-2"}
        first, second = terminate(**asked)["RecordDetail"], terminate(**asked)["RecordDetail"]
        expect(first["RecordId"], second["RecordId"], "the record")
        refuses("InvalidParametersException", terminate, **{**asked, "TerminateToken": "by-hand-3"})
    with checks.check("boto3: a termination that SUCCEEDED"):
        to_the_end("pp-direct0000001", "by-hand-4", "SUCCEEDED")
    with checks.check("boto3: a termination that FAILED leaves a TAINTED product and says why"):
        answer = to_the_end("pp-failsonce0001", "by-hand-5", "FAILED")
        detail = describe(Id="pp-failsonce0001")["ProvisionedProductDetail"]
        expect("TAINTED", detail["Status"], "the status")
        if not answer["RecordErrors"] or not detail.get("StatusMessage"):
            raise Failure("no errors, or no message")
    with checks.check("boto3: both id and name are an InvalidParametersException"):
        refuses("InvalidParametersException", describe, Id="pp-tagged0000001", Name="sandbox-tagged")
    with checks.check("boto3: a page that is too large is a ValidationException"):
        refuses("ValidationException", client.scan_provisioned_products, AccessLevelFilter=SELF, PageSize=21)


def lists(checks: Checks, client, watch) -> None:
    """What the lists make of all that has happened."""
    with checks.check("boto3: pages put together are the whole"):
        level = {"AccessLevelFilter": SELF}
        scanned = [row["Id"] for row in whole(client.scan_provisioned_products, "ProvisionedProducts", **level)]
        found = [row["Id"] for row in whole(client.search_provisioned_products, "ProvisionedProducts", **level)]
        expect(sorted(scanned), sorted(found), "what the search finds")
        expect(len(scanned), len(set(scanned)), "the number of products, each once")
        records = [row["RecordId"] for row in whole(client.list_record_history, "RecordDetails", **level)]
        expect(len(records), len(set(records)), "the number of records, each once")
        expect(set(), watch.records - set(records), "records that the history does not show")
    with checks.check("boto3: records were seen on their way"):
        expect({"CREATED", "IN_PROGRESS", "SUCCEEDED", "FAILED"}, watch.statuses - {"IN_PROGRESS_IN_ERROR"}, "seen")
