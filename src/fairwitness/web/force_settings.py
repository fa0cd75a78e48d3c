"""Settings: what cameras of each kind do, changed in two steps, and which camera has which version.

A decision reaches a camera at its next docking and never before. It holds for every camera of one
kind in the whole force; a unit's own cameras are counted by whether they have it yet.
"""

from collections.abc import Mapping
from typing import Final

from django.db.models import Count, Q
from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from fairwitness.camera.settings import BUFFER_STEP, LONGEST_BUFFER, Quality, Settings
from fairwitness.errors import FairwitnessError
from fairwitness.evidence import reaching
from fairwitness.force import camera_settings
from fairwitness.force.asking import Action, Subject
from fairwitness.force.camera_settings import Change, SettingsRefused
from fairwitness.force.models import Camera, CameraSettings, CameraStatus, Profile, Unit
from fairwitness.formats.canonical import Json
from fairwitness.web import acting, force_cameras, page, times, visits

_NAMES: Final = {
    "buffer_seconds": "Buffer, in seconds",
    "quality": "Picture",
    "mute_allowed": "The wearer may mute",
    "stealth_allowed": "The wearer may switch off lights and sounds (stealth)",
    "sleep_allowed": "The wearer may put it to sleep, without a buffer",
    "beeps": "It beeps",
    "vibration": "It vibrates",
    "lights": "Its lights work, the one that faces the public too",
    "position": "Where it is goes into its recordings",
}
_SWITCHES: Final = tuple(name for name in _NAMES if name not in {"buffer_seconds", "quality"})
_OLD: Final = 10
_LONGEST: Final = 5


@require_safe
@visits.signed_in
def listing(request: HttpRequest, visit: visits.SignedVisit) -> HttpResponse:
    """What is decided for each kind of camera, and how far it has come."""
    units = visits.reach(visit, Action.SEE_FORCE)
    if units is not None and not units:
        return force_cameras.refuse(request)
    context = {
        "profiles": [_profile(profile, units, visit) for profile in Profile],
        "changes": visits.may(visit, Action.SET_CAMERAS, visits.NOTHING),
    }
    return page.render(request, "pages/force_settings.html", context)


def _profile(
    profile: Profile, units: frozenset[str] | None, visit: visits.SignedVisit
) -> dict[str, object]:
    seen = Q(unit=None) | reaching.within(units)
    rows = list(
        CameraSettings.objects.filter(seen, profile=profile)
        .select_related("decided_by", "unit")
        .order_by("-version")[:_OLD]
    )
    now = camera_settings.latest(profile.value)
    return {
        "value": profile.value,
        "name": profile.label,
        "version": now.version if now else 0,
        "settings": [(_NAMES[name], words) for name, words in _in_words(_values(now)).items()],
        "firmware": now.firmware if now and now.firmware else "none wanted",
        "release": f"{now.battery_percent} % or {now.charge_minutes} minutes" if now else "",
        "history": [
            {
                "version": row.version,
                "what": _what(row),
                "by": str(row.decided_by) if row.decided_by else "the operator",
                "at": times.short_moment(row.decided_at),
                "reason": row.reason,
            }
            for row in rows
        ],
        "units": _spread(profile, now, units, visit),
    }


def _what(row: CameraSettings) -> str:
    """Whose settings a decision was about."""
    if row.unit is None:
        return "the force"
    return f"{row.unit} follows the force" if row.follows else f"{row.unit}’s own"


