//! Every sample, handed to the shipped binary exactly as it lies in its file: what the function answers, and what comes of it.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::time::Duration;

use steward_local::api::Invoke as _;
use steward_local::catalog::Settings;
use steward_local::cloud::Cloud;
use steward_local::run::report::{Outcome, Report};
use steward_local::run::{cases, scene};
use steward_tests::root;
use steward_tests::world::{World, fast};

/// Hands over the samples of `folder`, one after the other; gives the answers, and what became of it all.
async fn every_sample(folder: &str, function: &str) -> String {
    // The sample catalog has its own offer.
    let options = scene::PARAMETERS
        .into_iter()
        .fold(fast(Settings::default()), |options, (name, value)| options.with(name, value));
    let world = World { cloud: Cloud::start(options).await.unwrap() };
    scene::set(&world.cloud).await.unwrap();
    let mut cases = cases::load(&root().join("events")).unwrap();
    cases.retain(|case| case.function == folder);
    // How often they try depends on when they come.
    let wait: Vec<String> =
        cases.iter().filter(|case| case.name.ends_with("under-change")).flat_map(cases::Case::subjects).collect();
    let mut shown = String::from("answers\n");
    for case in &cases {
        let answer = world.cloud.functions.invoke(function, case.payload.clone()).await.unwrap();
        writeln!(shown, "  {}: {answer}", case.name).unwrap();
    }
    for sweep in cases.iter().filter(|case| case.is_sweep()) {
        all_found(&world, sweep, &cases).await;
    }
    let mut report = world.all_ended().await;
    only_of(&cases, &mut report);
    shown.push_str("operations\n");
    // Of two detections of one drift either may be the first.
    report.operations.sort_by(|a, b| (&a.subject, &a.state).cmp(&(&b.subject, &b.state)));
    for row in report.operations {
        let attempt =
            if wait.contains(&row.subject) { "some attempt".to_owned() } else { format!("attempt {}", row.attempts) };
        writeln!(shown, "  {}: {} at {attempt}, {}", row.subject, row.state, row.reason.unwrap_or_default()).unwrap();
    }
    shown.push_str("rejected\n");
    for row in report.rejected {
        writeln!(shown, "  {}", row.error).unwrap();
    }
    shown.push_str("carried out\n");
    let mut products = report.products;
    products.retain(|product| product.terminations + product.executions > 0);
    products.sort_by(|a, b| a.name.cmp(&b.name));
    for product in products {
        let calls = product.terminations + product.executions;
        writeln!(shown, "  {}: {calls}, {}", product.name, product.status).unwrap();
    }
    world.cloud.stop().await;
    shown
}

/// Waits until a sweep has led to all that it leads to: `reconcile` tells of what it has noted, at its minute.
async fn all_found(world: &World, sweep: &cases::Case, cases: &[cases::Case]) {
    let expected = sweep.ends_as.values().sum();
    let found = async {
        while Outcome::of(sweep, cases, &world.report().await).count() < expected {
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    };
    tokio::time::timeout(Duration::from_mins(1), found).await.unwrap();
}

/// Leaves out what others do in the meantime: a sweep comes by its schedule too.
fn only_of(cases: &[cases::Case], report: &mut Report) {
    let of_cases = cases.iter().flat_map(|case| Outcome::of(case, cases, report).operations);
    let ours: BTreeSet<String> = of_cases.map(|row| row.id.clone()).collect();
    let others = report.operations.extract_if(.., |row| !ours.contains(&row.id));
    let others: BTreeSet<Option<String>> = others.map(|row| row.provisioned_product_id).collect();
    report.products.retain(|product| !others.contains(&Some(product.id.clone())));
}

/// What is new in each run, or depends on who was faster.
const FILTERS: [(&str, &str); 6] = [
    ("rec-[0-9a-z]{13}", "rec-"),
    ("changed at [^,]+ UTC", "changed at [time]"),
    (r"at work, op-[0-9a-f]{40}", "at work, op-"),
    ("cool-down.*", "cool-down"),
    ("it lives until [^,]+ UTC", "it lives until [time]"),
    (r#""counts":\{[^}]*\}"#, r#""counts":{..}"#),
];

macro_rules! every_sample_of {
    ($test:ident, $folder:literal, $function:literal) => {
        #[tokio::test(flavor = "multi_thread")]
        async fn $test() {
            let shown = every_sample($folder, $function).await;
            insta::with_settings!({ filters => FILTERS }, { insta::assert_snapshot!(shown) });
        }
    };
}

every_sample_of!(every_sample_of_terminate, "terminate", "TerminateFunction");
every_sample_of!(every_sample_of_execute_action, "execute-action", "ExecuteActionFunction");
every_sample_of!(every_sample_of_execute_plan, "execute-plan", "ExecutePlanFunction");
every_sample_of!(every_sample_of_import, "import", "ImportFunction");
every_sample_of!(every_sample_of_sweep, "sweep", "SweepFunction");
