import pytest

from fairwitness.web import form_to_fill

PK = "0fe4055f-6a04-4aff-8b0f-bc040b487929"


@pytest.mark.parametrize("address", [f"/team/drawn/{PK}", f"/records/look/{PK}"])
def test_a_form_of_ours_leads_back(address: str) -> None:
    assert form_to_fill.read(address) == address


@pytest.mark.parametrize(
    "address",
    [
        *("", f"//evil.example/team/drawn/{PK}", f"https://evil.example/team/drawn/{PK}"),
        *(f"/team/drawn/{PK}?x=1", f"/team/drawn/{PK}\n", f"/holds/{PK}", "javascript:alert(1)"),
    ],
)
def test_no_other_address_does(address: str) -> None:
    assert form_to_fill.read(address) == ""
