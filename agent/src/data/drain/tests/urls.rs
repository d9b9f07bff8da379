//! Drain URLs as people write them.

use super::*;

#[test]
fn urls_become_write_endpoints() {
    let cases = [
        ("http://127.0.0.1:8086", "http://127.0.0.1:8086/write?db=gridnode&precision=ns"),
        ("http://h/", "http://h/write?db=gridnode&precision=ns"),
        ("https://h/a/b/", "https://h/a/b/write?db=gridnode&precision=ns"),
        ("http://h/a/write", "http://h/a/write?db=gridnode&precision=ns"),
        ("http://h/write?db=x&precision=ms", "http://h/write?db=x&precision=ns"),
        ("http://h?rp=a+b&db=x", "http://h/write?db=x&precision=ns&rp=a+b"),
        ("http://h?u=me&p=secret", "http://h/write?db=gridnode&precision=ns"),
        ("http://u:p@[::1]:1/", "http://[::1]:1/write?db=gridnode&precision=ns"),
    ];
    for (text, expected) in cases {
        let url = DrainUrl::parse(text, None).unwrap();
        assert_eq!(url.write().as_str(), expected, "{text}");
        assert!(url.ping().path().ends_with("/ping") && url.ping().query().is_none());
    }
}

#[test]
fn what_cannot_be_a_drain_is_said_without_the_password() {
    let cases = [
        ("127.0.0.1:8086", "does not begin with http://"),
        ("localhost:8086", "does not begin with http://"),
        ("", "does not begin with http://"),
        ("ftp://u:secret@h", "begins with `ftp:`"),
        ("http://", "cannot be read"),
        ("http://u:secret@h:99999", "cannot be read"),
        ("http://h/#a", "after `#`"),
        ("http://h/?database=x", "write it as db=NAME"),
        ("http://h/?DB=x", "in small letters"),
        ("http://h/?db=x&password=secret", "user:password@host"),
    ];
    for (text, expected) in cases {
        let error = DrainUrl::parse(text, None).unwrap_err().to_string();
        assert!(error.contains(expected) && !error.contains("secret"), "{text}: {error}");
    }
    let token = Some(Auth::Token("a\nb".into()));
    assert_eq!(DrainUrl::parse("http://h", token).unwrap_err(), DrainUrlError::Credentials);
}

#[test]
fn credentials_become_a_header_and_are_never_shown() {
    let header = |text: &str, auth| {
        let url = DrainUrl::parse(text, auth).unwrap();
        let shown = format!("{url:?} {} {:?}", url.shown(), url.auth().map(Auth::header));
        assert!(!shown.contains("secret") && !shown.contains("c2VjcmV0"), "{shown}");
        url.auth().map(|a| a.header().to_str().unwrap().to_owned())
    };
    assert_eq!(header("http://h", None), None);
    assert_eq!(header("http://me:secret@h", None).unwrap(), "Basic bWU6c2VjcmV0");
    assert_eq!(header("http://h?u=me&p=secret", None).unwrap(), "Basic bWU6c2VjcmV0");
    assert_eq!(header("http://a:b@h", Some(Auth::Token("secret".into()))).unwrap(), "Token secret");
    assert_eq!(header("http://h", Some(Auth::Bearer("secret".into()))).unwrap(), "Bearer secret");
}
