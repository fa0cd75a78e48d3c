"""Lists of records, read: what refuses a list whole, and what a line."""

import io
from datetime import UTC, datetime, timedelta

import pytest

from fairwitness.retention import event_list
from fairwitness.retention.event_list import ListRefused
from fairwitness.retention.event_rows import EventKind

AT = datetime(2017, 6, 10, 6, 0, tzinfo=UTC)
HEAD = (
    "Event ID,Record Type,Officer Badge ID,Officer Dispatched DateTime,"
    "Officer Cleared DateTime,Incident Number,Address"
)
GOOD = "01/S/7,search,614lx,2017-06-08T22:10:00,2017-06-08T22:25:00,CAD 8812,Acre Lane"


def read(*lines: str, head: str = HEAD) -> event_list.Listed:
    return event_list.read("\n".join((head, *lines)).encode(), at=AT)


def test_a_line_is_read_as_it_stands() -> None:
    (line,) = read(GOOD).lines
    assert (line.kind, line.reference, line.officer) == (EventKind.SEARCH, "01/S/7", "614LX")
    assert line.begins_at == datetime(2017, 6, 8, 21, 10, tzinfo=UTC), "London's summer time"
    assert (line.incident, line.place) == ("CAD 8812", "Acre Lane")


def test_axons_own_columns_are_enough_and_make_a_call() -> None:
    listed = read(
        "CAD 8812,614LX,2017-06-08T22:10:00Z,2017-06-08T22:25:00Z,knife seen",
        head="Event_ID,Officer Badge ID,Officer  Dispatched DateTime,"
        "Officer Cleared DateTime,Something else",
    )
    (line,) = listed.lines
    assert (line.kind, line.incident) == (EventKind.CALL, "CAD 8812")
    assert listed.unread == ("something else",)


@pytest.mark.parametrize(
    ("line", "code"),
    [
        (GOOD.replace("search", "sighting"), "event.kind"),
        (GOOD.replace("01/S/7", ""), "event.no_id"),
        (GOOD.replace("614lx", "").replace("CAD 8812", ""), "event.names_nothing"),
        (GOOD.replace("2017-06-08T22:10:00", "last night"), "event.time"),
        (GOOD.replace("2017-06-08T22:25:00", "9999-12-31T23:59:59"), "event.time"),
        (GOOD.replace("2017-06-08", "2015-06-08"), "event.time"),
        (GOOD.replace("22:25:00", "22:10:00"), "event.span"),
        (GOOD.replace("22:25:00", "21:00:00"), "event.span"),
        (GOOD.replace("2017-06-08T22:25:00", "2017-06-09T06:10:00"), "event.span"),
        (GOOD.replace("Acre Lane", '"=HYPERLINK(""x"")"'), "event.formula"),
        (GOOD.replace("Acre Lane", "@SUM(1)"), "event.formula"),
        (GOOD.replace("Acre Lane", "A" * 201), "event.cell"),
        (GOOD.replace("Acre Lane", "Acre\u202eLane"), "event.cell"),
        (GOOD + ",more", "event.cells"),
    ],
)
def test_a_bad_line_is_refused_with_its_number_and_the_good_one_stands(
    line: str, code: str
) -> None:
    listed = read(line, GOOD.replace("01/S/7", "01/S/8"))
    (refused,) = listed.refused
    assert (refused.number, refused.code) == (2, code)
    assert [each.reference for each in listed.lines] == ["01/S/8"]


def test_the_same_record_twice_in_a_list_is_refused_the_second_time() -> None:
    listed = read(GOOD, GOOD.replace("Acre Lane", "Elm Road"))
    assert [each.place for each in listed.lines] == ["Acre Lane"]
    assert [each.code for each in listed.refused] == ["event.twice"]


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", "event.list_columns"),
        (b"a,b\n1,2\n", "event.list_columns"),
        ((HEAD + ",event id\n" + GOOD).encode(), "event.list_columns"),
        ((HEAD + "\n" + GOOD).encode("utf-16"), "event.list_encoding"),
        ((HEAD + "\n" + GOOD + "\0").encode(), "event.list_nul"),
        ((HEAD + '\n"' + "x" * 200_000 + '"\n').encode(), "event.list"),
        ((HEAD + '\n"never closed').encode(), "event.list"),
        (b"x" * (event_list.MOST_BYTES + 1), "event.list_too_long"),
    ],
)
def test_what_is_no_list_is_refused_whole(data: bytes, code: str) -> None:
    with pytest.raises(ListRefused) as caught:
        event_list.read(data, at=AT)
    assert caught.value.stable_code == code


def test_a_million_lines_are_refused_after_the_last_one_allowed() -> None:
    lines = io.StringIO()
    lines.write(HEAD + "\n")
    lines.write("x\n" * 1_000_000)
    with pytest.raises(ListRefused, match="more than 20,000 lines"):
        event_list.read(lines.getvalue().encode(), at=AT)


def test_the_digest_is_of_the_content_and_not_of_the_line() -> None:
    (first,), (second,) = read(GOOD).lines, read("", GOOD).lines
    assert first.number != second.number
    assert first.digest == second.digest
    (moved,) = read(GOOD.replace("22:25", "22:26")).lines
    assert moved.digest != first.digest
    assert moved.ends_at - first.ends_at == timedelta(minutes=1)
