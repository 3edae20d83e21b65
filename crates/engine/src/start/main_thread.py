# Run when `threading` is imported for the first time, on Python 3.11 or 3.12, on whichever thread.
import _frozen_importlib
import _thread
import os
import sys


class Loader:
    """The loader of `threading`, this once."""

    def __init__(self, loader, ident, native_id, process):
        self.loader = loader
        self.create_module = loader.create_module
        self.main = ident, native_id
        self.process = process

    def exec_module(self, module):
        module.__spec__.loader = module.__loader__ = self.loader
        self.loader.exec_module(module)
        # In the child of a fork the thread that lives on is the main thread.
        if _thread.get_ident() != self.main[0] and os.getpid() == self.process:
            put_right(module, *self.main)


def put_right(module, ident, native_id):
    """Undoes what `_MainThread()` has done for the importing thread, and does it for the main thread."""
    main = module._main_thread
    with module._active_limbo_lock:
        del module._active[main._ident]
        main._ident, main._native_id = ident, native_id
        module._active[main._ident] = main
    # Its lock would be released at the end of the importing thread. This one says for ever that the main
    # thread lives, so nobody may wait for it.
    with module._shutdown_locks_lock:
        module._shutdown_locks.discard(main._tstate_lock)
    main._tstate_lock = _thread.allocate_lock()
    main._tstate_lock.acquire()


def find_threading(finder, main, name, path, target):
    """Finds it as if `finder` were not there, which has done its work. `main`: the thread that has started Python, by
    both its numbers, and its process."""
    if finder in sys.meta_path:
        sys.meta_path.remove(finder)
    spec = _frozen_importlib._find_spec(name, path, target)
    if spec is not None:
        spec.loader = Loader(spec.loader, *main)
    return spec
