"""`make run`: set up, fill an empty data folder, serve until Ctrl-C."""

import fcntl
import json
import shutil
import socket
import time
import urllib.error
import urllib.request
from contextlib import suppress
from io import TextIOWrapper
from pathlib import Path

from backend.config import commands
from backend.launch.failure import LaunchError, plain_disk_errors
from backend.launch.layout import DEFAULT_MODEL, ROOT, RunOptions, text_weights, venv_program
from backend.launch.node_env import ensure_front_end_build
from backend.launch.python_env import ensure_python_env
from backend.launch.steps import fingerprint, is_stamped, run_step, say, write_stamp
from backend.launch.supervisor import Child, Supervisor

# room for the database, the demo's files and their embeddings; less than this ends in half-stored uploads
NEEDED_BYTES = 256 * 1024**2
UPLOAD_SECONDS = 24 * 3600  # longer than any upload lasts


def serve() -> int:
    """Exit code of `make run`. Raises LaunchError with the one line to show."""
    options = RunOptions.from_environment()
    check_port(options)
    check_data_dir(options)
    say("Anymask: setting up")
    ensure_python_env("run")
    ensure_front_end_build()
    with plain_disk_errors(str(options.data_dir)):
        lock = hold_lock(options)
        remove_old_uploads(options)
        prepare_data(options)
    try:
        return supervise(options)
    finally:
        lock.close()


def prepare() -> None:
    """What a server needs before its processes start: containers and units run this first. Raises LaunchError."""
    options = RunOptions.from_environment()
    check_data_dir(options)
    with plain_disk_errors(str(options.data_dir)):
        prepare_data(options)


def check_port(options: RunOptions) -> None:
    """Raises LaunchError when something else listens there."""
    with socket.socket() as probe:
        # gunicorn reuses a port in TIME_WAIT as well; without this a quick restart would look busy
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((options.host, options.port))
        except OSError as error:
            raise LaunchError(
                f"port {options.port} is busy ({error.strerror}); "
                f"choose another: make run PORT={options.port + 1}"
            ) from error


def check_data_dir(options: RunOptions) -> None:
    """Makes the data folder; raises LaunchError when it cannot be written or its disk is full."""
    with plain_disk_errors(str(options.data_dir)):
        (options.data_dir / "logs").mkdir(parents=True, exist_ok=True)
        probe = options.data_dir / ".write-probe"
        probe.write_bytes(b"0" * 4096)
        probe.unlink()
    free = shutil.disk_usage(options.data_dir).free
    if free < NEEDED_BYTES:
        raise LaunchError(
            f"the disk holding {options.data_dir} is full: {free // 2**20} MB free, "
            f"{NEEDED_BYTES // 2**20} MB needed; "
            "free some space or choose another folder with DATA_DIR="
        )


def hold_lock(options: RunOptions) -> TextIOWrapper:
    """One `make run` per data folder; the lock goes with the process, however it ends."""
    handle = (options.data_dir / ".lock").open("w")
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        handle.close()
        raise LaunchError(
            f"another `make run` already uses {options.data_dir}; stop it or set DATA_DIR="
        ) from error
    return handle


def remove_old_uploads(options: RunOptions) -> None:
    """Removes what a server that was killed had received of uploads; younger files may be another server's."""
    oldest = time.time() - UPLOAD_SECONDS
    for path in (options.data_dir / "tmp").glob("*"):
        with suppress(FileNotFoundError):
            if path.is_file() and path.stat().st_mtime < oldest:
                path.unlink()


def prepare_data(options: RunOptions) -> None:
    """Migrations, the default model's artifact, demo data: each is a no-op when it is done already."""
    # one stamp over everything that could change the outcome: a second start must serve within seconds
    inputs = [*ROOT.glob("backend/**/migrations"), ROOT / "models", ROOT / "backend" / "demo"]
    stamp = options.data_dir / ".prepared"
    value = f"{fingerprint(inputs)} {options.models_dir}"
    is_default_database = "DATABASE_URL" not in options.environment()
    if is_default_database and is_stamped(stamp, value):
        return
    python, environment = venv_program("python"), options.environment()
    manage: list[str | Path] = [python, "manage.py"]
    run_step("database", [*manage, "migrate", "--no-input"], cwd=ROOT, env=environment)
    run_step("default model", [python, *export_arguments(options)], cwd=ROOT, env=environment)
    upgrade: list[str | Path] = [python, "-m", "models.cli.upgrade_artifacts", "--output", options.models_dir]
    run_step("models of older versions", upgrade, cwd=ROOT, env=environment)
    register: list[str | Path] = [*manage, "register_models", "--default", DEFAULT_MODEL]
    run_step("model registry", register, cwd=ROOT, env=environment)
    run_step("demo project", [*manage, "demo_create"], cwd=ROOT, env=environment)
    write_stamp(stamp, value)


def export_arguments(options: RunOptions) -> list[str | Path]:
    """What makes the default model's artifact, with its text prompts where they ship."""
    model: list[str | Path] = ["--model", DEFAULT_MODEL, "--output", options.models_dir]
    text = text_weights()
    prompts: list[str | Path] = ["--text", text] if text else []
    return ["-m", "models.cli.export_decoder", *model, *prompts]


def supervise(options: RunOptions) -> int:
    """Runs web server, worker and clock until Ctrl-C."""

    def answers() -> bool:
        if not is_healthy(options):
            return False
        say(f"\n  Anymask is ready:  {options.url}\n  Demo login:        demo / demo")
        say(f"  Data: {options.data_dir}   Logs: {options.data_dir / 'logs'}\n  Ctrl-C ends it.")
        return True

    return Supervisor(children(options), options.environment()).run(answers)


def children(options: RunOptions) -> list[Child]:
    """The three processes of one machine; production runs the same commands under its own supervisor."""
    logs = options.data_dir / "logs"
    web = commands.web(f"{options.host}:{options.port}")
    clock = commands.clock(str(options.data_dir / "beat-schedule"))
    return [
        Child("web server", installed(web), logs / "web.log"),
        Child("worker", installed(commands.worker()), logs / "worker.log"),
        Child("clock", installed(clock), logs / "beat.log"),
    ]


def installed(command: list[str]) -> list[str]:
    """The command, its program taken from the virtual environment."""
    return [str(venv_program(command[0])), *command[1:]]


def is_healthy(options: RunOptions) -> bool:
    """Whether /healthz answers that the database and the storage work."""
    host = "127.0.0.1" if options.host == "0.0.0.0" else options.host  # nosec B104 # compared
    try:
        with urllib.request.urlopen(f"http://{host}:{options.port}/healthz", timeout=2) as answer:  # nosec B310 # always http
            return answer.status == 200 and isinstance(json.load(answer), dict)
    except (urllib.error.URLError, ValueError, OSError):
        return False
