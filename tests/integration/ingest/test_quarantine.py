"""Ways out of quarantine: mended and checked again, let in by two, rejected by two, or in time."""

import hashlib
from datetime import timedelta

import pytest
from tests.axis_world import Controller
from tests.ingest_world import AT, ENDED, World, video
from tests.integration.force.made_up import AT as FOUNDED
from tests.integration.force.made_up import SETUP
from tests.retention_world import acts

from fairwitness.evidence import access, apart
from fairwitness.evidence.models import Recording
from fairwitness.force import authority, enrolment, roles
from fairwitness.force.asking import NotAllowed, Role
from fairwitness.force.models import RoleGrant
from fairwitness.formats.keys import SigningKey
from fairwitness.ingest import ending, quarantine, receipts
from fairwitness.ingest.models import Quarantine, QuarantineState, Upload, UploadState
from fairwitness.ingest.quarantine import Proposal
from fairwitness.retention import holds, lifting
from fairwitness.retention.holds import Terms
from fairwitness.retention.models import Hold, HoldKind
from fairwitness.retention.standing import Criteria
from fairwitness.vault import manifests
from fairwitness.vault.keyring import KeyState


def unknown_camera(world: World, key: SigningKey, *, shade: int = 90) -> tuple[Upload, Quarantine]:
    data = video(shade=shade)
    claim = world.claim(data, camera="09999")
    upload = world.begin_with(world.create(len(data), statement=world.signed(claim, key=key)))
    world.send(upload, data)
    world.accept()
    return upload, Quarantine.objects.get(upload=upload)


def test_a_mended_reason_lets_it_be_checked_again(world: World) -> None:
    key = SigningKey.generate()
    upload, case = unknown_camera(world, key)
    camera = enrolment.request_enrolment(envelope=world.force.request("09999", key=key), at=FOUNDED)
    enrolment.approve(device=camera, keyid=camera.keyid, officer=world.force.manager, at=FOUNDED)
    quarantine.check_again(case=case, officer=world.force.manager, at=AT)
    assert world.accept() == 1
    recording = Recording.objects.get(pk=upload.recording_id)
    assert recording.provenance == "signed"
    assert recording.reference == "09999-1"


def test_what_is_not_mended_comes_back_to_quarantine(world: World) -> None:
    upload, case = unknown_camera(world, SigningKey.generate())
    quarantine.check_again(case=case, officer=world.force.manager, at=AT)
    world.accept()
    states = list(Quarantine.objects.filter(upload=upload).order_by("pk"))
    assert [each.state for each in states] == [QuarantineState.RELEASED, QuarantineState.HELD]


def test_two_people_let_it_in_as_footage_that_no_camera_vouches_for(world: World) -> None:
    upload, case = unknown_camera(world, SigningKey.generate())
    quarantine.propose(
        case=case,
        proposal=Proposal.RELEASE,
        officer=world.force.manager,
        reason="a borrowed camera",
        at=AT,
    )
    with pytest.raises(quarantine.QuarantineClosed):
        quarantine.confirm(case=case, proposal=Proposal.RELEASE, officer=world.force.manager, at=AT)
    quarantine.confirm(
        case=case, proposal=Proposal.RELEASE, officer=world.force.second_manager, at=AT
    )
    assert world.accept() == 1
    recording = Recording.objects.get(pk=upload.recording_id)
    assert recording.provenance == "unsigned"
    assert recording.claim is None
    assert acts(f"recording:{recording.pk}") == [
        "recording.quarantined",
        "recording.release_proposed",
        "recording.released_from_quarantine",
        "recording.received",
    ]
    with pytest.raises(quarantine.QuarantineClosed):
        quarantine.check_again(case=case, officer=world.force.manager, at=AT)


WEEK = timedelta(days=7)
MINUTE = timedelta(minutes=1)


def reject(world: World, case: Quarantine) -> None:
    first, second = world.force.manager, world.force.second_manager
    quarantine.propose(case=case, proposal=Proposal.REJECT, officer=first, reason="a toy", at=AT)
    quarantine.confirm(case=case, proposal=Proposal.REJECT, officer=second, at=AT)
    case.refresh_from_db()


