from pathlib import Path
from typing import Any, Dict, List, Optional

__version__: str

class NexusLoader:
    """
    A dynamic module loader for .pyd (Windows) and .so (Linux/Unix) binary files.

    Args:
        bin_path: Path to the directory containing binary modules
        modules: Optional list of module names to load. If None, loads all modules.
    """

    def __init__(self, bin_path: str, modules: Optional[List[str]] = None) -> None: ...
    def get_module(self, name: str) -> Any:
        """Retrieve a loaded module by name."""

    def list_loaded_modules(self) -> List[str]:
        """Get a list of all successfully loaded module names."""

    @property
    def loaded_modules(self) -> Dict[str, Any]:
        """Dictionary containing all successfully loaded modules, keyed by module name."""

    @property
    def bin_path(self) -> Path:
        """Path object representing the binary modules directory."""

    @property
    def modules_to_load(self) -> Optional[List[str]]:
        """List of specific modules to load, or None if loading all modules."""

    def __getitem__(self, name: str) -> Any: ...
    def __contains__(self, name: str) -> bool: ...
    def __repr__(self) -> str: ...

def loaders() -> List[NexusLoader]:
    """
    The loaders that the host program has opened through the C interface and not freed yet, the oldest first.

    Each is a NexusLoader, always the same object for the same loader; once the program frees it, its use
    raises RuntimeError.
    """
