//! Faults as they are switched: those of calls in the gateway, and those of records in the catalog, in one list.

use std::fmt::Write as _;

use serde::{Deserialize, Serialize};

use super::effect::{self, Happening};
use super::reply::Refused;
use crate::catalog::{Kind, Mishap, Mishaps};
use crate::cloud::Cloud;
use crate::gateway::chance::{Chance, Dice};
use crate::gateway::faults::{Fault, FaultId, Faults};

/// How many faults stand at once.
const STANDING_MAX: usize = 100;
/// How many calls one may let pass, or meet.
const COUNT_MAX: u32 = 1_000_000;
/// The operations that make records.
const RECORDED: [Kind; 6] =
    [Kind::Provision, Kind::Update, Kind::Terminate, Kind::Action, Kind::Import, Kind::PlannedUpdate];

/// A fault that is asked for.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub(super) struct NewFault {
    effect: String,
    caller: Option<String>,
    service: Option<String>,
    operation: Option<String>,
    product: Option<String>,
    #[serde(default)]
    skip: u32,
    times: Option<u32>,
    percent: Option<f64>,
    seed: Option<u64>,
}

/// A fault that stands.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct FaultRow {
    /// By which it is taken away.
    pub id: String,
    /// What it does.
    pub effect: String,
    /// To calls of this function or person alone.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub caller: Option<String>,
    /// To calls of this service alone.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub service: Option<String>,
    /// To calls of this operation, or records that it makes, alone.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub operation: Option<String>,
    /// To records of this provisioned product alone.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub product: Option<String>,
    /// How many it still lets pass.
    #[serde(skip_serializing_if = "is_zero")]
    pub skip: u32,
    /// How many it still meets; nothing: all, until it is taken away.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub times: Option<u32>,
    /// Of how many in a hundred.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub percent: Option<f64>,
    /// What they are drawn by.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub seed: Option<u64>,
    /// How many it has met.
    pub met: u64,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde asks for it")]
fn is_zero(count: &u32) -> bool {
    *count == 0
}

/// All faults of a cloud, and the names that they may be about.
#[derive(Clone, Debug)]
pub(super) struct Switches {
    calls: Faults,
    records: Mishaps,
    /// Callers, each by the name that people use and by its own.
    callers: Vec<(String, String)>,
    services: Vec<String>,
}

impl Switches {
    /// Those of a cloud.
    pub(super) fn of(cloud: &Cloud) -> Self {
        let callers = cloud.gateway.callers().into_iter().map(|name| {
            let function = cloud.template.functions.get(&name);
            let folder = function.map(|one| one.code_uri.trim_end_matches('/').rsplit('/').next().unwrap_or(&name));
            (folder.unwrap_or(&name).to_owned(), name)
        });
        Self {
            calls: cloud.gateway.faults().clone(),
            records: cloud.catalog.mishaps(),
            callers: callers.collect(),
            services: cloud.gateway.services(),
        }
    }

    /// What people call callers.
    pub(super) fn callers(&self) -> Vec<String> {
        self.callers.iter().map(|(known_as, _)| known_as.clone()).collect()
    }

    /// What they may call.
    pub(super) fn services(&self) -> &[String] {
        &self.services
    }

    /// Switches a fault on; gives it as it stands.
    pub(super) fn add(&self, new: NewFault) -> Result<FaultRow, Refused> {
        if self.list().len() >= STANDING_MAX {
            return Err(Refused(409, format!("{STANDING_MAX} faults stand already; take some away first")));
        }
        let happening = effect::parse(&new.effect).map_err(Refused::bad)?;
        let times = counts(&new).map_err(Refused::bad)?;
        let chance = chance(&new).map_err(Refused::bad)?;
        let id = match happening {
            Happening::Call(effect) => {
                if new.product.is_some() {
                    return Err(Refused::bad(format!("{} is of calls, which are of no product", new.effect)));
                }
                let caller = new.caller.map(|caller| self.caller(&caller)).transpose()?;
                let service = new.service.map(|service| self.service(service)).transpose()?;
                let operation = new.operation.map(operation).transpose()?;
                let fault = Fault { caller, service, operation, skip: new.skip, times, effect };
                call_id(self.calls.add_by_chance(fault, chance).number())
            }
            Happening::Record(script) => {
                if new.caller.is_some() || new.service.is_some() {
                    let text = format!("{} is of records; accepted: product, operation", new.effect);
                    return Err(Refused::bad(text));
                }
                let operation = new.operation.map(recorded).transpose()?;
                let product = new.product.map(product).transpose()?;
                let mishap = Mishap { product, operation, skip: new.skip, times, script };
                record_id(self.records.add(mishap, chance))
            }
        };
        // It may have met its only call by now.
        let gone = || Refused(500, format!("{id} has met all that it was to meet already"));
        self.list().into_iter().find(|row| row.id == id).ok_or_else(gone)
    }

