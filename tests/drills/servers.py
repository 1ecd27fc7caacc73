"""PostgreSQL, Redis and RabbitMQ of the drills' own, on free ports: they are killed, restarted and emptied."""

import os
import shutil
import signal
import socket
import subprocess
import time
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager, suppress
from pathlib import Path

import psycopg2
import redis

_SECONDS = 600.0  # to start: RabbitMQ takes more than a minute where the machine has other things to do


class ServerMissing(Exception):
    """A program that a drill needs is not installed here."""


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def program(name: str, *places: str) -> str:
    """Its path: beside one's others, else the first of the `places` (patterns). Raises ServerMissing."""
    found = [path for place in places for path in sorted(Path("/").glob(f"{place[1:]}/{name}"), reverse=True)]
    path = str(found[0]) if found else shutil.which(name)
    if path is None:
        raise ServerMissing(f"{name} is not installed")
    return path


def until(condition: Callable[[], bool], what: str, seconds: float = _SECONDS) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            raise TimeoutError(f"never happened: {what}")
        time.sleep(0.1)


class Server(ABC):
    """A process with a folder of its own. `kill` is kill -9 of it and all it started."""

    name: str

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        folder.mkdir(parents=True, exist_ok=True)
        self.port = free_port()
        self._process: subprocess.Popen[bytes] | None = None

    @abstractmethod
    def command(self) -> list[str]: ...

    @abstractmethod
    def answers(self) -> bool: ...

    @property
    @abstractmethod
    def url(self) -> str: ...

    def environment(self) -> Mapping[str, str]:
        return os.environ

    @property
    def account(self) -> str | None:
        """Whose processes they are, where not one's own."""
        return None

    def start(self) -> None:
        with (self.folder / "server.log").open("ab") as log:
            self._process = subprocess.Popen(
                self.command(),
                env=dict(self.environment()),
                stdout=log,
                stderr=log,
                user=self.account,
                group=self.account,
                extra_groups=[] if self.account else None,
                start_new_session=True,
            )
        until(self.answers, f"{self.name} answers")

    def stop(self, how: signal.Signals = signal.SIGTERM) -> None:
        """As an operator ends it; returns when it is gone."""
        process, self._process = self._process, None
        if process is None:
            return
        process.send_signal(how)
        try:
            process.wait(_SECONDS)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait(10)

    def kill(self) -> None:
        process, self._process = self._process, None
        if process is not None:
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait(10)

    def close(self) -> None:
        """For good."""
        self.kill()


class Postgres(Server):
    """`stop` with SIGINT is a fast shutdown, with SIGQUIT an immediate one, after which it recovers from its log."""

    name = "PostgreSQL"

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self._bin = str(Path(program("initdb", "/usr/lib/postgresql/*/bin", "/usr/pgsql-*/bin")).parent)
        if self.account:
            shutil.chown(folder, self.account, self.account)
        subprocess.run(
            [f"{self._bin}/initdb", "-D", str(folder / "data"), "-A", "trust", "-U", "drill", "-E", "UTF8"],
            check=True,
            stdout=subprocess.DEVNULL,
            user=self.account,
            group=self.account,
            extra_groups=[] if self.account else None,
        )

    @property
    def account(self) -> str | None:
        # It refuses to run as root.
        return "postgres" if os.geteuid() == 0 else None

    def command(self) -> list[str]:
        settings = {"listen_addresses": "127.0.0.1", "unix_socket_directories": str(self.folder)}
        options = [word for name, value in settings.items() for word in ("-c", f"{name}={value}")]
        return [f"{self._bin}/postgres", "-D", str(self.folder / "data"), "-p", str(self.port), *options]

    @property
    def url(self) -> str:
        return f"postgres://drill@127.0.0.1:{self.port}/postgres"

    def database(self, name: str) -> str:
        return f"postgres://drill@127.0.0.1:{self.port}/{name}"

    def answers(self) -> bool:
        try:
            psycopg2.connect(self.url, connect_timeout=2).close()
        except psycopg2.OperationalError:
            return False
        return True

    def execute(self, statement: str) -> None:
        with closing(psycopg2.connect(self.url)) as connection:
            connection.autocommit = True
            connection.cursor().execute(statement)

    @contextmanager
    def fresh(self, name: str, template: str = "template1") -> Iterator[str]:
        """URL of a new database, dropped afterwards."""
        self.execute(f'CREATE DATABASE "{name}" TEMPLATE "{template}"')
        try:
            yield self.database(name)
        finally:
            self.execute(f'DROP DATABASE "{name}" WITH (FORCE)')


