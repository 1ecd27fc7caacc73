"""`manifest.json` of a model artifact: all that web, browser and worker must know of a model without torch.

An artifact is a folder <name>/<version>/ with the manifest, the weights and the decoder's two graphs.
"""

import hashlib
import json
import re
from dataclasses import asdict, dataclass, field, fields
from pathlib import Path
from typing import Any

from models.sam.errors import ModelError

FORMAT = 2
FILE_NAME = "manifest.json"
GRAPHS = ("prepare", "click")
TEXT_GRAPHS = ("word", "text_click")


@dataclass(frozen=True)
class FileEntry:
    """A file of the artifact: name within its folder, SHA-256 in hex, size in bytes."""

    file: str
    sha256: str
    bytes: int


@dataclass(frozen=True)
class GraphEntry(FileEntry):
    """An ONNX graph: also its opset."""

    opset: int


@dataclass(frozen=True)
class TextEntry(FileEntry):
    """Text prompts (`models.sam.text`): also the text encoder that they learned with, as name@version, the width of its
    embeddings, and the words that they learned.

    `graphs`: "word" runs once per image and word, "text_click" then takes the place of "click".
    `embeddings`: float16 [V, D] of length 1, a row for each word of the vocabulary, as .npy. `encoder_graph` with
    `tokenizer`: the encoder itself, for other words (`text.files`); none where it was not at hand. A word is known where
    the cosine of its embedding with a learned one's is `known_from` or more. Artifacts of before have none of the four.
    """

    encoder: str
    dim: int
    vocabulary: list[str]
    graphs: dict[str, GraphEntry]
    embeddings: FileEntry | None = None
    encoder_graph: GraphEntry | None = None
    tokenizer: FileEntry | None = None
    known_from: float | None = None

    @property
    def files(self) -> list[FileEntry]:
        """The entries of all its files."""
        optional = (self.embeddings, self.encoder_graph, self.tokenizer)
        return [self, *self.graphs.values(), *(entry for entry in optional if entry)]


@dataclass(frozen=True)
class Manifest:
    """The manifest's content. Sizes are (H, W) or [1, C, E, E]; pixel values are RGB on 0..255.

    `graphs`: "prepare" runs once per image, "click" once per prompt on what "prepare" answered.
    `source_url`: where the weights were published, empty for those made here. `parents`: what they were made from, each
    as name@version. `metrics` also tell how fast the model was where the artifact was made (`speed.measure_speed`).
    `detector`: boxes of things on the model's embeddings (`detection`), where one was trained; `text` likewise: what
    reads words.
    """

    name: str
    version: str
    architecture: str
    image_size: int
    embedding_shape: list[int]
    low_res_size: list[int]
    mask_threshold: float
    stability_offset: float
    pixel_mean: list[float]
    pixel_std: list[float]
    weights: FileEntry
    graphs: dict[str, GraphEntry]
    parameters: int
    licence: str
    source_url: str = ""
    parents: list[str] = field(default_factory=list)
    metrics: dict[str, Any] = field(default_factory=dict)
    detector: FileEntry | None = None
    text: TextEntry | None = None
    embedding_dtype: str = "float16"
    format: int = FORMAT

    @property
    def files(self) -> list[FileEntry]:
        """The entries of all files beside the manifest."""
        of_detector = [self.detector] if self.detector else []
        of_text = self.text.files if self.text else []
        return [self.weights, *self.graphs.values(), *of_detector, *of_text]

    def validate(self) -> None:
        """ModelError `manifest.invalid` if the content contradicts itself."""
        for problem, wrong in (
            (f"format {self.format} is not {FORMAT}", self.format != FORMAT),
            (
                f"version {self.version!r} is not 12 hex digits",
                not re.fullmatch(r"[0-9a-f]{12}", self.version),
            ),
            ("version and weights differ", not self.weights.sha256.startswith(self.version)),
            (f"image size {self.image_size} is not positive", self.image_size < 1),
            (
                f"embedding shape {self.embedding_shape} is not [1, C, E, E]",
                len(self.embedding_shape) != 4
                or self.embedding_shape[0] != 1
                or self.embedding_shape[2] != self.embedding_shape[3],
            ),
            (f"embedding dtype {self.embedding_dtype!r} is unknown", self.embedding_dtype != "float16"),
            (f"low-res size {self.low_res_size} is not (H, W)", len(self.low_res_size) != 2),
            ("pixel mean and std need three values", len(self.pixel_mean) != 3 or len(self.pixel_std) != 3),
            (f"graphs are {sorted(self.graphs)}, not {sorted(GRAPHS)}", set(self.graphs) != set(GRAPHS)),
            (
                f"graphs of text are not {sorted(TEXT_GRAPHS)}",
                self.text is not None and set(self.text.graphs) != set(TEXT_GRAPHS),
            ),
            (
                "a text encoder is a graph and a tokenizer",
                self.text is not None and (self.text.encoder_graph is None) != (self.text.tokenizer is None),
            ),
            (
                "embeddings of words need a threshold",
                self.text is not None and (self.text.embeddings is None) != (self.text.known_from is None),
            ),
            (
                "file names must stay in the folder",
                any(Path(entry.file).name != entry.file for entry in self.files),
            ),
        ):
            if wrong:
                raise ModelError("manifest.invalid", f"The manifest of {self.name!r} is invalid: {problem}.")

    def to_json(self) -> str:
        """The text of the file, `format` first, ending in a newline."""
        content = asdict(self)
        return json.dumps({"format": content.pop("format"), **content}, indent=2) + "\n"

    def write(self, folder: Path) -> None:
        """Validate and write `manifest.json` into `folder`."""
        self.validate()
        (folder / FILE_NAME).write_text(self.to_json(), encoding="utf-8")


