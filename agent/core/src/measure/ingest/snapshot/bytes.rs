//! Numbers as few bytes as they need (LEB128), and back.

/// Appends a number.
pub(super) fn number(out: &mut Vec<u8>, mut n: u64) {
    while n >= 0x80 {
        out.push((n & 0x7f) as u8 | 0x80);
        n >>= 7;
    }
    out.push(n as u8);
}

/// Appends a wide one.
pub(super) fn wide(out: &mut Vec<u8>, n: u128) {
    number(out, (n >> 64) as u64);
    number(out, n as u64);
}

/// Reads what was appended.
pub(super) struct Reader<'a> {
    left: &'a [u8],
}

impl<'a> Reader<'a> {
    pub(super) fn new(bytes: &'a [u8]) -> Self {
        Self { left: bytes }
    }

    pub(super) fn take(&mut self, bytes: usize) -> Result<&'a [u8], String> {
        let (taken, left) = self.left.split_at_checked(bytes).ok_or("it is cut off")?;
        self.left = left;
        Ok(taken)
    }

    pub(super) fn array<const N: usize>(&mut self) -> Result<[u8; N], String> {
        let (taken, left) = self.left.split_first_chunk::<N>().ok_or("it is cut off")?;
        self.left = left;
        Ok(*taken)
    }

    pub(super) fn number(&mut self) -> Result<u64, String> {
        let mut n = 0_u64;
        for shift in (0..64).step_by(7) {
            let [byte] = self.array()?;
            n |= u64::from(byte & 0x7f) << shift;
            if byte & 0x80 == 0 {
                return Ok(n);
            }
        }
        Err("a number has no end".to_owned())
    }

    pub(super) fn wide(&mut self) -> Result<u128, String> {
        Ok(u128::from(self.number()?) << 64 | u128::from(self.number()?))
    }
}
