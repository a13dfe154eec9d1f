//! The rules and the sample events: each event comes to the function whose folder it lies in, and to no other.

use std::collections::BTreeSet;

use super::*;
use crate::run::cases::{Case, load};

/// The whole events of a sample, whichever way it is delivered.
fn events(case: &Case) -> Vec<Value> {
    let bodies = case.bodies().into_iter().filter_map(|body| serde_json::from_str::<Value>(&body).ok());
    bodies.filter(|body| body["detail-type"].is_string() && body["source"].is_string()).collect()
}

/// The folder of the function that a target leads to; none: a topic.
fn reached(template: &Template, target: &Target) -> Option<String> {
    let id = id_of(&target.arn);
    let mapping = template.mappings.values().find(|mapping| id_of(&mapping.event_source_arn) == id);
    let function = mapping.map_or(id, |mapping| mapping.function_name.as_str());
    let folder = template.functions.get(function)?.code_uri.trim_end_matches('/');
    Some(folder.rsplit('/').next().unwrap_or(folder).to_owned())
}

#[tokio::test]
async fn each_sample_comes_to_its_function_and_to_no_other() {
    let template = template();
    let mut world = World::new().await;
    // Nobody answers here.
    world.invocations.close();
    let (mut matched, mut seen) = (BTreeSet::new(), 0);
    for case in load(&Path::new(env!("CARGO_MANIFEST_DIR")).join("../events")).unwrap() {
        for event in events(&case) {
            // AWS's own services tell the default bus; anybody else has only ours.
            let is_of_aws = event["source"].as_str().is_some_and(|source| source.starts_with("aws."));
            let bus = if is_of_aws { DEFAULT_BUS } else { BUS };
            world.wiring.put(bus, event.clone()).await;
            let rules = world.wiring.seen().pop().unwrap().rules;
            for rule in &rules {
                for target in &template.rules[rule].targets {
                    let reached = reached(&template, target);
                    assert_eq!(reached.as_ref(), Some(&case.function), "{} by {rule}: {event}", case.name);
                }
            }
            assert!(rules.len() <= 1, "{} comes twice, by {}", case.name, rules.join(" and "));
            seen += 1;
            matched.extend(rules);
        }
    }
    assert!(seen > 50, "{seen} events");
    let asked = |(_, rule): &(&String, &resources::Rule)| {
        let to_functions = rule.targets.iter().any(|target| {
            let folder = reached(&template, target);
            // What wakes `reconcile` has no samples: it asks for nothing.
            folder.is_some_and(|folder| folder != "reconcile")
        });
        rule.event_pattern.is_some() && to_functions
    };
    let unseen: Vec<&String> =
        template.rules.iter().filter(asked).map(|(id, _)| id).filter(|id| !matched.contains(*id)).collect();
    // Steward itself publishes these, of an operation that is there.
    assert_eq!(unseen, ["ActionDueRule", "ImportDueRule", "PlanDueRule", "TerminationDueRule"]);
}
