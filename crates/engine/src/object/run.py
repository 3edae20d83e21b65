# How the engine runs awaitables to their end.
import asyncio
import inspect


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


run = asyncio.run
