from fairwitness.ingest.checks import Reason
from fairwitness.web.quarantine_words import REASONS


def test_every_reason_has_a_heading_a_cause_and_something_to_do() -> None:
    assert set(REASONS) == set(Reason)
    assert len({words.title for words in REASONS.values()}) == len(Reason)
    assert all(words.why and words.steps for words in REASONS.values())
