//! Who may ask, and what they get that ask for something else.

use super::*;
use crate::page::assets;

#[tokio::test]
async fn a_page_of_another_site_drives_nothing() {
    let rig = Rig::new().await;
    let host = rig.cloud.gateway.address().to_string();
    let url = format!("{}/_local/faults", rig.cloud.gateway.url());
    let add = |headers: &[(&str, &str)]| {
        let mut request = Request::post(&url);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        request.body(Full::from(r#"{"effect":"drop","caller":"sweep"}"#)).unwrap()
    };
    let json = ("content-type", "application/json");
    let own = format!("http://{host}");
    for (headers, status) in [
        (vec![json], 201),
        (vec![json, ("origin", own.as_str()), ("sec-fetch-site", "same-origin")], 201),
        (vec![json, ("host", "evil.example")], 403),
        (vec![json, ("host", "evil.example"), ("origin", "http://evil.example")], 403),
        (vec![json, ("origin", "https://evil.example")], 403),
        (vec![json, ("origin", "null")], 403),
        (vec![json, ("sec-fetch-site", "cross-site")], 403),
        (vec![("content-type", "text/plain")], 415),
        (vec![], 415),
    ] {
        let response = rig.send(add(&headers)).await;
        assert!(!response.headers().contains_key("access-control-allow-origin"));
        let (got, answer) = read(response).await;
        assert_eq!(got, status, "{headers:?}: {answer}");
    }
    assert_eq!(rig.ask("GET", "faults", None).await.1["faults"].as_array().unwrap().len(), 2);
    let preflight = Request::options(&url).header("origin", own).body(Full::default()).unwrap();
    assert_eq!(rig.send(preflight).await.status(), StatusCode::METHOD_NOT_ALLOWED);
    let page = Request::get(rig.cloud.gateway.url()).header("host", "evil.example").body(Full::default()).unwrap();
    assert_eq!(rig.send(page).await.status(), StatusCode::FORBIDDEN);
}

#[tokio::test]
async fn other_paths_and_methods_are_refused_with_what_is_there() {
    let rig = Rig::new().await;
    for (method, path, status, says) in [
        ("GET", "nothing", 404, "state, events, faults"),
        ("GET", "", 404, "state, events, faults"),
        ("GET", "../Cargo.toml", 404, "there is nothing"),
        ("POST", "state", 405, "accepted: GET"),
        ("PUT", "faults", 405, "accepted: GET, POST, DELETE"),
        ("GET", "faults/call-1", 405, "accepted: DELETE"),
        ("GET", "samples/terminate/expired", 405, "accepted: POST"),
        ("POST", "samples/terminate/nothing", 404, "GET /_local/samples lists them"),
        ("POST", "pause", 405, "accepted: PUT, DELETE"),
        ("GET", "speed", 405, "accepted: PUT"),
        ("PUT", "settings", 405, "accepted: GET, PATCH"),
        ("POST", "page.css", 405, "accepted: GET"),
    ] {
        let (got, text) = rig.refused(method, path, None).await;
        assert!(got == status && text.contains(says), "{method} {path}: {got} {text}");
    }
}

#[tokio::test]
async fn the_page_is_whole_and_has_nothing_inline() {
    let rig = Rig::new().await;
    let response = rig.send(Request::get(rig.cloud.gateway.url()).body(Full::default()).unwrap()).await;
    let policy = response.headers()["content-security-policy"].to_str().unwrap().to_owned();
    assert!(policy.contains("default-src 'none'") && policy.contains("script-src 'self'"), "{policy}");
    assert!(!policy.contains("unsafe"), "{policy}");
    assert_eq!(response.headers()["x-content-type-options"], "nosniff");
    let body = response.into_body().collect().await.unwrap().to_bytes();
    let page = std::str::from_utf8(&body).unwrap();
    assert_eq!(page, assets::PAGE);
    for inline in ["<style", " style=", " onclick=", "javascript:", "http://", "https://"] {
        assert!(!page.contains(inline), "{inline}");
    }
    let mut wanted: Vec<&str> = page.split("\"/_local/").skip(1).filter_map(|rest| rest.split('"').next()).collect();
    wanted.retain(|path| path.contains('.'));
    assert!(wanted.len() >= 3, "{wanted:?}");
    while let Some(path) = wanted.pop() {
        let (kind, text) = assets::file(path).unwrap_or_else(|| panic!("{path} is missing"));
        let response =
            rig.send(Request::get(format!("{}/_local/{path}", rig.cloud.gateway.url())).body(Full::default()).unwrap());
        let response = response.await;
        assert!(response.headers()["content-type"].to_str().unwrap().starts_with(kind), "{path}");
        assert_eq!(response.into_body().collect().await.unwrap().to_bytes(), text.as_bytes());
        // No text may ever become markup.
        for markup in ["innerHTML", "outerHTML", "insertAdjacentHTML", "document.write", "eval("] {
            assert!(!text.contains(markup), "{path}: {markup}");
        }
        let imports = text.split("from \"./").skip(1).filter_map(|rest| rest.split('"').next());
        wanted.extend(imports.filter(|_| path == "main.js"));
    }
}
