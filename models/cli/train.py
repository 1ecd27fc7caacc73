"""Train a promptable model.

python -m models.cli.train --data DIR[=SHARE] ... --out runs/NAME --max-seconds 3600
python -m models.cli.train --stage mae ... and then --init-encoder runs/NAME/last.pt: pre-training on images alone
torchrun --nproc-per-node 8 -m models.cli.train --device cuda --bf16 ... on several GPUs
"""

import argparse
import json
import sys
from pathlib import Path

import torch

from models.sam.build import MODELS, shapes_of
from models.sam.errors import ModelError
from models.sam.training.augmentation import DEFAULT_ZOOM, LARGE_SCALE_ZOOM, AugmentationConfig
from models.sam.training.checkpoint import CheckpointError, is_training_checkpoint, load_checkpoint
from models.sam.training.config import MAE, PROMPTABLE, TrainConfig
from models.sam.training.copy_paste import CopyPasteConfig
from models.sam.training.data_sources import DataError
from models.sam.training.dataset import DataConfig
from models.sam.training.distributed import join_ranks, leave_ranks
from models.sam.training.interaction import InteractionConfig
from models.sam.training.losses import LossWeights
from models.sam.training.mae.objective import MaeConfig
from models.sam.training.schedule import LearningRate, parse_stages
from models.sam.training.trainer import Trainer
from models.sam.weights import load_weights

MAE_RATE_PER_IMAGE = 1.5e-4 / 256


