use super::*;
use proptest::prelude::*;

/// A class file as a compiler makes it, up to the parent; `parent` may be empty for none.
fn class(name: &str, parent: &str, flags: u16, texts: &[&str]) -> Vec<u8> {
    let mut pool: Vec<Vec<u8>> = Vec::new();
    let utf8 = |text: &str| {
        let length = u16::try_from(text.len()).unwrap();
        [&[1], &length.to_be_bytes()[..], text.as_bytes()].concat()
    };
    let reference =
        |tag: u8, index: usize| [&[tag], &u16::try_from(index).unwrap().to_be_bytes()[..]].concat();
    pool.push(utf8(name)); // 1
    pool.push(reference(7, 1)); // 2
    pool.push(vec![5, 0, 0, 0, 0, 0, 0, 0, 9]); // 3 and 4: a long takes two places
    pool.push(utf8(parent)); // 5
    pool.push(reference(7, 5)); // 6
    for (i, text) in texts.iter().enumerate() {
        pool.push(utf8(text));
        pool.push(reference(8, 7 + 2 * i));
    }
    let count = u16::try_from(pool.len() + 2).unwrap();
    let mut bytes = [&MAGIC.to_be_bytes()[..], &[0, 0, 0, 55], &count.to_be_bytes()].concat();
    bytes.extend(pool.concat());
    bytes.extend(flags.to_be_bytes());
    bytes.extend(2_u16.to_be_bytes());
    bytes.extend(if parent.is_empty() { 0_u16 } else { 6 }.to_be_bytes());
    bytes
}

#[test]
fn name_parent_and_properties_are_read() {
    let bytes = class("shop/Checkout", "shop/Base", 0x0021, &["users", "Iterations", "gridnode.ramp_up_s"]);
    let wanted = ClassHead {
        name: "shop/Checkout".to_owned(),
        parent: Some("shop/Base".to_owned()),
        is_abstract: false,
        has_main: false,
        reads: Reads { users: true, ramp_up: true, iterations: false },
    };
    assert_eq!(ClassHead::parse(&bytes), Ok(wanted));
    let object = ClassHead::parse(&class("java/lang/Object", "", ACC_ABSTRACT, &[])).unwrap();
    assert_eq!((object.parent, object.is_abstract), (None, true));
    assert!(ClassHead::parse(&class("I", "J", ACC_INTERFACE, &[])).unwrap().is_abstract);
}

/// With a method (and a field of the same name) whose name is text 0 and whose type is text 1 of the class; both have an attribute.
fn with_method(flags: u16, name: &str, kind: &str) -> Vec<u8> {
    let mut bytes = class("shop/Start", "java/lang/Object", 0x21, &[name, kind]);
    let member = |flags: u16, name: u16, kind: u16| {
        let numbers = [flags, name, kind, 1, 1, 0, 3].map(u16::to_be_bytes).concat();
        [&numbers[..], b"abc"].concat()
    };
    // Two interfaces, one field of another type, one method; no attributes.
    bytes.extend([0, 2, 0, 6, 0, 6, 0, 1]);
    bytes.extend(member(0x9, 7, 1));
    bytes.extend([0, 1]);
    bytes.extend(member(flags, 7, 9));
    bytes.extend([0, 0]);
    bytes
}

#[test]
fn a_program_starts_where_java_says_and_nowhere_else() {
    let has_main =
        |flags, name: &str, kind: &str| ClassHead::parse(&with_method(flags, name, kind)).unwrap().has_main;
    let texts = "([Ljava/lang/String;)V";
    assert!(has_main(0x0009, "main", texts));
    assert!(has_main(0x0099, "main", texts), "final, varargs");
    for (flags, name, kind) in [
        (0x0001, "main", texts),
        (0x0008, "main", texts),
        (0x0009, "main", "()V"),
        (0x0009, "main", "([Ljava/lang/String;)I"),
        (0x0009, "Main", texts),
    ] {
        assert!(!has_main(flags, name, kind), "{flags} {name} {kind}");
    }
    let whole = with_method(0x0009, "main", texts);
    for cut in class("shop/Start", "java/lang/Object", 0x21, &["main", texts]).len()..whole.len() - 2 {
        assert!(!ClassHead::parse(&whole[..cut]).unwrap().has_main, "torn at {cut}");
    }
}

#[test]
fn what_is_kept_of_a_class_is_bounded() {
    let texts: Vec<String> = (0..10_000).map(|i| format!("text {i}")).collect();
    let mut texts: Vec<&str> = texts.iter().map(String::as_str).collect();
    texts.push("iterations");
    let name = "n".repeat(NAME_BYTES_MAX);
    let head = ClassHead::parse(&class(&name, &name, 0, &texts)).unwrap();
    assert_eq!(head.reads, Reads { iterations: true, ..Reads::default() });
    assert_eq!((head.name.len(), head.parent.map(|parent| parent.len())), (1_024, Some(1_024)));
    let long = "n".repeat(NAME_BYTES_MAX + 1);
    for (name, parent) in [(long.as_str(), "B"), ("A", long.as_str())] {
        assert_eq!(ClassHead::parse(&class(name, parent, 0, &[])), Err(ClassFileError::Name(1_025)));
    }
}

#[test]
fn what_is_no_class_file_is_refused() {
    assert_eq!(ClassHead::parse(b"PK\x03\x04...."), Err(ClassFileError::Magic));
    assert_eq!(ClassHead::parse(b""), Err(ClassFileError::Magic));
    let mut bytes = class("A", "B", 0, &[]);
    bytes[10] = 99;
    assert_eq!(ClassHead::parse(&bytes), Err(ClassFileError::Constant { index: 1, tag: 99 }));
    let mut bytes = class("A", "B", 0, &[]);
    let last = bytes.len() - 1;
    bytes[last] = 5;
    assert_eq!(ClassHead::parse(&bytes), Err(ClassFileError::Reference(5)));
}

proptest! {
    #[test]
    fn any_bytes_are_read(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
        let _ = ClassHead::parse(&bytes);
        let _ = ClassHead::parse(&[&MAGIC.to_be_bytes()[..], &bytes].concat());
    }

    #[test]
    fn a_torn_or_bent_class_file_is_never_a_panic(
        cut in 0_usize..80, at in 0_usize..80, byte: u8, name in "[a-z/]{1,20}"
    ) {
        let mut bytes = class(&name, "io/gatling/javaapi/core/Simulation", 0x21, &["users"]);
        let torn = &bytes[..cut.min(bytes.len() - 1)];
        prop_assert!(ClassHead::parse(torn).is_err());
        if let Some(place) = bytes.get_mut(at) {
            *place = byte;
        }
        let _ = ClassHead::parse(&bytes);
    }
}
