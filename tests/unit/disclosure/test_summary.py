"""The paper is two pages whatever the facts, and says when it had no room."""

import re
from dataclasses import replace
from datetime import UTC, datetime
from io import BytesIO

import pytest
from pypdf import PdfReader
from tests import verifier_bundles as made
from tests.verifier_bundles import Spec

from fairwitness.disclosure import cover, stating, summary, words
from fairwitness.formats.exhibit import ExhibitFacts
from fairwitness.formats.manifest import Provenance
from fairwitness.formats.recording import ClockState, Span

FINGERPRINT = "4F2A 91C7 08DE B35C 7710 E2A9 46FB 0D83"
FACTS = made.facts_of(Spec())
THIRTY = tuple(
    Span(from_ms=1000 * at, to_ms=1000 * at + 500, reason=f"reason {at}") for at in range(10, 40)
)


def pages_of(facts: ExhibitFacts) -> list[str]:
    drawn = summary.draw(facts, fingerprint=FINGERPRINT, made_at=made.DISCLOSED)
    return [re.sub(r"\s+", " ", page.extract_text()) for page in PdfReader(BytesIO(drawn)).pages]


def page_of(facts: ExhibitFacts) -> str:
    return cover.draw(
        [facts],
        case=facts.case,
        recipient="x",
        purpose="y",
        fingerprint=FINGERPRINT,
        made_at=made.DISCLOSED,
    ).decode()


def test_the_same_facts_give_the_same_bytes() -> None:
    first = summary.draw(FACTS, fingerprint=FINGERPRINT, made_at=made.DISCLOSED)
    assert first == summary.draw(FACTS, fingerprint=FINGERPRINT, made_at=made.DISCLOSED)


@pytest.mark.parametrize(
    "facts",
    [
        replace(FACTS, mute=THIRTY),
        replace(FACTS, mute=THIRTY * 30, title="A long title " * 15),
        replace(FACTS, title="Ż" * 200),
        replace(FACTS, title="word " * 39, producer="A name " * 28, wearer="B name " * 28),
        replace(FACTS, case="C" * 40, unit="U" * 200, counters_missing=tuple(range(1, 400))),
        replace(
            FACTS,
            mute=tuple(replace(span, reason="because " * 12) for span in THIRTY),
            title="T" * 200,
            interrupted=True,
        ),
    ],
)
def test_it_is_two_pages_whatever_the_facts(facts: ExhibitFacts) -> None:
    first, second = pages_of(facts)
    assert "Page 1 of 2" in first
    assert "How to watch it" in first
    assert facts.master.sha256 in second.replace(" ", "")
    assert "What is not proved" in second
    assert FINGERPRINT in second


def test_thirty_mutes_go_on_in_the_page_and_it_says_so() -> None:
    facts = replace(FACTS, mute=tuple(replace(span, reason="because " * 12) for span in THIRTY))
    first, _ = pages_of(facts)
    named = first.count("muted by the officer")
    assert 0 < named < 30
    assert f"And {30 - named} more muted stretches; all 30 together last 15 s." in first
    assert "The whole list is in index.html and in exhibit.json." in first
    assert page_of(facts).count("muted by the officer") == 30


def test_a_few_mutes_are_all_named() -> None:
    first, _ = pages_of(replace(FACTS, mute=THIRTY[:6]))
    assert first.count("muted by the officer") == 6
    assert "more muted stretches" not in first


def test_a_text_that_is_cut_says_where_the_whole_is() -> None:
    assert words.shortened("short", 10) == "short"
    assert words.shortened("a longer text", 8) == "a longer… (whole in index.html)"


def test_letters_beyond_latin_are_printed() -> None:
    first, _ = pages_of(replace(FACTS, producer="Łukasz Żółć, Ελένη Шевченко"))
    assert "Łukasz Żółć, Ελένη Шевченко" in first


def test_the_page_escapes_whatever_people_typed() -> None:
    hostile = "</style><script>alert(1)</script><svg onload='x()'>"
    page = page_of(replace(FACTS, title=hostile, producer=hostile, wearer=hostile, unit=hostile))
    assert "<script" not in page
    assert "<svg onload" not in page
    assert page.count("</style>") == 1


