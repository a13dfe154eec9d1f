//! Template, folders, binaries, events and code agree.

use shared::config::{Common, Environment, Following, Sending, Sweeping, Telling};
use shared::request::Kind;
use shared::workflow::execute_action::Action;
use shared::workflow::execute_plan::PlanExecution;
use shared::workflow::terminate::Termination;
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use steward_local::gateway::Place;
use steward_local::template::Template;
use steward_tests::root;

fn template() -> Template {
    Template::read(&root().join("template.yaml"), &BTreeMap::new(), &Place::default()).unwrap()
}

fn folders(below: &str) -> BTreeSet<String> {
    let entries = std::fs::read_dir(root().join(below)).unwrap().map(|entry| entry.unwrap().path());
    entries.filter(|path| path.is_dir()).map(|path| path.file_name().unwrap().to_string_lossy().into_owned()).collect()
}

fn logical_id(folder: &str) -> String {
    let words = folder.split('-').map(|word| word[..1].to_uppercase() + &word[1..]);
    words.collect::<String>() + "Function"
}

#[test]
fn each_folder_is_a_function_a_package_and_a_binary() {
    let template = template();
    let by_template: BTreeSet<String> = template
        .functions
        .iter()
        .map(|(id, function)| {
            let folder = function.code_uri.trim_end_matches('/').rsplit('/').next().unwrap().to_owned();
            assert_eq!(*id, logical_id(&folder));
            folder
        })
        .collect();
    assert_eq!(folders("functions"), by_template);
    for folder in by_template {
        let manifest = std::fs::read_to_string(root().join("functions").join(&folder).join("Cargo.toml")).unwrap();
        assert!(manifest.contains(&format!("name = \"{folder}\"")), "{folder}");
    }
}

#[test]
fn each_function_that_takes_requests_has_events_and_a_table() {
    let cases = steward_local::run::cases::load(&root().join("events")).unwrap();
    let with_events: BTreeSet<String> = cases.into_iter().map(|case| case.function).collect();
    assert_eq!(folders("events"), with_events);
    assert!(with_events.is_subset(&folders("functions")));
}

/// The variables that a function asks for as it starts.
fn read_by(function: &str) -> BTreeSet<String> {
    let environment = Environment::of([("TABLE_NAME", "t"), ("EVENT_BUS_NAME", "b")]);
    Common::read(&environment).unwrap();
    let sending = |kind| drop(Sending::read(&environment, kind).unwrap());
    match function {
        "TerminateFunction" => {
            sending(Kind::Terminate);
            Termination::read(&environment).unwrap();
        }
        "ExecuteActionFunction" => {
            sending(Kind::ExecuteAction);
            Action::read(&environment).unwrap();
        }
        "ExecutePlanFunction" => {
            sending(Kind::ExecutePlan);
            PlanExecution::read(&environment).unwrap();
        }
        "ImportFunction" => sending(Kind::Import),
        "ReconcileFunction" => {
            Following::read(&environment).unwrap();
            Telling::read(&environment).unwrap();
        }
        "SweepFunction" => drop(Sweeping::read(&environment).unwrap()),
        other => panic!("nobody has said what {other} reads"),
    }
    let mut asked = environment.asked();
    // By the logs, which start once in a process.
    asked.insert("LOG_LEVEL".to_owned());
    asked
}

#[test]
fn each_function_gets_just_the_variables_that_it_reads() {
    for (id, function) in template().functions {
        let mut set: BTreeSet<String> = function.environment.variables.into_keys().collect();
        assert!(set.remove("SSL_CERT_FILE"), "{id}: read by the TLS stack");
        assert_eq!(set, read_by(&id), "{id}");
    }
}

// Hazard B8: a claim outlives its worker's time and signatures.
// Hazard B13: a message outlives an outage of four hours, and its grave keeps it for 14 days.
#[test]
fn time_outs_leases_and_visibility_are_in_order() {
    let template = template();
    for mapping in template.mappings.values() {
        let function = &template.functions[&mapping.function_name];
        let queue = &template.queues[steward_local::template::id_of(&mapping.event_source_arn)];
        let redrive = queue.redrive_policy.as_ref().unwrap();
        assert!(queue.visibility_timeout >= 6 * function.timeout, "{}", mapping.function_name);
        assert!(queue.visibility_timeout * u64::from(redrive.max_receive_count) >= 4 * 3600);
        let grave = &template.queues[steward_local::template::id_of(&redrive.dead_letter_target_arn)];
        assert_eq!(grave.message_retention_period, 14 * 86_400);
        assert_eq!(mapping.function_response_types, ["ReportBatchItemFailures"]);
    }
    for (id, function) in &template.functions {
        let Some(lease) = function.environment.variables.get("LEASE") else { continue };
        let lease = shared::duration::parse(lease).unwrap().as_secs();
        // Whatever is not harmless when it is done twice outlives the signature of its last request.
        let signature = if id == "TerminateFunction" { 0 } else { 300 };
        assert!(lease >= function.timeout + signature, "{id}: a claim outlives its worker");
    }
}

