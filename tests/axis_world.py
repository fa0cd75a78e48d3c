"""An Axis body-worn system as its specification has it, talking to our door without a socket."""

import asyncio
import base64
import hashlib
import urllib.parse
from collections.abc import Sequence
from dataclasses import dataclass
from typing import ParamSpec, TypeVar

from cryptography.hazmat.primitives import hashes, padding, serialization
from cryptography.hazmat.primitives.asymmetric import padding as asymmetric
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from tests.closing_threads import ClosingThreads
from tests.ingest_world import SETUP, World

from fairwitness.api.axis import Axis
from fairwitness.api.exchange import Budget, Exchange, Limits, Message, PeerGone, Scope
from fairwitness.evidence.models import Recording
from fairwitness.ingest.axis import connecting, sweeping
from fairwitness.ingest.axis.clips import Desk
from fairwitness.ingest.axis.content_keys import ContentKeys, PublicHalf
from fairwitness.ingest.axis.decrypting import Opening
from fairwitness.ingest.models import AxisSystem

P = ParamSpec("P")
R = TypeVar("R")

USER = "6f3f8a0e-8c2d-4d5e-9a51-0c1d2e3f4a5b"
CAMERA = "B8A44F123456"
CONTAINER = f"{USER}_{CAMERA}_20170608T223010Z"
CLIP = "20170608_222940_A1B2.mp4"
KEY = "20170608_222940_A1B2.key"
TOLD = {
    "ContainerName": CONTAINER,
    "BWCSerialNumber": CAMERA,
    "SCUSerialNumber": "ACCC8E000001",
    "FirmwareVersion": "11.9.61",
    "UserID": USER,
    "TriggerOn": "Button",
    "TriggerOnTime": "1496961010",
    "TriggerOnTimeISO": "2017-06-08T22:30:10Z",
    "StartTime": "1496960980",
    "StartTimeISO": "2017-06-08T22:29:40Z",
    "TimeZone": "Europe/London",
    "BWCModel": "W101",
    "Status": "Transferring",
}
TIMES = {
    "StartTime": "1496960980",
    "StartTimeISO": "2017-06-08T22:29:40Z",
    "StopTime": "1496961070",
    "StopTimeISO": "2017-06-08T22:31:10Z",
    "ContainerType": "mp4",
}


@dataclass
class Answer:
    """What our door said."""

    status: int
    headers: dict[str, str]
    body: bytes