def build_parser() -> argparse.ArgumentParser:
    """All options; the defaults of losses and passes are the paper's."""
    parser = argparse.ArgumentParser(
        prog="python -m models.cli.train",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    add = parser.add_argument
    add(
        "--data",
        nargs="+",
        required=True,
        metavar="DIR[=SHARE]",
        help="folders, .tar shards or `rendered` (procedural scenes); share of the samples",
    )
    add("--split", default="train")
    add("--stage", default=PROMPTABLE, choices=[PROMPTABLE, MAE], help="mae: pre-training of the encoder")
    add("--model", default="anymask_s", choices=sorted(MODELS))
    add("--out", type=Path, required=True, help="folder of the run")
    add("--resume", action="store_true", help="continue OUT/last.pt")
    add(
        "--init", type=Path, help="start from the averaged weights of this checkpoint, or a .safetensors file"
    )
    add(
        "--init-encoder", type=Path, help="start from the image encoder of this checkpoint, as of --stage mae"
    )
    add(
        "--stages",
        default="512x8:1",
        help="SIDE[/WHOLE]xBATCH:UNTIL,... with UNTIL the share of the run, as 256/512x8:0.5,512x2:1: views of 256 px "
        "that are windows of inputs of 512, then whole ones; BATCH is per process",
    )
    add("--steps", type=int)
    add("--max-seconds", type=float)
    add("--device", default="cpu")
    add("--threads", type=int, help="CPU threads of torch")
    add("--bf16", action="store_true", help="bfloat16 autocast (CUDA; slower than float32 on most CPUs)")
    add("--lr", type=float, help="8e-4; mae: 1.5e-4 for every 256 images of a step")
    add("--schedule", default="cosine", choices=["cosine", "step"])
    add("--warmup", type=int, help="steps; 250, for mae a twentieth of --steps")
    add("--weight-decay", type=float, help="0.1; mae: 0.05")
    add(
        "--layer-decay",
        type=float,
        default=1.0,
        help="of the learning rate, per encoder layer (paper: 0.6, 0.8)",
    )
    add(
        "--only",
        nargs="+",
        default=(),
        metavar="PART",
        help="freeze all but the parameters whose names begin so, as mask_decoder.mask_quality",
    )
    add("--drop-path", type=float, default=0.0, help="of a ViT's last block (paper: 0.4, 0.6)")
    add("--accumulate", type=int, default=1)
    add("--ema", type=float, default=0.999)
    add("--masks-per-image", type=int, default=8)
    add(
        "--area-power",
        type=float,
        default=0.25,
        help="masks of an image are drawn with weight AREA ** POWER: 0 for all alike",
    )
    add(
        "--corrections",
        type=int,
        nargs=2,
        default=(8, 8),
        metavar=("LOW", "HIGH"),
        help="passes with new clicks",
    )
    add("--last-clicks", type=int, nargs=2, default=(1, 1), metavar=("LOW", "HIGH"))
    add("--idle-passes", type=int, default=2)
    add(
        "--box-probability",
        type=float,
        default=0.5,
        help="of a box as the first prompt, instead of a click",
    )
    add(
        "--focal-alpha",
        type=float,
        default=0.25,
        help="0.5 leaves the start-up plateau of empty masks at once",
    )
    add(
        "--iou-on-all",
        action="store_true",
        help="every mask's IoU prediction is supervised, not only the best one's",
    )
    add("--iou-weight", type=float, default=1.0, help="weight of the IoU prediction's loss")
    add(
        "--central-clicks",
        type=float,
        default=0.0,
        metavar="PROBABILITY",
        help="of a click deep inside its region, as people and the evaluation click, instead of anywhere",
    )
    add("--single-on-boxes", action="store_true", help="the single-mask token also learns from a first box")
    add(
        "--zoom",
        type=float,
        nargs=2,
        metavar=("LOW", "HIGH"),
        help="below 1 shrinks the image, above 1 crops, log-uniform (0.75 2.5)",
    )
    add(
        "--large-scale-jitter",
        action="store_true",
        help="the paper's: zoom uniform (0.1 2 unless given), square crops",
    )
    add(
        "--copy-paste",
        type=float,
        default=0.0,
        metavar="PROBABILITY",
        help="of a view to get one to three objects of other images",
    )
    add("--mask-ratio", type=float, default=0.75, help="mae: share of hidden patches")
    add(
        "--mae-decoder",
        type=int,
        nargs=3,
        default=(512, 8, 16),
        metavar=("WIDTH", "DEPTH", "HEADS"),
        help="of a ViT",
    )
    add("--seed", type=int, default=0)
    add("--loader-workers", type=int, default=1)
    add("--log-every", type=int, default=25)
    add("--save-seconds", type=float, default=300.0)
    add(
        "--export-every",
        type=float,
        metavar="SECONDS",
        help="write the averaged weights as float16 files of at most 16 MB to OUT/exports",
    )
    return parser


def parse_sets(entries: list[str]) -> dict[str, float]:
    """ "DIR=SHARE" entries as a dictionary; the share defaults to 1. ValueError for a share that is not positive."""
    sets = {}
    for entry in entries:
        path, _, share = entry.partition("=")
        sets[path] = float(share) if share else 1.0
        if sets[path] <= 0:
            raise ValueError(f"the share of {path} must be positive, got {share}")
    return sets


def config_of(options: argparse.Namespace, processes: int = 1) -> TrainConfig:
    """The run's configuration from the command line; ValueError for numbers that do not go together.

    `processes` that train together count for the learning rate of the stage mae, which grows with the batch.
    """
    data = DataConfig(
        sets=parse_sets(options.data),
        split=options.split,
        masks_per_image=options.masks_per_image,
        area_power=options.area_power,
        augmentation=AugmentationConfig(
            zoom=tuple(options.zoom or (LARGE_SCALE_ZOOM if options.large_scale_jitter else DEFAULT_ZOOM)),
            large_scale_jitter=options.large_scale_jitter,
        ),
        copy_paste=CopyPasteConfig(probability=options.copy_paste),
    )
    interaction = InteractionConfig(
        corrections=tuple(options.corrections),
        idle_passes=options.idle_passes,
        last_clicks=tuple(options.last_clicks),
        single_on_boxes=options.single_on_boxes,
        box_probability=options.box_probability,
        central_clicks=options.central_clicks,
    )
    stages = parse_stages(options.stages)
    is_mae = options.stage == MAE
    rate, warmup, decay = 8e-4, 250, 0.1
    if is_mae:
        rate = MAE_RATE_PER_IMAGE * stages[0].batch_size * options.accumulate * processes
        warmup = max(1, options.steps // 20) if options.steps else 250
        decay = 0.05
    return TrainConfig(
        model=options.model,
        data=data,
        stages=stages,
        stage=options.stage,
        steps=options.steps,
        max_seconds=options.max_seconds,
        learning_rate=LearningRate(
            rate if options.lr is None else options.lr,
            warmup if options.warmup is None else options.warmup,
            options.schedule,
        ),
        weight_decay=decay if options.weight_decay is None else options.weight_decay,
        betas=(0.9, 0.95) if is_mae else (0.9, 0.999),
        layer_decay=options.layer_decay,
        only=tuple(options.only),
        drop_path=options.drop_path,
        accumulate=options.accumulate,
        ema_decay=options.ema,
        bf16=options.bf16,
        interaction=interaction,
        losses=LossWeights(
            iou=options.iou_weight, focal_alpha=options.focal_alpha, iou_on_all=options.iou_on_all
        ),
        mae=MaeConfig(options.mask_ratio, *options.mae_decoder),
        seed=options.seed,
        loader_workers=options.loader_workers,
        log_every=options.log_every,
        save_seconds=options.save_seconds,
        export_seconds=options.export_every,
    )


def weights_of(path: Path) -> dict[str, torch.Tensor]:
    """The averaged weights of a run's checkpoint, or those of a weights file, as float32."""
    if is_training_checkpoint(path):
        averaged: dict[str, torch.Tensor] = load_checkpoint(path)["average"]["weights"]
        return averaged
    return {name: value.float() for name, value in load_weights(path).items()}


def main(arguments: list[str] | None = None) -> int:
    """Run the command; 0 when done, 1 with one line on stderr for bad input."""
    options = build_parser().parse_args(arguments)
    if options.threads:
        torch.set_num_threads(options.threads)
    ranks = join_ranks(options.device)
    try:
        config = config_of(options, ranks.count)
        begin: dict[str, torch.Tensor] = {}
        if options.resume:
            begin = load_checkpoint(options.out / "last.pt")["model"]
        elif options.init:
            begin = weights_of(options.init)
        trainer = Trainer(config, options.out, options.device, ranks, shapes_of(begin))
        if options.resume:
            trainer.resume()
        elif options.init:
            trainer.start_from(begin)
        elif options.init_encoder:
            trainer.start_encoder_from(load_checkpoint(options.init_encoder)["average"]["weights"])
        trainer.run()
    except (ValueError, DataError, CheckpointError, ModelError, FloatingPointError) as error:
        print(f"train: {error}", file=sys.stderr)
        return 1
    finally:
        leave_ranks()
    if ranks.is_first:
        summary = {"step": trainer.step, "views": trainer.views, "seconds": round(trainer.seconds, 1)}
        print(json.dumps(summary | {"checkpoint": str(options.out / "last.pt")}))
    return 0


if __name__ == "__main__":
    sys.exit(main())
