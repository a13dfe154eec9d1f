//! What Steward does and has done.

use std::process::ExitCode;

use chrono::DateTime;
use serde_json::json;
use shared::aws::store::Which;
use shared::clock::Time;
use shared::operation::State;

use super::about::{Row, table};
use super::span;
use crate::arguments::{KindName, List, StateName};
use crate::aws::Session;
use crate::print;
use crate::problem::Problem;

pub(super) async fn run(session: &Session, list: &List) -> Result<ExitCode, Problem> {
    let now = session.clock.now();
    let wanted = Wanted::of(list, now)?;
    let which = match &list.product {
        Some(product) => Which::Product(product),
        None if !list.state.is_empty() && list.state.iter().all(|state| is_live(*state)) => Which::Live,
        None => Which::All,
    };
    let operations = session.store.operations(which).await?;
    let mut rows: Vec<Row> = operations.read.iter().map(Row::from).collect();
    // What never became an operation is of no kind and of no product.
    let with_rejections = which == Which::All && list.kind.is_none() && wanted.takes(State::Rejected.as_str());
    if with_rejections {
        rows.extend(session.store.rejections().await?.iter().map(Row::from));
    }
    rows.retain(|row| wanted.holds(row));
    rows.sort_by(|one, other| (other.at, &other.operation).cmp(&(one.at, &one.operation)));
    let of = rows.len();
    // Those of one instant stay together: the next page begins before it.
    let edge = rows.get(list.limit as usize - 1).map(|last| last.at);
    rows.retain(|row| edge.is_none_or(|edge| row.at >= edge));
    let next = (of > rows.len()).then(|| rows.last().map(|last| print::iso(last.at))).flatten();
    if operations.unread > 0 {
        let unread = operations.unread;
        print::warning(&format!("{unread} operations cannot be read: they are of a newer Steward than this command"));
    }
    print::answer(&session.global, &json!({ "operations": rows, "next": next }), || {
        if rows.is_empty() {
            print::line("Nothing.");
            return;
        }
        table(&rows, now).print();
        if let Some(next) = &next {
            print::aside(&format!("{} of {of}; the others: --before {next}", rows.len()));
        }
    });
    Ok(ExitCode::SUCCESS)
}

/// What a row must be like.
struct Wanted {
    kind: Option<&'static str>,
    states: Vec<StateName>,
    after: Option<Time>,
    before: Option<Time>,
    until: Option<Time>,
}

impl Wanted {
    fn of(list: &List, now: Time) -> Result<Self, Problem> {
        let ago = |option: &str, text: &Option<String>| {
            text.as_deref().map(|text| span(option, text).map(|span| now - span)).transpose()
        };
        let before = list.before.as_deref().map(|text| {
            let read = DateTime::parse_from_rfc3339(text).map(|at| at.to_utc());
            read.map_err(|_| {
                Problem::Usage(format!("--before is {text:?}; accepted: an instant like 2026-11-30T18:00:00Z"))
            })
        });
        Ok(Self {
            kind: list.kind.map(|kind| match kind {
                KindName::Terminate => "terminate",
                KindName::ExecuteAction => "execute-action",
                KindName::ExecutePlan => "execute-plan",
                KindName::Import => "import",
            }),
            states: list.state.clone(),
            after: ago("--newer", &list.newer)?,
            until: ago("--older", &list.older)?,
            before: before.transpose()?,
        })
    }

    fn takes(&self, state: &str) -> bool {
        self.states.is_empty() || self.states.iter().any(|wanted| is(*wanted, state))
    }

    fn holds(&self, row: &Row) -> bool {
        self.kind.is_none_or(|kind| row.kind == Some(kind))
            && self.takes(row.state)
            && self.after.is_none_or(|after| row.asked >= after)
            && self.until.is_none_or(|until| row.asked <= until)
            && self.before.is_none_or(|before| row.at < before)
    }
}

fn is_live(state: StateName) -> bool {
    matches!(state, StateName::Live | StateName::Submitting | StateName::Submitted | StateName::Waiting)
}

fn is(wanted: StateName, state: &str) -> bool {
    match wanted {
        StateName::Live => matches!(state, "submitting" | "submitted" | "waiting"),
        StateName::Submitting => state == "submitting",
        StateName::Submitted => state == "submitted",
        StateName::Waiting => state == "waiting",
        StateName::Succeeded => state == "succeeded",
        StateName::Failed => state == "failed",
        StateName::Rejected => state == "rejected",
        StateName::Skipped => state == "skipped",
        StateName::Cancelled => state == "cancelled",
    }
}
