"""The search's pages: strict addresses, nothing unseen, one entry each, and acts with a preview."""

import csv
import io
import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from tests.integration.web.conftest import Pages

from fairwitness.cases.models import Exhibit
from fairwitness.custody import ledger
from fairwitness.custody.reading import HistoryRow
from fairwitness.evidence.models import Recording
from fairwitness.force.models import Officer
from fairwitness.formats.acts import Act
from fairwitness.retention import locking
from fairwitness.retention.models import Hold, HoldBinding

Acts = Callable[[str], list[str]]
NONSENSE = (
    "colour=red",
    "officer=614LX&officer=702LX",
    "from=yesterday",
    "from=2017-06-31",
    "from=2017-06-09&to=2017-06-08",
    "to=9999-12-31",
    "flag=juicy",
    "exhibit=eleven",
    "after=2",
    "after=99999999999999999999-" + "0" * 32,
    "words=" + "x" * 81,
    "words=%07",
)


def searches(officer: Officer) -> list[HistoryRow]:
    rows = ledger.search(actor=f"officer:{officer.pk}", limit=1000)
    return [row for row in rows if row.entry.act is Act.RECORDING_SEARCHED]


def more(pages: Pages, number: int) -> list[Recording]:
    now = datetime.now(UTC)
    return [
        pages.world.record(ended_at=now - timedelta(days=1, minutes=one)) for one in range(number)
    ]


@pytest.mark.parametrize("query", NONSENSE)
@pytest.mark.parametrize("path", ["/search", "/search.csv"])
def test_nonsense_is_refused_in_words_and_nothing_is_searched(
    pages: Pages, path: str, query: str
) -> None:
    answer = pages.browser(pages.world.manager).get(f"{path}?{query}")
    assert answer.status_code == 400
    assert "Nothing was searched" in answer.content.decode()
    assert searches(pages.world.manager) == []


def test_an_empty_search_asks_what_is_sought(pages: Pages) -> None:
    browser = pages.browser(pages.world.manager)
    assert "Say what you look for" in browser.get("/search").content.decode()
    assert browser.get("/search.csv").status_code == 400
    assert searches(pages.world.manager) == []


def test_the_form_leads_to_an_address_that_says_only_what_is_sought(pages: Pages) -> None:
    browser = pages.browser(pages.world.manager)
    answer = browser.get("/search?officer=614LX&camera=&flag=unsigned&to=")
    assert answer.status_code == 302
    assert answer["Location"] == "/search?officer=614LX&flag=unsigned"


def test_a_search_is_one_entry_with_its_words_and_how_many_were_shown(pages: Pages) -> None:
    more(pages, 30)
    browser = pages.browser(pages.world.manager)
    first = browser.get("/search?officer=614LX&flag=unsigned&words=").headers["Location"]
    page = browser.get(first).content.decode()
    assert "There are more" in page
    said = re.sub(r"<[^>]*>", "", page.partition("There are more")[2].partition("</p>")[0])
    assert "31" not in said
    (entry,) = searches(pages.world.manager)
    assert entry.entry.subject == "force"
    assert entry.body is not None
    sought = {"officer": "614LX", "flag": "unsigned"}
    assert dict(entry.body.detail) == {"list": "search", "shown": 25, **sought}
    older = page.partition('There are more: <a href="')[2].partition('"')[0].replace("&amp;", "&")
    assert browser.get(older).content.decode().count('name="recording"') == 6
    assert len(searches(pages.world.manager)) == 2


def test_what_is_not_for_somebody_is_not_there(pages: Pages) -> None:
    """Neither as a row, nor by its number, nor in the table, nor as one among many."""
    world, now = pages.world, datetime.now(UTC)
    locking.lock(
        recordings=[pages.recording.pk], reason="an inquiry", officer=world.standards, at=now
    )
    for officer in (world.dev, world.ada, world.sergeant, world.detective, world.manager):
        browser = pages.browser(officer)
        for query in ("camera=00417", f"words={pages.recording.reference}", "flag=locked"):
            found = browser.get(f"/search?{query}").content.decode()
            assert "Nothing that you may see matches" in found, (officer, query)
            assert str(pages.recording.pk) not in found
            assert browser.get(f"/search.csv?{query}").content.decode().count("\n") == 1
    seen = pages.browser(world.standards).get("/search?flag=locked").content.decode()
    assert str(pages.recording.pk) in seen


def test_the_number_of_queries_does_not_grow_with_what_is_found(pages: Pages) -> None:
    browser = pages.browser(pages.world.manager)
    browser.get("/search?unit=LAM")
    with CaptureQueriesContext(
        connection,
    ) as one:
        browser.get("/search?unit=LAM")
    more(pages, 24)
    with CaptureQueriesContext(connection) as many:
        answer = browser.get("/search?unit=LAM")
    assert answer.content.decode().count('name="recording"') == 25
    assert len(many) == len(one) <= 20


