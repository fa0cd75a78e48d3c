"""Who besides the log has signed the checkpoint under an entry, as its page tells it."""

from collections.abc import Iterable

from fairwitness.formats import checkpoint, note, proof
from fairwitness.formats.errors import FormatError
from fairwitness.formats.note import NoteVerifier
from fairwitness.web import times


def witnesses(text: str, *, known: Iterable[NoteVerifier]) -> list[dict[str, str]]:
    """Each witness whose cosignature holds by the key in our list, with when it saw the log.

    Args:
        text: the entry's proof.
        known: the keys of the witnesses that our list of keys names.
    """
    data, found = proof.parse(text).checkpoint, []
    for each in known:
        try:
            seen = checkpoint.cosignatures(data, witnesses=[each])
        except FormatError:
            continue  # it does not hold, and so says nothing
        found += [{"name": one.name, "when": times.exact(one.at)} for one in seen]
    return found


def others(text: str, *, shown: int) -> int:
    """How many more signatures the checkpoint bears, besides the log's own and those shown."""
    return len(note.parse(proof.parse(text).checkpoint).signatures) - 1 - shown
