use super::*;
use proptest::prelude::*;

fn stretches(counts: &[u64]) -> Stretches {
    let mut stretches = Stretches::new(|_| true);
    for (n, count) in counts.iter().enumerate() {
        let line = format!(
            "transaction_rate_mean,flood=7,label_id=0 label=\"a\",count={count}i,window_s=1.0,run=1i {n}000000007"
        );
        stretches.add_line(line.as_bytes());
    }
    stretches
}

#[test]
fn what_has_no_room_is_told_and_not_merged() {
    let mut cut = stretches(&[1; 4]);
    cut.cells_max = 7;
    cut.end();
    assert!(cut.is_cut());
    let mut whole = stretches(&[1; 4]);
    whole.cells_max = 8;
    whole.end();
    assert!(!whole.is_cut());
}

#[test]
fn what_is_forgotten_is_in_no_stretch_and_times_stay() {
    let mut going_on = stretches(&[1; 100]);
    going_on.end();
    going_on.forget_before(10);
    let mut seen = Vec::new();
    let mut see = |stretch: Stretch| seen.push((stretch.from_s, stretch.to_s, stretch.numbers.count));
    going_on.each_stretch(None, 12, (Edges::Included, Shorter::IsNone), &mut see);
    going_on.each_stretch(None, 17, (Edges::Included, Shorter::IsNone), &mut see);
    assert_eq!(seen, [(84, 96, 12), (85, 97, 12), (86, 98, 12), (87, 99, 12), (88, 100, 12)]);
    assert_eq!((going_on.cells, going_on.is_cut()), (32, false));
}

proptest! {
    /// Against the plain sum.
    #[test]
    fn each_stretch_is_the_sum_of_its_windows(counts in prop::collection::vec(0..9_u64, 1..40), over in 1..50_u64) {
        let mut stretches = stretches(&counts);
        stretches.end();
        let mut seen = Vec::new();
        stretches.each_stretch(None, over, (Edges::Included, Shorter::IsOne), |stretch| seen.push(stretch.numbers.count));
        let n = usize::try_from(over).unwrap().min(counts.len());
        let wanted: Vec<u64> = counts.windows(n).map(|windows| windows.iter().sum()).collect();
        prop_assert_eq!(seen, wanted);
    }

    #[test]
    fn no_line_breaks_it(line in "(transaction_rate_mean,flood=7,label_id=0 label=\"a\",count=1i,window_s=-?[0-9]{1,22}.0)? -?[0-9]{0,22}") {
        let mut stretches = Stretches::new(|_| true);
        stretches.add_line(line.as_bytes());
        stretches.end();
        stretches.each_stretch(None, u64::MAX, (Edges::LeftOut, Shorter::IsOne), |_| {});
    }
}
