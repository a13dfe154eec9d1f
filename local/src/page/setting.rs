//! What is not known of the real service, switched while it runs: the catalog's settings as JSON.

use std::time::Duration;

use serde::{Deserialize, Serialize, Serializer};
use serde_json::Value;
use shared::duration;

use super::effect::in_words;
use super::reply::Refused;
use crate::catalog::{AccessDeniedAs, FailedImport, Settings, StateCheck, TokenMemory, TokenMismatch};
use crate::cloud::Cloud;

/// A duration as people write it: `30s`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
struct Time(Duration);

impl TryFrom<String> for Time {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        duration::parse(&text).map(Self).map_err(|error| error.to_string())
    }
}

impl Serialize for Time {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&in_words(self.0))
    }
}

/// Makes the words that stand for the values of a setting.
macro_rules! words {
    ($name:ident for $known:ident { $($word:ident),+ }) => {
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize)]
        #[serde(rename_all = "kebab-case")]
        enum $name {
            $($word),+
        }

        impl From<$known> for $name {
            fn from(known: $known) -> Self {
                match known {
                    $($known::$word => Self::$word),+
                }
            }
        }

        impl From<$name> for $known {
            fn from(word: $name) -> Self {
                match word {
                    $($name::$word => Self::$word),+
                }
            }
        }
    };
}

words!(Memory for TokenMemory { WhileRunning, ForEver, None });
words!(Check for StateCheck { BeforeToken, AfterToken });
words!(Mismatch for TokenMismatch { Refuse, Replay });
words!(Denied for AccessDeniedAs { AccessDenied, NotFound });
words!(Import for FailedImport { Gone, Error });

/// Makes the settings that can be switched: their members, how they are read from the catalog's, and how they are put there.
macro_rules! settings {
    ($($name:ident: $kind:ty = $get:expr, $put:expr;)+) => {
        /// Settings; a member that is not given stays as it is.
        #[derive(Clone, Debug, Default, PartialEq, Deserialize, Serialize)]
        #[serde(deny_unknown_fields, rename_all = "camelCase")]
        pub(super) struct Switched {
            $(#[serde(skip_serializing_if = "Option::is_none")]
            $name: Option<$kind>,)+
        }

        impl Switched {
            fn of(settings: &Settings) -> Self {
                Self { $($name: Some($get(settings.$name)),)+ }
            }

            fn put(&self, settings: &mut Settings) {
                $(if let Some(value) = self.$name {
                    settings.$name = $put(value);
                })+
            }
        }
    };
}

fn same<T>(value: T) -> T {
    value
}

fn time(time: Time) -> Duration {
    time.0
}

settings! {
    token_memory: Memory = Memory::from, TokenMemory::from;
    state_check: Check = Check::from, StateCheck::from;
    token_mismatch: Mismatch = Mismatch::from, TokenMismatch::from;
    access_denied_as: Denied = Denied::from, AccessDeniedAs::from;
    failed_import: Import = Import::from, FailedImport::from;
    search_lag: Time = Time, time;
    history_lag: Time = Time, time;
    record_lag: Time = Time, time;
    plan_lag: Time = Time, time;
    change_set: Time = Time, time;
    termination: Time = Time, time;
    update: Time = Time, time;
    provision: Time = Time, time;
    action: Time = Time, time;
    import: Time = Time, time;
    action_in_error: bool = same, same;
    update_in_error: bool = same, same;
    tag_updates: bool = same, same;
}

/// The settings, as they are.
pub(super) fn list(cloud: &Cloud) -> Switched {
    let mut found = Switched::default();
    cloud.catalog.configure(|settings| found = Switched::of(settings));
    found
}

/// Changes those that are given; gives all of them.
pub(super) fn change(cloud: &Cloud, wanted: &Value) -> Result<Switched, Refused> {
    let known = || {
        let names = serde_json::to_value(list(cloud)).unwrap_or_default();
        let names = names.as_object().into_iter().flatten().map(|(name, _)| name.as_str());
        names.collect::<Vec<_>>().join(", ")
    };
    let members = wanted.as_object().filter(|members| !members.is_empty());
    let members = members.ok_or_else(|| Refused::bad(format!("settings are members of an object: {}", known())))?;
    if let Some(name) = members.iter().find_map(|(name, value)| value.is_null().then_some(name)) {
        return Err(Refused::bad(format!("{name} is null; leave it out to let it be as it is")));
    }
    let switched = Switched::deserialize(wanted).map_err(|error| Refused::bad(error.to_string()))?;
    cloud.catalog.configure(|settings| switched.put(settings));
    Ok(list(cloud))
}
