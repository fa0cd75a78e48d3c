"""Check 6 of the audit: every subject's entries are one chain."""

from collections.abc import Iterator

from fairwitness.custody.findings import Finding
from fairwitness.custody.models import Entry
from fairwitness.formats import custody
from fairwitness.formats.errors import FormatError

_CHUNK = 2000


def chain_findings() -> Iterator[Finding]:
    """Go through all entries, subject by subject, and demand that each follows the one before."""
    entries = Entry.objects.order_by("subject", "sequence").values_list(
        "subject", "sequence", "leaf_hash", "canonical"
    )
    subject, sequence, tail = "", 0, ""
    for at_subject, at_sequence, leaf_hash, canonical in entries.iterator(chunk_size=_CHUNK):
        if at_subject != subject:
            subject, sequence, tail = at_subject, 0, ""
        if at_sequence != sequence + 1:
            yield Finding(
                6,
                "custody.chain_gap",
                f"Of {subject}, entries {sequence + 1} to {at_sequence - 1} are missing.",
                subject=subject,
            )
        elif _previous(bytes(canonical)) not in {tail, None}:
            yield Finding(
                6,
                "custody.chain_broken",
                f"Entry {at_sequence} of {subject} does not name the entry before it.",
                subject=subject,
            )
        sequence, tail = at_sequence, bytes(leaf_hash).hex()


def _previous(canonical: bytes) -> str | None:
    """The leaf hash that an entry names, "" for a first one; None if it can't be read (check 3)."""
    try:
        return custody.parse_entry(canonical).previous or ""
    except FormatError:
        return None
