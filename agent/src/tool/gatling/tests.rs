use super::*;
use crate::tool::beside::Around;
use crate::tool::classes::tests::class;
use crate::tool::context::{RunContext, TraceOptions};
use crate::tool::directories::Directories;
use crate::tool::gatling::install::GatlingHome;
use crate::tool::prepared::Prepared;
use gridnode_core::base::ids::Ident;
use gridnode_core::base::run::RunIdentity;
use gridnode_core::run::verdict::{Exit, Verdict};
use gridnode_launch::{Load, ToolKind};
use std::fs;
use std::io::Write as _;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};

fn write(dir: &Path, name: &str, bytes: &[u8]) -> PathBuf {
    let path = dir.join(name);
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(&path, bytes).unwrap();
    path
}

fn jar(dir: &Path, name: &str, entries: &[(&str, Vec<u8>)]) -> PathBuf {
    let mut writer = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    for (name, bytes) in entries {
        writer.start_file(*name, zip::write::SimpleFileOptions::default()).unwrap();
        writer.write_all(bytes).unwrap();
    }
    write(dir, name, &writer.finish().unwrap().into_inner())
}

fn refused(path: &Path) -> String {
    check(path, &Load::default(), None, Around::Anything).unwrap_err().to_string()
}

#[test]
fn a_source_lies_among_its_data_and_jars() {
    let dir = tempfile::tempdir().unwrap();
    let root = fs::canonicalize(dir.path()).unwrap();
    let source = write(&root, "Shop.java", b"class Shop {}");
    let helpers = [jar(&root, "a.jar", &[]), jar(&root, "lib/b.jar", &[])];
    let plan = check(&source, &Load::default(), Some("Shop"), Around::Anything).unwrap();
    assert_eq!((&plan.path, &plan.directory, plan.class.as_deref()), (&source, &root, Some("Shop")));
    assert_eq!(plan.beside, [&[root.clone()][..], &helpers].concat());
    assert_eq!(plan.kind, PlanKind::Sources { roots: vec![root], java: vec![source], scala: Vec::new() });
}

#[test]
fn a_project_has_its_sources_where_build_tools_have_them() {
    let dir = tempfile::tempdir().unwrap();
    let root = fs::canonicalize(dir.path()).unwrap();
    let simulation = b"package shop; public class Shop extends Simulation { Urls urls; }";
    let java = write(&root, "src/test/java/shop/Shop.java", simulation);
    let scala = write(&root, "src/gatling/scala/Other.scala", b"class Other extends Simulation");
    let used = write(&root, "src/main/java/shop/Urls.java", b"package shop; class Urls {}");
    for data in ["src/test/resources/data.csv", "src/main/resources/a.csv", "src/gatling/resources/a.csv"] {
        write(&root, data, b"");
    }
    write(&root, "src/main/java/App.java", b"@SpringBootApplication class App {}");
    write(&root, "src/test/java/CartTest.java", b"import org.junit.Test; class CartTest {}");
    write(&root, "target/Made.java", b"");
    let plan = check(&root, &Load::default(), None, Around::Anything).unwrap();
    let sets = ["gatling", "test", "main"].map(|set| root.join("src").join(set));
    let data = sets.clone().map(|set| set.join("resources"));
    assert_eq!(plan.beside, [&[root.clone()][..], &data].concat());
    let roots = [sets[0].join("scala"), sets[1].join("java"), sets[2].join("java")];
    let roots = [&roots[..], &sets].concat();
    let both = vec![used, java.clone()];
    assert_eq!(plan.kind, PlanKind::Sources { roots: roots.clone(), java: both, scala: vec![scala] });
    // One file of it is in the same project; what Java's compiler needs it finds.
    let plan = check(&java, &Load::default(), None, Around::Anything).unwrap();
    assert_eq!(plan.directory, root);
    assert_eq!(plan.kind, PlanKind::Sources { roots, java: vec![java], scala: Vec::new() });
}

