"""JSON, XML, YAML and lines of text that are no longer what a format wrote: other types, numbers no picture has, keys
twice or not at all, nesting without an end, entities, other encodings."""

import copy
import json
import random
import re
import xml.etree.ElementTree as ET
from collections.abc import Callable
from typing import Any, Final

_DEEP: Final = 3000
_VALUES: Final[tuple[Any, ...]] = (
    *(None, True, False, 0, 1, -1, 2, 30, 40, 255, 2**31, 2**63, -(2**63) - 1, 10**30, 10**400),
    *(0.5, -0.0, 1e308, float("nan"), float("inf"), float("-inf")),
    *("", "x", " ", "0", "-1", "NaN", "1e999", "\0", "\ud800", "../../etc/passwd", "C:\\x", "größe"),
    *("猫" * 200, "x" * 3000, [], {}, [[]], [None], [1, 2], ["x"], {"id": 1}, {"": ""}, [0] * 5000),
    *([-1, 1201], [[0, 0, 1e30, 1]]),
    *({"size": [30, 40], "counts": [1200]}, {"size": [30, 40], "counts": "PPP"}, {"size": [10**9, 10**9]}),
)
# As they stand in a file: what `json` would not write.
_RAW: Final = (
    *("1e999", "-Infinity", "01", "'x'", "", "[" * _DEEP, '{"a":' * _DEEP, "9" * 5000),
    *('"\\ud800"', '"\\u0000"'),
)
_WORDS: Final = (
    *("-1", "0", "1e999", "nan", "inf", "x", "", "1,2", "99999999999999999999", "0.5 0.5"),
    *("٣", "\0", "1e-320", "None", "=1", "#", ":", "9" * 5000),
)
_ENTITIES: Final = (
    '<!DOCTYPE a [<!ENTITY b "b"><!ENTITY c "&b;&b;&b;&b;&b;&b;&b;&b;"><!ENTITY d "&c;&c;&c;&c;&c;&c;&c;&c;">'
    '<!ENTITY e "&d;&d;&d;&d;&d;&d;&d;&d;"><!ENTITY f "&e;&e;&e;&e;&e;&e;&e;&e;">]>',
    '<!DOCTYPE a [<!ENTITY b SYSTEM "file:///etc/passwd">]>',
    '<!DOCTYPE a SYSTEM "http://127.0.0.1:9/a.dtd">',
)
_YAML: Final = (
    b"names: &a [*a]\n",
    b"names: {0: &a {x: 1}, 1: *a}\n",
    b"a: &a [x,x,x,x,x,x,x,x,x]\n"
    + b"".join(b"%c: &%c [%s]\n" % (98 + n, 98 + n, b",".join([b"*%c" % (97 + n)] * 9)) for n in range(9))
    + b"names: *j\n",
    b"a: &a {x: 1}\n"
    + b"".join(
        b"%c: &%c {<<: [%s]}\n" % (98 + n, 98 + n, b",".join([b"*%c" % (97 + n)] * 9)) for n in range(9)
    )
    + b"names: *j\n",
    b"names: !!python/object/apply:os.system ['true']\n",
    b"names: {0: 2001-01-01, 1: 0x1F, 2: ~, 3: !!binary aGVsbG8=, 4: 1_000}\n",
    b"names: {a: b}\n",
    b"names: {-1: b, 0: c, 0: d}\n",
    b"names: hello\n",
    b"names: [[a], {b: c}]\n",
    b"[" * _DEEP,
    b"- a\n- b\n",
    b"",
)


def json_damaged(content: bytes, dice: random.Random) -> bytes:
    """What was JSON with one to three things wrong with it."""
    text = content.decode()
    for _ in range(dice.choice((1, 1, 2, 3))):
        text = dice.choice(_JSON)(text, dice)
    return _encoded(text, dice)


def _value_changed(text: str, dice: random.Random) -> str:
    return _with_place(
        text, dice, lambda holder, key: holder.__setitem__(key, copy.deepcopy(dice.choice(_VALUES)))
    )


def _value_gone(text: str, dice: random.Random) -> str:
    return _with_place(text, dice, lambda holder, key: holder.__delitem__(key))


def _value_doubled(text: str, dice: random.Random) -> str:
    """An entry of a list twice; in an object under another name."""

    def double(holder: Any, key: Any) -> None:
        if isinstance(holder, list):
            holder.insert(dice.randrange(len(holder) + 1), copy.deepcopy(holder[key]))
        else:
            holder[f"{key}_"] = holder.pop(key)

    return _with_place(text, dice, double)


def _values_swapped(text: str, dice: random.Random) -> str:
    """Two places of the document change what they hold."""
    document = _parsed(text)
    places = _places(document)
    if len(places) < 2:
        return text
    (first, a), (second, b) = dice.sample(places, 2)
    here, there = copy.deepcopy(first[a]), copy.deepcopy(second[b])
    first[a], second[b] = there, here
    return _written(document)


def _number_moved(text: str, dice: random.Random) -> str:
    """A number that could be one: off by a little, or another one of the file."""
    numbers = list(re.finditer(r"(?<![\w\"])-?\d+(?:\.\d+)?(?![\w\"])", text))
    if not numbers:
        return text
    chosen = dice.choice(numbers)
    near = str(int(float(chosen.group())) + dice.choice((-2, -1, 1, 2))) if len(chosen.group()) < 15 else "7"
    return text[: chosen.start()] + dice.choice((near, dice.choice(numbers).group())) + text[chosen.end() :]


