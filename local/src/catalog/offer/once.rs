//! Idempotency tokens of calls that make no record.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::catalog::Catalog;
use crate::catalog::input::{Input, Refused, TOKEN};
use crate::catalog::settings::{TokenMemory, TokenMismatch};
use crate::catalog::state::State;

const MEMBER: &str = "IdempotencyToken";

/// A call that was carried out under a token.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Done {
    operation: String,
    token: String,
    asked: Value,
    answer: Value,
}

impl Catalog {
    /// Does something once: a repeated call gets the answer of the first. There is no running record that could end, so
    /// a token is remembered for ever, unless tokens are not remembered at all.
    pub(super) fn once(
        &self,
        operation: &'static str,
        input: &Input,
        token: Option<String>,
        make: impl FnOnce(&mut State) -> Result<Value, Refused>,
    ) -> Result<Value, Refused> {
        let mut state = self.lock();
        let Some(token) = token.filter(|_| state.settings.token_memory != TokenMemory::None) else {
            return make(&mut state);
        };
        let asked = input.asked(MEMBER);
        if let Some(done) = state.offer.done.iter().find(|done| done.operation == operation && done.token == token) {
            if done.asked != asked && state.settings.token_mismatch == TokenMismatch::Refuse {
                return Err(Refused::invalid("The token was used before with other parameters."));
            }
            return Ok(done.answer.clone());
        }
        let answer = make(&mut state)?;
        state.offer.done.push(Done { operation: operation.to_owned(), token, asked, answer: answer.clone() });
        Ok(answer)
    }
}

/// A token that must be there.
pub(super) fn token(input: &Input) -> Result<Option<String>, Refused> {
    input.required(MEMBER, TOKEN).map(Some)
}

/// A token that may be there.
pub(super) fn token_if_any(input: &Input) -> Result<Option<String>, Refused> {
    input.text(MEMBER, TOKEN)
}
