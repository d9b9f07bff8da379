//! From a message's body to the command's text: SNS's envelope where delivery is not raw, and the signed wrapper.

use super::json::Json;
use super::{BODY_BYTES_MAX, CommandError, VerifyKey, fields::Fields, value, verify, wrapping};

/// The command's own text, and the same as JSON.
pub(super) fn open(body: &[u8], keys: &[VerifyKey]) -> Result<(String, Json), CommandError> {
    if body.len() > BODY_BYTES_MAX {
        return Err(CommandError::TooLarge { bytes: body.len(), max: BODY_BYTES_MAX });
    }
    let text = std::str::from_utf8(body).map_err(|_| CommandError::NotText)?;
    let (text, json) = match unwrap_sns(text.to_owned()) {
        // A wrapping is the sender's mistake whether or not there is a signature in it, and its name is ours.
        Err(CommandError::Envelope(_) | CommandError::Json(_)) if !keys.is_empty() => {
            return Err(CommandError::Unsigned);
        }
        unwrapped => unwrapped?,
    };
    match json {
        Json::Object(object) if object.contains_key("signed") => unwrap_signed(Json::Object(object), keys),
        json => match wrapping::of(&json, keys.is_empty()) {
            Some(wrapping) => Err(CommandError::Wrapped(wrapping)),
            None if !keys.is_empty() => Err(CommandError::Unsigned),
            None => Ok((text, json)),
        },
    }
}

/// AWS may add fields to its envelope: those of it that do not matter here are not looked at.
fn unwrap_sns(text: String) -> Result<(String, Json), CommandError> {
    let json = parse(&text)?;
    let Json::Object(object) = &json else { return Ok((text, json)) };
    let Some(Json::Text(kind)) = object.get("Type") else { return Ok((text, json)) };
    match object.get("Message") {
        Some(Json::Text(message)) if kind == "Notification" => {
            let json = parse(message)?;
            Ok((message.clone(), json))
        }
        _ if kind == "Notification" => Err(CommandError::MissingField("Message".to_owned())),
        _ => Err(CommandError::Envelope(kind.chars().take(80).collect())),
    }
}

fn unwrap_signed(json: Json, keys: &[VerifyKey]) -> Result<(String, Json), CommandError> {
    let (text, signature) = match wrapper(json) {
        // Of what nobody vouches for, nothing is repeated.
        Err(_) if !keys.is_empty() => return Err(CommandError::BadSignature),
        read => read?,
    };
    if !keys.is_empty() && !keys.iter().any(|key| verify(key, text.as_bytes(), &signature)) {
        return Err(CommandError::BadSignature);
    }
    let json = parse(&text)?;
    Ok((text, json))
}

/// The signed text and its signature.
fn wrapper(json: Json) -> Result<(String, String), CommandError> {
    let mut fields = Fields::new(json, "", &["signed", "signature"])?;
    let text = fields.required("signed", value::text(BODY_BYTES_MAX))?;
    let signature = fields.required("signature", value::text(200))?;
    Ok((text, signature))
}

fn parse(text: &str) -> Result<Json, CommandError> {
    Json::parse(text).map_err(|why| match wrapping::of_text(text) {
        Some(wrapping) => CommandError::Wrapped(wrapping.to_owned()),
        None => CommandError::Json(why),
    })
}