def _key_twice(text: str, dice: random.Random) -> str:
    keys = list(re.finditer(r'"[\w ]+":', text))
    if not keys:
        return text
    at = dice.choice(keys)
    value = json.dumps(dice.choice(_VALUES[:-5]), allow_nan=True)
    return f"{text[: at.start()]}{at.group()} {value}, {text[at.start() :]}"


def _raw_put(text: str, dice: random.Random) -> str:
    tokens = list(re.finditer(r'-?\d+(?:\.\d+)?|"[^"\\]*"|null|\[|\{', text)) or list(re.finditer("^", text))
    at = dice.choice(tokens)
    return text[: at.start()] + dice.choice(_RAW) + text[at.end() :]


def _counts_changed(text: str, dice: random.Random) -> str:
    """A run-length code that is almost one."""
    codes = list(re.finditer(r'"counts": "([^"]*)"', text))
    if not codes:
        return _value_changed(text, dice)
    chosen = dice.choice(codes)
    code = chosen.group(1)
    at = dice.randrange(len(code) + 1)
    letter = chr(dice.randrange(48, 112)).replace("\\", "o")
    changed = dice.choice(
        (code[:at] + letter + code[at:], code[:at] + letter + code[at + 1 :], code[:at], code + code)
    )
    return text[: chosen.start(1)] + changed + text[chosen.end(1) :]


_JSON: Final[tuple[Callable[[str, random.Random], str], ...]] = (
    *(_value_changed,) * 3,
    *(_value_gone, _value_gone, _value_doubled, _values_swapped),
    *(_number_moved, _number_moved, _key_twice, _raw_put, _counts_changed),
)


def xml_damaged(content: bytes, dice: random.Random) -> bytes:
    """What was XML with something wrong with it."""
    match dice.randrange(8):
        case 0:
            head, _, body = content.partition(b"?>\n")
            entity = dice.choice(_ENTITIES).encode()
            return head + b"?>\n" + entity + body.replace(b"</name>", b"&f;&b;</name>")
        case 1:
            return content.decode().encode(dice.choice(("utf-16", "utf-16-le", "utf-32", "utf-7")))
        case 2:
            return b"<a>" * _DEEP + content
    root = ET.fromstring(content)
    for _ in range(dice.choice((1, 1, 3))):
        parents = [element for element in root.iter() if len(element)]
        holders = [element for element in root.iter() if element.attrib]
        match dice.randrange(5):
            case 0 if parents:
                parent = dice.choice(parents)
                parent.remove(dice.choice(list(parent)))
            case 1 if parents:
                parent = dice.choice(parents)
                parent.append(copy.deepcopy(dice.choice(list(root.iter()))))
            case 2 if holders:
                holder = dice.choice(holders)
                del holder.attrib[dice.choice(list(holder.attrib))]
            case 3 if holders:
                holder = dice.choice(holders)
                word = dice.choice(_WORDS + tuple(holder.attrib.values())).replace("\0", " ")
                holder.attrib[dice.choice(list(holder.attrib))] = word
            case _:
                chosen = dice.choice(list(root.iter()))
                chosen.text = dice.choice(_WORDS).replace("\0", " ")
    return ET.tostring(root)


def lines_damaged(content: bytes, dice: random.Random) -> bytes:
    """Lines of text with words that are others, gone or twice, or lines that are."""
    lines = content.decode(errors="replace").split("\n")
    for _ in range(dice.choice((1, 2, 4))):
        at = dice.randrange(len(lines))
        words = lines[at].split(" ")
        match dice.randrange(5):
            case 0:
                words[dice.randrange(len(words))] = dice.choice(_WORDS)
            case 1:
                del words[dice.randrange(len(words))]
            case 2:
                words += words
            case 3:
                lines.insert(dice.randrange(len(lines) + 1), lines[at])
            case _:
                words = [dice.choice(_WORDS) for _ in range(dice.randrange(9))]
        lines[at] = " ".join(words)
    return _encoded("\n".join(lines), dice)


def yaml_damaged(content: bytes, dice: random.Random) -> bytes:
    """YAML with references to itself, of other types, or that grows when it is read."""
    return dice.choice(_YAML) if dice.random() < 0.6 else lines_damaged(content, dice)


def _encoded(text: str, dice: random.Random) -> bytes:
    encoding = dice.choice(("utf-8",) * 12 + ("utf-16", "utf-32", "latin-1", "utf-8-sig", "cp1252"))
    return text.encode(encoding, "surrogatepass" if encoding.startswith("utf-") else "replace")


def _parsed(text: str) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        # An earlier blow made it none: what follows starts from something that is.
        return {"images": [], "annotations": [{}], "shapes": [{}], "items": [{}]}


def _written(document: Any) -> str:
    return json.dumps(document, ensure_ascii=False)


def _places(document: Any) -> list[tuple[Any, Any]]:
    """Every (holder, key or index) within."""
    found: list[tuple[Any, Any]] = []
    waiting = [document]
    while waiting:
        holder = waiting.pop()
        if isinstance(holder, dict | list):
            keys = list(holder) if isinstance(holder, dict) else range(min(len(holder), 50))
            found += [(holder, key) for key in keys]
            waiting += [holder[key] for key in keys]
    return found


def _with_place(text: str, dice: random.Random, change: Callable[[Any, Any], None]) -> str:
    document = _parsed(text)
    places = _places(document)
    if places:
        change(*dice.choice(places))
    return _written(document)
