use super::*;
use crate::operation::{Notice, Standing};

fn at(seconds: i64) -> Time {
    chrono::DateTime::from_timestamp(1_800_000_000 + seconds, 0).unwrap()
}

fn id(letter: &str) -> OperationId {
    OperationId::parse(&format!("op-{}", letter.repeat(40))).unwrap()
}

fn record(id: &str, seconds: i64) -> Record {
    Record {
        id: id.to_owned(),
        status: "IN_PROGRESS".to_owned(),
        record_type: None,
        product_type: None,
        product_id: Some("pp-a".to_owned()),
        product_name: None,
        artifact_id: None,
        created_at: Some(at(seconds)),
        errors: Vec::new(),
    }
}

/// Another operation of the product, waiting for nothing in particular.
fn other(letter: &str, kind: Kind, state: State, record_id: Option<&str>) -> Due {
    Due {
        id: id(letter),
        kind,
        subject: "pp-a".to_owned(),
        trigger: "bare".to_owned(),
        standing: Standing { state, attempt: 1, failures: 0, tries: 1, open: false, sent: true, kept: false },
        nonce: "n".to_owned(),
        due_at: None,
        retry_at: None,
        trying_since: at(0),
        polled_at: None,
        polls: 0,
        stalled: false,
        record_id: record_id.map(str::to_owned),
        product_id: Some("pp-a".to_owned()),
        requested_by: None,
        reason: None,
        why: None,
        notice: Notice::default(),
    }
}

fn unanswered(mut due: Due) -> Due {
    due.standing.open = true;
    due
}

const ACTION: Kind = Kind::ExecuteAction;

/// What is made of records when those until the tenth second are settled: in words.
fn made_of(kind: Kind, records: &[Record], others: &[Due], guessed: Option<OperationId>) -> String {
    match Candidates::new(kind, records.to_vec(), others).verdict(guessed, |record| record.created_at <= Some(at(10))) {
        Found::Records(records, note) => {
            let ids: Vec<&str> = records.iter().map(|record| record.id.as_str()).collect();
            format!("{}: {}", ids.join(", "), note.as_deref().unwrap_or("plain"))
        }
        Found::Nothing => "nothing".to_owned(),
        Found::Ends(step) => format!("{:?}: {}", step.event, step.why.unwrap_or_default()),
        Found::Blind(error) => format!("{error:?}"),
    }
}

// Hazard A2: a record of another type is a stranger's.
#[test]
fn a_record_of_a_known_type_is_nobody_else_s() {
    let known = ["PROVISION_PRODUCT", "UPDATE_PROVISIONED_PRODUCT", "TERMINATE_PROVISIONED_PRODUCT"];
    let of = |kind: Kind| known.map(|record_type| of_type(kind, Some(record_type)));
    assert_eq!(of(Kind::Terminate), [false, false, true]);
    assert_eq!(of(Kind::ExecuteAction), [false, false, false]);
    assert_eq!(of(Kind::ExecutePlan), [true, true, false]);
    assert_eq!(of(Kind::Import), [false, false, false]);
    for kind in Kind::ALL {
        assert!(of_type(kind, None), "{kind:?}: a record without a type may be it");
        assert_eq!(of_type(kind, Some("SOMETHING_NEW")), kind != Kind::Terminate, "{kind:?}");
    }
    assert!(!of_type(Kind::Import, Some("EXECUTE_PROVISIONED_PRODUCT_SERVICE_ACTION")));
    assert!(!of_type(Kind::ExecutePlan, Some("IMPORT_PROVISIONED_PRODUCT")));
}

#[test]
fn a_record_that_nobody_holds_is_its_own() {
    let elsewhere = other("b", ACTION, State::Submitted, Some("rec-9"));
    assert_eq!(made_of(ACTION, &[record("rec-1", 1)], &[elsewhere], None), "rec-1: plain");
}

#[test]
fn of_several_the_oldest_comes_first_and_it_is_said() {
    let records = [record("rec-2", 2), record("rec-1", 1)];
    assert_eq!(made_of(ACTION, &records, &[], Some(id("f"))), "rec-1, rec-2: ambiguous: 2 records could be its own");
}

#[test]
fn a_record_that_is_too_young_is_left_for_later_whichever_of_several_it_is() {
    assert_eq!(
        made_of(ACTION, &[record("rec-1", 11)], &[], None),
        "Held: its answer was lost; rec-1 is too young to be told from another's"
    );
    assert_eq!(
        made_of(ACTION, &[record("rec-1", 1), record("rec-2", 11)], &[], None),
        "rec-1: ambiguous: 2 records could be its own"
    );
}

#[test]
fn a_record_is_left_alone_while_another_of_the_kind_is_being_sent() {
    let sending = |kind| other("b", kind, State::Submitting, None);
    assert_eq!(
        made_of(ACTION, &[record("rec-1", 1)], &[sending(ACTION)], None),
        format!("Held: its answer was lost; rec-1 may be that of {}, which is being sent", id("b"))
    );
    assert_eq!(made_of(ACTION, &[record("rec-1", 1)], &[sending(Kind::Terminate)], None), "rec-1: plain");
}

#[test]
fn it_is_said_if_another_has_lost_an_answer_too_and_has_not_ended() {
    let of = |state| unanswered(other("b", ACTION, state, None));
    assert_eq!(
        made_of(ACTION, &[record("rec-1", 1)], &[of(State::Waiting)], None),
        format!("rec-1: ambiguous: {} has lost an answer, too", id("b"))
    );
    assert_eq!(made_of(ACTION, &[record("rec-1", 1)], &[of(State::Failed)], None), "rec-1: plain");
    assert_eq!(
        made_of(ACTION, &[record("rec-1", 1)], &[], Some(id("c"))),
        format!("rec-1: ambiguous: {} has lost an answer, too", id("c"))
    );
}

#[test]
fn nothing_is_sent_again_if_another_has_taken_what_may_be_its_own() {
    let holder = other("b", ACTION, State::Succeeded, Some("rec-1"));
    let others = std::slice::from_ref(&holder);
    let records = [record("rec-1", 1)];
    assert_eq!(Candidates::new(ACTION, records.to_vec(), others).holders(), [id("b")]);
    assert_eq!(
        made_of(ACTION, &records, others, Some(id("b"))),
        format!(
            "Denied: outcome unknown: its answer was lost, and its record may be the one that {} has found",
            id("b")
        )
    );
    assert_eq!(made_of(ACTION, &records, others, None), "nothing", "the service has said whose it is");
}

#[test]
fn a_termination_does_not_ask_who_holds_a_record_and_no_kind_asks_about_another_s() {
    let holder = |kind| [other("b", kind, State::Succeeded, Some("rec-1"))];
    let asked = |kind, holder: &[Due]| !Candidates::new(kind, vec![record("rec-1", 1)], holder).holders().is_empty();
    assert!(!asked(Kind::Terminate, &holder(Kind::Terminate)));
    assert!(!asked(ACTION, &holder(Kind::ExecutePlan)));
    assert!(asked(Kind::Import, &holder(Kind::Import)));
}