#[test]
fn a_source_finds_what_lies_in_its_package() {
    let dir = tempfile::tempdir().unwrap();
    let root = fs::canonicalize(dir.path()).unwrap();
    let java = write(&root, "com/shop/Shop.java", b"package com.shop;");
    let plan = check(&java, &Load::default(), None, Around::Anything).unwrap();
    let roots = vec![root.join("com/shop"), root];
    assert_eq!(plan.kind, PlanKind::Sources { roots, java: vec![java], scala: Vec::new() });
}

#[test]
fn what_a_mac_leaves_is_no_source() {
    let dir = tempfile::tempdir().unwrap();
    let root = fs::canonicalize(dir.path()).unwrap();
    let java = write(&root, "Shop.java", b"");
    for litter in ["._Shop.java", "__MACOSX/._Shop.java", "__MACOSX/Shop.java", "._help.jar"] {
        write(&root, litter, b"\0\x05\x16\x07");
    }
    let plan = check(&root, &Load::default(), None, Around::Anything).unwrap();
    assert_eq!(plan.kind, PlanKind::Sources { roots: vec![root.clone()], java: vec![java], scala: vec![] });
    assert_eq!(plan.beside, [root]);
}

#[test]
fn sources_in_scala_that_were_sent_together_are_compiled_together() {
    let dir = tempfile::tempdir().unwrap();
    let root = fs::canonicalize(dir.path()).unwrap();
    let [plan, other] = ["Shop.scala", "pages/Pages.scala"].map(|name| write(&root, name, b""));
    let java = write(&root, "Old.java", b"");
    let of = |path: &Path, around| check(path, &Load::default(), None, around).unwrap();
    let sent = of(&plan, Around::Sent);
    assert_eq!(sent.likely.as_deref(), Some("Shop"));
    let all = PlanKind::Sources {
        roots: vec![root.clone()],
        java: vec![java.clone()],
        scala: vec![plan.clone(), other],
    };
    assert_eq!(sent.kind, all);
    // Java's compiler finds what it needs; a person's directory may hold anything.
    let only = PlanKind::Sources { roots: vec![root.clone()], java: vec![java.clone()], scala: Vec::new() };
    assert_eq!(of(&java, Around::Sent).kind, only);
    let only = PlanKind::Sources { roots: vec![root], java: Vec::new(), scala: vec![plan.clone()] };
    assert_eq!(of(&plan, Around::Anything).kind, only);
}

#[test]
fn what_is_built_or_hidden_or_linked_is_no_source() {
    let dir = tempfile::tempdir().unwrap();
    let root = fs::canonicalize(dir.path()).unwrap();
    let elsewhere = tempfile::tempdir().unwrap();
    let linked = write(elsewhere.path(), "Linked.java", b"");
    std::os::unix::fs::symlink(linked, root.join("Linked.java")).unwrap();
    for name in ["target/A.java", "build/B.java", ".idea/C.java", ".idea/D.kt"] {
        write(&root, name, b"");
    }
    let error = refused(&root);
    assert!(error.contains(".java or .scala"), "{error}");
    write(&root, "shop/E.kt", b"");
    let error = refused(&root);
    assert!(error.contains("Kotlin is not compiled here: build a jar"), "{error}");
    let deep = write(&root, "shop/build/E.java", b"");
    let plan = check(&root, &Load::default(), None, Around::Anything).unwrap();
    assert!(plan.notes[0].starts_with("note: `shop/E.kt` is left out: Kotlin is not"), "{:?}", plan.notes);
    let PlanKind::Sources { java, .. } = plan.kind else { panic!() };
    assert_eq!(java, [deep]);
}

#[test]
fn what_is_no_plan_is_refused_by_name() {
    let dir = tempfile::tempdir().unwrap();
    for (name, bytes, word) in [
        ("plan.jar", &b"PK but no more"[..], "not a jar"),
        ("Plan.kt", b"class Plan", "Kotlin"),
        ("plan.txt", b"", ".scala"),
    ] {
        let error = refused(&write(dir.path(), name, bytes));
        assert!(error.contains(name) && error.contains(word), "{error}");
    }
    assert!(refused(&dir.path().join("absent.java")).contains("absent.java"));
}

