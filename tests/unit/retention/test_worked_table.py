"""The worked table of docs/specs/retention.md, read from the page and decided row by row."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from fairwitness.retention import rules
from fairwitness.retention.rules import (
    Dispose,
    Facts,
    HeldBy,
    Keep,
    Origin,
    Part,
    Period,
    Policy,
    ToLookAt,
)

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
    marks = [] if row["marks"] == "-" else row["marks"].split("; ")
    told: dict[str, list[str]] = {}
    for mark in marks:
        word, _, rest = mark.partition(" ")
        told.setdefault(word, []).append(rest)
    dated = {"released", "silently-released", "apart-released", "early"}
    kept = {"category", "evidential", "hold", "exhibit", "silent", "apart", "locked"}
    assert set(told) <= dated | kept | {"as", "record", "silent-record"}, row["marks"]
    facts = Facts(
        origin=Origin(row["origin"]),
        parts=parts_of(row),
        categories=tuple(told.get("category", ())),
        evidential=told.get("evidential", [None])[0],
        holds=(
            *(HeldBy("exhibit", reference) for reference in told.get("exhibit", ())),
            *(HeldBy(*pair(rest)) for rest in told.get("hold", ())),
            *(HeldBy(*pair(rest), silent=True) for rest in told.get("silent", ())),
            *(HeldBy(*pair(rest), silent=True, oversight=True) for rest in told.get("apart", ())),
        ),
        to_look_at=(
            *(ToLookAt(*pair(rest)) for rest in told.get("record", ())),
            *(ToLookAt(*pair(rest), silent=True) for rest in told.get("silent-record", ())),
        ),
        locked="locked" in told,
        released_at=one_moment(told.get("released")),
        silently_released_at=one_moment(told.get("silently-released")),
        apart_released_at=one_moment(told.get("apart-released")),
        early_at=one_moment(told.get("early")),
    )
    views = {
        "the wearer sees": rules.as_the_wearer_sees,
        "the force sees": rules.as_the_force_sees,
    }
    for view in told.get("as", ()):
        facts = views[view](facts)
    return facts


def pair(text: str) -> tuple[str, str]:
    kind, reference = text.split(" ", 1)
    return kind, reference


def one_moment(texts: list[str] | None) -> datetime | None:
    return moment(texts[0]) if texts else None


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
