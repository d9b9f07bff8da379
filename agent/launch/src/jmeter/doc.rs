//! The outline of an XML file: which elements there are and at which bytes, nothing else. The tree is a flat list in
//! document order, so neither depth nor size can overflow a stack, and every element costs 32 bytes.

use super::{PLAN_BYTES_MAX, PLAN_ELEMENTS_MAX, PlanError, Position};
use quick_xml::Reader;
use quick_xml::escape::unescape;
use quick_xml::events::{BytesStart, Event};
use std::borrow::Cow;
use std::ops::Range;

const BOM: &[u8] = b"\xEF\xBB\xBF";

/// Index of an element in its outline.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Id(u32);

/// Byte offsets into the file fit `u32`: [`PLAN_BYTES_MAX`] sees to it.
#[derive(Debug, Clone, Copy)]
struct Node {
    /// `<` of the start tag.
    start: u32,
    /// After `>` of the start tag.
    tag_end: u32,
    /// `<` of the end tag; equal to `tag_end` in an empty element.
    inner_end: u32,
    /// After the whole element.
    end: u32,
    /// Length of the name.
    name_len: u32,
    /// Index after the last descendant.
    next: u32,
    /// Written as `<name/>`.
    empty: bool,
}

/// The outline of one file.
pub(super) struct Doc<'a> {
    bytes: &'a [u8],
    /// The file as text with the same byte positions; bytes that are not UTF-8 show as `?`.
    view: Cow<'a, str>,
    /// Where `view` starts in `bytes`: 3 after a byte-order mark.
    base: usize,
    nodes: Vec<Node>,
    /// Offsets of all line feeds in `bytes`.
    newlines: Vec<u32>,
}

impl<'a> Doc<'a> {
    /// Reads the outline.
    ///
    /// # Errors
    /// When `bytes` are too many, in an encoding without ASCII's bytes, or not well-formed.
    pub fn parse(bytes: &'a [u8]) -> Result<Self, PlanError> {
        if bytes.len() > PLAN_BYTES_MAX {
            let what = format!("{} bytes, at most {PLAN_BYTES_MAX} are read", bytes.len());
            return Err(PlanError::TooLarge { what });
        }
        refuse_encodings(bytes)?;
        let body = bytes.strip_prefix(BOM).unwrap_or(bytes);
        if body.iter().all(u8::is_ascii_whitespace) {
            return Err(PlanError::Empty);
        }
        let newlines = (0..).zip(bytes).filter(|(_, b)| **b == b'\n').map(|(at, _)| at).collect();
        let mut doc =
            Self { bytes, view: view_of(body), base: bytes.len() - body.len(), nodes: Vec::new(), newlines };
        let start = body.len() - body.trim_ascii_start().len();
        if body.get(start) != Some(&b'<') {
            return Err(doc.not_xml(start, "it does not start with `<`, so it cannot be a .jmx file"));
        }
        doc.nodes = outline(&doc)?;
        Ok(doc)
    }

    /// The outermost element.
    pub fn root(&self) -> Id {
        Id(0)
    }

    /// Where an element starts, for messages.
    pub fn position(&self, id: Id) -> Position {
        self.position_at(self.node(id).start as usize)
    }

    /// The element's name.
    pub fn name(&self, id: Id) -> &str {
        let node = self.node(id);
        &self.view[node.start as usize + 1..(node.start + 1 + node.name_len) as usize]
    }

    /// An attribute's value, unescaped.
    pub fn attribute(&self, id: Id, name: &str) -> Option<String> {
        let node = self.node(id);
        let close = if node.empty { 2 } else { 1 };
        let content = &self.view[node.start as usize + 1..node.tag_end as usize - close];
        let tag = BytesStart::from_content(content, node.name_len as usize);
        let attribute = tag.attributes().with_checks(false).flatten().find(|a| a.key.as_ref() == name)?;
        Some(unescape(&attribute.value).unwrap_or(Cow::Borrowed(&attribute.value)).into_owned())
    }

