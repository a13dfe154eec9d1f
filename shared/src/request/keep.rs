//! A person's word that a product is to live longer, or is not to be touched.

use chrono::TimeDelta;
use serde_json::Value;

use super::members::{Invalid, Members, quoted};
use super::rules;
use crate::clock::Time;
use crate::expiry::{self, End, Ttl};

/// How long.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Until {
    /// Until the instant.
    At(Time),
    /// So much longer.
    For(TimeDelta),
}

/// What is asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wish {
    /// To let it live longer.
    Extend(Until),
    /// To protect it, for good if nothing else is said.
    Protect(Option<Until>),
    /// To end its protection.
    Unprotect,
}

/// A request about the life of one product.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Keep {
    /// `pp-...`.
    pub product_id: String,
    /// What is asked.
    pub wish: Wish,
    /// Who asks.
    pub requested_by: String,
    /// Why.
    pub reason: String,
    /// The caller's own key.
    pub request_id: Option<String>,
}

/// The detail types that ask.
pub const EXTENSION: &str = "Extension Requested";
/// The other one.
pub const PROTECTION: &str = "Protection Requested";

impl Keep {
    /// Reads the detail of an event of this type.
    ///
    /// # Errors
    /// The first constraint that is not kept, in words.
    pub fn parse(detail_type: &str, detail: Value) -> Result<Self, Invalid> {
        if detail_type != EXTENSION && detail_type != PROTECTION {
            return Err(Invalid::new(format!(
                "the detail type is {}; accepted: `{EXTENSION}`, `{PROTECTION}`",
                quoted(detail_type)
            )));
        }
        let mut members = Members::of("the request", detail)?;
        let product_id = members.required("provisionedProductId", &rules::ID)?;
        let until = until(&mut members)?;
        let wish = if detail_type == EXTENSION {
            Wish::Extend(
                until
                    .ok_or_else(|| Invalid::new("neither `until` nor `for` is given; accepted: exactly one of them"))?,
            )
        } else if members.flag("protect", true)? {
            Wish::Protect(until)
        } else if until.is_some() {
            return Err(Invalid::new(
                "`protect` is false, and a time is given; accepted: `until` or `for` with a protection alone",
            ));
        } else {
            Wish::Unprotect
        };
        let requested_by = members.required("requestedBy", &rules::REQUESTER)?;
        let reason = members.required("reason", &rules::REASON)?;
        let request_id = members.text("requestId", &rules::REQUEST_ID)?;
        members.finish()?;
        Ok(Self { product_id, wish, requested_by, reason, request_id })
    }
}

fn until(members: &mut Members) -> Result<Option<Until>, Invalid> {
    let at = members.text("until", &rules::UNTIL)?.map(|text| match expiry::end(&text) {
        Ok(End::At(at)) => Ok(Until::At(at)),
        _ => Err(Invalid::new(format!("`until` is {}; accepted: {}", quoted(&text), rules::UNTIL.accepted()))),
    });
    let life = members.text("for", &rules::FOR)?.map(|text| match expiry::ttl(&text) {
        Ok(Ttl::Of(life)) => Ok(Until::For(life)),
        _ => Err(Invalid::new(format!("`for` is {}; accepted: {}", quoted(&text), rules::FOR.accepted()))),
    });
    match (at.transpose()?, life.transpose()?) {
        (Some(_), Some(_)) => Err(Invalid::new("both `until` and `for` are given; accepted: exactly one of them")),
        (until, life) => Ok(until.or(life)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn read(detail_type: &str, more: &Value) -> Result<Wish, String> {
        let mut detail = json!({"provisionedProductId": "pp-a", "requestedBy": "jo", "reason": "the demo"});
        for (name, value) in more.as_object().unwrap() {
            detail[name] = value.clone();
        }
        Keep::parse(detail_type, detail).map(|keep| keep.wish).map_err(|error| error.to_string())
    }

    #[test]
    fn wishes_are_read() {
        let day = Until::At("2026-11-21T00:00:00Z".parse().unwrap());
        assert_eq!(read(EXTENSION, &json!({"until": "2026-11-20"})), Ok(Wish::Extend(day)));
        assert_eq!(read(EXTENSION, &json!({"for": "2d"})), Ok(Wish::Extend(Until::For(TimeDelta::days(2)))));
        assert_eq!(read(PROTECTION, &json!({})), Ok(Wish::Protect(None)));
        assert_eq!(read(PROTECTION, &json!({"until": "2026-11-20", "protect": true})), Ok(Wish::Protect(Some(day))));
        assert_eq!(read(PROTECTION, &json!({"protect": false})), Ok(Wish::Unprotect));
    }

    #[test]
    fn what_is_not_understood_is_named() {
        for (detail_type, more, wanted) in [
            (EXTENSION, json!({}), "neither `until` nor `for` is given; accepted: "),
            (EXTENSION, json!({"until": "never"}), "`until` is \"never\"; accepted: "),
            (EXTENSION, json!({"for": "a while"}), "`for` is \"a while\"; accepted: "),
            (EXTENSION, json!({"for": 2}), "`for` is a number; accepted: "),
            (EXTENSION, json!({"until": "2026-11-20", "for": "2d"}), "both `until` and `for` are given; accepted: "),
            (EXTENSION, json!({"for": "2d", "protect": true}), "unknown member \"protect\""),
            (EXTENSION, json!({"for": "2d", "reason": null}), "`reason` is missing"),
            (
                PROTECTION,
                json!({"for": "2d", "protect": false}),
                "`protect` is false, and a time is given; accepted: `until` or `for` with a protection alone",
            ),
            (PROTECTION, json!({"provisionedProductId": "pp a"}), "`provisionedProductId` is \"pp a\""),
            ("Sweep Due", json!({}), "the detail type is \"Sweep Due\"; accepted: `Extension Requested`"),
        ] {
            let error = read(detail_type, &more).unwrap_err();
            assert!(error.starts_with(wanted), "{error}");
        }
    }
}
