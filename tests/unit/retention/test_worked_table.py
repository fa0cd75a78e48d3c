"""The worked table of docs/specs/retention.md, read from the page and decided row by row."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from fairwitness.retention import rules
from fairwitness.retention.rules import Dispose, Facts, HeldBy, Keep, Origin, Part, Period, Policy

PAGE = Path(__file__).parents[3] / "docs/specs/retention.md"
POLICY = Policy(
    {
        "use-of-force": Period("use-of-force", "Use of force", timedelta(days=92)),
        "traffic": Period("traffic", "Traffic", timedelta(days=365)),
        "serious": Period("serious", "Serious", None),
    }
)
Row = dict[str, str]


def read_table() -> list[Row]:
    lines = [line for line in PAGE.read_text().splitlines() if line.startswith("| ")]
    header, _rule, *rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]
    assert header[0] == "#", "the page has exactly one table"
    return [dict(zip(header, row, strict=True)) for row in rows]


def moment(text: str) -> datetime:
    return datetime.strptime(text, "%Y-%m-%d %H:%M:%S").replace(tzinfo=UTC)


def parts_of(row: Row) -> tuple[Part, ...]:
    columns = [
        [cell.strip() for cell in row[name].split(";")]
        for name in ("ended (camera's clock)", "ahead", "docked", "received")
    ]
    parts = []
    for number, (ended, ahead, docked, received) in enumerate(zip(*columns, strict=True), 1):
        checked = ahead != "unchecked"
        least, most = ahead.split("..") if checked else ("0", "0")
        bounds = (timedelta(seconds=int(least)), timedelta(seconds=int(most)))
        parts.append(
            Part(
                number=number,
                received_at=moment(docked if received == "same" else received),
                ended_at=None if ended == "-" else moment(ended),
                docked_at=None if docked == "-" else moment(docked),
                ahead=bounds if checked else None,
                clock_checked=checked,
            )
        )
    return tuple(parts)


def facts_of(row: Row) -> Facts:
    categories: list[str] = []
    holds: list[HeldBy] = []
    evidential, locked, released, seen_by_wearer = None, False, None, False
    for mark in [] if row["marks"] == "-" else row["marks"].split("; "):
        match mark.split(" ", 1):
            case ["category", code]:
                categories.append(code)
            case ["evidential", incident]:
                evidential = incident
            case ["released", time]:
                released = moment(time)
            case ["hold", rest]:
                kind, reference = rest.split(" ", 1)
                holds.append(HeldBy(kind, reference))
            case ["exhibit", reference]:
                holds.append(HeldBy("exhibit", reference))
            case ["silent", rest]:
                kind, reference = rest.split(" ", 1)
                holds.append(HeldBy(kind, reference, silent=True))
            case ["locked"]:
                locked = True
            case ["as", "the wearer sees"]:
                seen_by_wearer = True
            case unknown:
                pytest.fail(f"a mark that nobody knows: {unknown}")
    facts = Facts(
        origin=Origin(row["origin"]),
        parts=parts_of(row),
        categories=tuple(categories),
        evidential=evidential,
        holds=tuple(holds),
        locked=locked,
        released_at=released,
    )
    return rules.as_the_wearer_sees(facts) if seen_by_wearer else facts


ROWS = read_table()


def test_the_page_has_enough_examples() -> None:
    assert len(ROWS) >= 24
    assert [row["#"] for row in ROWS] == [str(n) for n in range(1, len(ROWS) + 1)]


@pytest.mark.parametrize("row", ROWS, ids=lambda row: f"{row['#']}-{row['what happened'][:40]}")
def test_row(row: Row) -> None:
    facts, at = facts_of(row), moment(row["asked at"])
    decision = rules.decide(facts, POLICY, at)
    dates = rules.dates_of(facts, POLICY)
    assert dates.late == (row["late"] == "yes")
    if row["answer"] == "dispose":
        assert decision == Dispose(dates.because, row["rule"], moment(row["gone by"]))
        return
    assert isinstance(decision, Keep)
    if row["gone by"] == "-":
        assert (decision.until, decision.hidden_from, decision.gone_by) == (None, None, None)
        return
    assert decision.hidden_from == moment(row["hidden from"])
    assert decision.gone_by == moment(row["gone by"])
    assert decision.until == moment(row["gone by"]) - POLICY.lead
    assert dates.rule == row["rule"]
