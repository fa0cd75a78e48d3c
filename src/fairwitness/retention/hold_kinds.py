"""The kinds of hold, as a table: which a person places by hand, and what ends the need for each."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from fairwitness.retention.models import HoldKind

_BY_THEMSELVES: Final = frozenset(
    {HoldKind.EXHIBIT, HoldKind.DIP_SAMPLE, HoldKind.CRITICAL_INCIDENT}
)

BY_HAND: Final = tuple(kind for kind in HoldKind if kind not in _BY_THEMSELVES)
"""Kinds that a person chooses; the others come with an exhibit, a draw or an incident."""

RELEASE: Final[Mapping[HoldKind, str]] = MappingProxyType(
    {
        HoldKind.EXHIBIT: "the exhibit is withdrawn",
        HoldKind.CASE: "the case is closed and nothing of it is still to be tried or appealed",
        HoldKind.COMPLAINT: "the complaint is concluded and the time to ask for a review is over",
        HoldKind.LITIGATION: "the claim is settled, struck out or decided, and appeals are over",
        HoldKind.SUBJECT_ACCESS: "the request is answered and the time to complain of it is over",
        HoldKind.OVERSIGHT: "the independent investigation is closed",
        HoldKind.PROFESSIONAL_STANDARDS: "the conduct matter and its appeals are concluded",
        HoldKind.CORONER: "the inquest is concluded and the coroner says that it may go",
        HoldKind.CRITICAL_INCIDENT: "the independent investigation closes the incident",
        HoldKind.REQUEST: "its day comes and nobody has extended it",
        HoldKind.DIP_SAMPLE: "a supervisor has filled in its form",
        HoldKind.CPIA: "no prosecution is brought, acquittal or discontinuance; after conviction,"
        " release from custody and at least six months from conviction",
        HoldKind.FREEDOM_OF_INFORMATION: "the request is answered and the time to appeal is over",
        HoldKind.SCRUTINY: "the panel has seen it and its report is published",
    }
)
"""What ends the need for a hold of each kind, unless its owner says it more exactly."""


def words(kind: HoldKind) -> str:
    """The kind as people choose it."""
    label = str(kind.label)
    return label[:1].upper() + label[1:]
