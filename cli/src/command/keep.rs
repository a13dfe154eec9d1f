//! Extensions and protections: sent as events, and answered by what the table holds then.

use std::process::ExitCode;
use std::time::Duration;

use serde_json::{Value, json};
use shared::inbound::keep::identity;
use shared::ports::{Catalog as _, Extension, ProductItem, Products as _, Protection, Sought};
use shared::request::{EXTENSION, Keep, PROTECTION};

use super::expiring::{self, End};
use crate::arguments::{Keep as Kept, Unprotect, Until};
use crate::aws::Session;
use crate::print;
use crate::problem::Problem;

/// How long an answer is waited for: seconds as a rule.
const PATIENCE: Duration = Duration::from_mins(2);
const PAUSE: Duration = Duration::from_millis(700);
/// After so many looks a refusal is looked for as well, which reads more of the table.
const LOOKS_BEFORE_REFUSAL: u32 = 3;

pub(super) async fn extend(session: &Session, extend: &Kept) -> Result<ExitCode, Problem> {
    let wish = Wish::new(session, EXTENSION, &extend.product, &extend.reason, Some(&extend.until), None)?;
    let before = end(session, &extend.product).await;
    wish.send(session).await?;
    if extend.no_wait {
        return Ok(wish.sent(session));
    }
    let Answer::Item(item) = wish.answer(session, None).await? else { return Ok(wish.unanswered(session)) };
    let granted = item.extensions.into_iter().find(|known| known.id == wish.id);
    let Some(Extension { until, .. }) = granted else { return Ok(wish.unanswered(session)) };
    let after = end(session, &extend.product).await;
    let document = json!({ "provisionedProductId": wish.product, "extendedUntil": print::iso(until), "before": before,
        "after": after, "requestId": wish.request_id });
    let now = session.clock.now();
    print::answer(&session.global, &document, || {
        print::line(&format!("{} is extended until {}", wish.product, print::at(until, now)));
        let told = |end: &Option<End>| end.as_ref().map(|end| end.in_words(now));
        print::facts([("before", told(&before)), ("now", told(&after))]);
    });
    Ok(ExitCode::SUCCESS)
}

pub(super) async fn protect(session: &Session, protect: &Kept) -> Result<ExitCode, Problem> {
    let wish = Wish::new(session, PROTECTION, &protect.product, &protect.reason, Some(&protect.until), None)?;
    changed(session, wish, protect.no_wait).await
}

pub(super) async fn unprotect(session: &Session, unprotect: &Unprotect) -> Result<ExitCode, Problem> {
    let product = &unprotect.product;
    let wish = Wish::new(session, PROTECTION, product, &unprotect.reason, None, Some(false))?;
    print::confirm(&session.global, &format!("Let {product} be ended again, if its time is over?"))?;
    changed(session, wish, unprotect.no_wait).await
}

async fn changed(session: &Session, wish: Wish, no_wait: bool) -> Result<ExitCode, Problem> {
    // Whoever does not wait need not read the table.
    let before =
        if no_wait { None } else { session.store.items(&[&wish.product]).await?.remove(&wish.product).transpose()? };
    let before = before.and_then(|item| item.protection);
    wish.send(session).await?;
    if no_wait {
        return Ok(wish.sent(session));
    }
    let Answer::Item(item) = wish.answer(session, before).await? else { return Ok(wish.unanswered(session)) };
    let now = session.clock.now();
    let protection = item.protection.filter(|protection| protection.holds(now));
    let document = json!({ "provisionedProductId": wish.product, "requestId": wish.request_id,
        "protection": protection.as_ref().map(|one| {
            json!({ "by": one.by, "reason": one.reason, "until": one.until.map(print::iso) })
        }) });
    print::answer(&session.global, &document, || match &protection {
        Some(one) => {
            let until = one.until.map_or("for good".to_owned(), |at| format!("until {}", print::at(at, now)));
            print::line(&format!("{} is {}, {until}", wish.product, one.in_words()));
        }
        None => {
            print::line(&format!(
                "{} is not protected in the table any more; a tag may still protect it",
                wish.product
            ));
        }
    });
    Ok(ExitCode::SUCCESS)
}

