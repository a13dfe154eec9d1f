"""Service actions."""

import json

from check_local.checks import ARTIFACT, PRODUCT, Checks, catalog, cli_ended, ended, expect, refuses, whole

PARAMETERS = [{"Name": "InstanceId", "Type": "TARGET"}, {"Name": "Reason", "Type": "TEXT_VALUE"}]
DEFINITION = {"Name": "AWS-RestartEC2Instance", "Version": "1", "Parameters": json.dumps(PARAMETERS)}
SSM = "SSM_AUTOMATION"
VERSION = {"ProductId": PRODUCT, "ProvisioningArtifactId": ARTIFACT}
NOBODY = {"ProductId": "prod-nobody", "ProvisioningArtifactId": "pa-nobody"}
EXECUTED = "pp-protected0001"
# Each with requests that are good but ask for nothing that is there, or make something that is in nobody's way.
OPERATIONS = {
    "CreateServiceAction": [
        {"Name": "x", "DefinitionType": SSM, "Definition": DEFINITION, "IdempotencyToken": "model"}
    ],
    "DescribeServiceAction": [{"Id": "act-nobody"}],
    "ListServiceActions": [{}],
    "DeleteServiceAction": [{"Id": "act-nobody"}],
    "AssociateServiceActionWithProvisioningArtifact": [{**NOBODY, "ServiceActionId": "act-nobody"}],
    "DisassociateServiceActionFromProvisioningArtifact": [{**NOBODY, "ServiceActionId": "act-nobody"}],
    "ListServiceActionsForProvisioningArtifact": [NOBODY],
    "DescribeServiceActionExecutionParameters": [
        {"ProvisionedProductId": "pp-nobody", "ServiceActionId": "act-nobody"}
    ],
    "ExecuteProvisionedProductServiceAction": [
        {"ProvisionedProductId": "pp-nobody", "ServiceActionId": "act-nobody", "ExecuteToken": "t"}
    ],
}


def cli(checks: Checks) -> None:
    """What an administrator and then an end user do at a terminal."""
    action = ""
    version = {"product_id": PRODUCT, "provisioning_artifact_id": ARTIFACT}
    executed = {"provisioned_product_id": EXECUTED}
    with checks.check("aws create-service-action, describe-service-action, list-service-actions"):
        created = catalog("create-service-action", name="By-hand", definition_type=SSM, definition=DEFINITION)
        action = created["ServiceActionDetail"]["ServiceActionSummary"]["Id"]
        described = catalog("describe-service-action", id=action)["ServiceActionDetail"]
        expect(DEFINITION, described["Definition"], "the definition")
        listed = [row["Id"] for row in catalog("list-service-actions")["ServiceActionSummaries"]]
        expect(True, action in listed, "listed")
    with checks.check("aws associate-service-action-with-provisioning-artifact, and list the version's"):
        catalog("associate-service-action-with-provisioning-artifact", **version, service_action_id=action)
        listed = catalog("list-service-actions-for-provisioning-artifact", **version)["ServiceActionSummaries"]
        expect(1, [row["Id"] for row in listed].count(action), "how often the version has it")
    with checks.check("aws describe-service-action-execution-parameters, execute-provisioned-product-service-action"):
        asked = {**executed, "service_action_id": action}
        found = catalog("describe-service-action-execution-parameters", **asked)["ServiceActionParameters"]
        expect(["sandbox-bucket"], found[0]["DefaultValues"], "the targets")
        given = {"parameters": {"Reason": ["because"]}}
        cli_ended(catalog("execute-provisioned-product-service-action", **asked, **given))
    with checks.check("aws disassociate-service-action-from-provisioning-artifact, delete-service-action"):
        catalog("disassociate-service-action-from-provisioning-artifact", **version, service_action_id=action)
        catalog("delete-service-action", id=action)


def sdk(checks: Checks, client) -> None:
    """The same with boto3, and what is refused."""
    action = ""
    with checks.check("boto3: a service action, once for each token"):
        asked = {"Name": "Restart", "DefinitionType": SSM, "Definition": DEFINITION, "Description": "Off and on"}
        made = [client.create_service_action(**asked, IdempotencyToken="restart") for _ in range(2)]
        ids = [answer["ServiceActionDetail"]["ServiceActionSummary"]["Id"] for answer in made]
        action = ids[0]
        expect(action, ids[1], "the action of the same token")
        client.describe_service_action(Id=action)
        listed = [row["Id"] for row in whole(client.list_service_actions, "ServiceActionSummaries", 1)]
        expect(1, listed.count(action), "how often it is listed")
    with checks.check("boto3: an association, once, and no deletion while it lasts"):
        associate = client.associate_service_action_with_provisioning_artifact
        associate(**VERSION, ServiceActionId=action)
        refuses("DuplicateResourceException", associate, **VERSION, ServiceActionId=action)
        refuses("ResourceInUseException", client.delete_service_action, Id=action)
        of_version = client.list_service_actions_for_provisioning_artifact
        listed = whole(of_version, "ServiceActionSummaries", 1, **VERSION)
        expect(1, [row["Id"] for row in listed].count(action), "how often the version has it")
    with checks.check("boto3: an execution holds the product; its token gives its record"):
        asked = {"ProvisionedProductId": EXECUTED, "ServiceActionId": action}
        client.describe_service_action_execution_parameters(**asked)
        execute = client.execute_provisioned_product_service_action
        first, second = (execute(**asked, ExecuteToken="restart-1") for _ in range(2))
        expect(first["RecordDetail"]["RecordId"], second["RecordDetail"]["RecordId"], "the record")
        refuses("InvalidStateException", execute, **asked, ExecuteToken="restart-2")
        properties = client.update_provisioned_product_properties
        owner = {"OWNER": "arn:aws:iam::111122223333:user/jo"}
        busy = {"ProvisionedProductId": EXECUTED, "ProvisionedProductProperties": owner}
        refuses("InvalidStateException", properties, **busy)
        ended(client, first, "SUCCEEDED")
    with checks.check("boto3: a parameter that the action does not have is an InvalidParametersException"):
        wrong = {"Parameters": {"Nothing": ["x"]}}
        refuses("InvalidParametersException", execute, **asked, **wrong)
    with checks.check("boto3: disassociated, and deleted"):
        client.disassociate_service_action_from_provisioning_artifact(**VERSION, ServiceActionId=action)
        refuses("ResourceNotFoundException", client.describe_service_action_execution_parameters, **asked)
        client.delete_service_action(Id=action)
        refuses("ResourceNotFoundException", client.describe_service_action, Id=action)
