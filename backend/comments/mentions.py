"""Who a text names by @username."""

import re
from collections.abc import Iterator
from typing import Final

from backend.images.models import Image
from backend.images.visibility import people_seeing

# What Django allows in usernames. An address like anna@example.org mentions nobody.
_NAME: Final = re.compile(r"(?<![\w.@+-])@([\w.@+-]{1,150})")
# Allowed at the end of a username as well, but far more often the sentence's.
_ENDINGS: Final = ".@+-"


def mentioned_members(*, image: Image, text: str) -> set[int]:
    """Ids of the members that the text names and that see the image. Other names are just text."""
    found = [list(_readings(name)) for name in _NAME.findall(text)]
    wanted = {reading for readings in found for reading in readings}
    if not wanted:
        return set()
    rows = people_seeing(image=image).filter(user__username__in=wanted)
    members = dict(rows.values_list("user__username", "user_id"))
    named = (next((members[one] for one in readings if one in members), None) for readings in found)
    return {user_id for user_id in named if user_id is not None}


def _readings(name: str) -> Iterator[str]:
    """The name as it stands, then without the marks at its end, one by one."""
    yield name
    while name and name[-1] in _ENDINGS:
        name = name[:-1]
        if name:
            yield name
