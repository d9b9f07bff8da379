//! Archives that mean harm, and archives that are only broken.

use super::*;
use proptest::prelude::*;

/// The sentence about an archive of one spoiled entry.
fn refused(name: &str, content: &[u8], spoil: impl FnOnce(&mut raw::RawEntry)) -> ArchiveFault {
    let mut raw = Raw::default();
    spoil(raw.add(name, content));
    fault_of(&raw.bytes(), ENOUGH)
}

fn fault_of(bytes: &[u8], max: (u64, u32)) -> ArchiveFault {
    match unpacked(bytes, "", max) {
        Err(Stopped::Fault(fault)) => fault,
        other => panic!("{other:?}"),
    }
}

#[test]
fn names_that_lead_out_are_refused_by_name() {
    for (name, why) in [
        ("../evil", "`..`"),
        ("a/../../evil", "`..`"),
        ("/etc/passwd", "absolute"),
        ("//host/share", "absolute"),
        ("a\\..\\evil", "backslash"),
        ("C:/evil", "drive"),
        ("c:evil", "drive"),
        ("a//b", "empty component"),
        ("./a", "`.`"),
        ("", "empty"),
        ("/", "empty"),
        ("a\nb", "control"),
        ("a\0b", "control"),
        ("a/b/c/d/e/f/g/h/i/j/k/l/m/n/o/p/q", "16 components"),
    ] {
        let fault = refused(name, b"x", |_| {});
        assert!(matches!(fault, ArchiveFault::Name { .. }), "{name:?}: {fault:?}");
        let said = fault.to_string();
        assert!(said.contains(why) && !said.chars().any(char::is_control), "{name:?}: {said}");
    }
    assert!(refused("x", b"x", |e| e.name = vec![b'a', 0xff]).to_string().contains("UTF-8"));
    let long = "n".repeat(300);
    assert!(matches!(refused(&long, b"x", |_| {}), ArchiveFault::Name { .. }));
}

/// The field that Info-ZIP writes beside a name in an old code page: the library takes it instead of the name.
#[test]
fn a_second_name_in_an_extra_field_is_judged_too() {
    let fault = refused("innocent", b"x", |entry| {
        let mut crc = flate2::Crc::new();
        crc.update(&entry.name);
        let name = b"../evil";
        entry.extra = [&[0x75, 0x70, 5 + 7, 0, 1], crc.sum().to_le_bytes().as_slice(), name].concat();
        entry.flags = 0;
    });
    assert!(matches!(fault, ArchiveFault::Name { .. }), "{fault:?}");
}

#[test]
fn only_files_and_directories_are_taken() {
    for (mode, kind) in [
        (0o120_777, "a symbolic link"),
        (0o020_666, "a device"),
        (0o060_666, "a device"),
        (0o010_666, "a pipe"),
        (0o140_666, "a socket"),
        (0o040_755, "both"),
    ] {
        let said = refused("it", b"/etc/passwd", |e| e.mode = mode).to_string();
        assert!(said.contains(kind) && said.contains("`it`"), "{said}");
    }
    assert!(matches!(refused("d/", b"x", |_| {}), ArchiveFault::Kind { .. }));
    assert!(matches!(refused("d/", b"", |e| e.mode = 0o100_644), ArchiveFault::Kind { .. }));
}

#[test]
fn what_cannot_be_read_is_said() {
    assert!(matches!(refused("a", b"x", |e| e.flags |= 1), ArchiveFault::Encrypted { .. }));
    assert!(matches!(refused("a", b"x", |e| e.method = 12), ArchiveFault::Method { .. }));
    assert!(matches!(refused("a", b"x", |e| e.method = 99), ArchiveFault::Method { .. }));
    assert!(matches!(refused("a", b"x", |e| e.crc ^= 1), ArchiveFault::Damaged { .. }));
    assert!(matches!(refused("a", b"x", |e| e.method = 8), ArchiveFault::Damaged { .. }));
    for bytes in [b"".as_slice(), b"PK", b"not a zip", &[0; 1_000]] {
        assert!(matches!(fault_of(bytes, ENOUGH), ArchiveFault::Unreadable { .. }));
    }
    let whole = zip_of(&[("a", b"aaaa"), ("b", b"bbbb")], false);
    assert!(matches!(fault_of(&whole[..whole.len() - 30], ENOUGH), ArchiveFault::Unreadable { .. }));
}

#[test]
fn a_name_stands_once() {
    for (one, other) in [("a", "a"), ("a", "a/b"), ("a/b", "a"), ("a", "a/"), ("a/", "a")] {
        let mut raw = Raw::default();
        let content = |name: &str| if name.ends_with('/') { b"".as_slice() } else { b"x" };
        raw.add(one, content(one));
        raw.add(other, content(other));
        let fault = fault_of(&raw.bytes(), ENOUGH);
        let expected = matches!(fault, ArchiveFault::Duplicate { .. } | ArchiveFault::Unreadable { .. });
        assert!(expected, "{one} {other}: {fault:?}");
    }
}

