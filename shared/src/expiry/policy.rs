//! The rules, and what they make of one product.

use chrono::TimeDelta;

use super::read::{self, End, Ttl};
use super::stage::Timing;
use crate::clock::Time;
use crate::ports::Protection;

/// A product, as far as its end depends on it.
#[derive(Clone, Copy, Debug)]
pub struct Subject<'a> {
    /// The product, `prod-...`.
    pub product_id: Option<&'a str>,
    /// `CFN_STACK`, `CONTROL_TOWER_ACCOUNT` ...: an open list.
    pub product_type: Option<&'a str>,
    /// Key and value.
    pub tags: &'a [(String, String)],
    /// When it was provisioned first.
    pub created_at: Option<Time>,
    /// Extended until, by the table.
    pub lease_until: Option<Time>,
    /// Its protection in the table.
    pub protection: Option<&'a Protection>,
}

/// When a product ends.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Expiry {
    /// It is none of Steward's business, for the reason.
    Outside(String),
    /// It is protected, by whom and why.
    Protected(String),
    /// Something of it cannot be read: nothing is done, and somebody should know.
    Unreadable(String),
    /// It has no end, for the reason.
    Never(String),
    /// It ends then, for the reason.
    At(Time, String),
}

/// The keys of the tags that count.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tags {
    /// Of the tag that names an end.
    pub expires_at: String,
    /// Of the tag that names a time to live.
    pub ttl: String,
    /// Of the tag that protects, unless its value is `false`.
    pub protect: String,
}

/// Which products Steward looks after. What is empty lets all in.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Filter {
    /// A tag that must be there, with its value if there is one.
    pub tag: Option<(String, Option<String>)>,
    /// Products, `prod-...`.
    pub products: Vec<String>,
    /// Whether Control Tower accounts are looked after: each is a whole AWS account.
    pub control_tower: bool,
}

/// Which products a rule is for. What is empty is for all.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Match {
    /// Products, `prod-...`.
    pub products: Vec<String>,
    /// `CFN_STACK` ...
    pub product_type: Option<String>,
    /// A tag and its value.
    pub tag: Option<(String, String)>,
}

/// What holds for some of the products.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rule {
    /// Which.
    pub matches: Match,
    /// How long they live if no tag says so. `None`: they have no end.
    pub default_ttl: Option<TimeDelta>,
    /// The longest that they may live, whatever tags and leases say.
    pub max_ttl: Option<TimeDelta>,
    /// Grace, warnings, notice.
    pub timing: Timing,
    /// Whether they are never touched.
    pub protect: bool,
}

/// All rules. The first that matches holds; the last is for all.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Policy {
    /// Whom it is for.
    pub filter: Filter,
    /// What counts.
    pub tags: Tags,
    /// In order.
    pub rules: Vec<Rule>,
    /// For whatever none of them matches.
    pub otherwise: Rule,
}

impl Policy {
    /// Whether a tag of this key matters to anybody here.
    #[must_use]
    pub fn heeds(&self, key: &str) -> bool {
        let Tags { expires_at, ttl, protect } = &self.tags;
        let of_rules = || self.rules.iter().filter_map(|rule| rule.matches.tag.as_ref()).any(|(tag, _)| tag == key);
        [expires_at, ttl, protect].into_iter().any(|tag| tag == key)
            || self.filter.tag.as_ref().is_some_and(|(tag, _)| tag == key)
            || of_rules()
    }

    /// The rule for a product.
    #[must_use]
    pub fn rule(&self, subject: &Subject<'_>) -> &Rule {
        self.rules.iter().find(|rule| rule.matches.holds(subject)).unwrap_or(&self.otherwise)
    }

    /// When a product ends.
    #[must_use]
    pub fn expiry(&self, subject: &Subject<'_>, now: Time) -> Expiry {
        if let Some(why) = self.filter.keeps_out(subject) {
            return Expiry::Outside(why);
        }
        let rule = self.rule(subject);
        if let Some(why) = self.protection(rule, subject, now) {
            return Expiry::Protected(why);
        }
        match self.end(rule, subject) {
            Ok(None) => Expiry::Never("it has no end: neither a tag nor a default says so".to_owned()),
            Ok(Some((None, why))) => Expiry::Never(why),
            Ok(Some((Some(at), why))) => Expiry::At(at, why),
            Err(why) => Expiry::Unreadable(why),
        }
    }

