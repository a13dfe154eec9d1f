//! Whole payloads, bent: no message is lost, and none harms its neighbours.

use proptest::prelude::*;
use proptest::sample::Index;
use serde_json::{Value, json};
use shared::lambda::payload::{self, Delivery, Payload};

use crate::readers::{all_read, is_clear};
use crate::samples::{BODIES, PAYLOADS};
use crate::{cases, texts, trees};

fn is_delivered(delivery: &Delivery) -> Result<(), TestCaseError> {
    prop_assert!(delivery.message_id.as_deref() != Some(""));
    match &delivery.body {
        Ok(body) => all_read(body),
        Err(invalid) => {
            prop_assert!(delivery.raw.is_some(), "what is kept of it");
            is_clear(invalid)
        }
    }
}

proptest! {
    #![proptest_config(cases(500))]

    #[test]
    fn whatever_a_payload_is_all_of_it_is_read_or_refused(
        sample in any::<Index>(),
        bends in prop::option::of(trees::bends()),
        slips in prop::option::of(texts::slips()),
    ) {
        let mut payload = sample.get::<String>(&PAYLOADS).clone();
        if let Some(bends) = bends {
            payload = trees::bent(&serde_json::from_str(&payload).unwrap(), &bends);
        }
        if let Some(slips) = slips {
            payload = texts::bent(&payload, &slips);
        }
        match payload::split(&payload) {
            Payload::One(one) => {
                prop_assert_eq!(&one, &payload);
                all_read(&one)?;
            }
            Payload::Batch(deliveries) => deliveries.iter().try_for_each(is_delivered)?,
        }
    }

    /// A batch of which one record is bent: the others are what they were.
    #[test]
    fn a_bad_record_is_nobody_else_s_matter(
        bodies in prop::collection::vec(any::<Index>(), 2..10),
        bad in any::<Index>(),
        bends in trees::bends(),
    ) {
        let record = |at: usize, body: &Index| {
            json!({"messageId": format!("m-{at}"), "body": body.get(&BODIES), "attributes": {"SentTimestamp": "1795176001000"}})
        };
        let good: Vec<Value> = bodies.iter().enumerate().map(|(at, body)| record(at, body)).collect();
        let mut texts: Vec<String> = good.iter().map(Value::to_string).collect();
        let bad = bad.index(texts.len());
        texts[bad] = trees::bent(&good[bad], &bends);
        let Payload::Batch(deliveries) = payload::split(&format!("{{\"Records\": [{}]}}", texts.join(", "))) else {
            return Err(TestCaseError::fail("no batch"));
        };
        prop_assert_eq!(deliveries.len(), good.len());
        for (at, delivery) in deliveries.iter().enumerate().filter(|(at, _)| *at != bad) {
            prop_assert_eq!(delivery.message_id.as_deref(), good[at]["messageId"].as_str());
            prop_assert_eq!(delivery.body.as_deref().ok(), good[at]["body"].as_str());
        }
        is_delivered(&deliveries[bad])?;
    }
}
