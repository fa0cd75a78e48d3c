"""Drawing lots in the open: pure, and redone by anybody with two files and `sha256sum`.

1. The list: the ids of all recordings that could be drawn, one to a line, sorted as text. Its
   SHA-256 is in an entry of the custody log before the lots are known.
2. The lots' seed: the root hash of the log's tree that ends with that entry. Public tiles give it
   to anybody; whoever makes the list can't know it, for the entry's own random salt is in it.
3. A recording's lot: the SHA-256 of the text `<root>:<id>`, both in lower-case hexadecimal.
4. The lowest lots are drawn, in order; what has gone meanwhile is passed over, and said to be.
"""

import hashlib
from collections.abc import Iterable


def listed(recordings: Iterable[str]) -> str:
    """The list as its digest is taken of: each id on a line of its own, sorted."""
    return "".join(f"{each}\n" for each in sorted(recordings))


def digest(recordings: Iterable[str]) -> str:
    """The SHA-256 of the list, in hexadecimal."""
    return hashlib.sha256(listed(recordings).encode()).hexdigest()


def lot(root: str, recording: str) -> str:
    """A recording's lot under a seed, both as text."""
    return hashlib.sha256(f"{root}:{recording}".encode()).hexdigest()


def lots(root: str, recordings: Iterable[str]) -> list[tuple[str, str]]:
    """Every recording with its lot before it, the lowest lot first."""
    return sorted((lot(root, each), each) for each in recordings)
