//! What a person sees: what is built, what runs, what happened to each sample, and what it took.

use std::io::{IsTerminal as _, Write as _};
use std::path::Path;
use std::time::Duration;

use anstream::{AutoStream, stdout};
use anstyle::{AnsiColor, Style};

use serde_json::Value;

use super::cases::Case;
use super::ends::EndRow;
use super::report::{OperationRow, Outcome, Report};
use crate::cloud::Cloud;
use crate::data::Data;
use crate::lambda::LogLine;

const GOOD: Style = AnsiColor::Green.on_default();
const BAD: Style = AnsiColor::Red.on_default().bold();
const QUIET: Style = Style::new().dimmed();
const HEAD: Style = Style::new().bold();

// What cannot be written to the terminal is nobody's loss: no answer of a write below is looked at.

pub(super) fn title() {
    line(&format!("{HEAD}Steward's local cloud{HEAD:#}"));
}

pub(super) fn building() {
    line(&format!("  {QUIET}build{QUIET:#}     the functions, as they are shipped ..."));
}

pub(super) fn built(took: Duration) {
    line(&format!("  {QUIET}built{QUIET:#}     in {}", seconds(took)));
}

pub(super) fn cloud(cloud: &Cloud, speed: f64) {
    let template = &cloud.template;
    let functions: Vec<&str> = template.functions.keys().map(String::as_str).collect();
    line(&format!(
        "  {QUIET}wired{QUIET:#}     by template.yaml: {}; {} queues, {} rules",
        functions.join(", "),
        template.queues.len(),
        template.rules.len()
    ));
    line(&format!("  {QUIET}endpoint{QUIET:#}  {}", cloud.gateway.url()));
    line(&format!(
        "  {QUIET}catalog{QUIET:#}   {} provisioned products; records pass {speed} times as fast as at AWS",
        cloud.catalog.products().len()
    ));
}

/// Where the state is kept. `before`: the scene that it began with, if it is not new; `asked`: the one that was asked for.
pub(super) fn data(data: Option<&Data>, before: Option<&str>, asked: Option<&str>) {
    let Some(data) = data else { return };
    let goes_on = match (before, asked) {
        (None, _) => String::new(),
        (Some(before), None) => format!(" (goes on with what was there; it began with the scene {before})"),
        (Some(before), Some(asked)) => {
            format!(
                " (goes on with what was there, which began with the scene {before}; --scene {asked} is for a new directory)"
            )
        }
    };
    line(&format!("  {QUIET}data{QUIET:#}      {}{goes_on}", data.dir().display()));
}

pub(super) fn sending(samples: &[Case]) {
    line(&format!("\nSending {} samples of events/ ...", samples.len()));
}

pub(super) fn progress(done: usize, of: usize, since: Duration) {
    if stdout_is_terminal() {
        let mut out = stdout();
        let _ = write!(out, "\r  {done} of {of} settled, {}  ", seconds(since));
        let _ = out.flush();
    }
}

pub(super) fn progress_ends() {
    if stdout_is_terminal() {
        line("");
    }
}

/// The table of samples; whether each ended as it should.
pub(super) fn outcomes(samples: &[Case], report: &Report, took: Duration) -> bool {
    let mut wrong = 0;
    let head = ["SAMPLE", "STATE", "PRODUCT", "ATTEMPT", "TOKEN", "RECORD", "WHY"];
    line(&format!("\n{HEAD}{}{HEAD:#}", row(head)));
    let mut function = "";
    for case in samples {
        if function != case.function {
            function = &case.function;
            line(&format!("{QUIET}{function}{QUIET:#}"));
        }
        let became = Outcome::of(case, samples, report);
        let is_right = became.states() == case.ends_as && became.is_settled();
        wrong += usize::from(!is_right);
        outcome(case, &became, is_right);
    }
    ends(report);
    notices(report);
    calls(report);
    let (count, time) = (samples.len(), seconds(took));
    if wrong == 0 {
        line(&format!("\n{GOOD}Each of {count} samples ended as events/README.md says{GOOD:#}, in {time}."));
    } else {
        line(&format!("\n{BAD}{wrong} of {count} samples did not end as events/README.md says{BAD:#}, in {time}."));
    }
    wrong == 0
}

