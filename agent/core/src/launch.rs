//! How a tool is started, told what to do and judged afterwards: decided here as values, carried out by a shell.

pub mod jmeter;
