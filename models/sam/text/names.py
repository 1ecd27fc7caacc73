"""Names of categories as people write them in prompts."""

from collections import Counter
from collections.abc import Iterable

# Names that say nothing of what a thing is.
UNTELLING = frozenset({"", "object", "segment", "thing", "unknown", "other", "background"})


def tidy_name(name: str) -> str:
    """`Person_with-Clothing` -> `person with clothing`: lower case, one blank between words."""
    return " ".join(name.replace("_", " ").replace("-", " ").lower().split())


def is_telling(name: str) -> bool:
    """Whether a tidy name can be learned as a word."""
    return name not in UNTELLING


def vocabulary_of(names: Iterable[str], least: int = 1) -> list[str]:
    """The telling ones of the names of masks, tidy, in alphabetical order; those that at least so many masks have."""
    counts = Counter(tidy_name(name) for name in names)
    return sorted(name for name, count in counts.items() if is_telling(name) and count >= least)
