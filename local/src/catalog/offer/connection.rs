//! Connections to repositories: checked like everything else, and then refused, since there are none here.

use crate::catalog::input::{Input, Refused, Rule, some};

const ARN: Rule = Rule(
    1,
    1224,
    "arn:[a-z0-9][-.a-z0-9]{0,62}:codestar-connections:([a-z0-9][-.a-z0-9]{0,62})?:([a-z0-9][-.a-z0-9]{0,62})?:[^/].{0,1023}",
);

/// Whether a request has a connection.
pub(super) fn is_there(input: &Input) -> Result<bool, Refused> {
    let Some(source) = input.part("SourceConnection")? else { return Ok(false) };
    source.one_of("Type", &["CODESTAR"])?;
    if let Some(repository) = source.required_part("ConnectionParameters")?.part("CodeStar")? {
        repository.required("ConnectionArn", ARN)?;
        repository.required("Repository", some(100))?;
        repository.required("Branch", some(250))?;
        repository.required("ArtifactPath", some(4096))?;
    }
    Ok(true)
}
