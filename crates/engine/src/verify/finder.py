"""Files of verified directories are imported from the bytes that were verified.

Names are found as always, by whoever finds them; only how a file of such a directory is then read is
replaced. Source is compiled from its verified text: what lies in __pycache__ is not looked at.
"""

import sys
from _frozen_importlib_external import ExtensionFileLoader, SourceFileLoader, SourcelessFileLoader


class Extension(ExtensionFileLoader):
    def create_module(self, spec):
        return create(spec, self.path)


class Source(SourceFileLoader):
    def get_data(self, path):
        return read(path) if path == self.path else super().get_data(path)

    def path_stats(self, path):
        raise OSError("no bytecode of a verified file is kept")


class Bytecode(SourcelessFileLoader):
    def get_data(self, path):
        return read(path) if path == self.path else super().get_data(path)


LOADERS = {ExtensionFileLoader: Extension, SourceFileLoader: Source, SourcelessFileLoader: Bytecode}


class Finder:
    @classmethod
    def find_spec(cls, name, path=None, target=None):
        for finder in list(sys.meta_path):
            find = None if finder is cls else getattr(finder, "find_spec", None)
            spec = find and find(name, path, target)
            if spec is not None:
                return verified(spec)
        return None


def verified(spec):
    if not spec.has_location:
        return spec
    path = getattr(spec.loader, "path", spec.origin)
    if not (covers(spec.origin) or covers(path)):
        return spec
    loader = LOADERS.get(type(spec.loader))
    if loader is None:
        kind = type(spec.loader).__qualname__
        raise refusal(spec.name, spec.origin, f"cannot verify what {kind} loads: {spec.origin}")
    spec.loader = loader(spec.name, path)
    return spec
