use super::*;
use crate::ports::{Judgement, ProductItem, Protection};

fn at(seconds: i64) -> Time {
    chrono::DateTime::from_timestamp(1_800_000_000 + seconds, 0).unwrap()
}

/// A product that expired a minute ago, judged so, untouched since: everything says "terminate".
struct Scene {
    origin: Origin,
    expires_at: Option<Time>,
    ignores_errors: bool,
    own_record: Option<&'static str>,
    guard: Guard,
    product: Described,
    row: Option<SearchRow>,
    rules: Rules,
}

impl Scene {
    fn expired() -> Self {
        let item = ProductItem {
            judgement: Some(Judgement {
                expires_at: at(-60),
                judged_at: at(-30),
                last_provisioning_record_id: "rec-1".into(),
                parameters: Some("these".into()),
                ..Judgement::default()
            }),
            ..ProductItem::default()
        };
        Self {
            origin: Origin::Expiry,
            expires_at: Some(at(-60)),
            ignores_errors: false,
            own_record: None,
            guard: Guard { paused: None, product: Some(item) },
            product: Described {
                id: "pp-a".into(),
                name: Some("a".into()),
                product_type: Some("CFN_STACK".into()),
                status: "AVAILABLE".into(),
                status_message: None,
                created_at: Some(at(-1000)),
                last_record_id: Some("rec-1".into()),
                last_provisioning_record_id: Some("rec-1".into()),
            },
            row: None,
            rules: Rules {
                protect_tag: "steward:protect".into(),
                grace_period: Duration::ZERO,
                include_control_tower: false,
                allow_ignore_errors: false,
                parameters: "these".into(),
            },
        }
    }

    fn asked() -> Self {
        let row = SearchRow {
            id: "pp-a".into(),
            tags: vec![("team".into(), "a".into())],
            last_provisioning_record_id: Some("rec-1".into()),
            ..SearchRow::default()
        };
        let guard = Guard::default();
        Self { origin: Origin::Asked, expires_at: None, guard, row: Some(row), ..Self::expired() }
    }

    fn item(&mut self) -> &mut ProductItem {
        self.guard.product.get_or_insert_default()
    }

    fn verdict(&self) -> Verdict {
        let case = Case {
            origin: self.origin,
            expires_at: self.expires_at,
            requested_at: at(-5),
            ignores_errors: self.ignores_errors,
            own_record: self.own_record,
            guard: &self.guard,
            product: &self.product,
            row: self.row.as_ref(),
            now: at(0),
        };
        termination(&case, &self.rules)
    }
}

fn never(scene: &Scene, why: &str) {
    let Verdict::Never(text) = scene.verdict() else { panic!("{why}: {:?}", scene.verdict()) };
    assert!(text.contains(why), "{text:?} should say {why:?}");
}

fn not_now(scene: &Scene, why: &str) {
    let Verdict::NotNow(text) = scene.verdict() else { panic!("{why}: {:?}", scene.verdict()) };
    assert!(text.contains(why), "{text:?} should say {why:?}");
}

fn change(scene: fn() -> Scene, edit: impl FnOnce(&mut Scene)) -> Scene {
    let mut scene = scene();
    edit(&mut scene);
    scene
}

#[test]
fn what_nothing_guards_is_sent() {
    assert_eq!(Scene::expired().verdict(), Verdict::Send);
    assert_eq!(Scene::asked().verdict(), Verdict::Send);
    for status in ["TAINTED", "ERROR"] {
        assert_eq!(change(Scene::expired, |s| s.product.status = status.into()).verdict(), Verdict::Send);
    }
}

#[test]
fn nothing_is_left_behind_unless_that_is_allowed() {
    let ignoring = || change(Scene::asked, |s| s.ignores_errors = true);
    never(&ignoring(), "`ignoreErrors` is not allowed");
    assert_eq!(change(ignoring, |s| s.rules.allow_ignore_errors = true).verdict(), Verdict::Send);
}

#[test]
fn protection_in_the_table_stops_whoever_asks() {
    let protection = |until| Some(Protection { by: "ops".into(), reason: "audit".into(), until });
    for scene in [Scene::expired, Scene::asked] {
        never(&change(scene, |s| s.item().protection = protection(None)), "protected in the table by ops: audit");
        never(&change(scene, |s| s.item().protection = protection(Some(at(1)))), "protected");
        assert_eq!(change(scene, |s| s.item().protection = protection(Some(at(0)))).verdict(), Verdict::Send);
    }
}

// Hazard A3: the event is a hint.
#[test]
fn an_expiry_event_is_a_hint_and_the_item_is_the_truth() {
    never(&change(Scene::expired, |s| s.guard.product = None), "no judgement");
    never(&change(Scene::expired, |s| s.item().judgement = None), "no judgement");
    never(&change(Scene::expired, |s| s.expires_at = Some(at(-61))), "outdated");
    never(&change(Scene::expired, |s| s.expires_at = None), "outdated");
    let finer = |s: &mut Scene| s.expires_at = Some(at(-60) + chrono::TimeDelta::microseconds(999));
    assert_eq!(change(Scene::expired, finer).verdict(), Verdict::Send, "the table keeps milliseconds");
}