def test_what_two_people_reject_is_in_the_bin_for_seven_days(world: World) -> None:
    upload, case = unknown_camera(world, SigningKey.generate())
    reject(world, case)
    assert (case.state, case.bin_until) == (QuarantineState.BINNED, AT + WEEK)
    assert quarantine.expire(at=AT + WEEK - MINUTE) == 0
    assert ending.clear(vault=world.vault, at=AT + WEEK - MINUTE) == 0
    assert world.vault.ring.state(upload.recording_id) is KeyState.LIVE
    with pytest.raises(receipts.InQuarantine):  # the camera keeps its copy meanwhile
        receipts.receipt_for(upload=Upload.objects.get(), issuer=world.issuer, at=AT)
    with pytest.raises(quarantine.QuarantineClosed):
        quarantine.check_again(case=case, officer=world.force.manager, at=AT)

    assert quarantine.expire(at=AT + WEEK) == 1
    assert quarantine.expire(at=AT + WEEK) == 0
    ending.clear(vault=world.vault, at=AT + WEEK)
    assert world.vault.ring.state(upload.recording_id) is KeyState.DESTROYED
    upload.refresh_from_db()
    assert upload.state == UploadState.ENDED
    with pytest.raises(receipts.NoReceipt):
        receipts.receipt_for(upload=upload, issuer=world.issuer, at=AT)
    assert acts(f"recording:{upload.recording_id}") == [
        "recording.quarantined",
        "recording.rejection_proposed",
        "recording.rejected",
        "recording.disposed",
    ]


def test_what_is_in_the_bin_is_taken_back_until_its_day(world: World) -> None:
    upload, case = unknown_camera(world, SigningKey.generate())
    reject(world, case)
    late = AT + WEEK - MINUTE
    with pytest.raises(NotAllowed):
        quarantine.take_back(case=case, officer=world.force.ada, reason="", at=late)
    with pytest.raises(quarantine.QuarantineClosed):  # swept or not, its day has come
        quarantine.take_back(case=case, officer=world.force.manager, reason="", at=AT + WEEK)
    quarantine.take_back(case=case, officer=world.force.manager, reason="no toy", at=late)
    with pytest.raises(quarantine.QuarantineClosed):
        quarantine.take_back(case=case, officer=world.force.manager, reason="", at=late)
    assert quarantine.expire(at=AT + WEEK) == 0
    case.refresh_from_db()
    assert (case.state, case.bin_until, case.proposal) == (QuarantineState.HELD, None, "")
    assert case.gone_by == case.arrived_at + timedelta(days=31)
    with pytest.raises(quarantine.QuarantineClosed):  # what was proposed before counts no more
        quarantine.confirm(
            case=case, proposal=Proposal.REJECT, officer=world.force.second_manager, at=late
        )
    assert acts(f"recording:{upload.recording_id}")[-3:] == [
        "recording.rejected",
        "access.refused",
        "recording.rejection_taken_back",
    ]
    quarantine.check_again(case=case, officer=world.force.manager, at=late)


def test_taken_back_after_its_month_it_has_seven_days_more(world: World) -> None:
    _upload, case = unknown_camera(world, SigningKey.generate())
    Quarantine.objects.update(gone_by=AT + timedelta(days=1))
    reject(world, case)
    assert quarantine.expire(at=AT + timedelta(days=5)) == 0
    back = AT + timedelta(days=5)
    quarantine.take_back(case=case, officer=world.force.manager, reason="", at=back)
    assert quarantine.expire(at=back + WEEK - timedelta(days=1)) == 0
    assert quarantine.expire(at=back + WEEK) == 1


def test_a_hold_placed_after_the_rejection_keeps_it_in_the_bin(world: World) -> None:
    _upload, case = unknown_camera(world, SigningKey.generate())
    reject(world, case)
    terms = Terms(HoldKind.COMPLAINT, "C/1", "x", (AT + WEEK * 9).date())
    after = AT + MINUTE
    asked = Criteria(officers=(world.force.ada.pk,))
    holds.place(terms=terms, owner=world.force.manager, criteria=asked, at=after)
    assert quarantine.expire(at=AT + WEEK) == 0
    hold = Hold.objects.get()
    Hold.objects.filter(pk=hold.pk).update(placed_at=AT - MINUTE)  # they knew of it, and rejected
    assert quarantine.expire(at=AT + WEEK) == 1


def test_only_evidence_managers_decide_and_refusals_are_written_down(world: World) -> None:
    upload, case = unknown_camera(world, SigningKey.generate())
    with pytest.raises(NotAllowed):
        quarantine.check_again(case=case, officer=world.force.ada, at=AT)
    assert acts(f"recording:{upload.recording_id}")[-1] == "access.refused"


