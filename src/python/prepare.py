# Run right after Python has started, before `site`, on the thread that has started it.
# In: argv (a list), executable, base_executable, no_site, main_thread_code. Out: failure (an exception),
# no_site_index.
failure = None
no_site_index = -1

try:
    import sys

    sys.argv[:] = argv
    sys.executable = executable
    sys._base_executable = base_executable

    # The thread that first imports `threading` is the main thread, to Python 3.11 and 3.12. Importing it now
    # would take as long as half of the start; so it is put right when it is imported.
    if sys.version_info < (3, 13):
        import _thread

        main_thread = _thread.get_ident(), _thread.get_native_id()

        class MainThread:
            def find_spec(self, name, path=None, target=None):
                if name == "threading":
                    exec(main_thread_code, globals())
                    return find_threading(self, path, target)

        sys.meta_path.insert(0, MainThread())

    # The first import of `signal` takes SIGINT wherever the host has left that alone. Python's own record is
    # put right here (asyncio looks there), the process's by the caller.
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
