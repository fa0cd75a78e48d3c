"""What the child gives up before it reads a byte: each layer is applied where the system permits.

1. Limits (memory, processor time, no file growth, few descriptors, no core dump): always. A core
   that is piped to a program knows no limit, so the process is made undumpable as well.
2. No new privileges: programs started later could gain none.
3. An empty network namespace.
4. Landlock: no file can be opened, read or written any more, so neither keys nor temp folders.
5. A filter on system calls: only some forty that touch what the child already has. No programs, no
   processes, no sockets, no signals, no change of a file's rights, no shared memory, no new machine
   code. It is a list of what may be called: what it does not name is refused, new calls too.

`confine` says which held; the answer carries it, so that an operator can see a weaker machine.
"""

import ctypes
import os
import platform
import resource
import struct
from dataclasses import dataclass
from typing import Final

_LIBC: Final = ctypes.CDLL(None, use_errno=True)

_PR_SET_DUMPABLE = 4
_PR_SET_SECCOMP = 22
_PR_SET_NO_NEW_PRIVS = 38
_SECCOMP_MODE_FILTER = 2
_CLONE_NEWUSER = 0x10000000
_CLONE_NEWNET = 0x40000000
_CLONE_THREAD = 0x00010000

_LANDLOCK_CREATE_RULESET = 444
_LANDLOCK_RESTRICT_SELF = 446
_LANDLOCK_VERSION_FLAG = 1
# Bits of landlock_ruleset_attr.handled_access_fs known to each version of the interface.
_LANDLOCK_FS: Final = {1: (1 << 13) - 1, 2: (1 << 14) - 1, 3: (1 << 15) - 1, 5: (1 << 16) - 1}

_DESCRIPTORS = 16
_M_ARENA_MAX = -8
_ARENAS = 2
"""Heaps for threads; each takes 64 MiB of the address space, used or not."""


@dataclass(frozen=True, slots=True)
class _Machine:
    """System call numbers of one kind of processor: what may still be called, and nothing else."""

    audit_arch: int
    clone: int
    clone3: int
    mmap: int
    mprotect: int
    allowed: tuple[int, ...]


# read write close fstat lseek poll/ppoll sendto recvfrom; munmap brk mremap madvise; futex
# set_robust_list rseq membarrier sched_yield sched_getaffinity gettid getpid; rt_sigaction
# rt_sigprocmask rt_sigreturn sigaltstack restart_syscall; exit exit_group; clock_gettime
# clock_getres clock_nanosleep nanosleep gettimeofday getrusage getrandom uname sysinfo.
# Nothing here takes a path, another process's id, or a new descriptor.
_X86_64: Final = _Machine(
    audit_arch=0xC000003E,
    clone=56,
    clone3=435,
    mmap=9,
    mprotect=10,
    allowed=(
        *(0, 1, 3, 5, 8, 7, 271, 44, 45, 11, 12, 25, 28),
        *(202, 273, 334, 324, 24, 204, 186, 39, 13, 14, 15, 131, 219, 60, 231),
        *(228, 229, 230, 35, 96, 98, 318, 63, 99),
    ),
)
_AARCH64: Final = _Machine(
    audit_arch=0xC00000B7,
    clone=220,
    clone3=435,
    mmap=222,
    mprotect=226,
    allowed=(
        *(63, 64, 57, 80, 62, 73, 206, 207, 215, 214, 216, 233),
        *(98, 99, 293, 283, 124, 123, 178, 172, 134, 135, 139, 132, 128, 93, 94),
        *(113, 114, 115, 101, 169, 165, 278, 160, 179),
    ),
)
_MACHINES: Final = {"x86_64": _X86_64, "aarch64": _AARCH64}

# Classic BPF, as in linux/filter.h and linux/seccomp.h.
_LOAD = 0x20
_JUMP_EQUAL = 0x15
_JUMP_AT_LEAST = 0x35
_JUMP_ANY_BIT = 0x45
_RETURN = 0x06
_ALLOW = 0x7FFF0000
_REFUSE = 0x00050000 | 1  # EPERM
_NO_SUCH_CALL = 0x00050000 | 38  # ENOSYS: libc falls back from clone3 to clone
_KILL = 0x80000000
_NUMBER_AT, _ARCH_AT, _FIRST_ARGUMENT_AT, _THIRD_ARGUMENT_AT = 0, 4, 16, 32
_X32_CALLS = 0x40000000
_PROT_EXEC = 4


