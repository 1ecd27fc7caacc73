"""Writing and loading model artifacts: <output>/<name>/<version>/{manifest.json, weights, prepare.onnx, click.onnx}.

A version is the first 12 hex digits of the weights file's SHA-256, so the same weights are never exported
twice. torch is imported only when there is something to export or load.
"""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from tempfile import mkdtemp
from typing import TYPE_CHECKING, Any, NamedTuple

from models.sam.errors import ModelError
from models.sam.manifest import (
    FORMAT,
    GRAPHS,
    TEXT_GRAPHS,
    FileEntry,
    Manifest,
    TextEntry,
    describe_file,
    describe_graph,
    read_manifest,
    sha256_file,
    verify_file,
)
from models.sam.text.encoders import DEFAULT as DEFAULT_ENCODER

if TYPE_CHECKING:
    from models.sam.decode.export import Deviation
    from models.sam.modeling.sam import Sam
    from models.sam.text.weights import TextWeights

DEFAULT_LICENCE = "Apache-2.0"
# As a share of the logits' spread. Weights stored as float16 cost about 0.4 %; WebGPU is held to the same limit.
MAX_DEVIATION = 0.02
TRIED_NAMES = 20  # of the vocabulary, read by the exported encoder and by the original
SHIPPED_WEIGHTS = Path(__file__).resolve().parent.parent / "weights"


@dataclass(frozen=True)
class Artifact:
    """An artifact on disk. `deviation` of its graphs from the PyTorch model is known only when just `created`."""

    folder: Path
    manifest: Manifest
    created: bool
    deviation: Deviation | None = None


def shipped_weights(name: str) -> Path:
    """Path of the weights that ship with the project for model `name`; ModelError `weights.not_shipped`."""
    path = SHIPPED_WEIGHTS / f"{name}.safetensors"
    if not path.is_file():
        raise ModelError("weights.not_shipped", f"No weights ship for {name}: name a file with --weights.")
    return path


def find_artifact(output: Path, name: str, weights_sha256: str) -> Artifact | None:
    """The artifact of these weights if it is there and every file matches its manifest."""
    folder = output / name / weights_sha256[:12]
    try:
        manifest = read_manifest(folder)
        for entry in manifest.files:
            verify_file(folder, entry)
    except ModelError:
        return None
    return Artifact(folder, manifest, created=False) if manifest.weights.sha256 == weights_sha256 else None


def write_artifact(
    name: str,
    weights: Path,
    output: Path,
    *,
    licence: str | None = None,
    force: bool = False,
    timed_on: str | None = "cpu",
    detector: Path | None = None,
    text: Path | None = None,
    text_encoder: str = DEFAULT_ENCODER,
) -> Artifact:
    """The artifact of model `name` with the weights in file `weights` below `output`.

    An existing, intact one is answered as it is unless `force`. Otherwise all files are made in a temporary
    folder that is renamed at the end: a failure (ModelError) leaves nothing behind. ModelError `export.deviates`
    where the graphs do not answer as the model does.

    `timed_on`: device on which the encoder is timed for the manifest (`speed.measure_speed`); None leaves that out.
    `detector`, `text`: trained on this model's embeddings; None keeps the one that is there. ModelError
    `text.other_model` for text prompts of another model.
    `text_encoder`, as `text.encoders.open_text_encoder` takes it, goes along, so that words can be read without torch;
    where it is not the sentence encoder that `text` learned with, or is not installed, the artifact knows the words of
    its vocabulary alone.
    """
    if not weights.is_file():
        raise ModelError("checkpoint.missing", f"There is no file {weights}.")
    sha256 = sha256_file(weights)
    there = find_artifact(output, name, sha256)
    if there is not None and detector is None and there.manifest.detector is not None:
        detector = there.folder / there.manifest.detector.file
    if there is not None and text is None and there.manifest.text is not None:
        text = there.folder / there.manifest.text.file
    if there is not None and not force:
        manifest = there.manifest
        has_both = _has(manifest.detector, detector) and _has(manifest.text, text)
        if has_both and _is_whole(manifest.text, text_encoder):
            return there
    parent = output / name
    parent.mkdir(parents=True, exist_ok=True)
    temporary = Path(mkdtemp(prefix=".making-", dir=parent))
    try:
        manifest, deviation = _fill(
            temporary, name, weights, sha256, licence, timed_on, detector, text, text_encoder
        )
        temporary.chmod(0o755)
        folder = parent / manifest.version
        _put_in_place(temporary, folder)
    except BaseException:
        shutil.rmtree(temporary, ignore_errors=True)
        if not any(parent.iterdir()):
            parent.rmdir()
        raise
    return Artifact(folder, manifest, created=True, deviation=deviation)


