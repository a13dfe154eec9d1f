//! What a person means by an id.

use shared::aws::store::{Stored, Which};
use shared::operation::OperationId;

use super::about::short;
use crate::aws::Session;
use crate::problem::Problem;

/// How many digits of an operation's id tell it from others well enough to be looked for.
const DIGITS_MIN: usize = 8;

const ACCEPTED: &str = "op- and at least the first eight of its digits";

/// The operation of an id, or of the beginning of one.
pub(super) async fn operation(session: &Session, text: &str) -> Result<OperationId, Problem> {
    if let Some(id) = OperationId::parse(text) {
        return Ok(id);
    }
    let digits = text.strip_prefix("op-").filter(|digits| {
        digits.len() >= DIGITS_MIN && digits.bytes().all(|digit| matches!(digit, b'0'..=b'9' | b'a'..=b'f'))
    });
    if digits.is_none() {
        return Err(Problem::Usage(format!("{text:?} is no operation; accepted: {ACCEPTED}")));
    }
    // What lives is found by one query; the rest of the table is read only if it has to be.
    for which in [Which::Live, Which::All] {
        let found = session.store.operations(which).await?.read;
        let mut found = found.into_iter().map(|stored| stored.operation.id).filter(|id| id.as_str().starts_with(text));
        match (found.next(), found.next()) {
            (Some(one), None) => return Ok(one),
            (Some(one), Some(other)) => {
                let (one, other) = (short(one.as_str()), short(other.as_str()));
                return Err(Problem::Usage(format!("{text} may be {one} or {other}, or more; give more digits")));
            }
            (None, _) => {}
        }
    }
    Err(Problem::NotFound(format!("there is no operation {text}: it never was, or is forgotten")))
}

/// An operation with all that its item says.
pub(super) async fn stored(session: &Session, id: &OperationId) -> Result<Stored, Problem> {
    let stored = session.store.stored(id).await?;
    stored.ok_or_else(|| Problem::NotFound(format!("there is no operation {id}: it never was, or is forgotten")))
}