#[test]
fn an_extension_and_the_grace_period_are_honoured_to_the_second() {
    let extended = |scene: &mut Scene, known: Option<Time>, until: Time| {
        scene.item().lease_until = Some(until);
        scene.item().judgement.as_mut().unwrap().lease_until = known;
    };
    for until in [at(1), at(0), at(-59)] {
        never(&change(Scene::expired, |s| extended(s, None, until)), "extended");
        never(&change(Scene::expired, |s| extended(s, Some(at(-70)), until)), "extended");
        assert_eq!(change(Scene::expired, |s| extended(s, Some(until), until)).verdict(), Verdict::Send, "the ceiling");
    }
    assert_eq!(change(Scene::expired, |s| extended(s, None, at(-60))).verdict(), Verdict::Send, "no longer anyway");
    never(&change(Scene::expired, |s| s.rules.grace_period = Duration::from_secs(61)), "not yet");
    assert_eq!(change(Scene::expired, |s| s.rules.grace_period = Duration::from_mins(1)).verdict(), Verdict::Send);
}

#[test]
fn what_other_parameters_have_judged_is_judged_anew() {
    let judged_by = |scene: &mut Scene, parameters: Option<&str>| {
        scene.item().judgement.as_mut().unwrap().parameters = parameters.map(str::to_owned);
    };
    never(&change(Scene::expired, |s| judged_by(s, Some("others"))), "the parameters are others");
    assert_eq!(change(Scene::expired, |s| judged_by(s, None)).verdict(), Verdict::Send, "by a person");
}

// Hazard A3: what changed since is left alone.
#[test]
fn a_product_that_changed_since_it_was_judged_is_left_alone() {
    let changed = |record: Option<&str>| {
        let record = record.map(str::to_owned);
        change(Scene::expired, |s| s.product.last_provisioning_record_id = record)
    };
    never(&changed(Some("rec-2")), "changed since it was judged");
    never(&changed(None), "changed since it was judged");
    let mut own = changed(Some("rec-2"));
    own.own_record = Some("rec-2");
    assert_eq!(own.verdict(), Verdict::Send, "our own failed termination changes no tag");
}

// Hazard A4: unknown tags protect.
#[test]
fn unknown_tags_terminate_nothing() {
    not_now(&change(Scene::asked, |s| s.row = None), "the search does not show");
    let stale = |s: &mut Scene| s.product.last_provisioning_record_id = Some("rec-2".into());
    not_now(&change(Scene::asked, stale), "has not caught up");
    not_now(&change(Scene::asked, |s| s.product.last_provisioning_record_id = None), "has not caught up");
    not_now(&change(Scene::asked, |s| s.row.as_mut().unwrap().is_under_change = true), "still shows it under change");
}

#[test]
fn the_protect_tag_protects_unless_it_says_false() {
    let tagged = |value: &str| {
        let tag = ("steward:protect".to_owned(), value.to_owned());
        change(Scene::asked, |s| s.row.as_mut().unwrap().tags.push(tag))
    };
    for value in ["true", "yes", "", "TRUE", "0"] {
        never(&tagged(value), "protected by its tag");
    }
    for value in ["false", "False", " false "] {
        assert_eq!(tagged(value).verdict(), Verdict::Send, "{value}");
    }
}

#[test]
fn busy_products_wait_and_say_what_the_service_says() {
    for status in ["UNDER_CHANGE", "PLAN_IN_PROGRESS", "SOMETHING_NEW"] {
        for scene in [Scene::expired, Scene::asked] {
            not_now(&change(scene, |s| s.product.status = status.into()), status);
        }
    }
    not_now(
        &change(Scene::asked, |s| {
            s.product.status = "UNDER_CHANGE".into();
            s.product.status_message = Some("stack update".into());
        }),
        "(stack update)",
    );
}

// Hazard A5: what is younger than the request was not meant.
#[test]
fn what_came_after_the_request_is_not_what_was_meant() {
    for scene in [Scene::expired, Scene::asked] {
        never(&change(scene, |s| s.product.created_at = Some(at(-4))), "created after the request");
    }
}

#[test]
fn control_tower_accounts_need_a_parameter() {
    let account = |s: &mut Scene| s.product.product_type = Some("CONTROL_TOWER_ACCOUNT".into());
    for scene in [Scene::expired, Scene::asked] {
        never(&change(scene, account), "CONTROL_TOWER_ACCOUNT");
        let mut allowed = change(scene, account);
        allowed.rules.include_control_tower = true;
        assert_eq!(allowed.verdict(), Verdict::Send);
    }
}
