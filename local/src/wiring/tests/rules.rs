//! Which event goes where.

use super::*;

/// Puts an event and says which rules it matched.
async fn matched(world: &World, bus: &str, event: Value) -> Vec<String> {
    world.wiring.put(bus, event.clone()).await;
    let seen = world.wiring.seen().pop().unwrap();
    assert_eq!((seen.bus.as_str(), &seen.event), (bus, &event));
    seen.rules
}

#[tokio::test]
async fn each_rule_matches_its_events_and_nothing_else() {
    let due = |kind: &str| json!({ "kind": kind });
    let deleted = || stack_event(&stack("SC-111122223333-pp-a"), "DELETE_COMPLETE");
    let (requested, expired, is_due) = ("Termination Requested", "Provisioned Product Expired", "Operation Due");
    let asks = ("TerminationRequestedRule", TERMINATIONS);
    let asked = |detail_type: &str| event("acme.portal", detail_type, &json!({}));
    for (bus, event, rule) in [
        (BUS, event("acme.portal", requested, &json!({})), Some(asks)),
        (BUS, event("steward", requested, &json!({})), Some(asks)),
        (BUS, asked("Service Action Requested"), Some(("ActionRequestedRule", ACTIONS))),
        (BUS, asked("Plan Approved"), Some(("PlanApprovedRule", PLANS))),
        (BUS, asked("Import Requested"), Some(("ImportRequestedRule", IMPORTS))),
        (BUS, event("acme.portal", "termination requested", &json!({})), None),
        (BUS, event("acme.portal", "Termination Requested ", &json!({})), None),
        (BUS, event("steward", expired, &json!({})), Some(("ProductExpiredRule", TERMINATIONS))),
        (BUS, event("acme.portal", expired, &json!({})), None),
        (BUS, event("steward", is_due, &due("terminate")), Some(("TerminationDueRule", TERMINATIONS))),
        (BUS, event("steward", is_due, &due("execute-action")), Some(("ActionDueRule", ACTIONS))),
        (BUS, event("steward", is_due, &due("execute-plan")), Some(("PlanDueRule", PLANS))),
        (BUS, event("steward", is_due, &due("import")), Some(("ImportDueRule", IMPORTS))),
        (BUS, event("steward", is_due, &due("terminate-all")), None),
        (BUS, event("steward", is_due, &json!({})), None),
        (BUS, event("steward", is_due, &json!({ "detail": due("terminate") })), None),
        (BUS, event("acme.portal", is_due, &due("terminate")), None),
        (BUS, event("steward", "Operation Succeeded", &due("terminate")), Some(("SucceededNoticeRule", "ChatTopic"))),
        (BUS, event("steward", "Operation Failed", &json!({})), Some(("FailedNoticeRule", "NoticesTopic"))),
        (BUS, event("steward", "Operation Rejected", &json!({})), Some(("RejectedNoticeRule", "NoticesTopic"))),
        (BUS, event("steward", "Sweep Halted", &json!({})), Some(("HaltedNoticeRule", "NoticesTopic"))),
        (BUS, event("steward", "Sweep Completed", &json!({})), None),
        (BUS, event("acme.portal", "Operation Failed", &json!({})), None),
        (BUS, deleted(), None),
        (DEFAULT_BUS, deleted(), Some(("StackEventsRule", WAKE_UPS))),
        (DEFAULT_BUS, stack_event(&stack("web"), "IMPORT_COMPLETE"), Some(("StackImportsRule", WAKE_UPS))),
        (DEFAULT_BUS, event("steward", requested, &json!({})), None),
        (DEFAULT_BUS, event("steward", expired, &json!({})), None),
        (DEFAULT_BUS, event("steward", is_due, &due("terminate")), None),
        (DEFAULT_BUS, event("aws.events", "Scheduled Event", &json!({})), None),
        (DEFAULT_BUS, json!("no event"), None),
        ("another-bus", event("acme.portal", requested, &json!({})), None),
    ] {
        let world = World::new().await;
        let place = format!("{bus} {event}");
        assert_eq!(matched(&world, bus, event.clone()).await, Vec::from_iter(rule.map(|(rule, _)| rule)), "{place}");
        for (id, queue) in world.wiring.queues() {
            let bodies: Vec<_> = queue.messages().into_iter().map(|message| message.body).collect();
            let is_target = rule.is_some_and(|(_, target)| target == id);
            let expected = if is_target { vec![event.to_string()] } else { vec![] };
            assert_eq!(bodies, expected, "{id}: {place}");
        }
    }
}

