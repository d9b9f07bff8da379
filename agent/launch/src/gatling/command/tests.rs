use super::*;
use crate::environment::example;
use proptest::prelude::*;

fn launch() -> GatlingLaunch {
    let params = [("users", "7"), ("password", "to \"p\\ s\tcr\net")];
    GatlingLaunch {
        java: "/jdk/bin/java".into(),
        lib: "/tools/gatling/lib".into(),
        plugin_jar: "/tools/gridnode-gatling.jar".into(),
        conf_dir: "/runs/7/plan/conf".into(),
        classes: Some("/runs/7/plan/classes".into()),
        class_path: vec!["/bundle".into(), "/bundle/help.jar".into()],
        simulation: "shop.Checkout".to_owned(),
        log: "/runs/7/gatling.log".into(),
        results: "/runs/7/results".into(),
        arguments_file: "/runs/7/java.args".into(),
        working_dir: "/bundle".into(),
        temporary_dir: "/runs/7/tmp".into(),
        heap_mib: 512,
        jvm_options: vec!["-XX:TieredStopAtLevel=1".to_owned()],
        load: Load {
            users: Some(3),
            ramp_up_s: None,
            duration_s: Some(60),
            iterations: Some(2),
            params: params.map(|(name, value)| (name.to_owned(), value.to_owned())).into(),
        },
        environment: example(),
    }
}

#[test]
fn the_command_line_shows_nothing_but_a_file() {
    let spec = launch().spec().unwrap();
    assert_eq!(spec.args, ["@/runs/7/java.args"]);
    assert_eq!(spec.working_dir, Path::new("/bundle"));
}

#[test]
fn the_argument_file() {
    let bytes = launch().arguments();
    let text = String::from_utf8(bytes).unwrap();
    insta::assert_snapshot!(text, @r#"
    "-Xmx512m"
    "-XX:+UseG1GC"
    "-XX:+ExitOnOutOfMemoryError"
    "-XX:-UsePerfData"
    "--add-opens=java.base/java.lang=ALL-UNNAMED"
    "-Djava.awt.headless=true"
    "-Djava.io.tmpdir=/runs/7/tmp"
    "-Duser.home=/runs/7/home"
    "-XX:TieredStopAtLevel=1"
    "-Dusers=3"
    "-Dthreads=3"
    "-Dduration=60"
    "-Diterations=2"
    "-Dusers=7"
    "-Dpassword=to \"p\\ s\tcr\net"
    "-Dgridnode.users=3"
    "-Dgridnode.duration_s=60"
    "-Dgridnode.iterations=2"
    "-Dgridnode.max_duration_s=60"
    "-Dlogback.configurationFile=/runs/7/plan/conf/logback.xml"
    "-Dgridnode.log=/runs/7/gatling.log"
    "-Dgatling.data.enableAnalytics=false"
    "-Dgatling.http.warmUpUrl="
    "-javaagent:/tools/gridnode-gatling.jar"
    "-cp"
    "/runs/7/plan/conf:/runs/7/plan/classes:/tools/gatling/lib/*:/bundle:/bundle/help.jar"
    "io.gatling.app.Gatling"
    "-s"
    "shop.Checkout"
    "-rf"
    "/runs/7/results"
    "-nr"
    "#);
}

#[test]
fn a_path_that_would_be_misread_is_refused() {
    let refused = |launch: GatlingLaunch, word: &str| {
        let error = launch.spec().unwrap_err().to_string();
        assert!(error.contains(word), "{error}");
    };
    refused(GatlingLaunch { lib: "lib".into(), ..launch() }, "absolute");
    refused(GatlingLaunch { class_path: vec!["/a:b".into()], ..launch() }, "splits");
    refused(GatlingLaunch { plugin_jar: "/a=b/c.jar".into(), ..launch() }, "`=`");
    refused(GatlingLaunch { heap_mib: 63, ..launch() }, "64 MiB");
}

/// What the `java` program makes of the file, by its documentation.
fn unquote(file: &[u8]) -> Vec<Vec<u8>> {
    let (mut arguments, mut current, mut inside) = (Vec::new(), Vec::new(), false);
    let mut bytes = file.iter();
    while let Some(byte) = bytes.next() {
        match (byte, inside) {
            (b'"', _) => inside = !inside,
            (b'\n', false) => arguments.push(std::mem::take(&mut current)),
            (b'\\', true) => current.push(match bytes.next() {
                Some(b'n') => b'\n',
                Some(b'r') => b'\r',
                Some(b't') => b'\t',
                Some(b'f') => 0x0c,
                Some(other) => *other,
                None => panic!("torn"),
            }),
            (byte, _) => current.push(*byte),
        }
    }
    arguments
}

proptest! {
    #[test]
    fn every_argument_survives_the_file(arguments in proptest::collection::vec(proptest::collection::vec(1_u8.., 0..40), 0..5)) {
        let mut file = Vec::new();
        arguments.iter().for_each(|argument| quote(&mut file, argument));
        prop_assert_eq!(unquote(&file), arguments);
    }
}