def parse_manifest(text: str) -> Manifest:
    """The manifest in `text`; ModelError `manifest.invalid` names what is wrong, unknown keys too."""
    try:
        content = json.loads(text)
        if content["format"] != FORMAT:
            raise ValueError(f"format {content['format']!r} is not {FORMAT}; export the model again")
        content["weights"] = FileEntry(**content["weights"])
        content["graphs"] = _graphs_of(content)
        if content.get("detector") is not None:
            content["detector"] = FileEntry(**content["detector"])
        if content.get("text") is not None:
            content["text"] = _text_of(content["text"])
        manifest = Manifest(**content)
        _check_types(manifest)
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        raise ModelError("manifest.invalid", f"The manifest cannot be read: {error}.") from error
    manifest.validate()
    return manifest


def _text_of(content: dict[str, Any]) -> TextEntry:
    content = content | {"graphs": _graphs_of(content)}
    kinds: dict[str, type[FileEntry]] = {
        "embeddings": FileEntry,
        "tokenizer": FileEntry,
        "encoder_graph": GraphEntry,
    }
    for name, kind in kinds.items():
        if content.get(name) is not None:
            content[name] = kind(**content[name])
    return TextEntry(**content)


def _graphs_of(content: dict[str, Any]) -> dict[str, GraphEntry]:
    return {name: GraphEntry(**entry) for name, entry in content["graphs"].items()}


def read_manifest(folder: Path) -> Manifest:
    """The manifest of the artifact in `folder`; ModelError `artifact.missing` where there is none."""
    path = folder / FILE_NAME
    if not path.is_file():
        raise ModelError("artifact.missing", f"There is no model artifact in {folder}.")
    return parse_manifest(path.read_text(encoding="utf-8"))


def verify_file(folder: Path, entry: FileEntry) -> Path:
    """Path of `entry` in `folder` once size and SHA-256 agree; ModelError `artifact.corrupt` otherwise."""
    path = folder / entry.file
    if not path.is_file():
        raise ModelError("artifact.corrupt", f"{path} is missing: export the model again.")
    if path.stat().st_size != entry.bytes or sha256_file(path) != entry.sha256:
        raise ModelError("artifact.corrupt", f"{path} differs from its manifest: export the model again.")
    return path


def sha256_file(path: Path) -> str:
    """SHA-256 of a file in hex."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def describe_file(path: Path) -> FileEntry:
    """The entry of an existing file."""
    return FileEntry(path.name, sha256_file(path), path.stat().st_size)


def describe_graph(path: Path, opset: int) -> GraphEntry:
    """The entry of an existing graph."""
    entry = describe_file(path)
    return GraphEntry(entry.file, entry.sha256, entry.bytes, opset)


def _check_types(manifest: Manifest) -> None:
    """JSON's own types are few, so a plain comparison per field is enough; raises TypeError."""
    kinds: dict[str, type | tuple[type, ...]] = {}
    kinds |= dict.fromkeys(("mask_threshold", "stability_offset"), (int, float))
    texts = ("name", "version", "architecture", "licence", "source_url", "embedding_dtype")
    kinds |= dict.fromkeys(texts, str)
    kinds |= dict.fromkeys(("image_size", "parameters", "format"), int)
    kinds |= dict.fromkeys(("embedding_shape", "low_res_size", "pixel_mean", "pixel_std"), list)
    kinds |= {"weights": FileEntry, "graphs": dict, "metrics": dict, "parents": list}
    kinds["detector"] = (FileEntry, type(None))
    kinds["text"] = (TextEntry, type(None))
    for item in fields(manifest):
        value = getattr(manifest, item.name)
        if not isinstance(value, kinds[item.name]):
            raise TypeError(f"{item.name} is a {type(value).__name__}")
        is_text = item.name == "parents"
        wanted = str if is_text else (int, float)
        if isinstance(value, list) and not all(isinstance(member, wanted) for member in value):
            raise TypeError(f"{item.name} holds something that is no {'text' if is_text else 'number'}")
    for entry in manifest.files:
        if not (
            isinstance(entry.file, str) and isinstance(entry.sha256, str) and isinstance(entry.bytes, int)
        ):
            raise TypeError("a file entry needs file, sha256 and bytes")
    if manifest.text is not None:
        text = manifest.text
        words = isinstance(text.vocabulary, list) and all(isinstance(word, str) for word in text.vocabulary)
        if not (words and isinstance(text.encoder, str) and isinstance(text.dim, int)):
            raise TypeError("text needs encoder, dim and a vocabulary of words")
        if not isinstance(text.known_from, (int, float, type(None))):
            raise TypeError("known_from is no number")