def test_the_table_says_what_the_page_says(pages: Pages) -> None:
    (other,) = more(pages, 1)
    Recording.objects.filter(pk=other.pk).update(incident="=HYPERLINK(1)")
    browser = pages.browser(pages.world.manager)
    rows = list(csv.DictReader(io.StringIO(browser.get("/search.csv?unit=LAM").content.decode())))
    assert [row["number"] for row in rows] == [other.reference, pages.recording.reference]
    assert rows[0]["incident"] == "'=HYPERLINK(1)"
    assert {row["collar number"] for row in rows} == {"614LX"}
    (entry,) = searches(pages.world.manager)
    assert entry.body is not None
    assert dict(entry.body.detail) == {"list": "search as CSV", "shown": 2, "unit": "LAM"}


def test_the_table_takes_the_same_queries_for_many_and_reads_no_claim(pages: Pages) -> None:
    browser = pages.browser(pages.world.manager)
    browser.get("/search.csv?unit=LAM")
    with CaptureQueriesContext(connection) as one:
        browser.get("/search.csv?unit=LAM")
    more(pages, 20)
    with CaptureQueriesContext(connection) as many:
        answer = browser.get("/search.csv?unit=LAM")
    assert answer.content.decode().count("\n") == 22
    assert len(many) == len(one) <= 20
    assert not [query for query in many if '"evidence_recording"."claim"' in query["sql"]]


def test_the_table_says_why_it_is_kept_as_its_reader_may_know(pages: Pages) -> None:
    Recording.objects.filter(pk=pages.recording.pk).update(
        **dict.fromkeys(("gone_by", "shown_gone_by", "force_gone_by")),
        **dict.fromkeys(("hidden_from", "shown_hidden_from", "force_hidden_from")),
        shown_reason="as its wearer knows",
        force_reason="as the force knows",
        keep_reason="as oversight knows",
    )
    world = pages.world
    for officer, why in (
        (world.ada, "as its wearer knows"),
        (world.manager, "as the force knows"),
        (world.investigator, "as oversight knows"),
    ):
        text = pages.browser(officer).get("/search.csv?unit=LAM").content.decode()
        assert [row["kept because"] for row in csv.DictReader(io.StringIO(text))] == [why]


def test_from_a_recording_the_same_incident_place_and_time_are_one_click(pages: Pages) -> None:
    (other,) = more(pages, 1)
    for row in (pages.recording, other):
        Recording.objects.filter(pk=row.pk).update(incident="CAD 2291")
    browser = pages.browser(pages.world.manager)
    page = browser.get(f"/recordings/{pages.recording.pk}").content.decode()
    said = page.partition("Find others:")[2].partition("</p>")[0]
    hrefs = [part.partition('"')[0].replace("&amp;", "&") for part in said.split('href="')[1:]]
    assert len(hrefs) == 3
    shown = [browser.get(href).content.decode() for href in hrefs]
    assert [str(other.pk) in each for each in shown] == [True, False, False]
    assert all(str(pages.recording.pk) in each for each in shown)


def test_no_button_is_offered_that_is_always_refused(pages: Pages) -> None:
    offered = {
        who.collar_number: pages.browser(who)
        .get("/search?flag=unsigned")
        .content.decode()
        .count('name="deed"')
        for who in (pages.world.ada, pages.world.detective)
    }
    assert offered == {"614LX": 1, "88LX": 3}


def ticked(rows: list[Recording], deed: str, **rest: str) -> dict[str, object]:
    return {"recording": [str(row.pk) for row in rows], "deed": deed, "query": "unit=LAM", **rest}


def test_a_preview_says_what_changes_and_what_is_refused_and_changes_nothing(pages: Pages) -> None:
    (other,) = more(pages, 1)
    Recording.objects.filter(pk=other.pk).update(wearer=pages.world.detective, access_class="open")
    browser = pages.browser(pages.world.detective)
    before = list(Recording.objects.order_by("pk").values())
    page = browser.post(
        "/search/act", ticked([pages.recording, other], "categorise")
    ).content.decode()
    assert "Will change: 2" in page
    assert "Refused" not in page
    own = pages.browser(pages.world.ada)
    page = own.post("/search/act", ticked([pages.recording], "hold")).content.decode()
    assert "Will change: 0" in page
    assert "Refused: 1" in page
    assert "keep this recording by a hold" in page.replace("&#x27;", "'")
    assert list(Recording.objects.order_by("pk").values()) == before


