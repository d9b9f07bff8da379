"""What the agent tells the runner: one JSON file, for its owner only."""

import json
from dataclasses import dataclass, field, fields
from typing import Dict, Optional


@dataclass
class Options:
    """See the agent's `launch::selenium::options`, which writes it. Paths are absolute."""

    kind: str
    plan: str
    users: int
    chromium: str
    chromedriver: str
    screenshots_dir: str
    temporary_dir: str
    ramp_up_s: int = 0
    duration_s: Optional[int] = None
    iterations: Optional[int] = None
    params: Dict[str, str] = field(default_factory=dict)
    profile: str = "fresh"
    headless: bool = True
    page_load_timeout_s: int = 60
    sandbox: bool = True
    java: str = ""
    class_path: str = ""
    main_class: str = ""
    heap_mib: int = 256

    @classmethod
    def read(cls, path: str) -> "Options":
        """Reads the file; an unknown key is an error of whoever wrote it."""
        with open(path, encoding="utf-8") as file:
            document = json.load(file)
        unknown = set(document) - {known.name for known in fields(cls)}
        if unknown:
            raise ValueError(f"unknown options in {path}: {', '.join(sorted(unknown))}")
        return cls(**document)
