"""Every address of the Axis door is asked the same questions, and answers in the system's words."""

import json

import pytest
from django.db import DatabaseError
from tests.axis_world import CLIP, CONTAINER, TIMES, USER, Controller, md5, meta
from tests.ingest_world import SETUP, World, video
from tests.retention_world import acts

from fairwitness.api.axis import _Body
from fairwitness.custody import reading
from fairwitness.force.asking import NotAllowed
from fairwitness.ingest.axis import connecting, containers, papers
from fairwitness.ingest.axis.clips import Measure
from fairwitness.ingest.axis.connecting import TOKEN_LIFE
from fairwitness.ingest.models import AxisParty, AxisSystem, AxisToken, Upload, UploadState
from fairwitness.ingest.receiving import Incoming
from fairwitness.vault.port import StoreFull

RECORDING = (CONTAINER, "")
OBJECT = (CONTAINER, CLIP)
FILE = ("System", "Capabilities.json")


@pytest.fixture
def controller(world: World) -> Controller:
    made = Controller.make(world)
    made.sign_in()
    made.begin()
    made.clip(video())
    return made


def acts_of(controller: Controller) -> list[str]:
    return acts(f"axis:{controller.system.pk}")


def test_signing_in_gives_a_token_and_the_address_to_store_at(world: World) -> None:
    controller = Controller.make(world)
    answer = controller.sign_in()
    assert answer.status == 200
    assert answer.headers["x-storage-url"] == (
        f"https://evidence.example:8417/v1/{controller.system.user}"
    )
    assert acts_of(controller) == ["axis.connected", "axis.signed_in"]
    row = AxisSystem.objects.get()
    assert controller.key not in {row.key_hash, row.key_salt}
    assert controller.token not in AxisToken.objects.values_list("token_hash", flat=True)


@pytest.mark.parametrize("wrong", ["user", "key", "both", "none"])
def test_a_wrong_user_or_key_is_401_and_written_down_once_a_minute(
    world: World, wrong: str
) -> None:
    controller = Controller.make(world)
    headers = {"X-Auth-User": controller.system.user, "X-Auth-Key": controller.key}
    if wrong in {"user", "both"}:
        headers["X-Auth-User"] = "fw-somebody"
    if wrong in {"key", "both"}:
        headers["X-Auth-Key"] = "x" * 43
    if wrong == "none":
        headers = {}
    for _ in range(20):
        assert controller.said("GET", "/auth/v1.0", headers, signed_in=False).status == 401
    about = f"axis:{controller.system.pk}" if wrong == "key" else "axis"
    refused = [row for row in reading.history(about) if row.entry.act.is_refusal]
    assert len(refused) == 1
    world.at += connecting._QUIET
    controller.said("GET", "/auth/v1.0", headers, signed_in=False)
    refused = [row for row in reading.history(about) if row.entry.act.is_refusal]
    assert len(refused) == 2
    assert refused[1].body is not None
    assert refused[1].body.detail["not_written_down"] == 19


def test_only_get_signs_in(world: World) -> None:
    controller = Controller.make(world)
    headers = {"X-Auth-User": controller.system.user, "X-Auth-Key": controller.key}
    for method in ("POST", "PUT", "DELETE"):
        assert controller.said(method, "/auth/v1.0", headers).status == 400


@pytest.mark.parametrize("place", [RECORDING, OBJECT, FILE])
@pytest.mark.parametrize("method", ["GET", "HEAD", "PUT", "POST", "PATCH"])
def test_nobody_without_a_token_gets_anything(
    controller: Controller, place: tuple[str, str], method: str
) -> None:
    before = Upload.objects.count()
    for token in ("", "x", "é" * 9):
        headers = {"X-Auth-Token": token} if token else {}
        answer = controller.said(method, controller.at(*place), headers, [b"x"], signed_in=False)
        assert answer.status == 401
    assert Upload.objects.count() == before


@pytest.mark.parametrize("place", [RECORDING, OBJECT, FILE])
@pytest.mark.parametrize("method", ["GET", "HEAD", "PUT", "POST"])
def test_nobody_gets_into_anothers_account(
    controller: Controller, place: tuple[str, str], method: str
) -> None:
    other = Controller.make(controller.world, name="Another")
    other.sign_in()
    answer = other.said(method, controller.at(*place), meta("Object", TIMES), [b"x"])
    assert answer.status == 403
    own = other.said("HEAD", other.at(CONTAINER))
    assert own.status == 404
    assert acts_of(other)[-1] == "access.refused"


