//! One request's way through the gateway: who calls what, may they, is a fault waiting, and on to the service.

use std::sync::Arc;
use std::time::Instant;

use axum::body::Bytes;
use axum::http::{HeaderValue, Method, Request, Response, request};
use http_body_util::{BodyExt, Full, Limited};
use hyper::body::Incoming;
use serde_json::Value;

use super::faults::Effect;
use super::ledger::{Logged, digest};
use super::listen::Cut;
use super::needs::needs;
use super::policy::Refusal;
use super::protocol::Protocol;
use super::{Body, LOCAL, Shared, Site, USER, identity, page, sts};
use crate::api::{Answer, Call, Caller};

/// The largest request: `DynamoDB`'s limit, the highest of the services here.
const BODY_MAX: usize = 16 * 1024 * 1024;
/// The largest request to what is no AWS service.
const SITE_BODY_MAX: usize = 64 * 1024;
/// `X-Amz-Target` prefixes and the services that they mean.
const TARGETS: [(&str, &str); 4] = [
    ("AWS242ServiceCatalogService", "servicecatalog"),
    ("DynamoDB_20120810", "dynamodb"),
    ("AWSEvents", "events"),
    ("AmazonSQS", "sqs"),
];

/// Answers a request, or closes its connection.
pub(super) async fn handle(shared: Arc<Shared>, request: Request<Incoming>) -> Result<Response<Body>, Cut> {
    if let Some(site) = shared.site().filter(|_| is_of_site(&request)) {
        return visit(&shared, site, request).await;
    }
    let (head, body) = request.into_parts();
    // Whoever signs asks a service, whatever the verb; all others look at the page.
    let is_call = head.method == Method::POST || head.headers.contains_key("authorization");
    let answer = match (&head.method, head.uri.path()) {
        _ if is_call => match Limited::new(body, BODY_MAX).collect().await {
            // A task of its own: at AWS, too, a call that arrived is carried out even if its caller dies meanwhile.
            Ok(body) => {
                let carried = tokio::spawn(carry(Arc::clone(&shared), head, body.to_bytes())).await;
                carried.unwrap_or_else(|panic| {
                    tracing::error!(%panic, "a service of the local cloud failed");
                    Ok(Answer::error(500, "InternalFailure", "The local cloud itself failed; its log says how."))
                })?
            }
            Err(error) if error.is::<http_body_util::LengthLimitError>() => {
                Answer::error(413, "RequestEntityTooLargeException", "The request is larger than 16 MB.")
            }
            Err(_) => return Err(Cut),
        },
        (&Method::GET, "/") => page::answer(&shared),
        (&Method::GET, _) => Answer::error(404, "NotFound", "There is one page here, at /."),
        _ => Answer::error(405, "MethodNotAllowed", "AWS calls are signed."),
    };
    respond(&shared, answer)
}

/// Whether a request is none of an SDK's: they sign theirs, and post them to `/` or to paths of AWS.
fn is_of_site(request: &Request<Incoming>) -> bool {
    let is_signed = request.headers().contains_key("authorization");
    let path = request.uri().path();
    path.starts_with(LOCAL) || (path == "/" && !is_signed && request.method() == Method::GET)
}

async fn visit(shared: &Shared, site: Arc<dyn Site>, request: Request<Incoming>) -> Result<Response<Body>, Cut> {
    let (head, body) = request.into_parts();
    let mut response = match Limited::new(body, SITE_BODY_MAX).collect().await {
        Ok(body) => site.answer(Request::from_parts(head, body.to_bytes())).await,
        Err(error) if error.is::<http_body_util::LengthLimitError>() => {
            let error = format!("the request is larger than {SITE_BODY_MAX} bytes");
            return respond(shared, Answer::json(413, &serde_json::json!({ "error": error })));
        }
        Err(_) => return Err(Cut),
    };
    if let Ok(id) = HeaderValue::from_str(&shared.next_request_id()) {
        response.headers_mut().insert("x-amzn-requestid", id);
    }
    Ok(response)
}

fn respond(shared: &Shared, answer: Answer) -> Result<Response<Body>, Cut> {
    let mut response = Response::builder().status(answer.status).header("x-amzn-requestid", shared.next_request_id());
    for (name, value) in answer.headers {
        response = response.header(name, value);
    }
    response.body(Full::new(answer.body).boxed_unsync()).map_err(|error| {
        tracing::error!(%error, "a service gave an answer that HTTP cannot carry");
        Cut
    })
}

/// A call whose caller and operation are known.
struct Known {
    service: String,
    call: Call,
}

async fn carry(shared: Arc<Shared>, head: request::Parts, body: Bytes) -> Result<Answer, Cut> {
    let (at, began) = (shared.clock.now(), Instant::now());
    let known = match identify(&shared, &head, body) {
        Ok(known) => known,
        Err((protocol, refusal)) => return Ok(protocol.dress(refusal)),
    };
    let protocol = Protocol::of(&known.service);
    let logged = Logged {
        at,
        caller: known.call.caller.name.clone(),
        service: known.service.clone(),
        operation: known.call.operation.clone(),
        status: None,
        took: std::time::Duration::ZERO,
        body: digest(&known.call.body),
        fault: None,
    };
    shared.ledger.count(&logged.caller, &logged.service, &logged.operation);
    let (outcome, fault) = match authorize(&shared, &known) {
        Ok(()) => meet(&shared, known).await,
        Err(refusal) => (Ok(refusal), None),
    };
    shared.ledger.log(Logged {
        status: outcome.as_ref().ok().map(|answer| answer.status),
        took: began.elapsed(),
        fault,
        ..logged
    });
    outcome.map(|answer| protocol.dress(answer))
}

