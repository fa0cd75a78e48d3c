import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fairwitness.formats import history
from fairwitness.formats.errors import FormatError
from fairwitness.formats.history import HistoryLine

lines = st.builds(
    HistoryLine,
    entry=st.binary(max_size=50),
    body=st.none() | st.binary(max_size=50),
    proof=st.text(st.characters(min_codepoint=32, exclude_categories=["Cs", "Cc"]), max_size=50),
)


@given(st.lists(lines, max_size=5))
def test_lines_are_written_and_read(written: list[HistoryLine]) -> None:
    data = b"".join(history.encode(line) for line in written)
    assert data.count(b"\n") == len(written)
    assert list(history.read_lines(io.BytesIO(data))) == written


@given(st.binary())
def test_no_bytes_raise_anything_else(data: bytes) -> None:
    try:
        read = list(history.read_lines(io.BytesIO(data)))
    except FormatError:
        return
    assert b"".join(history.encode(line) for line in read) == data


@pytest.mark.parametrize(
    "data",
    [
        b"\n",
        b"{}\n",
        b'{"body":null,"entry":"","proof":""}',
        b'{"body":null,"entry":"","proof":""} \n',
        b'{"body":null,"entry":"A","proof":""}\n',
        b'{"body":null,"entry":"","proof":"","more":1}\n',
        b'{"entry":"","proof":""}\n',
    ],
)
def test_malformed_lines_are_refused(data: bytes) -> None:
    with pytest.raises(FormatError):
        list(history.read_lines(io.BytesIO(data)))


def test_a_line_without_end_is_refused_without_reading_it_all() -> None:
    class Endless(io.RawIOBase):
        given = 0

        def readline(self, size: int | None = -1, /) -> bytes:
            assert size is not None
            assert 0 < size <= history.LINE_LIMIT + 1
            self.given += size
            return b"x" * size

    endless = Endless()
    with pytest.raises(FormatError, match="too long"):
        list(history.read_lines(endless))
    assert endless.given == history.LINE_LIMIT + 1