def test_the_clock_drifted_from_where_it_was_set_to_where_it_was_measured() -> None:
    claim, docked = made.claim_of(Spec()), made.docking_of(Spec())
    assert stating.clock_ahead(claim, docked) == (-1_200_000, 50_000)
    ahead = replace(
        docked, camera_clock_ahead_us_min=90_000_000, camera_clock_ahead_us_max=90_500_000
    )
    assert stating.clock_ahead(claim, ahead) == (-50_000, 90_500_000)


def test_a_clock_that_was_checked_at_one_docking_only_says_nothing() -> None:
    claim, docked = made.claim_of(Spec()), made.docking_of(Spec())
    lost = replace(claim, clock=ClockState(set=False, set_at=None, source=None))
    assert stating.clock_ahead(claim, replace(docked, clock_set_at_last_docking=None)) is None
    assert stating.clock_ahead(lost, docked) is None
    assert stating.clock_ahead(claim, None) is None
    facts = replace(FACTS, clock_ahead_us_min=None, clock_ahead_us_max=None)
    assert "it may be wrong by any amount" in words.when(facts)


def test_times_say_which_clock_of_london_they_are_by() -> None:
    back = replace(
        FACTS,
        started_at=datetime(2017, 10, 29, 0, 58, 0, tzinfo=UTC),
        ended_at=datetime(2017, 10, 29, 1, 3, 0, tzinfo=UTC),
        clock_ahead_us_min=0,
        clock_ahead_us_max=0,
    )
    assert words.when(back).startswith("Sunday 29 October 2017, 01:58:00 BST to 01:03:00 GMT, ")
    assert words.moment(datetime(2017, 12, 1, 9, tzinfo=UTC)).endswith("09:00:00 GMT")


def test_counters_that_are_cut_are_counted() -> None:
    said = words.gaps(replace(FACTS, counters_missing=tuple(range(1, 400))))
    assert ", 20 and 379 more, all in exhibit.json." in said
    assert "more" not in words.gaps(replace(FACTS, counters_missing=tuple(range(1, 21))))


def test_a_silence_is_never_told_shorter_than_it_is() -> None:
    facts = replace(FACTS, buffer_ms=2200, mute=(Span(from_ms=10_900, to_ms=11_100, reason=None),))
    assert words.mutes(facts).startswith("00:00 to 00:03: buffer")
    assert "00:10 to 00:12: muted" in words.mutes(facts)


def test_the_page_shows_the_life_line_and_where_the_master_lies() -> None:
    page = page_of(FACTS)
    stops = re.findall(r"<li><b>([^<]*)</b> <span>([^<]*)</span></li>", page)
    assert [name for name, _ in stops] == ["Recorded", "Received, sealed", "Copy for court"]
    assert stops[0][1] == "Thursday 8 June 2017, 23:13:10 BST"
    assert stops[1][1].endswith("BST, Brixton")
    assert stops[2][1].endswith(", for x")
    assert FACTS.master.path in page


def test_of_footage_that_no_camera_signed_nobody_can_say_that_there_is_no_gap() -> None:
    facts = made.facts_of(Spec(camera=None, counter=5))
    unknown = "Not known: no camera vouches for this recording."
    assert (words.gaps(facts), words.mutes(facts)) == (unknown, unknown)
    assert words.gaps(FACTS) == "None known."
    assert words.mutes(replace(FACTS, mute=(), buffer_ms=0)) == "None."


def test_the_copy_says_that_footage_came_from_a_volume() -> None:
    facts = replace(made.facts_of(Spec(camera=None, counter=5)), provenance=Provenance.VOLUME)
    told = {line.name: line.value for line in words.lines(facts)}
    assert told["Came from"] == "a stick or card of another maker's footage, taken by a dock"
    assert words.verdict(facts) == "Unchanged since we received it (the camera did not sign)"
    assert "Came from" not in [line.name for line in words.lines(FACTS)]