    /// All that stand, in the order in which they were switched on.
    pub(super) fn list(&self) -> Vec<FaultRow> {
        let calls = self.calls.standing().into_iter().map(|one| {
            let (percent, seed) = drawn(one.dice.as_ref());
            let caller = one.fault.caller.map(|name| self.known_as(&name));
            FaultRow {
                id: call_id(one.id.number()),
                effect: effect::words(&Happening::Call(one.fault.effect)),
                caller,
                service: one.fault.service,
                operation: one.fault.operation,
                product: None,
                skip: one.fault.skip,
                times: (one.fault.times != Fault::ALWAYS).then_some(one.fault.times),
                percent,
                seed,
                met: one.met,
            }
        });
        let records = self.records.standing().into_iter().map(|one| {
            let (percent, seed) = drawn(one.dice.as_ref());
            FaultRow {
                id: record_id(one.id),
                effect: effect::words(&Happening::Record(one.mishap.script)),
                caller: None,
                service: None,
                operation: one.mishap.operation,
                product: one.mishap.product,
                skip: one.mishap.skip,
                times: (one.mishap.times != Mishap::ALWAYS).then_some(one.mishap.times),
                percent,
                seed,
                met: one.met,
            }
        });
        calls.chain(records).collect()
    }

    /// Switches one off.
    pub(super) fn remove(&self, id: &str) -> Result<(), Refused> {
        let number = |prefix| id.strip_prefix(prefix).and_then(|number| number.parse::<u64>().ok());
        let was_there = match (number(CALL), number(RECORD)) {
            (Some(number), _) => self.calls.remove(FaultId::of(number)),
            (_, Some(number)) => self.records.remove(number),
            _ => false,
        };
        if was_there {
            return Ok(());
        }
        let mut standing: Vec<String> = self.list().into_iter().map(|row| row.id).collect();
        if standing.is_empty() {
            standing.push("none".to_owned());
        }
        let id: String = id.chars().take(64).collect();
        Err(Refused(404, format!("there is no fault {id:?}; there are: {}", standing.join(", "))))
    }

    /// Switches all off; how many there were.
    pub(super) fn clear(&self) -> usize {
        let count = self.list().len();
        self.calls.clear();
        self.records.clear();
        count
    }

    /// What people call a caller.
    pub(super) fn known_as(&self, name: &str) -> String {
        let known = self.callers.iter().find(|(_, own)| own == name);
        known.map_or_else(|| name.to_owned(), |(known_as, _)| known_as.clone())
    }

    fn caller(&self, wanted: &str) -> Result<String, Refused> {
        let found = self.callers.iter().find(|(known_as, own)| known_as == wanted || own == wanted);
        let unknown = || {
            let mut text = format!("there is no caller {wanted:?}; accepted:");
            for (known_as, _) in &self.callers {
                let _ = write!(text, " {known_as}");
            }
            Refused::bad(text)
        };
        found.map(|(_, own)| own.clone()).ok_or_else(unknown)
    }

    fn service(&self, wanted: String) -> Result<String, Refused> {
        if self.services.contains(&wanted) {
            return Ok(wanted);
        }
        Err(Refused::bad(format!("there is no service {wanted:?}; accepted: {}", self.services.join(" "))))
    }
}

const CALL: &str = "call-";
const RECORD: &str = "record-";

fn call_id(number: u64) -> String {
    format!("{CALL}{number}")
}

fn record_id(number: u64) -> String {
    format!("{RECORD}{number}")
}

fn drawn(dice: Option<&Dice>) -> (Option<f64>, Option<u64>) {
    (dice.map(|dice| dice.chance.percent), dice.map(|dice| dice.chance.seed))
}

fn operation(wanted: String) -> Result<String, Refused> {
    if (1..=128).contains(&wanted.len()) && wanted.bytes().all(|c| c.is_ascii_alphanumeric()) {
        return Ok(wanted);
    }
    Err(Refused::bad("an operation is 1 to 128 letters and digits, like TerminateProvisionedProduct"))
}

fn recorded(wanted: String) -> Result<String, Refused> {
    let known = RECORDED.map(Kind::operation);
    if known.contains(&wanted.as_str()) {
        return Ok(wanted);
    }
    Err(Refused::bad(format!("{wanted:?} makes no records that take time; accepted: {}", known.join(" "))))
}

fn product(wanted: String) -> Result<String, Refused> {
    if (1..=128).contains(&wanted.len()) && !wanted.chars().any(char::is_control) {
        return Ok(wanted);
    }
    Err(Refused::bad("a product is named by its id, pp-..., or its name of up to 128 bytes"))
}

/// How many it meets.
fn counts(new: &NewFault) -> Result<u32, String> {
    if new.skip > COUNT_MAX {
        return Err(format!("skip is a number up to {COUNT_MAX}"));
    }
    match new.times {
        None => Ok(Fault::ALWAYS),
        Some(times) if (1..=COUNT_MAX).contains(&times) => Ok(times),
        Some(_) => {
            Err(format!("times is a number from 1 to {COUNT_MAX}; without it a fault stays until it is removed"))
        }
    }
}

fn chance(new: &NewFault) -> Result<Option<Chance>, String> {
    match (new.percent, new.seed) {
        (None, None) => Ok(None),
        (None, Some(_)) => Err("a seed without percent draws nothing".to_owned()),
        (Some(percent), seed) if percent > 0.0 && percent <= 100.0 => {
            // Every number of a browser is one of these.
            Ok(Some(Chance { percent, seed: seed.unwrap_or_else(|| u64::from(fastrand::u32(..))) }))
        }
        _ => Err("percent is a number above 0, up to 100".to_owned()),
    }
}
