"""The Python class that nexus_loader replaces, as its documentation describes it."""

import importlib.util
import os
import sys
from pathlib import Path
from typing import Any, Dict, List, Optional


class NexusLoader:
    """A dynamic module loader for .pyd (Windows) and .so (Linux/Unix) binary files."""

    def __init__(self, bin_path: str, modules: Optional[List[str]] = None):
        self.bin_path = Path(bin_path)
        self.modules_to_load = modules
        self.loaded_modules: Dict[str, Any] = {}
        if not self.bin_path.exists():
            raise FileNotFoundError(f"Binary path does not exist: {self.bin_path}")
        if not self.bin_path.is_dir():
            raise NotADirectoryError(f"Binary path is not a directory: {self.bin_path}")
        self._load_all()

    def _load_all(self) -> None:
        suffix = ".pyd" if os.name == "nt" else ".so"
        files = sorted(self.bin_path.glob(f"*{suffix}"))
        if not files:
            raise FileNotFoundError(f"No binary modules found in: {self.bin_path}")
        for file in files:
            name = file.name.split(".")[0]
            if self.modules_to_load is not None and name not in self.modules_to_load:
                continue
            self._load(name, file)
        if self.modules_to_load is not None:
            missing = set(self.modules_to_load) - set(self.loaded_modules)
            if missing:
                print(f"Warning: Could not load requested modules: {missing}")

    def _load(self, name: str, file: Path) -> None:
        try:
            spec = importlib.util.spec_from_file_location(name, str(file))
            if spec is None or spec.loader is None:
                raise ImportError(f"no loader for {file}")
            module = importlib.util.module_from_spec(spec)
            sys.modules[name] = module
            spec.loader.exec_module(module)
            self.loaded_modules[name] = module
        except Exception as error:
            print(f"Failed to load module {name}: {error}")

    def get_module(self, name: str) -> Any:
        if name not in self.loaded_modules:
            available = self.list_loaded_modules()
            raise KeyError(f"Module '{name}' not loaded. Available modules: {available}")
        return self.loaded_modules[name]

    def list_loaded_modules(self) -> List[str]:
        return list(self.loaded_modules)

    def __getitem__(self, name: str) -> Any:
        return self.get_module(name)

    def __contains__(self, name: str) -> bool:
        return name in self.loaded_modules

    def __repr__(self) -> str:
        return f"NexusLoader(bin_path='{self.bin_path}', loaded={len(self.loaded_modules)} modules)"
