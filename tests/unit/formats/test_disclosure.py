import dataclasses

import pytest
from tests.vectors import samples

from fairwitness.formats.errors import FormatError


def test_exhibits_are_named_as_courts_name_them() -> None:
    exhibit = samples.DISCLOSURE_CLAIM.exhibits[0]
    for reference in ("ABC/", "/1", "../1", "ABC/1/2/3", "A B/1", ""):
        with pytest.raises(FormatError):
            dataclasses.replace(exhibit, reference=reference)
    with pytest.raises(FormatError):
        dataclasses.replace(samples.DISCLOSURE_CLAIM, exhibits=(exhibit, exhibit))