def test_the_clock_runs_from_arrival(world: World) -> None:
    upload, case = unknown_camera(world, SigningKey.generate())
    assert case.gone_by == case.arrived_at + timedelta(days=31)
    assert quarantine.nag(at=AT + timedelta(days=6)) == 0
    assert quarantine.nag(at=AT + timedelta(days=8)) == 1
    assert quarantine.nag(at=AT + timedelta(days=8)) == 0
    assert quarantine.expire(at=AT + timedelta(days=30)) == 0
    assert quarantine.expire(at=case.gone_by - timedelta(hours=1)) == 1
    ending.clear(vault=world.vault, at=AT + timedelta(days=31))
    assert world.vault.ring.state(upload.recording_id) is KeyState.DESTROYED


def test_what_a_standing_hold_may_be_about_waits_for_people(world: World) -> None:
    upload, case = unknown_camera(world, SigningKey.generate())
    review = AT.date() + timedelta(days=400)
    terms = Terms(HoldKind.LITIGATION, "17/0042", "letter before claim", review)
    day = case.gone_by - timedelta(hours=1)
    placed = holds.place(
        terms=terms,
        owner=world.force.manager,
        criteria=Criteria(officers=(world.force.ada.pk,), ends_at=AT - timedelta(days=1)),
        at=AT,
    )
    assert quarantine.expire(at=day) == 0  # its own times are not known: in doubt it stays
    ending.clear(vault=world.vault, at=day)
    assert world.vault.ring.state(upload.recording_id) is KeyState.LIVE
    over = case.gone_by + timedelta(hours=1)
    grant = quarantine.watch(case=case, officer=world.force.manager, at=over)
    with apart.open_viewing(token=grant.token, at=over, vault=world.vault) as footage:
        assert footage.read(0, footage.size) == video()
    hold = Hold.objects.get(pk=placed.hold)
    lifting.lift(hold=hold, officer=world.force.manager, reason="settled", at=day)
    with pytest.raises(access.AccessRefused, match="time is over"):
        quarantine.watch(case=case, officer=world.force.manager, at=over)
    later = Criteria(officers=(world.force.ada.pk,), begins_at=AT + timedelta(days=1))
    holds.place(terms=terms, owner=world.force.manager, criteria=later, at=day)
    assert quarantine.expire(at=day) == 1


def test_a_hold_on_one_station_keeps_no_quarantine_of_anothers(world: World) -> None:
    controller = Controller.make(world)
    controller.sign_in()
    controller.begin()
    controller.clip(video())
    controller.clip(video(shade=140))
    world.accept()
    case = Quarantine.objects.get()
    review = AT.date() + timedelta(days=400)
    terms = Terms(HoldKind.LITIGATION, "17/0042", "letter before claim", review)
    elsewhere, here = Criteria(stations=("LSH1",)), Criteria(stations=("LAM1",))
    holds.place(terms=terms, owner=world.force.manager, criteria=elsewhere, at=AT)
    assert not quarantine.kept(case)
    holds.place(terms=terms, owner=world.force.manager, criteria=here, at=AT)
    assert quarantine.kept(case)


def test_a_hold_placed_after_its_day_does_not_keep_it(world: World) -> None:
    _upload, case = unknown_camera(world, SigningKey.generate())
    holds.place(
        terms=Terms(HoldKind.LITIGATION, "17", "letter", AT.date() + timedelta(days=400)),
        owner=world.force.manager,
        criteria=Criteria(officers=(world.force.ada.pk,)),
        at=case.gone_by,
    )
    assert quarantine.expire(at=case.gone_by + timedelta(hours=1)) == 1


def test_its_key_is_asked_to_die_until_both_copies_of_the_ring_have_confirmed(
    world: World,
) -> None:
    upload, case = unknown_camera(world, SigningKey.generate())
    assert quarantine.expire(at=case.gone_by) == 1
    second = world.root / "ring" / "second"
    away = second.rename(second.with_name("unmounted"))
    assert ending.clear(vault=world.vault, at=case.gone_by) == 0
    upload.refresh_from_db()
    assert not upload.cleared
    away.rename(second)
    assert ending.clear(vault=world.vault, at=case.gone_by) == 1


