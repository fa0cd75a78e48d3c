"""No plaintext and no key in a core dump.

A process that holds keys and footage in memory must not leave that memory on a disk when it dies,
nor let another process of the same user look into it.
"""

import ctypes
import resource
from typing import Final

_PR_SET_DUMPABLE: Final = 4


def make_undumpable() -> bool:
    """Forbids core dumps of this process and its children, and looking into its memory.

    Call it once, first, in every process that opens the key ring. It can't be undone.

    Returns:
        Whether the kernel also keeps other processes of this user out (Linux does).
    """
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    try:
        prctl = ctypes.CDLL(None, use_errno=True).prctl
    except (OSError, AttributeError):
        return False
    done: int = prctl(_PR_SET_DUMPABLE, 0, 0, 0, 0)
    return done == 0
