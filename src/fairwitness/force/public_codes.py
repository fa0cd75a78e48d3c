"""Short codes that people copy from a card or a screen: pure.

Thirty-one signs, none that looks like another; the last of a code is a check sign, which finds any
one wrong sign and any two neighbours exchanged. A code says nothing of what it stands for.
"""

import secrets
from typing import Final

from fairwitness.errors import FairwitnessError

SIGNS: Final = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"
"""Without 0, 1, I, L and O. Thirty-one is a prime, so that the check sign finds what it should."""

_GROUP: Final = 4


class CodeInvalid(FairwitnessError):
    """A code that was not copied right."""

    code = "code.invalid"


def make(length: int) -> str:
    """A fresh code of this many signs, the check sign included."""
    body = "".join(secrets.choice(SIGNS) for _ in range(length - 1))
    return body + _check(body)


def read(typed: str, length: int) -> str:
    """The code that somebody typed, however they wrote it.

    Raises:
        CodeInvalid: it is no code of this length; says nothing of whether such a code was given.
    """
    code = "".join(sign for sign in typed.upper() if sign not in " -.\t")
    well = len(code) == length and all(sign in SIGNS for sign in code)
    if not well or _check(code[:-1]) != code[-1]:
        raise CodeInvalid("That code has a slip in it. Copy it again, sign by sign.")
    return code


def spaced(code: str) -> str:
    """The code in groups, to be read and copied: `K7P4-9XW2`."""
    return "-".join(code[i : i + _GROUP] for i in range(0, len(code), _GROUP))


def _check(body: str) -> str:
    total = sum(place * SIGNS.index(sign) for place, sign in enumerate(body, start=2))
    return SIGNS[-total % len(SIGNS)]
