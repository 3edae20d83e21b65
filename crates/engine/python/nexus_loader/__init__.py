"""Loads the compiled extension modules of a directory, and says why one does not load."""

from ._engine import NexusLoader, __version__, loaders

__all__ = ["NexusLoader", "loaders", "__version__"]
