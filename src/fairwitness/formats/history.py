"""A recording's history in a bundle: `custody.jsonl`, one act a line, each with its log proof.

A line holds what the force knows of one act: the entry's and the body's exact bytes, and the proof
that the public log holds their leaf. The leaf needs the salt, which lies in the body. A body that
was erased lawfully leaves its line without one: the next line's `previous` still names the leaf.

Specification: docs/specs/bundle.md.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final, Protocol

from fairwitness.formats import canonical, custody, records
from fairwitness.formats.binarytext import read_base64, write_base64
from fairwitness.formats.errors import FormatError
from fairwitness.formats.proof import MAX_PROOF_BYTES

LINE_LIMIT: Final = 2 * (custody.BODY_LIMIT + custody.ENTRY_LIMIT + MAX_PROOF_BYTES)
"""Bytes of one line, at most, its newline included."""

_CODE: Final = "format.history"


class LineReader(Protocol):
    """A binary file, as much of it as is needed here."""

    def readline(self, size: int = -1, /) -> bytes:
        """Read up to a newline, or `size` bytes if that is less."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class HistoryLine:
    """One act in a history, unchecked.

    Attributes:
        entry: the entry's canonical bytes.
        body: the body's canonical bytes; None if it was erased.
        proof: the log proof of the entry's leaf, as text.
    """

    entry: bytes
    body: bytes | None
    proof: str


@dataclass(frozen=True, slots=True)
class _Shell:
    """How a line lies in JSON."""

    body: str | None
    entry: str
    proof: str


def encode(line: HistoryLine) -> bytes:
    """One line of `custody.jsonl`, its newline included."""
    shell = _Shell(
        body=None if line.body is None else write_base64(line.body),
        entry=write_base64(line.entry),
        proof=line.proof,
    )
    return canonical.encode(records.to_json(shell)) + b"\n"


def parse_line(data: bytes) -> HistoryLine:
    """Read one line, its newline included, without believing it.

    Raises:
        FormatError: anything but what `encode` writes.
    """
    if not data.endswith(b"\n"):
        raise FormatError("The history's last line is cut short.", code=_CODE)
    shell = records.from_json(_Shell, canonical.decode(data[:-1], limit=LINE_LIMIT))
    return HistoryLine(
        entry=read_base64(shell.entry),
        body=None if shell.body is None else read_base64(shell.body),
        proof=shell.proof,
    )


def read_lines(file: LineReader) -> Iterator[HistoryLine]:
    """Read a history line by line, in bounded memory.

    Raises:
        FormatError: at the first line that is not one.
    """
    while data := file.readline(LINE_LIMIT + 1):
        if len(data) > LINE_LIMIT:
            raise FormatError("A line of the history is too long.", code=_CODE)
        yield parse_line(data)
