//! What is known of a compiled class: its name, its parent, whether it can be started, and which properties its code may read
//! (JVM specification, chapter 4).
//!
//! Class files come from customers: every length is checked, nothing is allocated by what a file claims, and of methods only
//! the names are looked at. Of all that a class may hold, two names of bounded length are kept.

use thiserror::Error;

const MAGIC: u32 = 0xCAFE_BABE;
const ACC_PUBLIC: u16 = 0x0001;
const ACC_STATIC: u16 = 0x0008;
const ACC_INTERFACE: u16 = 0x0200;
const ACC_ABSTRACT: u16 = 0x0400;

/// What is known of a class.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClassHead {
    /// Its name as the JVM writes it: `shop/Checkout$Inner`.
    pub name: String,
    /// Its parent's; `None` for `java/lang/Object`.
    pub parent: Option<String>,
    /// Whether there can be no object of it: an interface or an abstract class.
    pub is_abstract: bool,
    /// Whether it declares `public static void main(String[])`.
    pub has_main: bool,
    /// The properties whose names are among the text constants of its code.
    pub reads: Reads,
}

/// Which of the properties that carry a load a plan knows of.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Reads {
    /// `users`, `gridnode.users` or, as Flood has published it, `threads`.
    pub users: bool,
    /// `rampUp`, `gridnode.ramp_up_s` or, as Flood has published it, `rampup`.
    pub ramp_up: bool,
    /// `iterations` or `gridnode.iterations`.
    pub iterations: bool,
}

impl Reads {
    /// Takes note of one text of a class's code.
    pub(crate) fn note(&mut self, text: &[u8]) {
        match text {
            b"users" | b"threads" | b"gridnode.users" => self.users = true,
            b"rampUp" | b"rampup" | b"gridnode.ramp_up_s" => self.ramp_up = true,
            b"iterations" | b"gridnode.iterations" => self.iterations = true,
            _ => {}
        }
    }
}

/// Why something is no class file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum ClassFileError {
    /// It begins with something else.
    #[error("it does not begin as a class file does")]
    Magic,
    /// It ends too early.
    #[error("it is torn at byte {0}")]
    Torn(usize),
    /// An unknown kind of constant.
    #[error("constant {index} has the unknown kind {tag}")]
    Constant {
        /// Which one.
        index: usize,
        /// Its kind.
        tag: u8,
    },
    /// A reference to something that is not there, or something else.
    #[error("constant {0} is not what it is used as")]
    Reference(usize),
    /// A name of so many bytes.
    #[error("no class has a name of {0} bytes")]
    Name(usize),
}

/// Bytes of a class's name. The format allows 64 KiB, compilers and file systems a few hundred.
const NAME_BYTES_MAX: usize = 1 << 10;

impl ClassHead {
    /// Reads the head of a class file.
    ///
    /// # Errors
    /// When the bytes are no class file, a torn one, or one of a class that is called what no class is.
    pub fn parse(bytes: &[u8]) -> Result<Self, ClassFileError> {
        let mut reader = Reader { bytes, at: 0 };
        if reader.u32().map_err(|_| ClassFileError::Magic)? != MAGIC {
            return Err(ClassFileError::Magic);
        }
        // Minor and major version.
        reader.u32()?;
        let constants = Constants::read(&mut reader)?;
        let flags = reader.u16()?;
        let name = constants.class(reader.u16()?)?;
        let parent = match reader.u16()? {
            0 => None,
            index => Some(constants.class(index)?),
        };
        let is_abstract = flags & (ACC_INTERFACE | ACC_ABSTRACT) != 0;
        // What is torn behind its head is a class all the same, only not one to start.
        let has_main = has_main(&mut reader, &constants).unwrap_or(false);
        Ok(Self { name, parent, is_abstract, has_main, reads: constants.reads() })
    }
}

