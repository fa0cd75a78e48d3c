"""A note on a recording: the six questions, and that nothing is kept that can't be read again."""

from collections.abc import Callable

import pytest
from tests.integration.web.conftest import Pages

from fairwitness.evidence.models import Annotation, Recording

Acts = Callable[[str], list[str]]
READABLE = "He says his name here"


def path(pages: Pages) -> str:
    return f"/recordings/{pages.recording.pk}/note"


@pytest.fixture
def long_enough(pages: Pages) -> Pages:
    Recording.objects.filter(pk=pages.recording.pk).update(duration_ms=90_000)
    return pages


def test_it_stands_in_the_story_with_its_moment(long_enough: Pages, acts: Acts) -> None:
    pages = long_enough
    browser = pages.browser(pages.world.ada)
    answer = browser.post(path(pages), {"note": f" {READABLE}\r\n", "moment": "01:27"}, follow=True)
    said = answer.content.decode()
    assert "Your note is written down." in said
    assert f"wrote: At 01:27.000: {READABLE}" in said
    assert acts(f"recording:{pages.recording.pk}").count("recording.annotated") == 1
    browser.post(path(pages), {"note": "of all of it", "moment": ""})
    assert {row.text for row in Annotation.objects.all()} == {
        f"At 01:27.000: {READABLE}",
        "of all of it",
    }


@pytest.mark.parametrize(
    ("form", "words"),
    [
        ({"note": " "}, "A note has words"),
        ({"note": "x" * 1001}, "A note has words, and at most 1000"),
        ({"note": "a \x07 bell"}, "A note has words"),
        ({"note": READABLE, "moment": "soon"}, "The moment is written 01:27"),
        ({"note": READABLE, "moment": "01:30"}, "does not have that moment"),
    ],
)
def test_what_is_no_note_is_refused_in_words_and_stays_typed(
    long_enough: Pages, form: dict[str, str], words: str
) -> None:
    pages = long_enough
    answer = pages.browser(pages.world.ada).post(path(pages), form)
    assert answer.status_code == 400
    assert words in answer.content.decode()
    assert (READABLE in answer.content.decode()) == (form["note"] == READABLE)
    assert not Annotation.objects.exists()


def test_signed_out_wrong_method_wrong_role(pages: Pages, acts: Acts) -> None:
    form = {"note": READABLE}
    signed_out = pages.browser(None).post(path(pages), form)
    assert signed_out["Location"].startswith("/sign-in")
    ada = pages.browser(pages.world.ada)
    assert ada.get(path(pages)).status_code == 405
    refused = pages.browser(pages.world.dev).post(path(pages), form)
    assert refused.status_code == 404
    assert "none that you may see" in refused.content.decode()
    assert not Annotation.objects.exists()
    assert "recording.annotated" not in acts(f"recording:{pages.recording.pk}")


def test_the_form_is_there_for_whoever_may_write(pages: Pages) -> None:
    here = f"/recordings/{pages.recording.pk}"
    wearer = pages.browser(pages.world.ada).get(here).content.decode()
    assert f'action="{here}/note"' in wearer