#[test]
fn too_much_is_refused_before_it_is_written() {
    let zip = zip_of(&[("a", &[7; 60]), ("b", &[8; 60])], false);
    assert!(unpacked(&zip, "", (120, 2)).is_ok());
    assert!(matches!(fault_of(&zip, (119, 2)), ArchiveFault::Bytes { max: 119, .. }));
    assert!(matches!(fault_of(&zip, (120, 1)), ArchiveFault::Entries { entries: 2, max: 1 }));
}

#[test]
fn numbers_of_entries_are_not_believed() {
    let mut raw = Raw::default();
    raw.add("a", b"a");
    raw.claimed = Some(50_000);
    assert!(matches!(fault_of(&raw.bytes(), ENOUGH), ArchiveFault::Entries { entries: 50_000, .. }));
    raw.claimed = Some(u16::MAX);
    raw.claimed_64 = Some(1 << 40);
    let fault = fault_of(&raw.bytes(), (1 << 20, 100_000));
    assert!(matches!(fault, ArchiveFault::Entries { entries: 0x100_0000_0000, .. }), "{fault:?}");
    raw.claimed_64 = Some(1);
    assert!(unpacked(&raw.bytes(), "", (1 << 20, 100_000)).is_ok());
}

#[test]
fn a_directory_of_many_megabytes_is_not_read() {
    let mut raw = Raw::default();
    for n in 0..90 {
        raw.add(&format!("{n}"), b"").extra =
            [&[0xfe, 0xca, 0x00, 0xf0], vec![0; 0xf000].as_slice()].concat();
    }
    let fault = fault_of(&raw.bytes(), ENOUGH);
    assert!(matches!(&fault, ArchiveFault::Unreadable { why } if why.contains("too large")), "{fault:?}");
}

#[test]
fn bombs_do_not_go_off() {
    let zeros = vec![0; 4 << 20];
    let many = (1 << 30, 100);
    let mut raw = Raw::default();
    raw.add("zeros", &zeros).deflate();
    assert!(matches!(fault_of(&raw.bytes(), many), ArchiveFault::Ratio { .. }));
    // Declares little and has much: the library looks, too, and says it first.
    raw.entries[0].bytes = 1_000;
    let fault = fault_of(&raw.bytes(), many);
    assert!(matches!(fault, ArchiveFault::Lie { .. } | ArchiveFault::Damaged { .. }), "{fault:?}");
    // Declares more than there is.
    let mut raw = Raw::default();
    raw.add("short", b"12345").deflate();
    raw.entries[0].bytes = 6;
    assert!(matches!(fault_of(&raw.bytes(), many), ArchiveFault::Lie { declared: 6, .. }));
    // Many names for one content.
    let mut raw = Raw::default();
    raw.add("kernel", &[7; 1_000]);
    for n in 0..20 {
        raw.add(&format!("{n}"), &[7; 1_000]).shares = Some(0);
    }
    assert_eq!(fault_of(&raw.bytes(), many), ArchiveFault::Overlap);
}

fn sound() -> Vec<u8> {
    zip_of(
        &[("plan.jmx", b"<plan/>"), ("data/a.csv", &[b'a'; 300]), ("d/", b""), ("data/b.csv", b"1,2,3")],
        true,
    )
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, ..ProptestConfig::default() })]

    /// It never panics, and nothing is ever outside: `unpacked` looks.
    #[test]
    fn changed_bytes_do_no_harm(
        changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..8),
        cut in prop::option::of(any::<prop::sample::Index>()),
    ) {
        let mut bytes = sound();
        for (at, byte) in changes {
            let at = at.index(bytes.len());
            bytes[at] = byte;
        }
        if let Some(cut) = cut {
            bytes.truncate(cut.index(bytes.len()));
        }
        if let Ok(all) = unpacked(&bytes, "", ENOUGH) {
            // Four entries of at most sixteen components.
            prop_assert!(all.len() <= 64);
        }
    }

    #[test]
    fn any_name_is_refused_or_stays_inside(name in "[a./\\\\:\0é -]{0,10}", mode in prop::sample::select(vec![0, 0o120_777, 0o100_644])) {
        let mut raw = Raw::default();
        raw.add(&name, b"x").mode = mode;
        if let Ok(all) = unpacked(&raw.bytes(), "dir/", ENOUGH) {
            prop_assert!(mode != 0o120_777);
            prop_assert!(all.keys().all(|name| name == "dir" || name.starts_with("dir/")));
        }
    }

    #[test]
    fn garbage_does_no_harm(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
        prop_assert!(unpacked(&bytes, "", ENOUGH).is_err());
    }
}