/// Whether a program's start is among the methods; the reader is behind the parent.
fn has_main(reader: &mut Reader<'_>, constants: &Constants<'_>) -> Result<bool, ClassFileError> {
    let interfaces = usize::from(reader.u16()?);
    reader.skip(2 * interfaces)?;
    let mut found = false;
    // Fields, then methods; both have the same form, and no field has such a type.
    for _ in 0..2 {
        for _ in 0..reader.u16()? {
            let (flags, name, kind) = (reader.u16()?, reader.u16()?, reader.u16()?);
            found |= flags & (ACC_PUBLIC | ACC_STATIC) == ACC_PUBLIC | ACC_STATIC
                && constants.utf8(name) == Some(b"main")
                && constants.utf8(kind) == Some(b"([Ljava/lang/String;)V");
            for _ in 0..reader.u16()? {
                reader.u16()?;
                let length = usize::try_from(reader.u32()?).unwrap_or(usize::MAX);
                reader.skip(length)?;
            }
        }
    }
    Ok(found)
}

/// A constant, as far as it matters here.
#[derive(Debug, Clone, Copy)]
enum Constant<'a> {
    Utf8(&'a [u8]),
    Class(u16),
    Text(u16),
    /// Numbers, members, and the empty place after a wide one.
    Other,
}

/// The table of constants; place 0 is never used.
struct Constants<'a>(Vec<Constant<'a>>);

impl<'a> Constants<'a> {
    fn read(reader: &mut Reader<'a>) -> Result<Self, ClassFileError> {
        let count = usize::from(reader.u16()?);
        let mut constants = vec![Constant::Other];
        while constants.len() < count {
            let index = constants.len();
            let tag = reader.take(1)?[0];
            let constant = match tag {
                1 => {
                    let length = usize::from(reader.u16()?);
                    Constant::Utf8(reader.take(length)?)
                }
                7 => Constant::Class(reader.u16()?),
                8 => Constant::Text(reader.u16()?),
                3 | 4 | 9 | 10 | 11 | 12 | 17 | 18 => reader.skip(4)?,
                5 | 6 => reader.skip(8)?,
                15 => reader.skip(3)?,
                16 | 19 | 20 => reader.skip(2)?,
                tag => return Err(ClassFileError::Constant { index, tag }),
            };
            constants.push(constant);
            if matches!(tag, 5 | 6) {
                constants.push(Constant::Other);
            }
        }
        Ok(Self(constants))
    }

    fn class(&self, index: u16) -> Result<String, ClassFileError> {
        let wrong = ClassFileError::Reference(usize::from(index));
        let Some(Constant::Class(name)) = self.0.get(usize::from(index)) else { return Err(wrong) };
        let name = self.utf8(*name).ok_or(wrong)?;
        if name.len() > NAME_BYTES_MAX {
            return Err(ClassFileError::Name(name.len()));
        }
        // The JVM's own dialect of UTF-8 differs for NUL and rare letters only, which no name of ours has.
        Ok(String::from_utf8_lossy(name).into_owned())
    }

    fn utf8(&self, index: u16) -> Option<&'a [u8]> {
        match self.0.get(usize::from(index)) {
            Some(Constant::Utf8(bytes)) => Some(*bytes),
            _ => None,
        }
    }

    fn reads(&self) -> Reads {
        let mut reads = Reads::default();
        for constant in &self.0 {
            if let Constant::Text(index) = constant
                && let Some(text) = self.utf8(*index)
            {
                reads.note(text);
            }
        }
        reads
    }
}

struct Reader<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl<'a> Reader<'a> {
    fn take(&mut self, count: usize) -> Result<&'a [u8], ClassFileError> {
        let taken = self.at.checked_add(count).and_then(|end| self.bytes.get(self.at..end));
        let taken = taken.ok_or(ClassFileError::Torn(self.bytes.len()))?;
        self.at += count;
        Ok(taken)
    }

    fn skip(&mut self, count: usize) -> Result<Constant<'a>, ClassFileError> {
        self.take(count).map(|_| Constant::Other)
    }

    fn u16(&mut self) -> Result<u16, ClassFileError> {
        self.take(2).map(|b| u16::from_be_bytes([b[0], b[1]]))
    }

    fn u32(&mut self) -> Result<u32, ClassFileError> {
        self.take(4).map(|b| u32::from_be_bytes([b[0], b[1], b[2], b[3]]))
    }
}

#[cfg(test)]
mod tests;