def _spread(
    profile: Profile,
    now: CameraSettings | None,
    units: frozenset[str] | None,
    visit: visits.SignedVisit,
) -> list[dict[str, object]]:
    """Of each unit: what stands there, and how many cameras have been docked since."""
    last = camera_settings.last_of_units(profile.value)
    standing: dict[int | None, CameraSettings | None] = {
        unit: now if row.follows else row for unit, row in last.items()
    }
    since = {
        unit: max(row.decided_at, now.decided_at) if row.follows and now else row.decided_at
        for unit, row in last.items()
    }
    docked = Q(pk__isnull=True)
    for unit, moment in since.items():
        docked |= Q(unit=unit, last_docked_at__gte=moment)
    if now is not None:
        docked |= ~Q(unit__in=list(since)) & Q(last_docked_at__gte=now.decided_at)
    counted = (
        Camera.objects.filter(reaching.within(units), profile=profile, status=CameraStatus.APPROVED)
        .order_by("unit__name")
        .values_list("unit", "unit__code", "unit__name")
        .annotate(number=Count("pk"), has=Count("pk", filter=docked))
    )
    return [
        {
            "code": code,
            "name": name,
            "version": row.version if (row := standing.get(unit, now)) else 0,
            "own": row is not None and row.unit_id is not None,
            "has": has,
            "waits": number - has,
            "number": number,
            "changes": bool(code) and visits.may(visit, Action.SET_CAMERAS, Subject(unit=code)),
        }
        for unit, code, name, number, has in counted
    ]


def _values(row: CameraSettings | None) -> dict[str, Json]:
    known = dict(Settings().to_json())
    known.update(row.settings if row else {})
    known.pop("version", None)
    return known


def _in_words(values: Mapping[str, Json]) -> dict[str, str]:
    yes = {True: "yes", False: "no"}
    return {
        name: yes[value] if isinstance(value, bool) else str(value)
        for name, value in values.items()
        if name in _NAMES
    }


def _refuse(request: HttpRequest) -> HttpResponse:
    return page.refuse(
        request,
        title="Settings of cameras",
        sentence="You can’t decide what cameras do.",
        detail="It is for evidence managers and administrators, of the unit or the whole force.",
        back="/force/settings",
    )


def _asked(
    visit: visits.SignedVisit, profile: str, code: str
) -> tuple[Profile, Unit | None] | None:
    """The kind of camera and the unit, if this visitor may decide; a refusal is written down."""
    unit = Unit.objects.filter(code=code.upper()).first() if code else None
    known = visits.allowed(
        visit,
        Action.SET_CAMERAS,
        about=f"camera_settings:{profile[:16]}",
        subject=Subject(unit=unit.code if unit else None),
    )
    if profile not in Profile.values or not known or (code and unit is None):
        return None
    return Profile(profile), unit


@require_http_methods(["GET", "HEAD", "POST"])
@visits.signed_in
def change(
    request: HttpRequest, visit: visits.SignedVisit, profile: str, code: str = ""
) -> HttpResponse:
    """Ask for the changes; show before and after; decide only when that was confirmed."""
    asked = _asked(visit, profile, code)
    if asked is None:
        return _refuse(request)
    kind, unit = asked
    now = camera_settings.latest(profile, unit.pk if unit else None)
    if request.method != "POST":
        return page.render(request, "pages/force_settings_change.html", _form(kind, unit, now))
    reason = request.POST.get("reason", "").strip()
    if request.POST.get("confirmed") == "yes":

        def act() -> str:
            if request.POST.get("over") != str(now.version if now else 0):
                raise SettingsRefused("Somebody else decided meanwhile. Look, and decide again.")
            row = camera_settings.decide(
                profile=kind,
                change=_change(request),
                actor=visit.officer,
                at=visit.at,
                reason=reason,
                unit=unit,
            )
            return f"Version {row.version} is decided. Each camera gets it at its next docking."

        return acting.attempt(request, act, then="/force/settings", back=_address(kind, unit))
    try:
        after = camera_settings.previewed(kind, _change(request), reason=reason, unit=unit)
    except FairwitnessError as error:
        form = {**_form(kind, unit, now), "problem": error.message, "reason": reason}
        return page.render(request, "pages/force_settings_change.html", form, status=400)
    return page.render(
        request,
        "pages/force_settings_confirm.html",
        _confirm(request, kind, unit, now, after),
    )


