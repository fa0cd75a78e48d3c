"""A transcript's paper is read back as it was written, and nothing else is one."""

from dataclasses import replace
from datetime import UTC, datetime
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fairwitness.formats import transcript_paper
from fairwitness.formats.errors import FormatError
from fairwitness.formats.manifest import Named
from fairwitness.formats.transcript_paper import TranscriptPaper

PAPER = TranscriptPaper(
    recording=UUID(int=7),
    number=1,
    made_by="Ms Typist",
    attached_by=Named(id=str(UUID(int=9)), name="PC Ada Whitlock 614LX"),
    attached_at=datetime(2017, 6, 8, 22, 13, 10, 7, tzinfo=UTC),
    vtt="WEBVTT\n\n00:00.000 --> 00:01.000\n\N{PILE OF POO}\r\n".encode(),
)


def test_it_is_read_back_as_it_was_written() -> None:
    assert transcript_paper.read(PAPER.encode()) == PAPER
    most = replace(PAPER, vtt=b"x" * (256 << 10), made_by="m" * 120)
    assert transcript_paper.read(most.encode()) == most


@pytest.mark.parametrize(
    "wrong", [{"number": 0}, {"number": 1000}, {"vtt": b""}, {"version": 2}, {"made_by": ""}]
)
def test_what_is_no_transcript_has_no_paper(wrong: dict[str, object]) -> None:
    with pytest.raises(FormatError):
        replace(PAPER, **wrong)  # type: ignore[arg-type] # wrong on purpose


@given(
    st.one_of(st.binary(max_size=200), st.integers(0, 200).map(lambda cut: PAPER.encode()[:cut]))
)
def test_anything_else_is_refused(data: bytes) -> None:
    with pytest.raises(FormatError):
        transcript_paper.read(data)