#[test]
fn the_classes_of_a_jar_are_its_own() {
    let dir = tempfile::tempdir().unwrap();
    let plan = jar(
        dir.path(),
        "plan.jar",
        &[
            ("shop/Shop.class", class("shop/Shop", "lib/Base")),
            ("META-INF/versions/17/shop/Shop.class", class("shop/Shop", "lib/Other")),
            ("io/gatling/core/A.class", class("io/gatling/core/A", "java/lang/Object")),
            ("broken.class", b"no class".to_vec()),
            ("../../evil.class", class("evil", "java/lang/Object")),
        ],
    );
    let PlanKind::Jar { classes, .. } = check(&plan, &Load::default(), None, Around::Anything).unwrap().kind
    else {
        panic!()
    };
    let names: Vec<_> = classes.iter().map(|class| class.name.as_str()).collect();
    assert_eq!(names, ["shop/Shop", "evil"]);
    assert!(!dir.path().parent().unwrap().join("evil.class").exists(), "nothing is unpacked");
}

#[test]
fn a_parent_is_found_in_the_jars_beside() {
    let dir = tempfile::tempdir().unwrap();
    let lib = jar(
        dir.path(),
        "lib.jar",
        &[
            ("lib/Base.class", class("lib/Base", "lib/Root")),
            ("lib/Root.class", class("lib/Root", "io/gatling/javaapi/core/Simulation")),
            ("lib/Unrelated.class", class("lib/Unrelated", "java/lang/Object")),
        ],
    );
    let plan = jar(dir.path(), "plan.jar", &[("Shop.class", class("Shop", "lib/Base"))]);
    let PlanKind::Jar { classes: own, .. } =
        check(&plan, &Load::default(), None, Around::Anything).unwrap().kind
    else {
        panic!()
    };
    let beside = [dir.path().to_owned(), lib];
    let parents = jars::parents_in(&beside, &own).unwrap();
    let names: Vec<_> = parents.iter().map(|class| class.name.as_str()).collect();
    assert_eq!(names, ["lib/Base", "lib/Root"]);
    assert_eq!(gridnode_launch::gatling::choose(&own, &parents, None, None).unwrap().class, "Shop");
}

#[test]
fn a_jar_may_be_called_so_in_capitals_and_a_directory_too() {
    let dir = tempfile::tempdir().unwrap();
    let base = class("lib/Base", "io/gatling/javaapi/core/Simulation");
    let lib = jar(dir.path(), "shop.jar/LIB.JAR", &[("lib/Base.class", base)]);
    let plan = jar(dir.path(), "plan.jar", &[("Shop.class", class("Shop", "lib/Base"))]);
    let own = jars::of_jar(&plan).unwrap().classes;
    let parents = jars::parents_in(&[dir.path().join("shop.jar"), lib], &own).unwrap();
    assert_eq!(parents.len(), 1);
}

/// A plan that is a jar, prepared in `run_dir`; panics when that takes longer than anything but waiting could.
fn prepared_in_time(dir: &Path, run_dir: &Path) -> Prepared {
    let simulation = class("Shop", "io/gatling/javaapi/core/Simulation");
    let path = jar(dir, "plan.jar", &[("Shop.class", simulation)]);
    let load = Load { params: vec![("password".into(), "secret".into())], ..Load::default() };
    let plan = check(&path, &load, None, Around::Anything).unwrap();
    let (sender, receiver) = std::sync::mpsc::sync_channel(1);
    let run_dir = run_dir.to_owned();
    std::thread::spawn(move || {
        let none = PathBuf::from("/nonexistent");
        let home = GatlingHome {
            java: none.clone(),
            javac: none.clone(),
            home: none.clone(),
            version: String::new(),
            plugin_jar: none,
        };
        let id = |text: &str| Ident::new(text).unwrap();
        let identity =
            RunIdentity { account: None, flood: id("7"), project: None, grid: None, region: None, run: 1 };
        let context = RunContext {
            identity: &identity,
            node: &id("3"),
            sump: ([127, 0, 0, 1], 35663).into(),
            dir: &run_dir,
            heap_mib: 128,
            jvm_options: Vec::new(),
            cage: crate::cage::Cage::here("test"),
            grid_index: 0,
            node_index: 0,
            traces: TraceOptions::default(),
        };
        let request = RunRequest { plan: &plan, home: &home, context: &context };
        sender.send(prepare(&request, &|| false).unwrap()).unwrap();
    });
    receiver.recv_timeout(std::time::Duration::from_secs(20)).expect("it waits for somebody else")
}

