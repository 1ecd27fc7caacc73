import shutil
from pathlib import Path

from workers.runtime import Runtime


def test_the_least_recently_used_model_leaves(tmp_path: Path, tiny_folder: Path) -> None:
    folder = tmp_path / "models"
    for version in ("a", "b", "c"):
        shutil.copytree(tiny_folder, folder / "tiny" / version)
    models = Runtime(folder, "cpu", capacity=2)
    for version in ("a", "b", "a", "c"):
        models.prepare("tiny", version)
    assert models.loaded == [("tiny", "a"), ("tiny", "c")]
