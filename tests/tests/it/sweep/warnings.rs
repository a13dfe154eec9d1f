//! Warnings: the nearest lead, once, whatever is swept, and again only by a crash, with the same id (B14).

use std::collections::BTreeSet;

use chrono::TimeDelta;
use shared::expiry::Noticed;
use shared::ports::{LookAt, Mark, Products as _};
use steward_local::gateway::faults::Effect;
use steward_tests::sweeping::{RECONCILE, hence, now, sweeping, text};
use steward_tests::world::World;

const EXPIRING: &str = "Provisioned Product Expiring";
const EXPIRED: &str = "Provisioned Product Expired";

// Hazard B14: no sweep does.
#[tokio::test(flavor = "multi_thread")]
async fn the_nearest_lead_is_told_once_over_200_sweeps() {
    let world = World::of(sweeping().with("NoticeTags", "team")).await;
    let (days, hour, minutes) = (TimeDelta::hours(40), TimeDelta::minutes(90), TimeDelta::minutes(20));
    for (id, left) in [("pp-days", days), ("pp-hour", hour), ("pp-minutes", minutes), ("pp-far", TimeDelta::days(9))] {
        world.cloud.catalog.add(world.ending(id, hence(left)).tag("team", "a").tag("secret", "b"));
    }
    // Whoever tells looks between the sweeps, and once more after the last.
    for sweep in 0..200 {
        world.swept().await;
        if sweep % 20 == 0 || sweep == 199 {
            world.tick().await;
        }
    }
    for (id, lead) in [("pp-days", "48h"), ("pp-hour", "2h"), ("pp-minutes", "30m")] {
        let told = world.published(EXPIRING, Some(id));
        assert_eq!((told.len(), told[0]["lead"].as_str()), (1, Some(lead)), "{id}: {told:?}");
        assert_eq!(told[0]["tags"], serde_json::json!({ "team": "a" }), "what is chosen, and no more");
        assert_eq!(told[0]["provisionedProductName"], format!("name-of-{id}"));
        assert!(told[0]["howToExtend"].as_str().unwrap().contains(id));
    }
    assert!(world.published(EXPIRING, Some("pp-far")).is_empty());
    // Told twenty minutes before, it lives for half an hour all the same: that is its owner's notice.
    let [told] = &world.published(EXPIRING, Some("pp-minutes"))[..] else { panic!("told once") };
    let ends_at: chrono::DateTime<chrono::Utc> = told["endsAt"].as_str().unwrap().parse().unwrap();
    assert!(ends_at - now() > TimeDelta::minutes(28), "{ends_at}");
    assert_eq!(world.item("pp-minutes").await.due_at.map(|at| at > now() + TimeDelta::minutes(28)), Some(true));
    assert!(world.published(EXPIRED, None).is_empty());
    world.cloud.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lead_that_was_told_is_followed_by_the_next_and_the_end() {
    let world = World::of(sweeping().with("WarnBefore", "6s,4s,2s")).await;
    let ends_at = hence(TimeDelta::seconds(8));
    world.cloud.catalog.add(world.product("pp-stays"));
    world.cloud.catalog.add(world.ending("pp-leads", ends_at));
    while world.published(EXPIRED, None).is_empty() {
        world.sweep().await;
        assert!(hence(TimeDelta::seconds(-60)) < ends_at, "it does not end: {:?}", world.item("pp-leads").await);
    }
    world.ended_once("pp-leads").await;
    let told = world.published(EXPIRING, Some("pp-leads"));
    let leads: Vec<&str> = told.iter().map(|told| told["lead"].as_str().unwrap()).collect();
    let ids: BTreeSet<&str> = told.iter().map(|told| told["id"].as_str().unwrap()).collect();
    assert_eq!(ids.len(), told.len(), "each once: {leads:?}");
    // One may be passed over on a busy machine, the last one not.
    assert!(leads.windows(2).all(|two| two[0] > two[1]) && leads.last() == Some(&"2s"), "{leads:?}");
    // Its end may be told again by a sweep that comes before the first message is claimed: one operation all the same.
    assert_eq!(world.report().await.operations.len(), 1);
    world.cloud.stop().await;
}

// Hazard B14: only a crash repeats a warning.
#[tokio::test(flavor = "multi_thread")]
async fn a_crash_between_telling_and_marking_tells_again_with_the_same_id_and_nothing_else_does() {
    let world = World::of(sweeping()).await;
    let id = "pp-crash";
    world.cloud.catalog.add(world.ending(id, hence(TimeDelta::minutes(20))));
    world.fault_of(RECONCILE, ("events", Some("PutEvents")), 0, Effect::KillAfter);
    world.swept().await;
    world.until_published(EXPIRING, id).await;
    while world.cloud.gateway.faults().fired().is_empty() {
        tokio::time::sleep(std::time::Duration::from_millis(10)).await;
    }
    assert_eq!(world.item(id).await.noticed.unwrap().lead, None, "told, and not marked");
    world.swept().await;
    world.tick().await;
    assert_eq!(world.published(EXPIRING, Some(id)).len(), 1, "whoever tells has two minutes");
    world.telling_over(id).await;
    world.tick().await;
    while world.item(id).await.noticed.unwrap().lead.is_none() {
        world.tick().await;
    }
    for _ in 0..2 {
        world.swept().await;
        world.tick().await;
    }
    let told = world.published(EXPIRING, Some(id));
    assert_eq!(told.len(), 2, "{told:?}");
    assert_eq!(told[0]["id"], told[1]["id"]);
    world.cloud.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_end_that_is_told_twice_by_a_crash_terminates_once() {
    let world = World::of(sweeping()).await;
    let id = "pp-twice";
    world.cloud.catalog.add(world.product("pp-stays"));
    world.warned(id, hence(-TimeDelta::hours(1))).await;
    world.fault_of(RECONCILE, ("events", Some("PutEvents")), 0, Effect::KillAfter);
    world.swept().await;
    world.ended_once(id).await;
    world.telling_over(id).await;
    while world.item(id).await.due_at.is_some() {
        world.tick().await;
    }
    assert_eq!(world.published(EXPIRED, Some(id)).len(), 2);
    world.ended_once(id).await;
    assert_eq!(world.report().await.operations.len(), 1);
    world.cloud.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn another_end_is_warned_of_anew() {
    let world = World::of(sweeping()).await;
    let (before, id) = (hence(-TimeDelta::hours(2)), "pp-moved");
    world.cloud.catalog.add(world.ending(id, hence(TimeDelta::minutes(5))));
    world.warn(id, before).await;
    world.swept().await;
    let told = world.until_published(EXPIRING, id).await;
    assert_eq!(told["lead"], "30m", "what was told of {before} counts for that alone");
    world.untouched(id).await;
    world.cloud.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn without_leads_an_end_is_told_when_it_comes_and_one_that_is_past_is_still_told_before() {
    let world = World::of(sweeping().with("WarnBefore", "none")).await;
    let (near, past) = (hence(TimeDelta::seconds(2)), hence(-TimeDelta::hours(1)));
    world.cloud.catalog.add(world.ending("pp-near", near));
    world.cloud.catalog.add(world.ending("pp-past", past));
    world.swept().await;
    world.until_published(EXPIRED, "pp-near").await;
    world.ended_once("pp-near").await;
    let told = world.until_published(EXPIRING, "pp-past").await;
    assert_eq!((told["lead"].as_str(), told["expiresAt"].as_str()), (Some("0"), Some(text(past).as_str())));
    world.untouched("pp-past").await;
    assert!(world.published(EXPIRING, Some("pp-near")).is_empty());
    world.cloud.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_unread_warning_of_an_end_that_was_seen_in_time_delays_it() {
    let world = World::of(sweeping()).await;
    let (at, id) = (hence(-TimeDelta::hours(1)), "pp-late");
    world.cloud.catalog.add(world.ending(id, at));
    // Seen in time, and then nobody has told of it: the bus was down for days.
    let seen_at = at - TimeDelta::days(3);
    let noticed = Noticed { expires_at: at, seen_at, warned_at: None, lead: None };
    let mark = Mark { noticed: Some(noticed), look_at: LookAt::AsItIs, ..Mark::default() };
    world.cloud.store.mark(id, None, &mark).await.unwrap();
    world.swept().await;
    let told = world.until_published(EXPIRING, id).await;
    assert_eq!(told["lead"], "30m");
    world.untouched(id).await;
    world.cloud.stop().await;
}