    /// The element's own text: references resolved, comments left out, child elements skipped.
    pub fn text(&self, id: Id) -> String {
        let node = self.node(id);
        let mut reader = Reader::from_str(&self.view[node.tag_end as usize..node.inner_end as usize]);
        reader.config_mut().allow_dangling_amp = true;
        let (mut text, mut depth) = (String::new(), 0_u32);
        loop {
            match reader.read_event() {
                Ok(Event::Start(_)) => depth += 1,
                Ok(Event::End(_)) => depth = depth.saturating_sub(1),
                Ok(Event::Text(part)) if depth == 0 => text.push_str(&part.into_inner()),
                Ok(Event::CData(part)) if depth == 0 => text.push_str(&part.into_inner()),
                Ok(Event::GeneralRef(part)) if depth == 0 => {
                    let raw = format!("&{};", &*part);
                    text.push_str(unescape(&raw).as_deref().unwrap_or(&raw));
                }
                Ok(Event::Eof) | Err(_) => return text,
                Ok(_) => {}
            }
        }
    }

    /// Whether `text` is anywhere in the file.
    pub fn mentions(&self, text: &str) -> bool {
        self.view.contains(text)
    }

    /// What is before and after each place where `text` is in the file.
    pub fn surroundings<'t>(&'t self, text: &'t str) -> impl Iterator<Item = (&'t str, &'t str)> {
        self.view.match_indices(text).map(|(at, found)| (&self.view[..at], &self.view[at + found.len()..]))
    }

    /// Whether `text` is anywhere in an element.
    pub fn mentions_in(&self, id: Id, text: &str) -> bool {
        let node = self.node(id);
        self.view[node.start as usize..node.end as usize].contains(text)
    }

    /// The child elements in order.
    pub fn children(&self, id: Id) -> impl Iterator<Item = Id> + '_ {
        let end = self.node(id).next;
        let mut next = id.0 + 1;
        std::iter::from_fn(move || {
            let child = (next < end).then_some(Id(next))?;
            next = self.node(child).next;
            Some(child)
        })
    }

    /// The bytes of the file between start and end tag.
    pub fn inner_range(&self, id: Id) -> Range<usize> {
        let node = self.node(id);
        self.base + node.tag_end as usize..self.base + node.inner_end as usize
    }

    /// The bytes of the whole element.
    pub fn range(&self, id: Id) -> Range<usize> {
        let node = self.node(id);
        self.base + node.start as usize..self.base + node.end as usize
    }

    /// Whether it is written as `<name/>`.
    pub fn is_empty_tag(&self, id: Id) -> bool {
        self.node(id).empty
    }

    fn node(&self, id: Id) -> &Node {
        &self.nodes[id.0 as usize]
    }

    fn position_at(&self, view_at: usize) -> Position {
        Position::of(self.bytes, &self.newlines, self.base + view_at)
    }

    fn not_xml(&self, at: usize, what: impl ToString) -> PlanError {
        PlanError::NotXml { at: self.position_at(at), what: what.to_string() }
    }
}

/// JMeter reads every plan as UTF-8, whatever its declaration says. What counts here is only whether markup has
/// ASCII's bytes, so Latin-1 and its like pass.
fn refuse_encodings(bytes: &[u8]) -> Result<(), PlanError> {
    let encoding = match bytes {
        [0, 0, 0xFE, 0xFF, ..] | [0xFF, 0xFE, 0, 0, ..] | [0, 0, 0, b'<', ..] | [b'<', 0, 0, 0, ..] => {
            "UTF-32"
        }
        [0xFE, 0xFF, ..] | [0, b'<', ..] => "UTF-16BE",
        [0xFF, 0xFE, ..] | [b'<', 0, ..] => "UTF-16LE",
        _ => return Ok(()),
    };
    Err(PlanError::Encoding { encoding: encoding.to_owned() })
}

