//! Whether the deployment is as it should be: each check says what is wrong and how to mend it.

use std::process::ExitCode;

use chrono::TimeDelta;
use serde::Serialize;
use serde_json::json;
use shared::aws::store::Which;
use shared::config::Environment;
use shared::duration;
use shared::ports::PauseSwitch as _;
use shared::request::Kind;

use crate::aws::{LETTERS, Session};
use crate::print;
use crate::problem::Problem;

/// How long after its time a live operation may still be looked at: reconcile runs every minute.
const OVERDUE: TimeDelta = TimeDelta::minutes(5);

/// What a check has found.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
enum Verdict {
    Ok,
    /// Somebody should look.
    Look,
    /// It does not work.
    Wrong,
}

/// A finding.
#[derive(Clone, Debug, Serialize)]
struct Finding {
    check: &'static str,
    verdict: Verdict,
    says: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    mend: Option<String>,
}

/// What is found, check by check.
#[derive(Default)]
struct Findings(Vec<Finding>);

impl Findings {
    fn ok(&mut self, check: &'static str, says: impl Into<String>) {
        self.0.push(Finding { check, verdict: Verdict::Ok, says: says.into(), mend: None });
    }

    fn look(&mut self, check: &'static str, says: impl Into<String>, mend: impl Into<String>) {
        self.0.push(Finding { check, verdict: Verdict::Look, says: says.into(), mend: Some(mend.into()) });
    }

    fn wrong(&mut self, check: &'static str, says: impl Into<String>, mend: impl Into<String>) {
        self.0.push(Finding { check, verdict: Verdict::Wrong, says: says.into(), mend: Some(mend.into()) });
    }

    /// What could not be looked at is said, and keeps nothing else from being looked at.
    fn unknown(&mut self, check: &'static str, problem: &Problem) {
        self.look(
            check,
            problem.to_string(),
            "look as somebody who may: the policies ViewerPolicy and OperatorPolicy allow it",
        );
    }
}

