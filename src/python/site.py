# Runs `site` as the interpreter's start does, but lets no exception end the process or get lost:
# `site` itself prints those of sitecustomize and usercustomize and goes on.
# Out: failure (an exception). A second run does only what has not succeeded in the first.
failure = None


def customize(name):
    def run():
        pending.append(name)

    return run


try:
    if "pending" not in globals():
        originals = site.execsitecustomize, site.execusercustomize
        site.execsitecustomize = customize("sitecustomize")
        site.execusercustomize = customize("usercustomize")
        pending = []
        try:
            site.main()
        except BaseException:
            del pending
            raise
        finally:
            site.execsitecustomize, site.execusercustomize = originals
    while pending:
        try:
            __import__(pending[0])
        except ImportError as error:
            if error.name != pending[0]:
                raise
        del pending[0]
except BaseException as error:
    failure = error
