//! What can be asked. The help texts here are the reference: docs/cli.md is made from them.

#![expect(clippy::doc_markdown, reason = "these texts are for terminals")]

use clap::{Args, Parser, Subcommand, ValueEnum};
use clap_complete::Shell;

/// Runs Steward: what it does and why, what is stuck, and how to mend or stop it.
#[derive(Clone, Debug, Parser)]
#[command(name = "steward", version, max_term_width = 100, arg_required_else_help = true, after_help = EXIT_CODES)]
pub struct Arguments {
    /// What holds for all commands.
    #[command(flatten)]
    pub global: Global,
    /// What is asked.
    #[command(subcommand)]
    pub command: Command,
}

const EXIT_CODES: &str = "Exit codes: 0 done; 1 it ended in a failure, or the doctor found something wrong; 2 what was asked is not \
acceptable; 3 there is no such thing; 4 not possible as things stand, or not confirmed; 5 AWS did not answer, or refused; and \
of what was waited for: 6 rejected, 7 skipped, 8 cancelled, 9 not at its end in time.";

/// What holds for all commands.
#[derive(Clone, Debug, Args)]
pub struct Global {
    /// The CloudFormation stack that Steward was deployed as; its outputs name the table, the bus, queues and functions.
    #[arg(
        long,
        global = true,
        env = "STEWARD_STACK",
        hide_env_values = true,
        default_value = "steward",
        value_name = "NAME"
    )]
    pub stack: String,
    /// The table, for whoever may not read the stack; with --bus. What needs queues or functions cannot be done then.
    #[arg(long, global = true, env = "STEWARD_TABLE", hide_env_values = true, value_name = "NAME", requires = "bus")]
    pub table: Option<String>,
    /// The bus, with --table.
    #[arg(long, global = true, env = "STEWARD_BUS", hide_env_values = true, value_name = "NAME", requires = "table")]
    pub bus: Option<String>,
    /// The region; else AWS_REGION, or that of the profile.
    #[arg(long, global = true, value_name = "REGION")]
    pub region: Option<String>,
    /// A profile of the AWS configuration, SSO included; else AWS_PROFILE.
    #[arg(long, global = true, value_name = "NAME")]
    pub profile: Option<String>,
    /// Print one JSON document instead of words: the shapes are in docs/cli.md, and only ever grow.
    #[arg(long, global = true)]
    pub json: bool,
    /// Do not ask before something is ended, lost or let go.
    #[arg(long, short = 'y', global = true)]
    pub yes: bool,
    /// Who asks, as others are told; else the ARN that AWS knows you by.
    #[arg(long, global = true, env = "STEWARD_BY", hide_env_values = true, value_name = "WHO")]
    pub by: Option<String>,
}

/// What is asked.
#[derive(Clone, Debug, Subcommand)]
pub enum Command {
    /// What Steward does and has done, newest first.
    List(List),
    /// All that is known of an operation, a provisioned product, or a rejected request.
    Show {
        /// op-... (its first eight digits will do), pp-..., a provisioned product's name, plan-..., or a rejection's id.
        id: String,
    },
    /// Let a failed operation be tried once more, or a waiting one now; or let a product's drift be repaired again.
    Retry(Retry),
    /// Cancel an operation that waits, if nothing of it may be under way.
    Cancel(Reasoned),
    /// Ask for work: checked before it is sent.
    #[command(subcommand)]
    Request(Request),
    /// Let a provisioned product live longer. Sent as an event: no access to the table is needed.
    Extend(Keep),
    /// Let nobody end a provisioned product, for a time or for good.
    Protect(Keep),
    /// End the protection of a provisioned product in the table. That by its tag stays.
    Unprotect(Unprotect),
    /// What will end in the next days, soonest first, and why.
    Expiring {
        /// How far to look.
        #[arg(long, default_value = "7d", value_name = "DURATION")]
        within: String,
    },
    /// What a sweep would do now: the function's own code and parameters, and nothing is noted or told.
    Sweep {
        /// The only way: armed sweeps run by their schedule.
        #[arg(long, required = true)]
        dry_run: bool,
    },
    /// Send nothing any more, until resumed. Records are followed and told as ever; requests are taken in, and wait.
    Pause {
        /// Why: everybody sees it while it lasts.
        reason: String,
    },
    /// Go on.
    Resume,
    /// Plans: what they would do, and their approval.
    #[command(subcommand)]
    Plan(Plan),
    /// Dead-letter queues: what could not be handled or delivered.
    #[command(subcommand)]
    Dlq(Dlq),
    /// Check the deployment, and say what is wrong and how to mend it.
    Doctor,
    /// Completions for a shell, to be sourced.
    Completions {
        /// The shell.
        shell: Shell,
    },
}