def limit(*, memory: int, cpu_seconds: int) -> None:
    """Set the limits that hold on every machine.

    Args:
        memory: bytes of address space.
        cpu_seconds: seconds of processor time; then the system kills us.

    Raises:
        OSError, ValueError: the system refused; the child must then not go on.
    """
    for what, most in (
        (resource.RLIMIT_AS, memory),
        (resource.RLIMIT_CPU, cpu_seconds),
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_NOFILE, _DESCRIPTORS),
    ):
        resource.setrlimit(what, (most, most))
    _LIBC.mallopt(_M_ARENA_MAX, _ARENAS)


def confine() -> tuple[str, ...]:
    """Give up privileges, network, files and dangerous calls, as far as the system permits.

    To be called after everything needed has been imported. Gives the names of what held.
    """
    held = ["limits"]
    if _LIBC.prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0:
        held.append("no_new_privileges")
    if _LIBC.unshare(_CLONE_NEWNET) == 0 or _LIBC.unshare(_CLONE_NEWUSER | _CLONE_NEWNET) == 0:
        held.append("no_network")
    _LIBC.prctl(_PR_SET_DUMPABLE, 0, 0, 0, 0)  # after `unshare`, which may set it anew
    if _forbid_files():
        held.append("no_files")
    if _forbid_calls():
        held.append("no_calls")
    return tuple(held)


def _forbid_files() -> bool:
    version = _LIBC.syscall(_LANDLOCK_CREATE_RULESET, None, 0, _LANDLOCK_VERSION_FLAG)
    if version < 1:
        return False
    known = max(step for step in _LANDLOCK_FS if step <= version)
    attributes = ctypes.create_string_buffer(struct.pack("=Q", _LANDLOCK_FS[known]), 8)
    ruleset = _LIBC.syscall(_LANDLOCK_CREATE_RULESET, attributes, 8, 0)
    if ruleset < 0:
        return False
    try:
        return bool(_LIBC.syscall(_LANDLOCK_RESTRICT_SELF, ruleset, 0) == 0)
    finally:
        os.close(ruleset)


def _forbid_calls() -> bool:
    machine = _MACHINES.get(platform.machine())
    if machine is None:
        return False
    program = _filter(machine)
    code = ctypes.create_string_buffer(program, len(program))
    header = ctypes.create_string_buffer(
        struct.pack("=HxxxxxxQ", len(program) // 8, ctypes.addressof(code)),
        16,
    )
    return bool(_LIBC.prctl(_PR_SET_SECCOMP, _SECCOMP_MODE_FILTER, header, 0, 0) == 0)


def _filter(machine: _Machine) -> bytes:
    """The filter: another architecture's calls kill; what is not allowed answers EPERM."""
    steps = [
        (_LOAD, 0, 0, _ARCH_AT),
        (_JUMP_EQUAL, 1, 0, machine.audit_arch),
        (_RETURN, 0, 0, _KILL),
        (_LOAD, 0, 0, _NUMBER_AT),
        (_JUMP_AT_LEAST, 0, 1, _X32_CALLS),
        (_RETURN, 0, 0, _REFUSE),
        (_JUMP_EQUAL, 0, 1, machine.clone3),
        (_RETURN, 0, 0, _NO_SUCH_CALL),
    ]
    for number in machine.allowed:
        steps += [(_JUMP_EQUAL, 0, 1, number), (_RETURN, 0, 0, _ALLOW)]
    for number in (machine.mmap, machine.mprotect):  # memory yes, new machine code no
        steps += [
            (_JUMP_EQUAL, 0, 4, number),
            (_LOAD, 0, 0, _THIRD_ARGUMENT_AT),
            (_JUMP_ANY_BIT, 0, 1, _PROT_EXEC),
            (_RETURN, 0, 0, _REFUSE),
            (_RETURN, 0, 0, _ALLOW),
        ]
    steps += [
        (_JUMP_EQUAL, 0, 3, machine.clone),  # threads yes, processes no
        (_LOAD, 0, 0, _FIRST_ARGUMENT_AT),
        (_JUMP_ANY_BIT, 0, 1, _CLONE_THREAD),
        (_RETURN, 0, 0, _ALLOW),
        (_RETURN, 0, 0, _REFUSE),
    ]
    return b"".join(struct.pack("=HBBI", *step) for step in steps)