def test_two_with_the_same_counter_can_both_be_let_in(world: World) -> None:
    world.receive(video(), counter=7)
    other = video(shade=33)
    upload = world.begin(other, counter=7)
    world.send(upload, other)
    world.accept()
    case = Quarantine.objects.get(upload=upload)
    quarantine.propose(
        case=case,
        proposal=Proposal.RELEASE,
        officer=world.force.manager,
        reason="the camera was reset",
        at=AT,
    )
    quarantine.confirm(
        case=case, proposal=Proposal.RELEASE, officer=world.force.second_manager, at=AT
    )
    assert world.accept() == 1
    recording = Recording.objects.get(pk=upload.recording_id)
    assert recording.counter is None
    assert recording.source == f"upload:{upload.pk}"
    assert recording.clock_started_at > ENDED


def damaged_on_the_way(world: World, data: bytes) -> tuple[Upload, Quarantine]:
    """Promised one thing, sent another."""
    upload = world.begin(data)
    world.send(upload, data[:-1] + bytes([data[-1] ^ 1]))
    world.accept()
    return upload, Quarantine.objects.get(upload=upload)


def let_in(world: World, case: Quarantine) -> None:
    first, second = world.force.manager, world.force.second_manager
    quarantine.propose(case=case, proposal=Proposal.RELEASE, officer=first, reason="a look", at=AT)
    quarantine.confirm(case=case, proposal=Proposal.RELEASE, officer=second, at=AT)
    assert world.accept() == 1


@pytest.mark.parametrize("right_ones_first", [True, False])
def test_bytes_let_in_never_stand_for_those_that_were_promised(
    world: World, *, right_ones_first: bool
) -> None:
    data = video()
    upload, case = damaged_on_the_way(world, data)
    if not right_ones_first:
        let_in(world, case)
    right = world.begin(data)
    assert right.pk != upload.pk
    world.send(right, data)
    assert world.accept() == 1
    if right_ones_first:
        let_in(world, case)
    signed = Recording.objects.get(pk=right.recording_id)
    assert signed.sha256 == hashlib.sha256(data).hexdigest()
    assert signed.provenance == "signed"
    assert Recording.objects.get(pk=upload.recording_id).provenance == "unsigned"


def test_footage_that_came_twice_leaves_quarantine_once(world: World) -> None:
    key = SigningKey.generate()
    (_, first), (other, second) = unknown_camera(world, key), unknown_camera(world, key)
    let_in(world, first)
    quarantine.propose(
        case=second,
        proposal=Proposal.RELEASE,
        officer=world.force.manager,
        reason="this one too",
        at=AT,
    )
    with pytest.raises(quarantine.QuarantineClosed, match="come again"):
        quarantine.confirm(
            case=second, proposal=Proposal.RELEASE, officer=world.force.second_manager, at=AT
        )
    with pytest.raises(quarantine.QuarantineClosed, match="come again"):
        quarantine.check_again(case=second, officer=world.force.manager, at=AT)
    other.refresh_from_db()
    assert other.state == UploadState.QUARANTINED
    assert not other.unsigned_allowed
    assert Recording.objects.count() == 1


def test_a_manifest_of_what_was_rejected_goes_with_its_bytes(world: World) -> None:
    upload, case = unknown_camera(world, SigningKey.generate())
    key = world.vault.ring.get(upload.recording_id)
    store = world.vault.store
    manifests.write(b"an earlier try", store=store, key=key, recording=upload.recording_id)
    quarantine.expire(at=case.gone_by)
    assert ending.clear(vault=world.vault, at=case.gone_by) == 1
    assert list(store.names()) == []


def test_a_proposal_is_written_down_and_a_new_one_takes_its_place(world: World) -> None:
    upload, case = unknown_camera(world, SigningKey.generate())
    first, second = world.force.manager, world.force.second_manager
    quarantine.propose(case=case, proposal=Proposal.REJECT, officer=first, reason="a toy", at=AT)
    case.refresh_from_db()
    quarantine.propose(case=case, proposal=Proposal.RELEASE, officer=second, reason="ours", at=AT)
    case.refresh_from_db()
    with pytest.raises(quarantine.QuarantineClosed):
        quarantine.confirm(case=case, proposal=Proposal.RELEASE, officer=second, at=AT)
    with pytest.raises(quarantine.QuarantineClosed, match="meanwhile"):
        quarantine.confirm(case=case, proposal=Proposal.REJECT, officer=first, at=AT)
    quarantine.confirm(case=case, proposal=Proposal.RELEASE, officer=first, at=AT)
    assert acts(f"recording:{upload.recording_id}") == [
        "recording.quarantined",
        "recording.rejection_proposed",
        "recording.release_proposed",
        "recording.released_from_quarantine",
    ]


