//! What is known of a plan's compiled classes, within bounds.

use crate::cage::foreign_file;
use crate::tool::plan_error::PlanError;
use gridnode_launch::java::class_file::ClassHead;
use gridnode_launch::java::{CLASS_BYTES_MAX, CLASSES_MAX};
use std::fs;
use std::io;
use std::path::Path;

/// All classes of a plan together, unpacked: a bent jar could claim to hold anything.
const BYTES_MAX: usize = 1 << 30;
/// Their names and those of their parents, which are kept: as many classes as may be have some 10 MiB.
const NAME_BYTES_MAX: usize = 32 << 20;
/// Directories below each other that are looked into; packages have a handful.
const DEPTH_MAX: usize = 64;
/// What is known of a plan's classes, within bounds.
pub struct Heads<'a> {
    plan: &'a Path,
    kept: Vec<ClassHead>,
    seen: usize,
    bytes: usize,
    name_bytes: usize,
}

impl<'a> Heads<'a> {
    /// None yet, of a plan that errors name.
    #[must_use]
    pub fn of(plan: &'a Path) -> Self {
        Self { plan, kept: Vec::new(), seen: 0, bytes: 0, name_bytes: 0 }
    }

    /// Those that were taken in.
    #[must_use]
    pub fn into_kept(self) -> Vec<ClassHead> {
        self.kept
    }

    /// Takes in one class; what is none, though it is called so, is left to the JVM.
    ///
    /// # Errors
    /// When it is one too many, or they are too large.
    pub fn take(&mut self, bytes: &[u8]) -> Result<(), PlanError> {
        self.seen += 1;
        self.bytes += bytes.len();
        if let Ok(head) = ClassHead::parse(bytes) {
            self.name_bytes += head.name.len() + head.parent.as_ref().map_or(0, String::len);
            self.kept.push(head);
        }
        let excess = if self.seen > CLASSES_MAX {
            format!("{CLASSES_MAX} classes")
        } else if self.bytes > BYTES_MAX {
            format!("{} MiB of classes", BYTES_MAX >> 20)
        } else if self.name_bytes > NAME_BYTES_MAX {
            format!("{} MiB of names of classes", NAME_BYTES_MAX >> 20)
        } else {
            return Ok(());
        };
        Err(PlanError::NotAPlan { path: self.plan.to_owned(), why: format!("it has more than {excess}") })
    }
}

/// The classes below a directory that a compiler has filled. Macros ran in it: pipes, links and whatever else they have left
/// is no class.
///
/// # Errors
/// When they are too many or cannot be read.
pub fn of_directory(root: &Path) -> Result<Vec<ClassHead>, PlanError> {
    let unreadable = |path: &Path| {
        let path = path.to_owned();
        move |source| PlanError::Unreadable { path, source }
    };
    if !fs::symlink_metadata(root).map_err(unreadable(root))?.is_dir() {
        return Err(unreadable(root)(io::Error::other("something else is in its place")));
    }
    let mut heads = Heads::of(root);
    let mut waiting = vec![(root.to_owned(), 0)];
    while let Some((dir, depth)) = waiting.pop() {
        for entry in fs::read_dir(&dir).map_err(unreadable(&dir))? {
            let entry = entry.map_err(unreadable(&dir))?;
            let path = entry.path();
            // Follows no link.
            let kind = entry.file_type().map_err(unreadable(&path))?;
            if kind.is_dir() && depth < DEPTH_MAX {
                waiting.push((path, depth + 1));
            } else if kind.is_file() && path.extension().is_some_and(|extension| extension == "class") {
                let bytes = foreign_file::head(&path, CLASS_BYTES_MAX as u64);
                heads.take(&bytes.map_err(unreadable(&path))?)?;
            }
        }
    }
    Ok(heads.into_kept())
}

#[cfg(test)]
pub mod tests {
    use super::*;

    /// The smallest class file: name and parent, and nothing else.
    pub fn class(name: &str, parent: &str) -> Vec<u8> {
        let length = |text: &str| u16::try_from(text.len()).unwrap().to_be_bytes();
        let utf8 = |text: &str| [&[1], &length(text)[..], text.as_bytes()].concat();
        let pool = [utf8(name), vec![7, 0, 1], utf8(parent), vec![7, 0, 3]].concat();
        [&[0xCA, 0xFE, 0xBA, 0xBE, 0, 0, 0, 55, 0, 5][..], &pool, &[0, 0x21, 0, 2, 0, 4]].concat()
    }

    fn write(dir: &Path, name: &str, bytes: &[u8]) {
        let path = dir.join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, bytes).unwrap();
    }

    /// A macro runs while a plan is compiled, and may leave anything; without care the pipe alone would be waited for for ever.
    #[test]
    fn what_a_macro_leaves_among_the_classes_is_passed_over() {
        let dir = tempfile::tempdir().unwrap();
        let root = dir.path();
        let object = "java/lang/Object";
        write(root, "shop/Shop.class", &class("shop/Shop", object));
        write(root, &format!("{}Deep.class", "d/".repeat(65)), &class("Deep", object));
        nix::unistd::mkfifo(&root.join("Pipe.class"), nix::sys::stat::Mode::S_IRWXU).unwrap();
        // Sparse: it takes no room on disk, and could not be read as a whole.
        fs::File::create(root.join("Vast.class")).unwrap().set_len(1 << 42).unwrap();
        for (to, link) in [(".", "a"), (".", "shop/b"), ("shop/Shop.class", "Linked.class")] {
            std::os::unix::fs::symlink(to, root.join(link)).unwrap();
        }
        let heads = of_directory(root).unwrap();
        assert_eq!(heads.iter().map(|head| head.name.as_str()).collect::<Vec<_>>(), ["shop/Shop"]);
        for trap in ["a", "Pipe.class"] {
            assert!(of_directory(&root.join(trap)).is_err(), "{trap} in the place of all classes");
        }
    }

    #[test]
    fn what_is_kept_of_classes_is_bounded() {
        let taken = |bytes: &[u8]| {
            let mut heads = Heads::of(Path::new("plan.jar"));
            let mut at_once = (0..200_000).map(|_| heads.take(bytes));
            at_once.find_map(Result::err).unwrap().to_string()
        };
        assert!(taken(b"no class").contains("100000 classes"));
        let long = "n".repeat(1_000);
        assert!(taken(&class(&long, &long)).contains("32 MiB of names"));
        assert!(taken(&[0_u8].repeat(4 << 20)).contains("1024 MiB of classes"));
    }
}