def _confirm(
    request: HttpRequest,
    kind: Profile,
    unit: Unit | None,
    now: CameraSettings | None,
    after: CameraSettings,
) -> dict[str, object]:
    """What would be decided beside what stands, and how many cameras it would reach."""
    cameras = Camera.objects.filter(profile=kind, status=CameraStatus.APPROVED)
    if unit is not None:
        cameras = cameras.filter(unit=unit)
    else:
        last = camera_settings.last_of_units(kind.value)
        own = [pk for pk, row in last.items() if not row.follows]
        cameras = cameras.exclude(unit__in=own) if own else cameras
    return {
        "back": _address(kind, unit),
        "name": _name(kind, unit),
        "version": after.version,
        "over": now.version if now else 0,
        "reason": request.POST.get("reason", "").strip(),
        "differs": _differences(now, after),
        "typed": [
            (name, request.POST.get(name, ""))
            for name in (*_NAMES, "firmware", "battery_percent", "charge_minutes")
        ],
        "cameras": cameras.count(),
        "becomes_own": unit is not None and (now is None or now.unit_id is None),
    }


@require_POST
@visits.signed_in
def follow(
    request: HttpRequest, visit: visits.SignedVisit, profile: str, code: str
) -> HttpResponse:
    """Give up a unit's own settings."""
    asked = _asked(visit, profile, code)
    if asked is None or asked[1] is None:
        return _refuse(request)
    kind, unit = asked[0], asked[1]

    def act() -> str:
        camera_settings.follow(
            profile=kind,
            unit=unit,
            actor=visit.officer,
            at=visit.at,
            reason=request.POST.get("reason", "").strip(),
        )
        return f"{unit} follows the force again, from the next docking of each camera."

    return acting.attempt(request, act, then="/force/settings", back=_address(kind, unit))


def _address(kind: Profile, unit: Unit | None) -> str:
    return f"/force/settings/{kind.value}" + (f"/{unit.code}" if unit else "")


def _name(kind: Profile, unit: Unit | None) -> str:
    return f"{kind.label} of {unit}" if unit else kind.label


def _form(kind: Profile, unit: Unit | None, now: CameraSettings | None) -> dict[str, object]:
    values = _values(now)
    return {
        "name": _name(kind, unit),
        "unit": unit.name if unit else "",
        "follows": f"{_address(kind, unit)}/follow" if now and now.unit_id is not None else "",
        "problem": "",
        "buffers": [
            (seconds, seconds == values["buffer_seconds"])
            for seconds in range(0, LONGEST_BUFFER + 1, BUFFER_STEP)
        ],
        "qualities": [(each.value, each.value == values["quality"]) for each in Quality],
        "switches": [(name, _NAMES[name], bool(values[name])) for name in _SWITCHES],
        "firmware": now.firmware if now else "",
        "battery": now.battery_percent if now else 80,
        "minutes": now.charge_minutes if now else 240,
    }


def _change(request: HttpRequest) -> Change:
    said = request.POST
    return Change(
        settings={
            "buffer_seconds": _number(said.get("buffer_seconds", "")),
            "quality": said.get("quality", ""),
            **{name: said.get(name) == "yes" for name in _SWITCHES},
        },
        firmware=said.get("firmware", "").strip()[:40],
        battery_percent=_number(said.get("battery_percent", "")),
        charge_minutes=_number(said.get("charge_minutes", "")),
    )


def _number(text: str) -> int:
    if not text.isdecimal() or len(text) > _LONGEST:
        raise SettingsRefused(f"{text[:20]!r} is no whole number.")
    return int(text)


def _differences(now: CameraSettings | None, after: CameraSettings) -> list[tuple[str, str, str]]:
    before, later = _in_words(_values(now)), _in_words(_values(after))
    found = [
        (_NAMES[name], before[name], later[name]) for name in _NAMES if before[name] != later[name]
    ]
    rest = (
        ("Firmware that they should run", now.firmware if now else "", after.firmware),
        (
            "A pool camera may be taken at, per cent",
            _text(now, "battery_percent"),
            _text(after, "battery_percent"),
        ),
        (
            "or after minutes in the dock",
            _text(now, "charge_minutes"),
            _text(after, "charge_minutes"),
        ),
    )
    return found + [row for row in rest if row[1] != row[2]]


def _text(row: CameraSettings | None, field: str) -> str:
    return str(getattr(row, field)) if row else "not decided"
