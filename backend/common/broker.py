"""kombu's filesystem transport, made to outlive the loss of its folders.

As it comes, deleting the folder ends the consumer with an error, and producers that declared their queues
before go on writing messages that no table of bindings routes any more: lost without a word. Here the folders
come back by themselves, and a queue is bound to the exchange of its own name without a table. That is all our
queues need.
"""

from pathlib import Path
from queue import Empty
from typing import Any

from kombu.transport import filesystem


class FolderChannel(filesystem.Channel):
    def _folders_create(self) -> None:
        for folder in (self.data_folder_in, self.data_folder_out, self.control_folder):
            Path(folder).mkdir(parents=True, exist_ok=True)

    def get_table(self, exchange: str) -> Any:
        table = super().get_table(exchange)
        # Not for fanout and topic exchanges: their messages would pile up in a queue nobody reads.
        if not table and self.typeof(exchange).type == "direct":
            table = [filesystem.exchange_queue_t(exchange, "", exchange)]
        return table

    def _queue_bind(self, *args: Any) -> None:
        self._folders_create()
        super()._queue_bind(*args)

    # Publishing passes more than the stubs of kombu know of.
    def _put(self, queue: str, message: Any, **kwargs: Any) -> None:  # type: ignore[override]
        self._folders_create()
        super()._put(queue, message, **kwargs)

    def _get(self, queue: str, timeout: float | None = None) -> Any:
        self._folders_create()
        try:
            return super()._get(queue)
        except (ValueError, FileNotFoundError) as error:
            # Taken while its sender was still writing it, or the folder went just now: lost, like any message may be, and
            # not the end of a worker.
            raise Empty from error

    def _size(self, queue: str) -> int:
        self._folders_create()
        return int(super()._size(queue))

    def _purge(self, queue: str) -> int:
        self._folders_create()
        return int(super()._purge(queue))


class FolderTransport(filesystem.Transport):
    Channel = FolderChannel
