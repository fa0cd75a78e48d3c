"""Why a recording is kept, as its pages say it: what stands in its row, in words for people."""

from typing import Final

from fairwitness.retention.models import HoldKind

_UNDER: Final = "it is kept under "
_SHORTLY: Final = (
    ("it is kept ", ""),
    ("it is marked evidential for ", "as evidence for "),
    ("it is locked", "under a lock"),
    ("a supervisor has not looked at it yet, for ", "until a supervisor looks at it, for "),
)


def why(because: str) -> str:
    """The reason as a sentence's end; each hold by what its kind is called, not by its code."""
    if not because.startswith(_UNDER):
        return because
    held = because.removeprefix(_UNDER).split("; ")
    return _UNDER + "; ".join(_called(each) for each in held)


def shortly(because: str) -> str:
    """The same as it stands after the word Kept."""
    for begins, instead in _SHORTLY:
        if because.startswith(begins):
            return instead + why(because).removeprefix(begins)
    return because


def _called(held: str) -> str:
    code, space, reference = held.partition(" ")
    label = str(HoldKind(code).label) if code in HoldKind.values else code
    return f"{label}{space}{reference}"
