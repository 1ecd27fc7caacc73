"""Names of categories as people write them in prompts."""

from collections.abc import Iterable

# Names that say nothing of what a thing is.
UNTELLING = frozenset({"", "object", "segment", "thing", "unknown", "other", "background"})


def tidy_name(name: str) -> str:
    """`Person_with-Clothing` -> `person with clothing`: lower case, one blank between words."""
    return " ".join(name.replace("_", " ").replace("-", " ").lower().split())


def is_telling(name: str) -> bool:
    """Whether a tidy name can be learned as a word."""
    return name not in UNTELLING


def vocabulary_of(names: Iterable[str]) -> list[str]:
    """The telling names, tidy, each once, in alphabetical order."""
    return sorted({tidy for name in names if is_telling(tidy := tidy_name(name))})
