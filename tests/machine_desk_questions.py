"""How each operation of the desk and the watchers is asked; as in `machine_questions`."""

from collections.abc import Callable

from tests import machine_desk_scenes as desk
from tests.machine_questions import Question
from tests.machine_scenes import DAY, held_elsewhere, now
from tests.machine_world import Callers


def _with(scene: Callable[[Callers], object], path: str) -> Callable[[Callers], str]:
    """This path, once there is something to call about."""

    def build(callers: Callers) -> str:
        scene(callers)
        return path

    return build


_WHY = {"reason": "looked at it"}
_DAY = (now() - 2 * DAY).date().isoformat()


DESK_QUESTIONS = {
    "listMarked": Question(
        _with(desk.marked, "/events/marked"),
        "sergeant",
        refused=("detective", 403),
        elsewhere=403,
    ),
    "lookAtMarked": Question(
        _with(desk.marked, "/events/marked/look"),
        "sergeant",
        lambda callers: {"recordings": [callers.recording], "reason": "all as it should be"},
        ("detective", 403),
        403,
        "desk elsewhere",
    ),
    "listMissing": Question(
        _with(desk.record, "/events/missing"),
        "sergeant",
        refused=("detective", 403),
        elsewhere=403,
    ),
    "explainMissing": Question(
        lambda callers: f"/events/{desk.record(callers).pk}/explain",
        "sergeant",
        lambda _: _WHY,
        ("detective", 403),
        403,
        "desk elsewhere",
    ),
    "bringInEvents": Question(
        lambda _: "/event-lists", body=desk.sent, refused=("sergeant", 403), elsewhere=403
    ),
    "showEventList": Question(
        lambda callers: f"/event-lists/{desk.brought(callers).pk}",
        refused=("sergeant", 403),
        elsewhere=403,
        other="desk elsewhere",
    ),
    "listStandsOut": Question(
        _with(desk.standing_out, "/stands-out"),
        "standards",
        refused=("sergeant", 403),
        elsewhere=403,
        other="desk elsewhere",
    ),
    "closeStandsOut": Question(
        lambda callers: f"/stands-out/{desk.standing_out(callers)}/close",
        "standards",
        lambda _: {"note": "a review of last month's searches"},
        ("sergeant", 403),
        403,
        "desk elsewhere",
    ),
    "tryRule": Question(
        lambda _: "/rule-trials",
        body=lambda _: desk.NEW,
        refused=("sergeant", 403),
        elsewhere=403,
        other="desk elsewhere",
    ),
    "showRuleTrial": Question(
        lambda callers: f"/rule-trials/{desk.tried(callers).pk}",
        refused=("sergeant", 403),
        elsewhere=403,
        other="desk elsewhere",
    ),
    "proposeRule": Question(
        lambda callers: f"/rule-trials/{desk.tried(callers).pk}/propose",
        body=lambda _: {
            "reason": "the dogs' unit asks",
            "fields": [{"name": "Dog", "kind": "text", "needed": True, "extra": "Rex"}],
        },
        refused=("sergeant", 403),
        elsewhere=403,
        other="desk elsewhere",
    ),
    "listRuleChanges": Question(
        _with(desk.proposed_rule, "/rule-changes"),
        refused=("sergeant", 403),
        elsewhere=403,
    ),
    "showRuleChange": Question(
        lambda callers: f"/rule-changes/{desk.proposed_rule(callers).pk}",
        refused=("sergeant", 403),
        elsewhere=403,
    ),
    "approveRule": Question(
        lambda callers: f"/rule-changes/{desk.proposed_rule(callers).pk}/approve",
        "second manager",
        lambda _: {},
        ("sergeant", 403),
        403,
        "desk elsewhere",
    ),
    "withdrawRule": Question(
        lambda callers: f"/rule-changes/{desk.proposed_rule(callers).pk}/withdraw",
        body=lambda _: _WHY,
        refused=("sergeant", 403),
        elsewhere=403,
        other="desk elsewhere",
    ),
    "giveNoticeOfRule": Question(
        lambda callers: f"/rule-changes/{desk.proposed_alone(callers).pk}/notice",
        body=lambda _: {},
        refused=("sergeant", 403),
        elsewhere=403,
        other="desk elsewhere",
    ),
    "readOneManager": Question(lambda _: "/one-manager", refused=None, elsewhere=None),
    "beginOneManager": Question(
        desk.with_one_left,
        "administrator",
        lambda _: _WHY,
        ("sergeant", 403),
        403,
        "desk elsewhere",
    ),
    "endOneManager": Question(
        desk.with_one, "administrator", lambda _: _WHY, ("manager", 403), 403, "desk elsewhere"
    ),
    "extendHold": Question(
        lambda callers: f"/holds/{held_elsewhere(callers)}/recordings",
        body=lambda callers: {"recordings": [callers.recording]},
        refused=("colleague", 403),
        elsewhere=403,
    ),
    "previewAccessClass": Question(
        lambda callers: f"/recordings/{callers.recording}/access-class/preview",
        body=lambda _: {"access_class": "restricted"},
        refused=("detective", 403),
    ),
    "setAccessClass": Question(
        lambda callers: f"/recordings/{callers.recording}/access-class",
        body=lambda _: {"access_class": "restricted", "reason": "a child is on it"},
        refused=("detective", 403),
    ),
    "listUnassigned": Question(
        _with(desk.unassigned, "/unassigned"),
        "sergeant",
        refused=("detective", 403),
        elsewhere=403,
    ),
    "assignWearer": Question(
        lambda callers: f"/unassigned/{desk.unassigned(callers)}",
        "sergeant",
        lambda _: {"wearer": "702LX", "reason": "the duty list says so"},
        ("detective", 404),
        404,
        "desk elsewhere",
    ),
    "listGaps": Question(
        _with(desk.gap, "/gaps"),
        "sergeant",
        refused=("detective", 403),
        elsewhere=403,
    ),
    "explainGaps": Question(
        _with(desk.gap, "/gaps/explain"),
        "sergeant",
        lambda _: {"camera": "00417", "counters": [9], "reason": "it was in repair"},
        ("detective", 403),
        403,
        "desk elsewhere",
    ),
    "listStops": Question(
        _with(desk.stopped, "/deletion-stops"),
        refused=("sergeant", 403),
        elsewhere=403,
    ),
    "stopDeletion": Question(
        lambda _: "/deletion-stops",
        body=lambda _: _WHY,
        refused=("sergeant", 403),
        elsewhere=403,
    ),
    "letDeletionOn": Question(
        lambda callers: f"/deletion-stops/{desk.stopped(callers).pk}/let-on",
        "second manager",
        lambda _: _WHY,
        ("sergeant", 403),
        403,
    ),
    "listFirearmsOperations": Question(
        lambda _: "/firearms/operations", refused=None, elsewhere=None
    ),
    "noteFirearmsOperations": Question(
        lambda _: "/firearms/operations",
        body=lambda _: {"unit": "LAM", "month": _DAY, "number": 31},
        refused=("sergeant", 403),
        elsewhere=403,
        other="desk elsewhere",
    ),
    "listDischarges": Question(
        _with(desk.discharge, "/firearms/discharges"),
        refused=None,
        elsewhere=None,
    ),
    "noteDischarge": Question(
        lambda _: "/firearms/discharges",
        body=lambda _: {"unit": "LAM", "reference": "F/2", "happened_on": _DAY},
        refused=("sergeant", 403),
        elsewhere=403,
        other="desk elsewhere",
    ),
    "openInvestigation": Question(
        lambda callers: f"/firearms/discharges/{desk.discharge(callers).pk}/open",
        "standards",
        lambda _: {"body": "IOPC", "opened_on": _DAY},
        ("manager", 403),
        403,
    ),
    "concludeInvestigation": Question(
        lambda callers: f"/firearms/discharges/{desk.discharge(callers, opened=True).pk}/conclude",
        "standards",
        lambda _: {"outcome": "learning", "concluded_on": _DAY},
        ("manager", 403),
        403,
    ),
}
