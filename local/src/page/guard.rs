//! Who may ask: the page itself, or a program on this machine. No page that somebody visits may drive the local cloud,
//! whatever name it has itself resolved to.

use axum::http::{HeaderMap, Method, Request};

use super::reply::Refused;

/// Hosts by which a browser says that it speaks to this machine.
const HOSTS: [&str; 3] = ["127.0.0.1", "localhost", "[::1]"];

/// Refuses what another site's page could have sent.
pub(super) fn check<B>(request: &Request<B>) -> Result<(), Refused> {
    let headers = request.headers();
    let host = one(headers, "host").unwrap_or_default();
    if !is_loopback(host) {
        let accepted = HOSTS.join(", ");
        return Err(Refused(403, format!("the host {host:?} is not this machine's own; accepted: {accepted}")));
    }
    // A browser says whose script asks; a program says nothing.
    if headers.contains_key("origin") {
        let origin = one(headers, "origin").unwrap_or_default();
        if origin.strip_prefix("http://") != Some(host) {
            return Err(Refused(403, format!("a page of {origin:?} may not ask here; accepted: http://{host}")));
        }
    }
    let is_elsewhere = one(headers, "sec-fetch-site").is_some_and(|site| !matches!(site, "same-origin" | "none"));
    // A link to the page is no harm.
    if is_elsewhere && !(request.uri().path() == "/" && request.method() == Method::GET) {
        return Err(Refused(403, "a page of another site may not ask here".to_owned()));
    }
    Ok(())
}

/// The one value of a header; `None`: there is none, or more than one.
fn one<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    let mut values = headers.get_all(name).iter();
    let value = values.next()?.to_str().ok()?;
    values.next().is_none().then_some(value)
}

fn is_loopback(host: &str) -> bool {
    HOSTS.iter().any(|known| {
        host.strip_prefix(known).is_some_and(|port| {
            port.is_empty() || port.strip_prefix(':').is_some_and(|digits| digits.parse::<u16>().is_ok())
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(method: &Method, path: &str, headers: &[(&str, &str)]) -> Option<String> {
        let mut request = Request::builder().method(method).uri(path);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let refused = check(&request.body(()).unwrap()).err();
        refused.map(|Refused(status, text)| {
            assert_eq!(status, 403);
            text
        })
    }

    #[test]
    fn only_this_machines_own_names_are_hosts() {
        for host in ["127.0.0.1:4612", "localhost:1", "localhost", "[::1]:4612"] {
            assert_eq!(refused(&Method::GET, "/", &[("host", host)]), None, "{host}");
        }
        for host in ["evil.example", "localhost.evil.example:4612", "127.0.0.1.nip.io", "localhost:", "localhost:x", ""]
        {
            let text = refused(&Method::GET, "/", &[("host", host)]).unwrap();
            assert!(text.contains("accepted: 127.0.0.1, localhost, [::1]"), "{text}");
        }
        assert!(refused(&Method::GET, "/", &[]).is_some());
        let twice = [("host", "localhost"), ("host", "evil.example")];
        assert!(refused(&Method::GET, "/", &twice).is_some());
    }

    #[test]
    fn only_the_page_itself_and_programs_may_ask() {
        let post = |name, value| refused(&Method::POST, "/_local/faults", &[("host", "localhost:4612"), (name, value)]);
        assert_eq!(post("accept", "*/*"), None, "a program");
        assert_eq!(post("origin", "http://localhost:4612"), None);
        assert_eq!(post("sec-fetch-site", "same-origin"), None);
        let others = [
            "https://evil.example",
            "http://localhost:3000",
            "https://localhost:4612",
            "null",
            "http://127.0.0.1:4612",
        ];
        for origin in others {
            assert!(post("origin", origin).unwrap().contains("accepted: http://localhost:4612"), "{origin}");
        }
        for site in ["cross-site", "same-site"] {
            assert!(post("sec-fetch-site", site).is_some());
            let get = [("host", "localhost"), ("sec-fetch-site", site)];
            assert!(refused(&Method::GET, "/_local/state", &get).is_some());
            assert_eq!(refused(&Method::GET, "/", &get), None, "a link");
        }
    }
}
