"""Which promises to clients a change of the API breaks. What is only added breaks none.

What is sent may be taken more widely and what is answered may be told more narrowly; the other way round somebody's
program stops working. Answers may get new fields and, in enumerations, new values: clients pass over what they do
not know (ARCHITECTURE.md, section 5).
"""

from collections.abc import Iterator
from typing import Any

from tests.contract.api_promises import LIMITS, Shape


def breaks(old: dict[str, Any], new: dict[str, Any]) -> list[str]:
    """A sentence for each promise of `old` that `new` does not keep, both as `promises_of` draws them."""
    found: list[str] = []
    for name, operation in old["operations"].items():
        if name not in new["operations"]:
            found.append(f"{name} is gone.")
        else:
            found.extend(_of_operation(name, operation, new["operations"][name]))
    for direction in ("sent", "answered"):
        for name, fields in old[direction].items():
            # What is no longer used anywhere is told where it was used.
            if name in new[direction]:
                found.extend(_of_fields(name, fields, new[direction][name], direction))
    return found


def _of_operation(name: str, old: dict[str, Any], new: dict[str, Any]) -> Iterator[str]:
    if old["id"] != new["id"]:
        yield f"{name} is named {new['id']}, it was {old['id']}: generated clients call it by that name."
    yield from _of_fields(name, old.get("takes", {}), new.get("takes", {}), "sent")
    for answer, shape in old["answers"].items():
        if answer not in new["answers"]:
            yield f"{name} no longer answers {answer}."
        else:
            yield from _of_shape(f"{name} {answer}", shape, new["answers"][answer], "answered")


def _of_fields(where: str, old: dict[str, Shape], new: dict[str, Shape], direction: str) -> Iterator[str]:
    for name, shape in old.items():
        if name not in new:
            yield f"{where}: `{name}` is gone."
            continue
        if direction == "answered" and shape.get("required") and not new[name].get("required"):
            yield f"{where}: `{name}` may be left out, it was always there."
        yield from _of_shape(f"{where}: `{name}`", shape, new[name], direction)
    if direction == "sent":
        for name, shape in new.items():
            if shape.get("required") and not old.get(name, {}).get("required"):
                yield f"{where}: `{name}` is required, it was not."


def _of_shape(where: str, old: Shape, new: Shape, direction: str) -> Iterator[str]:
    if "fields" in old and "fields" in new:
        yield from _of_fields(where, old["fields"], new["fields"], direction)
    lost = [value for value in old.get("enum", ()) if "enum" in new and value not in new["enum"]]
    if lost:
        yield f"{where} no longer has {', '.join(map(repr, lost))}."
    elif not (_fits(old, new) if direction == "sent" else _fits(new, old)):
        verb = "takes" if direction == "sent" else "is"
        yield f"{where} {verb} {_words(new)}, it was {_words(old)}."


def _fits(part: Shape, whole: Shape) -> bool:
    """Whether whatever has the shape `part` may stand where `whole` is expected. Fields are compared one by one
    elsewhere, and so are values of enumerations; both may only grow."""
    whole_types = whole.keys() - {"required"}
    if not whole_types:
        return True
    if part.get("nullable") and not whole.get("nullable"):
        return False
    if "any" in part:
        return all(_fits(one, whole) for one in part["any"])
    if "any" in whole:
        return any(_fits(part, one) for one in whole["any"])
    if "all" in part or "all" in whole:
        return part.get("all") == whole.get("all")
    for kind in ("list", "map"):
        if kind in whole:
            return kind in part and _fits(part[kind], whole[kind]) and _is_within(part, whole)
    if "fields" in whole:
        return "fields" in part
    if "is" in whole:
        return part.get("is") == whole["is"]
    types = {part.get("type")}
    if not types <= {whole.get("type")} and not (types == {"integer"} and whole.get("type") == "number"):
        return False
    if "enum" in whole and "enum" not in part:
        return False
    return _is_within(part, whole)


def _is_within(part: Shape, whole: Shape) -> bool:
    """Whether the limits of `part` are those of `whole` or stricter. Values of an enumeration need none."""
    if "enum" in part:
        return True
    for name in LIMITS:
        if name not in whole:
            continue
        if name not in part:
            return False
        if name in ("pattern", "format"):
            if part[name] != whole[name]:
                return False
        elif isinstance(whole[name], bool) or isinstance(part[name], bool):
            # Next to `minimum` and `maximum`: whether these themselves are out.
            if whole[name] and not part[name]:
                return False
        elif part[name] < whole[name] if name.lower().endswith(_LOWER) else part[name] > whole[name]:
            return False
    return True


_LOWER = ("minlength", "minimum", "minitems")


def _words(shape: Shape) -> str:
    """The shape for people: `string (maxLength 100) or null`."""
    if "enum" in shape:
        words = " | ".join(map(str, shape["enum"]))
    elif "list" in shape:
        words = f"list of {_words(shape['list'])}"
    elif "map" in shape:
        words = f"map of {_words(shape['map'])}"
    elif "any" in shape:
        words = " or ".join(map(_words, shape["any"]))
    elif "fields" in shape:
        words = f"object of {', '.join(shape['fields'])}"
    else:
        words = str(shape.get("is") or shape.get("type") or "anything")
    limits = ", ".join(f"{name} {shape[name]}" for name in LIMITS if name in shape)
    return words + (f" ({limits})" if limits else "") + (" or null" if shape.get("nullable") else "")
