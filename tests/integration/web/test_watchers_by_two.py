"""On pages, an administrator gives nobody a role that watches the force."""

from datetime import UTC, datetime, timedelta

import pytest
from tests.integration.web.conftest import Pages
from tests.retention_world import SETUP, acts

from fairwitness.force import officers, watching
from fairwitness.force.asking import Role
from fairwitness.force.models import Officer, RoleGrant
from fairwitness.force.officers import NewOfficer


@pytest.fixture
def admin(pages: Pages) -> Officer:
    assert pages.world.camera.unit is not None
    new = NewOfficer("5001", "Ann Lee", "AL", "LAM", "", (), (Role.ADMINISTRATOR,))
    at = datetime.now(UTC) - timedelta(days=1)
    return officers.register_officer(actor=SETUP, officer=new, at=at)


@pytest.mark.parametrize("role", sorted(watching.AGREES))
def test_no_page_offers_or_takes_it(pages: Pages, admin: Officer, role: Role) -> None:
    browser, ada = pages.browser(admin), pages.world.ada
    for path in ("/force/officers/new", f"/force/officers/{ada.pk}"):
        content = browser.get(path).content.decode()
        assert f'value="{role.value}"' not in content, path
        assert "join by two people at the server" in content, path
    said = {
        "collar_number": "6001",
        "name": "Nat Orr",
        "initials": "NO",
        "unit": "LAM",
        "role": role.value,
    }
    refused = browser.post("/force/officers/new", said)
    assert refused.status_code == 403
    assert b"has to agree to another" in refused.content
    assert not Officer.objects.filter(collar_number="6001").exists()
    grant = browser.post(f"/force/officers/{ada.pk}/roles", {"role": role.value, "unit": ""})
    assert grant.status_code == 403
    assert not RoleGrant.objects.filter(officer=ada, role=role.value).exists()
    assert acts(f"officer:{ada.pk}")[-1] == "access.refused"
    assert browser.post("/force/officers/new", said | {"role": "supervisor"}).status_code == 302
