"""Reading while somebody computes: the next files are fetched and decoded by a thread of their own."""

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from itertools import islice
from typing import TypeVar

Item = TypeVar("Item")
Content = TypeVar("Content")


def read_ahead(
    items: Iterable[Item], read: Callable[[Item], Content], ahead: int
) -> Iterator[tuple[Item, Content]]:
    """Each item with what `read` makes of it, in order; at most `ahead` are read that nobody asked for yet.

    `read` runs in another thread, one item at a time, and must not ask the database: the thread has no connection that
    anybody would close. What it raises is raised here, at the item's turn.
    """
    left = iter(items)
    waiting: deque[tuple[Item, Future[Content]]] = deque()
    reader = ThreadPoolExecutor(1, "reader")
    try:
        while True:
            for item in islice(left, ahead + 1 - len(waiting)):
                waiting.append((item, reader.submit(read, item)))
            if not waiting:
                return
            item, content = waiting.popleft()
            yield item, content.result()
    finally:
        reader.shutdown(cancel_futures=True)
