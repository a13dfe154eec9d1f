//! The readers of all six functions, and what must hold of whatever they make of a message.

use chrono::{DateTime, TimeDelta};
use proptest::prelude::*;
use shared::clock::Time;
use shared::inbound::{Carrier, Inbound, Message, keep, wake_up};
use shared::lambda::payload;
use shared::operation::{OperationId, Trigger};
use shared::request::{Import, Invalid, Kind, ProductRef, Target, Terminate, Until, Wish, content, rules};
use shared::scope::Scope;
use shared::workflow::follow::Woken;

use crate::samples::{BODIES, TREES};
use crate::{cases, texts, trees};

/// As long as what is published of it.
const ERROR_BYTES_MAX: usize = 1024;

pub(crate) fn here() -> Scope {
    Scope::new("111122223333", "eu-central-1")
}

fn sent_at() -> Time {
    DateTime::from_timestamp(1_795_176_001, 0).unwrap()
}

pub(crate) fn carrier() -> Carrier {
    Carrier { sns_id: None, sent_at: sent_at(), scope: here() }
}

/// Lets all six read a message.
pub(crate) fn all_read(body: &str) -> Result<(), TestCaseError> {
    for kind in Kind::ALL {
        let read = payload::read_text(kind, body, &carrier());
        match &read {
            Ok(Message::Due(id)) => prop_assert_eq!(OperationId::parse(id.as_str()), Some(id.clone())),
            Ok(Message::Request(inbound)) => is_of(kind, inbound)?,
            Err(invalid) => is_clear(invalid)?,
        }
        prop_assert_eq!(read, payload::read_text(kind, body, &carrier()), "read twice, it is the same");
    }
    let kept = keep::read(body, &here(), sent_at());
    match &kept {
        Ok(asked) => {
            is_id(&asked.keep.product_id)?;
            is_long(&asked.keep.requested_by, 256)?;
            is_long(&asked.keep.reason, 1024)?;
            prop_assert!(asked.id.len() == 64 && asked.at <= sent_at());
            is_a_time(&asked.keep.wish)?;
        }
        Err(invalid) => is_clear(invalid)?,
    }
    prop_assert_eq!(kept, keep::read(body, &here(), sent_at()));
    let mut woken = Woken::default();
    match wake_up::add(body, &here(), &mut woken) {
        Ok(()) => {
            woken.products.iter().try_for_each(|id| is_id(id))?;
            woken.imported_stacks.iter().try_for_each(|stack| is_long(stack, 1224))?;
        }
        Err(invalid) => {
            is_clear(&invalid)?;
            prop_assert!(woken.is_empty());
        }
    }
    Ok(())
}

/// One clear sentence that a person can act on, of a bounded length, on one line.
pub(crate) fn is_clear(Invalid(error): &Invalid) -> Result<(), TestCaseError> {
    prop_assert!(error.len() <= ERROR_BYTES_MAX, "{} bytes: {error}", error.len());
    prop_assert!(error.chars().all(|c| !c.is_control()), "{error:?}");
    let (wrong, accepted) = error.split_once("; accepted").unwrap_or((error, ""));
    prop_assert!(wrong.len() > 4 && accepted.len() > 4, "it does not say what is wrong, and what is accepted: {error}");
    Ok(())
}

