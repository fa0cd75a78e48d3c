"""The specifications name every field, word and limit that the code has, so that neither drifts."""

import dataclasses
import json
import re
from pathlib import Path
from typing import Any

import pytest

from fairwitness.formats import (
    custody,
    derivative,
    disclosure,
    disposal,
    docking,
    dsse,
    manifest,
    receipt,
    recording,
    trust,
)

SPECS = Path(__file__).parents[2] / "docs" / "specs"
VECTORS = Path(__file__).parents[1] / "vectors"
RECORDS: tuple[tuple[str, str, type[Any]], ...] = (
    ("statements.md", "### recording", recording.RecordingClaim),
    ("statements.md", "### receipt", receipt.ReceiptClaim),
    ("statements.md", "### derivative", derivative.DerivativeClaim),
    ("statements.md", "### disposal", disposal.DisposalClaim),
    ("statements.md", "### disclosure", disclosure.DisclosureClaim),
    ("statements.md", "### DockingClaim", docking.DockingClaim),
    ("statements.md", "### SignInClaim", docking.SignInClaim),
    ("statements.md", "### EnrolmentRequest", docking.EnrolmentRequest),
    ("custody-entry.md", "## Entry", custody.Entry),
    ("manifest.md", "## Bytes", manifest.Manifest),
    ("trust-list.md", "## Bytes", trust.TrustList),
)
CHILDREN: tuple[tuple[str, str, type[Any]], ...] = (
    ("statements.md", "### recording", recording.Span),
    ("statements.md", "### recording", recording.Event),
    ("statements.md", "### recording", recording.ClockState),
    ("statements.md", "### derivative", derivative.Parent),
    ("statements.md", "### derivative", derivative.Recipe),
    ("statements.md", "### disclosure", disclosure.DisclosedExhibit),
    ("custody-entry.md", "## Body", custody.Body),
    ("manifest.md", "## Bytes", manifest.PieceRef),
    ("manifest.md", "## Bytes", manifest.Named),
    ("receipt.md", "## Bytes", receipt.Receipt),
    ("receipt.md", "## Bytes", receipt.Consistency),
    ("trust-list.md", "## Bytes", trust.TrustedKey),
    ("trust-list.md", "## Bytes", trust.TrustedLog),
)


def section(name: str, heading: str) -> str:
    """The text under a heading, up to the next of the same or a higher level."""
    text = (SPECS / name).read_text(encoding="utf-8")
    level = heading.index(" ")
    found = re.search(
        rf"^{re.escape(heading)}$\n(.*?)(?=^#{{1,{level}}} |\Z)", text, re.MULTILINE | re.DOTALL
    )
    assert found, f"{name} has no {heading}"
    return found[1]


def load(name: str) -> Any:  # noqa: ANN401 -- any JSON
    """The vectors of a format."""
    return json.loads((VECTORS / name / "vectors.json").read_text(encoding="utf-8"))


def words(text: str) -> set[str]:
    """Everything that the text sets as code, but for whole blocks."""
    return set(re.findall(r"`([^`\n]+)`", re.sub(r"```.*?```", "", text, flags=re.DOTALL)))


@pytest.mark.parametrize(("name", "heading", "record"), RECORDS)
def test_the_table_has_the_records_very_fields(name: str, heading: str, record: type[Any]) -> None:
    table = section(name, heading).split("\n\n")
    rows = next(part for part in table if part.startswith("| field"))
    first_cells = [line.split(" | ")[0] for line in rows.splitlines()[2:]]
    listed = [field for cell in first_cells for field in re.findall(r"`([a-z0-9_]+)`", cell)]
    assert sorted(listed) == sorted(field.name for field in dataclasses.fields(record))


@pytest.mark.parametrize(("name", "heading", "record"), CHILDREN)
def test_the_text_names_every_field_of_a_part(name: str, heading: str, record: type[Any]) -> None:
    named = words(section(name, heading))
    assert {field.name for field in dataclasses.fields(record)} <= named


def test_every_act_is_listed_and_no_other() -> None:
    listed = re.findall(r"`([a-z_]+\.[a-z_]+)`", section("custody-entry.md", "## Acts"))
    assert sorted(listed) == sorted(custody.Act)


def test_every_word_of_an_enumeration_is_listed() -> None:
    named = words(section("statements.md", "### recording"))
    for enumeration in (recording.Profile, recording.Mount, recording.EventKind):
        assert set(enumeration) <= named
    assert set(trust.KeyRole) <= words(section("trust-list.md", "## Bytes"))
    assert set(manifest.Provenance) <= words(section("manifest.md", "## Bytes"))
    assert set(docking.DeviceKind) <= words(section("statements.md", "### EnrolmentRequest"))


def test_every_payload_type_is_listed() -> None:
    named = words(section("statements.md", "## Envelope"))
    claims = (docking.DockingClaim, docking.SignInClaim, docking.EnrolmentRequest)
    assert {dsse.STATEMENT_TYPE, *(claim.PAYLOAD_TYPE for claim in claims)} <= named


def test_the_example_of_the_custody_entry_is_the_vectors() -> None:
    vectors = json.loads(
        (SPECS.parents[1] / "tests/vectors/custody-entry/vectors.json").read_text()
    )
    example = section("custody-entry.md", "## Example")
    for field in ("body", "entry", "leaf", "leaf_hash"):
        assert vectors["valid"][0][field] in example


def test_the_fingerprint_in_the_text_is_the_vectors() -> None:
    vectors = load("trust-list")
    assert vectors["valid"][0]["fingerprint"] in section("trust-list.md", "## Fingerprint")
