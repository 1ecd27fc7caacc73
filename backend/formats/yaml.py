"""Other people's YAML."""

from typing import Any

import yaml

from backend.common.errors import InvalidInput


def yaml_value(content: bytes) -> Any:
    """What a document holds. Raises InvalidInput `import.yaml_references` for one that refers to itself, which none of
    our formats does and which lets a small file grow without end; YAMLError for what is no YAML."""
    return yaml.load(content, _Loader)  # nosec B506 # it is a SafeLoader


class _Loader(yaml.SafeLoader):
    def compose_node(self, parent: Any, index: Any) -> Any:
        if self.check_event(yaml.AliasEvent):
            raise InvalidInput("YAML that refers to itself is not read.", "import.yaml_references")
        return super().compose_node(parent, index)
