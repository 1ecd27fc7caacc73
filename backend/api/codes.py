"""Every stable code a refusal may carry, read from the code itself: a list kept by hand would soon lack some."""

import ast
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any, Final

from backend.api.errors import DRF_CODES
from backend.api.unsupported import PROMISES
from backend.common.errors import ApplicationError
from backend.config.env import BASE_DIR
from backend.projects.access import NOUNS
from backend.projects.standing import refusals_told

_ROOT: Final = BASE_DIR / "backend"


@dataclass
class ErrorCode:
    """A code with the statuses it comes with and what is said then, `…` for what differs."""

    code: str
    statuses: set[int] = field(default_factory=set)
    messages: list[str] = field(default_factory=list)

    def add(self, status: int, message: str) -> None:
        self.statuses.add(status)
        if message and message not in self.messages:
            self.messages.append(message)


@cache
def error_codes() -> list[ErrorCode]:
    """All of them, by name. Raises LookupError where an error is raised with a code that cannot be read."""
    found: dict[str, ErrorCode] = {}
    for code, status, message in (*_tables(), *_sources()):
        found.setdefault(code, ErrorCode(code)).add(status, message)
    return [found[code] for code in sorted(found)]


def _tables() -> Iterator[tuple[str, int, str]]:
    """Codes that stand in tables, and are raised from them."""
    for kind, code in DRF_CODES.items():
        yield code, kind.status_code, str(kind.default_detail)
    for noun in NOUNS.values():
        yield noun.code, 404, noun.missing
    for code, message in refusals_told():
        yield code, 403, message
    for *_, code, message in PROMISES:
        yield code, 400, message


def _sources() -> Iterator[tuple[str, int, str]]:
    trees = {path: ast.parse(path.read_text()) for path in sorted(_ROOT.rglob("*.py"))}
    family = _family(list(trees.values()))
    with_own: set[str] = set()
    for tree in trees.values():
        for node in ast.walk(tree):
            if isinstance(node, ast.ClassDef) and (own := list(_own(node, family))):
                with_own.add(node.name)
                yield from own
    for path, tree in trees.items():
        # The module first, for what stands in no function; then sentences that a function made before.
        for scope in (tree, *(node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef))):
            known = _assigned(scope) if scope is not tree else {}
            for node in ast.walk(scope):
                if isinstance(node, ast.Call) and _name(node.func) not in with_own:
                    yield from _raised(node, family, path, known)
                elif isinstance(node, ast.Dict) and path.name != "examples.py":
                    yield from _answered(node, known)


def _family(trees: list[ast.Module]) -> dict[str, int]:
    """Names of ApplicationError and all below it, with their statuses."""
    family = {ApplicationError.__name__: ApplicationError.status}
    classes = [node for tree in trees for node in ast.walk(tree) if isinstance(node, ast.ClassDef)]
    while True:
        more = {
            one.name: _status(one, family[_name(base)])
            for one in classes
            for base in one.bases
            if _name(base) in family and one.name not in family
        }
        if not more:
            return family
        family |= more


def _status(node: ast.ClassDef, inherited: int) -> int:
    for line in node.body:
        if isinstance(line, ast.Assign) and _name(line.targets[0]) == "status":
            return int(ast.literal_eval(line.value))
    return inherited


def _own(node: ast.ClassDef, family: dict[str, int]) -> Iterator[tuple[str, int, str]]:
    """The code of a class that brings it along: whoever raises it says none."""
    if node.name not in family:
        return
    for call in ast.walk(node):
        if isinstance(call, ast.Call) and _name(call.func) == "__init__" and len(call.args) > 1:
            for code in _texts(call.args[1]):
                yield code, family[node.name], _sentence(call.args[0])


def _answered(node: ast.Dict, known: dict[str, ast.expr]) -> Iterator[tuple[str, int, str]]:
    """An answer's body that is written out."""
    entries = {
        _texts(key)[0]: value
        for key, value in zip(node.keys, node.values, strict=True)
        if key and _texts(key)
    }
    if {"code", "message"} <= entries.keys():
        for code in _texts(entries["code"]):
            yield code, _STATUS_OF_BODY[code], _sentence(entries["message"], known)


def _assigned(scope: ast.AST) -> dict[str, ast.expr]:
    """What a function's names stand for, where they are given a value once."""
    given = [node for node in ast.walk(scope) if isinstance(node, ast.Assign) and len(node.targets) == 1]
    return {_name(node.targets[0]): node.value for node in given}


def _raised(
    call: ast.Call, family: dict[str, int], path: Path, known: dict[str, ast.expr]
) -> Iterator[tuple[str, int, str]]:
    name = _name(call.func)
    if name == "error_body" or name in family:
        message, code = _arguments(call, is_code_first=name == "error_body")
        if code is None:
            return
        codes = _texts(code)
        if not codes and str(path.relative_to(_ROOT)) not in _FROM_TABLES:
            raise LookupError(f"{path}:{call.lineno}: a code is written out where it is raised")
        for text in codes:
            yield text, family.get(name, _STATUS_OF_BODY.get(text, 400)), _sentence(message, known)


# Where codes come out of the tables above, and where errors are handed on.
_FROM_TABLES: Final = frozenset(
    {
        "projects/access.py",
        "projects/standing.py",
        "work/gate.py",
        "api/unsupported.py",
        "api/database.py",
        "api/errors.py",
    }
)
# Of answers made without an error being raised; each has to be here.
_STATUS_OF_BODY: Final = {
    "auth.csrf_failed": 403,
    "auth.forbidden": 403,
    "not_found": 404,
    "request.too_large": 413,
    "server_error": 500,
}


def _arguments(call: ast.Call, *, is_code_first: bool) -> tuple[ast.expr | None, ast.expr | None]:
    """(message, code)."""
    named = {word.arg: word.value for word in call.keywords}
    places = ("code", "message") if is_code_first else ("message", "code")
    given: dict[Any, ast.expr] = dict(zip(places, call.args, strict=False)) | named
    return given.get("message"), given.get("code")


def _name(node: ast.expr) -> str:
    return str(getattr(node, "id", getattr(node, "attr", "")))


def _texts(node: ast.expr) -> list[str]:
    if isinstance(node, ast.IfExp):
        return [*_texts(node.body), *_texts(node.orelse)]
    return [node.value] if isinstance(node, ast.Constant) and isinstance(node.value, str) else []


def _sentence(node: ast.expr | None, known: dict[str, ast.expr] | None = None) -> str:
    if isinstance(node, ast.Name) and known:
        return _sentence(known.get(node.id))
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return node.value
    if isinstance(node, ast.JoinedStr):
        return "".join(str(part.value) if isinstance(part, ast.Constant) else "…" for part in node.values)
    return ""
