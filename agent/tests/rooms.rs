//! The house: which room may use which is said in `ARCHITECTURE.md`, and neighbours never use each other in a circle.
//!
//! A room is what lies at the top of a crate, with all that is in it. Neighbours are modules that have the same door: the
//! rooms of a crate, and the modules of a room, at every depth. What a module takes from its own door is not looked at.

#[path = "rooms/source.rs"]
mod source;

use source::{Crate, Module};
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

/// Who uses whom, among neighbours.
type Uses = BTreeMap<String, BTreeSet<String>>;

fn agent_dir() -> PathBuf {
    // Where it runs, not where it was built: checkouts may share a build directory.
    PathBuf::from(std::env::var_os("CARGO_MANIFEST_DIR").unwrap_or_default())
}

fn crates() -> [Crate; 3] {
    let dir = agent_dir();
    [
        Crate::read("gridnode-core", &dir.join("core/src")),
        Crate::read("gridnode-launch", &dir.join("launch/src")),
        Crate::read("gridnode", &dir.join("src")),
    ]
}

/// By the module whose neighbours they are.
fn neighbours(uses: &BTreeSet<(Module, Module)>) -> BTreeMap<Module, Uses> {
    let mut by_door: BTreeMap<Module, Uses> = BTreeMap::new();
    for (from, to) in uses {
        let common = from.iter().zip(to).take_while(|(a, b)| a == b).count();
        if let (Some(a), Some(b)) = (from.get(common), to.get(common)) {
            let uses = by_door.entry(from[..common].to_vec()).or_default();
            uses.entry(a.clone()).or_default().insert(b.clone());
        }
    }
    by_door
}

/// What is left when everything is taken away that uses nothing that is left: the circles, and who leads to them.
fn circle(uses: &Uses) -> Uses {
    let mut left = uses.clone();
    loop {
        let names: BTreeSet<String> = left.keys().cloned().collect();
        left.values_mut().for_each(|used| used.retain(|name| names.contains(name)));
        let before = left.len();
        left.retain(|_, used| !used.is_empty());
        if left.len() == before {
            return left;
        }
    }
}

#[test]
fn neighbours_do_not_use_each_other_in_a_circle() {
    let mut complaints = Vec::new();
    for house in crates() {
        for (door, uses) in neighbours(&house.uses()) {
            for (name, used) in circle(&uses) {
                complaints.push(format!("{} {}: {name} uses {used:?}", house.name, door.join("::")));
            }
        }
    }
    assert!(complaints.is_empty(), "circles:\n{}", complaints.join("\n"));
}

#[test]
fn rooms_use_what_the_table_says_and_nothing_else() {
    let path = agent_dir().join("ARCHITECTURE.md");
    let text = fs::read_to_string(&path).unwrap();
    let mut complaints = Vec::new();
    for house in crates() {
        let said = table(&text, house.name);
        assert!(said.len() <= 12, "{}: more than a dozen rooms", house.name);
        let found = neighbours(&house.uses()).remove(&Module::new()).unwrap_or_default();
        for (room, used) in &found {
            let allowed = said.get(room).cloned().unwrap_or_default();
            for one in used.difference(&allowed) {
                complaints.push(format!("{}: {room} uses {one}, and the table does not say so", house.name));
            }
        }
        for (room, allowed) in &said {
            for one in allowed.iter().filter(|one| !found.get(room).is_some_and(|used| used.contains(*one))) {
                complaints.push(format!("{}: {room} does not use {one}, as the table says", house.name));
            }
        }
        complaints.extend(without_a_row(&house, &said));
    }
    assert!(complaints.is_empty(), "{}:\n{}", path.display(), complaints.join("\n"));
}

fn without_a_row(house: &Crate, said: &Uses) -> Vec<String> {
    let dir = match house.name {
        "gridnode-core" => "core/src",
        "gridnode-launch" => "launch/src",
        _ => "src",
    };
    let files = fs::read_dir(agent_dir().join(dir)).into_iter().flatten().flatten();
    let rooms = files.map(|entry| stem(&entry.path())).filter(|name| name != "lib" && name != "main");
    rooms
        .filter(|name| !said.contains_key(name))
        .map(|name| format!("{}: {name} has no row", house.name))
        .collect()
}

fn stem(path: &Path) -> String {
    path.file_stem().unwrap_or_default().to_string_lossy().into_owned()
}

/// The table under the heading that names the crate: a row a room, whose last column names those that it uses.
fn table(text: &str, name: &str) -> Uses {
    let heading = format!("### Rooms of `{name}`");
    let section = text.split(&heading).nth(1).unwrap_or_else(|| panic!("ARCHITECTURE.md has no `{heading}`"));
    let lines =
        section.lines().skip_while(|line| !line.starts_with('|')).take_while(|line| line.starts_with('|'));
    let mut rooms = Uses::new();
    for line in lines.skip(2) {
        let columns: Vec<&str> = line.trim_matches('|').split('|').map(str::trim).collect();
        let names = |text: &str| text.split('`').skip(1).step_by(2).map(str::to_owned).collect::<Vec<_>>();
        let (room, used) = (names(columns[0]), names(columns[columns.len() - 1]));
        rooms.insert(room[0].clone(), used.into_iter().collect());
    }
    rooms
}
