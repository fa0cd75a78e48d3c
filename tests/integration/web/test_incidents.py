"""The pages of critical incidents: six questions for each address, and what each shows."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from tests.critical_world import Critical
from tests.integration.web.conftest import Pages
from tests.retention_world import acts

from fairwitness.cases import post_incident, workspace
from fairwitness.cases.models import Account, CriticalIncident, Involvement
from fairwitness.custody import ledger
from fairwitness.evidence.models import Recording
from fairwitness.force.models import Officer
from fairwitness.retention.models import Hold
from fairwitness.web import times

READ = ("get", "head")
QUERIES = 40
"""At most so many for any of these pages, whatever is locked."""


@dataclass
class Scene:
    """The pages, an incident declared an hour ago, and who may do what about it."""

    pages: Pages
    critical: Critical
    incident: CriticalIncident
    involvement: Involvement

    @property
    def people(self) -> Mapping[str, Officer]:
        world = self.pages.world
        return {
            "duty": self.critical.duty,
            "post-incident": self.critical.manager,
            "oversight": world.investigator,
            "wearer": world.ada,
            "colleague": world.dev,
            "sergeant": world.sergeant,
            "detective": world.detective,
            "manager": world.manager,
            "standards": world.standards,
        }

    def get(self, who: str, path: str) -> str:
        answer = self.pages.browser(self.people[who]).get(path)
        assert answer.status_code == 200, (who, path, answer.status_code)
        return answer.content.decode()

    def post(self, who: str, path: str, **form: str) -> str:
        answer = self.pages.browser(self.people[who]).post(path, form, follow=True)
        return re.sub(r"\s+", " ", answer.content.decode())


@pytest.fixture
def scene(pages: Pages) -> Scene:
    began = datetime.now(UTC) - timedelta(days=2, hours=1)
    critical = Critical.make(pages.world, began)
    declared = critical.declare(datetime.now(UTC) - timedelta(hours=1))
    assert declared.locked == 1
    return Scene(pages, critical, declared.incident, critical.involved(declared))


@dataclass(frozen=True)
class Address:
    """One address: its methods, for whom it works; everybody else is refused."""

    name: str
    path: Callable[[Scene], str]
    methods: tuple[str, ...]
    works_for: tuple[str, ...]


def _of(rest: str = "") -> Callable[[Scene], str]:
    return lambda scene: f"/incidents/{scene.incident.pk}{rest}"


def _officer(rest: str) -> Callable[[Scene], str]:
    return lambda scene: f"/incidents/officers/{scene.involvement.pk}/{rest}"


DECLARERS = ("duty", "post-incident")
ALL = (*DECLARERS, "oversight")
ADDRESSES = (
    Address("list", lambda _: "/incidents", READ, ALL),
    Address("declare", lambda _: "/incidents/declare", (*READ, "post"), DECLARERS),
    Address("incident", _of(), READ, ALL),
    Address("notice", _of("/notice"), READ, ALL),
    Address("close", _of("/close"), ("post",), ("oversight",)),
    Address("release", _officer("release"), ("post",), ("post-incident",)),
    Address("account", _officer("account"), ("post",), ("post-incident", "oversight")),
    Address("workspace", _of("/workspace"), (*READ, "post"), ("oversight",)),
    Address("hold", _of("/hold"), ("post",), ("oversight",)),
    Address("copy", _of("/copy"), ("post",), ("oversight",)),
)
by_name = pytest.mark.parametrize("address", ADDRESSES, ids=lambda one: one.name)


@by_name
def test_it_works_for_whom_it_should_within_its_queries(scene: Scene, address: Address) -> None:
    if "get" not in address.methods:
        return
    for who in address.works_for:
        browser = scene.pages.browser(scene.people[who])
        with CaptureQueriesContext(connection) as queries:
            answer = browser.get(address.path(scene))
        assert answer.status_code == 200, who
        assert len(queries) <= QUERIES, (who, len(queries))


@by_name
def test_a_wrong_method_is_refused(scene: Scene, address: Address) -> None:
    browser = scene.pages.browser(scene.pages.world.investigator)
    for method in ("get", "head", "post", "put", "patch", "delete"):
        answer = getattr(browser, method)(address.path(scene))
        assert (answer.status_code == 405) == (method not in address.methods), method


@by_name
def test_who_is_signed_out_is_sent_to_sign_in(scene: Scene, address: Address) -> None:
    for method in address.methods:
        answer = getattr(scene.pages.browser(None), method)(address.path(scene))
        assert answer.status_code == 302
        assert answer["Location"].startswith("/sign-in?next=")


@by_name
def test_everybody_else_is_refused_in_words_and_it_is_written_down(
    scene: Scene, address: Address
) -> None:
    for who in scene.people.keys() - set(address.works_for):
        browser = scene.pages.browser(scene.people[who])
        for method in set(address.methods) - {"head"}:
            before = _refusals(scene.people[who])
            answer = getattr(browser, method)(address.path(scene), _FORM)
            assert answer.status_code in {403, 404}, (who, method)
            assert b"Go back" in answer.content
            assert _refusals(scene.people[who]) == before + 1, (who, method)
    assert not Account.objects.exists()
    assert not Hold.objects.filter(silent=True).exists()


_FORM = {"reason": "why", "outcome": "so", "sure": "yes", "basis": "ours", "what": "initial"}
_FORM |= {"day": "2026-01-01", "time": "10:00"}


def _refusals(officer: Officer) -> int:
    rows = ledger.search(actor=f"officer:{officer.pk}", limit=1000)
    return sum(row.entry.act.is_refusal for row in rows)


@by_name
def test_another_units_incident_is_not_here(scene: Scene, address: Address) -> None:
    from tests.retention_world import SETUP  # noqa: PLC0415 - the same

    from fairwitness.force import officers  # noqa: PLC0415 - read beside its use
    from fairwitness.force.asking import Role  # noqa: PLC0415 - the same
    from fairwitness.force.officers import NewOfficer  # noqa: PLC0415 - the same

    roles = (Role.DUTY_OFFICER, Role.POST_INCIDENT_MANAGER, Role.INDEPENDENT_INVESTIGATOR)
    assert scene.incident.unit.code == "LSH"
    (elsewhere,) = officers.register_officers_many(
        actor=SETUP,
        officers=[NewOfficer("5LX", "Bo Lake", "BL", "LAM", "Insp", roles)],
        at=datetime.now(UTC) - timedelta(days=3),
    )
    browser = scene.pages.browser(elsewhere)
    if address.name in {"list", "declare"}:
        assert scene.incident.reference not in browser.get(address.path(scene)).content.decode()
        return
    for method in set(address.methods) - {"head"}:
        answer = getattr(browser, method)(address.path(scene), _FORM)
        assert answer.status_code == 404, method


def test_declaring_previews_then_locks_and_keeps_what_was_typed(scene: Scene) -> None:
    other = scene.pages.world.record(
        wearer=scene.pages.world.dev, ended_at=datetime.now(UTC) - timedelta(hours=9)
    )
    began = times.london(datetime.now(UTC) - timedelta(hours=9))
    form = {
        "happening": "death",
        "about": "man died in custody",
        "place": "Brixton police station",
        "day": began.date().isoformat(),
        "time": f"{began:%H:%M}",
        "officers": "702LX",
    }
    wrong = scene.post("duty", "/incidents/declare", deed="lock", **(form | {"officers": "9ZZ"}))
    assert "There is no officer 9ZZ" in wrong
    assert 'value="man died in custody"' in wrong
    shown = scene.post("duty", "/incidents/declare", deed="preview", **form)
    assert "1 recording here would be locked now" in shown
    assert "PC Dev Anand" in shown
    assert not Recording.objects.get(pk=other.pk).locked
    told = scene.post("duty", "/incidents/declare", deed="lock", **form)
    assert "1 recording is locked. What is docked later will be too." in told
    assert "Ian Oates" in told
    assert Recording.objects.get(pk=other.pk).locked
    incident = CriticalIncident.objects.get(happening="death")
    assert acts(f"incident:{incident.pk}")[0] == "incident.declared"


def test_the_wearer_is_told_it_is_locked_and_sees_it_again_when_released(scene: Scene) -> None:
    path = f"/recordings/{scene.pages.recording.pk}"
    answer = scene.pages.browser(scene.pages.world.ada).get(path)
    assert answer.status_code == 403
    assert "You wore this, and it is locked" in answer.content.decode()
    told = scene.post(
        "post-incident", f"/incidents/officers/{scene.involvement.pk}/release", reason="given"
    )
    assert "may now watch 1 recording" in told
    assert "Watch it" in scene.get("wearer", path)
    assert "recording.viewed" not in acts(f"recording:{scene.pages.recording.pk}")
    scene.pages.browser(scene.pages.world.ada).post(f"{path}/watch")
    assert "recording.viewed" in acts(f"recording:{scene.pages.recording.pk}")


def test_accounts_show_whether_it_was_viewed_before(scene: Scene) -> None:
    path = f"/incidents/officers/{scene.involvement.pk}/account"
    now = times.london(datetime.now(UTC) - timedelta(minutes=2))
    given = {"what": "initial account", "day": now.date().isoformat(), "time": f"{now:%H:%M}"}
    told = scene.post("post-incident", path, **given)
    assert "follows from the log" in told
    for page in (f"/incidents/{scene.incident.pk}", f"/incidents/{scene.incident.pk}/notice"):
        for who in ("duty", "post-incident", "oversight"):
            shown = scene.get(who, page)
            assert re.search(r"<b>[Nn]o</b>", shown)
            assert not re.search(r"<b>[Yy]es</b>", shown)
    wrong = scene.post("post-incident", path, **(given | {"time": "half past"}))
    assert "Say on what day and at what time the account was given" in wrong


def test_oversight_finds_its_notice_and_works_unseen(scene: Scene) -> None:
    assert "1 critical incident was declared" in scene.get("oversight", "/recordings")
    assert "critical incident was" not in scene.get("manager", "/recordings")
    assert ">New<" in scene.get("oversight", "/incidents")
    scene.get("oversight", f"/incidents/{scene.incident.pk}")
    assert "critical incident was" not in scene.get("oversight", "/recordings")
    base = f"/incidents/{scene.incident.pk}"
    assert "Sound" in scene.post("oversight", f"{base}/workspace", check="log")
    read = scene.post("oversight", f"{base}/workspace", check=str(scene.pages.recording.pk))
    assert "its bytes are those that were received" in read
    told = scene.post("oversight", f"{base}/hold", basis="our inquiry")
    assert "Your hold keeps 1 recordings" in told or "Your hold keeps 1 recording" in told
    answer = scene.pages.browser(scene.pages.world.investigator).post(f"{base}/copy")
    assert answer["Location"].startswith("/export/")
    assert "our inquiry" in scene.get("oversight", "/holds")
    for who in ("manager", "standards"):
        holds = scene.get(who, "/holds")
        assert "our inquiry" not in holds
        assert scene.incident.reference not in scene.get(who, "/cases")
    incident = CriticalIncident.objects.select_related("case").get(pk=scene.incident.pk)
    assert incident.case is not None
    for who in ("manager", "standards", "detective", "post-incident"):
        case = scene.pages.browser(scene.people[who]).get(f"/cases/{incident.case.pk}")
        assert case.status_code == 404


def test_nobody_finds_it_in_a_list_of_the_unit(scene: Scene) -> None:
    for who in ("manager", "sergeant", "detective", "standards"):
        shown = scene.get(who, "/recordings?scope=unit")
        assert scene.pages.recording.reference not in shown
    assert scene.pages.recording.reference in scene.get("wearer", "/recordings")


def test_closing_asks_twice_and_unlocks(scene: Scene) -> None:
    path = f"/incidents/{scene.incident.pk}/close"
    assert "Tick that the lock is to end" in scene.post("oversight", path, outcome="No case")
    told = scene.post("oversight", path, outcome="No case", sure="yes")
    assert "none sooner than in seven days" in told
    assert not Recording.objects.get(pk=scene.pages.recording.pk).locked
    assert "Watch it" in scene.get("wearer", f"/recordings/{scene.pages.recording.pk}")
    assert workspace.living(scene.incident)
    assert post_incident.bound_by(scene.incident)


def test_the_post_incident_manager_is_told_who_waits_until_all_are_released(scene: Scene) -> None:
    waits = "to be released to view"
    told = {who for who in scene.people if waits in scene.get(who, "/today")}
    assert told == {"post-incident"}
    number = scene.incident.involvements.count()
    assert f"<b>{number}</b>" in scene.get("post-incident", "/today")
    scene.post("post-incident", f"/incidents/officers/{scene.involvement.pk}/release", reason="now")
    left = scene.get("post-incident", "/today")
    assert (f"<b>{number - 1}</b>" in left) if number > 1 else (waits not in left)


def test_whoever_may_declare_begins_on_today(scene: Scene) -> None:
    for who in scene.people:
        declares = 'href="/incidents/declare"' in scene.get(who, "/today")
        assert declares == (who in DECLARERS), who
