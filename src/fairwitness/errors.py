"""The one root of everything that Fairwitness refuses.

An error has a stable code, which programs and documents may rely on, and a sentence that a person
can act on. Codes are `area.what`, never renamed once released. Each package derives its own errors
beside the function that raises them; `api` and `web` turn codes into answers.
"""

from typing import ClassVar


class FairwitnessError(Exception):
    """A refusal or failure that was foreseen.

    Attributes:
        code: stable, `area.what`; a subclass sets it, a raise may narrow it.
        message: one or more sentences for the person in front of it.
    """

    code: ClassVar[str] = "fairwitness.error"

    def __init__(self, message: str, *, code: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self._code = code

    @property
    def stable_code(self) -> str:
        """The code of this very error: the one given when raised, else its class's."""
        return self._code or self.code

    def __str__(self) -> str:
        return f"{self.message} [{self.stable_code}]"
