//! Where a template comes from: `data:` URLs, the only ones that lead anywhere here.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use percent_encoding::{NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};

use crate::catalog::input::{Input, Refused, up_to};

/// A template's URL and its text, from the `Info` of a version.
pub(super) fn template(parameters: &Input) -> Result<(String, String), Refused> {
    let info = parameters.map("Info", &[], up_to(usize::MAX))?.unwrap_or_default();
    let [(key, url)] = info.as_slice() else {
        return Err(Refused::invalid("Info must have exactly one member."));
    };
    if key != "LoadTemplateFromURL" {
        let text = format!("The local cloud knows no {key}; give LoadTemplateFromURL with a data: URL.");
        return Err(Refused::invalid(text));
    }
    let text = text(url).ok_or_else(|| {
        Refused::invalid(
            "LoadTemplateFromURL must be a data: URL here, with JSON or YAML in base64 or percent-encoded: \
             the local cloud fetches nothing.",
        )
    })?;
    Ok((url.clone(), text))
}

/// The text of a `data:` URL.
fn text(url: &str) -> Option<String> {
    let (about, data) = url.strip_prefix("data:")?.split_once(',')?;
    let bytes: Vec<u8> = percent_decode_str(data).collect();
    let bytes = if about.ends_with(";base64") { STANDARD.decode(bytes).ok()? } else { bytes };
    String::from_utf8(bytes).ok()
}

/// The URL of a template that came without one.
pub(super) fn url(template: &str) -> String {
    format!("data:,{}", utf8_percent_encode(template, NON_ALPHANUMERIC))
}