@pytest.mark.parametrize("place", [RECORDING, OBJECT])
def test_what_was_sent_is_never_given_out(controller: Controller, place: tuple[str, str]) -> None:
    assert controller.said("GET", controller.at(*place)).status == 403


@pytest.mark.parametrize("method", ["DELETE", "COPY", "PATCH", "OPTIONS"])
@pytest.mark.parametrize("place", [RECORDING, OBJECT, FILE])
def test_no_other_method_is_taken(
    controller: Controller, place: tuple[str, str], method: str
) -> None:
    assert controller.said(method, controller.at(*place)).status == 400


@pytest.mark.parametrize("path", ["/v1/", "/v1/a", "/v1/a/", "/v1//x", "/v1/a/x\x00y"])
def test_a_path_that_names_nothing_is_400(controller: Controller, path: str) -> None:
    assert controller.said("PUT", path).status == 400


def test_names_that_are_too_long_are_400(controller: Controller) -> None:
    assert controller.said("PUT", controller.at("c" * 257)).status == 400
    assert controller.said("PUT", controller.at(CONTAINER, "o" * 1025)).status == 400
    assert controller.said("PUT", controller.at("c" * 256)).status == 201


def test_our_two_files_say_what_we_support_and_which_categories_there_are(
    controller: Controller,
) -> None:
    names = ("Capabilities.json", "Categories.json")
    answers = [controller.said("GET", controller.at("System", name)) for name in names]
    for answer in answers:
        assert answer.status == 200
        assert answer.headers["etag"] == md5(answer.body)
    told = json.loads(answers[0].body)
    assert told["Store"]["StoreRejectedContent"] is True
    assert told["StoreAndRead"] == {"StoreReadSystemID": True}
    listed = json.loads(answers[1].body)
    assert {"Name", "Id"} == set(listed[0])
    for method in ("PUT", "POST"):
        assert controller.said(method, controller.at(*FILE), {}, [b"{}"]).status == 403


def test_a_revoked_system_is_out_at_its_next_request(controller: Controller) -> None:
    connecting.revoke(
        system=controller.system, reason="stolen", actor=SETUP, at=controller.world.at
    )
    assert controller.said("HEAD", controller.at(*RECORDING)).status == 401
    assert controller.sign_in().status == 401
    assert acts_of(controller)[-2:] == ["axis.revoked", "axis.sign_in_refused"]


def test_a_new_connection_file_for_the_same_system_ends_the_old_key(world: World) -> None:
    old = Controller.make(world)
    old.sign_in()
    new = Controller.make(world)
    assert new.system.pk == old.system.pk
    assert old.said("HEAD", old.at("System")).status == 401
    assert old.sign_in().status == 401
    assert new.sign_in().status == 200


def test_a_token_is_over_after_an_hour_but_not_in_the_middle_of_a_body(
    controller: Controller, monkeypatch: pytest.MonkeyPatch
) -> None:
    pour = controller.door._pour

    async def slow(body: _Body, incoming: Incoming, measure: Measure) -> None:
        await pour(body, incoming, measure)
        controller.world.at += TOKEN_LIFE * 2

    monkeypatch.setattr(controller.door, "_pour", slow)
    assert controller.clip(video(3), "20170608_223110_A1B2.mp4").status == 201
    assert controller.said("HEAD", controller.at(*RECORDING)).status == 401


def test_containers_merge_what_is_told_and_forget_what_is_told_empty(
    controller: Controller,
) -> None:
    path = controller.at("Shelf")
    assert controller.said("POST", path, meta("Container", {"A": "1"})).status == 404
    assert controller.said("PUT", path, meta("Container", {"A": "1", "B": "2"})).status == 201
    assert controller.said("PUT", path, meta("Object", {"B": "", "C": "å %/é"})).status == 202
    assert controller.said("POST", path, meta("Container", {"D": "4"})).status == 204
    told = controller.said("HEAD", path).headers
    found = {k: v for k, v in told.items() if k.startswith("x-container-meta-")}
    assert found == {
        "x-container-meta-a": "1",
        "x-container-meta-c": "%C3%A5%20%25%2F%C3%A9",
        "x-container-meta-d": "4",
    }
    assert (told["x-container-object-count"], told["x-container-bytes-used"]) == ("0", "0")


