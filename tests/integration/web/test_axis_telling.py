"""A recording from an Axis system: its page says what was told, and by whom, and escapes it."""

from typing import Any

import pytest
from tests.integration.web.conftest import Pages

from fairwitness.evidence.models import Recording

SAID = {
    "maker": "axis",
    "user": "u-1",
    "camera": "B8A44F123456",
    "model": "W101",
    "trigger_on": "Button",
    "time_zone": "Europe/London",
    "buffer_ms": 30_000,
    "bookmarks": [
        {"at_ms": 40_000, "text": "<b>seen</b> here", "category_name": "Use of force"},
        {"at_ms": None},
    ],
    "trail": [[0.0, 51.4, -0.1], [62.0, 51.5, -0.1]],
}


def page(pages: Pages, **changes: Any) -> str:  # noqa: ANN401 # columns of any kind
    fields = {"provenance": "axis", "claim": None, "said": SAID, "duration_ms": 90_000}
    Recording.objects.filter(pk=pages.recording.pk).update(**fields | changes)
    browser = pages.browser(pages.world.manager)
    answer = browser.get(f"/recordings/{pages.recording.pk}")
    assert answer.status_code == 200
    return answer.content.decode()


def test_what_the_system_told_is_shown_as_its_word(pages: Pages) -> None:
    shown = page(pages)
    assert "Unchanged since the Axis system sent it" in shown
    assert "not compared by us" in shown
    for words in ("W101", "Button", "Europe/London", "2 positions", "over 1 min 2 s"):
        assert words in shown
    assert "Buffer: from before record was pressed" in shown
    assert "Bookmark: Use of force, &lt;b&gt;seen&lt;/b&gt; here" in shown
    assert "<b>seen</b>" not in shown


def test_a_trail_out_of_order_is_as_long_as_it_is(pages: Pages) -> None:
    trail = [[62.0, 51.4, -0.1], [0.0, 51.5, -0.1]]
    assert "over 1 min 2 s" in page(pages, said=SAID | {"trail": trail})


def test_a_clock_that_must_be_ahead_is_said_to_be(pages: Pages) -> None:
    shown = page(pages, said=SAID | {"ahead_at_least_ms": 120_000})
    assert "at least 2 min ahead" in shown


@pytest.mark.parametrize("said", [None, {}, {"bookmarks": None, "trail": None, "buffer_ms": None}])
def test_nothing_told_is_nothing_shown(pages: Pages, said: dict[str, Any] | None) -> None:
    shown = page(pages, said=said)
    assert "No buffer, mute or marker is known" in shown
