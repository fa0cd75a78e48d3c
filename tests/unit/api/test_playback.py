"""Which bytes a Range header gets."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fairwitness.api.exchange import RequestRefused
from fairwitness.api.playback import MOST, Span, span_of

SIZE = 10 << 20


@pytest.mark.parametrize(
    ("header", "span"),
    [
        (None, Span(0, SIZE)),
        ("bytes=0-", Span(0, MOST)),
        ("bytes=0-0", Span(0, 1)),
        ("bytes=100-199", Span(100, 200)),
        ("bytes=100-", Span(100, 100 + MOST)),
        (f"bytes={SIZE - 1}-", Span(SIZE - 1, SIZE)),
        (f"bytes=0-{SIZE * 2}", Span(0, MOST)),
        ("bytes=-5", Span(SIZE - 5, SIZE)),
        (f"bytes=-{SIZE * 2}", Span(0, MOST)),
    ],
)
def test_one_range_within_the_footage_is_answered(header: str | None, span: Span) -> None:
    assert span_of(header, SIZE) == span


@pytest.mark.parametrize(
    "header",
    [
        "bytes=-",
        "bytes=5-4",
        f"bytes={SIZE}-",
        "bytes=-0",
        "bytes=0-1,5-6",
        "bytes=a-b",
        "items=0-1",
        "bytes=0x1-2",
        "bytes=" + "9" * 40 + "-",
        "",
    ],
)
def test_anything_else_is_refused(header: str) -> None:
    with pytest.raises(RequestRefused) as caught:
        span_of(header, SIZE)
    assert caught.value.stable_code == "request.range"


@given(st.text(max_size=30) | st.from_regex(r"bytes=\d{0,9}-\d{0,9}"), st.integers(0, SIZE))
def test_no_header_gives_bytes_outside_or_too_many(header: str, size: int) -> None:
    try:
        span = span_of(header, size)
    except RequestRefused:
        return
    assert 0 <= span.start < span.stop <= size
    assert span.stop - span.start <= MOST
