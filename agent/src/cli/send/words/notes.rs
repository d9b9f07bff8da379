//! What happens on the way, and what can be done when it ends badly.

use crate::control::send::Misplaced;
use gridnode_core::base::ids::Ident;
use gridnode_core::node::command::{Action, Command, Route};
use std::path::Path;

/// How many things that are left out are named.
const LEFT_OUT_NAMED_MAX: usize = 6;

/// A source that a compiler would not find, and two ways out.
pub(super) fn misplaced(Misplaced { name, package, wanted }: &Misplaced) -> String {
    format!(
        "{name} is of the package {package}, and a compiler looks for it as {wanted}: send the directory with all sources \
         (gridnode send start DIR), or this file as {wanted}=FILE"
    )
}

/// What a directory is packed without.
pub(super) fn left_out(dir: &Path, names: &[String]) -> String {
    let named = &names[..names.len().min(LEFT_OUT_NAMED_MAX)];
    let more = match names.len() - named.len() {
        0 => String::new(),
        more => format!(" and {more} more"),
    };
    let what = "not sent, because hidden, a link, or made by a build";
    format!("{what}: {}{more} of {}", named.join(", "), dir.display())
}

/// What a command asks for, in a few words.
pub(super) fn asks(command: &Command) -> String {
    match &command.action {
        Action::Start { flood } => format!("start {}", flood.key()),
        Action::Stop { flood, .. } => format!("stop {flood}"),
        Action::NodeStop => "stop nodes".to_owned(),
    }
}

/// How long nobody may answer: said where that is long, and no answer is an answer.
#[must_use]
pub fn waits(action: &Action, answer_s: u64) -> Option<String> {
    let Action::Stop { flood, .. } = action else { return None };
    Some(format!("waiting up to {answer_s} s for the nodes that have {flood}; the others say nothing"))
}

/// What to do when nobody answered.
#[must_use]
pub fn nobody(action: &Action, route: &Route) -> String {
    let why = match action {
        Action::Stop { .. } => "; a node that has no such run says nothing to a stop",
        Action::Start { .. } | Action::NodeStop => "",
    };
    format!(
        "check that there are nodes {}, and that their agents hear this topic (`gridnode status` on a node says its grid and region, and counts \
         commands for others; `gridnode check` tries the topic){why}",
        whom(route)
    )
}

fn whom(route: &Route) -> String {
    let named = |what: &str, names: &[Ident]| {
        let names: Vec<&str> = names.iter().map(Ident::as_str).collect();
        (!names.is_empty()).then(|| format!("{what} {}", names.join(" or ")))
    };
    let parts =
        [named("of grid", &route.grids), named("in region", &route.regions), named("named", &route.nodes)];
    let parts: Vec<String> = parts.into_iter().flatten().collect();
    if parts.is_empty() { "at all".to_owned() } else { parts.join(", ") }
}

/// What to do when nodes want another signature than the one that `is_signed` says was there.
#[must_use]
pub fn distrusted(is_signed: bool) -> String {
    let key = "whose public half is the nodes' control.verify_key";
    if is_signed {
        format!("sign with the key {key}: another --sign-key FILE")
    } else {
        format!("sign it with --sign-key FILE, the key {key}")
    }
}

/// What to do when waiting ended before the nodes were done.
#[must_use]
pub fn goes_on(action: &Action) -> String {
    match action {
        Action::Start { flood } => format!(
            "what was started goes on; stop it with gridnode send stop {} {} and the same route",
            flood.id, flood.run
        ),
        Action::Stop { .. } | Action::NodeStop => {
            "the command stands: nodes go on with what it asks for; their events tell when they are done"
                .to_owned()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use gridnode_core::base::run::RunKey;

    #[test]
    fn what_is_left_out_is_named_up_to_a_number() {
        let names = |n: usize| -> Vec<String> { (0..n).map(|n| format!(".{n}")).collect() };
        let text = |n| left_out(Path::new("shop"), &names(n));
        assert!(text(2).ends_with("made by a build: .0, .1 of shop"), "{}", text(2));
        assert!(text(8).ends_with(": .0, .1, .2, .3, .4, .5 and 2 more of shop"), "{}", text(8));
    }

    #[test]
    fn who_stops_a_run_hears_how_long_silence_may_last() {
        let flood = RunKey { id: Ident::near("shop"), run: 1 };
        let text = waits(&Action::Stop { flood, grace_s: 30 }, 92).unwrap();
        assert!(text.starts_with("waiting up to 92 s for the nodes that have run 1 of flood shop"), "{text}");
        assert_eq!(waits(&Action::NodeStop, 60), None);
    }

    #[test]
    fn where_nobody_answers_the_route_is_said_again() {
        let route = Route {
            grids: vec![Ident::near("8")],
            nodes: vec![Ident::near("a"), Ident::near("b")],
            ..Route::default()
        };
        let text = nobody(&Action::NodeStop, &route);
        assert!(text.starts_with("check that there are nodes of grid 8, named a or b, and that"), "{text}");
        assert!(nobody(&Action::NodeStop, &Route { all: true, ..Route::default() }).contains("nodes at all"));
    }

    #[test]
    fn a_signature_that_nodes_do_not_know_is_not_asked_for_again() {
        assert!(distrusted(false).starts_with("sign it with --sign-key FILE"));
        assert!(distrusted(true).contains("another --sign-key"));
    }

    #[test]
    fn a_misplaced_source_comes_with_two_ways_out() {
        let [name, package, wanted] = ["Common.java", "com.shop", "com/shop/Common.java"].map(str::to_owned);
        let text = misplaced(&Misplaced { name, package, wanted });
        assert!(text.contains("send start DIR") && text.contains("com/shop/Common.java=FILE"), "{text}");
    }
}
