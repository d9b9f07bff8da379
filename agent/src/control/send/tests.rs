//! What tests of several files need, and the archives that are refused before they are uploaded.

use super::*;
use gridnode_core::base::ids::Ident;
use gridnode_core::base::tags::Tags;
use gridnode_launch::ToolKind;
use std::io;
use std::path::Path;

/// A group with one user and one loop.
pub(super) const GROUP: &str = "<ThreadGroup testname='g'><stringProp name='ThreadGroup.num_threads'>1</stringProp>\
     <elementProp name='ThreadGroup.main_controller'><boolProp name='LoopController.continue_forever'>false</boolProp>\
     <stringProp name='LoopController.loops'>1</stringProp></elementProp></ThreadGroup>";

/// The smallest plan that can run, with these elements in its group.
pub(super) fn plan_with(elements: &str) -> String {
    plan_of(GROUP, elements)
}

/// The same with another group.
pub(super) fn plan_of(group: &str, elements: &str) -> String {
    format!(
        "<jmeterTestPlan><hashTree><TestPlan testname='t'/><hashTree>{group}<hashTree>{elements}</hashTree></hashTree>\
         </hashTree></jmeterTestPlan>"
    )
}

/// Hears nothing.
pub(super) struct Deaf;

impl Listener for Deaf {
    fn hear(&mut self, _: News<'_>) -> io::Result<()> {
        Ok(())
    }
}

/// Java is Gatling's where it says so.
pub(super) fn kind_of(path: &Path) -> Result<ToolKind, String> {
    let text = std::fs::read_to_string(path).unwrap_or_default();
    let of_dir = || path.join("src").is_dir() || text.contains("io.gatling");
    kind_by_name(path)
        .or_else(|| of_dir().then_some(ToolKind::Gatling))
        .ok_or_else(|| "name the tool with --tool".to_owned())
}

pub(super) fn kind_by_name(path: &Path) -> Option<ToolKind> {
    (path.extension()? == "jmx").then_some(ToolKind::Jmeter)
}

/// A start of `plan` with nothing else said.
pub(super) fn asked(plan: &str) -> StartSettings {
    let files = FileSettings {
        plan: plan.to_owned(),
        further: vec![],
        plan_in: None,
        tool: None,
        detect: Detect { by_content: kind_of, by_name: kind_by_name, beside: |_, _, _| vec![] },
        upload: Some("s3://bucket/p".to_owned()),
        sha256: vec![],
    };
    let flood = FloodSettings {
        id: Ident::near("7"),
        run: Some(1),
        account: None,
        project: None,
        tool_version: None,
        users: None,
        ramp_up_s: None,
        duration_s: None,
        iterations: None,
        parameters: vec![],
        tags: Tags::default(),
        class: None,
        starts: Starts::Ready,
        window_s: 15,
        max_runtime_s: None,
        progress_s: None,
    };
    StartSettings { files, flood }
}

/// A stored file in an archive, its name as it is.
fn zip(name: &[u8]) -> Vec<u8> {
    let mut bytes = Vec::new();
    let n = (name.len() as u16).to_le_bytes();
    bytes.extend([b"PK\x03\x04\x14\0\0\0\0\0\0\0\x21\0".as_slice(), &[0; 12], &n, &[0; 2], name].concat());
    let at = bytes.len() as u32;
    let head = b"PK\x01\x02\x14\0\x14\0\0\0\0\0\0\0\x21\0".as_slice();
    bytes.extend([head, &[0; 12], &n, &[0; 16], name].concat());
    let size = (bytes.len() as u32 - at).to_le_bytes();
    bytes.extend([b"PK\x05\x06\0\0\0\0\x01\0\x01\0".as_slice(), &size, &at.to_le_bytes(), &[0; 2]].concat());
    bytes
}

#[test]
fn archives_that_no_node_unpacks_are_refused_here() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("b.zip");
    let gathered = |name: &[u8]| {
        std::fs::write(&path, zip(name)).unwrap();
        let mut settings = asked(path.to_str().unwrap());
        settings.files.plan_in = Some("a.jmx".to_owned());
        // Whose plans are not looked into.
        settings.files.tool = Some(Ident::near("gatling"));
        gather(&settings, &mut Deaf).map(drop).map_err(|error| format!("{error:#}"))
    };
    assert_eq!(gathered(b"a.jmx"), Ok(()));
    for (name, why) in
        [(b"p\\a.jmx".as_slice(), "backslash"), (b"\xff.jmx", "not UTF-8"), (b"../a.jmx", "`..`")]
    {
        let error = gathered(name).unwrap_err();
        assert!(error.starts_with("no node would unpack b.zip: ") && error.contains(why), "{error}");
    }
}

#[test]
fn an_archive_that_no_node_takes_is_refused_before_it_is_uploaded() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("b.zip");
    std::fs::write(&path, zip(b"a.jmx")).unwrap();
    let settings = asked(path.to_str().unwrap());
    let judged = || files::judge_archives(&files::sources(&settings.files, &mut Deaf).unwrap());
    judged().unwrap();
    let larger = gridnode_core::base::limits::FILE_BYTES_DEFAULT + 1;
    std::fs::OpenOptions::new().write(true).open(&path).unwrap().set_len(larger).unwrap();
    let error = judged().unwrap_err().to_string();
    assert!(error.starts_with("no node would take b.zip: it has 1073741825 bytes"), "{error}");
}
