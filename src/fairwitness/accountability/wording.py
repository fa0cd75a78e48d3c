"""How findings say lengths of time and names of copies."""

from datetime import timedelta

from fairwitness.evidence.models import CopyKind

_MINUTE, _HOUR, _DAY = 60, 3600, 86_400


def span(length: timedelta) -> str:
    """A length of time in its largest whole unit: `3 days`, `1 hour`, `less than a minute`."""
    seconds = int(length.total_seconds())
    for unit, name in ((_DAY, "day"), (_HOUR, "hour"), (_MINUTE, "minute")):
        if seconds >= unit:
            count = seconds // unit
            return f"{count:,} {name}{'' if count == 1 else 's'}"
    return "less than a minute"


def of_copy(reference: str, kind: str) -> str:
    """A copy as people speak of it: the reference alone for the master."""
    if kind == CopyKind.MASTER:
        return reference
    named = CopyKind(kind).label if kind in CopyKind.values else kind.replace("vtt-", "transcript ")
    return f"{reference} ({named})"
