"""The lock files name packages and hashes, never an address."""

from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]


@pytest.mark.parametrize("name", ["dev", "all", "verifier"])
def test_lock_has_hashes_and_no_address(name: str) -> None:
    text = (ROOT / "requirements" / f"{name}.txt").read_text()
    assert "--hash=sha256:" in text
    assert "://" not in text
    assert "--index" not in text


def test_the_verifier_needs_no_server() -> None:
    text = (ROOT / "requirements" / "verifier.txt").read_text()
    names = {line.split("==")[0] for line in text.splitlines() if "==" in line}
    assert not names & {"django", "av", "granian", "psycopg", "numpy"}
