"""Other people's XML."""

from xml.etree.ElementTree import Element, XMLParser, fromstring  # nosec B405 # entities are refused below

from backend.common.errors import InvalidInput


def xml_root(content: bytes) -> Element:
    """The root of a document. Raises InvalidInput `import.xml_entities` for one with entities of its own, which none of
    our formats has and which let a small file grow without end; SyntaxError for what is no XML."""
    if b"<!DOCTYPE" in content or b"<!ENTITY" in content:
        raise InvalidInput("A document type is not read.", "import.xml_entities")
    return fromstring(content, XMLParser(encoding="utf-8"))  # nosec B314 # no entities are left
