//! A store that does what a test says.

use crate::files::Object;
use crate::files::ObjectSource;
use crate::files::Opening;
use crate::files::SourceError;
use std::collections::{HashMap, VecDeque};
use std::io;
use std::pin::Pin;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll};
use std::time::Duration;
use tokio::io::{AsyncRead, ReadBuf};
use tokio::sync::Notify;

/// What comes for one call. A key whose script has ended repeats its last step.
#[derive(Debug, Clone)]
pub struct Step {
    answer: Result<Vec<u8>, SourceError>,
    announced: Option<u64>,
    then: Then,
    slow: bool,
}

/// After the bytes.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Then {
    End,
    Break,
    Hang,
}

impl Step {
    pub fn whole(content: &[u8]) -> Self {
        let announced = Some(content.len() as u64);
        Self { answer: Ok(content.to_vec()), announced, then: Then::End, slow: false }
    }

    pub fn fails(error: SourceError) -> Self {
        Self { answer: Err(error), announced: None, then: Then::End, slow: false }
    }

    pub fn announces(self, bytes: Option<u64>) -> Self {
        Self { announced: bytes, ..self }
    }

    pub fn breaks(self) -> Self {
        Self { then: Then::Break, ..self }
    }

    pub fn hangs(self) -> Self {
        Self { then: Then::Hang, ..self }
    }

    /// Long enough for everybody else to come along.
    pub fn slowly(self) -> Self {
        Self { slow: true, ..self }
    }
}

#[derive(Debug, Default)]
pub struct Scripted {
    scripts: Mutex<HashMap<String, VecDeque<Step>>>,
    opened: AtomicUsize,
    now: Arc<AtomicUsize>,
    most: AtomicUsize,
    /// Told when a body has nothing more to give and hangs.
    pub hanging: Arc<Notify>,
}

impl Scripted {
    pub fn has(&self, key: &str, content: &[u8]) {
        self.script(key, [Step::whole(content)]);
    }

    pub fn script(&self, key: &str, steps: impl IntoIterator<Item = Step>) {
        self.scripts.lock().unwrap().insert(key.to_owned(), steps.into_iter().collect());
    }

    pub fn opened(&self) -> usize {
        self.opened.load(Ordering::SeqCst)
    }

    pub fn most_at_once(&self) -> usize {
        self.most.load(Ordering::SeqCst)
    }

    fn next(&self, key: &str) -> Step {
        let mut scripts = self.scripts.lock().unwrap();
        let Some(script) = scripts.get_mut(key) else { return Step::fails(SourceError::NotFound) };
        if script.len() > 1 { script.pop_front().unwrap() } else { script[0].clone() }
    }
}

impl ObjectSource for Scripted {
    fn open<'a>(&'a self, _bucket: &'a str, key: &'a str) -> Opening<'a> {
        Box::pin(async move {
            self.opened.fetch_add(1, Ordering::SeqCst);
            let step = self.next(key);
            let content = step.answer?;
            let here = Here::new(&self.now);
            self.most.fetch_max(self.now.load(Ordering::SeqCst), Ordering::SeqCst);
            if step.slow {
                tokio::time::sleep(Duration::from_millis(30)).await;
            }
            let hanging = Arc::clone(&self.hanging);
            let body = Body { content, at: 0, then: step.then, hanging, _here: here };
            Ok(Object { bytes: step.announced, body: Box::pin(body) })
        })
    }
}

/// Counts what is open.
struct Here(Arc<AtomicUsize>);

impl Here {
    fn new(now: &Arc<AtomicUsize>) -> Self {
        now.fetch_add(1, Ordering::SeqCst);
        Self(Arc::clone(now))
    }
}

impl Drop for Here {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::SeqCst);
    }
}

struct Body {
    content: Vec<u8>,
    at: usize,
    then: Then,
    hanging: Arc<Notify>,
    _here: Here,
}

impl AsyncRead for Body {
    fn poll_read(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let give = (self.content.len() - self.at).min(buffer.remaining()).min(70_000);
        buffer.put_slice(&self.content[self.at..self.at + give]);
        self.at += give;
        match self.then {
            _ if give > 0 => Poll::Ready(Ok(())),
            Then::End => Poll::Ready(Ok(())),
            Then::Break => Poll::Ready(Err(io::Error::new(io::ErrorKind::ConnectionReset, "reset"))),
            Then::Hang => {
                self.hanging.notify_one();
                Poll::Pending
            }
        }
    }
}