def test_all_of_a_camera_are_checked_again_at_once_except_what_came_again(world: World) -> None:
    key = SigningKey.generate()
    cases = [unknown_camera(world, key, shade=shade)[1] for shade in (10, 10, 20)]
    other = SigningKey.generate()
    with pytest.raises(NotAllowed):
        quarantine.check_many_again(cases=cases, officer=world.force.ada, at=AT)
    camera = enrolment.request_enrolment(envelope=world.force.request("09999", key=key), at=FOUNDED)
    enrolment.approve(device=camera, keyid=camera.keyid, officer=world.force.manager, at=FOUNDED)
    cases.append(unknown_camera(world, other, shade=30)[1])
    done = quarantine.check_many_again(cases=cases, officer=world.force.manager, at=AT)
    assert done == 3, "the second copy of the same bytes stays where it is"
    assert world.accept() == 3
    assert Recording.objects.count() == 1, "one counter, whose other bytes are another case"
    assert sorted(quarantine.waiting().values_list("reason", flat=True)) == [
        "camera.unknown",
        "counter.reused",
        "signature.bad",
    ]


def test_an_evidence_manager_of_one_unit_sees_and_decides_on_that_units(world: World) -> None:
    _, case = unknown_camera(world, SigningKey.generate())
    for officer, unit in ((world.force.dev, "lewisham"), (world.force.ada, "lambeth")):
        where = getattr(world.force, unit)
        roles.grant(
            officer=officer, role=Role.EVIDENCE_MANAGER, unit=where, actor=SETUP, at=FOUNDED
        )
    seen = {
        officer: list(quarantine.shown_to(authority.facts(officer=officer, at=AT)))
        for officer in (world.force.dev, world.force.ada, world.force.manager, world.force.sergeant)
    }
    assert list(seen.values()) == [[], [case], [case], []]
    with pytest.raises(NotAllowed):
        quarantine.check_again(case=case, officer=world.force.dev, at=AT)
    quarantine.check_again(case=case, officer=world.force.ada, at=AT)


def test_who_decides_may_watch_it_until_it_is_decided(world: World) -> None:
    upload, case = unknown_camera(world, SigningKey.generate())
    about = f"recording:{upload.recording_id}"
    for officer in (world.force.ada, world.force.sergeant):
        with pytest.raises(access.AccessRefused):
            quarantine.watch(case=case, officer=officer, at=AT)
        assert acts(about)[-1] == "recording.view_refused"
    grant = quarantine.watch(case=case, officer=world.force.manager, at=AT)
    assert acts(about)[-1] == "recording.viewed"
    with apart.open_viewing(token=grant.token, at=AT, vault=world.vault) as footage:
        assert footage.read(0, footage.size) == video(shade=90)
    with pytest.raises(access.AccessRefused):
        access.open_viewing(token=grant.token, kind="master", at=AT, vault=world.vault)
    quarantine.check_again(case=case, officer=world.force.manager, at=AT)
    with pytest.raises(access.AccessRefused, match="ended"):
        apart.open_viewing(token=grant.token, at=AT, vault=world.vault)


def test_nobody_watches_it_after_its_day_the_role_or_the_sign_out(world: World) -> None:
    _, case = unknown_camera(world, SigningKey.generate())
    late = case.gone_by - timedelta(minutes=10)
    grant = quarantine.watch(case=case, officer=world.force.manager, at=late)
    assert grant.expires_at == case.gone_by
    with pytest.raises(access.AccessRefused):
        quarantine.watch(case=case, officer=world.force.manager, at=case.gone_by)
    access.end_viewings(officer=world.force.manager, at=late)
    with pytest.raises(access.AccessRefused, match="ended"):
        apart.open_viewing(token=grant.token, at=late, vault=world.vault)
    grant = quarantine.watch(case=case, officer=world.force.second_manager, at=AT)
    RoleGrant.objects.filter(officer=world.force.second_manager).update(ends_at=AT)
    with pytest.raises(access.AccessRefused, match="evidence manager"):
        apart.open_viewing(token=grant.token, at=AT, vault=world.vault)
