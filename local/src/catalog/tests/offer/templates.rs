//! Templates: what is read, and what their intrinsics come to.

use std::cell::Cell;
use std::collections::BTreeMap;

use crate::catalog::offer::{Stack, Template};

fn stack(text: &str, parameters: &[(&str, &str)]) -> Stack {
    Stack {
        template: Template::parse(text).unwrap(),
        parameters: parameters.iter().map(|&(key, value)| (key.to_owned(), value.to_owned())).collect(),
        account: "111122223333".to_owned(),
        region: "eu-central-1".to_owned(),
        name: "SC-1".to_owned(),
        id: "arn:stack".to_owned(),
        depth: Cell::new(0),
    }
}

fn outputs(stack: &Stack) -> BTreeMap<String, String> {
    stack.outputs().into_iter().map(|output| (output.key, output.value)).collect()
}

const YAML: &str = r#"
Parameters:
  Name: { Type: String, Default: data }
  Stage: { Type: String, Default: dev, AllowedValues: [dev, prod] }
Conditions:
  IsProd: !Equals [!Ref Stage, prod]
  IsDev: !Not [!Condition IsProd]
Mappings:
  Sizes: { dev: { size: small }, prod: { size: large } }
Resources:
  Bucket: { Type: AWS::S3::Bucket, Properties: { BucketName: !Sub "${Name}-${Stage}-${AWS::AccountId}" } }
  Queue: { Type: AWS::SQS::Queue }
  Extra: { Type: AWS::SQS::Queue, Condition: IsProd }
Outputs:
  Bucket: { Value: !Ref Bucket, Description: Where it is }
  Arn: { Value: !GetAtt Bucket.Arn }
  Url: { Value: !Sub ["https://${Host}/${Queue.QueueName}/${!Literal}", { Host: !Select [1, !Split [".", "a.b"]] }] }
  Size: { Value: !FindInMap [Sizes, !Ref Stage, size] }
  Joined: { Value: !Join ["-", [!Ref AWS::Region, x]] }
  Either: { Value: !If [IsDev, "yes", "no"] }
  OnlyProd: { Condition: IsProd, Value: "1" }
"#;

#[test]
fn outputs_are_what_intrinsics_come_to() {
    let found = outputs(&stack(YAML, &[]));
    for (key, value) in [
        ("Bucket", "data-dev-111122223333"),
        ("Arn", "arn:aws:s3:::data-dev-111122223333"),
        ("Url", "https://b/SC-1-Queue.QueueName/${Literal}"),
        ("Size", "small"),
        ("Joined", "eu-central-1-x"),
        ("Either", "yes"),
    ] {
        assert_eq!(found.get(key).map(String::as_str), Some(value), "{key}");
    }
    assert_eq!(found.get("OnlyProd"), None);
}

#[test]
fn conditions_follow_the_parameters_that_were_given() {
    let stack = stack(YAML, &[("Stage", "prod"), ("Name", "x")]);
    let found = outputs(&stack);
    assert_eq!((found["Either"].as_str(), found["OnlyProd"].as_str(), found["Size"].as_str()), ("no", "1", "large"));
    let ids: Vec<String> = stack.resources().into_iter().map(|(_, _, physical)| physical).collect();
    assert_eq!(ids, ["x-prod-111122223333", "SC-1-Extra", "SC-1-Queue"]);
}

#[test]
fn what_goes_round_in_circles_ends() {
    let circle = r"
Conditions: { A: !Condition B, B: !Condition A }
Resources: { Q: { Type: AWS::SQS::Queue, Properties: { QueueName: !Ref Q } } }
Outputs: { Q: { Value: !Ref Q }, If: { Value: !If [A, a, b] } }
";
    assert_eq!(outputs(&stack(circle, &[]))["If"], "b");
}

#[test]
fn what_is_no_template_is_refused_in_words() {
    for (text, words) in [
        ("[", "Template format error"),
        ("- a", "unsupported structure"),
        ("Resources: {}", "At least one Resources member"),
        ("Resources: { A: { Properties: {} } }", "must contain a Type member"),
        ("Resources: []", "Resources must be a map"),
        ("{ Parameters: { A: {} }, Resources: { A: { Type: T } } }", "Every Parameters object"),
    ] {
        let error = Template::parse(text).unwrap_err();
        assert!(error.contains(words), "{text}: {error}");
    }
}

#[test]
fn a_parameter_says_what_is_wrong_with_a_value() {
    let text = r#"
Parameters:
  Stage: { Type: String, AllowedValues: [dev, prod] }
  Count: { Type: Number, MinValue: 1, MaxValue: 5 }
  Name: { Type: String, MinLength: 2, MaxLength: 4, AllowedPattern: "[a-z]+" }
Resources: { Q: { Type: AWS::SQS::Queue } }
"#;
    let template = Template::parse(text).unwrap();
    let fault = |key: &str, value: &str| {
        let parameter = template.parameters.iter().find(|parameter| parameter.key == key).unwrap();
        parameter.fault(value).unwrap_or_default()
    };
    for (key, value, words) in [
        ("Stage", "test", "AllowedValues: [dev, prod]"),
        ("Count", "many", "must be a number"),
        ("Count", "0", "not less than 1"),
        ("Count", "6", "not greater than 5"),
        ("Name", "a", "at least 2"),
        ("Name", "abcde", "at most 4"),
        ("Name", "A1", "match pattern [a-z]+"),
    ] {
        assert!(fault(key, value).contains(words), "{key}={value}: {}", fault(key, value));
    }
    for (key, value) in [("Stage", "dev"), ("Count", "5"), ("Name", "abcd")] {
        assert_eq!(fault(key, value), "", "{key}={value}");
    }
}
