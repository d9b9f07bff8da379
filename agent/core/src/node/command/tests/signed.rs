//! Signatures: what is signed is exactly what is read.

use super::*;
use ring::signature::{Ed25519KeyPair, KeyPair};

fn pair() -> (Ed25519KeyPair, VerifyKey) {
    let pair = Ed25519KeyPair::from_seed_unchecked(&[7; 32]).unwrap();
    let key = VerifyKey::from_bytes(pair.public_key().as_ref().try_into().unwrap());
    (pair, key)
}

fn reason(body: &str, keys: &[VerifyKey]) -> Option<&'static str> {
    read(body.as_bytes(), keys).command.err().map(|refusal| refusal.error.reason())
}

/// RFC 8032, section 7.1, test 2.
#[test]
fn the_vector_of_the_standard_verifies() {
    let hex = |text: &str| -> Vec<u8> {
        (0..text.len() / 2).map(|n| u8::from_str_radix(&text[2 * n..2 * n + 2], 16).unwrap()).collect()
    };
    let key = hex("3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c");
    let signature = hex(concat!(
        "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da",
        "085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00"
    ));
    use base64::prelude::{BASE64_STANDARD, Engine};
    let signature = BASE64_STANDARD.encode(signature);
    let key = VerifyKey::from_base64(&BASE64_STANDARD.encode(key)).unwrap();
    assert!(verify(&key, &[0x72], &signature));
    assert!(!verify(&key, &[0x73], &signature));
    assert!(!verify(&key, &[0x72], "not base64"));
    assert_eq!(VerifyKey::from_base64("AAAA"), Err(VerifyKeyError));
}

#[test]
fn a_signed_command_passes_and_nothing_else_does() {
    let (pair, key) = pair();
    let keys = [key.clone()];
    let text = start().to_string();
    let body = sign_text(&text, pair.sign(text.as_bytes()).as_ref());
    assert_eq!(reason(&body, &keys), None);
    // The digest is the text's, so that a wrapper does not make a repeat look new.
    assert_eq!(read(body.as_bytes(), &keys), read(text.as_bytes(), &[]));

    assert_eq!(reason(&text, &keys), Some("unsigned"));
    let changed = body.replace("\\\"users\\\":100", "\\\"users\\\":101");
    assert_ne!(changed, body);
    assert_eq!(reason(&changed, &keys), Some("bad_signature"));
    let other = VerifyKey::from_bytes([9; 32]);
    assert_eq!(reason(&body, std::slice::from_ref(&other)), Some("bad_signature"));
    // While a key takes the other's place, either counts.
    for both in [[key.clone(), other.clone()], [other, key]] {
        assert_eq!(reason(&body, &both), None);
    }
    // Of what nobody vouches for nothing is repeated, names of fields neither.
    let more = body.replacen('{', "{\"canary\":{\"all\":true},", 1);
    assert_eq!(reason(&more, &[]), Some("unknown_field"));
    let enveloped = "{\"Type\":\"canary\"}";
    for (untrusted, word) in
        [(more.as_str(), "bad_signature"), (enveloped, "unsigned"), ("canary", "unsigned")]
    {
        let refusal = read(untrusted.as_bytes(), &keys).command.unwrap_err();
        assert_eq!(refusal.error.reason(), word);
        assert!(!refusal.error.to_string().contains("canary"), "{}", refusal.error);
    }
}

#[test]
fn nothing_is_told_of_a_command_that_is_not_trusted() {
    let keys = [pair().1];
    let refusal = read(start().to_string().as_bytes(), &keys).command.unwrap_err();
    assert_eq!(*refusal, Refusal::of(CommandError::Unsigned));
}

fn sns(message: &str) -> String {
    serde_json::json!({"Type": "Notification", "Message": message}).to_string()
}

/// The mistake is the wrapping: "unsigned" would send a person to look for a key.
#[test]
fn a_wrapping_is_named_with_a_key_too_and_nothing_in_it_is_repeated() {
    let (pair, key) = pair();
    let keys = [key];
    let text = start().to_string();
    let signed = sign_text(&text, pair.sign(text.as_bytes()).as_ref());
    for command in [&signed, &text] {
        for wrapped in [
            serde_json::json!({"canary": command}).to_string(),
            serde_json::json!({"default": command}).to_string(),
            serde_json::json!({"Type": "Notification", "Message": sns(command)}).to_string(),
            serde_json::Value::String(command.clone()).to_string(),
            format!("[{command}]"),
            format!("\u{feff}{command}"),
        ] {
            let refusal = read(wrapped.as_bytes(), &keys).command.unwrap_err();
            assert_eq!(refusal.error.reason(), "wrapped", "{wrapped}");
            assert!(!refusal.error.to_string().contains("canary"), "{}", refusal.error);
            assert_eq!(*refusal, Refusal::of(refusal.error.clone()), "nothing else is told of it");
        }
    }
}

#[test]
fn without_a_key_a_signature_is_not_looked_at() {
    let body = sign_text(&start().to_string(), &[0; 64]);
    assert_eq!(reason(&body, &[]), None);
}
