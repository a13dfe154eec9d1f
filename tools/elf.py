"""Reads from a 64-bit little-endian ELF file what decides whether it starts on another machine.

Python alone, since neither objdump nor readelf is on every machine that builds Steward.
"""

import dataclasses
import pathlib
import re
import struct

MACHINES = {62: "x86_64", 183: "arm64"}

SYMBOL_TABLE = 2
DYNAMIC = 6
NEEDED_VERSIONS = 0x6FFFFFFE
TAG_NEEDED = 1


@dataclasses.dataclass(frozen=True)
class Elf:
    """One executable."""

    machine: str
    libraries: tuple[str, ...]
    """The shared libraries that the loader must find."""
    glibc: tuple[int, ...]
    """The newest version of the GNU C library that a symbol asks for; empty without any."""
    stripped: bool


@dataclasses.dataclass(frozen=True)
class Section:
    """One entry of the section table."""

    kind: int
    offset: int
    size: int
    link: int
    """The index of the section that holds this one's strings."""
    count: int


class NotElf(Exception):
    """The file is no executable of the expected form."""


def read(path: pathlib.Path) -> Elf:
    """Reads one executable."""
    data = path.read_bytes()
    if len(data) < 64 or data[:6] != b"\x7fELF\x02\x01":
        raise NotElf(f"{path} is not a 64-bit little-endian ELF file")
    (machine,) = struct.unpack_from("<H", data, 18)
    sections = _sections(data)
    versions = [_version(name) for name in _version_names(data, sections) if name.startswith("GLIBC_")]
    return Elf(
        machine=MACHINES.get(machine, f"machine {machine}"),
        libraries=tuple(_libraries(data, sections)),
        glibc=max((version for version in versions if version), default=()),
        stripped=all(section.kind != SYMBOL_TABLE for section in sections),
    )


def _sections(data: bytes) -> list[Section]:
    (table,) = struct.unpack_from("<Q", data, 40)
    entry_size, number = struct.unpack_from("<HH", data, 58)
    sections = []
    for index in range(number):
        entry = struct.unpack_from("<IIQQQQIIQQ", data, table + index * entry_size)
        _, kind, _, _, offset, size, link, count, _, _ = entry
        sections.append(Section(kind, offset, size, link, count))
    return sections


def _string(data: bytes, strings: Section, position: int) -> str:
    start = strings.offset + position
    return data[start : data.index(b"\0", start)].decode()


def _libraries(data: bytes, sections: list[Section]) -> list[str]:
    names = []
    for section in sections:
        if section.kind == DYNAMIC:
            for position in range(section.offset, section.offset + section.size, 16):
                tag, value = struct.unpack_from("<qQ", data, position)
                if tag == TAG_NEEDED:
                    names.append(_string(data, sections[section.link], value))
    return names


def _version_names(data: bytes, sections: list[Section]) -> list[str]:
    """Every symbol version asked for: a list of libraries, each with a list of versions, linked by offsets."""
    names = []
    for section in sections:
        if section.kind != NEEDED_VERSIONS:
            continue
        library = section.offset
        for _ in range(section.count):
            _, versions, _, first, following = struct.unpack_from("<HHIII", data, library)
            version = library + first
            for _ in range(versions):
                _, _, _, name, step = struct.unpack_from("<IHHII", data, version)
                names.append(_string(data, sections[section.link], name))
                version += step
            library += following
    return names


def _version(name: str) -> tuple[int, ...]:
    """GLIBC_2.34 -> (2, 34); names without a number, such as GLIBC_PRIVATE, -> ()."""
    numbers = re.fullmatch(r"GLIBC_(\d+(?:\.\d+)*)", name)
    return tuple(map(int, numbers[1].split("."))) if numbers else ()
