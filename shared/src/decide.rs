//! What the answer to a call means: the one match that decides on every error of it.

use crate::operation::{Event, StableRefusal};
use crate::ports::{CallError, Described, Record, Refusal};
use crate::request::Kind;

/// What to do about an answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answered {
    /// It happened, and that is all.
    Step(Event),
    /// The product has to be described first: [`refused`] decides then.
    Describe,
}

/// What the answer to a call that acts means.
///
/// Which code a termination is refused with while its product is `UNDER_CHANGE` is published nowhere: whatever is not plainly
/// about existence, permission, load or credentials may be it, and is settled by looking at the product. The other kinds
/// have a code of their own for it. An import has no product yet that could be looked at.
#[must_use]
pub fn answer(kind: Kind, answer: &Result<Record, CallError>) -> Answered {
    match answer {
        Ok(_) => Answered::Step(Event::Accepted),
        Err(CallError::NotSent(_)) => Answered::Step(Event::Held),
        Err(CallError::Unknown(_)) => Answered::Step(Event::Lost),
        Err(CallError::Refused { refusal, .. }) => match (refusal, kind) {
            (Refusal::Throttled | Refusal::Credentials, _) => Answered::Step(Event::RefusedUnseen),
            (Refusal::NotFound | Refusal::Invalid, Kind::Terminate) => Answered::Describe,
            (Refusal::Denied | Refusal::NotFound | Refusal::Invalid, _) => Answered::Step(Event::RefusedFinally),
            (Refusal::Busy, Kind::Import) => Answered::Step(Event::RefusedBusy),
            (Refusal::Busy, _) => Answered::Describe,
        },
    }
}

/// What a refusal means in the light of the product as it is right after it. `is_ready`: nothing was going on there then;
/// `before`: the last such refusal.
///
/// "Not found" is believed only if the product is not found either. Any other refusal is final only when it comes twice,
/// each time with a product that was ready and on which nothing has happened in between; once may be a change that has just ended.
#[must_use]
pub fn refused(
    refusal: Refusal,
    code: &str,
    product: Option<&Described>,
    is_ready: bool,
    before: Option<&StableRefusal>,
) -> (Event, Option<StableRefusal>) {
    let Some(product) = product else {
        return (if refusal == Refusal::NotFound { Event::NothingToDo } else { Event::RefusedBusy }, None);
    };
    if !is_ready {
        return (Event::RefusedBusy, None);
    }
    let now = StableRefusal { code: code.to_owned(), last_record_id: product.last_record_id.clone() };
    if before == Some(&now) { (Event::RefusedFinally, Some(now)) } else { (Event::RefusedBusy, Some(now)) }
}

/// What a person can do about a refusal, where the service's own words do not say it.
#[must_use]
pub fn hint(error: &CallError) -> Option<&'static str> {
    let CallError::Refused { code, message, .. } = error else { return None };
    let message = message.to_ascii_lowercase();
    if message.contains("launch path") {
        return Some(
            "hint: even an administrator needs a launch path; associate the function's role with a portfolio of the product \
             (servicecatalog:AssociatePrincipalWithPortfolio)",
        );
    }
    match code.as_str() {
        "DuplicateResourceException" => Some(
            "hint: the name is taken, or the stack is a provisioned product already; see `search-provisioned-products`",
        ),
        _ if message.contains("template") => Some(
            "hint: the stack's template must be the provisioning artifact's own; import with the version that it was made from",
        ),
        _ => None,
    }
}

/// What the status of a record means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Progress {
    /// Not at its end, as far as anybody knows.
    Running,
    /// Done.
    Succeeded,
    /// Ended without success.
    Failed,
}

