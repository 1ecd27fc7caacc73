"""What each part of the recipe is worth: short trainings of equal budget, one part changed in each, one table.

python -m tests.bench.ablations --sets coco_mini=46 animals=23 ... --root DIR --seconds 150 --jobs 2 --out runs/ablations

Every training gets one thread; `--jobs` of them run side by side, and what else happens on the machine hits them alike.
Scores are of a sample of the val images of `--eval`, at the side trained at. Differences below about .03 are chance.
"""

import argparse
import json
import subprocess
import sys
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path

from models.cli import train
from models.sam.build import MODELS, SamConfig, sam_from_state_dict
from models.sam.evaluation.protocol import EvaluationConfig, evaluate_set
from models.sam.evaluation.report import summarise
from models.sam.modeling.image_encoder import ViTConfig
from models.sam.predictor import SamPredictor
from models.sam.training.checkpoint import load_checkpoint

BASE = MODELS["anymask_s"]
RECIPE = (
    *(
        "--threads",
        "1",
        "--bf16",
        "--masks-per-image",
        "4",
        "--corrections",
        "1",
        "2",
        "--last-clicks",
        "1",
        "3",
    ),
    *("--idle-passes", "0", "--focal-alpha", "0.5", "--iou-on-all", "--iou-weight", "4", "--single-on-boxes"),
    *("--lr", "1e-3", "--weight-decay", "0.05", "--warmup", "100", "--ema", "0.995", "--log-every", "100"),
)
MAE_SHARE = 1 / 3  # of the budget
RENDERED_SHARE = 1 / 3  # of the samples
COLUMNS = ("box_miou", "click1_top_miou", "click1_best_miou", "click5_miou", "iou_rank_correlation")


@dataclass(frozen=True)
class Variant:
    """One row: another model, other options of the training, or both."""

    label: str
    model: SamConfig = BASE
    options: tuple[str, ...] = ("--zoom", "0.8", "3")
    is_pretrained: bool = False
    rendered: float = 0.0


VARIANTS = {
    "base": Variant("the shipped recipe"),
    "mae": Variant("MAE of the encoder first, a third of the time", is_pretrained=True),
    "jitter": Variant("large-scale jitter 0.1-2.0", options=("--large-scale-jitter",)),
    "paste": Variant(
        "copy-paste into half of the views", options=("--zoom", "0.8", "3", "--copy-paste", "0.5")
    ),
    "rendered": Variant("a third of the views rendered", rendered=RENDERED_SHARE),
    "vit": Variant(
        "plain ViT, width 256, depth 7, patches of 16",
        replace(BASE, encoder=ViTConfig(256, 7, 8, (1, 3, 5, 6))),
    ),
    "width256": Variant("prompt width 256", replace(BASE, prompt_width=256, transformer_heads=8)),
    "no_maps": Variant("prompts as tokens alone", replace(BASE, prompt_maps=False, prompt_similarity=False)),
    "no_similarity": Variant("no comparison with the image", replace(BASE, prompt_similarity=False)),
    "no_quality": Variant("IoU from its token alone", replace(BASE, mask_quality=False)),
}


def run_variant(name: str, options: argparse.Namespace) -> dict[str, object]:
    """Train and score one variant in this process."""
    variant, folder = VARIANTS[name], options.out / name
    # The commands know models by name; this process makes the variant one of them, at home at the side of the run.
    MODELS[name] = replace(variant.model, name=name, image_size=options.side)
    shares = [f"{options.root / entry}" for entry in options.sets]
    if variant.rendered:
        total = sum(float(entry.partition("=")[2] or 1) for entry in options.sets)
        shares.append(f"rendered={total * variant.rendered / (1 - variant.rendered)}")
    stages = f"{options.side}x8:1"
    common = ["--model", name, "--stages", stages, "--data", *shares, "--seed", str(options.seed)]
    seconds, start = float(options.seconds), []
    if variant.is_pretrained:
        first = [
            *common,
            "--stage",
            "mae",
            "--threads",
            "1",
            "--bf16",
            "--max-seconds",
            str(seconds * MAE_SHARE),
        ]
        if train.main([*first, "--out", str(folder / "mae")]):
            raise SystemExit(f"the pre-training of {name} failed")
        start, seconds = ["--init-encoder", str(folder / "mae" / "last.pt")], seconds * (1 - MAE_SHARE)
    rest = [*RECIPE, *variant.options, *start, "--max-seconds", str(seconds), "--out", str(folder)]
    if train.main([*common, *rest]):
        raise SystemExit(f"the training of {name} failed")
    return {"label": variant.label} | score(name, options)


def score(name: str, options: argparse.Namespace) -> dict[str, object]:
    """Figures of the averaged weights on the sample."""
    state = load_checkpoint(options.out / name / "last.pt")
    predictor = SamPredictor(sam_from_state_dict(MODELS[name], state["average"]["weights"]).eval())
    sample = EvaluationConfig(limit=options.limit, max_masks_per_image=2)
    scores = [
        one for entry in options.eval for one in evaluate_set(predictor, options.root / entry, sample).scores
    ]
    return {"views": state["views"]} | summarise(scores)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the variants, or with `--one` a single one of them, whose figures go to OUT/NAME.json."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench.ablations", description=__doc__)
    add = parser.add_argument
    add("--root", type=Path, required=True, help="folder of the data sets")
    add("--sets", nargs="+", required=True, metavar="NAME[=SHARE]")
    add("--eval", nargs="+", default=["coco_mini", "animals"], metavar="NAME")
    add("--limit", type=int, default=80, help="images of each set that are scored")
    add("--seconds", type=float, default=150)
    add("--side", type=int, default=128)
    add("--jobs", type=int, default=1)
    add("--seed", type=int, default=0)
    add("--out", type=Path, required=True)
    add("--only", nargs="+", choices=list(VARIANTS), default=list(VARIANTS))
    add("--one", choices=list(VARIANTS), help=argparse.SUPPRESS)
    given = list(sys.argv[1:] if arguments is None else arguments)
    options = parser.parse_args(given)
    options.out.mkdir(parents=True, exist_ok=True)
    if options.one:
        result = run_variant(options.one, options)
        (options.out / f"{options.one}.json").write_text(json.dumps(result, indent=1))
        return 0

    def run(name: str) -> int:
        with (options.out / f"{name}.log").open("w") as log:
            command = [sys.executable, "-m", "tests.bench.ablations", *given, "--one", name]
            return subprocess.run(command, stdout=log, stderr=log, check=False).returncode

    with ThreadPoolExecutor(options.jobs) as pool:
        failed = [name for name, code in zip(options.only, pool.map(run, options.only), strict=True) if code]
    print_table(
        [
            json.loads(path.read_text())
            for name in options.only
            if (path := options.out / f"{name}.json").exists()
        ]
    )
    for name in failed:
        print(f"failed: {name}, see {options.out / name}.log", file=sys.stderr)
    return 1 if failed else 0


def print_table(rows: list[dict[str, object]]) -> None:
    """The figures as Markdown."""
    print(f"| | views | {' | '.join(COLUMNS)} |")
    print(f"|---|---|{'---|' * len(COLUMNS)}")
    for row in rows:
        figures = [f"{row[column]:.3f}" if row[column] is not None else "" for column in COLUMNS]
        print(f"| {row['label']} | {row['views']} | {' | '.join(figures)} |")


if __name__ == "__main__":
    sys.exit(main())
