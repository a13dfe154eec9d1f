//! Every sample, handed to the shipped binary exactly as it lies in its file: what the function answers, and what comes of it.

use std::fmt::Write as _;

use steward_local::api::Invoke as _;
use steward_local::catalog::Settings;
use steward_local::run::{cases, scene};
use steward_tests::root;
use steward_tests::world::{World, fast};

#[tokio::test(flavor = "multi_thread")]
async fn every_sample_of_terminate() {
    let world = World::of(fast(Settings::default())).await;
    scene::set(&world.cloud).await.unwrap();
    let cases = cases::load(&root().join("events")).unwrap();
    let cases: Vec<_> = cases.into_iter().filter(|case| case.function == "terminate").collect();
    let mut shown = String::from("answers\n");
    for case in &cases {
        let answer = world.cloud.functions.invoke("TerminateFunction", case.payload.clone()).await.unwrap();
        writeln!(shown, "  {}: {answer}", case.name).unwrap();
    }
    for subject in cases.iter().flat_map(cases::Case::subjects) {
        // What was rejected as it came has no operation.
        if !["pp-safe000000001", "pp-safe000000001; rm"].contains(&subject.as_str()) {
            world.ended(&subject).await;
        }
    }
    let report = world.report().await;
    shown.push_str("operations\n");
    for row in report.operations {
        let why = row.reason.unwrap_or_default();
        writeln!(shown, "  {}: {} at attempt {}, {why}", row.subject, row.state, row.attempts).unwrap();
    }
    shown.push_str("rejected\n");
    for row in report.rejected {
        writeln!(shown, "  {}", row.error).unwrap();
    }
    insta::with_settings!({ filters => vec![("rec-[0-9a-z]{13}", "rec-")] }, {
        insta::assert_snapshot!(shown);
    });
    world.cloud.stop().await;
}
