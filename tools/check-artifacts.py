#!/usr/bin/env python3
"""Checks what would be deployed: that every function was built, starts on the Lambda runtime, and is small enough.

Size is time at a cold start and money at every deployment, and it grows unseen with each dependency. The C library of
provided.al2023 is older than that of most machines that build: a binary that asks for a newer one fails at its start.

    python3 tools/check-artifacts.py ARCHITECTURE     after: sam build
"""

import pathlib
import sys
import zipfile

# elf lies beside this file, where no compiled copy of it should appear.
sys.dont_write_bytecode = True
import elf

ROOT = pathlib.Path(__file__).resolve().parent.parent
BUILD = ROOT / ".aws-sam" / "build"

MAX_BINARY = 8 * 1024 * 1024
MAX_ZIP = 3_500_000
# Amazon Linux 2023.
MAX_GLIBC = (2, 34)
# What provided.al2023 has: the C library in its parts, the loader, and the compiler's run-time library.
LIBRARIES = {
    "libc.so.6",
    "libm.so.6",
    "libdl.so.2",
    "librt.so.1",
    "libpthread.so.0",
    "libgcc_s.so.1",
    "ld-linux-x86-64.so.2",
    "ld-linux-aarch64.so.1",
}


def logical_id(folder: str) -> str:
    """The function's logical id in the template: execute-plan -> ExecutePlanFunction."""
    return "".join(word.capitalize() for word in folder.split("-")) + "Function"


def zipped(binary: pathlib.Path) -> int:
    """The size of the archive that `sam package` uploads."""
    file = ROOT / "target" / "size-check.zip"
    file.parent.mkdir(exist_ok=True)
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.write(binary, "bootstrap")
    size = file.stat().st_size
    file.unlink()
    return size


def faults(binary: pathlib.Path, architecture: str, size: int, zip_size: int, about: elf.Elf) -> list[str]:
    """What is wrong with one binary."""
    found = []
    if size > MAX_BINARY:
        found.append(f"{size} bytes, {size - MAX_BINARY} more than allowed")
    if zip_size > MAX_ZIP:
        found.append(f"zipped {zip_size} bytes, {zip_size - MAX_ZIP} more than allowed")
    if about.machine != architecture:
        found.append(f"is for {about.machine}, not {architecture}")
    if about.glibc > MAX_GLIBC:
        found.append(f"needs GLIBC {dotted(about.glibc)}, the runtime has {dotted(MAX_GLIBC)}")
    if unknown := sorted(set(about.libraries) - LIBRARIES):
        found.append(f"needs {', '.join(unknown)}, which the runtime may not have")
    if not about.stripped:
        found.append("is not stripped")
    return [f"{binary.relative_to(ROOT)} {fault}" for fault in found]


def dotted(version: tuple[int, ...]) -> str:
    """(2, 34) -> 2.34"""
    return ".".join(map(str, version)) or "none"


def main() -> int:
    """Prints the table and then, if there are any, the faults."""
    if len(sys.argv) != 2:
        print(__doc__, file=sys.stderr)
        return 2
    architecture = sys.argv[1]
    folders = sorted(path.parent.name for path in ROOT.glob("functions/*/Cargo.toml"))
    found = [] if folders else ["functions/ holds no package"]

    print(f"{'function':<24}{'binary MiB':>12}{'zip MB':>10}{'GLIBC':>8}  machine")
    for folder in folders:
        binary = BUILD / logical_id(folder) / "bootstrap"
        if not binary.is_file():
            path = binary.relative_to(ROOT)
            found.append(f"{path} is missing: functions/{folder} is not in the template, or not built")
            continue
        size, zip_size = binary.stat().st_size, zipped(binary)
        try:
            about = elf.read(binary)
        except elf.NotElf as error:
            found.append(str(error))
            continue
        print(
            f"{logical_id(folder):<24}{size / 1024 / 1024:>12.2f}{zip_size / 1e6:>10.2f}"
            f"{dotted(about.glibc):>8}  {about.machine}"
        )
        found += faults(binary, architecture, size, zip_size, about)
    print(
        f"{'at most':<24}{MAX_BINARY / 1024 / 1024:>12.2f}{MAX_ZIP / 1e6:>10.2f}"
        f"{dotted(MAX_GLIBC):>8}  {architecture}"
    )

    for fault in found:
        print(f"error: {fault}", file=sys.stderr)
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
