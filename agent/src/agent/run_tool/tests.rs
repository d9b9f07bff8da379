use super::*;
use crate::tool::gatling::install::GatlingHome;
use crate::tool::jmeter::install::JmeterHome;
use gridnode_core::node::command::{Action, read};

fn start(fields: serde_json::Value) -> StartFlood {
    let mut flood = serde_json::json!({
        "id": "1", "run": 1, "tool": "gatling", "plan": "Shop.java", "users": 3, "duration_s": null, "iterations": null,
        "max_runtime_s": 60, "ramp_up_s": 0, "files": [{"name": "Shop.java", "uri": "s3://bucket/Shop.java", "sha256": "0".repeat(64)}],
    });
    flood.as_object_mut().unwrap().extend(fields.as_object().unwrap().clone());
    let command = serde_json::json!({
        "version": 1, "id": "c", "type": "flood.start", "route": {"all": true}, "issued_at": "2026-03-01T09:30:00Z",
        "valid_until": "2026-03-01T09:40:00Z", "flood": flood,
    });
    match read(command.to_string().as_bytes(), &[]).command.unwrap().action {
        Action::Start { flood } => *flood,
        other => panic!("{other:?}"),
    }
}

fn gatling_home(version: &str) -> Home {
    let nowhere = PathBuf::new;
    Home::Gatling(GatlingHome {
        java: nowhere(),
        javac: nowhere(),
        home: nowhere(),
        version: version.to_owned(),
        plugin_jar: nowhere(),
    })
}

fn tools() -> InstalledTools {
    let own = JmeterHome {
        java: PathBuf::new(),
        java_version: None,
        home: PathBuf::new(),
        version: None,
        plugin_jar: PathBuf::new(),
        plugins_dir: PathBuf::new(),
        class_archive: None,
    };
    let settings = ToolSettings {
        dir: None,
        jmeter_home: None,
        jmeter_plugins: Vec::new(),
        plan_packages: false,
        heap_mib: 512,
        jvm_options: Vec::new(),
        browser: BrowserPaths::default(),
        node_index: 0,
        grid_index: 0,
        traces: TraceOptions::default(),
    };
    InstalledTools {
        settings,
        homes: vec![Home::Jmeter(own), gatling_home("3.15.1"), gatling_home("3.9.5")],
        dir: PathBuf::new(),
    }
}

#[test]
fn the_version_asked_for_is_chosen_among_those_that_are_there() {
    let tools = tools();
    let version =
        |fields| tools.home(&start(fields)).map(|home| home.version().unwrap_or("its own").to_owned());
    assert_eq!(version(serde_json::json!({})).unwrap(), "3.15.1");
    assert_eq!(version(serde_json::json!({"tool_version": "3.9.5"})).unwrap(), "3.9.5");
    let error = version(serde_json::json!({"tool_version": "3.1.0"})).unwrap_err();
    assert_eq!(error, "Gatling 3.1.0 is asked for, and this node has 3.15.1, 3.9.5");
    assert_eq!(version(serde_json::json!({"tool": "jmeter", "tool_version": "5.0"})).unwrap(), "its own");
    assert!(version(serde_json::json!({"tool": "selenium"})).unwrap_err().contains("`selenium`"));
    assert_eq!(tools.names(), ["jmeter", "gatling"].map(Ident::near));
}

#[test]
fn parameters_for_the_agent_are_not_the_plans() {
    let parameters =
        |parameters: serde_json::Value| asked(&start(serde_json::json!({"parameters": parameters})));
    let all = parameters(serde_json::json!({
        "gridnode.class": "shop.Shop", "gridnode.keep_profile": "true", "host": "shop"
    }))
    .unwrap();
    assert_eq!((all.class.as_deref(), all.keep_profile), (Some("shop.Shop"), true));
    assert_eq!(all.load.params, [("host".to_owned(), "shop".to_owned())]);
    let none = parameters(serde_json::json!({})).unwrap();
    assert_eq!((none.class, none.keep_profile, none.load.users), (None, false, Some(3)));
    let error = parameters(serde_json::json!({"gridnode.keep_profile": "yes"})).unwrap_err();
    assert!(error.contains("gridnode.keep_profile"), "{error}");
}
