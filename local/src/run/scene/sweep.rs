//! What the sweep finds: products at every stage of their lives. Their tags are made from the present time, which is the
//! functions' time too.

use chrono::{DateTime, SecondsFormat, TimeDelta, Utc};
use shared::expiry::Noticed;
use shared::operation::{Claiming, Notice, Operation, State, Trigger};
use shared::ports::{Judgement, LookAt, Mark, Products as _, Protection, Store as _, StoreError};
use shared::request::{Kind, Origin, Request};
use shared::scope::Scope;

use super::{extension, failing};
use crate::catalog::NewProduct;
use crate::cloud::Cloud;
use crate::gateway::Place;

/// The parameters that the samples are made for: some ask for more than any product may have.
pub const PARAMETERS: [(&str, &str); 1] = [("MaxTtl", "3650d")];

/// `MaxTtl`, as above.
const CEILING: TimeDelta = TimeDelta::days(3_650);
/// The shortest of `WarnBefore`.
const SHORTEST_LEAD: TimeDelta = TimeDelta::minutes(30);
/// The longest.
const LONGEST_LEAD: TimeDelta = TimeDelta::hours(48);
/// The tags by which a product ends.
const EXPIRES_AT: &str = "expires-at";
const TTL: &str = "ttl";

pub(super) async fn set(cloud: &Cloud) -> Result<(), StoreError> {
    let now = cloud.clock.now();
    let scene = Scene { cloud, now: super::instant(now.timestamp()) };
    scene.ended().await?;
    scene.not_ended().await?;
    scene.not_again().await?;
    scene.kept().await
}

struct Scene<'a> {
    cloud: &'a Cloud,
    /// The present, in whole seconds: tags have no others.
    now: DateTime<Utc>,
}