fn view_of(body: &[u8]) -> Cow<'_, str> {
    std::str::from_utf8(body).map_or_else(
        |_| body.iter().map(|b| if b.is_ascii() { *b as char } else { '?' }).collect::<String>().into(),
        Cow::Borrowed,
    )
}

fn outline(doc: &Doc<'_>) -> Result<Vec<Node>, PlanError> {
    let view = &*doc.view;
    if view.starts_with('\u{FEFF}') {
        return Err(doc.not_xml(0, "it starts with two byte-order marks"));
    }
    let mut reader = Reader::from_str(view);
    reader.config_mut().allow_dangling_amp = true;
    let mut nodes: Vec<Node> = Vec::new();
    let mut open: Vec<u32> = Vec::new();
    loop {
        let start = reader.buffer_position();
        let event =
            reader.read_event().map_err(|e| doc.not_xml(position(reader.error_position()), complaint(&e)))?;
        let (start, end) = (offset(start), offset(reader.buffer_position()));
        match event {
            Event::Start(tag) => {
                begin(doc, &mut nodes, &open, &tag, start, end, false)?;
                open.push(index(nodes.len() - 1));
            }
            Event::Empty(tag) => begin(doc, &mut nodes, &open, &tag, start, end, true)?,
            Event::End(_) => {
                // The reader has checked that there is an open element of this name.
                let Some(id) = open.pop() else {
                    return Err(doc.not_xml(start as usize, "unmatched end tag"));
                };
                let next = index(nodes.len());
                let node = &mut nodes[id as usize];
                (node.inner_end, node.end, node.next) = (start, end, next);
            }
            Event::Text(text) if open.is_empty() && !text.trim_ascii().is_empty() => {
                return Err(doc.not_xml(start as usize, "there is text outside of the outermost element"));
            }
            Event::Eof => break,
            _ => {}
        }
    }
    match (open.last(), nodes.is_empty()) {
        (Some(id), _) => {
            let name = doc_name(view, &nodes[*id as usize]);
            Err(doc.not_xml(nodes[*id as usize].start as usize, format!("<{name}> is never closed")))
        }
        (None, true) => Err(doc.not_xml(view.len(), "there is no element in it")),
        (None, false) => Ok(nodes),
    }
}

fn begin(
    doc: &Doc<'_>,
    nodes: &mut Vec<Node>,
    open: &[u32],
    tag: &BytesStart<'_>,
    start: u32,
    end: u32,
    empty: bool,
) -> Result<(), PlanError> {
    if open.is_empty() && !nodes.is_empty() {
        return Err(doc.not_xml(start as usize, "there is a second outermost element"));
    }
    if nodes.len() >= PLAN_ELEMENTS_MAX {
        return Err(PlanError::TooLarge { what: format!("more than {PLAN_ELEMENTS_MAX} elements") });
    }
    let name_len = index(tag.name().as_ref().len());
    let next = index(nodes.len() + 1);
    nodes.push(Node { start, tag_end: end, inner_end: end, end, name_len, next, empty });
    Ok(())
}

/// The parser's complaint without the words that the message around it has already.
fn complaint(error: &quick_xml::Error) -> String {
    match error {
        quick_xml::Error::Syntax(e) => e.to_string(),
        quick_xml::Error::IllFormed(e) => e.to_string(),
        other => other.to_string(),
    }
}

fn doc_name<'v>(view: &'v str, node: &Node) -> &'v str {
    &view[node.start as usize + 1..(node.start + 1 + node.name_len) as usize]
}

/// Lossless: the file is at most [`PLAN_BYTES_MAX`] long.
fn offset(at: u64) -> u32 {
    u32::try_from(at).unwrap_or(u32::MAX)
}

/// Lossless: there are at most [`PLAN_ELEMENTS_MAX`] elements.
fn index(at: usize) -> u32 {
    u32::try_from(at).unwrap_or(u32::MAX)
}

fn position(at: u64) -> usize {
    usize::try_from(at).unwrap_or(usize::MAX)
}