/// Reads a record's status: what is not a known end is no end.
#[must_use]
pub fn progress(status: &str) -> Progress {
    match status {
        "SUCCEEDED" => Progress::Succeeded,
        "FAILED" => Progress::Failed,
        _ => Progress::Running,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn product(last_record_id: &str) -> Described {
        Described {
            id: "pp-a".into(),
            name: None,
            product_type: None,
            status: "AVAILABLE".into(),
            status_message: None,
            created_at: None,
            last_record_id: Some(last_record_id.into()),
            last_provisioning_record_id: None,
        }
    }

    fn refusal(refusal: Refusal, code: &str, message: &str) -> CallError {
        CallError::Refused { refusal, code: code.into(), message: message.into() }
    }

    #[test]
    fn every_error_of_the_call_has_its_step() {
        let refused = |of| Err(refusal(of, "C", "m"));
        for (answer, expected) in [
            (Err(CallError::NotSent("lease".into())), Answered::Step(Event::Held)),
            (Err(CallError::Unknown("time-out".into())), Answered::Step(Event::Lost)),
            (refused(Refusal::Denied), Answered::Step(Event::RefusedFinally)),
            (refused(Refusal::Throttled), Answered::Step(Event::RefusedUnseen)),
            (refused(Refusal::Credentials), Answered::Step(Event::RefusedUnseen)),
            (refused(Refusal::NotFound), Answered::Describe),
            (refused(Refusal::Invalid), Answered::Describe),
            (refused(Refusal::Busy), Answered::Describe),
        ] {
            assert_eq!(super::answer(Kind::Terminate, &answer), expected, "{answer:?}");
        }
        for kind in [Kind::ExecuteAction, Kind::ExecutePlan, Kind::Import] {
            for of in [Refusal::NotFound, Refusal::Invalid, Refusal::Denied] {
                assert_eq!(answer(kind, &refused(of)), Answered::Step(Event::RefusedFinally), "{kind:?} {of:?}");
            }
            for of in [Refusal::Throttled, Refusal::Credentials] {
                assert_eq!(answer(kind, &refused(of)), Answered::Step(Event::RefusedUnseen), "{kind:?} {of:?}");
            }
            let busy = if kind == Kind::Import { Answered::Step(Event::RefusedBusy) } else { Answered::Describe };
            assert_eq!(answer(kind, &refused(Refusal::Busy)), busy, "{kind:?}");
        }
    }

    #[test]
    fn a_hint_says_what_to_do_where_the_service_does_not() {
        let of = |code, message| hint(&refusal(Refusal::Invalid, code, message)).unwrap_or_default();
        assert!(of("ResourceNotFoundException", "No launch paths found for resource: prod-a").contains("Associate"));
        assert!(of("DuplicateResourceException", "").contains("taken"));
        assert!(of("InvalidParametersException", "Template does not match").contains("version"));
        assert_eq!(of("InvalidParametersException", "something else"), "");
        assert_eq!(hint(&CallError::Unknown("launch path".into())), None);
    }

    // Hazard B9: it is believed only if the product is not described either.
    #[test]
    fn not_found_is_believed_only_if_the_product_is_gone() {
        assert_eq!(refused(Refusal::NotFound, "R", None, false, None).0, Event::NothingToDo);
        assert_eq!(refused(Refusal::NotFound, "R", Some(&product("r1")), true, None).0, Event::RefusedBusy);
        assert_eq!(refused(Refusal::Busy, "X", None, false, None).0, Event::RefusedBusy);
    }

    // Hazard B4: once is a change that has just ended.
    #[test]
    fn a_refusal_is_final_at_the_second_stable_answer_with_nothing_in_between() {
        let (first, seen) = refused(Refusal::Invalid, "X", Some(&product("r1")), true, None);
        assert_eq!(first, Event::RefusedBusy);
        let again =
            |is_ready, record, code| refused(Refusal::Invalid, code, Some(&product(record)), is_ready, seen.as_ref()).0;
        assert_eq!(again(true, "r1", "X"), Event::RefusedFinally);
        assert_eq!(again(true, "r2", "X"), Event::RefusedBusy, "something happened in between");
        assert_eq!(again(true, "r1", "Y"), Event::RefusedBusy, "another code");
        assert_eq!(again(false, "r1", "X"), Event::RefusedBusy, "busy again");
    }

    #[test]
    fn an_unknown_status_is_no_end() {
        for status in ["CREATED", "IN_PROGRESS", "IN_PROGRESS_IN_ERROR", "PAUSED_BY_SOMEBODY", ""] {
            assert_eq!(progress(status), Progress::Running, "{status}");
        }
        assert_eq!(progress("SUCCEEDED"), Progress::Succeeded);
        assert_eq!(progress("FAILED"), Progress::Failed);
    }
}
