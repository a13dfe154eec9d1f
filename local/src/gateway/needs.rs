//! Which actions on which resources an operation needs. Mostly the operation's own name on `*`; the exceptions are here.

use std::collections::BTreeSet;

use serde_json::Value;

use super::Place;
use super::policy::Need;
use crate::template::{STACK, id_of, stack_id};

/// What a call needs, each action and resource once.
pub(super) fn needs(service: &str, operation: &str, body: &Value, place: &Place) -> BTreeSet<Need> {
    let scope = Scope { service, place };
    let found = match (service, operation) {
        ("dynamodb", "TransactWriteItems" | "TransactGetItems") => scope.transaction(body),
        ("dynamodb", _) => scope.tables(operation, body),
        ("events", "PutEvents") => scope.buses(body),
        ("events", _) => scope.rule(operation, body),
        ("lambda", _) => scope.function(operation, body),
        ("cloudformation", _) => scope.stack(operation, body),
        ("sqs", _) => scope.queue(operation, body),
        ("servicecatalog", _) => scope.offer(operation, body),
        _ => BTreeSet::new(),
    };
    if found.is_empty() { BTreeSet::from([scope.need(operation, "*".to_owned())]) } else { found }
}

struct Scope<'a> {
    service: &'a str,
    place: &'a Place,
}

