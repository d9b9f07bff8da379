//! Archives written by hand, so that everything in them can be wrong.

use std::io::Write;

/// An archive to be.
#[derive(Debug, Clone, Default)]
pub struct Raw {
    pub entries: Vec<RawEntry>,
    /// Instead of the true number.
    pub claimed: Option<u16>,
    /// A 64-bit record that claims so many.
    pub claimed_64: Option<u64>,
}

/// One entry; fields as they are written.
#[derive(Debug, Clone)]
pub struct RawEntry {
    pub name: Vec<u8>,
    pub packed: Vec<u8>,
    pub method: u16,
    pub flags: u16,
    pub crc: u32,
    pub bytes: u32,
    pub mode: u32,
    /// Shows the content of the entry of this number.
    pub shares: Option<usize>,
    pub extra: Vec<u8>,
}

impl Raw {
    /// Adds a stored file, for the caller to spoil.
    pub fn add(&mut self, name: &str, content: &[u8]) -> &mut RawEntry {
        self.entries.push(RawEntry {
            name: name.as_bytes().to_vec(),
            packed: content.to_vec(),
            method: 0,
            flags: 1 << 11,
            crc: flate2_crc(content),
            bytes: u32::try_from(content.len()).unwrap(),
            mode: 0,
            shares: None,
            extra: Vec::new(),
        });
        self.entries.last_mut().unwrap()
    }

    pub fn bytes(&self) -> Vec<u8> {
        let mut out = Vec::new();
        let mut offsets: Vec<u32> = Vec::new();
        for entry in &self.entries {
            offsets.push(entry.shares.map_or(u32::try_from(out.len()).unwrap(), |n| offsets[n]));
            if entry.shares.is_none() {
                out.extend(b"PK\x03\x04");
                out.extend(20_u16.to_le_bytes());
                out.extend(entry.common());
                out.extend(&entry.name);
                out.extend(&entry.extra);
                out.extend(&entry.packed);
            }
        }
        let directory = u32::try_from(out.len()).unwrap();
        for (entry, offset) in self.entries.iter().zip(offsets) {
            out.extend(b"PK\x01\x02\x14\x03\x14\x00");
            out.extend(entry.common());
            // No comment, first disk, no internal attributes.
            out.extend([0; 6]);
            out.extend((entry.mode << 16).to_le_bytes());
            out.extend(offset.to_le_bytes());
            out.extend(&entry.name);
            out.extend(&entry.extra);
        }
        let size = u32::try_from(out.len()).unwrap() - directory;
        if let Some(claimed) = self.claimed_64 {
            out.extend(record_64(claimed, size, directory, out.len()));
        }
        let entries = self.claimed.unwrap_or(u16::try_from(self.entries.len()).unwrap());
        out.extend(b"PK\x05\x06\0\0\0\0");
        out.extend(entries.to_le_bytes());
        out.extend(entries.to_le_bytes());
        out.extend(size.to_le_bytes());
        out.extend(directory.to_le_bytes());
        out.extend([0; 2]);
        out
    }
}

impl RawEntry {
    /// From the flags to the lengths: the same in both headers.
    fn common(&self) -> Vec<u8> {
        let mut out = Vec::new();
        out.extend(self.flags.to_le_bytes());
        out.extend(self.method.to_le_bytes());
        out.extend([0, 0, 0x21, 0x5a]);
        out.extend(self.crc.to_le_bytes());
        out.extend(u32::try_from(self.packed.len()).unwrap().to_le_bytes());
        out.extend(self.bytes.to_le_bytes());
        out.extend(u16::try_from(self.name.len()).unwrap().to_le_bytes());
        out.extend(u16::try_from(self.extra.len()).unwrap().to_le_bytes());
        out
    }

    /// Compresses the content.
    pub fn deflate(&mut self) {
        let mut to = flate2::write::DeflateEncoder::new(Vec::new(), flate2::Compression::best());
        to.write_all(&self.packed).unwrap();
        self.packed = to.finish().unwrap();
        self.method = 8;
    }
}

/// A sound archive.
pub fn zip_of(files: &[(&str, &[u8])], deflated: bool) -> Vec<u8> {
    let mut raw = Raw::default();
    for (name, content) in files {
        let entry = raw.add(name, content);
        if deflated && !content.is_empty() {
            entry.deflate();
        }
    }
    raw.bytes()
}

fn record_64(entries: u64, size: u32, directory: u32, at: usize) -> Vec<u8> {
    let mut out = Vec::new();
    out.extend(b"PK\x06\x06");
    out.extend(44_u64.to_le_bytes());
    out.extend([45, 0, 45, 0, 0, 0, 0, 0, 0, 0, 0, 0]);
    out.extend(entries.to_le_bytes());
    out.extend(entries.to_le_bytes());
    out.extend(u64::from(size).to_le_bytes());
    out.extend(u64::from(directory).to_le_bytes());
    out.extend(b"PK\x06\x07\0\0\0\0");
    out.extend((at as u64).to_le_bytes());
    out.extend(1_u32.to_le_bytes());
    out
}

fn flate2_crc(content: &[u8]) -> u32 {
    let mut crc = flate2::Crc::new();
    crc.update(content);
    crc.sum()
}