def upgrade_artifacts(output: Path) -> Iterator[tuple[Path, str | ModelError]]:
    """Export every artifact below `output` that is of an older format again, from its own weights.

    Their manifests keep the time of the first export: the newest version of a model is the default one, and to be
    exported again makes no weights newer. Yields the folder and what became of it.
    """
    for path in sorted(output.glob("[!.]*/[!.]*/manifest.json")):
        try:
            content = json.loads(path.read_text(encoding="utf-8"))
            old = int(content["format"])
            weights, name, licence = content["weights"]["file"], content["name"], content["licence"]
        except (ValueError, KeyError, TypeError):
            continue  # whatever it is, no version of ours wrote it; registering it will say so
        if old >= FORMAT:
            continue
        made = path.stat()
        try:
            write_artifact(str(name), path.parent / Path(weights).name, output, licence=str(licence))
            os.utime(path, ns=(made.st_atime_ns, made.st_mtime_ns))
        except (ModelError, ValueError) as error:
            yield (
                path.parent,
                error if isinstance(error, ModelError) else ModelError("artifact.unknown", str(error)),
            )
        else:
            yield path.parent, f"exported again, format {old} to {FORMAT}"


def load_artifact(folder: Path, device: str = "cpu") -> Sam:
    """The model of the artifact in `folder`, in eval mode on `device`.

    ModelError `artifact.missing`, `artifact.corrupt` (weights differ from the manifest), `manifest.invalid`,
    or what reading the weights raises.
    """
    from models.sam.build import MODELS, sam_from_state_dict, shapes_of
    from models.sam.weights import check_shapes, load_weights

    manifest = read_manifest(folder)
    if manifest.architecture not in MODELS:
        raise ModelError("artifact.unknown", f"Architecture {manifest.architecture!r} is unknown here.")
    state = load_weights(verify_file(folder, manifest.weights))
    check_shapes(manifest.architecture, shapes_of(state))
    return sam_from_state_dict(manifest.architecture, state).to(device).eval()


def _fill(
    folder: Path,
    name: str,
    weights: Path,
    sha256: str,
    licence: str | None,
    timed_on: str | None,
    detector: Path | None,
    text: Path | None,
    text_encoder: str,
) -> tuple[Manifest, Deviation]:
    """Write all files of the artifact into `folder`."""
    from models.sam.build import model_config, sam_from_state_dict, shapes_of
    from models.sam.decode.export import OPSET, export_graphs, measure_deviation
    from models.sam.modeling.sam import PIXEL_MEAN, PIXEL_STD
    from models.sam.onnx import STABILITY_OFFSET
    from models.sam.published import published_as
    from models.sam.speed import measure_speed
    from models.sam.weights import check_shapes, load_weights, weights_metadata

    config = model_config(name)
    state = load_weights(weights)
    check_shapes(name, shapes_of(state))
    stored = folder / f"weights{weights.suffix}"
    shutil.copyfile(weights, stored)
    entry = describe_file(stored)
    if entry.sha256 != sha256:
        raise ModelError("checkpoint.changed", f"{weights} changed while it was read: try again.")
    noted = weights_metadata(stored)
    sam = sam_from_state_dict(name, state).eval()
    parameters = sum(parameter.numel() for parameter in sam.parameters())
    paths = {graph: folder / f"{graph}.onnx" for graph in GRAPHS}
    export_graphs(sam, paths["prepare"], paths["click"])
    deviation = measure_deviation(sam, paths["prepare"], paths["click"])
    _check_deviation(name, deviation)
    words = _text_added(folder, text, sam, f"{name}@{sha256[:12]}", paths["prepare"], text_encoder)
    found = _detector_added(folder, detector)
    speed = measure_speed(sam, paths["prepare"], paths["click"], timed_on) if timed_on else {}
    published = published_as(sha256)
    manifest = Manifest(
        name=name,
        version=sha256[:12],
        architecture=name,
        image_size=config.image_size,
        embedding_shape=list(config.embedding_shape),
        low_res_size=list(config.low_res_size),
        mask_threshold=sam.mask_threshold,
        stability_offset=STABILITY_OFFSET,
        pixel_mean=list(PIXEL_MEAN),
        pixel_std=list(PIXEL_STD),
        weights=entry,
        graphs={graph: describe_graph(path, OPSET) for graph, path in paths.items()},
        parameters=parameters,
        licence=licence or noted["licence"] or (published.licence if published else DEFAULT_LICENCE),
        source_url=published.url if published else "",
        parents=list(published.parents) if published else noted["parents"],
        metrics=noted["metrics"] | speed | found.metrics | words.metrics,
        detector=found.entry,
        text=words.entry,
    )
    manifest.write(folder)
    return manifest, deviation


