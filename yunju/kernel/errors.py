"""The error tree. A refusal is a code with parameters, never a sentence: `ui` renders it in the reader's language.

YunjuError ─┬─ Refused      409  the thing is not possible now (sold out, too late, already done)
            ├─ Invalid      422  the input is wrong, `field` names where
            ├─ NotFound     404  it does not exist, or not for this person
            ├─ Forbidden    403  the person sees it but may not do this
            ├─ SignInNeeded 401
            ├─ InFlight     409  the same key is being worked on; retryable
            ├─ KeyConflict  422  the same key came with another payload
            ├─ TooMany      429  a limit; retryable
            └─ Busy         503  locks or queue; retryable
"""


class YunjuError(Exception):
    """Base of every refusal. `code` is a stable dotted word, `params` fill its sentence, `field` is the input at fault."""

    status = 500
    retryable = False

    def __init__(self, code: str, /, *, field: str | None = None, **params: str | int | bool | None) -> None:
        super().__init__(code)
        self.code = code
        self.field = field
        self.params: dict[str, str | int | bool | None] = params

    def __str__(self) -> str:
        place = f" at {self.field}" if self.field else ""
        return f"{self.code}{place} {self.params}" if self.params else f"{self.code}{place}"

    def __eq__(self, other: object) -> bool:
        return type(other) is type(self) and vars(self) == vars(other)

    def __hash__(self) -> int:
        return hash((type(self), self.code, self.field))


def noted(error: BaseException) -> str:
    """Type and words of a failure as a row keeps them: cut, and without what no database takes."""
    words = f"{type(error).__name__}: {error}"[:500]
    return words.encode(errors="replace").decode().replace("\0", "?")


class Refused(YunjuError):
    status = 409


class Invalid(YunjuError):
    status = 422


class NotFound(YunjuError):
    status = 404


class Forbidden(YunjuError):
    status = 403


class SignInNeeded(YunjuError):
    status = 401


class InFlight(YunjuError):
    status = 409
    retryable = True


class KeyConflict(YunjuError):
    status = 422


class TooMany(YunjuError):
    status = 429
    retryable = True


class Busy(YunjuError):
    status = 503
    retryable = True


class InvalidMany(Invalid):
    """Several faults of one form at once; `faults` are Invalid errors with their fields."""

    def __init__(self, faults: list[Invalid]) -> None:
        super().__init__("input.invalid")
        self.faults = faults
