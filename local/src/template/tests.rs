use super::*;

fn parse(text: &str) -> Result<Template, TemplateError> {
    Template::parse(text, &BTreeMap::new(), &Place::default())
}

fn real(overrides: &[(&str, &str)]) -> Result<Template, TemplateError> {
    let overrides = overrides.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../template.yaml");
    Template::read(&path, &overrides, &Place::default())
}

#[test]
fn the_real_template_is_read_whole() {
    let template = real(&[]).unwrap();
    assert_eq!(template.buses["Bus"], "steward-bus");
    let function = &template.functions["TerminateFunction"];
    assert_eq!(function.environment.variables["TABLE_NAME"], "Table");
    assert_eq!(function.environment.variables["DRY_RUN"], "true", "a cleanup tool is armed on purpose");
    assert_eq!(id_of(&function.role), "TerminateRole");
    assert_eq!(template.rules["ProductExpiredRule"].event_bus_name.as_deref(), Some("steward-bus"));
    assert_eq!(id_of(&template.rules["ProductExpiredRule"].targets[0].arn), "TerminationsQueue");
    let stack = &template.rules["StackEventsRule"].event_pattern.as_ref().unwrap()["detail"]["stack-id"][0]["prefix"];
    assert_eq!(stack, "arn:aws:cloudformation:eu-central-1:111122223333:stack/SC-");
    let principals =
        &template.policies["BusRequestersPolicy"]["Statement"]["Condition"]["ArnNotLike"]["aws:PrincipalArn"];
    assert_eq!(principals.as_array().unwrap().len(), 6, "nobody but Steward by default");
}

#[test]
fn parameters_are_given_and_checked() {
    let armed = real(&[("DryRun", "false"), ("Requesters", "arn:aws:iam::1:role/a, arn:aws:iam::1:role/b")]).unwrap();
    assert_eq!(armed.functions["TerminateFunction"].environment.variables["DRY_RUN"], "false");
    let principals = &armed.policies["BusRequestersPolicy"]["Statement"]["Condition"]["ArnNotLike"]["aws:PrincipalArn"];
    assert_eq!(principals.as_array().unwrap().len(), 8);
    let problem = |overrides: &[(&str, &str)]| real(overrides).unwrap_err().to_string();
    assert!(
        problem(&[("Speed", "9")])
            .contains("Parameters.Speed: is no parameter; accepted: ActionPolicyArns, AllowIgnoreErrors")
    );
    assert!(problem(&[("Lease", "soon")]).contains("Parameters.Lease: \"soon\" does not match"));
    assert!(problem(&[("Architecture", "mips")]).contains("\"mips\" is not among arm64, x86_64"));
}

#[test]
fn a_resource_whose_condition_does_not_hold_is_not_there_and_others_do_without_it() {
    let own = real(&[]).unwrap();
    assert!(own.tables.contains_key("Table") && !own.rules.contains_key("CentralBusRule"));
    assert!(own.roles["TerminateRole"].managed_policy_arns.is_empty());
    let allowed = |template: &Template| template.roles["TerminateRole"].policies[0].policy_document.statement.len();
    let given = real(&[
        ("ExistingTableName", "restored"),
        ("CentralBusArn", "arn:aws:events:eu-central-1:111122223333:event-bus/central"),
        ("TerminatePolicyArns", "arn:aws:iam::111122223333:policy/a"),
        ("Tracing", "true"),
    ]);
    let given = given.unwrap();
    assert!(!given.tables.contains_key("Table") && given.rules.contains_key("CentralBusRule"));
    let function = &given.functions["TerminateFunction"];
    assert_eq!(function.environment.variables["TABLE_NAME"], "restored");
    assert_eq!(function.tracing, "Active");
    let role = &given.roles["TerminateRole"];
    assert_eq!(role.managed_policy_arns, ["arn:aws:iam::111122223333:policy/a"]);
    let table = &role.policies[0].policy_document.statement[0].resource;
    assert_eq!(*table, ["arn:aws:dynamodb:eu-central-1:111122223333:table/restored"]);
    assert_eq!(allowed(&given), allowed(&own) + 1, "traces");
}

#[test]
fn what_is_not_known_is_an_error_that_says_where() {
    let queue =
        |properties: &str| format!("Resources:\n  Q:\n    Type: AWS::SQS::Queue\n    Properties:\n{properties}");
    for (text, expected) in [
        ("[]".to_owned(), "the file: is no mapping"),
        ("Mappings: {}".to_owned(), "Mappings: an unknown section"),
        ("Resources:\n  Q:\n    Type: AWS::S3::Bucket".to_owned(), "Q: the type AWS::S3::Bucket is not known"),
        ("Resources:\n  Q: {Type: AWS::SQS::Queue, DependsOn: X}".to_owned(), "Q.DependsOn: unknown"),
        (queue("      Fifo: true"), "Q.Properties: unknown field `Fifo`"),
        (queue("      DelaySeconds: !Ref Nothing"), "Q.Properties.DelaySeconds: nothing is called \"Nothing\""),
        (queue("      DelaySeconds: !FindInMap [a]"), "the intrinsic !FindInMap is not known"),
        (queue("      DelaySeconds: !GetAtt Q.Color"), "the attribute Q.Color of a AWS::SQS::Queue is not known"),
        (queue("      DelaySeconds: {Ref: Q}"), "Ref is written short here"),
        (queue("      DelaySeconds: !If [Sunny, 1, 2]"), "no condition \"Sunny\""),
        (queue("      DelaySeconds: !Sub a${Q"), "an open ${"),
    ] {
        let error = parse(&text).unwrap_err().to_string();
        assert!(error.contains(expected), "{text}\ngave {error}\nnot  {expected}");
    }
}
