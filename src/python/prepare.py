# Run right after Python has started, before `site`, on the thread that has started it.
# In: argv (a list), executable, base_executable, no_site. Out: failure, and no_site_index.
failure = None
no_site_index = -1


def describe(error):
    """An exception as texts: type, message, traceback, and the file in which it was raised."""
    import traceback

    kind = type(error)
    frame = error.__traceback__
    path = ""
    while frame is not None:
        name = frame.tb_frame.f_code.co_filename
        if not name.startswith("<"):
            path = name
        elif frame.tb_frame.f_code.co_name == "addpackage":
            # A line of a .pth file: `site` is frozen, and its code has no file name.
            path = str(frame.tb_frame.f_locals.get("fullname", path))
        frame = frame.tb_next
    try:
        message = str(error)
    except BaseException:
        message = ""
    return (
        kind.__module__ + "." + kind.__qualname__,
        message,
        "".join(traceback.format_exception(kind, error, error.__traceback__)),
        path,
    )


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
    failure, message, traceback, path = describe(error)
