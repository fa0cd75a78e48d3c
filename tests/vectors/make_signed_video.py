"""Makes the vectors of docs/specs/signed-video.md: python -m tests.vectors.make_signed_video."""

import base64
import itertools
from typing import Any, Final

from tests.signed_films import OtherCamera, Sample, anchored, flat, mp4, pictures, read, signed
from tests.vectors import samples, writing

from fairwitness.formats.signed_video import VideoReport
from fairwitness.formats.video_signer import camera_certificates

NAME: Final = "signed-video"
_KEY: Final = samples.CAMERA_KEY
_EACH: Final = 2
_GROUPS: Final = 3


def told(report: VideoReport) -> dict[str, Any]:
    """What a reader must find of one film."""
    return {
        "verdict": report.verdict.value,
        "scheme": report.scheme.value if report.scheme else None,
        "keyid": report.signer.keyid if report.signer else None,
        "began_before": report.began_before,
        "groups": [[span.first, span.last, span.state.value] for span in report.spans],
    }


def make() -> dict[str, Any]:
    """The content of the file: films, and what a reader must find of each."""
    cases = []
    for name, film in _films().items():
        data = mp4(film)
        found = told(read(data))
        cases.append({"name": name, "data": base64.b64encode(data).decode(), **found})
    return {"films": cases}


def _ours(*, ends: bool = True) -> list[Sample]:
    return signed(pictures(_GROUPS, _EACH), key=_KEY, ends=ends)


def _films() -> dict[str, list[Sample]]:
    changed, missing, stripped = _ours(), _ours(), _ours()
    changed[_EACH + 1][0] += b"x"
    del missing[_EACH + 1][1]
    del stripped[2 * _EACH][0]
    return {
        "not signed": pictures(_GROUPS, _EACH),
        "as our camera signs": _ours(),
        "a unit changed": changed,
        "a unit missing": missing,
        "a seal taken out": stripped,
        "a dangling end": _ours(ends=False),
        "a clip": _ours()[_EACH:],
        "ONVIF, sealed late": _late("onvif"),
        "Axis 2, sealed late": _late("axis"),
        "Axis 1": _axis_1(),
    }


def _groups() -> list[list[Sample]]:
    film = pictures(_GROUPS, _EACH)
    return [film[at : at + _EACH] for at in range(0, len(film), _EACH)]


def _late(scheme: str) -> list[Sample]:
    camera, groups = OtherCamera(key=_KEY), _groups()
    film = list(groups[0])
    for before, after in itertools.pairwise(groups):
        digests = anchored(flat(before))
        if scheme == "axis":
            seal = camera.axis(digests)
        else:
            leaf = camera_certificates(_KEY, serial="7").leaf
            seal = camera.onvif(digests, certificates=leaf)
        film += [after[0], [seal, *after[1]]]
    return film


def _axis_1() -> list[Sample]:
    camera, film = OtherCamera(key=_KEY), []
    before: list[bytes] = []
    for group in _groups():
        film += [[camera.axis(anchored([*before, group[0][0]]), old=True), *group[0]], *group[1:]]
        before = flat(group)
    film[-1].append(camera.axis(anchored(before), old=True))
    return film


if __name__ == "__main__":
    writing.write(NAME, make())