class Redis(Server):
    """It keeps nothing on disk: what it held is gone when it is started again."""

    name = "Redis"

    def command(self) -> list[str]:
        keeps_nothing = ["--save", "", "--appendonly", "no", "--dir", str(self.folder)]
        return [program("redis-server"), "--bind", "127.0.0.1", "--port", str(self.port), *keeps_nothing]

    @property
    def url(self) -> str:
        return f"redis://127.0.0.1:{self.port}/0"

    @property
    def cache_url(self) -> str:
        return f"redis://127.0.0.1:{self.port}/1"

    def answers(self) -> bool:
        try:
            with redis.Redis(port=self.port) as client:
                return bool(client.ping())
        except redis.RedisError:
            return False

    def flush(self) -> int:
        """Empties all of its databases; how many keys there were."""
        with redis.Redis(port=self.port) as client:
            count = sum(int(keys["keys"]) for keys in client.info("keyspace").values())
            client.flushall()
            return count


class RabbitMQ(Server):
    """A node without plugins, which finds itself by a port mapper of its own."""

    name = "RabbitMQ"

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        # Not the wrapper in /usr/sbin, which changes to an account that may not write to our folder.
        self._server = program("rabbitmq-server", "/usr/lib/rabbitmq/bin", "/usr/local/sbin", "/opt/*/sbin")
        self._epmd = free_port()
        self._dist = free_port()
        self._mapper: subprocess.Popen[bytes] | None = None
        (folder / "enabled_plugins").write_text("[].\n")
        (folder / "advanced.config").write_text("[{rabbit, [{loopback_users, []}]}].\n")

    def command(self) -> list[str]:
        return [self._server]

    def environment(self) -> Mapping[str, str]:
        return os.environ | {
            "HOME": str(self.folder),
            "RABBITMQ_NODENAME": f"drill{self.port}@localhost",
            "RABBITMQ_NODE_IP_ADDRESS": "127.0.0.1",
            "RABBITMQ_NODE_PORT": str(self.port),
            "RABBITMQ_DIST_PORT": str(self._dist),
            "RABBITMQ_MNESIA_BASE": str(self.folder / "mnesia"),
            "RABBITMQ_LOG_BASE": str(self.folder / "log"),
            "RABBITMQ_ENABLED_PLUGINS_FILE": str(self.folder / "enabled_plugins"),
            "RABBITMQ_CONFIG_FILE": str(self.folder / "none"),
            "RABBITMQ_ADVANCED_CONFIG_FILE": str(self.folder / "advanced.config"),
            "RABBITMQ_CONF_ENV_FILE": str(self.folder / "none"),
            "RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS": "+sbwt none",
            "ERL_EPMD_PORT": str(self._epmd),
            "ERL_EPMD_ADDRESS": "127.0.0.1",
        }

    @property
    def url(self) -> str:
        return f"amqp://guest:guest@127.0.0.1:{self.port}//"

    def answers(self) -> bool:
        """It greets: the port is open before it serves."""
        try:
            with socket.create_connection(("127.0.0.1", self.port), timeout=5) as connection:
                connection.sendall(b"AMQP\x00\x00\x09\x01")
                return connection.recv(1) == b"\x01"
        except OSError:
            return False

    def start(self) -> None:
        if self._mapper is None:
            # Not left to the node, which would leave it behind.
            self._mapper = subprocess.Popen([program("epmd")], env=dict(self.environment()))
        super().start()

    def close(self) -> None:
        super().close()
        if self._mapper is not None:
            self._mapper.kill()
            self._mapper.wait(10)
