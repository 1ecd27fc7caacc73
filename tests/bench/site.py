"""A server for the bench's page: cross-origin isolated, as the application's pages are, or there are no threads."""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any


class _Handler(SimpleHTTPRequestHandler):
    """Serves several folders by the first part of the path."""

    extensions_map = {
        **SimpleHTTPRequestHandler.extensions_map,
        ".mjs": "text/javascript",
        ".wasm": "application/wasm",
    }

    def __init__(self, *arguments: Any, folders: dict[str, Path], **options: Any) -> None:
        self.folders = folders
        super().__init__(*arguments, **options)

    def translate_path(self, path: str) -> str:
        first, _, rest = path.partition("?")[0].lstrip("/").partition("/")
        folder = self.folders.get(first)
        target = (folder / rest).resolve() if folder else None
        if folder is None or target is None or not target.is_relative_to(folder.resolve()):
            return "/nonexistent"
        return str(target)

    def end_headers(self) -> None:
        self.send_header("Cross-Origin-Opener-Policy", "same-origin")
        self.send_header("Cross-Origin-Embedder-Policy", "require-corp")
        super().end_headers()

    def log_message(self, format: str, *arguments: object) -> None:
        pass


@contextmanager
def serve_folders(folders: dict[str, Path]) -> Iterator[str]:
    """The address under which /<name>/... shows the folder of that name."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(_Handler, folders=folders))
    Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
