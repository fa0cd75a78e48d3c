"""The published list of public keys, kept made: it has a line for each camera ever enrolled.

Anyone may ask for it and for its fingerprint, without an account, and with twenty thousand cameras
making it takes seconds. It is made again when a key was approved or revoked (`trusted.mark`); our
own keys, the witnesses and the force's name stay the same while a process runs (`server_keys`).
"""

import threading
from collections.abc import Callable
from dataclasses import dataclass

from fairwitness.force import trusted
from fairwitness.formats import trust
from fairwitness.formats.trust import TrustList


@dataclass(frozen=True, slots=True)
class Made:
    """A list of keys, its bytes and its fingerprint, and what it was made of."""

    mark: bytes
    keys: TrustList
    data: bytes
    fingerprint: str


class TrustAtHand:
    """The list that was made last in this process, as long as it is still right."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._made: Made | None = None

    def get(self, make: Callable[[], TrustList]) -> Made:
        """The list as it is now. While one visitor's is made, others wait for the same.

        Args:
            make: makes it, when it has changed.
        """
        with self._lock:
            mark = trusted.mark()
            if self._made is None or self._made.mark != mark:
                keys = make()
                data = trust.encode(keys)
                self._made = Made(mark, keys, data, trust.fingerprint_of(data))
            return self._made
