"""Policy files: which logs and witnesses one follows, line by line (C2SP tlog-policy).

Of a quorum we read only `none`: who checks a bundle decides how many witnesses are enough, and
nobody here waits for one. So groups, which only a quorum needs, are refused, not ignored.
"""

import re
import urllib.parse
from dataclasses import dataclass
from typing import Final

from fairwitness.formats.errors import FormatError
from fairwitness.formats.note import NoteVerifier, SignatureType

LIMIT: Final = 64 << 10
"""Bytes of a policy file, at most."""

_MOST: Final = 32
_NONE: Final = "none"
_CONTROL: Final = re.compile(r"[\x00-\x08\x0b-\x1f\x7f]")
_SHAPES: Final = {"log": (2, 3), "witness": (3, 4), "quorum": (2, 2)}


class PolicyInvalid(FormatError):
    """A policy file that we don't understand, or that wants what we don't do."""

    code = "format.policy"


@dataclass(frozen=True, slots=True)
class Witness:
    """One witness.

    Attributes:
        name: in this file, for people.
        verifier: checks its cosignatures.
        url: its submission prefix without a slash at the end; "" if it can't be asked.
    """

    name: str
    verifier: NoteVerifier
    url: str = ""


@dataclass(frozen=True, slots=True)
class Policy:
    """A policy file's logs and witnesses, in its order."""

    logs: tuple[NoteVerifier, ...] = ()
    witnesses: tuple[Witness, ...] = ()


def parse(data: bytes) -> Policy:
    """Read a policy file.

    Raises:
        PolicyInvalid: naming the line that is malformed, doubled, or not supported.
    """
    if len(data) > LIMIT:
        raise PolicyInvalid("The policy file is longer than any that we accept.")
    try:
        text = data.decode()
    except UnicodeDecodeError as error:
        raise PolicyInvalid("The policy file is not UTF-8.") from error
    if _CONTROL.search(text) or (text and not text.endswith("\n")):
        raise PolicyInvalid("The policy file has control characters, or a line without an end.")
    logs: list[NoteVerifier] = []
    witnesses: list[Witness] = []
    quorums = 0
    for number, line in enumerate(text.split("\n"), 1):
        words = re.split("[ \t]+", line.strip(" \t"))
        if words == [""] or words[0].startswith("#"):
            continue
        try:
            _demand_shape(words)
            if words[0] == "log":
                logs.append(_key(words[1], SignatureType.ED25519))
                _url(words[2:])
            elif words[0] == "witness":
                witnesses.append(_witness(words[1:]))
            else:
                quorums += 1
        except FormatError as error:
            raise PolicyInvalid(f"Line {number} of the policy file: {error.message}") from error
    _demand_whole(logs, witnesses, quorums)
    return Policy(tuple(logs), tuple(witnesses))


def _demand_shape(words: list[str]) -> None:
    least, most = _SHAPES.get(words[0], (0, 0))
    if not least <= len(words) <= most:
        raise PolicyInvalid("not a log, a witness or `quorum none` as C2SP tlog-policy writes them")
    if words[0] == "quorum" and words[1] != _NONE:
        raise PolicyInvalid("we never wait for witnesses: the only quorum that we keep is `none`")


def _demand_whole(logs: list[NoteVerifier], witnesses: list[Witness], quorums: int) -> None:
    if quorums != 1:
        raise PolicyInvalid("A policy file has exactly one quorum line: `quorum none`.")
    if max(len(logs), len(witnesses)) > _MOST:
        raise PolicyInvalid(f"We follow at most {_MOST} logs and {_MOST} witnesses.")
    for keys in (logs, [each.verifier for each in witnesses]):
        if len({each.vkey.rpartition("+")[2] for each in keys}) != len(keys):
            raise PolicyInvalid("The policy file has one key twice.")
    if len({each.name for each in logs}) != len(logs):
        raise PolicyInvalid("The policy file has two keys for one log.")
    if len({each.name for each in witnesses} - {_NONE}) != len(witnesses):
        raise PolicyInvalid("The policy file has two witnesses of one name, or one named none.")


def _key(vkey: str, kind: SignatureType) -> NoteVerifier:
    verifier = NoteVerifier(vkey)
    if verifier.kind is not kind:
        raise PolicyInvalid("this key is not of the kind that such a line names")
    return verifier


def _witness(words: list[str]) -> Witness:
    return Witness(words[0], _key(words[1], SignatureType.COSIGNATURE_V1), _url(words[2:]))


def _url(words: list[str]) -> str:
    if not words:
        return ""
    try:
        parts = urllib.parse.urlsplit(words[0])
        good = parts.scheme in {"http", "https"} and parts.hostname and parts.port != 0
    except ValueError:
        good = False
    if not good or "?" in words[0] or "#" in words[0]:
        raise PolicyInvalid("the address is not like https://witness.example/prefix")
    return words[0].rstrip("/")
