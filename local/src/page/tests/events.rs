//! The stream of changes.

use super::*;
use crate::page::stream::STREAMS_MAX;
use crate::page::watch::CHANGES_MAX;

/// A stream, read event by event.
struct Stream {
    body: Incoming,
    text: String,
}

/// An event of it.
#[derive(Debug)]
struct Event {
    id: String,
    name: String,
    data: Value,
}

impl Stream {
    async fn open(rig: &Rig, last: Option<&str>) -> Self {
        let mut request = Request::get(format!("{}/_local/events", rig.cloud.gateway.url()));
        if let Some(last) = last {
            request = request.header("last-event-id", last);
        }
        let response = rig.send(request.body(Full::default()).unwrap()).await;
        assert_eq!(response.status(), StatusCode::OK);
        assert_eq!(response.headers()["content-type"], "text/event-stream; charset=utf-8");
        Self { body: response.into_body(), text: String::new() }
    }

    /// The next event; comments and the browser's own settings are passed over.
    async fn next(&mut self) -> Event {
        loop {
            if let Some((block, rest)) = self.text.split_once("\n\n") {
                let (block, rest) = (block.to_owned(), rest.to_owned());
                self.text = rest;
                let field = |name: &str| {
                    block.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(": ").map(str::to_owned))
                };
                if let (Some(id), Some(name), Some(data)) = (field("id"), field("event"), field("data")) {
                    return Event { id, name, data: serde_json::from_str(&data).unwrap() };
                }
                continue;
            }
            let frame = tokio::time::timeout(PATIENCE, self.body.frame()).await.expect("an event in time");
            let data = frame.expect("the stream goes on").unwrap().into_data().unwrap();
            self.text.push_str(std::str::from_utf8(&data).unwrap());
        }
    }
}

fn add(rig: &Rig, id: &str) {
    rig.cloud.catalog.add(NewProduct::new(id, &format!("sandbox-{id}"), rig.cloud.clock.now()));
}

#[tokio::test]
async fn a_snapshot_comes_first_and_then_each_change() {
    let rig = Rig::new().await;
    let mut stream = Stream::open(&rig, None).await;
    let first = stream.next().await;
    assert_eq!(first.name, "snapshot");
    assert!(first.data["products"]["pp-a"].is_object());
    let run = first.data["run"].as_str().unwrap();
    assert_eq!(first.id, format!("{run}-0"));
    add(&rig, "pp-b");
    let second = stream.next().await;
    assert_eq!((second.name.as_str(), second.id), ("change", format!("{run}-1")));
    let products: Vec<&String> = second.data["products"].as_object().unwrap().keys().collect();
    assert_eq!(products, ["pp-b"], "only what is new");
    assert!(second.data.get("queues").is_none());
    rig.cloud.clock.set_speed(7.0);
    let third = stream.next().await;
    assert_eq!((&third.data["settings"]["speed"], third.data.get("products")), (&json!(7.0), None));
}

#[tokio::test]
async fn who_was_away_for_a_moment_gets_what_was_missed() {
    let rig = Rig::new().await;
    let mut stream = Stream::open(&rig, None).await;
    let snapshot = stream.next().await;
    add(&rig, "pp-b");
    let missed = stream.next().await;
    drop(stream);
    let mut again = Stream::open(&rig, Some(&snapshot.id)).await;
    let event = again.next().await;
    assert_eq!((event.name.as_str(), &event.id), ("change", &missed.id));
    add(&rig, "pp-c");
    assert!(again.next().await.data["products"]["pp-c"].is_object());
    // Of another cloud, of the future, or no id at all.
    let run = snapshot.data["run"].as_str().unwrap();
    for strange in ["00000000-0".to_owned(), format!("{run}-99"), "x".to_owned(), format!("{run}-18446744073709551615")]
    {
        assert_eq!(Stream::open(&rig, Some(&strange)).await.next().await.name, "snapshot", "{strange}");
    }
}

#[tokio::test]
async fn who_is_too_slow_gets_a_snapshot_again_and_holds_nobody_up() {
    let rig = Rig::new().await;
    let mut slow = Stream::open(&rig, None).await;
    assert_eq!(slow.next().await.name, "snapshot");
    // More than a connection holds by itself, so that the stream has to wait for its reader.
    let padding = "x".repeat(256 * 1024);
    for number in 1..=CHANGES_MAX as u64 * 2 {
        rig.local.watch().tell(number, format!("{{\"padding\":\"{padding}\"}}"));
        tokio::task::yield_now().await;
    }
    assert_eq!(rig.ask("GET", "state", None).await.0, 200, "others are answered");
    let mut last = 0;
    loop {
        let event = slow.next().await;
        let number: u64 = event.id.rsplit_once('-').unwrap().1.parse().unwrap();
        if event.name == "snapshot" {
            break;
        }
        assert_eq!(number, last + 1, "no gap before the snapshot");
        last = number;
    }
    assert!(last < CHANGES_MAX as u64 * 2);
}

#[tokio::test]
async fn nobody_is_looked_at_when_nobody_looks() {
    let rig = Rig::new().await;
    assert!(!rig.local.watch().is_looking().await);
    let mut stream = Stream::open(&rig, None).await;
    stream.next().await;
    assert!(rig.local.watch().is_looking().await);
    drop(stream);
    for _ in 0..100 {
        if !rig.local.watch().is_looking().await {
            return;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("it goes on looking");
}

#[tokio::test]
async fn places_for_streams_are_limited_and_come_back() {
    let rig = Rig::new().await;
    let mut streams = Vec::new();
    for _ in 0..STREAMS_MAX {
        let mut stream = Stream::open(&rig, None).await;
        stream.next().await;
        streams.push(stream);
    }
    let (status, text) = rig.refused("GET", "events", None).await;
    assert!(status == 503 && text.contains("close some"), "{text}");
    streams.clear();
    for _ in 0..100 {
        if rig
            .send(Request::get(format!("{}/_local/events", rig.cloud.gateway.url())).body(Full::default()).unwrap())
            .await
            .status()
            == StatusCode::OK
        {
            return;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("the places of closed streams stay taken");
}
