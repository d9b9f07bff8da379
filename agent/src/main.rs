#[cfg_attr(not(test), expect(dead_code, reason = "the command line that installs tools is being written"))]
mod tools;

fn main() {}