fn outcome(case: &Case, became: &Outcome<'_>, is_right: bool) {
    let (style, mark) = if is_right { (GOOD, "+") } else { (BAD, "!") };
    let mut name = format!("{mark} {}", case.name);
    for operation in &became.operations {
        line(&format!("{style}{}{style:#}{}", cell(&name, 0), operation_cells(operation)));
        name = String::new();
    }
    for rejected in &became.rejected {
        line(&format!(
            "{style}{}{style:#}{}",
            cell(&name, 0),
            row_after(["rejected", "", "", "", "", &rejected.error])
        ));
        name = String::new();
    }
    if became.count() == 0 {
        line(&format!("{style}{}{style:#}{}", cell(&name, 0), row_after(["nothing", "", "", "", "", ""])));
    }
    if !is_right {
        let expected: Vec<String> = case.ends_as.iter().map(|(state, count)| format!("{count} {state}")).collect();
        line(&format!(
            "    {BAD}expected: {}{BAD:#}",
            if expected.is_empty() { "nothing".to_owned() } else { expected.join(", ") }
        ));
    }
}

pub(super) fn written(file: &Path) {
    line(&format!("The run as JSON: {}", file.display()));
}

pub(super) fn exports(url: &str, key: &str, region: &str) {
    line(&format!(
        "\n{HEAD}In another terminal:{HEAD:#}\n\n  export AWS_ENDPOINT_URL={url}\n  export AWS_ACCESS_KEY_ID={key} \
         AWS_SECRET_ACCESS_KEY=local AWS_REGION={region} AWS_DEFAULT_REGION={region}\n  aws servicecatalog \
         search-provisioned-products --access-level-filter Key=Account,Value=self\n\nIn a browser: {url}/\n\nCtrl-C ends it."
    ));
}

/// Faults, as the interface lists them.
pub(super) fn faults(rows: &[Value]) {
    if rows.is_empty() {
        return line("No fault is on.");
    }
    let head = fault_cells(["ID", "EFFECT", "OF", "HOW MANY", "MET"].map(str::to_owned));
    line(&format!("{HEAD}{head}{HEAD:#}"));
    for row in rows {
        let text = |name: &str| row[name].as_str().unwrap_or_default().to_owned();
        let parts = ["caller", "service", "operation", "product"].map(text);
        let of: Vec<String> = parts.into_iter().filter(|part| !part.is_empty()).collect();
        let mut many = row["times"].as_u64().map_or_else(|| "all".to_owned(), |times| format!("{times} more"));
        if let Some(skip) = row["skip"].as_u64() {
            many = format!("{many}, after {skip}");
        }
        if let (Some(percent), Some(seed)) = (row["percent"].as_f64(), row["seed"].as_u64()) {
            many = format!("{many}, {percent} % by seed {seed}");
        }
        let met = row["met"].as_u64().unwrap_or_default().to_string();
        let of = if of.is_empty() { "anything".to_owned() } else { of.join(" ") };
        line(&fault_cells([text("id"), text("effect"), of, many, met]));
    }
}

fn fault_cells([id, effect, of, many, met]: [String; 5]) -> String {
    format!("{id:<10}  {effect:<28}  {of:<44}  {many:<27}  {met}")
}

/// How many faults are off now.
pub(super) fn removed(count: u64) {
    line(&format!("{count} switched off."));
}

pub(super) fn log(line_of_function: &LogLine) {
    line(&format!("{QUIET}{} {}{QUIET:#} {}", line_of_function.function, line_of_function.pid, line_of_function.text));
}

pub(super) fn problem(problem: &str) {
    let mut out = AutoStream::auto(std::io::stderr());
    let _ = writeln!(out, "{BAD}error:{BAD:#} {problem}");
}

