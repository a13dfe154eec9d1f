//! A sweep that does nothing: the function's own code over a table that takes no notes and a bus that tells nobody.

mod dry;

use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use serde_json::json;
use shared::clock::Dice;
use shared::config::Sweeping;
use shared::workflow::Edges;
use shared::workflow::sweep::{Sweeper, Swept};
use shared::workflow::switch::Switch;

use self::dry::{DryStore, Heard};
use crate::aws::Session;
use crate::print;
use crate::problem::Problem;

/// How long it may take: a hundred thousand products take some minutes.
const LONGEST: Duration = Duration::from_mins(30);

pub(super) async fn run(session: Session) -> Result<ExitCode, Problem> {
    let armed = session.sweeping().await?;
    let settings = Arc::new(Sweeping { dry_run: true, ..armed.clone() });
    let scope = session.scope().clone();
    let Session { catalog, store, clock, global, .. } = session;
    let heard = Heard::default();
    let edges = Arc::new(Edges {
        catalog,
        store: DryStore::new(store),
        bus: heard.clone(),
        clock,
        dice: Dice::new(),
        switch: Arc::new(Switch::default()),
        scope,
    });
    let progress = print::Progress::begin("sweeping, dry");
    let until = shared::retry::after(clock.now(), LONGEST);
    let swept = Sweeper { edges, settings }.run(until).await;
    progress.end();
    let told = heard.last();
    let detail = told.as_ref().map(|event| event.detail.clone()).unwrap_or_default();
    let (what, why) = match swept? {
        Swept::Completed(_) => ("completed", None),
        Swept::Halted(why) => ("halted", Some(why)),
        Swept::Paused(why) => ("paused", Some(why)),
        Swept::Busy => ("busy", None),
        Swept::Continues => ("out of time", None),
    };
    let document = json!({ "swept": what, "why": why, "deployedDryRun": armed.dry_run, "detail": detail });
    print::answer(&global, &document, || in_words(what, why.as_deref(), armed.dry_run, &detail));
    Ok(ExitCode::SUCCESS)
}

fn in_words(what: &str, why: Option<&str>, is_dry: bool, detail: &serde_json::Value) {
    let why = why.map(|why| format!(": {why}")).unwrap_or_default();
    print::head(&format!("A sweep would now be {what}{why}"));
    let deployed = if is_dry { "terminations are only judged (DryRun)" } else { "terminations are armed" };
    print::line(&format!("as deployed, {deployed}; this was a rehearsal, and nothing was noted or told"));
    let counts: Vec<String> =
        detail["counts"].as_object().into_iter().flatten().map(|(what, count)| format!("{count} {what}")).collect();
    if !counts.is_empty() {
        print::line(&format!("counts: {}", counts.join(", ")));
    }
    let lines = detail["sample"].as_array().cloned().unwrap_or_default();
    if !lines.is_empty() {
        let mut table = print::Table::new(&["PROVISIONED PRODUCT", "WHAT", "WHY"]);
        for line in lines {
            let text = |name: &str| line[name].as_str().unwrap_or_default().to_owned();
            table.row([text("provisionedProductId"), text("what"), text("why")]);
        }
        table.print();
    }
}
