//! Lines and values to measure with: always the same ones, varied enough that nothing learns them by heart.

use gridnode_core::base::ids::Ident;
use gridnode_core::base::run::RunIdentity;

/// Whose samples they are.
#[must_use]
pub fn identity() -> RunIdentity {
    RunIdentity {
        account: Some(Ident::near("1")),
        flood: Ident::near("7"),
        project: Some(Ident::near("5")),
        grid: Some(Ident::near("9")),
        region: Some(Ident::near("us-east-1")),
        run: 1,
    }
}

/// Distinct lines of a corpus.
pub const LINES: usize = 2_000;

/// Dialect 1b, all fields.
#[must_use]
pub fn sample_lines() -> Vec<String> {
    (0..LINES).map(|i| sample_line(i, i % 50, i * 7 % 3_000)).collect()
}

/// One line of dialect 1b.
#[must_use]
pub fn sample_line(i: usize, label: usize, rt_ms: usize) -> String {
    format!(
        "sample,account=1,flood=7,project=5,grid=9,region=us-east-1,node=3,label=GET+%2Fcart%2F{label} \
         rt={rt_ms}.{},ok=t,code=\"200\",lat={}.1,conn=2.0,rx={}i,tx=321i {}",
        i % 10,
        i % 900,
        1_234 + i,
        SAMPLE_TIME_NS + i as i64
    )
}

/// When the samples ended, wall clock, ns: a whole minute, so that windows of any length start there.
pub const SAMPLE_TIME_NS: i64 = 1_700_000_040_000_000_000;

/// Dialect 1a, as the published clients send it.
#[must_use]
pub fn metric_lines() -> Vec<String> {
    let line = |i: usize| {
        format!(
            "response_time,account=1,flood=7,region=us-east-1,grid=9,node=3,project=5,label=GET+%2Fcart%2F{} \
             value={},response_code=\"200\"",
            i % 50,
            i * 7 % 3_000
        )
    };
    (0..LINES).map(line).collect()
}

/// What a Drain reads: texts with escapes.
#[must_use]
pub fn rollup_lines() -> Vec<String> {
    let line = |i: usize| {
        format!(
            "transaction_rate_mean,account=1,flood=7,project=5,grid=9,region=us-east-1,label_id=00112233445566{:02x} \
             value={}.6,count={i}i,passed={i}i,failed=0i,window_s=15.0,label=\"GET \\\"/cart\\\" \\\\ {i}\",\
             kind=\"request\",node=\"node-3\",run=1i {}",
            i % 256,
            i % 77,
            SAMPLE_TIME_NS + i as i64
        )
    };
    (0..LINES).map(line).collect()
}

/// Response times, µs, as a label has them: most near its own middle, a tail up to some 20 times that.
pub fn response_times_us(label: usize, count: usize) -> impl Iterator<Item = u64> {
    let middle_us = 5_000 + (label as u64 * 7_919) % 400_000;
    let mut state = 0x9e37_79b9_7f4a_7c15_u64 ^ (label as u64 + 1).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    (0..count).map(move |_| {
        // xorshift64: no dependency, the same everywhere
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        let body = middle_us * (50 + state % 100) / 100;
        if state >> 32 & 15 == 0 { body * (2 + (state >> 40) % 18) } else { body }
    })
}