const WIDTHS: [usize; 7] = [30, 10, 17, 8, 19, 18, 0];

fn operation_cells(operation: &OperationRow) -> String {
    let product = operation.provisioned_product_id.as_deref().unwrap_or_else(|| name(&operation.subject));
    let attempt = operation.attempts.to_string();
    row_after([
        &operation.state,
        product,
        &attempt,
        &short(&operation.token),
        operation.record_id.as_deref().unwrap_or("-"),
        operation.reason.as_deref().unwrap_or_default(),
    ])
}

fn row(cells: [&str; 7]) -> String {
    cells.iter().enumerate().map(|(i, text)| cell(text, i)).collect()
}

fn row_after(cells: [&str; 6]) -> String {
    cells.iter().enumerate().map(|(i, text)| cell(text, i + 1)).collect()
}

fn cell(text: &str, column: usize) -> String {
    let width = WIDTHS[column];
    format!("{text:<width$} ")
}

/// A subject in a few characters: a product by its id, a stack by its name.
fn name(subject: &str) -> &str {
    let stack = subject.starts_with("arn:").then(|| subject.split('/').nth(1)).flatten();
    shared::request::product_of_stack(subject).or(stack).unwrap_or(subject)
}

/// A token's beginning and its attempt: `op-1a2b3c4d5e..-a1`. The whole one is in the report.
fn short(token: &str) -> String {
    match token.rsplit_once('-') {
        Some((operation, attempt)) if operation.len() > 13 => format!("{}..-{attempt}", &operation[..13]),
        _ => token.to_owned(),
    }
}

/// What became of the products whose end somebody has asked for.
fn ends(report: &Report) {
    line(&format!("\n{HEAD}{}{HEAD:#}", end_cells(["PRODUCT", "ENDS", "WHY", "WHAT HAPPENED"])));
    for EndRow { name, ends, why, became } in &report.ends {
        line(&end_cells([name, ends.as_deref().unwrap_or("-"), why, became]));
    }
    if let Some(sweep) = &report.sweep {
        line(&format!("{QUIET}The last sweep: {sweep}{QUIET:#}"));
    }
}

/// The last cell is as long as it is: nothing comes after it.
fn end_cells([product, ends, why, became]: [&str; 4]) -> String {
    format!("{product:<26}{ends:<12}{:<53}{became}", fitting(why, 52))
}

/// A text cut to a cell.
fn fitting(text: &str, width: usize) -> String {
    if text.chars().count() <= width {
        return text.to_owned();
    }
    text.chars().take(width.saturating_sub(2)).chain("..".chars()).collect()
}

/// What people were told, and how it looks in a mail.
fn notices(report: &Report) {
    line(&format!("\n{HEAD}What people are told{HEAD:#}"));
    for ((topic, rule), (count, last)) in &report.notices {
        line(&format!("  {topic:<13} {rule:<21} {count:>4}"));
        if !last.starts_with('{') {
            for said in last.lines() {
                line(&format!("    {QUIET}{said}{QUIET:#}"));
            }
        }
    }
}

fn calls(report: &Report) {
    line(&format!("\n{HEAD}Calls{HEAD:#}"));
    for (function, calls) in &report.calls {
        let calls: Vec<String> = calls.iter().map(|(call, count)| format!("{call} {count}")).collect();
        line(&format!("  {function:<15} {}", calls.join(", ")));
    }
    for (function, actions) in &report.unused {
        let actions: Vec<&str> = actions.iter().map(String::as_str).collect();
        line(&format!("  {QUIET}{function:<15} allowed, and not needed in this run: {}{QUIET:#}", actions.join(", ")));
    }
}

fn seconds(took: Duration) -> String {
    format!("{:.1} s", took.as_secs_f64())
}

fn line(text: &str) {
    let _ = writeln!(stdout(), "{}", text.trim_end());
}

fn stdout_is_terminal() -> bool {
    std::io::stdout().is_terminal()
}
