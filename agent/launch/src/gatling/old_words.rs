//! What is said on top of a compiler's words when a plan is in the language of Gatling 1 or 2: how it is written now.

/// What Scala's compiler, then Java's, says of a name that it does not know.
const UNKNOWN: [(&str, &[char]); 5] = [
    ("value ", &[' ', '\n']),
    ("object ", &[' ', '\n']),
    ("type ", &[' ', '\n']),
    ("method ", &['(', ' ', '\n']),
    ("variable ", &[' ', '\n']),
];
/// Names of Gatling 2 that Gatling 3 has under another, or not at all.
const RENAMED: [(&str, &str); 21] = [
    ("baseURL", "`baseURL` is `baseUrl`"),
    ("baseURLs", "`baseURLs` is `baseUrls`"),
    ("wsBaseURL", "`wsBaseURL` is `wsBaseUrl`"),
    ("wsBaseURLs", "`wsBaseURLs` is `wsBaseUrls`"),
    ("over", "`rampUsers(n) over (t)` is `rampUsers(n).during(t)`"),
    ("heavisideUsers", "`heavisideUsers(n) over (t)` is `stressPeakUsers(n).during(t)`"),
    ("lessThan", "`lessThan` is `lt`"),
    ("greaterThan", "`greaterThan` is `gt`"),
    ("lessThanOrEqual", "`lessThanOrEqual` is `lte`"),
    ("greaterThanOrEqual", "`greaterThanOrEqual` is `gte`"),
    ("asJSON", "`asJSON` is `asJson`"),
    ("asXML", "`asXML` is `asXml`"),
    ("ELFileBody", "`ELFileBody` is `ElFileBody`"),
    ("maxConnectionsPerHostLikeChrome", "`maxConnectionsPerHostLikeChrome` is `maxConnectionsPerHost(6)`"),
    ("disableClientSharing", "`disableClientSharing` is the default: leave it out"),
    ("extraInfoExtractor", "`extraInfoExtractor` is gone: leave it out"),
    ("disableResponseChunksDiscarding", "`disableResponseChunksDiscarding` is gone: leave it out"),
    ("protocolConfig", "`protocolConfig` is `protocols`"),
    ("users", "`users(n)` is `inject(atOnceUsers(n))`"),
    ("ramp", "`ramp(t)` is `inject(rampUsers(n).during(t))`"),
    ("Headers", "`io.gatling.http.Headers.Names` is `HttpHeaderNames` of `io.gatling.http.Predef`"),
];
/// Names that come with Gatling's imports.
const IMPORTED: [&str; 8] =
    ["Simulation", "setUp", "scenario", "http", "exec", "atOnceUsers", "rampUsers", "feed"];

/// A sentence, where there is more to say than the compiler did. `version` is the Gatling that the plan was compiled for.
#[must_use]
pub fn advice(words: &str, version: &str) -> Option<String> {
    if words.contains("excilys") {
        return Some(format!(
            "this plan is written for Gatling 1; for Gatling {version} its imports are `io.gatling.core.Predef._` and \
             `io.gatling.http.Predef._`, and much else is written in another way"
        ));
    }
    let unknown = unknown_names(words);
    let renamed: Vec<&str> =
        RENAMED.iter().filter(|(old, _)| unknown.contains(old)).map(|(_, text)| *text).collect();
    let mut moved = renamed;
    if words.contains("object config is not a member of package io.gatling.http") {
        moved.push("`io.gatling.http.config` is `io.gatling.http.protocol`");
    }
    if words.contains("overloaded method forever ") {
        moved.push("`forever() { … }` is `forever { … }`");
    }
    if !moved.is_empty() {
        return Some(format!(
            "this plan is written for an older Gatling; in Gatling {version} {}",
            moved.join(", ")
        ));
    }
    let is_unknown = |name: &&str| {
        words.contains(&format!("not found: value {name}\n"))
            || words.contains(&format!("not found: type {name}\n"))
    };
    if IMPORTED.iter().any(is_unknown) {
        return Some(
            "a simulation in Scala begins with `import io.gatling.core.Predef._` and `import io.gatling.http.Predef._`, \
             and with `import scala.concurrent.duration._` where it has times"
                .to_owned(),
        );
    }
    let missing = words.contains("error: package ") && words.contains(" does not exist")
        || words.contains(" is not a member of package ");
    missing.then(|| {
        "libraries that a build file names are not fetched here: put their jars into `lib` beside the plan, or build one jar \
         with everything and run that"
            .to_owned()
    })
}

/// What the compilers do not know, by name.
fn unknown_names(words: &str) -> Vec<&str> {
    let mut found = Vec::new();
    for line in words.lines() {
        let is_scala = line.contains(" is not a member of ") || line.contains("not found: ");
        let is_java = line.trim_start().starts_with("symbol:");
        if !is_scala && !is_java {
            continue;
        }
        for (before, ends) in UNKNOWN {
            if let Some((_, rest)) = line.split_once(before) {
                found.push(rest.trim_start().split(ends).next().unwrap_or_default());
            }
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(words: &str) -> String {
        advice(words, "3.15.1").unwrap_or_default()
    }

    #[test]
    fn an_older_language_is_translated_in_one_sentence() {
        let said = of(
            "Old.scala:5: error: value baseURL is not a member of io.gatling.http.protocol.HttpProtocolBuilder\n\
                       did you mean baseUrl?\n\
                       Old.scala:7: error: value over is not a member of io.gatling.core.controller.inject.open.Ramp\n\
                       Old.scala:7: error: not found: value heavisideUsers\n",
        );
        for word in ["Gatling 3.15.1", "`baseURL` is `baseUrl`", "rampUsers(n).during(t)", "stressPeakUsers"]
        {
            assert!(said.contains(word), "{said}");
        }
        assert_eq!(said.lines().count(), 1);
        let java = "A.java:4: error: cannot find symbol\n  symbol:   method baseURL(String)\n  location: class Http\n";
        assert!(of(java).contains("`baseUrl`"));
        assert!(of("error: object excilys is not a member of package com").contains("Gatling 1"));
        assert!(
            of("A.scala:4: error: overloaded method forever with alternatives:\n")
                .contains("`forever { … }`")
        );
        assert!(of("error: object config is not a member of package io.gatling.http\n").contains("protocol"));
    }

    #[test]
    fn missing_imports_and_libraries_are_said() {
        assert!(
            of("A.scala:1: error: not found: type Simulation\n").contains("import io.gatling.core.Predef._")
        );
        assert!(of("A.java:1: error: package org.junit does not exist\n").contains("lib"));
        assert!(of("A.scala:1: error: object joda is not a member of package org\n").contains("lib"));
        assert_eq!(of("A.scala:3: error: type mismatch;\n"), "");
        assert_eq!(of("A.java:3: error: cannot find symbol\n  symbol:   class Pages\n"), "");
    }
}