#[test]
fn what_lies_in_the_place_of_our_files_is_neither_waited_for_nor_followed() {
    let dir = tempfile::tempdir().unwrap();
    let dirs = Directories::make(&dir.path().join("run")).unwrap();
    let elsewhere = write(dir.path(), "elsewhere", b"precious");
    fs::create_dir_all(dirs.plan.join("conf")).unwrap();
    nix::unistd::mkfifo(&dirs.plan.join("conf/logback.xml"), nix::sys::stat::Mode::S_IRWXU).unwrap();
    std::os::unix::fs::symlink(&elsewhere, dirs.run.join("java.args")).unwrap();
    let files = prepared_in_time(dir.path(), &dirs.run).files;
    assert_eq!(fs::read(elsewhere).unwrap(), b"precious");
    let arguments = files.arguments;
    assert!(fs::read_to_string(&arguments).unwrap().contains("secret"));
    assert_eq!(fs::metadata(&arguments).unwrap().permissions().mode() & 0o777, 0o600);
}

#[test]
fn the_arguments_are_where_no_compiler_could_foresee_them() {
    let dir = tempfile::tempdir().unwrap();
    let run_dir = dir.path().join("run");
    let [first, second] = [0; 2].map(|_| prepared_in_time(dir.path(), &run_dir).files.arguments);
    assert_ne!(first, second);
    let own = first.parent().unwrap();
    assert_eq!(own.parent(), Some(run_dir.as_path()));
    assert_eq!(fs::metadata(own).unwrap().permissions().mode() & 0o777, 0o700);
}

#[test]
fn what_only_a_script_has_printed_is_no_finding() {
    let dir = tempfile::tempdir().unwrap();
    let dirs = Directories::make(dir.path()).unwrap();
    let files = ToolFiles::new(ToolKind::Gatling, &dirs, dirs.run.join("java.args"));
    let facts = RunFacts { exit: Exit::Code(0), stop_asked: false, heard: true, closed: true, samples: 3 };
    let is_failed = || matches!(judge(&files, &facts, &Measured::default()).verdict, Verdict::Failed { .. });
    let line = "10:16:32.787 [ERROR] i.g.h.a.HttpRequestAction - Failed to build request name: x\n";
    fs::write(&files.stdout, line).unwrap();
    assert!(is_failed(), "without a log of its own it may be Gatling's");
    fs::write(dirs.run.join(LOG_FILE), "").unwrap();
    assert!(!is_failed());
    fs::write(dirs.run.join("gatling.log.1"), line).unwrap();
    assert!(is_failed(), "the part before the last one");
}

#[test]
fn an_old_expression_is_said_before_the_run_and_after_it() {
    let dir = tempfile::tempdir().unwrap();
    let source = "class S { Object a = http(\"a\").get(\"/b?${id}\"); }";
    write(dir.path(), "S.java", source.as_bytes());
    let plan = check(&dir.path().join("S.java"), &Load::default(), None, Around::Anything).unwrap();
    let (said, is_sure) = prepare::old_expressions(&plan, "3.15.1").unwrap();
    assert!(is_sure && said.starts_with("`${id}` (S.java, line 1): "), "{said}");
    assert_eq!(prepare::old_expressions(&plan, "3.9.5"), None);
    let source = "class T { Object a = ElFileBody(\"bodies/item.json\"); Object b = ElFileBody(\"bodies/item.json\"); }";
    write(dir.path(), "S.java", source.as_bytes());
    std::fs::create_dir(dir.path().join("bodies")).unwrap();
    write(dir.path(), "bodies/item.json", b"{\n \"id\": \"${id}\", \"name\": \"#{name}\" }");
    let (said, is_sure) = prepare::old_expressions(&plan, "3.15.1").unwrap();
    assert!(is_sure && said.starts_with("`${id}` (bodies/item.json, line 2): "), "{said}");
}
