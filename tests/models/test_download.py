"""Downloads against a real HTTP server on this machine: resume, broken connections, wrong content."""

import hashlib
import http.server
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from models.cli.register_checkpoint import main
from models.sam.download import download_file, progress_bar
from models.sam.errors import ModelError

CONTENT = bytes(range(256)) * 20_000  # 5 MB
SHA256 = hashlib.sha256(CONTENT).hexdigest()


@dataclass
class Server:
    """What the server sends and how it misbehaves; `ranges` notes the Range header of every request."""

    url: str = ""
    content: bytes = CONTENT
    status: int = 200
    supports_ranges: bool = True
    cut_after: list[int] = field(default_factory=list)
    ranges: list[str | None] = field(default_factory=list)


@pytest.fixture
def server() -> Iterator[Server]:
    state = Server()

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            wanted = self.headers.get("Range")
            state.ranges.append(wanted)
            if state.status != 200:
                self.send_error(state.status)
                return
            start = int(wanted.removeprefix("bytes=").rstrip("-")) if wanted and state.supports_ranges else 0
            body = state.content[start:]
            self.send_response(206 if start else 200)
            self.send_header("Content-Length", str(len(body)))
            if start:
                total = len(state.content)
                self.send_header("Content-Range", f"bytes {start}-{total - 1}/{total}")
            self.end_headers()
            self.wfile.write(body[: state.cut_after.pop(0)] if state.cut_after else body)

        def log_message(self, *arguments: object) -> None:
            """Keep the test output quiet."""

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as httpd:
        state.url = f"http://127.0.0.1:{httpd.server_address[1]}/model.pth"
        thread = threading.Thread(target=httpd.serve_forever, daemon=True)
        thread.start()
        yield state
        httpd.shutdown()
        thread.join()


def fetch(server: Server, path: Path) -> Path:
    return download_file(server.url, path, SHA256, len(CONTENT), pause_seconds=0.0)


def test_a_whole_file_arrives_with_progress(server: Server, tmp_path: Path) -> None:
    seen: list[tuple[int, int]] = []
    path = download_file(
        server.url, tmp_path / "new" / "model.pth", SHA256, len(CONTENT), lambda *done: seen.append(done)
    )
    assert path.read_bytes() == CONTENT
    assert [path.name for path in path.parent.iterdir()] == ["model.pth"]
    assert seen[-1] == (len(CONTENT), len(CONTENT))
    assert seen == sorted(seen)


def test_a_file_that_is_there_is_not_fetched_again(server: Server, tmp_path: Path) -> None:
    fetch(server, tmp_path / "model.pth")
    fetch(server, tmp_path / "model.pth")
    assert len(server.ranges) == 1


def test_a_broken_connection_is_continued(server: Server, tmp_path: Path) -> None:
    server.cut_after = [1_000_000, 2_000_000]
    assert fetch(server, tmp_path / "model.pth").read_bytes() == CONTENT
    assert server.ranges == [None, "bytes=1000000-", "bytes=3000000-"]


def test_a_later_run_continues_the_part(server: Server, tmp_path: Path) -> None:
    server.cut_after = [700_000, 0, 0, 0, 0]
    with pytest.raises(ModelError, match=r"download\.failed.*700000 of 5120000") as caught:
        fetch(server, tmp_path / "model.pth")
    assert caught.value.code == "download.failed"
    assert (tmp_path / "model.pth.part").stat().st_size == 700_000
    assert fetch(server, tmp_path / "model.pth").read_bytes() == CONTENT
    assert server.ranges[-1] == "bytes=700000-"


def test_a_server_without_ranges_starts_over(server: Server, tmp_path: Path) -> None:
    server.supports_ranges = False
    server.cut_after = [1_000_000]
    assert fetch(server, tmp_path / "model.pth").read_bytes() == CONTENT
    assert len(server.ranges) == 2


@pytest.mark.parametrize("wrong", [CONTENT[:-1] + b"x", CONTENT + b"more"], ids=["other byte", "longer"])
def test_other_content_is_deleted(server: Server, tmp_path: Path, wrong: bytes) -> None:
    server.content = wrong
    if len(wrong) > len(CONTENT):
        (tmp_path / "model.pth.part").write_bytes(wrong)
    with pytest.raises(ModelError) as caught:
        fetch(server, tmp_path / "model.pth")
    assert caught.value.code == "download.wrong_hash"
    assert list(tmp_path.iterdir()) == []


def test_a_damaged_part_is_found_by_the_hash(server: Server, tmp_path: Path) -> None:
    (tmp_path / "model.pth.part").write_bytes(b"x" * 1000)
    with pytest.raises(ModelError, match=r"download\.wrong_hash"):
        fetch(server, tmp_path / "model.pth")
    assert fetch(server, tmp_path / "model.pth").read_bytes() == CONTENT


@pytest.mark.parametrize(("status", "requests"), [(404, 1), (503, 5)])
def test_refusals_are_told_and_only_temporary_ones_tried_again(
    server: Server, tmp_path: Path, status: int, requests: int
) -> None:
    server.status = status
    with pytest.raises(ModelError, match=f"the server answered {status}"):
        fetch(server, tmp_path / "model.pth")
    assert len(server.ranges) == requests


def test_an_unreachable_server_is_told(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match=r"download\.failed.*refused"):
        download_file("http://127.0.0.1:9/x", tmp_path / "x", SHA256, len(CONTENT), pause_seconds=0.0)


def test_the_bar_ends_its_line(capsys: pytest.CaptureFixture[str]) -> None:
    progress_bar(1 << 20, 4 << 20)
    progress_bar(4 << 20, 4 << 20)
    printed = capsys.readouterr().err
    assert " 25 %  1 / 4 MiB" in printed
    assert printed.endswith("100 %  4 / 4 MiB\n")


def test_the_command_registers_nothing_from_a_wrong_mirror(
    server: Server, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    server.status = 404
    arguments = ["--download", "vit_b", "--url", server.url, "--output", str(tmp_path / "out")]
    assert main(arguments) == 1
    assert "download.failed" in capsys.readouterr().err
    assert not (tmp_path / "out" / "vit_b").exists()
    assert main(["--download", "vit_x", "--output", str(tmp_path / "out")]) == 1
    assert capsys.readouterr().err.startswith("checkpoint.not_published")
