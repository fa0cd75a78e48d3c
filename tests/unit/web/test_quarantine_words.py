from fairwitness.ingest.checks import Reason
from fairwitness.web import quarantine


def test_every_reason_has_a_heading_in_plain_words() -> None:
    assert set(quarantine._REASONS) == set(Reason)
    assert len(set(quarantine._REASONS.values())) == len(Reason)
