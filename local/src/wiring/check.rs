//! What of a template cannot be wired: found at the start, so that no event is lost in silence.

use super::{WiringError, notice};
use crate::template::{Template, id_of};

/// A target that is neither a queue nor a function nor a topic of the template would lose events in silence.
pub(super) fn targets(template: &Template) -> Result<(), WiringError> {
    for (id, rule) in &template.rules {
        for target in &rule.targets {
            let dead_letters = target.dead_letter_config.iter().map(|config| &config.arn);
            for queue in dead_letters {
                if !template.queues.contains_key(id_of(queue)) {
                    return Err(WiringError(format!("{id}: the dead-letter queue {queue} is none of the template")));
                }
            }
            let name = id_of(&target.arn);
            let known = template.queues.contains_key(name)
                || template.functions.contains_key(name)
                || template.topics.contains(name);
            if !known {
                return Err(WiringError(format!("{id}: the target {} is none of the template", target.arn)));
            }
            match &target.input_transformer {
                Some(_) if !template.topics.contains(name) => {
                    return Err(WiringError(format!("{id}: only topics get something else than the event here")));
                }
                Some(transformer) => notice::check(id, transformer)?,
                None => {}
            }
        }
    }
    for (id, mapping) in &template.mappings {
        let (function, queue) = (&mapping.function_name, id_of(&mapping.event_source_arn));
        let timeout = template.functions.get(function).map(|function| function.timeout);
        let timeout =
            timeout.ok_or_else(|| WiringError(format!("{id}: the function {function} is none of the template")))?;
        // AWS refuses such a mapping: a message would come again while it is still worked on.
        if template.queues.get(queue).is_some_and(|queue| queue.visibility_timeout < timeout) {
            return Err(WiringError(format!(
                "{id}: the visibility time-out of {queue} is less than the {timeout} s of {function}"
            )));
        }
    }
    Ok(())
}