async fn end(session: &Session, product: &str) -> Option<End> {
    let ids = [product];
    let (row, items) = tokio::join!(session.catalog.search(Sought::Product(product)), session.store.items(&ids));
    let item = items.ok()?.remove(product).transpose().ok()?;
    expiring::end(session, &row.ok()??, item.as_ref()).await
}

/// What is asked of the life of a product.
struct Wish {
    detail_type: &'static str,
    product: String,
    detail: Value,
    request_id: String,
    /// By which it is found in the table.
    id: String,
}

/// What became of it.
enum Answer {
    /// It is in the table.
    Item(Box<ProductItem>),
    /// Nothing yet.
    None,
}

impl Wish {
    fn new(
        session: &Session,
        detail_type: &'static str,
        product: &str,
        reason: &str,
        until: Option<&Until>,
        protect: Option<bool>,
    ) -> Result<Self, Problem> {
        let request_id = format!("cli-{:032x}", fastrand::u128(..));
        let mut detail = json!({ "provisionedProductId": product, "requestedBy": session.by, "reason": reason,
            "requestId": request_id });
        let members = [
            ("for", until.and_then(|until| until.life.clone()).map(Value::from)),
            ("until", until.and_then(|until| until.until.clone()).map(Value::from)),
            ("protect", protect.map(Value::from)),
        ];
        for (name, value) in members {
            if let Some(value) = value {
                detail[name] = value;
            }
        }
        Keep::parse(detail_type, detail.clone())?;
        let id = identity(session.scope(), detail_type, product, &request_id);
        Ok(Self { detail_type, product: product.to_owned(), detail, request_id, id })
    }

    async fn send(&self, session: &Session) -> Result<(), Problem> {
        session.publish(self.detail_type, &self.detail).await.map(|_| ())
    }

    /// Waits for what the table says of it.
    async fn answer(&self, session: &Session, before: Option<Protection>) -> Result<Answer, Problem> {
        let until = session.clock.now() + PATIENCE;
        let progress = print::Progress::begin("waiting for Steward's answer");
        for look in 0.. {
            tokio::time::sleep(PAUSE).await;
            let item = session.store.items(&[&self.product]).await?.remove(&self.product).transpose()?;
            // What was so before may be an older word: it is believed only when nothing else comes.
            let is_new = |item: &ProductItem| item.protection != before || look >= LOOKS_BEFORE_REFUSAL * 3;
            let is_new = |item: &ProductItem| self.detail_type == EXTENSION || is_new(item);
            if let Some(item) = item.filter(|item| self.is_answered_by(item) && is_new(item)) {
                progress.end();
                return Ok(Answer::Item(Box::new(item)));
            }
            if look >= LOOKS_BEFORE_REFUSAL && look % LOOKS_BEFORE_REFUSAL == 0 {
                let refused = session.store.rejections().await?;
                if let Some(refused) = refused.into_iter().find(|one| one.body.contains(&self.request_id)) {
                    progress.end();
                    return Err(Problem::Refused(refused.error));
                }
            }
            if session.clock.now() >= until {
                break;
            }
        }
        progress.end();
        Ok(Answer::None)
    }

    fn is_answered_by(&self, item: &ProductItem) -> bool {
        if self.detail_type == EXTENSION {
            return item.extensions.iter().any(|known| known.id == self.id);
        }
        match &item.protection {
            None => self.detail["protect"] == json!(false),
            Some(there) => {
                self.detail["reason"] == json!(there.reason) && self.detail["requestedBy"] == json!(there.by)
            }
        }
    }

    fn sent(&self, session: &Session) -> ExitCode {
        let document = json!({ "provisionedProductId": self.product, "requestId": self.request_id });
        print::answer(&session.global, &document, || print::line(&format!("asked for, as {}", self.request_id)));
        ExitCode::SUCCESS
    }

    fn unanswered(&self, session: &Session) -> ExitCode {
        let document = json!({ "provisionedProductId": self.product, "requestId": self.request_id, "answered": false });
        print::answer(&session.global, &document, || {
            print::line(&format!("no answer yet to {}; look again: steward show {}", self.request_id, self.product));
        });
        ExitCode::from(9)
    }
}
