//! `cargo local fault`: what goes wrong in a cloud that is served, switched from another terminal.

use axum::http::Method;
use clap::{Args, Subcommand};
use serde_json::{Map, Value, json};

use super::ask::Served;
use super::print;

/// What to do about faults, and where.
#[derive(Clone, Debug, Args)]
pub(super) struct FaultArguments {
    /// The address of the local cloud; the one of `cargo local --serve` if not given.
    #[arg(long, value_name = "URL", env = "AWS_ENDPOINT_URL", global = true)]
    endpoint: Option<String>,
    #[command(subcommand)]
    command: FaultCommand,
}

#[derive(Clone, Debug, Subcommand)]
enum FaultCommand {
    /// Switch a fault on; it stays until it has met as many calls as --times says, or is removed.
    ///
    /// Effects: throttle, error-500, answer STATUS CODE [TEXT], answer-after STATUS CODE [TEXT], lost-answer, drop, slow TIME,
    /// slow-answer TIME, kill-before, kill-after; and of records: record-fails [TEXT], record-never-ends,
    /// record-unknown-status STATUS.
    Add(Box<New>),
    /// List the faults that are on.
    List,
    /// Switch a fault off.
    Remove {
        /// Its id, as `list` says it: call-1, record-1.
        id: String,
    },
    /// Switch all faults off.
    Clear,
}

#[derive(Clone, Debug, Args)]
struct New {
    /// What happens: throttle, `slow 2s`, `answer 503 ServiceUnavailable` ...
    #[arg(required = true, num_args = 1..)]
    effect: Vec<String>,
    /// To calls of this caller alone: terminate, reconcile, user ...
    #[arg(long, value_name = "NAME")]
    caller: Option<String>,
    /// To calls of this service alone: servicecatalog, dynamodb, events ...
    #[arg(long, value_name = "NAME")]
    service: Option<String>,
    /// To this operation alone: `TerminateProvisionedProduct` ...
    #[arg(long, value_name = "NAME")]
    operation: Option<String>,
    /// Of records: to those of this provisioned product alone, by id or name.
    #[arg(long, value_name = "ID")]
    product: Option<String>,
    /// Let so many pass first.
    #[arg(long, value_name = "COUNT")]
    skip: Option<u32>,
    /// Meet no more than so many.
    #[arg(long, value_name = "COUNT")]
    times: Option<u32>,
    /// Meet only so many of a hundred, by chance.
    #[arg(long, value_name = "NUMBER")]
    percent: Option<f64>,
    /// Draw the same ones again: the seed that `list` says.
    #[arg(long, value_name = "NUMBER", requires = "percent")]
    seed: Option<u64>,
}

impl New {
    /// As the interface takes it.
    fn body(&self) -> Value {
        let members = [
            ("effect", Some(json!(self.effect.join(" ")))),
            ("caller", self.caller.as_ref().map(|name| json!(name))),
            ("service", self.service.as_ref().map(|name| json!(name))),
            ("operation", self.operation.as_ref().map(|name| json!(name))),
            ("product", self.product.as_ref().map(|id| json!(id))),
            ("skip", self.skip.map(|count| json!(count))),
            ("times", self.times.map(|count| json!(count))),
            ("percent", self.percent.map(|percent| json!(percent))),
            ("seed", self.seed.map(|seed| json!(seed))),
        ];
        let given = members.into_iter().filter_map(|(name, value)| Some((name.to_owned(), value?)));
        Value::Object(given.collect::<Map<_, _>>())
    }
}

