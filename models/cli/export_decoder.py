"""Export a model's mask decoder as ONNX.

python -m models.cli.export_decoder --model anymask_s --output data/models
    writes the artifact <output>/<model>/<version>/ (manifest, weights, prepare.onnx, click.onnx); an intact
    one is left alone
python -m models.cli.export_decoder --model vit_b --weights sam_vit_b_01ec64.pth --signature official
--output .
    writes one file with SAM's published signature, for other people's tools
"""

import argparse
import sys
import time
from pathlib import Path

from models.cli.timing_option import add_timing_option, timed_on
from models.sam.artifact import shipped_weights, write_artifact
from models.sam.errors import ModelError
from models.sam.manifest import TextEntry
from models.sam.text.encoders import DEFAULT as DEFAULT_ENCODER


def main(arguments: list[str] | None = None) -> int:
    """Run the command; returns the exit code."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument(
        "--model", required=True, help="registry name: anymask_s, mobile_sam, vit_b, vit_l, vit_h, tiny"
    )
    parser.add_argument("--weights", type=Path, help="weights file; default: the weights that ship")
    parser.add_argument("--output", type=Path, required=True, help="folder to write into")
    parser.add_argument("--force", action="store_true", help="export again even if the artifact exists")
    parser.add_argument("--text", type=Path, help="text prompts of train_text, to go with the model")
    parser.add_argument(
        "--text-encoder",
        default=DEFAULT_ENCODER,
        help="what they learned with, to go along: minilm (default) or minilm:FOLDER",
    )
    add_timing_option(parser)
    parser.add_argument("--signature", choices=("two_graphs", "official"), default="two_graphs")
    official = parser.add_argument_group("with --signature official")
    official.add_argument("--return-single-mask", action="store_true", help="one, by the point-count rule")
    official.add_argument("--use-stability-score", action="store_true", help="rank by stability score")
    official.add_argument("--return-extra-metrics", action="store_true", help="add stability and areas")
    official.add_argument("--gelu-approximate", action="store_true", help="tanh GELU, where erf is missing")
    official.add_argument("--quantize", action="store_true", help="dynamic 8-bit weights")
    official.add_argument("--opset", type=int, default=17)
    options = parser.parse_args(arguments)
    try:
        weights = options.weights or shipped_weights(options.model)
        if options.signature == "official":
            _export_official(options, weights)
        else:
            _export_artifact(options, weights)
    except (ModelError, ValueError) as error:
        print(error, file=sys.stderr)
        return 1
    return 0


def _export_artifact(options: argparse.Namespace, weights: Path) -> None:
    start = time.perf_counter()
    artifact = write_artifact(
        options.model,
        weights,
        options.output,
        force=options.force,
        timed_on=timed_on(options),
        text=options.text,
        text_encoder=options.text_encoder,
    )
    seconds = time.perf_counter() - start
    if not artifact.created:
        print(f"{artifact.folder} is there already ({seconds:.2f} s)")
        return
    _tell_of_words(artifact.manifest.text)
    sizes = ", ".join(f"{entry.file} {entry.bytes} bytes" for entry in artifact.manifest.graphs.values())
    print(f"{artifact.folder} written in {seconds:.1f} s: {sizes}")
    if artifact.deviation is not None:
        print(f"largest deviation from torch: {artifact.deviation}")


def _tell_of_words(text: TextEntry | None) -> None:
    if text is None:
        return
    count = len(text.vocabulary)
    if text.encoder_graph is None:
        print(f"it knows {count} words and no others: the text encoder {text.encoder} is not at hand")
    else:
        print(f"it knows {count} words and reads others by the text encoder {text.encoder}")


def _export_official(options: argparse.Namespace, weights: Path) -> None:
    from models.sam.onnx import OfficialOptions, export_official

    path = options.output / f"{options.model}_decoder.onnx"
    difference = export_official(
        options.model,
        weights,
        path,
        OfficialOptions(
            options.return_single_mask, options.use_stability_score, options.return_extra_metrics
        ),
        gelu_approximate=options.gelu_approximate,
        quantize=options.quantize,
        opset=options.opset,
    )
    print(f"{path} written, {path.stat().st_size} bytes")
    print(f"largest difference of low-res logits, torch against onnxruntime: {difference:.2e}")


if __name__ == "__main__":
    sys.exit(main())
