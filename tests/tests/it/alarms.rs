//! What watches Steward: alarms and dashboard speak of metrics that there are, and of paragraphs of the runbook.

use std::collections::BTreeSet;

use serde_json::Value;
use shared::workflow::metric;
use steward_tests::{root, template};

fn of_type(wanted: &str) -> Vec<(String, Value)> {
    let resources = template()["Resources"].as_object().unwrap().clone();
    let found: Vec<_> = resources.into_iter().filter(|(_, resource)| resource["Type"] == wanted).collect();
    assert!(!found.is_empty(), "no {wanted}");
    found
}

/// The headings of a Markdown text, as links name them.
fn anchors(text: &str) -> BTreeSet<String> {
    let headings = text
        .lines()
        .filter_map(|line| line.trim_start_matches('#').strip_prefix(' ').filter(|_| line.starts_with('#')));
    let anchor = |heading: &str| {
        let kept = heading
            .to_lowercase()
            .chars()
            .filter(|c| c.is_alphanumeric() || matches!(c, ' ' | '-'))
            .collect::<String>();
        kept.trim().replace(' ', "-")
    };
    headings.map(anchor).collect()
}

#[test]
fn each_alarm_leads_to_its_paragraph_of_the_runbook() {
    let anchors = anchors(&std::fs::read_to_string(root().join("docs/runbook.md")).unwrap());
    let mut led_to = BTreeSet::new();
    for (id, alarm) in of_type("AWS::CloudWatch::Alarm") {
        let description = alarm["Properties"]["AlarmDescription"]["!Sub"].as_str().unwrap();
        let (_, anchor) = description.split_once("${RunbookUrl}#").unwrap();
        assert!(anchors.contains(anchor), "{id}: {anchor} is no paragraph of the runbook");
        assert!(led_to.insert(anchor.to_owned()), "{id}: {anchor} is another alarm's");
        let tells: Vec<&str> = alarm["Properties"]["AlarmActions"]
            .as_array()
            .unwrap()
            .iter()
            .filter_map(|to| to["!Ref"].as_str())
            .collect();
        assert_eq!(tells, ["NoticesTopic", "ChatTopic"], "{id}");
    }
}

#[test]
fn each_alarm_of_our_own_watches_a_metric_that_there_is() {
    for (id, alarm) in of_type("AWS::CloudWatch::Alarm") {
        let properties = &alarm["Properties"];
        if properties["Namespace"] == "Steward" {
            let name = properties["MetricName"].as_str().unwrap();
            assert!(metric::ALL.contains(&name), "{id}: {name}");
            let bus = &properties["Dimensions"][0];
            assert_eq!(
                (bus["Name"].as_str(), bus["Value"]["!GetAtt"].as_str()),
                (Some("Bus"), Some("Bus.Name")),
                "{id}"
            );
        }
    }
}

#[test]
fn the_dashboard_shows_each_metric_and_no_other() {
    let (id, dashboard) = of_type("AWS::CloudWatch::Dashboard").remove(0);
    let body = dashboard["Properties"]["DashboardBody"]["!Sub"].as_str().unwrap();
    let body: Value = serde_json::from_str(body).unwrap_or_else(|error| panic!("{id} is no JSON: {error}"));
    let widgets = body["widgets"].as_array().unwrap();
    let metrics = widgets.iter().filter_map(|widget| widget["properties"]["metrics"].as_array()).flatten();
    let own = metrics.filter(|metric| metric[0] == "Steward").map(|metric| metric[1].as_str().unwrap());
    assert_eq!(own.collect::<BTreeSet<_>>(), BTreeSet::from(metric::ALL));
}
