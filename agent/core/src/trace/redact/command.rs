//! Secrets that are options of programs, whatever these are named: `curl -u user:pass`, `mysql -ps3cret`, `sshpass -p s3cret`.

use super::quote::Quote;
use super::scan::{is_line_end, skip, until};
use Kind::{Attached, Cookie, Pair, Whole};
use std::ops::Range;

/// Bytes from a program to an option of it, which may be in another line after a backslash.
const COMMAND_BYTES_MAX: usize = 4_096;
const NEXT: &[u8] = b" \t\"'\\";
const ENDS: &[u8] = b" \t\r\n\"'\\<>";
/// Of the longest program.
const PROGRAM_BYTES_MAX: usize = 13;
/// What begins an option of a letter.
const LETTERED: &[u8] = b"-";

/// What is secret of an option's value.
#[derive(Clone, Copy, PartialEq)]
enum Kind {
    /// What follows its colon.
    Pair,
    Whole,
    /// All of it if there is no blank before it.
    Attached,
    /// What follows the name of the first cookie.
    Cookie,
}

struct Program {
    names: &'static [&'static str],
    /// Letters that may stand before an option's.
    flags: &'static [u8],
    options: &'static [(&'static str, Kind)],
    /// Whether others with the same letters are another program's.
    is_once: bool,
}

const CURL: [(&str, Kind); 6] = [
    ("u", Pair),
    ("U", Pair),
    ("--user", Pair),
    ("--proxy-user", Pair),
    ("b", Cookie),
    ("--oauth2-bearer", Whole),
];
const MYSQL: [&str; 9] = [
    "mysql",
    "mysqldump",
    "mysqladmin",
    "mysqlimport",
    "mysqlcheck",
    "mysqlshow",
    "mariadb",
    "mariadb-dump",
    "mariadb-admin",
];
const MONGO: [&str; 6] = ["mongo", "mongosh", "mongodump", "mongorestore", "mongoexport", "mongoimport"];
const LDAP: [&str; 5] = ["ldapsearch", "ldapadd", "ldapmodify", "ldapdelete", "ldapwhoami"];

static PROGRAMS: [Program; 9] = [
    Program { names: &["curl"], flags: b"#0123456fgGijIJklLMnNOpqRsSvVZ", options: &CURL, is_once: false },
    Program { names: &["http", "https"], flags: b"hbvIjfFdcqS", options: &[("a", Pair)], is_once: false },
    Program { names: &MYSQL, flags: b"", options: &[("p", Attached)], is_once: false },
    Program { names: &MONGO, flags: b"", options: &[("p", Whole)], is_once: false },
    Program { names: &["zip", "unzip", "sqlcmd"], flags: b"", options: &[("P", Whole)], is_once: false },
    Program { names: &LDAP, flags: b"x", options: &[("w", Whole)], is_once: false },
    Program { names: &["redis-cli"], flags: b"", options: &[("a", Whole)], is_once: false },
    Program { names: &["sshpass"], flags: b"v", options: &[("p", Whole)], is_once: true },
    // Its own letters are others.
    Program { names: &["ssh", "scp", "sftp", "rsync"], flags: b"", options: &[], is_once: false },
];

/// The one that a text is in, as far as it was looked at.
#[derive(Default)]
pub(super) struct Command {
    program: Option<&'static Program>,
    /// Where its line ends.
    to: usize,
}

impl Command {
    /// Looks at the word `text[at..end]`: at a program, or at an option of the last one, whose secret it says.
    pub fn look(&mut self, text: &str, at: usize, end: usize) -> Option<Range<usize>> {
        let bytes = text.as_bytes();
        let is_next = bytes.get(end).is_some_and(|next| NEXT.contains(next));
        if let Some(program) = program(&text[at..end]).filter(|_| is_next) {
            self.program = Some(program);
            if at >= self.to {
                self.to = line(bytes, end);
            }
            return None;
        }
        let program = self.program.filter(|_| at < self.to && bytes[at..end].starts_with(LETTERED))?;
        let found = option(program, text, at, end);
        if found.is_some() && program.is_once {
            self.program = None;
        }
        found
    }
}

fn program(word: &str) -> Option<&'static Program> {
    if word.len() > PROGRAM_BYTES_MAX || !word.starts_with(|first: char| is_first(first)) {
        return None;
    }
    PROGRAMS.iter().find(|program| program.names.iter().any(|name| word.eq_ignore_ascii_case(name)))
}

/// Whether one of them begins so.
fn is_first(first: char) -> bool {
    matches!(first.to_ascii_lowercase(), 'c' | 'h' | 'l' | 'm' | 'r' | 's' | 'u' | 'z')
}

/// Where the line ends, with those that follow it after a backslash.
fn line(bytes: &[u8], at: usize) -> usize {
    let limit = bytes.len().min(at + COMMAND_BYTES_MAX);
    let mut next = at;
    while next < limit && !is_line_end(bytes[next]) {
        next += match &bytes[next..limit] {
            [b'\\', b'\r', b'\n', ..] => 3,
            [b'\\', b'\r' | b'\n', ..] => 2,
            _ => 1,
        };
    }
    next
}

fn option(program: &Program, text: &str, at: usize, end: usize) -> Option<Range<usize>> {
    let bytes = text.as_bytes();
    let kind = |name: &str| program.options.iter().find(|(own, _)| *own == name).map(|(_, kind)| *kind);
    let (mut found, mut start) = (kind(&text[at..end]), end);
    let mut letter = at + 1;
    while found.is_none() && letter < end {
        (found, start) = (kind(&text[letter..=letter]), letter + 1);
        if found.is_none() && !program.flags.contains(&bytes[letter]) {
            return None;
        }
        letter += 1;
    }
    let kind = found?;
    let is_apart = start == end && kind != Attached;
    if is_apart {
        start = skip(bytes, start, b" =\t");
    }
    let value = match Quote::at(bytes, start) {
        Some(open) => open.after..open.closing(bytes),
        None if start == end || is_apart && bytes.get(start) == Some(&b'-') => return None,
        None => start..until(bytes, start, ENDS),
    };
    let mark = |mark: u8| bytes[value.clone()].iter().position(|byte| *byte == mark);
    match kind {
        Whole | Attached => (!is_ports(&bytes[value.clone()])).then_some(value),
        Pair => mark(b':').map(|colon| value.start + colon + 1..value.end),
        Cookie => mark(b'=').map(|equals| value.start + equals + 1..value.end),
    }
}

/// What a container's ports are given as, with the same letter as a password: `-p 3306:3306`.
fn is_ports(value: &[u8]) -> bool {
    let is_part = |byte: &u8| byte.is_ascii_digit() || *byte == b':';
    value.first().is_some_and(u8::is_ascii_digit) && value.contains(&b':') && value.iter().all(is_part)
}
