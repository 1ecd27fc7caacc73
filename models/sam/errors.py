"""Failures a person can act on: a stable code for programs, a sentence for people."""


class ModelError(Exception):
    """`code` is stable (`checkpoint.unknown_hash`); `message` is a sentence: what is wrong, what helps."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message

    def __str__(self) -> str:
        return f"{self.code}: {self.message}"
