//! Which path does what.

use std::sync::{Arc, Weak};

use axum::body::Bytes;
use axum::http::{Method, Request, Response};
use futures_util::future::BoxFuture;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use super::fault::{NewFault, Switches};
use super::reply::{self, Refused, Reply};
use super::stream::{self, Places};
use super::watch::Watch;
use super::{assets, effects, guard, sample, setting, switch};
use crate::cloud::Cloud;
use crate::gateway::{Body, LOCAL, Site};
use crate::run::cases::Case;

/// The paths below `/_local/` that are no files, for people who ask for another one.
const PATHS: &str = "state, events, faults, faults/ID, samples, samples/FUNCTION/NAME, settings, speed, pause";

/// The interface of one cloud. Clones are the same.
#[derive(Clone)]
pub(super) struct Local {
    cloud: Weak<Cloud>,
    samples: Arc<[Case]>,
    switches: Switches,
    watch: Arc<Watch>,
    places: Places,
}

impl Local {
    pub(super) fn new(cloud: &Arc<Cloud>, samples: Vec<Case>) -> Self {
        let switches = Switches::of(cloud);
        let watch = Arc::new(Watch::new(cloud, switches.clone()));
        Self { cloud: Arc::downgrade(cloud), samples: samples.into(), switches, watch, places: Places::default() }
    }

    async fn reply(&self, request: &Request<Bytes>) -> Result<Reply, Refused> {
        guard::check(request)?;
        let (method, path) = (request.method(), request.uri().path());
        let Some(path) = path.strip_prefix(LOCAL) else { return Ok(reply::asset("text/html", assets::PAGE)) };
        let parts: Vec<&str> = path.split('/').collect();
        let done = |body: Value| Ok(reply::json(200, &body));
        match (method.as_str(), parts.as_slice()) {
            ("GET", ["state"]) => {
                let view = self.watch.look().await.map_err(|error| Refused(503, error))?;
                Ok(reply::json(200, &*view))
            }
            ("GET", ["events"]) => {
                let last = request.headers().get("last-event-id").and_then(|id| id.to_str().ok());
                Ok(stream::open(&self.watch, &self.places, last).await)
            }
            ("GET", ["faults"]) => done(json!({ "faults": self.switches.list(), "effects": effects() })),
            ("POST", ["faults"]) => Ok(reply::json(201, &self.switches.add(body::<NewFault>(request)?)?)),
            ("DELETE", ["faults"]) => done(json!({ "removed": self.switches.clear() })),
            ("DELETE", ["faults", id]) => {
                self.switches.remove(id)?;
                done(json!({ "removed": 1 }))
            }
            ("GET", ["samples"]) => done(sample::list(&self.samples)),
            ("POST", ["samples", function, name]) => {
                done(sample::publish(&*self.cloud()?, &self.samples, function, name).await?)
            }
            ("GET", ["settings"]) => Ok(reply::json(200, &setting::list(&*self.cloud()?))),
            ("PATCH", ["settings"]) => Ok(reply::json(200, &setting::change(&*self.cloud()?, &body(request)?)?)),
            ("PUT", ["speed"]) => done(switch::speed(&*self.cloud()?, &body(request)?)?),
            ("PUT", ["pause"]) => done(switch::pause(&*self.cloud()?, &body(request)?).await?),
            ("DELETE", ["pause"]) => done(switch::resume(&*self.cloud()?).await?),
            (_, ["state" | "events" | "samples"]) => Ok(reply::wrong_method(method, "GET")),
            (_, ["faults"]) => Ok(reply::wrong_method(method, "GET, POST, DELETE")),
            (_, ["faults", _]) => Ok(reply::wrong_method(method, "DELETE")),
            (_, ["samples", _, _]) => Ok(reply::wrong_method(method, "POST")),
            (_, ["settings"]) => Ok(reply::wrong_method(method, "GET, PATCH")),
            (_, ["speed"]) => Ok(reply::wrong_method(method, "PUT")),
            (_, ["pause"]) => Ok(reply::wrong_method(method, "PUT, DELETE")),
            (_, _) => match assets::file(path) {
                Some((kind, text)) if method == Method::GET => Ok(reply::asset(kind, text)),
                Some(_) => Ok(reply::wrong_method(method, "GET")),
                None => Err(Refused(404, format!("there is nothing at this path; below {LOCAL} there are: {PATHS}"))),
            },
        }
    }

    fn cloud(&self) -> Result<Arc<Cloud>, Refused> {
        self.cloud.upgrade().ok_or_else(|| Refused(503, "the local cloud is ending".to_owned()))
    }

    #[cfg(test)]
    pub(super) fn watch(&self) -> &Arc<Watch> {
        &self.watch
    }
}

impl Site for Local {
    fn answer(&self, request: Request<Bytes>) -> BoxFuture<'static, Response<Body>> {
        let local = self.clone();
        Box::pin(async move { local.reply(&request).await.unwrap_or_else(Reply::from) })
    }
}

/// The members of a request. Its type is looked at, since a page of another site could send any other without asking.
fn body<T: DeserializeOwned>(request: &Request<Bytes>) -> Result<T, Refused> {
    let kind = request.headers().get("content-type").and_then(|kind| kind.to_str().ok()).unwrap_or_default();
    if kind.split(';').next().map(str::trim) != Some("application/json") {
        return Err(Refused(415, "the content type must be application/json".to_owned()));
    }
    serde_json::from_slice(request.body()).map_err(|error| Refused::bad(format!("the body is not understood: {error}")))
}