/// Reserved concurrency would throttle the pollers, and what they then put back counts as received.
// Hazard B13: a limit that throttles nobody who has received.
#[test]
fn queues_are_read_with_a_maximum_and_no_reserved_concurrency() {
    let template = template();
    for (id, mapping) in &template.mappings {
        let maximum = mapping.scaling_config.as_ref().map(|scaling| scaling.maximum_concurrency);
        assert!(maximum.is_some_and(|maximum| (2..=5).contains(&maximum)), "{id}: {maximum:?}");
    }
    let resources = &steward_tests::template()["Resources"];
    for id in template.functions.keys() {
        assert!(resources[id]["Properties"]["ReservedConcurrentExecutions"].is_null(), "{id}");
    }
}

#[test]
fn the_defaults_of_template_and_code_are_the_same() {
    let template = template();
    for (id, function) in &template.functions {
        let variables = function.environment.variables.iter().map(|(name, value)| (name.as_str(), value.as_str()));
        let given = Environment::of(variables);
        let unset = Environment::default();
        let kind = match id.as_str() {
            "TerminateFunction" => Kind::Terminate,
            "ExecuteActionFunction" => Kind::ExecuteAction,
            "ExecutePlanFunction" => Kind::ExecutePlan,
            "ImportFunction" => Kind::Import,
            "SweepFunction" => {
                assert_eq!(Sweeping::read(&given).unwrap(), Sweeping::read(&unset).unwrap());
                continue;
            }
            _ => {
                assert_eq!(Following::read(&given).unwrap(), Following::read(&unset).unwrap());
                assert_eq!(Telling::read(&given).unwrap(), Telling::read(&unset).unwrap());
                continue;
            }
        };
        assert_eq!(Sending::read(&given, kind).unwrap(), Sending::read(&unset, kind).unwrap(), "{id}");
        let own = |environment: &Environment| match kind {
            Kind::Terminate => format!("{:?}", Termination::read(environment).unwrap()),
            Kind::ExecuteAction => format!("{:?}", Action::read(environment).unwrap()),
            Kind::ExecutePlan => format!("{:?}", PlanExecution::read(environment).unwrap()),
            Kind::Import => String::new(),
        };
        assert_eq!(own(&given), own(&unset), "{id}");
    }
}

#[test]
fn pure_modules_name_no_sdk_no_runtime_and_no_clock() {
    let core = root().join("shared/src");
    let mut files = Vec::new();
    collect(&core, &mut files);
    let edges = ["aws/", "lambda/", "clock.rs", "config/read.rs"];
    for file in files {
        let name = file.strip_prefix(&core).unwrap().to_string_lossy().into_owned();
        if edges.iter().any(|edge| name.starts_with(edge)) {
            continue;
        }
        let text = std::fs::read_to_string(&file).unwrap();
        for banned in
            ["aws_sdk", "aws_config", "lambda_runtime", "aws_lambda_events", "Utc::now", "SystemTime", "std::env"]
        {
            assert!(!text.contains(banned), "{name} names {banned}");
        }
        let is_pure = [
            "operation/",
            "request/",
            "plan/",
            "remediation",
            "judge",
            "decide",
            "retry",
            "duration",
            "inbound",
            "outcome",
            "scope",
        ];
        if is_pure.iter().any(|pure| name.starts_with(pure)) {
            assert!(!text.contains("async "), "{name} is pure, and yet async");
        }
    }
}

fn collect(folder: &Path, files: &mut Vec<std::path::PathBuf>) {
    for entry in std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()) {
        if entry.is_dir() {
            collect(&entry, files);
        } else if entry.extension().is_some_and(|extension| extension == "rs") {
            files.push(entry);
        }
    }
}