/// Reads caller, service, operation and input, as the service's protocol writes them. An error comes with the protocol that it
/// is to be told in.
fn identify(shared: &Shared, head: &request::Parts, body: Bytes) -> Result<Known, (Protocol, Answer)> {
    let headers = &head.headers;
    let target = headers.get("x-amz-target").and_then(|target| target.to_str().ok());
    let (prefix, named) = target.and_then(|target| target.rsplit_once('.')).unwrap_or_default();
    let by_target = TARGETS.iter().find(|(known, _)| *known == prefix).map(|&(_, service)| service);
    let service = by_target.or_else(|| identity::service(headers));
    let protocol = service.map_or(Protocol::Json, Protocol::of);
    let told = |refusal: Answer| (protocol, refusal);
    let caller = shared.identities.caller(headers).map_err(told)?;
    identity::check_date(headers, shared.clock.now()).map_err(told)?;
    let unknown = |text: &str| told(Answer::error(400, "UnknownOperationException", text));
    let service = service.ok_or_else(|| unknown("The request names no service."))?;
    let (operation, body) = protocol.read(named, head, body).map_err(told)?;
    // Names become keys of the counts, so what cannot be one is refused here.
    if operation.is_empty() || operation.len() > 128 || !operation.bytes().all(|c| c.is_ascii_alphanumeric()) {
        return Err(unknown("The request names no operation."));
    }
    let text = |(name, value): (&axum::http::HeaderName, &axum::http::HeaderValue)| {
        let value = String::from_utf8_lossy(value.as_bytes()).into_owned();
        (name.as_str().to_owned(), value)
    };
    Ok(Known {
        service: service.to_owned(),
        call: Call { caller, operation, headers: headers.iter().map(text).collect(), body },
    })
}

/// Judges every action that the call needs; the first that the role does not allow is named.
fn authorize(shared: &Shared, known: &Known) -> Result<(), Answer> {
    let Caller { name, arn } = &known.call.caller;
    // AWS lets everybody ask who they are, whatever their policies say.
    if name == USER || known.service == "sts" {
        return Ok(());
    }
    let body: Value = serde_json::from_slice(&known.call.body).unwrap_or_default();
    for need in needs(&known.service, &known.call.operation, &body, shared.identities.place()) {
        let because = match shared.policy().decide(name, &need) {
            Ok(()) => {
                shared.ledger.used(name, &need);
                continue;
            }
            Err(Refusal::NotAllowed) => {
                format!("because no identity-based policy allows the {} action", need.action)
            }
            Err(Refusal::Denied) => "with an explicit deny in an identity-based policy".to_owned(),
        };
        let text = format!(
            "User: {arn} is not authorized to perform: {} on resource: {} {because}",
            need.action, need.resource
        );
        return Err(Answer::error(400, "AccessDeniedException", &text));
    }
    Ok(())
}

/// Forwards the call, unless a fault has it otherwise; tells which.
async fn meet(shared: &Shared, known: Known) -> (Result<Answer, Cut>, Option<Effect>) {
    let latency = shared.latency();
    if !latency.is_zero() {
        tokio::time::sleep(latency).await;
    }
    let caller = known.call.caller.name.clone();
    let fault = shared.faults.meet(shared.clock.now(), &caller, &known.service, &known.call.operation);
    (suffer(shared, known, caller, fault.clone()).await, fault)
}

async fn suffer(shared: &Shared, known: Known, caller: String, fault: Option<Effect>) -> Result<Answer, Cut> {
    match fault {
        None => Ok(forward(shared, known).await),
        Some(Effect::Answer { status, code, message }) => Ok(Answer::error(status, &code, &message)),
        Some(Effect::AnswerAfter { status, code, message }) => {
            forward(shared, known).await;
            Ok(Answer::error(status, &code, &message))
        }
        Some(Effect::DropBefore) => Err(Cut),
        Some(Effect::DropAfter) => {
            forward(shared, known).await;
            Err(Cut)
        }
        Some(Effect::Delay(by)) => {
            tokio::time::sleep(by).await;
            Ok(forward(shared, known).await)
        }
        Some(Effect::DelayAnswer(by)) => {
            let answer = forward(shared, known).await;
            tokio::time::sleep(by).await;
            Ok(answer)
        }
        Some(Effect::KillBefore) => {
            shared.kill(caller).await;
            Err(Cut)
        }
        Some(Effect::KillAfter) => {
            forward(shared, known).await;
            shared.kill(caller).await;
            Err(Cut)
        }
    }
}

async fn forward(shared: &Shared, known: Known) -> Answer {
    if let Some(service) = shared.service(&known.service) {
        return service.call(known.call).await;
    }
    if known.service == "sts" {
        return sts::answer(&known.call.caller, &known.call.operation, shared.identities.place());
    }
    let text = format!("The local cloud has no {}; it has {}.", known.service, shared.service_names().join(", "));
    Answer::error(400, "UnknownOperationException", &text)
}
