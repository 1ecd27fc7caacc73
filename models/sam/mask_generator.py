"""Automatic mask generation; the parts are in `mask_generation/`."""

from models.sam.mask_generation.generator import AutomaticMaskGenerator, MaskRecord, records_of
from models.sam.mask_generation.settings import PRESETS, GeneratorSettings

__all__ = ["PRESETS", "AutomaticMaskGenerator", "GeneratorSettings", "MaskRecord", "records_of"]
