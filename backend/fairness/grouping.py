"""Which of a report's masks are compared with which: groups by tag, label or value of an attribute, as they are now."""

import re
from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from backend.common.errors import InvalidInput
from backend.fairness.reading import Measured
from backend.projects.models import Label, LabelAttribute, Project
from backend.tags.models import Tag

# Of as many digits as keys may have.
_ATTRIBUTE: Final = re.compile(r"attribute:([0-9]{1,18})")
Kind = LabelAttribute.Kind
# Kinds of attributes whose values make groups.
GROUPING_KINDS: Final = (Kind.SELECT, Kind.CHECKBOX)


@dataclass(frozen=True)
class Members:
    """A group and which of the masks are in it: bool, one for each."""

    key: str
    name: str
    # What is said of its masks after "masks".
    phrase: str
    color: str | None
    is_member: np.ndarray


@dataclass(frozen=True)
class Grouping:
    """Groups that have masks, and which masks were asked about at all: an attribute is one label's."""

    members: list[Members]
    is_asked: np.ndarray


def grouping_of(*, project: Project, by: str, measured: Measured) -> Grouping:
    """Raises InvalidInput `fairness.by`, `fairness.attribute`."""
    if by == "tag":
        return _by_tag(project, measured)
    if by == "label":
        return _by_label(project, measured)
    named = _ATTRIBUTE.fullmatch(by)
    if named is None:
        raise InvalidInput("Groups are made by `tag`, `label` or `attribute:<id>`.", "fairness.by")
    return _by_attribute(_attribute(project, int(named[1])), measured)


def _attribute(project: Project, attribute_id: int) -> LabelAttribute:
    rows = LabelAttribute.objects.filter(label__project=project, kind__in=GROUPING_KINDS)
    attribute = rows.filter(pk=attribute_id).first()
    if attribute is None:
        raise InvalidInput(
            "The project has no such attribute of the kind select or checkbox.", "fairness.attribute"
        )
    return attribute


def _by_tag(project: Project, measured: Measured) -> Grouping:
    places: dict[int, list[int]] = {}
    for place, row in enumerate(measured.rows):
        for tag_id in measured.tags.get(row.image_id, ()):
            places.setdefault(tag_id, []).append(place)
    none = np.array([not measured.tags.get(row.image_id) for row in measured.rows], bool)
    found = []
    for tag in Tag.objects.filter(project=project):
        is_member = np.zeros(len(measured.rows), bool)
        is_member[places.get(tag.pk, [])] = True
        found.append(Members(str(tag.pk), tag.name, f"tagged “{tag.name}”", tag.color, is_member))
    return _grouping([*found, Members("", "No tag", "without a tag", None, none)], measured)


def _by_label(project: Project, measured: Measured) -> Grouping:
    labels = np.array([row.label_id or 0 for row in measured.rows], np.int64)
    found = [
        Members(str(label.pk), label.name, f"labelled “{label.name}”", label.color, labels == label.pk)
        for label in Label.objects.filter(project=project)
    ]
    return _grouping([*found, Members("", "No label", "without a label", None, labels == 0)], measured)


def _by_attribute(attribute: LabelAttribute, measured: Measured) -> Grouping:
    is_asked = np.array([row.label_id == attribute.label_id for row in measured.rows], bool)
    values = [row.attributes.get(str(attribute.pk)) for row in measured.rows]
    names = np.array([_name(value) for value in values], object)
    is_said = np.array([value is not None for value in values], bool)
    wanted = [
        _name(value) for value in ([False, True] if attribute.kind == Kind.CHECKBOX else attribute.choices)
    ]
    # Said before a choice was taken away.
    wanted += sorted({str(name) for name in names[is_said & is_asked]} - {*wanted})
    found = [
        Members(
            name, name, f"whose “{attribute.name}” is “{name}”", None, (names == name) & is_said & is_asked
        )
        for name in wanted
    ]
    unsaid = f"of which “{attribute.name}” is not said"
    none = Members("", "Not said", unsaid, None, ~is_said & is_asked)
    return _grouping([*found, none], measured, is_asked)


def _grouping(members: list[Members], measured: Measured, is_asked: np.ndarray | None = None) -> Grouping:
    everything = np.ones(len(measured.rows), bool) if is_asked is None else is_asked
    return Grouping([one for one in members if one.is_member.any()], everything)


def _name(value: Any) -> str:
    """What a value is called; those of one attribute differ in it."""
    return str(value) if not isinstance(value, bool) else "yes" if value else "no"
