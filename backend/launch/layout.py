"""Where things lie: the checkout, its virtual environment, and the environment knobs of `make run`."""

import os
from dataclasses import dataclass
from pathlib import Path

from backend.launch.failure import LaunchError

ROOT = Path(__file__).resolve().parents[2]
VENV = ROOT / ".venv"
FRONTEND = ROOT / "frontend"
# holds a package of its own, installed elsewhere by pip and found here by its path
CLIENT = ROOT / "client"
DEFAULT_MODEL = "anymask_s"


def text_weights() -> Path | None:
    """The default model's text prompts, where they ship: with them words can be typed."""
    path = ROOT / "models" / "weights" / f"{DEFAULT_MODEL}.text.safetensors"
    return path if path.is_file() else None


def venv_program(name: str) -> Path:
    """Path of a program inside the project's virtual environment."""
    return VENV / "bin" / name


@dataclass(frozen=True)
class RunOptions:
    """What `PORT`, `BIND`, `DATA_DIR` and `MODELS_DIR` say, with their defaults."""

    port: int
    host: str
    data_dir: Path
    models_dir: Path

    @classmethod
    def from_environment(cls) -> "RunOptions":
        """Raises LaunchError when a knob makes no sense."""
        text = os.environ.get("PORT") or "8000"
        if not text.isdigit() or not 0 < int(text) < 65536:
            raise LaunchError(f"PORT={text} is no port number; choose one between 1 and 65535.")
        data_dir = Path(os.environ.get("DATA_DIR") or ROOT / "data").expanduser().resolve()
        models_dir = Path(os.environ.get("MODELS_DIR") or data_dir / "models").expanduser().resolve()
        return cls(int(text), os.environ.get("BIND") or "127.0.0.1", data_dir, models_dir)

    @property
    def url(self) -> str:
        """What to type into the browser."""
        host = "localhost" if self.host in ("127.0.0.1", "0.0.0.0") else self.host  # nosec B104 # compared
        return f"http://{host}:{self.port}/"

    def environment(self) -> dict[str, str]:
        """The environment of every child: the caller's own plus the resolved knobs."""
        return {
            **os.environ,
            "DJANGO_SETTINGS_MODULE": os.environ.get(
                "DJANGO_SETTINGS_MODULE", "backend.config.settings.development"
            ),
            "DATA_DIR": str(self.data_dir),
            "MODELS_DIR": str(self.models_dir),
            "PORT": str(self.port),
            "PYTHONUNBUFFERED": "1",
        }
