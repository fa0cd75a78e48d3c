"""One entry of the custody log with its proof, as a file; written by the site, checked offline.

Verification, as `docs/specs/log-proof.md` numbers it:

1. The file is of the form that the specification says.
2. The body, where there is one, is the one that the entry names, and has this salt.
3. The checkpoint is signed by the log's key of a trust list that the reader trusts.
4. The entry's leaf lies in the tree of that checkpoint.
"""

import json
from dataclasses import dataclass
from typing import Final

from fairwitness.formats import canonical, custody, proof
from fairwitness.formats.errors import FormatError
from fairwitness.formats.trust import TrustList
from fairwitness.verifier.findings import Outcome

LIMIT: Final = 1 << 20
_FIELDS: Final = {"body", "entry", "proof", "salt", "version"}


@dataclass(frozen=True, slots=True)
class Checked:
    """What a check came to: its lines in order, and one sentence."""

    lines: tuple[tuple[Outcome, str], ...]
    sentence: str
    exit_code: int


def write(*, entry: bytes, salt: bytes, body: bytes | None, proof: str) -> bytes:
    """The file: canonical JSON, so that one entry and proof give one file."""
    return canonical.encode(
        {
            "body": body.decode() if body is not None else None,
            "entry": entry.decode(),
            "proof": proof,
            "salt": salt.hex(),
            "version": 1,
        }
    )


def check(data: bytes, *, trust: TrustList | None) -> Checked:
    """Check one entry's file, by the numbered list above."""
    lines: list[tuple[Outcome, str]] = []
    try:
        said = _read(data)
        lines.append((Outcome.PASSED, "1. It is an entry of a custody log with its proof."))
        lines.append(_body(said))
        parsed = proof.parse(said["proof"])
        leaf_hash = custody.leaf_hash(said["entry"].encode(), bytes.fromhex(said["salt"]))
        if trust is None:
            lines.append((Outcome.UNKNOWN, "3. No list of keys was given: the signer is unknown."))
            return Checked(tuple(lines), "Not checked: give the force’s keys with --trust.", 2)
        opened = proof.verify(parsed, leaf_hash=leaf_hash, verifier=trust.log.verifier)
    except FormatError as error:
        lines.append((Outcome.CHANGED, error.message))
        return Checked(tuple(lines), "Changed, or not of this log.", 1)
    lines.append(
        (Outcome.PASSED, f"3. {trust.log.origin} signed a checkpoint of {opened.size} entries.")
    )
    lines.append((Outcome.PASSED, f"4. This entry is number {parsed.index} among them."))
    return Checked(tuple(lines), "This entry is in the log, unchanged.", 0)


def _read(data: bytes) -> dict[str, str]:
    said = canonical.decode(data)
    if not isinstance(said, dict) or set(said) != _FIELDS or said["version"] != 1:
        raise FormatError("This is not an entry with its proof, of version 1.")
    texts = {name: value for name, value in said.items() if isinstance(value, str)}
    if not {"entry", "proof", "salt"} <= set(texts) or said["body"] not in {
        None,
        texts.get("body"),
    }:
        raise FormatError("This is not an entry with its proof, of version 1.")
    custody.parse_entry(texts["entry"].encode())
    try:
        salt = bytes.fromhex(texts["salt"])
    except ValueError as error:
        raise FormatError("The salt is not hexadecimal.") from error
    if len(salt) != custody.SALT_SIZE or salt.hex() != texts["salt"]:
        raise FormatError("The salt has not the form that it should have.")
    return texts


def _body(said: dict[str, str]) -> tuple[Outcome, str]:
    if "body" not in said:
        return Outcome.UNKNOWN, "2. Who did it and why is not in this file."
    entry, raw = json.loads(said["entry"]), said["body"].encode()
    body = custody.parse_body(raw)
    if custody.body_digest(raw) != entry["body"] or body.salt.hex() != said["salt"]:
        raise FormatError("2. Who did it and why is not what the entry names.")
    return Outcome.PASSED, "2. Who did it and why is what the entry names."
