//! What the page about sending samples shows as lines is taken.

use gridnode_core::wire::sump::{Record, Tags};
use std::path::Path;

#[test]
fn the_lines_on_the_page_are_taken() {
    // Where it runs, not where it was built: checkouts may share a build directory.
    let core = std::env::var("CARGO_MANIFEST_DIR").unwrap();
    let page = std::fs::read_to_string(Path::new(&core).join("../docs/sending-samples.md")).unwrap();
    let mut in_program = false;
    let mut shown = 0;
    for text in page.lines() {
        in_program ^= text.starts_with("```");
        let Some(line) = text.strip_prefix("    ").filter(|_| !in_program) else { continue };
        let record = Record::parse(line.as_bytes()).unwrap_or_else(|reject| panic!("{reject:?}: {line}"));
        record.require(&Tags::decode(record.tags())).unwrap_or_else(|reject| panic!("{reject:?}: {line}"));
        shown += 1;
    }
    assert!(shown >= 4, "{shown} lines");
}