    /// When a product would end, were it not protected; `None`: not at all, as far as can be read.
    #[must_use]
    pub fn unprotected_end(&self, subject: &Subject<'_>) -> Option<Time> {
        self.end(self.rule(subject), subject).ok().flatten().and_then(|(at, _)| at)
    }

    fn protection(&self, rule: &Rule, subject: &Subject<'_>, now: Time) -> Option<String> {
        if rule.protect {
            return Some("protected by a rule".to_owned());
        }
        if subject.tag(&self.tags.protect).is_some_and(|value| !value.trim().eq_ignore_ascii_case("false")) {
            return Some(format!("protected by its tag {}", self.tags.protect));
        }
        subject.protection.filter(|protection| protection.holds(now)).map(Protection::in_words)
    }

    /// `None`: nothing says anything. Otherwise the end, if there is one, and why.
    fn end(&self, rule: &Rule, subject: &Subject<'_>) -> Result<Option<(Option<Time>, String)>, String> {
        // Both tags are read, also the one that does not count: what is wrong with either is a person's mistake.
        let end = subject.read(&self.tags.expires_at, read::end)?;
        let ttl = subject.read(&self.tags.ttl, read::ttl)?;
        let since_creation = |life: TimeDelta| {
            let created = subject.created_at.ok_or("when it was created is not known")?;
            created.checked_add_signed(life).ok_or("its end is beyond all times")
        };
        let said = match (end, ttl, rule.default_ttl) {
            (Some(End::Never), ..) => Some((None, format!("its tag {} says so", self.tags.expires_at))),
            (Some(End::At(at)), ..) => Some((Some(at), format!("its tag {} says so", self.tags.expires_at))),
            (None, Some(Ttl::Never), _) => Some((None, format!("its tag {} says so", self.tags.ttl))),
            (None, Some(Ttl::Of(life)), _) => {
                Some((Some(since_creation(life)?), format!("its tag {} says so", self.tags.ttl)))
            }
            (None, None, Some(life)) => Some((Some(since_creation(life)?), "the default time to live".to_owned())),
            (None, None, None) => None,
        };
        let said = match (said, subject.lease_until) {
            (Some((Some(at), _)), Some(lease)) if lease > at => Some((Some(lease), "extended".to_owned())),
            (said, _) => said,
        };
        let Some(life) = rule.max_ttl else { return Ok(said) };
        let ceiling = since_creation(life)?;
        match said {
            Some((Some(at), why)) if at <= ceiling => Ok(Some((Some(at), why))),
            _ => Ok(Some((Some(ceiling), "nothing lives longer than the ceiling".to_owned()))),
        }
    }
}

impl Subject<'_> {
    fn read<T>(&self, key: &str, read: impl FnOnce(&str) -> Result<T, read::Unreadable>) -> Result<Option<T>, String> {
        self.tag(key).map(read).transpose().map_err(|error| format!("its tag {key}: {error}"))
    }

    fn tag(&self, key: &str) -> Option<&str> {
        self.tags.iter().find(|(name, _)| name == key).map(|(_, value)| value.as_str())
    }
}

impl Filter {
    fn keeps_out(&self, subject: &Subject<'_>) -> Option<String> {
        if subject.product_type == Some("CONTROL_TOWER_ACCOUNT") && !self.control_tower {
            return Some("a CONTROL_TOWER_ACCOUNT is not touched; IncludeControlTower allows it".to_owned());
        }
        let is_of = |product: &str| self.products.iter().any(|id| id == product);
        if !self.products.is_empty() && !subject.product_id.is_some_and(is_of) {
            return Some(format!("{} is not among the included products", subject.product_id.unwrap_or("its product")));
        }
        match &self.tag {
            Some((key, None)) if subject.tag(key).is_none() => Some(format!("it has no tag {key}")),
            Some((key, Some(value))) if subject.tag(key) != Some(value) => {
                Some(format!("its tag {key} is not {value}"))
            }
            _ => None,
        }
    }
}

impl Match {
    fn holds(&self, subject: &Subject<'_>) -> bool {
        let is_of = |product: &str| self.products.iter().any(|id| id == product);
        (self.products.is_empty() || subject.product_id.is_some_and(is_of))
            && self.product_type.as_deref().is_none_or(|wanted| subject.product_type == Some(wanted))
            && self.tag.as_ref().is_none_or(|(key, value)| subject.tag(key) == Some(value))
    }
}
