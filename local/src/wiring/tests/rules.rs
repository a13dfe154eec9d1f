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
    let (asks, runs_out, comes_due, stack_ends) =
        ("TerminationRequestedRule", "ProductExpiredRule", "TerminationDueRule", "StackEventsRule");
    for (bus, event, rule) in [
        (BUS, event("acme.portal", requested, &json!({})), Some(asks)),
        (BUS, event("steward", requested, &json!({})), Some(asks)),
        (BUS, event("acme.portal", "termination requested", &json!({})), None),
        (BUS, event("acme.portal", "Termination Requested ", &json!({})), None),
        (BUS, event("steward", expired, &json!({})), Some(runs_out)),
        (BUS, event("acme.portal", expired, &json!({})), None),
        (BUS, event("steward", is_due, &due("terminate")), Some(comes_due)),
        (BUS, event("steward", is_due, &due("import")), None),
        (BUS, event("steward", is_due, &due("terminate-all")), None),
        (BUS, event("steward", is_due, &json!({})), None),
        (BUS, event("steward", is_due, &json!({ "detail": due("terminate") })), None),
        (BUS, event("acme.portal", is_due, &due("terminate")), None),
        (BUS, event("steward", "Operation Succeeded", &due("terminate")), None),
        (BUS, deleted(), None),
        (DEFAULT_BUS, deleted(), Some(stack_ends)),
        (DEFAULT_BUS, event("steward", requested, &json!({})), None),
        (DEFAULT_BUS, event("steward", expired, &json!({})), None),
        (DEFAULT_BUS, event("steward", is_due, &due("terminate")), None),
        (DEFAULT_BUS, event("aws.events", "Scheduled Event", &json!({})), None),
        (DEFAULT_BUS, json!("no event"), None),
        ("another-bus", event("acme.portal", requested, &json!({})), None),
    ] {
        let world = World::new().await;
        let place = format!("{bus} {event}");
        assert_eq!(matched(&world, bus, event.clone()).await, Vec::from_iter(rule), "{place}");
        for (id, queue) in world.wiring.queues() {
            let target = match rule {
                None => None,
                Some(rule) if rule == stack_ends => Some(WAKE_UPS),
                Some(_) => Some(TERMINATIONS),
            };
            let bodies: Vec<_> = queue.messages().into_iter().map(|message| message.body).collect();
            let expected = if target == Some(id) { vec![event.to_string()] } else { vec![] };
            assert_eq!(bodies, expected, "{id}: {place}");
        }
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
