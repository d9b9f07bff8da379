//! What a person sees of a run that goes on: figures of each label from closed windows ([`board`]), the figures of the
//! whole ([`figures`]), the same of all nodes of a grid ([`grid`]), and what the keys make of them ([`view`]). Nothing here draws.

pub mod board;
pub mod figures;
pub mod grid;
pub mod keys;
pub mod recent;
pub mod view;

pub use board::{Board, Row};
pub use figures::{Figures, Latest, Level};
pub use grid::GridLive;
pub use keys::Key;
pub use view::{Sort, View, Wish};
