//! Access levels: what a caller may touch and see.

use super::input::{Input, Refused};
use super::model::Provisioned;
use super::settings::{AccessDeniedAs, AccessLevel};
use super::state::State;
use crate::api::Caller;

impl State {
    fn level(&self, caller: &Caller) -> AccessLevel {
        self.settings.access_levels.get(&caller.name).copied().unwrap_or_default()
    }

    /// Whether a caller may touch a product; `absent`: what it would get if there were none.
    pub(super) fn may_touch(
        &self,
        caller: &Caller,
        product: &Provisioned,
        operation: &str,
        absent: impl FnOnce() -> Refused,
    ) -> Result<(), Refused> {
        if is_within(self.level(caller), caller, product) {
            return Ok(());
        }
        match self.settings.access_denied_as {
            AccessDeniedAs::NotFound => Err(absent()),
            AccessDeniedAs::AccessDenied => {
                let text = format!("User: {} is not authorized to perform: servicecatalog:{operation}", caller.arn);
                Err(Refused::new("AccessDeniedException", text))
            }
        }
    }

    /// The level at which a list is asked for, no higher than the caller's own.
    pub(super) fn listed_at(
        &self,
        caller: &Caller,
        input: &Input,
        default: AccessLevel,
    ) -> Result<AccessLevel, Refused> {
        let asked = match input.object("AccessLevelFilter")? {
            None => default,
            Some(filter) => {
                let level = match filter.get("Key").and_then(serde_json::Value::as_str) {
                    Some("Account") => AccessLevel::Account,
                    Some("Role") => AccessLevel::Role,
                    Some("User") => AccessLevel::User,
                    other => {
                        let text = format!(
                            "1 validation error detected: Value '{}' at 'accessLevelFilter.key' failed to satisfy constraint: \
                             Member must satisfy enum value set: [Account, Role, User]",
                            other.unwrap_or("null")
                        );
                        return Err(Refused::new("ValidationException", text));
                    }
                };
                if filter.get("Value").and_then(serde_json::Value::as_str) != Some("self") {
                    return Err(Refused::invalid("The value of AccessLevelFilter must be self."));
                }
                level
            }
        };
        Ok(lower(asked, self.level(caller)))
    }
}

/// Whether a product is within a caller's reach.
pub(super) fn is_within(level: AccessLevel, caller: &Caller, product: &Provisioned) -> bool {
    match level {
        AccessLevel::Account => true,
        AccessLevel::Role => role(&caller.arn) == role(&product.user_arn),
        AccessLevel::User => caller.arn == product.user_arn,
    }
}

fn lower(a: AccessLevel, b: AccessLevel) -> AccessLevel {
    match (a, b) {
        (AccessLevel::User, _) | (_, AccessLevel::User) => AccessLevel::User,
        (AccessLevel::Role, _) | (_, AccessLevel::Role) => AccessLevel::Role,
        _ => AccessLevel::Account,
    }
}

/// An ARN without its session.
fn role(arn: &str) -> &str {
    if arn.contains(":assumed-role/") { arn.rsplit_once('/').map_or(arn, |(role, _)| role) } else { arn }
}
