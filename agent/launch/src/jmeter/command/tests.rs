use super::*;
use crate::environment::example;

fn launch() -> JmeterLaunch {
    JmeterLaunch {
        java: "/usr/bin/java".into(),
        home: "/tools/jmeter".into(),
        plan: "/runs/7/plan.jmx".into(),
        user_plan: "/bundle/plans/plan.jmx".into(),
        property_files: vec!["/bundle/plans/user.properties".into()],
        system_property_files: Vec::new(),
        has_modules: true,
        log: "/runs/7/jmeter.log".into(),
        log_configuration: "/runs/7/log4j2.xml".into(),
        results: None,
        search_paths: vec!["/tools/a.jar".into(), "/tools/b.jar".into()],
        plans_search_paths: None,
        working_dir: "/bundle".into(),
        temporary_dir: "/runs/7/tmp".into(),
        heap_mib: 1024,
        jvm_options: vec!["-XX:+UseG1GC".to_owned()],
        launcher: Vec::new(),
        properties: vec![
            ("users".to_owned(), "10".to_owned()),
            ("note".to_owned(), "-n \"a b\" $HOME;x".to_owned()),
        ],
        parameters_file: "/runs/7/params.properties".into(),
        environment: example(),
    }
}

#[test]
fn command_line() {
    let spec = launch().spec().unwrap();
    assert_eq!(spec.program, Path::new("/usr/bin/java"));
    assert_eq!(spec.working_dir, Path::new("/bundle"));
    let args: Vec<_> = spec.args.iter().map(|arg| arg.to_str().unwrap()).collect();
    insta::assert_snapshot!(args.join("\n"), @r#"
    -Xmx1024m
    -XX:+ExitOnOutOfMemoryError
    -XX:-UsePerfData
    -Djava.awt.headless=true
    -Djava.io.tmpdir=/runs/7/tmp
    -Duser.home=/runs/7/home
    -Djava.security.egd=file:/dev/urandom
    -Duser.language=en
    -Duser.region=EN
    --add-opens=java.desktop/sun.awt=ALL-UNNAMED
    --add-opens=java.desktop/sun.swing=ALL-UNNAMED
    --add-opens=java.desktop/javax.swing.text.html=ALL-UNNAMED
    --add-opens=java.desktop/java.awt=ALL-UNNAMED
    --add-opens=java.desktop/java.awt.font=ALL-UNNAMED
    --add-opens=java.base/java.lang=ALL-UNNAMED
    --add-opens=java.base/java.lang.invoke=ALL-UNNAMED
    --add-opens=java.base/java.lang.reflect=ALL-UNNAMED
    --add-opens=java.base/java.util=ALL-UNNAMED
    --add-opens=java.base/java.util.concurrent.atomic=ALL-UNNAMED
    --add-opens=java.base/java.text=ALL-UNNAMED
    -XX:+UseG1GC
    -jar
    /tools/jmeter/bin/ApacheJMeter.jar
    -n
    -t
    /runs/7/plan.jmx
    -j
    /runs/7/jmeter.log
    -i
    /runs/7/log4j2.xml
    -q
    /bundle/plans/user.properties
    -q
    /runs/7/params.properties
    -Jsearch_paths=/tools/a.jar;/tools/b.jar
    -Jgridnode.plan=/bundle/plans/plan.jmx
    -Jjmeterengine.nongui.port=0
    -Jjmeterengine.force.system.exit=true
    "#);
}

#[test]
fn jars_elsewhere_may_be_given() {
    for name in ["user.classpath", "plugin_dependency_paths", "search_paths"] {
        assert_eq!(params::check(name, "x/my.jar"), Ok(()), "{name}");
    }
}

#[test]
fn what_the_plan_has_of_search_paths_comes_behind_ours() {
    let of = |launch: &JmeterLaunch| {
        let args = launch.spec().unwrap().args;
        let mut args = args.iter().filter_map(|arg| arg.to_str()?.strip_prefix("-Jsearch_paths="));
        args.next().map(str::to_owned).unwrap_or_default()
    };
    let mut launch = launch();
    launch.plans_search_paths = Some("exts;more/own.jar".to_owned());
    assert_eq!(of(&launch), "/tools/a.jar;/tools/b.jar;exts;more/own.jar");
    // A parameter counts in place of a file's.
    launch.properties.push(("search_paths".to_owned(), "given".to_owned()));
    assert_eq!(of(&launch), "/tools/a.jar;/tools/b.jar;given");
    launch.search_paths.clear();
    assert_eq!(of(&launch), "given");
}

#[test]
fn environment() {
    let spec = launch().spec().unwrap();
    let env: Vec<_> =
        spec.env.iter().map(|(name, value)| format!("{name}={}", value.to_str().unwrap())).collect();
    insta::assert_snapshot!(env.join("\n"), @r#"
    FLOOD_ACCOUNT_ID=1
    FLOOD_DATA_ROOT=/bundle
    FLOOD_FILES_PATH=/bundle
    FLOOD_GRID_INDEX=0
    FLOOD_GRID_NODE_SEQUENCE_ID=3
    FLOOD_GRID_REGION=us-east-1
    FLOOD_GRID_SEQUENCE_ID=9
    FLOOD_GRID_SQEUENCE_ID=9
    FLOOD_LOAD_TEST=true
    FLOOD_NODE_INDEX=2
    FLOOD_PROJECT_ID=5
    FLOOD_SEQUENCE_ID=7
    FLOOD_SUMP_HOST=127.0.0.1
    FLOOD_SUMP_NAME=results
    FLOOD_SUMP_PORT=35663
    FLOOD_TEST_DURATION=600
    GRIDNODE_REPORT_FILE=/runs/7/report.jsonl
    GRIDNODE_RUN=1
    GRIDNODE_STOP_FILE=/runs/7/stop
    GRIDNODE_TRACES_PER_LABEL=5
    GRIDNODE_TRACES_PER_WINDOW=100
    GRIDNODE_TRACE_DIR=/runs/7/traces
    GRIDNODE_TRACE_KEY=00ff
    GRIDNODE_WINDOW_S=15
    HOME=/runs/7/home
    LANG=C.UTF-8
    NODE_ENV=production
    PATH=/usr/bin:/bin
    THREAD_ID=0
    TZ=UTC
    "#);
}

#[test]
fn parameters_are_in_their_file_as_they_were_given() {
    let mut launch = launch();
    assert_eq!(
        String::from_utf8(launch.parameters()).unwrap(),
        "users=10\nnote=-n\\u0020\"a\\u0020b\"\\u0020$HOME;x\n"
    );
    launch.properties = vec![("a:ä".to_owned(), " #!=:\\\r\n\t\u{7f}é😀\\u0041".to_owned())];
    assert_eq!(
        String::from_utf8(launch.parameters()).unwrap(),
        "a\\u003a\\u00e4=\\u0020\\u0023\\u0021\\u003d\\u003a\\u005c\
         \\u000d\\u000a\\u0009\\u007f\\u00e9\\ud83d\\ude00\\u005cu0041\n"
    );
    launch.properties.clear();
    assert!(launch.parameters().is_empty());
}

#[test]
fn everything_of_section_7_is_set() {
    let mut launch = launch();
    launch.environment.webdriver = Some(("127.0.0.1".to_owned(), 4444));
    launch.environment.iterations = Some(3);
    launch.environment.trace_slower_ms = Some(800);
    launch.environment.trace_secrets = vec!["pet".to_owned(), "x-street".to_owned()];
    // As the contract lists them, and more for plug-ins that write traces, report and are told to end by files.
    let listed = "PATH LANG TZ HOME FLOOD_SUMP_HOST FLOOD_SUMP_PORT FLOOD_SUMP_NAME FLOOD_SEQUENCE_ID FLOOD_ACCOUNT_ID \
                  FLOOD_PROJECT_ID FLOOD_GRID_REGION FLOOD_GRID_SEQUENCE_ID FLOOD_GRID_SQEUENCE_ID FLOOD_GRID_INDEX \
                  FLOOD_GRID_NODE_SEQUENCE_ID FLOOD_NODE_INDEX FLOOD_LOAD_TEST FLOOD_FILES_PATH FLOOD_DATA_ROOT \
                  FLOOD_TEST_DURATION FLOOD_TEST_ITERATIONS THREAD_ID NODE_ENV WEBDRIVER_HOST WEBDRIVER_PORT \
                  GRIDNODE_TRACE_DIR GRIDNODE_TRACES_PER_LABEL GRIDNODE_RUN \
                  GRIDNODE_STOP_FILE GRIDNODE_REPORT_FILE GRIDNODE_TRACE_KEY GRIDNODE_TRACES_PER_WINDOW \
                  GRIDNODE_TRACE_SLOWER_MS GRIDNODE_TRACE_SECRETS GRIDNODE_WINDOW_S";
    let mut listed: Vec<_> = listed.split_whitespace().collect();
    listed.sort_unstable();
    let spec = launch.spec().unwrap();
    assert_eq!(spec.env.iter().map(|(name, _)| name.as_str()).collect::<Vec<_>>(), listed);
    assert!(
        spec.env.contains(&("GRIDNODE_TRACE_SECRETS".to_owned(), "pet,x-street".into())),
        "{:?}",
        spec.env
    );
}

#[test]
fn what_could_be_misread_is_refused() {
    let refusal = |change: fn(&mut JmeterLaunch)| {
        let mut launch = launch();
        change(&mut launch);
        launch.spec().unwrap_err().to_string()
    };
    assert_eq!(
        refusal(|l| l.plan = "-l.jmx".into()),
        "the plan `-l.jmx` cannot be used: it must be an absolute path"
    );
    assert_eq!(
        refusal(|l| l.search_paths.push("/a;b.jar".into())),
        "the plug-in jar `/a;b.jar` cannot be used: JMeter splits lists of jars at `;`: use a directory without one in \
         its name"
    );
    assert!(refusal(|l| l.parameters_file = "params".into()).starts_with("the parameter file `params`"));
    assert!(refusal(|l| l.results = Some("/a\0".into())).ends_with("it has a NUL character"));
    assert!(refusal(|l| l.heap_mib = 1).contains("64 MiB"));
    assert!(
        refusal(|l| l.properties[0].0 = "a=b".to_owned()).starts_with("the parameter `a=b` cannot be passed")
    );
    assert!(refusal(|l| l.properties[0].0 = "beanshell.server.port".to_owned()).contains("set by the agent"));
    assert!(refusal(|l| l.properties[0].0 = "gridnode.sump_port".to_owned()).contains("set by the agent"));
}
