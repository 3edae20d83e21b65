# Run right after Python has started, before `site`, on the thread that has started it.
# In: argv (a list), executable, base_executable, no_site. Out: failure (an exception), no_site_index.
failure = None
no_site_index = -1

try:
    import sys

    sys.argv[:] = argv
    sys.executable = executable
    sys._base_executable = base_executable

    # The thread that first imports it is the main thread, to Python 3.11 and 3.12.
    import threading

    # Its first import takes SIGINT wherever the host has left that alone. Python's own record is put
    # right here (asyncio looks there), the process's by the caller.
    import _signal

    if _signal.getsignal(_signal.SIGINT) is _signal.default_int_handler:
        _signal.signal(_signal.SIGINT, _signal.SIG_DFL)

    # A host may end without flushing.
    if sys.stdout is not None and not sys.stdout.isatty():
        sys.stdout.reconfigure(line_buffering=True)

    if not no_site:
        # While the flag is set, importing `site` does not run it.
        import site

        no_site_index = sys.flags.__match_args__.index("no_site")
except BaseException as error:
    failure = error
