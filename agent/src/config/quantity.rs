//! Numbers with units in them, such as `2s` or `1.5GiB`. The configuration does not take them: its units are in the
//! names of its keys. But who writes one is told the number to write instead.

/// What the unit of a key is measured in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Base {
    Ns,
    Bytes,
}

const SUFFIXES: [(&str, Base, u64); 24] = [
    ("ms", Base::Ns, 1_000_000),
    ("s", Base::Ns, 1_000_000_000),
    ("sec", Base::Ns, 1_000_000_000),
    ("seconds", Base::Ns, 1_000_000_000),
    ("m", Base::Ns, 60_000_000_000),
    ("min", Base::Ns, 60_000_000_000),
    ("minutes", Base::Ns, 60_000_000_000),
    ("h", Base::Ns, 3_600_000_000_000),
    ("hours", Base::Ns, 3_600_000_000_000),
    ("d", Base::Ns, 86_400_000_000_000),
    ("days", Base::Ns, 86_400_000_000_000),
    ("b", Base::Bytes, 1),
    ("bytes", Base::Bytes, 1),
    ("k", Base::Bytes, 1 << 10),
    ("kb", Base::Bytes, 1_000),
    ("kib", Base::Bytes, 1 << 10),
    ("mb", Base::Bytes, 1_000_000),
    ("mib", Base::Bytes, 1 << 20),
    ("g", Base::Bytes, 1 << 30),
    ("gb", Base::Bytes, 1_000_000_000),
    ("gib", Base::Bytes, 1 << 30),
    ("tb", Base::Bytes, 1_000_000_000_000),
    ("tib", Base::Bytes, 1 << 40),
    ("t", Base::Bytes, 1 << 40),
];

/// `text` as a number of `unit` (`ms`, `s`, `bytes`, `mib`); `None` when it is no such quantity or not a whole number
/// of them.
pub(super) fn convert(text: &str, unit: &str) -> Option<u64> {
    let text = text.trim().to_ascii_lowercase();
    let split = text.find(|c: char| c.is_ascii_alphabetic())?;
    let (number, suffix) = text.split_at(split);
    let (whole, fraction) = number.trim_end().split_once('.').unwrap_or((number.trim_end(), ""));
    if whole.len() > 15 || fraction.len() > 6 || !fraction.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    let (_, base, factor) = SUFFIXES.iter().find(|(name, ..)| *name == suffix)?;
    let (_, unit_base, unit_factor) = SUFFIXES.iter().find(|(name, ..)| *name == unit)?;
    let scale = 10_u128.pow(u32::try_from(fraction.len()).ok()?);
    let digits: u128 = format!("{}{fraction}", whole.replace('_', "")).parse().ok()?;
    let total = digits * u128::from(*factor);
    let per = scale * u128::from(*unit_factor);
    (base == unit_base && total.is_multiple_of(per)).then(|| u64::try_from(total / per).ok()).flatten()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn quantities() {
        assert_eq!(convert("2s", "ms"), Some(2_000));
        assert_eq!(convert("1.5 h", "s"), Some(5_400));
        assert_eq!(convert("1GiB", "bytes"), Some(1 << 30));
        assert_eq!(convert("2 GB", "bytes"), Some(2_000_000_000));
        assert_eq!(convert("2g", "mib"), Some(2_048));
        for wrong in
            ["", "2", "s", "-2s", "2 parsecs", "1.5ms", "2GiB", "1..5s", "1.2.3s", "9999999999999999d"]
        {
            assert_eq!(convert(wrong, "ms"), None, "{wrong}");
        }
    }

    proptest! {
        #[test]
        fn nothing_makes_it_panic(text in "\\PC{0,24}") {
            let _ = convert(&text, "ms");
            let _ = convert(&text, "bytes");
        }

        #[test]
        fn whole_seconds_are_a_thousand_milliseconds(seconds in 0_u64..1_000_000_000) {
            prop_assert_eq!(convert(&format!("{seconds}s"), "ms"), Some(seconds * 1_000));
            prop_assert_eq!(convert(&format!("{seconds} ms"), "ms"), Some(seconds));
        }
    }
}
