"""A Debian mirror as small as can be: the packages of one recipe, each with a file or two in it."""

from __future__ import annotations

import hashlib
import io
import subprocess
import tarfile
from typing import TYPE_CHECKING, NamedTuple

from tests.scripts.packages import make_onnxruntime

if TYPE_CHECKING:
    from pathlib import Path

SUITES = ("trixie", "sid", "bookworm")
PATCH = "--- a/README\n+++ b/README\n@@ -1 +1 @@\n-unpatched\n+patched\n"
MIN_MAX = "min.array().template min<Eigen::PropagateNaN>(x); map.template max<Eigen::PropagateNaN>(y);\n"
SETUP = """import pathlib, shutil
pathlib.Path("dist").mkdir()
shutil.copy(next(pathlib.Path(__file__).parent.glob("*.whl")), "dist")
"""


class Package(NamedTuple):
    """One line of a recipe."""

    kind: str
    folder: str
    name: str
    version: str


def read_recipe(recipe: Path) -> list[Package]:
    lines = (line.split() for line in recipe.read_text().splitlines() if not line.startswith("#"))
    return [Package(*fields[:4]) for fields in lines]


def make_mirror(root: Path, packages: list[Package], *, listed_only: tuple[str, ...] = ()) -> Path:
    """Fill `root`, whose name must end in debian; of `listed_only` the tarballs are missing."""
    pool = root / "pool"
    pool.mkdir(parents=True)
    sources, binaries = [], []
    for package in packages:
        if package.kind == "source":
            sources.append(_source(pool, package, missing=f"{package.name} {package.version}" in listed_only))
        elif package.kind == "headers":
            binaries.append(_deb(pool, package))
    for suite in SUITES:
        _index(root / "dists" / suite, "".join(sources), "".join(binaries))
    return root


def _source(pool: Path, package: Package, *, missing: bool) -> str:
    """Write the tarball, and neither .dsc nor Debian's own part: real mirrors lack them, too."""
    tarball = pool / f"{package.name}_{package.version}+dfsg.orig.tar.xz"
    files = {"README": "unpatched\n"}
    if package.folder == "onnxruntime":
        files |= {
            "setup.py": SETUP,
            "onnxruntime/python/datasets/__init__.py": "",
            "onnxruntime/core/providers/cpu/math/element_wise_ops.cc": MIN_MAX,
            **{
                f"cmake/patches/{path}": PATCH
                for path in (
                    "onnx/onnx.patch",
                    "protobuf/protobuf_cmake.patch",
                    "flatbuffers/flatbuffers.patch",
                )
            },
        }
    with tarfile.open(tarball, "w:xz") as archive:
        for name, text in files.items():
            _add(archive, f"{package.name}-{package.version}/{name}", text.encode())
        if package.folder == "onnxruntime":
            wheel = make_onnxruntime(pool, package.version)
            _add(archive, f"{package.name}-{package.version}/{wheel.name}", wheel.read_bytes())
    digest, size = hashlib.sha256(tarball.read_bytes()).hexdigest(), tarball.stat().st_size
    if missing:
        tarball.unlink()
    dsc = f"{package.name}_{package.version}+dfsg-1.dsc"
    return (
        f"Package: {package.name}\nFormat: 3.0 (quilt)\nBinary: {package.name}\nArchitecture: any\n"
        f"Version: {package.version}+dfsg-1\nDirectory: pool\n"
        f"Checksums-Sha256:\n {'0' * 64} 100 {dsc}\n {digest} {size} {tarball.name}\n\n"
    )


def _deb(pool: Path, package: Package) -> str:
    tree = pool / package.name
    header = (
        tree / "usr" / "include" / ("boost/mp11.hpp" if package.folder == "boost" else "safeint/SafeInt.hpp")
    )
    header.parent.mkdir(parents=True)
    header.touch()
    (tree / "usr" / "include" / "unasked.hpp").touch()
    control = (
        f"Package: {package.name}\nVersion: {package.version}-1\nArchitecture: all\n"
        "Maintainer: M <m@localhost>\nDescription: d\n"
    )
    (tree / "DEBIAN").mkdir()
    (tree / "DEBIAN" / "control").write_text(control)
    deb = pool / f"{package.name}_{package.version}-1_all.deb"
    subprocess.run(["dpkg-deb", "--root-owner-group", "--build", tree, deb], check=True, capture_output=True)
    digest, size = hashlib.sha256(deb.read_bytes()).hexdigest(), deb.stat().st_size
    return f"{control}Filename: pool/{deb.name}\nSize: {size}\nSHA256: {digest}\n\n"


def _index(suite: Path, sources: str, packages: str) -> None:
    machine = subprocess.run(
        ["dpkg", "--print-architecture"], check=True, capture_output=True, text=True
    ).stdout
    listing = []
    for path, text in (("source/Sources", sources), (f"binary-{machine.strip()}/Packages", packages)):
        file = suite / "main" / path
        file.parent.mkdir(parents=True)
        file.write_text(text)
        listing.append(f" {hashlib.sha256(text.encode()).hexdigest()} {len(text)} main/{path}\n")
    release = (
        f"Suite: {suite.name}\nCodename: {suite.name}\nComponents: main\nArchitectures: {machine}SHA256:\n"
    )
    (suite / "Release").write_text(release + "".join(listing))


def _add(archive: tarfile.TarFile, name: str, data: bytes) -> None:
    member = tarfile.TarInfo(name)
    member.size = len(data)
    archive.addfile(member, io.BytesIO(data))