fn is_of(kind: Kind, inbound: &Inbound) -> Result<(), TestCaseError> {
    let Inbound { request, trigger, sender_account, requested_at, no_need } = inbound;
    prop_assert_eq!(request.target.kind(), kind);
    prop_assert!(*requested_at <= sent_at(), "nobody asks after it was sent: {requested_at}");
    prop_assert!(*trigger != Trigger::Bare || matches!(kind, Kind::Terminate), "{trigger}");
    let id = |trigger: &Trigger| OperationId::derive(&here(), kind, &request.target.subject(), trigger);
    prop_assert_eq!(id(trigger), id(&trigger.clone()));
    for (text, chars_max) in [
        (Some(&trigger.to_string()), 1700),
        (sender_account.as_ref(), 256),
        (no_need.as_ref(), 1200),
        (request.asked.request_id.as_ref(), 256),
        (request.asked.requested_by.as_ref(), 256),
        (request.asked.reason.as_ref(), 1024),
        (Some(&request.target.subject()), 1224),
    ] {
        text.map_or(Ok(()), |text| is_long(text, chars_max))?;
    }
    // It is written to the table and read again before every send.
    let written = content(&request.target);
    let mut again: Target = serde_json::from_str(&written).unwrap();
    if let (Target::Terminate(again), Target::Terminate(Terminate { arn_scope, .. })) = (&mut again, &request.target) {
        again.arn_scope.clone_from(arn_scope);
    }
    prop_assert_eq!(&again, &request.target);
    match &request.target {
        Target::Terminate(terminate) => match &terminate.product {
            ProductRef::Id(id) => is_id(id),
            ProductRef::Name(name) => {
                prop_assert!(rules::NAME.holds(name), "{name}");
                Ok(())
            }
        },
        Target::ExecuteAction(action) => {
            is_id(&action.provisioned_product_id)?;
            is_id(&action.service_action_id)?;
            prop_assert!(action.parameters.len() <= 200);
            action.parameters.iter().try_for_each(|(name, values)| {
                prop_assert!(values.len() <= 25 && values.iter().all(|value| value.chars().count() <= 512));
                is_long(name, 50)
            })
        }
        Target::Remediate(remediate) => {
            prop_assert_eq!(Scope::of_arn(&remediate.stack), Some(here()));
            Ok(())
        }
        Target::ExecutePlan(plan) => is_id(&plan.plan_id),
        Target::Import(Import { product_id, provisioning_artifact_id, physical_id, .. }) => {
            prop_assert_eq!(Scope::of_arn(physical_id), Some(here()));
            is_id(product_id)?;
            is_id(provisioning_artifact_id)
        }
    }
}

fn is_id(id: &str) -> Result<(), TestCaseError> {
    prop_assert!((1..=100).contains(&id.len()), "{id:?}");
    prop_assert!(id.bytes().all(|b| b.is_ascii_alphanumeric() || b"_-".contains(&b)), "{id:?}");
    Ok(())
}

fn is_long(text: &str, chars_max: usize) -> Result<(), TestCaseError> {
    let chars = text.chars().count();
    prop_assert!((1..=chars_max).contains(&chars), "{chars} characters: {text:?}");
    Ok(())
}

fn is_a_time(wish: &Wish) -> Result<(), TestCaseError> {
    match wish {
        Wish::Extend(Until::At(at)) | Wish::Protect(Some(Until::At(at))) => {
            prop_assert!(at.timestamp() >= 1_420_070_400, "{at}");
        }
        Wish::Extend(Until::For(life)) | Wish::Protect(Some(Until::For(life))) => {
            prop_assert!(*life > TimeDelta::zero() && *life <= TimeDelta::days(36_500), "{life}");
        }
        Wish::Protect(None) | Wish::Unprotect => {}
    }
    Ok(())
}

proptest! {
    #![proptest_config(cases(1_500))]

    #[test]
    fn whatever_becomes_of_its_members_a_message_is_read_or_refused(
        sample in any::<prop::sample::Index>(),
        bends in trees::bends(),
    ) {
        all_read(&trees::bent(sample.get(&TREES), &bends))?;
    }

    #[test]
    fn whatever_becomes_of_its_bytes_a_message_is_read_or_refused(
        sample in any::<prop::sample::Index>(),
        slips in texts::slips(),
    ) {
        all_read(&texts::bent(sample.get::<String>(&BODIES), &slips))?;
    }
}

#[test]
fn every_sample_is_read_or_refused() {
    for body in BODIES.iter() {
        all_read(body).unwrap();
    }
}
