"""A page says where imported footage came from, and which others have its bytes, to whom it may."""

from pathlib import Path

import pytest
from django.test import Client
from tests.importing_world import brought
from tests.ingest_world import World, video

from fairwitness.evidence.models import Recording, State
from fairwitness.force.models import Officer
from fairwitness.ingest.particulars import Particulars

HOSTILE = "<b>door</b> & 'quotes'"


@pytest.fixture
def imported(settled_world: World, tmp_path: Path) -> Recording:
    told = Particulars(title=HOSTILE, camera="CCTV 4", wearer=settled_world.force.ada.pk)
    return brought(settled_world, tmp_path / "<i>a.mp4", video(), told=told)


def page(officer: Officer, recording: Recording) -> str:
    client = Client()
    client.force_login(officer, backend="django.contrib.auth.backends.ModelBackend")
    answer = client.get(f"/recordings/{recording.pk}")
    assert answer.status_code == 200
    return str(answer.content.decode())


def test_it_says_who_brought_it_and_that_nothing_is_signed(
    settled_world: World, imported: Recording
) -> None:
    shown = page(settled_world.force.manager, imported)
    assert "Unchanged since an officer brought it in (no camera of ours made it)" in shown
    assert "&lt;b&gt;door&lt;/b&gt; &amp; &#x27;quotes&#x27;" in shown
    assert "<b>door" not in shown
    assert "<i>a.mp4" not in shown
    assert str(settled_world.force.manager) in shown
    assert "Its days count from when it was brought in" in shown
    assert "Brought in" in shown
    assert "The same bytes as" not in shown


def test_the_same_bytes_are_linked_for_those_who_may_see_both(
    settled_world: World, imported: Recording, tmp_path: Path
) -> None:
    force = settled_world.force
    twin = brought(settled_world, tmp_path / "b.mp4", video(), officer=force.second_manager)
    shown = page(force.manager, imported)
    assert f'<a href="/recordings/{twin.pk}">{twin.reference}</a>' in shown
    assert imported.reference in page(force.manager, twin)
    assert "The same bytes as" not in page(force.ada, imported), "the twin is not hers to know of"


def test_a_deleted_one_tells_neither_its_title_nor_its_twins(
    settled_world: World, imported: Recording, tmp_path: Path
) -> None:
    force = settled_world.force
    brought(settled_world, tmp_path / "b.mp4", video(), officer=force.second_manager)
    Recording.objects.filter(pk=imported.pk).update(
        state=State.DISPOSED, sha256="", gone_by=settled_world.at
    )
    shown = page(force.manager, imported)
    assert "The same bytes as" not in shown
    assert "What it is" not in shown
