"""Which HTTP status each refusal is: one table, so that a code never gets two.

A code is looked up whole, then by its area (what stands before the dot). A refusal that no line
names is 400: it was foreseen, so it is not our fault; a test sees to it that our own are named.
"""

import json
from collections.abc import Mapping

from fairwitness.errors import FairwitnessError

STATUS: Mapping[str, int] = {
    "access.refused": 403,
    "access.gone": 410,
    "access.token": 404,
    "access.not_ready": 404,
    "account.machine": 403,
    "axis.bad_request": 400,
    "axis.etag": 422,
    "axis.forbidden": 403,
    "axis.no_duration": 400,
    "axis.unauthorised": 401,
    "axis.unknown": 404,
    "camera.log": 400,
    "camera.log_full": 413,
    "camera.log_line": 409,
    "camera.unknown": 404,
    "custody": 503,
    "docking": 400,
    "dock.not_enrolled": 403,
    "enrolment": 409,
    "format": 400,
    "import.browser": 403,
    "import.pass": 403,
    "keyring": 503,
    "keyring.destroyed": 410,
    "log": 503,
    "log.no_such_tree": 409,
    "permission.gone": 410,
    "quarantine": 409,
    "receipt.lost": 409,
    "receipt.none": 410,
    "permission": 403,
    "recording.unknown": 404,
    "request.busy": 503,
    "request.content_type": 415,
    "request.key_reused": 422,
    "request.method": 405,
    "request.not_found": 404,
    "request.range": 416,
    "request.slow": 408,
    "request.too_long": 413,
    "session.nonce": 401,
    "session.unknown": 401,
    "token": 401,
    "token.pace": 429,
    "token.scope": 403,
    "token.second_person": 403,
    "upload.checksum_mismatch": 460,  # tus 1.0.0, checksum extension
    "upload.complete": 403,
    "upload.content_type": 415,
    "upload.cut": 408,
    "upload.gone": 410,
    "upload.length": 400,
    "upload.method": 405,
    "upload.offset_mismatch": 409,
    "upload.superseded": 423,
    "upload.too_large": 413,
    "upload.unknown": 404,
    "upload.version": 412,
    "volume": 409,
    "volume.not_enrolled": 403,
    "volume.unknown": 404,
    "vault.full": 507,
    "vault": 503,
}


def status_of(code: str) -> int:
    """The status for a stable code.

    Args:
        code: `area.what`.
    """
    area = code.partition(".")[0]
    return STATUS.get(code, STATUS.get(area, 400))


def body_of(error: FairwitnessError) -> bytes:
    """The JSON that every refusal is sent as: its code and its sentence."""
    return json.dumps({"code": error.stable_code, "message": error.message}).encode()
