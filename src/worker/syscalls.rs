//! The system calls that a fenced worker may make. `sandbox` says why; this is the list.
//!
//! Three filters, because each has one answer for what it matches and the sternest answer wins:
//! what only an attack calls ends the process; `clone3` is said not to exist, so that the C library
//! falls back to `clone`, whose flags a filter can see; everything else is allowed or `EPERM`.

use std::collections::BTreeMap;

use seccompiler::{
    BackendError, BpfProgram, Error, SeccompAction, SeccompCmpArgLen, SeccompCmpOp,
    SeccompCondition, SeccompFilter, SeccompRule,
};

use super::sandbox::Kind;

type Rules = BTreeMap<i64, Vec<SeccompRule>>;

/// Memory, time, the link, the runtime, and an orderly end. Nothing here makes a new descriptor
/// but `epoll_create1`, `eventfd2` and copies of what is open.
const ALWAYS: &[i64] = &[
    libc::SYS_brk,
    libc::SYS_munmap,
    libc::SYS_mremap,
    libc::SYS_madvise,
    libc::SYS_read,
    libc::SYS_readv,
    libc::SYS_write,
    libc::SYS_writev,
    libc::SYS_recvfrom,
    libc::SYS_sendto,
    libc::SYS_shutdown,
    libc::SYS_close,
    libc::SYS_fcntl,
    libc::SYS_fstat,
    libc::SYS_epoll_create1,
    libc::SYS_epoll_ctl,
    libc::SYS_epoll_pwait,
    libc::SYS_eventfd2,
    libc::SYS_ppoll,
    libc::SYS_futex,
    libc::SYS_sched_yield,
    libc::SYS_sched_getaffinity,
    libc::SYS_clock_gettime,
    libc::SYS_clock_nanosleep,
    libc::SYS_nanosleep,
    libc::SYS_gettimeofday,
    libc::SYS_getrandom,
    libc::SYS_getrusage,
    libc::SYS_getpid,
    libc::SYS_getppid,
    libc::SYS_gettid,
    libc::SYS_rt_sigaction,
    libc::SYS_rt_sigprocmask,
    libc::SYS_rt_sigreturn,
    libc::SYS_sigaltstack,
    libc::SYS_restart_syscall,
    libc::SYS_exit,
    libc::SYS_exit_group,
    // Answered by the filter before this one.
    libc::SYS_clone3,
];

/// The older forms, which newer architectures no longer have.
#[cfg(target_arch = "x86_64")]
const ALWAYS_OLD: &[i64] = &[libc::SYS_epoll_wait, libc::SYS_poll, libc::SYS_time];
#[cfg(not(target_arch = "x86_64"))]
const ALWAYS_OLD: &[i64] = &[];

/// Outgoing sockets and what a thread needs. `bind` for the UDP ports of RTP; `accept4` for a
/// listener that was made before the fence; there is no `listen`.
const INGEST: &[i64] = &[
    libc::SYS_connect,
    libc::SYS_bind,
    libc::SYS_accept4,
    libc::SYS_sendmsg,
    libc::SYS_recvmsg,
    libc::SYS_sendmmsg,
    libc::SYS_recvmmsg,
    libc::SYS_getsockopt,
    libc::SYS_setsockopt,
    libc::SYS_getsockname,
    libc::SYS_getpeername,
    libc::SYS_set_robust_list,
    libc::SYS_rseq,
];

/// What no parser calls by mistake.
const ATTACK: &[i64] = &[
    libc::SYS_execve,
    libc::SYS_execveat,
    libc::SYS_ptrace,
    libc::SYS_process_vm_readv,
    libc::SYS_process_vm_writev,
    libc::SYS_bpf,
    libc::SYS_perf_event_open,
    libc::SYS_userfaultfd,
    libc::SYS_io_uring_setup,
    libc::SYS_io_uring_enter,
    libc::SYS_io_uring_register,
    libc::SYS_init_module,
    libc::SYS_finit_module,
    libc::SYS_kexec_load,
    libc::SYS_mount,
    libc::SYS_umount2,
    libc::SYS_pivot_root,
    libc::SYS_chroot,
    libc::SYS_setns,
    libc::SYS_unshare,
    libc::SYS_keyctl,
    libc::SYS_add_key,
    libc::SYS_request_key,
    libc::SYS_open_by_handle_at,
];