/// Which operations.
#[derive(Clone, Debug, Args)]
pub struct List {
    /// Only this kind.
    #[arg(long, value_enum)]
    pub kind: Option<KindName>,
    /// Only this state; may be given more than once. `live` are those that are not at their end: that is one quick query.
    #[arg(long, value_enum)]
    pub state: Vec<StateName>,
    /// Only those of this provisioned product, pp-...
    #[arg(long, value_name = "PRODUCT")]
    pub product: Option<String>,
    /// Only those asked for in the last, like 24h or 7d.
    #[arg(long, value_name = "DURATION")]
    pub newer: Option<String>,
    /// Only those asked for longer ago: of live ones, what is stuck.
    #[arg(long, value_name = "DURATION")]
    pub older: Option<String>,
    /// At most so many.
    #[arg(long, default_value_t = 50, value_parser = clap::value_parser!(u32).range(1..=10_000))]
    pub limit: u32,
    /// The page after one that ended at this instant.
    #[arg(long, value_name = "INSTANT")]
    pub before: Option<String>,
}

/// The kinds, as they are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum KindName {
    /// Terminations.
    Terminate,
    /// Service actions, and repairs of drift.
    ExecuteAction,
    /// Plans.
    ExecutePlan,
    /// Imports.
    Import,
}

/// The states, as they are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum StateName {
    /// Not at their end: submitting, submitted, waiting.
    Live,
    /// Being sent right now.
    Submitting,
    /// Accepted; the record is followed.
    Submitted,
    /// To be sent at a time.
    Waiting,
    /// Done.
    Succeeded,
    /// Ended without success.
    Failed,
    /// Never sent: not acceptable.
    Rejected,
    /// Never sent: there was no need.
    Skipped,
    /// Ended by an operator.
    Cancelled,
}

/// An operation, and why something is done to it.
#[derive(Clone, Debug, Args)]
pub struct Reasoned {
    /// op-...; its first eight digits will do.
    pub operation: String,
    /// Why: kept in the operation's history.
    #[arg(long, value_name = "TEXT")]
    pub reason: String,
}

/// What is to be tried once more.
#[derive(Clone, Debug, Args)]
pub struct Retry {
    /// op-... (its first eight digits will do), or pp-... whose drift was left alone.
    pub id: String,
    /// Why: kept in the operation's history.
    #[arg(long, value_name = "TEXT")]
    pub reason: String,
    /// Whether to wait for its end.
    #[command(flatten)]
    pub wait: Wait,
}

/// Whether to wait.
#[derive(Clone, Debug, Args)]
pub struct Wait {
    /// Follow it to its end; the exit code says what that was.
    #[arg(long)]
    pub wait: bool,
    /// For how long, at the most.
    #[arg(long, default_value = "1h", value_name = "DURATION", requires = "wait")]
    pub timeout: String,
}

/// What any request may say.
#[derive(Clone, Debug, Args)]
pub struct Asked {
    /// Why.
    #[arg(long, value_name = "TEXT")]
    pub reason: Option<String>,
    /// Your own key: asked again under the same one, it is the same request. Else one is made up.
    #[arg(long, value_name = "KEY")]
    pub request_id: Option<String>,
    /// The language of Service Catalog's messages.
    #[arg(long, value_name = "en|jp|zh")]
    pub language: Option<String>,
    /// Whether to wait for its end.
    #[command(flatten)]
    pub wait: Wait,
}

/// What is asked for.
#[derive(Clone, Debug, Subcommand)]
pub enum Request {
    /// TerminateProvisionedProduct.
    Terminate {
        /// pp-..., or with --name the provisioned product's name or ARN.
        product: String,
        /// It is a name: resolved once, by Steward.
        #[arg(long)]
        name: bool,
        /// End it even if its resources cannot be deleted. They live on, and nobody manages them; off unless Steward allows it.
        #[arg(long)]
        ignore_errors: bool,
        /// Leave its resources as they are.
        #[arg(long)]
        retain_resources: bool,
        /// What any request may say.
        #[command(flatten)]
        asked: Asked,
    },
    /// ExecuteProvisionedProductServiceAction.
    Action {
        /// pp-...
        product: String,
        /// act-...
        action: String,
        /// A parameter of the action; given again with the same name, it has several values.
        #[arg(long = "parameter", value_name = "NAME=VALUE", value_parser = name_and_value)]
        parameters: Vec<(String, String)>,
        /// What any request may say.
        #[command(flatten)]
        asked: Asked,
    },
    /// ExecuteProvisionedProductPlan, of a plan whose digest is known. `steward plan approve` shows it first.
    Plan {
        /// plan-...
        plan: String,
        /// The digest that `steward plan show` prints.
        #[arg(long, value_name = "SHA256")]
        digest: String,
        /// Resources may be removed or replaced.
        #[arg(long)]
        allow_replacement: bool,
        /// What any request may say.
        #[command(flatten)]
        asked: Asked,
    },
    /// ImportAsProvisionedProduct.
    Import {
        /// The product, prod-...
        #[arg(long)]
        product: String,
        /// Its version, pa-...
        #[arg(long)]
        artifact: String,
        /// The name that the provisioned product is to have.
        #[arg(long)]
        name: String,
        /// The ARN of the stack.
        #[arg(long)]
        stack_arn: String,
        /// Do not protect it: its tags or a default may end it.
        #[arg(long)]
        unprotected: bool,
        /// What any request may say.
        #[command(flatten)]
        asked: Asked,
    },
}

