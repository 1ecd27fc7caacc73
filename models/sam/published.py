"""Checkpoints that others published: where they are, what they must be, and what they were made from.

Names, sizes and hashes: several public projects pin the same values; the publishers themselves state no SHA-256.
"""

from dataclasses import dataclass

META = "https://dl.fbaipublicfiles.com/segment_anything"
MOBILE_SAM = "https://github.com/ChaoningZhang/MobileSAM/raw/master/weights"
VERSION_DIGITS = 12  # of a weights file's SHA-256, as artifacts are called


@dataclass(frozen=True)
class OfficialCheckpoint:
    """A published file: registry name, file name, address, size in bytes, SHA-256 in hex.

    `parents`: the models it was made from, each as name@version.
    """

    name: str
    file_name: str
    url: str
    bytes: int
    sha256: str
    parents: tuple[str, ...] = ()
    licence: str = "Apache-2.0"

    @property
    def version(self) -> str:
        """The version of the artifact made of it."""
        return self.sha256[:VERSION_DIGITS]


VIT_H = OfficialCheckpoint(
    "vit_h",
    "sam_vit_h_4b8939.pth",
    f"{META}/sam_vit_h_4b8939.pth",
    2_564_550_879,
    "a7bf3b02f3ebf1267aba913ff637d9a2d5c33d3173bb679e46d9f338c26f262e",
)

OFFICIAL = (
    OfficialCheckpoint(
        "vit_b",
        "sam_vit_b_01ec64.pth",
        f"{META}/sam_vit_b_01ec64.pth",
        375_042_383,
        "ec2df62732614e57411cdcf32a23ffdf28910380d03139ee0f4fcbe91eb8c912",
    ),
    OfficialCheckpoint(
        "vit_l",
        "sam_vit_l_0b3195.pth",
        f"{META}/sam_vit_l_0b3195.pth",
        1_249_524_607,
        "3adcc4315b642a4d2101128f611684e8734c41232a17c648ed1693702a49a622",
    ),
    VIT_H,
    # Its encoder learnt to embed as ViT-H's does, whose prompt encoder and decoder it has (arXiv 2306.14289).
    OfficialCheckpoint(
        "mobile_sam",
        "mobile_sam.pt",
        f"{MOBILE_SAM}/mobile_sam.pt",
        40_728_226,
        "6dbb90523a35330fedd7f1d3dfc66f995213d81b29a5ca8108dbcdd4e37d6c2f",
        parents=(f"{VIT_H.name}@{VIT_H.version}",),
    ),
)


def published_as(sha256: str) -> OfficialCheckpoint | None:
    """The published checkpoint with this SHA-256, if it is one."""
    return next((checkpoint for checkpoint in OFFICIAL if checkpoint.sha256 == sha256), None)
