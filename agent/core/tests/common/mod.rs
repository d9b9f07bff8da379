//! What the parser's integration tests share: a small deterministic generator, and lines made with it.

use gridnode_core::base::random::SplitMix64;

/// The same everywhere for the same seed.
pub struct Random(SplitMix64);

impl Random {
    pub fn new(seed: u64) -> Self {
        Self(SplitMix64::new(seed))
    }

    pub fn next(&mut self) -> u64 {
        self.0.next_u64()
    }

    /// 0..limit
    pub fn below(&mut self, limit: usize) -> usize {
        (self.next() % limit.max(1) as u64) as usize
    }

    pub fn pick<'a, T: ?Sized>(&mut self, of: &[&'a T]) -> &'a T {
        of[self.below(of.len())]
    }
}

/// How many lines to try: `GRIDNODE_FUZZ_LINES`, or `default`.
pub fn lines_wanted(default: usize) -> usize {
    std::env::var("GRIDNODE_FUZZ_LINES").ok().and_then(|text| text.parse().ok()).unwrap_or(default)
}

const MEASUREMENTS: [&str; 15] = [
    "sample",
    "sample",
    "sample",
    "response_time",
    "latency",
    "passed",
    "failed",
    "transaction_rate",
    "concurrency",
    "throughput",
    "trace",
    "object",
    "users",
    "ledger",
    "cpu",
];
const TAGS: [&str; 12] = [
    "account=1",
    "flood=7",
    "project=5",
    "grid=9",
    "region=us-east-1",
    "node=3",
    "label=GET+%2Fcart",
    r"label=a\ b\,c\=d",
    "label=%C3%9Cber",
    "label=100%",
    "source=jvm-1",
    "kind=transaction",
];
const KEYS: [&str; 18] = [
    "rt",
    "rt",
    "ok",
    "ok",
    "code",
    "lat",
    "conn",
    "rx",
    "tx",
    "users",
    "kind",
    "value",
    "value",
    "seq",
    "samples",
    "final",
    r"a\ key",
    "response_code",
];
const VALUES: [&str; 24] = [
    "1",
    "123.4",
    "0",
    "-1",
    "5i",
    "-7i",
    "9u",
    "t",
    "f",
    "true",
    "False",
    "1e3",
    "1.5e-3",
    "NaN",
    "9223372036854775808i",
    "86400001",
    "1e400",
    "\"200\"",
    "\"\"",
    r#""a \"b\" \\ c,d=e""#,
    "\"Ünï\"",
    "18446744073709551615u",
    "0.30000000000000004",
    "123456789012345678901234567890",
];
/// Bytes that mean something somewhere.
const SPECIAL: &[u8] = b"\\\\,,==  \"\"\n\r\t\0#+-.eEiutfT0159%_\x7f\x80\xc3\xff";

/// Lines that mean something in either dialect, or are rollups.
const HONEST: [&str; 9] = [
    r#"sample,flood=7,label=GET+%2Fcart rt=123.4,ok=t,code="200",lat=30.1,conn=2.0,rx=1234i,tx=321i 1700000000123000000"#,
    r#"sample,flood=7,label=a\ b,kind=transaction rt=0,ok=f,error="a \"b\" \\ c",users=5i 1700000000123000000"#,
    r#"response_time,account=1,flood=7,region=us-east-1,grid=9,node=3,project=5,label=A+B value=123,response_code="200""#,
    r#"transaction_rate,account=1,flood=7,project=5,grid=9,node=3,region=local,label=A%20B response_code="200",value=1"#,
    r#"concurrency,account=1,flood=7,project=5,grid=9,node=3,region=local response_code="0",value=3"#,
    r#"trace,flood=7,label=A value="H4sIAAAAAAAA/6tWykjNyclXslIqzy/KSVGqBQAtVL5jFwAAAA==",response_code="500""#,
    "users,flood=7,source=jvm-1 active=25i,started=40i,finished=15i 1700000000123000000",
    "ledger,flood=7,source=jvm-1 seq=17i,samples=4021i,truncated=0i",
    r#"transaction_rate_mean,flood=7,label_id=0011223344556677 value=1.6,count=24i,label="GET \"a\"",saturated=f 1700000000123000000"#,
];

/// A line as a client could send it: half of them make sense, the values of the others need not fit their keys.
pub fn line(random: &mut Random, into: &mut Vec<u8>) {
    if random.below(2) == 0 {
        return into.extend(random.pick(&HONEST).as_bytes());
    }
    into.extend(random.pick(&MEASUREMENTS).as_bytes());
    for _ in 0..random.below(8) {
        into.push(b',');
        into.extend(random.pick(&TAGS).as_bytes());
    }
    for i in 0..=random.below(6) {
        into.push(if i == 0 { b' ' } else { b',' });
        into.extend(random.pick(&KEYS).as_bytes());
        into.push(b'=');
        into.extend(random.pick(&VALUES).as_bytes());
    }
    if random.below(4) != 0 {
        into.extend(b" 17000000001230000");
        into.extend([b'0' + random.next().to_le_bytes()[0] % 10, b'0']);
    }
}

/// Damages `bytes` a little.
pub fn mutate(random: &mut Random, bytes: &mut Vec<u8>) {
    for _ in 0..=random.below(3) {
        let at = random.below(bytes.len() + 1);
        match random.below(8) {
            0 => bytes.truncate(at),
            1 if at < bytes.len() => drop(bytes.remove(at)),
            2 if at < bytes.len() => bytes[at] ^= 1 << random.below(8),
            3 => {
                let end = (at + random.below(12)).min(bytes.len());
                let again = bytes[at..end].to_vec();
                bytes.splice(at..at, again);
            }
            4 => bytes.splice(at..at, random.next().to_le_bytes()).for_each(drop),
            _ => bytes.insert(at, SPECIAL[random.below(SPECIAL.len())]),
        }
    }
}