impl Scope<'_> {
    fn need(&self, action: &str, resource: String) -> Need {
        Need { action: format!("{}:{action}", self.service), resource }
    }

    fn arn(&self, rest: &str) -> String {
        let Place { account, region } = self.place;
        format!("arn:aws:{}:{region}:{account}:{rest}", self.service)
    }

    /// A table's ARN; the API takes names and ARNs.
    fn table(&self, name: &str) -> String {
        if name.starts_with("arn:") { name.to_owned() } else { self.arn(&format!("table/{name}")) }
    }

    fn tables(&self, operation: &str, body: &Value) -> BTreeSet<Need> {
        // A query of an index needs the index, not the table.
        if let Some(table) = body["TableName"].as_str() {
            let table = self.table(table);
            let resource = match body["IndexName"].as_str() {
                Some(index) => format!("{table}/index/{index}"),
                None => table,
            };
            return BTreeSet::from([self.need(operation, resource)]);
        }
        let batch = body["RequestItems"].as_object().into_iter().flatten();
        batch.map(|(table, _)| self.need(operation, self.table(table))).collect()
    }

    /// A transaction has no action of its own: each entry needs what it would need alone.
    fn transaction(&self, body: &Value) -> BTreeSet<Need> {
        let entries = body["TransactItems"].as_array().into_iter().flatten();
        let members = entries.filter_map(Value::as_object).flatten();
        members
            .filter_map(|(kind, entry)| {
                let action = match kind.as_str() {
                    "Put" => "PutItem",
                    "Update" => "UpdateItem",
                    "Delete" => "DeleteItem",
                    "ConditionCheck" => "ConditionCheckItem",
                    "Get" => "GetItem",
                    _ => return None,
                };
                Some(self.need(action, self.table(entry["TableName"].as_str()?)))
            })
            .collect()
    }

    /// The operations that are about a product on offer or a portfolio; nothing else of the service has a resource.
    fn offer(&self, operation: &str, body: &Value) -> BTreeSet<Need> {
        let about = match operation {
            "DescribeProduct" | "DescribeProductAsAdmin" => ("product", "Id"),
            "DescribePortfolio" => ("portfolio", "Id"),
            "AssociatePrincipalWithPortfolio" | "DisassociatePrincipalFromPortfolio" | "ListPrincipalsForPortfolio" => {
                ("portfolio", "PortfolioId")
            }
            "AssociateServiceActionWithProvisioningArtifact"
            | "CreateConstraint"
            | "CreateProvisioningArtifact"
            | "DescribeProvisioningArtifact"
            | "DescribeProvisioningParameters"
            | "DisassociateServiceActionFromProvisioningArtifact"
            | "ImportAsProvisionedProduct"
            | "ListLaunchPaths"
            | "ListPortfoliosForProduct"
            | "ListProvisioningArtifacts"
            | "ListServiceActionsForProvisioningArtifact"
            | "ProvisionProduct" => ("product", "ProductId"),
            _ => return BTreeSet::new(),
        };
        let (kind, member) = about;
        let Some(id) = body[member].as_str() else { return BTreeSet::new() };
        let Place { account, region } = self.place;
        let mut needs =
            BTreeSet::from([self.need(operation, format!("arn:aws:catalog:{region}:{account}:{kind}/{id}"))]);
        // The service reads the stack with the caller's own credentials.
        if let ("ImportAsProvisionedProduct", Some(stack)) = (operation, body["PhysicalId"].as_str()) {
            for action in ["DescribeStacks", "GetTemplate"] {
                needs.insert(Need { action: format!("cloudformation:{action}"), resource: stack.to_owned() });
            }
        }
        needs
    }

    /// A rule, or a bus that is looked at. Lists have no resource.
    fn rule(&self, operation: &str, body: &Value) -> BTreeSet<Need> {
        let member = match operation {
            "DescribeEventBus" => {
                let bus = id_of(body["Name"].as_str().unwrap_or("default"));
                return BTreeSet::from([self.need(operation, self.arn(&format!("event-bus/{bus}")))]);
            }
            "DescribeRule" | "EnableRule" | "DisableRule" => "Name",
            "ListTargetsByRule" => "Rule",
            _ => return BTreeSet::new(),
        };
        let Some(rule) = body[member].as_str() else { return BTreeSet::new() };
        let resource = match id_of(body["EventBusName"].as_str().unwrap_or("default")) {
            "default" => format!("rule/{rule}"),
            bus => format!("rule/{bus}/{rule}"),
        };
        BTreeSet::from([self.need(operation, self.arn(&resource))])
    }

    /// A function or a mapping. Lists have no resource.
    fn function(&self, operation: &str, body: &Value) -> BTreeSet<Need> {
        let resource = match (operation, body["FunctionName"].as_str(), body["UUID"].as_str()) {
            ("Invoke" | "GetFunction" | "GetFunctionConfiguration", Some(name), _) => {
                let name = name.rsplit_once("function:").map_or(name, |(_, name)| name);
                format!("function:{}", name.split(':').next().unwrap_or(name))
            }
            ("GetEventSourceMapping" | "UpdateEventSourceMapping", _, Some(id)) => format!("event-source-mapping:{id}"),
            _ => return BTreeSet::new(),
        };
        let action = if operation == "Invoke" { "InvokeFunction" } else { operation };
        BTreeSet::from([self.need(action, self.arn(&resource))])
    }

    /// A stack, by its name or id. All of them together are no resource.
    fn stack(&self, operation: &str, body: &Value) -> BTreeSet<Need> {
        let resource = match body["StackName"].as_str() {
            Some(id) if id.starts_with("arn:") => id.to_owned(),
            Some(STACK) => stack_id(self.place),
            Some(name) => self.arn(&format!("stack/{name}/*")),
            None => return BTreeSet::new(),
        };
        BTreeSet::from([self.need(operation, resource)])
    }

    fn buses(&self, body: &Value) -> BTreeSet<Need> {
        let entries = body["Entries"].as_array().into_iter().flatten();
        entries
            .map(|entry| match entry["EventBusName"].as_str() {
                Some(arn) if arn.starts_with("arn:") => self.need("PutEvents", arn.to_owned()),
                name => self.need("PutEvents", self.arn(&format!("event-bus/{}", name.unwrap_or("default")))),
            })
            .collect()
    }

    fn queue(&self, operation: &str, body: &Value) -> BTreeSet<Need> {
        let url = body["QueueUrl"].as_str();
        let name = url.and_then(|url| url.rsplit('/').next()).or_else(|| body["QueueName"].as_str());
        // The batch forms have no action of their own.
        let action = match operation {
            "SendMessageBatch" => "SendMessage",
            "DeleteMessageBatch" => "DeleteMessage",
            "ChangeMessageVisibilityBatch" => "ChangeMessageVisibility",
            other => other,
        };
        name.map(|name| self.need(action, self.arn(name))).into_iter().collect()
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn found(service: &str, operation: &str, body: &Value) -> Vec<String> {
        let needs = needs(service, operation, body, &Place::default());
        let place = Place::default();
        let home = format!("arn:aws:{service}:{}:{}:", place.region, place.account);
        needs.into_iter().map(|need| format!("{} {}", need.action, need.resource.replace(&home, "~"))).collect()
    }

    #[test]
    fn a_table_operation_needs_the_table_and_a_query_the_index() {
        let key = json!({ "TableName": "T" });
        assert_eq!(found("dynamodb", "PutItem", &key), ["dynamodb:PutItem ~table/T"]);
        let query = json!({ "TableName": "T", "IndexName": "due" });
        assert_eq!(found("dynamodb", "Query", &query), ["dynamodb:Query ~table/T/index/due"]);
        let arn = json!({ "TableName": "arn:aws:dynamodb:eu-central-1:111122223333:table/T" });
        assert_eq!(found("dynamodb", "GetItem", &arn), ["dynamodb:GetItem ~table/T"]);
        let batch = json!({ "RequestItems": { "T": {}, "U": {} } });
        let expected = ["dynamodb:BatchGetItem ~table/T", "dynamodb:BatchGetItem ~table/U"];
        assert_eq!(found("dynamodb", "BatchGetItem", &batch), expected);
        assert_eq!(found("dynamodb", "ListTables", &json!({})), ["dynamodb:ListTables *"]);
    }

    #[test]
    fn a_transaction_needs_what_its_entries_need() {
        let entry = |kind: &str, table: &str| json!({ kind: { "TableName": table } });
        let body = json!({ "TransactItems": [
            entry("Put", "T"), entry("Put", "T"), entry("Update", "T"), entry("Delete", "U"),
            entry("ConditionCheck", "T"),
        ] });
        let expected = [
            "dynamodb:ConditionCheckItem ~table/T",
            "dynamodb:DeleteItem ~table/U",
            "dynamodb:PutItem ~table/T",
            "dynamodb:UpdateItem ~table/T",
        ];
        assert_eq!(found("dynamodb", "TransactWriteItems", &body), expected);
        let empty = json!({ "TransactItems": [] });
        assert_eq!(found("dynamodb", "TransactWriteItems", &empty), ["dynamodb:TransactWriteItems *"]);
    }

    #[test]
    fn events_need_each_bus_and_messages_their_queue() {
        let arn = "arn:aws:events:eu-central-1:111122223333:event-bus/b";
        let body = json!({ "Entries": [{}, { "EventBusName": "a" }, { "EventBusName": arn }] });
        let expected =
            ["events:PutEvents ~event-bus/a", "events:PutEvents ~event-bus/b", "events:PutEvents ~event-bus/default"];
        assert_eq!(found("events", "PutEvents", &body), expected);
        let send = json!({ "QueueUrl": "http://127.0.0.1:1/111122223333/Q" });
        assert_eq!(found("sqs", "SendMessageBatch", &send), ["sqs:SendMessage ~Q"]);
    }

    #[test]
    fn what_an_operator_calls_needs_its_resource() {
        let arn = "arn:aws:lambda:eu-central-1:111122223333:function:F:$LATEST";
        let on_bus = json!({ "Name": "R", "EventBusName": "b" });
        for (service, operation, body, expected) in [
            ("lambda", "Invoke", json!({ "FunctionName": "F" }), "lambda:InvokeFunction ~function:F"),
            ("lambda", "GetFunction", json!({ "FunctionName": arn }), "lambda:GetFunction ~function:F"),
            (
                "lambda",
                "UpdateEventSourceMapping",
                json!({ "UUID": "u", "FunctionName": "F" }),
                "lambda:UpdateEventSourceMapping ~event-source-mapping:u",
            ),
            ("lambda", "ListEventSourceMappings", json!({ "FunctionName": "F" }), "lambda:ListEventSourceMappings *"),
            ("events", "DisableRule", json!({ "Name": "R" }), "events:DisableRule ~rule/R"),
            ("events", "EnableRule", on_bus, "events:EnableRule ~rule/b/R"),
            ("events", "ListRules", json!({ "EventBusName": "b" }), "events:ListRules *"),
            ("events", "DescribeEventBus", json!({}), "events:DescribeEventBus ~event-bus/default"),
            ("cloudformation", "DescribeStacks", json!({}), "cloudformation:DescribeStacks *"),
            (
                "cloudformation",
                "DescribeStacks",
                json!({ "StackName": "x" }),
                "cloudformation:DescribeStacks ~stack/x/*",
            ),
            ("sqs", "GetQueueUrl", json!({ "QueueName": "Q" }), "sqs:GetQueueUrl ~Q"),
        ] {
            assert_eq!(found(service, operation, &body), [expected], "{operation} {body}");
        }
        let id = stack_id(&Place::default());
        for name in [STACK, &id] {
            let need = format!("cloudformation:ListStackResources {id}");
            let needs = needs("cloudformation", "ListStackResources", &json!({ "StackName": name }), &Place::default());
            assert_eq!(needs.into_iter().map(|n| format!("{} {}", n.action, n.resource)).collect::<Vec<_>>(), [need]);
        }
        let of = json!({ "PortfolioId": "port-1" });
        let catalog = "arn:aws:catalog:eu-central-1:111122223333:portfolio/port-1";
        let expected = format!("servicecatalog:ListPrincipalsForPortfolio {catalog}");
        assert_eq!(found("servicecatalog", "ListPrincipalsForPortfolio", &of), [expected]);
    }

    #[test]
    fn any_other_service_needs_the_operation_on_everything() {
        let body = json!({ "Id": "pp-1" });
        assert_eq!(found("servicecatalog", "DescribeRecord", &body), ["servicecatalog:DescribeRecord *"]);
    }

    #[test]
    fn an_import_needs_the_product_and_may_read_the_stack() {
        let body = json!({ "ProductId": "prod-1", "PhysicalId": "the-stack" });
        let expected = [
            "cloudformation:DescribeStacks the-stack",
            "cloudformation:GetTemplate the-stack",
            "servicecatalog:ImportAsProvisionedProduct arn:aws:catalog:eu-central-1:111122223333:product/prod-1",
        ];
        assert_eq!(found("servicecatalog", "ImportAsProvisionedProduct", &body), expected);
        assert_eq!(found("servicecatalog", "DescribeProduct", &body), ["servicecatalog:DescribeProduct *"]);
    }
}
