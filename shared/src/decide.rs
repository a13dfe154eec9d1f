//! What a termination's answer means: the one match that decides on every error of the call.

use crate::operation::{Event, StableRefusal};
use crate::ports::{CallError, Described, Record, Refusal};

/// What to do about an answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answered {
    /// It happened, and that is all.
    Step(Event),
    /// The product has to be described first: [`refused`] decides then.
    Describe,
}

/// What an answer to `TerminateProvisionedProduct` means.
///
/// Which code a product `UNDER_CHANGE` is refused with is published nowhere: whatever is not plainly about existence,
/// permission, load or credentials may be it, and is settled by looking at the product.
#[must_use]
pub fn termination(answer: &Result<Record, CallError>) -> Answered {
    match answer {
        Ok(_) => Answered::Step(Event::Accepted),
        Err(CallError::NotSent(_)) => Answered::Step(Event::Held),
        Err(CallError::Unknown(_)) => Answered::Step(Event::Lost),
        Err(CallError::Refused { refusal, .. }) => match refusal {
            Refusal::Denied => Answered::Step(Event::RefusedFinally),
            Refusal::Throttled | Refusal::Credentials => Answered::Step(Event::RefusedUnseen),
            Refusal::NotFound | Refusal::Invalid | Refusal::Busy => Answered::Describe,
        },
    }
}

/// What a refusal means in the light of the product as it is right after it. `before`: the last such refusal.
///
/// "Not found" is believed only if the product is not found either. Any other refusal is final only when it comes twice,
/// each time with a stable product on which nothing has happened in between; once may be a change that has just ended.
#[must_use]
pub fn refused(
    refusal: Refusal,
    code: &str,
    product: Option<&Described>,
    before: Option<&StableRefusal>,
) -> (Event, Option<StableRefusal>) {
    let Some(product) = product else {
        return (if refusal == Refusal::NotFound { Event::Gone } else { Event::RefusedBusy }, None);
    };
    if !product.is_stable() {
        return (Event::RefusedBusy, None);
    }
    let now = StableRefusal { code: code.to_owned(), last_record_id: product.last_record_id.clone() };
    if before == Some(&now) { (Event::RefusedFinally, Some(now)) } else { (Event::RefusedBusy, Some(now)) }
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

    fn product(status: &str, last_record_id: &str) -> Described {
        Described {
            id: "pp-a".into(),
            name: None,
            product_type: None,
            status: status.into(),
            status_message: None,
            created_at: None,
            last_record_id: Some(last_record_id.into()),
            last_provisioning_record_id: None,
        }
    }

    #[test]
    fn every_error_of_the_call_has_its_step() {
        let refused = |refusal| Err(CallError::Refused { refusal, code: "C".into(), message: "m".into() });
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
            assert_eq!(termination(&answer), expected, "{answer:?}");
        }
    }

    #[test]
    fn not_found_is_believed_only_if_the_product_is_gone() {
        assert_eq!(refused(Refusal::NotFound, "R", None, None).0, Event::Gone);
        assert_eq!(refused(Refusal::NotFound, "R", Some(&product("AVAILABLE", "r1")), None).0, Event::RefusedBusy);
        assert_eq!(refused(Refusal::Busy, "X", None, None).0, Event::RefusedBusy);
    }

    #[test]
    fn a_refusal_is_final_at_the_second_stable_answer_with_nothing_in_between() {
        let (first, seen) = refused(Refusal::Invalid, "X", Some(&product("AVAILABLE", "r1")), None);
        assert_eq!(first, Event::RefusedBusy);
        let again =
            |status, record, code| refused(Refusal::Invalid, code, Some(&product(status, record)), seen.as_ref()).0;
        assert_eq!(again("AVAILABLE", "r1", "X"), Event::RefusedFinally);
        assert_eq!(again("AVAILABLE", "r2", "X"), Event::RefusedBusy, "something happened in between");
        assert_eq!(again("AVAILABLE", "r1", "Y"), Event::RefusedBusy, "another code");
        assert_eq!(again("UNDER_CHANGE", "r1", "X"), Event::RefusedBusy, "busy again");
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
