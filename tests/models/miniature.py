"""A model of the default's kind that trains in seconds."""

from models.sam.build import SamConfig
from models.sam.modeling.hybrid_encoder import HybridConfig

MINIATURE = SamConfig(
    name="miniature",
    encoder=HybridConfig(widths=(8, 16, 16, 32), depths=(1, 1, 2), attention_blocks=1, num_heads=2),
    image_size=128,
    prompt_width=32,
    transformer_heads=2,
    transformer_mlp_dim=64,
    iou_head_hidden_dim=32,
)
