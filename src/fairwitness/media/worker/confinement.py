"""What the child gives up before it reads a byte: each layer is applied where the system permits.

1. Limits (memory, processor time, no file growth, few descriptors, no core dump): always. A core
   that is piped to a program knows no limit, so the process is made undumpable as well.
2. No new privileges: programs started later could gain none.
3. An empty network namespace.
4. Landlock: no file can be opened, read or written any more, so neither keys nor temp folders.
5. A filter on system calls: no programs, no processes, no sockets, no tracing of its parent.

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


@dataclass(frozen=True, slots=True)
class _Machine:
    """System call numbers of one kind of processor."""

    audit_arch: int
    clone: int
    clone3: int
    refused: tuple[int, ...]


# execve execveat fork vfork ptrace process_vm_readv/writev kill pidfd_open/getfd/send_signal socket
# connect bind listen open_by_handle_at mount bpf userfaultfd io_uring_setup keyctl add_key
# request_key unshare setns prlimit64 perf_event_open
_X86_64: Final = _Machine(
    audit_arch=0xC000003E,
    clone=56,
    clone3=435,
    refused=(
        *(59, 322, 57, 58, 101, 310, 311, 62, 434, 438, 424, 41, 42, 49, 50),
        *(304, 165, 321, 323, 425, 250, 248, 249, 272, 308, 302, 298),
    ),
)
_AARCH64: Final = _Machine(
    audit_arch=0xC00000B7,
    clone=220,
    clone3=435,
    refused=(
        *(221, 281, 117, 270, 271, 129, 434, 438, 424, 198, 203, 200, 201),
        *(265, 40, 280, 282, 425, 219, 217, 218, 97, 268, 261, 241),
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
_NUMBER_AT, _ARCH_AT, _FIRST_ARGUMENT_AT = 0, 4, 16
_X32_CALLS = 0x40000000


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
    """The filter: another architecture's calls kill; each refused number answers EPERM."""
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
    for number in machine.refused:
        steps += [(_JUMP_EQUAL, 0, 1, number), (_RETURN, 0, 0, _REFUSE)]
    steps += [
        (_JUMP_EQUAL, 0, 3, machine.clone),  # threads yes, processes no
        (_LOAD, 0, 0, _FIRST_ARGUMENT_AT),
        (_JUMP_ANY_BIT, 1, 0, _CLONE_THREAD),
        (_RETURN, 0, 0, _REFUSE),
        (_RETURN, 0, 0, _ALLOW),
    ]
    return b"".join(struct.pack("=HBBI", *step) for step in steps)
