//! What callers may do, by the roles and the policies of the template.

use std::collections::BTreeMap;

use crate::gateway::policy::{Effect, Policy, Statement};
use crate::gateway::{OPERATOR, VIEWER};
use crate::template::resources::PolicyDocument;
use crate::template::{Template, id_of};

/// What each function's role allows, and what the policies for people do.
#[must_use]
pub fn policy(template: &Template) -> Policy {
    let mut statements = BTreeMap::new();
    for (id, function) in &template.functions {
        let Some(role) = template.roles.get(id_of(&function.role)) else { continue };
        let of_role = role.policies.iter().flat_map(|policy| decided(&policy.policy_document));
        statements.insert(id.clone(), of_role.collect());
    }
    for (person, policies) in [(VIEWER, &["ViewerPolicy"][..]), (OPERATOR, &["ViewerPolicy", "OperatorPolicy"])] {
        let policies = policies.iter().filter_map(|id| template.managed_policies.get(*id));
        statements.insert(person.to_owned(), policies.flat_map(|policy| decided(&policy.policy_document)).collect());
    }
    Policy { statements }
}

fn decided(document: &PolicyDocument) -> impl Iterator<Item = Statement> {
    document.statement.iter().map(|statement| Statement {
        effect: if statement.effect == "Allow" { Effect::Allow } else { Effect::Deny },
        actions: statement.action.clone(),
        resources: statement.resource.clone(),
    })
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;
    use crate::gateway::Place;
    use crate::gateway::policy::Need;

    fn may(who: &str, action: &str, resource: &str) -> bool {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../template.yaml");
        let template = Template::read(&path, &BTreeMap::new(), &Place::default()).unwrap();
        let service = action.split(':').next().unwrap();
        let resource = match resource {
            "*" => "*".to_owned(),
            rest => format!("arn:aws:{service}:eu-central-1:111122223333:{rest}"),
        };
        policy(&template).decide(who, &Need { action: action.to_owned(), resource }).is_ok()
    }

    #[test]
    fn a_viewer_looks_and_an_operator_acts() {
        for (action, resource, viewer, operator) in [
            ("dynamodb:Query", "table/Table/index/due", true, true),
            ("dynamodb:UpdateItem", "table/Table", false, true),
            ("dynamodb:DeleteItem", "table/Table", false, false),
            ("sqs:GetQueueAttributes", "steward-TerminationsQueue", true, true),
            ("sqs:GetQueueAttributes", "another-queue", false, false),
            ("sqs:ReceiveMessage", "steward-RulesDeadLetterQueue", false, true),
            ("sqs:ReceiveMessage", "steward-TerminationsQueue", false, false),
            ("events:DescribeEventBus", "event-bus/steward-bus", true, true),
            ("events:ListRules", "*", true, true),
            ("events:PutEvents", "event-bus/steward-bus", false, true),
            ("events:DisableRule", "rule/SweepScheduleRule", false, true),
            ("events:DisableRule", "rule/ReconcileScheduleRule", false, false),
            ("events:EnableRule", "rule/ReconcileScheduleRule", false, true),
            ("lambda:InvokeFunction", "function:SweepFunction", false, true),
            ("lambda:InvokeFunction", "function:Another", false, false),
        ] {
            assert_eq!(
                (may(VIEWER, action, resource), may(OPERATOR, action, resource)),
                (viewer, operator),
                "{action} {resource}"
            );
        }
        let mapping = |id: &str| format!("event-source-mapping:{}", crate::template::mapping_id(id));
        assert!(may(OPERATOR, "lambda:UpdateEventSourceMapping", &mapping("TerminateEventSource")));
        assert!(!may(OPERATOR, "lambda:UpdateEventSourceMapping", &mapping("WakeUpsEventSource")));
        let stack = crate::template::stack_id(&Place::default());
        let stack = stack.split_once("111122223333:").unwrap().1.to_owned();
        assert!(may(VIEWER, "cloudformation:DescribeStacks", &stack));
        assert!(!may(VIEWER, "cloudformation:DescribeStacks", "stack/another/1"));
    }
}
