"""Session configurations: named sets of ONNX Runtime session settings."""

from __future__ import annotations

import re
from enum import Enum
from typing import Annotated

import msgspec
from packaging.version import Version

from profiler.errors import UsageError
from profiler.spec.text import require_utf8

ThreadCount = Annotated[int, msgspec.Meta(ge=0, le=1024)]
SETTING_KEY = re.compile(r"[\x21-\x7e]+")
SettingKey = Annotated[str, msgspec.Meta(pattern=f"^{SETTING_KEY.pattern}$")]
RELEASE = re.compile(r"\d+(\.\d+)*")
Release = Annotated[
    str,
    msgspec.Meta(pattern=f"^{RELEASE.pattern}$", description='a version of numbers and dots, such as "1.26"'),
]
"""A version of numbers and dots."""


ALLOW_SPINNING = "session.intra_op.allow_spinning"
"""The entry that turns the intra-op pool's polling off."""


class ExecutionMode(str, Enum):
    """`SessionOptions.execution_mode`."""

    SEQUENTIAL = "sequential"
    PARALLEL = "parallel"


class Setting(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What is known of one session entry."""

    since: Release
    """First ONNX Runtime version that honours it."""
    meaning: str


class SessionConfiguration(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A named set of session settings; a count of 0 leaves the choice to ONNX Runtime."""

    name: str = ""
    meaning: str = ""
    trades: str = ""
    threads: ThreadCount = 0
    """`intra_op_num_threads`: 0 is one a physical core, N is the calling thread and N-1 workers."""
    inter_op_threads: ThreadCount = 0
    """`inter_op_num_threads`; only used in parallel execution mode."""
    execution_mode: ExecutionMode = ExecutionMode.SEQUENTIAL
    entries: dict[SettingKey, str] = {}
    """Arguments of `SessionOptions.add_session_config_entry`."""
    adjustments: tuple[str, ...] = ()
    """What one run changed, in the short form that run ids carry (`t4`, `spin_duration_us=500`)."""

    @property
    def label(self) -> str:
        """The name with its adjustments: `spin-on+t4`."""
        return "+".join((self.name, *self.adjustments))

    @property
    def spins(self) -> bool:
        """Whether idle pool threads poll before they block."""
        return (
            self.threads != 1
            and self.entries.get(ALLOW_SPINNING, "1") != "0"
            and self.entries.get("session.intra_op.spin_duration_us", "-1") != "0"
        )

    def since(self, settings: dict[str, Setting]) -> str:
        """Return the first ONNX Runtime version that honours every entry; empty where any does."""
        versions = [settings[key].since for key in self.entries if key in settings]
        return str(max(map(Version, versions))) if versions else ""

    def adjusted(
        self, *, threads: int | None = None, inter_op: int | None = None, entries: dict[str, str]
    ) -> SessionConfiguration:
        """Return the configuration with one run's changes applied and noted in `adjustments`.

        `inter_op` is the size of an inter-op pool, which only parallel execution uses. `UsageError` when a
        configuration that means one thread is asked for more.
        """
        if self.threads == 1 and threads not in (None, 1):
            raise UsageError(
                f"{self.name} means one thread; --threads {threads} contradicts it",
                hint="leave --threads out, or choose another configuration (`ortprof configs`)",
            )
        notes = [] if threads is None else [f"t{threads}"]
        notes += [] if inter_op is None else [f"inter{inter_op}"]
        notes += [f"{key.rsplit('.', 1)[-1]}={value}" for key, value in sorted(entries.items())]
        if not notes:
            return self
        return msgspec.structs.replace(
            self,
            threads=self.threads if threads is None else threads,
            inter_op_threads=self.inter_op_threads if inter_op is None else inter_op,
            execution_mode=self.execution_mode if inter_op is None else ExecutionMode.PARALLEL,
            entries={**self.entries, **entries},
            adjustments=(*self.adjustments, *notes),
        )


def parse_entry(text: str) -> tuple[str, str]:
    """Split `KEY=VALUE` of --session-entry; `UsageError` where it is not that."""
    key, equals, value = text.partition("=")
    if not equals or not SETTING_KEY.fullmatch(key):
        raise UsageError(
            f"--session-entry {text!r} is not KEY=VALUE",
            hint="for example --session-entry session.intra_op.spin_duration_us=500",
        )
    require_utf8(value)
    return key, value


def release(ort_version: str) -> Version:
    """Return the release of a version; a build of one's own may call itself 1.26.0-mine."""
    release = RELEASE.match(ort_version)
    return Version(release[0] if release else "0")


def unhonoured(
    configuration: SessionConfiguration, ort_version: str, settings: dict[str, Setting]
) -> list[str]:
    """Return the session entries that this ONNX Runtime would accept and ignore."""
    running = release(ort_version)
    return [
        key for key in configuration.entries if key in settings and running < Version(settings[key].since)
    ]


def refuse_unhonoured(
    configuration: SessionConfiguration, ort_version: str, settings: dict[str, Setting]
) -> None:
    """Raise `UsageError` when this ONNX Runtime would accept a setting and ignore it."""
    for key in unhonoured(configuration, ort_version, settings):
        raise UsageError(
            f"{configuration.label} sets {key}, which ONNX Runtime honours from {settings[key].since} on; "
            f"the workload's is {ort_version} and would ignore it",
            hint="choose another configuration (`ortprof configs`) or a newer ONNX Runtime with --python",
        )


def unknown_entries(configuration: SessionConfiguration, settings: dict[str, Setting]) -> list[str]:
    """Session entries that ortprof does not know, so can't say whether this version honours."""
    return sorted(set(configuration.entries) - set(settings))
