//! What will end in the next days.

use std::process::ExitCode;

use chrono::TimeDelta;
use serde::Serialize;
use serde_json::json;
use shared::clock::Time;
use shared::config::Sweeping;
use shared::expiry::{Expiry, outlook, subject};
use shared::ports::{Catalog as _, ProductItem, Products as _, SearchRow};

use super::span;
use crate::aws::Session;
use crate::print;
use crate::problem::Problem;

/// When a product ends, as things stand.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct End {
    /// `ends`, `never`, `protected`, `unreadable`, `outside`.
    what: &'static str,
    /// By tags, lease and ceiling.
    expires_at: Option<String>,
    /// When it is ended: warnings, notice and grace included.
    ends_at: Option<String>,
    why: String,
    #[serde(skip)]
    at: Option<Time>,
}

impl End {
    fn without(what: &'static str, why: String) -> Self {
        Self { what, expires_at: None, ends_at: None, why, at: None }
    }

    fn of(sweeping: &Sweeping, row: &SearchRow, item: Option<&ProductItem>, now: Time) -> Self {
        let policy = &sweeping.policy;
        let subject = subject(row, item);
        let without = Self::without;
        match policy.expiry(&subject, now) {
            Expiry::Outside(why) => without("outside", why),
            Expiry::Protected(why) => without("protected", why),
            Expiry::Unreadable(why) => without("unreadable", why),
            Expiry::Never(why) => without("never", why),
            Expiry::At(at, why) => {
                let noticed = item.and_then(|item| item.noticed.as_ref());
                let ends_at = outlook(at, row.created_at, noticed, &policy.rule(&subject).timing, now).ends_at;
                let (expires_at, ends) = (Some(print::iso(at)), Some(print::iso(ends_at)));
                Self { what: "ends", expires_at, ends_at: ends, why, at: Some(ends_at) }
            }
        }
    }

    pub(super) fn in_words(&self, now: Time) -> String {
        match self.at {
            Some(at) => format!("{}: {}", print::at(at, now), self.why),
            None => format!("{}: {}", self.what, self.why),
        }
    }
}

/// When a product ends; `None`: the parameters of the sweep cannot be read by this person.
pub(super) async fn end(session: &Session, row: &SearchRow, item: Option<&ProductItem>) -> Option<End> {
    let sweeping = session.sweeping().await.ok()?;
    Some(End::of(&sweeping, row, item, session.clock.now()))
}

/// A product that will end.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Ending {
    provisioned_product_id: String,
    name: Option<String>,
    product_name: Option<String>,
    owner: Option<String>,
    status: Option<String>,
    warned: bool,
    #[serde(flatten)]
    end: End,
}

pub(super) async fn run(session: &Session, within: &str) -> Result<ExitCode, Problem> {
    let within = span("--within", within)?;
    let sweeping = session.sweeping().await?;
    let now = session.clock.now();
    let progress = print::Progress::begin("reading provisioned products");
    let (mut endings, mut unreadable) = (Vec::new(), Vec::new());
    let (mut next, mut seen) = (None, 0);
    loop {
        let page = session.catalog.list(next.as_deref()).await?;
        let ids: Vec<&str> = page.rows.iter().map(|row| row.id.as_str()).collect();
        let mut items = session.store.items(&ids).await?;
        seen += page.rows.len();
        progress.say(&format!("{seen} of {} provisioned products read", page.total.unwrap_or(seen as u64)));
        for row in page.rows {
            // Unread is not unprotected, and hides no other.
            let (item, end) = match items.remove(&row.id).transpose() {
                Ok(item) => {
                    let end = End::of(&sweeping, &row, item.as_ref(), now);
                    (item, end)
                }
                Err(error) => (None, End::without("unreadable", error.to_string())),
            };
            let is_unreadable = end.what == "unreadable";
            if is_unreadable || end.at.is_some_and(|at| at - now <= within) {
                let warned = item.is_some_and(|item| item.noticed.is_some_and(|noticed| noticed.warned_at.is_some()));
                let ending = Ending {
                    provisioned_product_id: row.id,
                    name: row.name,
                    product_name: row.product_name,
                    owner: row.owner,
                    status: row.status,
                    warned,
                    end,
                };
                if is_unreadable { unreadable.push(ending) } else { endings.push(ending) }
            }
        }
        next = page.next;
        if next.is_none() {
            break;
        }
    }
    progress.end();
    endings.sort_by(|one, other| {
        (one.end.at, &one.provisioned_product_id).cmp(&(other.end.at, &other.provisioned_product_id))
    });
    let document = json!({ "dryRun": sweeping.dry_run, "expiring": endings, "unreadable": unreadable, "seen": seen });
    print::answer(&session.global, &document, || in_words(&endings, &unreadable, &sweeping, seen, within, now));
    Ok(ExitCode::SUCCESS)
}

fn in_words(endings: &[Ending], unreadable: &[Ending], sweeping: &Sweeping, seen: usize, within: TimeDelta, now: Time) {
    if sweeping.dry_run {
        print::warning("DRY RUN: terminations are only judged, nothing of this will end.");
    }
    if endings.is_empty() {
        print::line(&format!("None of {seen} provisioned products ends within {} hours.", within.num_hours()));
    } else {
        let mut table = print::Table::new(&["ENDS", "NAME", "PROVISIONED PRODUCT", "STATUS", "WARNED", "WHY"]);
        for ending in endings {
            table.row([
                ending.end.at.map(|at| print::at(at, now)).unwrap_or_default(),
                ending.name.clone().unwrap_or_default(),
                ending.provisioned_product_id.clone(),
                ending.status.clone().unwrap_or_default(),
                if ending.warned { "yes" } else { "not yet" }.to_owned(),
                ending.end.why.clone(),
            ]);
        }
        table.print();
    }
    for one in unreadable {
        print::warning(&format!("{}: never ended, since {}", one.provisioned_product_id, one.end.why));
    }
}