def test_many_are_categorised_and_each_has_its_entry(pages: Pages, acts: Acts) -> None:
    rows = [pages.recording, *more(pages, 3)]
    browser = pages.browser(pages.world.manager)
    form = ticked(rows, "categorise", confirm="1", category="stop-search")
    answer = browser.post("/search/act", form)
    assert answer.status_code == 302
    assert answer["Location"] == "/search?unit=LAM"
    for row in rows:
        row.refresh_from_db()
        assert row.category == "stop-search"
        assert "recording.categorised" in acts(f"recording:{row.pk}")


def test_one_hold_keeps_many(pages: Pages) -> None:
    rows = [pages.recording, *more(pages, 3)]
    review = (datetime.now(UTC) + timedelta(days=90)).date().isoformat()
    terms = {"kind": "complaint", "reference": "C/9", "basis": "a complaint", "review": review}
    form = ticked(rows, "hold", confirm="1", **terms)
    assert pages.browser(pages.world.manager).post("/search/act", form).status_code == 302
    assert Hold.objects.count() == 1
    assert HoldBinding.objects.count() == len(rows)


def test_many_are_added_to_a_case_once(pages: Pages, acts: Acts) -> None:
    rows = [pages.recording, *more(pages, 12)]
    browser = pages.browser(pages.world.detective)
    page = browser.post("/search/act", ticked(rows, "case")).content.decode()
    assert "R v Carr" in page
    assert 'value="614LX"' in page
    form = ticked(
        rows, "case", confirm="1", case=str(pages.case.pk), producer="614LX", title="The stop"
    )
    for _ in range(2):
        assert browser.post("/search/act", form).status_code == 302
    made = Exhibit.objects.filter(case=pages.case).order_by("number")
    assert [each.reference for each in made] == [f"AW/{one}" for one in range(1, 14)]
    assert "exhibit.produced" in acts(f"recording:{rows[3].pk}")
    found = browser.get("/search?exhibit=aw/3").content.decode()
    assert found.count('name="recording"') == 1
    assert str(made[2].recording_id) in found
    colleague = pages.browser(pages.world.sergeant)
    assert "Nothing that you may see" in colleague.get("/search?exhibit=AW/3").content.decode()


@pytest.mark.parametrize(
    "form",
    [
        {"deed": "categorise"},
        {"deed": "burn", "recording": "5"},
        {"deed": "hold", "recording": "5"},
        {"deed": "hold", "recording": ["00000000-0000-4000-8000-000000000000"]},
        {"deed": "hold", "recording": ["5"] * 101},
    ],
)
def test_an_act_on_nothing_or_nonsense_is_refused(pages: Pages, form: dict[str, object]) -> None:
    answer = pages.browser(pages.world.manager).post("/search/act", form)
    assert answer.status_code == 400
    assert "Nothing was changed" in answer.content.decode()


def test_a_colleague_can_do_nothing_to_what_they_do_not_see(pages: Pages) -> None:
    form = ticked([pages.recording], "categorise", confirm="1", category="stop-search")
    answer = pages.browser(pages.world.dev).post("/search/act", form)
    assert answer.status_code == 400
    pages.recording.refresh_from_db()
    assert pages.recording.category == ""


def test_the_methods_of_the_table_and_of_acts(pages: Pages) -> None:
    browser = pages.browser(pages.world.manager)
    assert browser.post("/search.csv?unit=LAM").status_code == 405
    assert browser.get("/search/act").status_code == 405
    for method, path in (("get", "/search.csv?unit=LAM"), ("post", "/search/act")):
        answer = getattr(pages.browser(None), method)(path)
        assert answer["Location"].startswith("/sign-in?next=")


def test_what_was_looked_for_stands_above_what_was_found_and_each_can_be_left_out(
    pages: Pages,
) -> None:
    browser = pages.browser(pages.world.manager)
    said = browser.get("/search?unit=LAM&camera=00417&flag=late").content.decode()
    assert 'action="/search#found"' in said
    assert 'id="found"' in said
    chips = said.partition('aria-label="What you look for"')[2].partition("</ul>")[0]
    assert 'href="/search?unit=LAM&amp;flag=late#found">Camera 00417 ' in chips
    assert 'href="/search?camera=00417&amp;flag=late#found">Unit Lambeth ' in chips
    assert 'href="/search?camera=00417&amp;unit=LAM#found">docked late ' in chips


def test_units_and_stations_are_chosen_by_name_and_an_unknown_code_stays(pages: Pages) -> None:
    browser = pages.browser(pages.world.manager)
    form = browser.get("/search").content.decode()
    assert '<option value="LAM">Lambeth</option>' in form
    unknown = browser.get("/search?unit=XYZ").content.decode()
    assert '<option value="XYZ" selected>XYZ</option>' in unknown
    assert "Nothing found" in unknown