class _AddedDetector(NamedTuple):
    entry: FileEntry | None
    metrics: dict[str, Any]


def _detector_added(folder: Path, detector: Path | None) -> _AddedDetector:
    """The detector's copy in the artifact, and what its file notes of its quality. ModelError `detector.unreadable`."""
    from models.sam.detection.weights import detector_quality_noted

    if detector is None:
        return _AddedDetector(None, {})
    stored = folder / "detector.safetensors"
    shutil.copyfile(detector, stored)
    return _AddedDetector(describe_file(stored), {"detector": detector_quality_noted(stored)})


class _AddedText(NamedTuple):
    entry: TextEntry | None
    metrics: dict[str, Any]


def _text_added(
    folder: Path, text: Path | None, sam: Sam, model: str, prepare: Path, text_encoder: str
) -> _AddedText:
    """The text prompts' copy, graphs and encoder in the artifact of `sam`, which is `model`, name@version, and takes them
    on; and what their file notes of their quality.

    ModelError `text.unreadable`, `text.other_model`, `text.encoder_unknown`, `export.deviates`."""
    from models.sam.decode.export import OPSET
    from models.sam.decode.text_export import export_text_graphs, measure_text_deviation
    from models.sam.text.weights import load_text

    if text is None:
        return _AddedText(None, {})
    words = load_text(text)
    if words.model != model:
        raise ModelError("text.other_model", f"{text.name} learned with {words.model}, not with {model}.")
    stored = folder / "text.safetensors"
    shutil.copyfile(text, stored)
    sam.prompt_encoder.text_prompt = words.prompt
    paths = {graph: folder / f"{graph}.onnx" for graph in TEXT_GRAPHS}
    export_text_graphs(sam, paths["word"], paths["text_click"])
    _check_deviation(model, measure_text_deviation(sam, prepare, paths["word"], paths["text_click"]))
    file = describe_file(stored)
    entry = TextEntry(
        file.file,
        file.sha256,
        file.bytes,
        words.encoder,
        words.prompt.text_dim,
        list(words.vocabulary.names),
        {graph: describe_graph(path, OPSET) for graph, path in paths.items()},
        **_words_added(folder, words, text_encoder),
    )
    return _AddedText(entry, {"text": dict(words.quality)} if words.quality else {})


def _words_added(folder: Path, words: TextWeights, text_encoder: str) -> dict[str, Any]:
    """What reads words without torch, as the fields of `TextEntry` that describe it."""
    from models.sam.decode.export import OPSET
    from models.sam.text.files import encoder_called, write_encoder, write_vocabulary
    from models.sam.text.vocabulary import KNOWN_FROM

    embeddings = folder / "words.npy"
    write_vocabulary(words.vocabulary, embeddings)
    added = {"embeddings": describe_file(embeddings), "known_from": KNOWN_FROM}
    encoder = encoder_called(words.encoder, text_encoder)
    if encoder is None:
        return added
    graph, tokenizer = folder / "text_encoder.onnx", folder / "tokenizer.json"
    write_encoder(encoder, graph, tokenizer, words.vocabulary.names[:TRIED_NAMES])
    return added | {"encoder_graph": describe_graph(graph, OPSET), "tokenizer": describe_file(tokenizer)}


def _check_deviation(name: str, deviation: Deviation) -> None:
    """ModelError `export.deviates`."""
    if not deviation.logits <= MAX_DEVIATION:
        raise ModelError(
            "export.deviates",
            f"The exported graphs of {name} deviate by {deviation.logits:.1%} of the logits' spread.",
        )


def _has(entry: FileEntry | None, file: Path | None) -> bool:
    """Whether the entry is of this file, or none is asked for."""
    return file is None or (entry is not None and entry.sha256 == sha256_file(file))


def _is_whole(text: TextEntry | None, text_encoder: str) -> bool:
    """Whether the entry has all that reads words here: not one of an older version, or of before the encoder was
    installed."""
    if text is None or text.encoder_graph is not None:
        return True
    from models.sam.text.files import encoder_called

    return text.embeddings is not None and encoder_called(text.encoder, text_encoder) is None


def _put_in_place(temporary: Path, folder: Path) -> None:
    """Rename `temporary` to `folder`; a broken or older artifact there is replaced."""
    if folder.exists():
        old = Path(mkdtemp(prefix=".old-", dir=folder.parent))
        folder.rename(old / folder.name)
        temporary.rename(folder)
        shutil.rmtree(old, ignore_errors=True)
    else:
        temporary.rename(folder)
