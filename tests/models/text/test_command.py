"""`train_text` from pictures and words to a file, and on from where it was."""

from pathlib import Path

import pytest
from safetensors.torch import save_file

from models.cli.train_text import main
from models.sam.modeling.sam import Sam
from models.sam.text.weights import load_text
from tests.models.text.bert import WIDTH


def test_a_run_leaves_text_prompts_and_is_gone_on_with(
    miniature: Sam,
    bert_folder: Path,
    painted_set: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    weights = tmp_path / "miniature.safetensors"
    save_file(miniature.state_dict(), weights)
    out = tmp_path / "run"
    options = [
        "--model",
        "miniature",
        "--weights",
        str(weights),
        "--data",
        f"{painted_set}=1",
        "--out",
        str(out),
    ]
    options += ["--encoder", f"minilm:{bert_folder}", "--limit", "4", "--least-masks", "4"]
    assert main([*options, "--steps", "2"]) == 0
    assert "4 views, 2 words" in capsys.readouterr().out
    found = load_text(out / "text.safetensors")
    assert found.vocabulary.names == ("sea", "tomato")
    assert (found.prompt.text_dim, found.prompt.embed_dim) == (WIDTH, miniature.prompt_encoder.embed_dim)
    assert found.model.startswith("miniature@")
    assert found.image_side is not None
    assert main([*options, "--steps", "3"]) == 0
    assert "after 3 steps" in capsys.readouterr().out
    # Another way of learning is another run.
    assert main([*options, "--steps", "4", "--token-only"]) == 1
    assert "another settings" in capsys.readouterr().err
