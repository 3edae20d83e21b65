# The child process of a trial: imports what it is told to, and answers how that ended.
# Started as `python -c THIS CHANNEL SECONDS`, the channel one descriptor, or two handles; frames as in
# protocol.rs. Imports nothing that would have to be read from a file: modules are to meet the process as a
# host's would be.


def main():
    import _frozen_importlib as bootstrap
    import _frozen_importlib_external as external
    import _imp
    import _signal
    import sys

    WINDOWS = sys.platform == "win32"
    if WINDOWS:
        import msvcrt
        import nt as system
    else:
        import posix as system

    # Elsewhere the kernel ends this process with its parent.
    ALARM = sys.platform != "linux" and not WINDOWS
    # For the parent, which would take any other code for the module's.
    NO_CHANNEL = 113

    numbers, seconds = list(map(int, sys.argv[1].split(","))), int(sys.argv[2])
    sys.argv[:] = [""]
    me = system.getpid()
    if WINDOWS:
        # Two pipes: what comes, what goes.
        for handle in numbers:
            system.set_handle_inheritable(handle, False)
        flags = system.O_BINARY | system.O_NOINHERIT
        source = msvcrt.open_osfhandle(numbers[0], flags | system.O_RDONLY)
        sink = msvcrt.open_osfhandle(numbers[1], flags | system.O_WRONLY)
        # A crash ends the process, and shows no window.
        msvcrt.SetErrorMode(
            msvcrt.SEM_FAILCRITICALERRORS | msvcrt.SEM_NOGPFAULTERRORBOX | msvcrt.SEM_NOOPENFILEERRORBOX
        )
    else:
        # One socket.
        source = sink = numbers[0]
        system.set_inheritable(source, False)
    # What a Python that was started as a program has changed, and an embedded one has not.
    for name in "SIGINT", "SIGPIPE", "SIGXFSZ":
        if hasattr(_signal, name):
            _signal.signal(getattr(_signal, name), _signal.SIG_DFL)

    def decode(field):
        return field.decode(sys.getfilesystemencoding(), sys.getfilesystemencodeerrors())

    def encode(text):
        return str.encode(text, "utf-8", "backslashreplace").replace(b"\0", b"\\x00")

    def receive():
        def exactly(size):
            data = b""
            while len(data) < size:
                part = system.read(source, size - len(data))
                if not part:
                    # The host is gone, or has no more to try.
                    system._exit(0)
                data += part
            return data

        try:
            return exactly(int.from_bytes(exactly(4), "big")).split(b"\0")
        except OSError:
            system._exit(NO_CHANNEL)

    def send(*fields):
        if system.getpid() != me:
            # The module has forked, and this is the copy: the other one answers.
            system._exit(0)
        data = b"\0".join(fields)
        data = len(data).to_bytes(4, "big") + data
        try:
            while data:
                data = data[system.write(sink, data) :]
        except OSError:
            system._exit(NO_CHANNEL)

    def describe(error):
        kind = type(error)
        try:
            name = f"{kind.__module__}.{kind.__qualname__}"
        except BaseException:
            name = "?"
        # The host does the same with what it catches, and it may be the module's code.
        try:
            message = str(error)
        except BaseException:
            message = f"<unprintable {name} object>"
        if isinstance(error, Exception):
            return (b"exception",)
        group = b"other"
        if isinstance(error, SystemExit):
            group = b"system_exit"
        elif isinstance(error, KeyboardInterrupt):
            group = b"keyboard_interrupt"
        try:
            import traceback

            frames = error.__traceback__
            while frames is not None and frames.tb_frame.f_code.co_filename == "<string>":
                # This script.
                frames = frames.tb_next
            lines = "".join(traceback.format_exception(kind, error, frames))
        except BaseException:
            lines = ""
        # The end of a traceback tells the most.
        return group, encode(name), encode(message[:4096]), encode(lines[-16384:])

    def is_file_of(module, path):
        try:
            one, other = system.stat(module.__file__), system.stat(path)
        except Exception:
            return False
        return (one.st_dev, one.st_ino) == (other.st_dev, other.st_ino)

    folders = {}

    def utf8_path(path):
        """CPython 3.12 and later refuse other paths: loader/encodable.rs."""
        folder, _, file = path.rpartition("/")
        try:
            path.encode()
        except UnicodeEncodeError:
            if sys.platform == "linux":
                if folder not in folders:
                    folders[folder] = system.open(folder, system.O_PATH | system.O_DIRECTORY | system.O_CLOEXEC)
                return f"/proc/self/fd/{folders[folder]}/{file}"
        return path

    def load(name, path):
        """Loads a file by its path, step for step as the host will: loader/load.rs."""
        modules = sys.modules
        present = modules.get(name)
        if is_file_of(present, path):
            return
        private = present is not None or name in sys.stdlib_module_names
        full_name = f"nexus_loader.private_{len(modules)}.{name}" if private else name
        try:
            loader = external.ExtensionFileLoader(full_name, path)
            spec = bootstrap.ModuleSpec(full_name, loader, origin=utf8_path(path))
            spec._set_fileattr = True
            module = _imp.create_dynamic(spec)
            spec.origin = path
            for attribute, value in (
                ("__loader__", loader),
                ("__package__", spec.parent),
                ("__spec__", spec),
                ("__file__", path),
            ):
                try:
                    setattr(module, attribute, value)
                except Exception:
                    pass
            modules[full_name] = module
            _imp.exec_dynamic(module)
        except BaseException:
            modules.pop(full_name, None)
            raise
        finally:
            # A single-phase module registers itself under any name it likes.
            if present is not None:
                modules[name] = present
            elif private:
                modules.pop(name, None)

    send(b"ready", encode(f"{sys.implementation.cache_tag}{getattr(sys, 'abiflags', '')}"))
    while True:
        command, *fields = receive()
        if command == b"path":
            sys.path[:] = map(decode, fields)
            continue
        sequence, name, *path = fields
        if ALARM:
            _signal.alarm(seconds)
        answer = (b"imported",)
        try:
            if command == b"load":
                load(decode(name), decode(*path))
            else:
                __import__(decode(name))
        except BaseException as error:
            answer = describe(error)
        # Here the exception and what its traceback held alive are gone, so their destructors have run.
        if ALARM:
            _signal.alarm(0)
        send(sequence, *answer)


main()