/// Does it.
pub(super) async fn run(arguments: &FaultArguments) -> Result<(), String> {
    let served = Served::at(arguments.endpoint.as_deref())?;
    match &arguments.command {
        FaultCommand::Add(new) => {
            let added = served.ask(Method::POST, "faults", Some(&new.body())).await?;
            print::faults(&[added]);
        }
        FaultCommand::List => {
            let answer = served.ask(Method::GET, "faults", None).await?;
            print::faults(answer["faults"].as_array().map_or(&[], Vec::as_slice));
        }
        FaultCommand::Remove { id } => {
            if id.is_empty() || !id.bytes().all(|c| c.is_ascii_alphanumeric() || c == b'-') {
                return Err(format!(
                    "{id:?} is no fault's id; accepted: what `cargo local fault list` says, like call-1"
                ));
            }
            served.ask(Method::DELETE, &format!("faults/{id}"), None).await?;
            print::removed(1);
        }
        FaultCommand::Clear => {
            let answer = served.ask(Method::DELETE, "faults", None).await?;
            print::removed(answer["removed"].as_u64().unwrap_or_default());
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::path::Path;
    use std::sync::Arc;

    use clap::Parser as _;

    use super::*;
    use crate::cloud::{Cloud, Options};
    use crate::page;
    use crate::run::{Arguments, Command};

    fn parsed(words: &str, endpoint: &str) -> Result<FaultArguments, String> {
        let words = ["cargo local", "fault"].into_iter().chain(words.split(' ')).chain(["--endpoint", endpoint]);
        match Arguments::try_parse_from(words).map_err(|error| error.to_string())?.command {
            Some(Command::Fault(fault)) => Ok(fault),
            other => Err(format!("{other:?}")),
        }
    }

    #[tokio::test]
    async fn faults_are_switched_from_another_terminal() {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
        let options = Options { only: Some(Vec::new()), hold_schedules: true, ..Options::quick(&root, &root) };
        let cloud = Arc::new(Cloud::start(options).await.unwrap());
        page::open(&cloud, Vec::new());
        let url = cloud.gateway.url();
        let ask = async |words: &str| run(&parsed(words, &url).unwrap()).await;
        ask("add answer 503 Busy Not now --caller terminate --times 2 --percent 50 --seed 7").await.unwrap();
        ask("add record-never-ends --product pp-a").await.unwrap();
        let standing = cloud.gateway.faults().standing();
        assert_eq!((standing.len(), standing[0].fault.times), (1, 2));
        assert_eq!(standing[0].dice.as_ref().unwrap().chance.seed, 7);
        assert_eq!(cloud.catalog.mishaps().standing().len(), 1);
        ask("list").await.unwrap();
        ask("remove call-1").await.unwrap();
        assert!(cloud.gateway.faults().standing().is_empty());
        ask("clear").await.unwrap();
        assert!(cloud.catalog.mishaps().standing().is_empty());
        for (words, says) in [
            ("add explode", "there is no effect \"explode\""),
            ("add drop --caller nobody", "there is no caller \"nobody\""),
            ("remove call-1", "there are: none"),
            ("remove ../state", "accepted: what `cargo local fault list` says"),
        ] {
            let error = ask(words).await.unwrap_err();
            assert!(error.contains(says), "{words}: {error}");
        }
    }

    #[tokio::test]
    async fn where_there_is_no_cloud_it_is_said_how_to_get_one() {
        let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
        let error = run(&parsed("list", &format!("http://{free}")).unwrap()).await.unwrap_err();
        assert!(error.contains("start one with `cargo local --serve`"), "{error}");
        for bad in ["https://127.0.0.1:4612", "127.0.0.1", "http://127.0.0.1/x", ""] {
            let error = run(&parsed("list", bad).unwrap()).await.unwrap_err();
            assert!(error.contains("accepted: http://127.0.0.1:4612"), "{bad}: {error}");
        }
    }

    #[test]
    fn what_clap_refuses_names_the_option() {
        for (words, says) in
            [("add drop --seed 1", "--percent"), ("add drop --times many", "--times"), ("add", "<EFFECT>")]
        {
            let error = parsed(words, "http://127.0.0.1:1").unwrap_err();
            assert!(error.contains(says), "{words}: {error}");
        }
        let both = Arguments::try_parse_from(["cargo local", "--serve", "fault", "list"]);
        assert!(both.unwrap_err().to_string().contains("cannot be used with"));
    }
}
