//! How users are spread over thread groups.

/// Spreads `users` in proportion to `weights` by largest remainder (the earlier group on a tie), at least one to each
/// weight above 0. With no weight above 0, all are equal.
///
/// # Errors
/// The number of groups that need a user, when there are fewer users.
pub(super) fn spread(users: u32, weights: &[u64]) -> Result<Vec<u32>, usize> {
    // A plan whose only groups are of plug-ins, which read their users by themselves.
    if weights.is_empty() {
        return Ok(Vec::new());
    }
    let equal = weights.iter().all(|weight| *weight == 0);
    let weights: Vec<u128> = weights.iter().map(|w| if equal { 1 } else { u128::from(*w) }).collect();
    let groups = weights.iter().filter(|weight| **weight > 0).count();
    if (users as usize) < groups {
        return Err(groups);
    }
    let total: u128 = weights.iter().sum();
    let exact = |i: usize| u128::from(users) * weights[i];
    let share = |i: usize| u32::try_from(exact(i) / total).unwrap_or(users);
    let mut shares: Vec<u32> = (0..weights.len()).map(share).collect();
    let mut order: Vec<usize> = (0..weights.len()).filter(|i| weights[*i] > 0).collect();
    order.sort_by_key(|i| std::cmp::Reverse(exact(*i) % total));
    let mut left = users - shares.iter().sum::<u32>();
    for i in order.into_iter().take(left as usize) {
        shares[i] += 1;
        left -= 1;
    }
    debug_assert_eq!(left, 0, "remainders add up to less than the number of groups");
    // Whoever is left without takes from the largest, which has at least two as there are enough users.
    for i in 0..shares.len() {
        if weights[i] > 0 && shares[i] == 0 {
            let largest = (0..shares.len()).rev().max_by_key(|j| shares[*j]).unwrap_or(i);
            shares[largest] = shares[largest].saturating_sub(1);
            shares[i] = 1;
        }
    }
    Ok(shares)
}

#[cfg(test)]
mod tests {
    use super::spread;
    use proptest::prelude::*;

    #[test]
    fn shares_follow_the_weights() {
        for (users, weights, want) in [
            (40, &[30, 10][..], &[30, 10][..]),
            (100, &[30, 10], &[75, 25]),
            (10, &[1, 1, 1], &[4, 3, 3]),
            (3, &[1000, 1, 1], &[1, 1, 1]),
            (4, &[1000, 1, 1], &[2, 1, 1]),
            (5, &[0, 3], &[0, 5]),
            (5, &[0, 0], &[3, 2]),
            (5, &[], &[]),
            (u32::MAX, &[u64::MAX, u64::MAX], &[2_147_483_648, 2_147_483_647]),
        ] {
            assert_eq!(spread(users, weights).unwrap(), want, "{users} over {weights:?}");
        }
        assert_eq!(spread(1, &[5, 0, 5]), Err(2));
    }

    proptest! {
        #[test]
        fn nobody_is_lost_or_left_out(users in 0..10_000_u32, weights in prop::collection::vec(0..2_000_u64, 1..40)) {
            let Ok(shares) = spread(users, &weights) else { return Ok(()) };
            prop_assert_eq!(shares.iter().sum::<u32>(), users);
            let all_zero = weights.iter().all(|w| *w == 0);
            prop_assert!(shares.iter().zip(&weights).all(|(s, w)| all_zero || (*s > 0) == (*w > 0)));
        }
    }
}