@dataclass
class Controller:
    """A W800, as far as one can without one: signed in, sending what it is told to."""

    world: World
    system: AxisSystem
    key: str
    door: Axis
    keys: ContentKeys
    content_key: PublicHalf | None
    token: str = ""
    pieces: int = 1 << 16

    @classmethod
    def make(cls, world: World, *, encrypts: bool = False, name: str = "Brixton") -> "Controller":
        keys = ContentKeys(world.root / "keys")
        half = (
            connecting.make_content_key(keys=keys, actor=SETUP, at=world.at) if encrypts else None
        )
        made = connecting.connect(
            name=name,
            url="https://evidence.example:8417",
            station=world.force.brixton,
            encrypts=encrypts,
            actor=SETUP,
            at=world.at,
        )
        door = Axis(
            vault=world.vault,
            receiver=world.receiver,
            commitments=world.commitments,
            clock=lambda: world.at,
            threads=ClosingThreads(),
            budget=Budget(8),
            settle=lambda: None,
        )
        return cls(world, made.system, made.key, door, keys, half)

    @property
    def opening(self) -> Opening:
        world = self.world
        return Opening(Desk(world.vault, world.commitments, lambda: world.at), self.keys)

    def ask(
        self,
        method: str,
        path: str,
        headers: dict[str, str] | None = None,
        body: Sequence[bytes] = (),
        *,
        cut: bool = False,
        signed_in: bool = True,
    ) -> Answer | None:
        """One request; None when the peer was gone before an answer."""
        named = dict(headers or {})
        if signed_in and self.token:
            named["X-Auth-Token"] = self.token
        scope: Scope = {
            "type": "http",
            "method": method,
            "path": path,
            "headers": [(k.lower().encode(), v.encode("latin-1")) for k, v in named.items()],
            "query_string": b"",
        }
        messages: list[Message] = [
            {"type": "http.request", "body": part, "more_body": True} for part in body
        ]
        messages.append(
            {"type": "http.disconnect"}
            if cut
            else {"type": "http.request", "body": b"", "more_body": False}
        )
        heard: list[Message] = []

        async def receive() -> Message:
            return messages.pop(0) if messages else {"type": "http.disconnect"}

        async def send(message: Message) -> None:
            heard.append(message)

        async def run() -> None:
            await self.door(Exchange(scope, receive, send, Limits(receive=30, send=5)))

        try:
            asyncio.run(run())
        except PeerGone:
            return None
        head = {k.decode(): v.decode("latin-1") for k, v in heard[0]["headers"]}
        return Answer(heard[0]["status"], head, b"".join(m.get("body", b"") for m in heard[1:]))

    def said(
        self,
        method: str,
        path: str,
        headers: dict[str, str] | None = None,
        body: Sequence[bytes] = (),
        *,
        signed_in: bool = True,
    ) -> Answer:
        answer = self.ask(method, path, headers, body, signed_in=signed_in)
        assert answer is not None
        return answer

    def sign_in(self) -> Answer:
        answer = self.said(
            "GET",
            "/auth/v1.0",
            {"X-Auth-User": self.system.user, "X-Auth-Key": self.key},
            signed_in=False,
        )
        self.token = answer.headers.get("x-auth-token", "")
        return answer

    def at(self, container: str, name: str = "") -> str:
        return f"/v1/{self.system.user}/{container}" + (f"/{name}" if name else "")

    def begin(self, container: str = CONTAINER, **changes: str) -> Answer:
        return self.said("PUT", self.at(container), meta("Container", TOLD | changes))

    def put(
        self, name: str, data: bytes, container: str = CONTAINER, etag: str = "", **told: str
    ) -> Answer:
        headers = meta("Object", told)
        if etag:
            headers["ETag"] = etag
        parts = [data[at : at + self.pieces] for at in range(0, len(data), self.pieces)]
        return self.said("PUT", self.at(container, name), headers, parts)

    def clip(
        self, data: bytes, name: str = CLIP, container: str = CONTAINER, **told: str
    ) -> Answer:
        return self.put(name, data, container, **(TIMES | told))

    def complete(self, container: str = CONTAINER) -> Answer:
        return self.said("POST", self.at(container), {"X-Object-Meta-Status": "Complete"})

    def work(self) -> None:
        """What the sweepers do, until nothing is left to do."""
        for _ in range(3):
            self.world.accept()
            sweeping.work_due(self.opening)

    def dock(self, data: bytes) -> Recording:
        """A whole offload of one clip."""
        self.sign_in()
        assert self.begin().status == 201
        assert self.clip(data).status == 201
        assert self.complete().status == 204
        self.work()
        return Recording.objects.get()

    def sealed(self, data: bytes, *, pem: bytes | None = None) -> tuple[bytes, bytes]:
        """The bytes as the camera would encrypt them, and the `.key` object that goes with them."""
        assert self.content_key is not None
        return encrypt(data, pem or self.content_key.pem, self.content_key.key_id)


def md5(data: bytes) -> str:
    """What the protocol checks transfers by."""
    return hashlib.md5(data, usedforsecurity=False).hexdigest()


def meta(of: str, told: dict[str, str]) -> dict[str, str]:
    """Metadata as headers, as the system writes them."""
    return {
        f"X-{of}-Meta-{key.capitalize()}": urllib.parse.quote(value) for key, value in told.items()
    }


def encrypt(data: bytes, pem: bytes, key_id: str) -> tuple[bytes, bytes]:
    """Encrypt as Axis' public decrypt_file.sh expects it: AES-256-CBC, RSA-OAEP with SHA-1."""
    public = serialization.load_pem_public_key(pem)
    assert isinstance(public, RSAPublicKey)
    secret, vector = hashlib.sha256(b"secret").digest(), bytes(range(16))
    padder = padding.PKCS7(128).padder()
    cipher = Cipher(algorithms.AES(secret), modes.CBC(vector)).encryptor()
    sealed = cipher.update(padder.update(data) + padder.finalize()) + cipher.finalize()
    scheme = asymmetric.OAEP(
        mgf=asymmetric.MGF1(hashes.SHA1()),  # noqa: S303 # Axis' format
        algorithm=hashes.SHA1(),  # noqa: S303 # the same
        label=None,
    )
    key = (
        "{\n"
        f'  "PublicKeyId": "{key_id}",\n'
        f'  "EncryptedKey": "{base64.b64encode(public.encrypt(secret, scheme)).decode()}",\n'
        f'  "ContentEncryptionIV": "{base64.b64encode(vector).decode()}"\n'
        "}\n"
    )
    return sealed, key.encode()