/// Puts the filters on every thread of the process.
pub(super) fn apply(kind: Kind) -> Result<(), Error> {
    let attack = ATTACK.iter().map(|call| (*call, vec![])).collect();
    let clone3 = Rules::from([(libc::SYS_clone3, vec![])]);
    let enosys = SeccompAction::Errno(libc::ENOSYS.unsigned_abs());
    let eperm = SeccompAction::Errno(libc::EPERM.unsigned_abs());
    // The last one does not allow `seccomp` itself.
    for (rules, otherwise, matched) in [
        (attack, SeccompAction::Allow, SeccompAction::KillProcess),
        (clone3, SeccompAction::Allow, enosys),
        (allowed(kind)?, eperm, SeccompAction::Allow),
    ] {
        let architecture = std::env::consts::ARCH.try_into()?;
        let filter = SeccompFilter::new(rules, otherwise, matched, architecture)?;
        let program: BpfProgram = filter.try_into()?;
        seccompiler::apply_filter_all_threads(&program)?;
    }
    Ok(())
}

fn allowed(kind: Kind) -> Result<Rules, BackendError> {
    let mut rules: Rules =
        ALWAYS.iter().chain(ALWAYS_OLD).map(|call| (*call, Vec::new())).collect();
    // Memory may not become code: swscale and the codecs here need no code made at run time.
    let not_executable = masked(2, libc::PROT_EXEC.unsigned_abs(), 0)?;
    rules.insert(libc::SYS_mmap, vec![SeccompRule::new(vec![not_executable.clone()])?]);
    rules.insert(libc::SYS_mprotect, vec![SeccompRule::new(vec![not_executable])?]);
    // `abort` signals itself, and may signal nobody else.
    let own_pid = exactly(0, u64::from(std::process::id()))?;
    rules.insert(libc::SYS_tgkill, vec![SeccompRule::new(vec![own_pid])?]);
    rules.insert(libc::SYS_ioctl, vec![SeccompRule::new(vec![exactly(1, libc::FIONBIO)?])?]);
    if kind == Kind::Ingest {
        rules.extend(INGEST.iter().map(|call| (*call, Vec::new())));
        rules.insert(libc::SYS_socket, internet_sockets()?);
        // A thread, never a process.
        let thread = libc::CLONE_THREAD.unsigned_abs();
        rules.insert(libc::SYS_clone, vec![SeccompRule::new(vec![masked(0, thread, thread)?])?]);
    }
    Ok(rules)
}

/// TCP and UDP over IPv4 and IPv6; no raw, packet, netlink or local sockets.
fn internet_sockets() -> Result<Vec<SeccompRule>, BackendError> {
    // The rest of the type argument is flags (non-blocking, close-on-exec).
    const TYPE: u32 = 0xf;
    let mut rules = Vec::new();
    for family in [libc::AF_INET, libc::AF_INET6] {
        for kind in [libc::SOCK_STREAM, libc::SOCK_DGRAM] {
            rules.push(SeccompRule::new(vec![
                exactly(0, u64::from(family.unsigned_abs()))?,
                masked(1, TYPE, kind.unsigned_abs())?,
            ])?);
        }
    }
    Ok(rules)
}

/// The lower half of an argument equals `value`. The kernel reads only that half of those that are
/// compared here.
fn exactly(argument: u8, value: u64) -> Result<SeccompCondition, BackendError> {
    SeccompCondition::new(argument, SeccompCmpArgLen::Dword, SeccompCmpOp::Eq, value)
}

fn masked(argument: u8, mask: u32, value: u32) -> Result<SeccompCondition, BackendError> {
    let masked = SeccompCmpOp::MaskedEq(mask.into());
    SeccompCondition::new(argument, SeccompCmpArgLen::Dword, masked, value.into())
}