pub(super) async fn run(session: &Session) -> Result<ExitCode, Problem> {
    let mut found = Findings::default();
    let progress = print::Progress::begin("looking");
    stack(session, &mut found);
    table(session, &mut found).await;
    // The rest is found by the outputs of the stack.
    if session.deployment.stack.is_some() {
        rules(session, &mut found).await;
        functions(session, &mut found).await;
        queues(session, &mut found).await;
        sweeps(session, &mut found).await;
        imports(session, &mut found).await;
    }
    progress.end();
    let healthy = found.0.iter().all(|finding| finding.verdict != Verdict::Wrong);
    let document = json!({ "healthy": healthy, "by": session.by, "findings": found.0 });
    print::answer(&session.global, &document, || {
        for finding in &found.0 {
            let word = match finding.verdict {
                Verdict::Ok => "ok",
                Verdict::Look => "look",
                Verdict::Wrong => "wrong",
            };
            print::line(&format!("{:<5}  {:<10}  {}", print::state(word), finding.check, finding.says));
            if let Some(mend) = &finding.mend {
                print::line(&format!("{:<19}-> {mend}", ""));
            }
        }
    });
    Ok(if healthy { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn stack(session: &Session, found: &mut Findings) {
    let (scope, deployment) = (session.scope(), &session.deployment);
    let place = format!("account {}, {}, as {}", scope.account, scope.region, session.by);
    match (&deployment.stack, deployment.status.as_deref()) {
        (Some(stack), Some(status)) if status.ends_with("_COMPLETE") && !status.contains("ROLLBACK") => {
            found.ok("stack", format!("{stack} is {status}; {place}"));
        }
        (Some(stack), status) => {
            let status = status.unwrap_or("of unknown status");
            found.wrong("stack", format!("{stack} is {status}; {place}"), "see the stack's events; deploy it anew");
        }
        (None, _) => found.look(
            "stack",
            format!("not looked at: table and bus were given; {place}"),
            "give --stack: rules, functions, queues and sweeps are not looked at without it",
        ),
    }
}

async fn table(session: &Session, found: &mut Findings) {
    match session.store.paused().await {
        Ok(None) => found.ok("switch", "not paused"),
        Ok(Some(why)) => found.look("switch", format!("paused by {why}"), "steward resume"),
        Err(error) => return found.wrong("table", error.to_string(), "is it there, and may you read it?"),
    }
    let live = match session.store.operations(Which::Live).await {
        Ok(live) => live,
        Err(error) => return found.wrong("table", error.to_string(), "are its indexes there?"),
    };
    let now = session.clock.now();
    let overdue =
        live.read.iter().filter(|stored| stored.operation.due_at.is_some_and(|due| now - due > OVERDUE)).count();
    let stalled = live.read.iter().filter(|stored| stored.stalled).count();
    let of = live.read.len();
    if overdue > 0 {
        found.wrong(
            "reconcile",
            format!("{overdue} of {of} live operations should have been looked at five minutes ago"),
            "reconcile does not run, or does not come to its end: its rule is below; see its log",
        );
    } else {
        found.ok("reconcile", format!("{of} live operations, none overdue"));
    }
    if stalled > 0 {
        found.look(
            "records",
            format!("{stalled} records run for too long"),
            "steward list --state submitted --older 4h",
        );
    }
}

async fn rules(session: &Session, found: &mut Findings) {
    let rules = match session.rules().await {
        Ok(rules) => rules,
        Err(problem) => return found.unknown("rules", &problem),
    };
    for rule in rules.iter().filter(|rule| !rule.is_enabled) {
        found.wrong(
            "rules",
            format!("{} is disabled: what it matches is lost", rule.logical_id),
            format!("aws events enable-rule --event-bus-name {} --name {}", rule.bus, rule.name),
        );
    }
    if rules.iter().all(|rule| rule.is_enabled) {
        found.ok("rules", format!("all {} are enabled", rules.len()));
    }
}

async fn functions(session: &Session, found: &mut Findings) {
    for letters in LETTERS {
        let Some(output) = letters.function else { continue };
        let name = output.trim_end_matches("FunctionName");
        match session.function(output).await {
            Ok(function) if function.state == "Active" => {}
            Ok(function) => found.wrong(
                "functions",
                format!("{name} is {}", function.state),
                "see the function in Lambda's console",
            ),
            Err(problem) => return found.unknown("functions", &problem),
        }
        match session.mappings(output).await {
            Ok(mappings) if mappings.is_empty() => {
                found.wrong("functions", format!("nothing feeds {name}"), "deploy the stack anew");
            }
            Ok(mappings) => {
                for mapping in mappings.iter().filter(|mapping| mapping.state != "Enabled") {
                    found.wrong(
                        "functions",
                        format!("what feeds {name} is {}", mapping.state),
                        format!("aws lambda update-event-source-mapping --uuid {} --enabled", mapping.id),
                    );
                }
            }
            Err(problem) => return found.unknown("functions", &problem),
        }
    }
    if !found.0.iter().any(|finding| finding.check == "functions") {
        found.ok("functions", "all six are active and fed by their queues");
    }
    if let Ok(function) = session.function("TerminateFunctionName").await {
        let environment = function.variables.iter().map(|(name, value)| (name.as_str(), value.as_str()));
        let dry = Environment::of(environment).kinds("DRY_RUN", &Kind::ALL).unwrap_or_default();
        let words: Vec<&str> = dry.iter().map(|kind| kind.as_str()).collect();
        if words.is_empty() {
            found.ok("armed", "all kinds of work are armed");
        } else {
            found.look(
                "armed",
                format!("still dry: {}", words.join(", ")),
                "deploy with DryRun=false, or the kinds that stay dry",
            );
        }
    }
}

async fn queues(session: &Session, found: &mut Findings) {
    let mut letters_found = 0;
    for letters in LETTERS {
        match session.count(letters, "DeadLetterQueueUrl").await {
            Ok((visible, hidden)) if visible + hidden > 0 => {
                letters_found += visible + hidden;
                let name = letters.as_str();
                found.wrong(
                    "letters",
                    format!("{} dead letters of {name}", visible + hidden),
                    format!("steward dlq show {name}; mend the cause; steward dlq redrive {name}"),
                );
            }
            Ok(_) => {}
            Err(problem) => return found.unknown("letters", &problem),
        }
    }
    if letters_found == 0 {
        found.ok("letters", "no dead letters");
    }
}

async fn sweeps(session: &Session, found: &mut Findings) {
    let (memory, function) = (session.store.memory().await, session.function("SweepFunctionName").await);
    let interval = function.as_ref().ok().and_then(|function| function.variables.get("SWEEP_INTERVAL"));
    let interval = interval.and_then(|text| duration::parse(text).ok()).and_then(|span| TimeDelta::from_std(span).ok());
    let interval = interval.unwrap_or(TimeDelta::hours(1));
    let now = session.clock.now();
    match memory.map(|memory| memory.swept_at) {
        Err(error) => found.wrong("sweep", error.to_string(), "may you read the table?"),
        Ok(Some(at)) if now - at <= interval * 2 => {
            found.ok("sweep", format!("the last one came to its end {}", print::relative(at, now)));
        }
        Ok(Some(at)) => found.wrong(
            "sweep",
            format!(
                "the last one came to its end {}, and there should be one every {} min",
                print::relative(at, now),
                interval.num_minutes()
            ),
            "is its rule enabled? see its log",
        ),
        Ok(None) => {
            found.look("sweep", "none has come to its end yet", "wait for the first; or see its rule and its log");
        }
    }
}

async fn imports(session: &Session, found: &mut Findings) {
    let role = match session.function("ImportFunctionName").await {
        Ok(function) => function.role,
        Err(problem) => return found.unknown("imports", &problem),
    };
    match session.portfolios_of(&role).await {
        Ok(portfolios) if portfolios.is_empty() => found.look(
            "imports",
            "the role of import is in no portfolio: it can adopt nothing",
            format!("aws servicecatalog associate-principal-with-portfolio --portfolio-id port-... --principal-type IAM --principal-arn {role}"),
        ),
        Ok(portfolios) => found.ok("imports", format!("the role of import has {}", portfolios.join(", "))),
        Err(problem) => found.unknown("imports", &problem),
    }
}
