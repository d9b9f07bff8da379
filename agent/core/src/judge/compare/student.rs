//! Student's distribution: how often noise alone gives so large a difference, measured in its own standard errors, where the
//! standard error itself is known from a few windows only.

/// Steps of the continued fraction: it is there after some 40 for any freedom that occurs.
const STEPS_MAX: u32 = 300;
/// Stands for 0 in a denominator.
const TINY: f64 = 1e-300;
/// Lanczos' coefficients for g = 7.
const LANCZOS: [f64; 9] = [
    0.999_999_999_999_809_9,
    676.520_368_121_885_1,
    -1_259.139_216_722_402_8,
    771.323_428_777_653_1,
    -176.615_029_162_140_6,
    12.507_343_278_686_905,
    -0.138_571_095_265_720_12,
    9.984_369_578_019_572e-6,
    1.505_632_735_149_311_6e-7,
];

/// The chance that a value is further from 0 than `t`, on either side.
pub(super) fn two_sided(t: f64, freedom: f64) -> f64 {
    if t.is_nan() {
        return 1.0;
    }
    if t.is_infinite() {
        return 0.0;
    }
    let freedom = freedom.max(1.0);
    beta(freedom / (freedom + t * t), freedom / 2.0, 0.5)
}

/// The value that is exceeded with this chance, on either side.
pub(super) fn quantile(chance: f64, freedom: f64) -> f64 {
    let (mut low, mut high) = (0.0, 1_000.0);
    for _ in 0..80 {
        let middle = (low + high) / 2.0;
        if two_sided(middle, freedom) > chance {
            low = middle;
        } else {
            high = middle;
        }
    }
    high
}

/// The regularised incomplete beta function.
fn beta(x: f64, a: f64, b: f64) -> f64 {
    if x <= 0.0 || x >= 1.0 {
        return x.clamp(0.0, 1.0);
    }
    let front = (ln_gamma(a + b) - ln_gamma(a) - ln_gamma(b) + a * x.ln() + b * (-x).ln_1p()).exp();
    // The fraction is quick on this side of the mean.
    if x < (a + 1.0) / (a + b + 2.0) {
        front * fraction(x, a, b) / a
    } else {
        1.0 - front * fraction(1.0 - x, b, a) / b
    }
}

/// Lentz' way through the continued fraction of the incomplete beta function.
fn fraction(x: f64, a: f64, b: f64) -> f64 {
    let safe = |value: f64| if value.abs() < TINY { TINY } else { value };
    let mut c = 1.0;
    let mut d = 1.0 / safe(1.0 - (a + b) * x / (a + 1.0));
    let mut all = d;
    for step in 1..=STEPS_MAX {
        let m = f64::from(step);
        let even = m * (b - m) * x / ((a + 2.0 * m - 1.0) * (a + 2.0 * m));
        d = 1.0 / safe(1.0 + even * d);
        c = safe(1.0 + even / c);
        all *= d * c;
        let odd = -(a + m) * (a + b + m) * x / ((a + 2.0 * m) * (a + 2.0 * m + 1.0));
        d = 1.0 / safe(1.0 + odd * d);
        c = safe(1.0 + odd / c);
        all *= d * c;
        if (d * c - 1.0).abs() < 1e-14 {
            break;
        }
    }
    all
}

/// Of arguments from 0.5 up.
fn ln_gamma(x: f64) -> f64 {
    let x = x - 1.0;
    let terms = LANCZOS[1..].iter().zip(1_u32..).map(|(coefficient, at)| coefficient / (x + f64::from(at)));
    let sum = LANCZOS[0] + terms.sum::<f64>();
    let t = x + 7.5;
    0.5 * std::f64::consts::TAU.ln() + (x + 0.5) * t.ln() - t + sum.ln()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn chances_are_those_of_the_tables() {
        let table = [
            (12.706, 1.0, 0.05),
            (2.228, 10.0, 0.05),
            (4.587, 10.0, 0.001),
            (2.042, 30.0, 0.05),
            (3.646, 30.0, 0.001),
            (1.960, 1e6, 0.05),
        ];
        for (t, freedom, chance) in table {
            let found = two_sided(t, freedom);
            assert!((found / chance - 1.0).abs() < 2e-3, "{t} with {freedom}: {found}");
            assert!((quantile(chance, freedom) / t - 1.0).abs() < 2e-3, "{chance} with {freedom}");
        }
    }

    #[test]
    fn ends_are_no_numbers_without_a_meaning() {
        assert_eq!(
            [two_sided(0.0, 9.0), two_sided(f64::INFINITY, 9.0), two_sided(f64::NAN, 9.0)],
            [1.0, 0.0, 1.0]
        );
        assert!(two_sided(1e200, 0.0) >= 0.0 && two_sided(-3.0, 20.0) > 0.0);
    }
}