// Hazard C10: only stacks that may be a product's come in.
#[tokio::test]
async fn only_drift_that_was_found_comes_to_the_actions() {
    let world = World::new().await;
    let (ours, other) = (stack("SC-111122223333-pp-a"), stack("web"));
    for (stack, detection, drift, comes) in [
        (&ours, "DETECTION_COMPLETE", "DRIFTED", true),
        (&ours, "DETECTION_COMPLETE", "IN_SYNC", false),
        (&ours, "DETECTION_IN_PROGRESS", "", false),
        (&ours, "DETECTION_FAILED", "UNKNOWN", false),
        (&other, "DETECTION_COMPLETE", "DRIFTED", false),
    ] {
        let status = json!({ "detection-status": detection, "stack-drift-status": drift });
        let detail = json!({ "stack-id": stack, "stack-drift-detection-id": "d", "status-details": status });
        let event = event("aws.cloudformation", "CloudFormation Drift Detection Status Change", &detail);
        let rules = matched(&world, DEFAULT_BUS, event).await;
        assert_eq!(rules == ["StackDriftedRule"], comes, "{stack} {detection} {drift}: {rules:?}");
    }
    let drift = "cloudformation-stack-drift-detection-check";
    for (rule, resource, complies, comes) in [
        (drift, &ours, "NON_COMPLIANT", true),
        ("cloudformation-stack-drift-detection-check-conformance-pack-x1", &ours, "NON_COMPLIANT", true),
        (drift, &ours, "COMPLIANT", false),
        (drift, &other, "NON_COMPLIANT", false),
        ("cloudformation-stack-notification-check", &ours, "NON_COMPLIANT", false),
    ] {
        let detail = json!({
            "resourceId": resource,
            "configRuleName": rule,
            "messageType": "ComplianceChangeNotification",
            "newEvaluationResult": { "complianceType": complies },
            "resourceType": "AWS::CloudFormation::Stack",
        });
        let rules = matched(&world, DEFAULT_BUS, event("aws.config", "Config Rules Compliance Change", &detail)).await;
        assert_eq!(rules == ["StackNotCompliantRule"], comes, "{rule} {resource} {complies}: {rules:?}");
    }
}

#[tokio::test]
async fn an_automation_wakes_when_it_ends() {
    let world = World::new().await;
    for (status, wakes) in [("Success", true), ("Failed", true), ("TimedOut", true), ("InProgress", false)] {
        let detail = json!({ "ExecutionId": "e", "Status": status });
        let ended = event("aws.ssm", "EC2 Automation Execution Status-change Notification", &detail);
        assert_eq!(matched(&world, DEFAULT_BUS, ended).await == ["AutomationsRule"], wakes, "{status}");
    }
}

