"""Where one can go: only where one may, and where one is."""

from hypothesis import given
from hypothesis import strategies as st

from fairwitness.force.asking import Action
from fairwitness.web.sections import SECTIONS, Page, places

PAGES = [page for section in SECTIONS for page in section.pages]


def test_whoever_may_do_nothing_finds_what_is_for_everyone() -> None:
    bar, below = places(path="/recordings", may=lambda _: False)
    assert [place.name for place in bar] == [
        "Today",
        "Recordings",
        "Cases",
        "Issue and return",
        "Figures and log",
    ]
    assert [place.name for place in bar if place.current] == ["Recordings"]
    assert [place.name for place in below] == ["Recordings", "Search", "Categorise", "Not recorded"]


def test_whoever_may_do_everything_has_seven_sections_and_no_more() -> None:
    bar, _ = places(path="/today", may=lambda _: True)
    assert len(bar) == len(SECTIONS) <= 7


def test_a_section_with_one_page_goes_by_its_name_and_has_no_second_row() -> None:
    bar, below = places(path="/requests/7", may={Action.SEE_REQUESTS}.__contains__)
    assert [place.href for place in bar if place.current] == ["/requests"]
    assert [place.name for place in bar if place.current] == ["Requests"]
    assert below == ()


def test_a_page_below_another_is_the_one_that_is_current() -> None:
    _, below = places(path="/figures/firearms/3/open", may=lambda _: False)
    assert [place.name for place in below if place.current] == ["Firearms"]


def test_an_address_that_only_begins_like_a_page_is_not_it() -> None:
    bar, below = places(path="/recordingsabout", may=lambda _: True)
    assert not any(place.current for place in bar)
    assert below == ()


@given(allowed=st.frozensets(st.sampled_from(Action)), here=st.sampled_from(PAGES))
def test_no_link_leads_where_one_may_not_go(allowed: frozenset[Action], here: Page) -> None:
    hrefs = {page.href: page.acts for page in PAGES}
    bar, below = places(path=here.href, may=allowed.__contains__)
    for place in (*bar, *below):
        acts = hrefs[place.href]
        assert not acts or allowed & set(acts)
    assert sum(place.current for place in bar) <= 1
    assert sum(place.current for place in below) <= 1
