# How the engine runs awaitables to their end.
import asyncio
import inspect
import threading

# The event loop of each thread that runs one here.
loops = {}


async def wait(awaitable):
    return await awaitable


async def collect(iterable):
    return [item async for item in iterable]


def task(object):
    """A coroutine that does all of the object's work; None if it has none."""
    if inspect.iscoroutine(object):
        return object
    if inspect.isawaitable(object):
        return wait(object)
    if hasattr(type(object), "__aiter__"):
        return collect(object)
    return None


def is_running():
    return asyncio._get_running_loop() is not None


def run(coroutine):
    """asyncio.run, in a loop that can be woken."""
    with asyncio.Runner() as runner:
        thread = threading.get_ident()
        loops[thread] = runner.get_loop()
        try:
            return runner.run(coroutine)
        finally:
            del loops[thread]


def nothing():
    pass


def wake(thread):
    """An event loop that waits has no instruction at which an interruption could be raised."""
    if loop := loops.get(thread):
        loop.call_soon_threadsafe(nothing)
