//! Runs a program that cannot enlarge the receive buffers of its sockets: `default_buffer PROGRAM ARG…`.
//!
//! `setsockopt` for `SO_RCVBUF` and `SO_RCVBUFFORCE` says that it succeeded and does nothing, by a seccomp filter of this
//! process that the program inherits. So one machine, with settings that nobody has to touch, shows both cases.

use anyhow::{Context, Result, ensure};
use std::os::unix::process::CommandExt;
use std::process::Command;

/// Offset of the call's number and of the low words of its second and third argument in `seccomp_data`.
const NUMBER_AT: u32 = 0;
const LEVEL_AT: u32 = 16 + 8;
const OPTION_AT: u32 = 16 + 2 * 8;

fn main() -> Result<()> {
    let mut args = std::env::args_os().skip(1);
    let program = args.next().context("usage: default_buffer PROGRAM ARG…")?;
    ensure!(cfg!(target_endian = "little"), "only for little-endian machines");
    install_filter()?;
    let error = Command::new(&program).args(args).exec();
    Err(error).with_context(|| format!("failed to run {}", program.display()))
}

fn install_filter() -> Result<()> {
    let load = |at| statement(libc::BPF_LD | libc::BPF_W | libc::BPF_ABS, at);
    let mut code = [
        load(NUMBER_AT),
        unless_equal(libc::SYS_setsockopt as u32, 6),
        load(LEVEL_AT),
        unless_equal(libc::SOL_SOCKET as u32, 4),
        load(OPTION_AT),
        if_equal(libc::SO_RCVBUF as u32, 1),
        unless_equal(libc::SO_RCVBUFFORCE as u32, 1),
        // An error number of 0 is success.
        statement(libc::BPF_RET, libc::SECCOMP_RET_ERRNO),
        statement(libc::BPF_RET, libc::SECCOMP_RET_ALLOW),
    ];
    let program = libc::sock_fprog { len: code.len() as u16, filter: code.as_mut_ptr() };
    // SAFETY: both calls take plain numbers, and the second a pointer to a live program of `len` instructions.
    let installed = unsafe {
        libc::prctl(libc::PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0
            && libc::prctl(libc::PR_SET_SECCOMP, libc::SECCOMP_MODE_FILTER, &raw const program) == 0
    };
    ensure!(installed, "failed to install the filter: {}", std::io::Error::last_os_error());
    Ok(())
}

fn statement(code: u32, k: u32) -> libc::sock_filter {
    libc::sock_filter { code: code as u16, jt: 0, jf: 0, k }
}

/// Skips `skip` instructions when what was loaded is `k`.
fn if_equal(k: u32, skip: u8) -> libc::sock_filter {
    libc::sock_filter { jt: skip, ..statement(libc::BPF_JMP | libc::BPF_JEQ | libc::BPF_K, k) }
}

/// Skips `skip` instructions when what was loaded is not `k`.
fn unless_equal(k: u32, skip: u8) -> libc::sock_filter {
    libc::sock_filter { jf: skip, ..statement(libc::BPF_JMP | libc::BPF_JEQ | libc::BPF_K, k) }
}
