//! The exact bytes of sketches: they cross the wall, are stored, and are merged with those of other versions. A change
//! here breaks the contract; do not update these strings, find out what changed them.

use gridnode_core::measure::sketch::Sketch;

#[track_caller]
fn check(values_us: &[u64], base64: &str) {
    let mut sketch = Sketch::new();
    values_us.iter().for_each(|value_us| sketch.record(*value_us));
    assert_eq!(sketch.to_base64(), base64);
    assert_eq!(Sketch::from_base64(base64.as_bytes()), Ok(sketch));
}

#[test]
fn empty() {
    check(&[], "HISTFAAAADR4AQEpANb/HISTEwAAAAEAAAAAAAAAAgAAAAAAAAABAAAAANaTpAA/8AAAAAAAAABVaQSH");
}

#[test]
fn zero() {
    check(&[0], "HISTFAAAADR4AQEpANb/HISTEwAAAAEAAAAAAAAAAgAAAAAAAAABAAAAANaTpAA/8AAAAAAAAAJVawSJ");
}

#[test]
fn ten_response_times() {
    let ten = [98_000, 101_500, 103_250, 120_000, 120_400, 187_000, 250_001, 499_999, 1_200_000, 9_999_999];
    check(
        &ten,
        "HISTFAAAAEt4AQFAAL//HISTEwAAABgAAAAAAAAAAgAAAAAAAAABAAAAANaTpAA/8AAAAAAAAP0UAgsCAwI/AgKTAQJ5Av0BArkCAokGAv60CWU=",
    );
}

#[test]
fn gaps_of_one_and_of_many() {
    check(
        &[0, 2, 5, 5, 5],
        "HISTFAAAADh4AQEtANL/HISTEwAAAAUAAAAAAAAAAgAAAAAAAAABAAAAANaTpAA/8AAAAAAAAAIAAgMGaDkEmA==",
    );
}

#[test]
fn an_hour_and_a_day() {
    check(
        &[3_600_000_000, 86_400_000_000],
        "HISTFAAAADZ4AQErANT/HISTEwAAAAMAAAAAAAAAAgAAAAAAAAABAAAAANaTpAA/8AAAAAAAAKszBGEqBWs=",
    );
}

#[test]
fn hot_enough_to_be_dense() {
    let mut hot = vec![42; 5_000];
    hot.extend([7, 1_000_000]);
    check(
        &hot,
        "HISTFAAAADt4AQEwAM//HISTEwAAAAgAAAAAAAAAAgAAAAAAAAABAAAAANaTpAA/8AAAAAAAAA0CQ5BOkRsCfjQGbA==",
    );
}