#[tokio::test]
async fn stacks_of_products_wake_when_they_end_and_other_stacks_do_not() {
    let world = World::new().await;
    let product = stack("SC-111122223333-pp-abcdefghijklm");
    for (stack, status, wakes) in [
        (product.as_str(), "DELETE_COMPLETE", true),
        (&product, "DELETE_FAILED", true),
        (&product, "CREATE_COMPLETE", true),
        (&product, "CREATE_FAILED", true),
        (&product, "UPDATE_ROLLBACK_COMPLETE", true),
        (&product, "ROLLBACK_FAILED", true),
        (&product, "IMPORT_COMPLETE", true),
        (&product, "DELETE_IN_PROGRESS", false),
        (&product, "CREATE_IN_PROGRESS", false),
        (&product, "UPDATE_COMPLETE_CLEANUP_IN_PROGRESS", false),
        (&product, "REVIEW_IN_PROGRESS", false),
        (&product, "", false),
        // Nested stacks begin with the name of the outermost.
        (&stack("SC-111122223333-pp-abcdefghijklm-Bucket-1A2B3C4D5E6F"), "DELETE_COMPLETE", true),
        (&stack("SC-anything"), "DELETE_COMPLETE", true),
        (&stack("MySC-111122223333-pp-abcdefghijklm"), "DELETE_COMPLETE", false),
        (&stack("sc-111122223333-pp-abcdefghijklm"), "DELETE_COMPLETE", false),
        (&stack("SC"), "DELETE_COMPLETE", false),
        (&stack("teststack"), "DELETE_COMPLETE", false),
        (&product.replace("111122223333:", "999999999999:"), "DELETE_COMPLETE", false),
        (&product.replace("eu-central-1", "us-east-1"), "DELETE_COMPLETE", false),
        ("SC-111122223333-pp-abcdefghijklm", "DELETE_COMPLETE", false),
    ] {
        let rules = matched(&world, DEFAULT_BUS, stack_event(stack, status)).await;
        assert_eq!(!rules.is_empty(), wakes, "{stack} {status}");
    }
    let mut other = stack_event(&product, "DELETE_COMPLETE");
    for (member, value) in [("source", "acme"), ("detail-type", "CloudFormation Resource Status Change")] {
        let before = other[member].take();
        other[member] = json!(value);
        assert_eq!(matched(&world, DEFAULT_BUS, other.clone()).await, [""; 0], "{member}");
        other[member] = before;
    }
    assert_eq!(matched(&world, DEFAULT_BUS, other).await, ["StackEventsRule"]);
}

#[tokio::test]
async fn what_cannot_be_wired_is_an_error_that_says_what() {
    fn rule<'a>(template: &'a mut Template, id: &str) -> &'a mut crate::template::resources::Rule {
        template.rules.get_mut(id).unwrap()
    }
    type Break = fn(&mut Template);
    let breaks: [(Break, &str); 8] = [
        (
            |t| rule(t, "ProductExpiredRule").event_bus_name = Some("nowhere".to_owned()),
            "ProductExpiredRule: there is no bus nowhere",
        ),
        (
            |t| rule(t, "ProductExpiredRule").targets[0].arn = "arn:aws:sqs:eu-central-1:1:Nothing".to_owned(),
            "ProductExpiredRule: the target arn:aws:sqs:eu-central-1:1:Nothing is none of the template",
        ),
        (
            |t| rule(t, "ProductExpiredRule").targets[0].dead_letter_config.as_mut().unwrap().arn = "Grave".to_owned(),
            "ProductExpiredRule: the dead-letter queue Grave is none of the template",
        ),
        (
            |t| rule(t, "ProductExpiredRule").event_pattern = Some(json!({ "source": [{ "sounds-like": "steward" }] })),
            "ProductExpiredRule: the pattern",
        ),
        (
            |t| rule(t, "ProductExpiredRule").event_pattern = Some(json!({ "source": "steward" })),
            "ProductExpiredRule: the pattern",
        ),
        (
            |t| rule(t, "ReconcileScheduleRule").schedule_expression = Some("cron(0 * * * ? *)".to_owned()),
            "ReconcileScheduleRule: the schedule cron(0 * * * ? *) is not known",
        ),
        (
            |t| t.mappings.get_mut("TerminateEventSource").unwrap().event_source_arn = "Nothing".to_owned(),
            "TerminateEventSource: there is no queue Nothing",
        ),
        (
            |t| {
                let mapping = t.mappings.get_mut("TerminateEventSource").unwrap();
                mapping.scaling_config.as_mut().unwrap().maximum_concurrency = 1;
            },
            "TerminateEventSource: MaximumConcurrency is 1",
        ),
    ];
    for (break_it, expected) in breaks {
        let mut template = template();
        break_it(&mut template);
        let (invoke, _invocations) = mpsc::unbounded_channel();
        let clock = Clock::held(DateTime::UNIX_EPOCH);
        let error = Wiring::start(&template, clock, Place::default(), Arc::new(ByHand(invoke))).err().unwrap();
        assert!(error.to_string().starts_with(&format!("wiring: {expected}")), "{error}\nnot {expected}");
    }
}
