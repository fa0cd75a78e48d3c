from dataclasses import replace
from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from fairwitness.web import life_line

START = datetime(2017, 6, 8, 22, 31, tzinfo=UTC)
FACTS = life_line.Facts(
    recorded_at=START - timedelta(minutes=19),
    signed_by="signed by camera 00417",
    docked_at=START + timedelta(hours=8),
    docked_where="Brixton, bay 14",
    sealed_at=START + timedelta(hours=8, minutes=3),
    camera_erased=True,
    clock_started_at=START,
    gone_by=START + timedelta(days=31),
    hidden_from=START + timedelta(days=28),
    kept_because="",
    kept_at=None,
    look_again=None,
    disposed_at=None,
)


def test_counted_says_the_day_and_the_date() -> None:
    line = life_line.draw(FACTS, at=START + timedelta(days=27))
    assert line.now == "Now: day 27 of 31"
    assert line.end_title == "Deletes Sun 9 July 2017"
    assert "unless kept" in line.end_detail
    assert line.mini_title == "Deletes in 4 days"
    assert (line.gone_path, line.next_path, line.bin_path) == (
        "M0 .5H27",
        "M27 .5H28",
        "M28 .5H31",
    )


def test_in_the_last_days_it_says_that_colleagues_cannot_find_it() -> None:
    line = life_line.draw(FACTS, at=START + timedelta(days=29))
    assert "Hidden from colleagues" in line.mini_detail
    assert line.next_path == ""


def test_kept_has_left_the_count_and_gives_its_reason() -> None:
    kept = replace(
        FACTS,
        gone_by=None,
        hidden_from=None,
        kept_because="for case 01/772/17",
        kept_at=START + timedelta(days=6),
        look_again=START + timedelta(days=180),
    )
    line = life_line.draw(kept, at=START + timedelta(days=60))
    assert line.kept
    assert line.now == "Kept on day 7 of 31"
    assert (line.gone_path, line.next_path) == ("M0 .5H6", "M6 .5H31")
    assert line.mini_title == "Kept for case 01/772/17"
    assert line.mini_detail == "Looked at again 5 December 2017"
    assert line.end_title == "Deleted Sun 9 July 2017"
    assert "does not happen" in line.end_detail
    assert line.bin_path == ""


def test_deleted_says_when() -> None:
    gone = replace(FACTS, disposed_at=START + timedelta(days=30, hours=23))
    line = life_line.draw(gone, at=START + timedelta(days=90))
    assert line.over
    assert line.now == "Deleted after 30 of 31 days"
    assert line.end_title == "Deleted Sun 9 July 2017"


def test_docked_late_says_so() -> None:
    late = replace(FACTS, late=True, gone_by=START + timedelta(days=47))
    line = life_line.draw(late, at=START + timedelta(days=41))
    assert line.total == 47
    assert "docked late" in line.end_detail


@given(hours=st.integers(min_value=-100, max_value=2000), kept=st.booleans())
def test_the_picture_never_leaves_its_frame(hours: int, kept: bool) -> None:  # noqa: FBT001 - drawn by hypothesis
    facts = replace(FACTS, gone_by=None, hidden_from=None, kept_because="x") if kept else FACTS
    line = life_line.draw(facts, at=START + timedelta(hours=hours))
    assert 0 <= line.gone <= line.total == 31
    assert 0 <= line.here <= 310


def test_with_several_reasons_the_line_has_room_for_one() -> None:
    kept = replace(
        FACTS,
        gone_by=None,
        kept_because="under exhibit AW/1; exhibit AW/2; complaint",
        kept_at=START,
    )
    line = life_line.draw(kept, at=START)
    assert line.kept_detail == "under exhibit AW/1 and 2 more"
    assert line.mini_title == "Kept under exhibit AW/1 and 2 more"


def test_the_moments_between_a_docking_and_its_receipt_make_no_day() -> None:
    later = replace(FACTS, gone_by=START + timedelta(days=31, seconds=4))
    assert life_line.draw(later, at=START).now == "Now: day 0 of 31"
    longer = replace(FACTS, gone_by=START + timedelta(days=31, hours=2))
    assert life_line.draw(longer, at=START).now == "Now: day 0 of 32"


def test_a_time_that_nobody_vouches_for_is_not_told_as_one() -> None:
    line = life_line.draw(replace(FACTS, recorded_at=None, signed_by="not signed"), at=START)
    assert line.stops[0] == life_line.Stop("Recorded", "time not known", "not signed")
