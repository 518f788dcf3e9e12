"""SOURCE on a command line (a folder, or an id on the Hugging Face Hub) to the folder that has its files."""

from __future__ import annotations

import contextlib
import importlib
import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

from profiler.errors import MachineError, UsageError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import ModuleType

WEIGHTS_FILE = "model.safetensors"
CONFIG_FILE = "config.json"

PATTERNS = (CONFIG_FILE, "*.safetensors", "*.safetensors.index.json")
"""What is fetched of a repository. No pickled weights: reading those can run code."""


def fetch(source: str) -> Path:
    """Find the folder that holds the source's config.json and safetensors.

    `UsageError` when the source is neither a model's folder nor a repository's id, or the repository is
    not there; `MachineError` when the Hub can't be reached and has not been asked for it before.
    """
    folder = Path(source).expanduser()
    if folder.is_dir():
        if not os.path.lexists(folder / CONFIG_FILE):
            raise UsageError(f"{source} has no {CONFIG_FILE}", hint="give the folder of a Hugging Face model")
        return folder
    if os.path.lexists(folder):
        raise UsageError(f"{source} is no folder", hint="give the folder of a Hugging Face model")
    return _download(source)


def _download(repository: str) -> Path:
    hub: Any = quiet_import("huggingface_hub")
    errors: Any = quiet_import("huggingface_hub.errors")
    local = "or give the folder of a model on this machine"
    try:
        return Path(hub.snapshot_download(repository, allow_patterns=list(PATTERNS)))
    except (errors.HFValidationError, errors.RepositoryNotFoundError) as error:
        raise UsageError(
            f"{repository} is neither a folder here nor a model on the Hugging Face Hub",
            hint=f"check the spelling, {local}; a private model needs a token (hf auth login)",
        ) from error
    # Its own errors for an unreachable Hub derive from OSError; so do the network's and the disk's.
    except (OSError, errors.HfHubHTTPError) as error:
        raise MachineError(
            f"{repository} could not be fetched from the Hugging Face Hub: {first_line(error)}",
            hint=f"check the network, {local}",
        ) from error


@contextlib.contextmanager
def _environment(**values: str) -> Iterator[None]:
    """Within the block, these variables are set where the user has not set them."""
    added = {name: value for name, value in values.items() if name not in os.environ}
    os.environ.update(added)
    try:
        yield
    finally:
        for name in added:
            os.environ.pop(name, None)


def quiet_import(module: str) -> ModuleType:
    """Import transformers or huggingface_hub without advice, warnings and progress bars of their own.

    Both read their settings from the environment when they are imported.
    """
    with _environment(
        TRANSFORMERS_VERBOSITY="error", HF_HUB_DISABLE_PROGRESS_BARS="1", HF_HUB_VERBOSITY="error"
    ):
        return importlib.import_module(module)


def first_line(error: BaseException) -> str:
    """Cut an error's text to one line."""
    return (str(error).splitlines() or [type(error).__name__])[0]