def test_an_objects_metadata_is_replaced_whole(controller: Controller) -> None:
    path = controller.at(*OBJECT)
    before = controller.said("HEAD", path)
    assert before.headers["x-object-meta-containertype"] == "mp4"
    assert before.headers["etag"] == md5(video())
    assert before.headers["content-length"] == str(len(video()))
    assert controller.said("POST", path, meta("Object", {"New": "1"})).status == 202
    after = controller.said("HEAD", path).headers
    assert [k for k in after if k.startswith("x-object-meta-")] == ["x-object-meta-new"]
    for method in ("POST", "HEAD"):
        assert controller.said(method, controller.at(CONTAINER, "other.mp4")).status == 404


def test_an_object_needs_its_container(controller: Controller) -> None:
    for name in (CLIP, "bookmark_1_1"):
        assert controller.put(name, b"x", "Elsewhere").status == 404
    assert not Upload.objects.filter(state=UploadState.RECEIVING).exists()


def test_registers_name_people_and_cameras(controller: Controller) -> None:
    for container in ("System", "Users", "Devices"):
        assert controller.said("PUT", controller.at(container)).status == 201
    told = {"Active": "True", "Name": "Åda Ölund", "UserID": "614LX"}
    user = controller.at("Users", USER)
    assert controller.said("PUT", user, meta("Object", told)).status == 201
    camera = controller.at("Devices", "B8A4")
    assert controller.said("PUT", camera, meta("Object", {"Active": "False"})).status == 201
    system = controller.at("System", "0c1d2e3f")
    assert controller.said("PUT", system, meta("Object", {"ConnectionId": "7"})).status == 201
    assert controller.said("HEAD", system).headers["x-object-meta-connectionid"] == "7"
    person = AxisParty.objects.get(their_id=USER)
    assert (person.their_name, person.active) == ("Åda Ölund (614LX)", True)
    assert not AxisParty.objects.get(their_id="B8A4").active
    assert acts_of(controller)[-3:] == ["axis.told"] * 3


@pytest.mark.parametrize(
    ("problem", "status"),
    [(StoreFull("The disk is full."), 507), (DatabaseError(), 503), (OSError(), 503)],
)
def test_what_may_pass_is_never_400(
    controller: Controller,
    monkeypatch: pytest.MonkeyPatch,
    problem: Exception,
    status: int,
) -> None:
    def fail(*_args: object, **_kwargs: object) -> None:
        raise problem

    monkeypatch.setattr(controller.world.vault.store, "create", fail)
    for name in ("20170608_223110_A1B2.mp4", "bookmark_1_1"):
        assert controller.put(name, video(), **TIMES).status == status
    assert not Upload.objects.filter(state=UploadState.RECEIVING).exists()


def test_more_requests_than_we_take_are_told_to_come_back(controller: Controller) -> None:
    controller.door._budget.running = controller.door._budget.most
    answer = controller.clip(video(), "20170608_223110_A1B2.mp4")
    assert answer.status == 503
    assert "retry-after" in answer.headers


def test_what_came_is_kept_as_it_came_but_for_secrets_and_who_reads_it_is_written_down(
    controller: Controller,
) -> None:
    controller.put("bookmark_1_1", b"seen\nhere", Tags="a:b")
    world, row = controller.world, containers.find(controller.system, CONTAINER)
    with pytest.raises(NotAllowed):
        papers.read(container=row, officer=world.force.ada, vault=world.vault, at=world.at)
    manager = world.force.manager
    found = papers.read(container=row, officer=manager, vault=world.vault, at=world.at)
    paths = {told["path"]: (dict(told["headers"]), body) for told, body in found}
    assert set(paths) == {CONTAINER, f"{CONTAINER}/{CLIP}", f"{CONTAINER}/bookmark_1_1"}
    assert paths[f"{CONTAINER}/bookmark_1_1"][1] == b"seen\nhere"
    head, body = paths[f"{CONTAINER}/{CLIP}"]
    assert head["x-object-meta-starttimeiso"] == "2017-06-08T22%3A29%3A40Z"
    assert (body, "x-auth-token" in head) == (b"", False)
    assert acts(row.subject)[-2:] == ["access.refused", "axis.container_read"]