fn name_and_value(text: &str) -> Result<(String, String), String> {
    let parts = text.split_once('=').filter(|(name, _)| !name.is_empty());
    parts.map(|(name, value)| (name.to_owned(), value.to_owned())).ok_or_else(|| "accepted: NAME=VALUE".to_owned())
}

/// Until when.
#[derive(Clone, Debug, Args)]
#[group(multiple = false)]
pub struct Until {
    /// For so long, like 90m, 72h, 7d or 2w: from its end on, of an extension; from now on, of a protection.
    #[arg(long = "for", value_name = "DURATION")]
    pub life: Option<String>,
    /// Until an instant (2026-11-30T18:00:00Z) or the end of a day (2026-11-30), UTC.
    #[arg(long, value_name = "WHEN")]
    pub until: Option<String>,
}

/// An extension, or a protection.
#[derive(Clone, Debug, Args)]
pub struct Keep {
    /// pp-...
    pub product: String,
    /// Until when; a protection without is for good.
    #[command(flatten)]
    pub until: Until,
    /// Why: others are told.
    #[arg(long, value_name = "TEXT")]
    pub reason: String,
    /// Do not wait for Steward's answer.
    #[arg(long)]
    pub no_wait: bool,
}

/// The end of a protection.
#[derive(Clone, Debug, Args)]
pub struct Unprotect {
    /// pp-...
    pub product: String,
    /// Why: others are told.
    #[arg(long, value_name = "TEXT")]
    pub reason: String,
    /// Do not wait for Steward's answer.
    #[arg(long)]
    pub no_wait: bool,
}

/// Plans.
#[derive(Clone, Debug, Subcommand)]
pub enum Plan {
    /// What a plan would change, removals and replacements first, and the digest that an approval is for.
    Show {
        /// plan-...
        plan: String,
    },
    /// Show a plan, ask, and approve just that.
    Approve {
        /// plan-...
        plan: String,
        /// Approve only if this is its digest: for scripts that have had it reviewed.
        #[arg(long, value_name = "SHA256")]
        digest: Option<String>,
        /// Resources may be removed or replaced.
        #[arg(long)]
        allow_replacement: bool,
        /// Why.
        #[arg(long, value_name = "TEXT")]
        reason: Option<String>,
        /// Whether to wait for its end.
        #[command(flatten)]
        wait: Wait,
    },
}

/// Dead-letter queues.
#[derive(Clone, Debug, Subcommand)]
pub enum Dlq {
    /// How many messages each holds.
    List,
    /// The messages of one. They are hidden from others for 20 seconds.
    Show {
        /// Which.
        queue: QueueName,
        /// At most so many.
        #[arg(long, default_value_t = 10, value_parser = clap::value_parser!(u32).range(1..=100))]
        limit: u32,
    },
    /// Hand messages to their functions as they were, and delete what was handled: what was done before is not done twice.
    Redrive {
        /// Which.
        queue: QueueName,
        /// At most so many.
        #[arg(long, default_value_t = 100, value_parser = clap::value_parser!(u32).range(1..=10_000))]
        limit: u32,
    },
}

/// The queues whose dead letters there are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum QueueName {
    /// Of `terminate`.
    Terminations,
    /// Of `execute-action`.
    Actions,
    /// Of `execute-plan`.
    Plans,
    /// Of `import`.
    Imports,
    /// Of `sweep`: extensions and protections.
    Extensions,
    /// Of `reconcile`: hints, which polling makes up for.
    WakeUps,
    /// What a rule or a schedule could not deliver: each message names its target.
    Rules,
}
