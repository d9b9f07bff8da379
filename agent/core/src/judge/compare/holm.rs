//! Many questions at once: of a thousand that are asked of equal runs, fifty would be answered wrongly at one in twenty each.

/// Holm's correction: the chance that noise alone makes *any* of so many questions look so, in the order of `chances`.
pub(super) fn corrected(chances: &[f64]) -> Vec<f64> {
    let mut order: Vec<usize> = (0..chances.len()).collect();
    order.sort_by(|&a, &b| chances[a].total_cmp(&chances[b]));
    let mut corrected = vec![1.0; chances.len()];
    let mut least = 0.0_f64;
    for (rank, at) in order.into_iter().enumerate() {
        let left = (chances.len() - rank) as f64;
        least = least.max((chances[at] * left).min(1.0));
        corrected[at] = least;
    }
    corrected
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_counts_for_all_that_are_no_smaller() {
        let found = corrected(&[0.01, 0.04, 0.03, 0.005]);
        let expected = [0.03, 0.06, 0.06, 0.02];
        assert!(found.iter().zip(expected).all(|(a, b)| (a - b).abs() < 1e-12), "{found:?}");
        assert_eq!(corrected(&[]), [0.0; 0]);
        assert_eq!(corrected(&[0.9, 0.9]), [1.0, 1.0]);
    }
}