impl Scene<'_> {
    /// Those whose end has come, and that have been warned of in time.
    async fn ended(&self) -> Result<(), StoreError> {
        let hour_ago = self.before(TimeDelta::hours(1));
        for (id, name) in [
            ("pp-sweepdate0001", "past-its-date"),
            ("pp-sweeptaint001", "past-and-tainted"),
            ("pp-sweeperror001", "past-and-in-error"),
            ("pp-sweepunseen01", "past-but-updated-unseen"),
            ("pp-sweepbusy0001", "past-and-under-change"),
        ] {
            self.known(self.ending(id, name, hour_ago), hour_ago, LookAt::Never).await?;
        }
        let catalog = &self.cloud.catalog;
        catalog.set_status("pp-sweeptaint001", "TAINTED");
        catalog.set_status("pp-sweeperror001", "ERROR");
        catalog.update_unseen("pp-sweepunseen01");
        catalog.update_without_end("pp-sweepbusy0001", self.before(TimeDelta::minutes(1)), "UPDATE_IN_PROGRESS");

        let three_days = TimeDelta::hours(72);
        let ttl = NewProduct::new("pp-sweepttl00001", "past-its-ttl", hour_ago - three_days).tag(TTL, "72h");
        self.known(ttl, hour_ago, LookAt::Never).await?;
        let old = NewProduct::new("pp-sweepold00001", "past-the-ceiling", hour_ago - CEILING).tag(TTL, "never");
        self.known(old, hour_ago, LookAt::Never).await?;
        // No sweep has to come: an earlier one has noted its minute.
        let soon = self.after(TimeDelta::seconds(2));
        self.known(self.ending("pp-sweepminute01", "at-its-minute", soon), soon, LookAt::Then(soon)).await
    }

    /// Those that live on, each for its own reason.
    async fn not_ended(&self) -> Result<(), StoreError> {
        let (hour_ago, month) = (self.before(TimeDelta::hours(1)), self.after(TimeDelta::days(30)));
        let told = self.after(TimeDelta::hours(3));
        self.known(self.ending("pp-sweeptold0001", "told-and-waiting", told), told, LookAt::Never).await?;
        for new in [
            self.ending("pp-sweepnew00001", "past-and-never-told", self.before(TimeDelta::days(1))),
            self.ending("pp-sweepsoon0001", "ends-soon", self.after(TimeDelta::minutes(90))),
            self.ending("pp-sweepfar00001", "ends-in-a-month", month),
            self.plain("pp-sweepnever001", "has-no-end").tag(TTL, "never"),
            self.plain("pp-sweepread0001", "unreadable-date").tag(EXPIRES_AT, "end of next month"),
            self.plain("pp-sweepread0002", "unreadable-ttl").tag(EXPIRES_AT, &text(month)).tag(TTL, "2 weeks"),
            self.ending("pp-sweepsafe0001", "protected-by-tag", hour_ago).tag("steward:protect", "true"),
            self.ending("pp-sweepsafe0002", "protected-in-table", hour_ago),
            self.ending("pp-sweepmore0001", "extended", hour_ago),
            NewProduct {
                product_type: "CONTROL_TOWER_ACCOUNT".to_owned(),
                ..self.ending("pp-sweeptower001", "control-tower-account", hour_ago)
            },
            self.plain("pp-sweepstuck001", "stuck-for-days"),
        ] {
            self.cloud.catalog.add(new);
        }
        let words = "Resource creation cancelled; waiting for UPDATE_ROLLBACK";
        self.cloud.catalog.update_without_end("pp-sweepstuck001", self.before(TimeDelta::days(3)), words);
        self.protect("pp-sweepsafe0002").await?;
        let until = self.after(TimeDelta::days(5));
        self.cloud.store.extend("pp-sweepmore0001", None, &extension(until)).await.map(|_| ())
    }

    /// Those whose termination has had its end: no sweep starts it again.
    async fn not_again(&self) -> Result<(), StoreError> {
        let day_ago = self.before(TimeDelta::days(1));
        for (id, name, state, why) in [
            ("pp-sweepfailed01", "failed-before", State::Failed, "its record FAILED, and 3 of 3 attempts are used"),
            ("pp-sweepthere001", "ended-and-still-there", State::Succeeded, "its record SUCCEEDED"),
        ] {
            self.known(self.ending(id, name, day_ago), day_ago, LookAt::Never).await?;
            self.was_terminated(id, day_ago, state, why).await?;
        }
        // What the service would say of the first, if anybody asked again.
        self.cloud.catalog.push_script("pp-sweepfailed01", failing("The bucket you tried to delete is not empty"));
        Ok(())
    }

    /// Those that people ask to let live longer, or to protect.
    async fn kept(&self) -> Result<(), StoreError> {
        let soon = self.after(TimeDelta::days(9));
        for (id, name) in [
            ("pp-extend0000001", "to-extend-until-a-day"),
            ("pp-extend0000002", "to-extend-by-two-days"),
            ("pp-extend0000003", "to-extend-once"),
            ("pp-extend0000004", "to-extend-to-the-ceiling"),
            ("pp-extend0000007", "to-extend-not-so"),
        ] {
            self.cloud.catalog.add(self.ending(id, name, soon));
        }
        for new in [
            self.plain("pp-extend0000005", "at-the-ceiling").tag(TTL, "never"),
            self.plain("pp-extend0000006", "lives-long-enough").tag(EXPIRES_AT, "2999-12-31"),
            self.plain("pp-protect000001", "to-protect"),
            self.plain("pp-protect000002", "to-protect-until-a-day"),
            self.plain("pp-protect000003", "no-longer-protected"),
        ] {
            self.cloud.catalog.add(new);
        }
        self.protect("pp-protect000003").await
    }

    fn before(&self, by: TimeDelta) -> DateTime<Utc> {
        self.now - by
    }

    fn after(&self, by: TimeDelta) -> DateTime<Utc> {
        self.now + by
    }

    /// A product that is ten days old.
    fn plain(&self, id: &str, name: &str) -> NewProduct {
        NewProduct::new(id, name, self.before(TimeDelta::days(10)))
    }

    /// The same, ending then by its tag.
    fn ending(&self, id: &str, name: &str, at: DateTime<Utc>) -> NewProduct {
        self.plain(id, name).tag(EXPIRES_AT, &text(at))
    }

    /// Adds a product that an earlier sweep has found, and whose owner was warned.
    async fn known(&self, new: NewProduct, ends_at: DateTime<Utc>, look_at: LookAt) -> Result<(), StoreError> {
        let (id, created_at) = (new.id.clone().unwrap_or_default(), new.created_at);
        let notice = Notice {
            name: Some(new.name.clone()),
            product_name: Some("Sandbox".to_owned()),
            owner: Some(new.user_arn.clone()),
            ..Notice::default()
        };
        let passed = if ends_at - self.now > SHORTEST_LEAD { LONGEST_LEAD } else { SHORTEST_LEAD };
        let first_warning = ends_at - LONGEST_LEAD;
        let judgement = Judgement {
            expires_at: ends_at,
            judged_at: first_warning,
            last_provisioning_record_id: self.cloud.catalog.add(new),
            created_at: Some(created_at),
            ..Judgement::default()
        };
        let noticed = Noticed {
            expires_at: ends_at,
            seen_at: first_warning - TimeDelta::hours(1),
            warned_at: Some(first_warning),
            lead: Some(passed.num_milliseconds()),
        };
        let mark = Mark {
            judgement: Some(judgement),
            noticed: Some(noticed),
            look_at,
            notice: Some(notice),
            ..Mark::default()
        };
        self.cloud.store.mark(&id, None, &mark).await.map(|_| ())
    }

    async fn protect(&self, id: &str) -> Result<(), StoreError> {
        let reason = "the audit of this quarter".to_owned();
        let protection = Protection { by: "ops".to_owned(), reason, until: None };
        self.cloud.store.protect(id, Some(&protection), super::created()).await.map(|_| ())
    }

    /// A termination for that expiry, which has come to its end three hours ago.
    async fn was_terminated(
        &self,
        id: &str,
        expires_at: DateTime<Utc>,
        state: State,
        why: &str,
    ) -> Result<(), StoreError> {
        let Place { account, region } = Place::default();
        let at = self.before(TimeDelta::hours(3));
        let detail = serde_json::json!({
            "provisionedProductId": id, "expiresAt": text(expires_at), "judgedAt": text(at), "requestedBy": "steward",
        });
        let request = Request::parse(Kind::Terminate, Origin::Expiry, detail)
            .map_err(|invalid| StoreError(format!("the scene's own expiry: {invalid}")))?;
        let claiming = Claiming {
            scope: &Scope::new(account, region),
            trigger: &Trigger::Expiry(expires_at),
            sender_account: None,
            requested_at: at,
            now: at,
            nonce: format!("nonce-of-{id}"),
            lease_until: at,
            retry_at: at,
        };
        let mut operation = Operation::claimed(request, claiming);
        operation.standing.state = state;
        operation.standing.sent = true;
        (operation.retry_at, operation.due_at) = (None, None);
        operation.why = Some(why.to_owned());
        self.cloud.store.claim(&operation).await.map(|_| ())
    }
}

fn text(at: DateTime<Utc>) -> String {
    at.to_rfc3339_opts(SecondsFormat::Secs, true)
}
