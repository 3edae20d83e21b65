# An exception as texts, after one of the other scripts has failed.
# In: failure. Out: exception (its type), message, traceback, and path: the file that raised it.
def describe(error):
    import traceback

    kind = type(error)
    entry = error.__traceback__
    path = ""
    while entry is not None:
        code = entry.tb_frame.f_code
        if not code.co_filename.startswith("<"):
            path = code.co_filename
        elif code.co_filename == "<frozen site>":
            # A line of a .pth file: its code has no file name, but `site` has it in that variable.
            path = str(entry.tb_frame.f_locals.get("fullname", path))
        entry = entry.tb_next
    try:
        message = str(error)
    except BaseException:
        message = ""
    text = "".join(traceback.format_exception(kind, error, error.__traceback__))
    return kind.__module__ + "." + kind.__qualname__, message, text, path


exception = ""
if failure is not None:
    exception, message, traceback, path = describe(failure)
    failure = None
