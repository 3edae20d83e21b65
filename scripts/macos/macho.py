"""Reads what the check asks of a Mach-O file: mach-o/fat.h, mach-o/loader.h and, for code signatures, cs_blobs.h of
Apple's XNU."""

import hashlib
import struct

CPU_TYPES = {0x01000007: "x86_64", 0x0100000C: "arm64"}
FILE_TYPES = {2: "EXECUTE", 6: "DYLIB"}
MH_TWOLEVEL, MH_PIE, MH_HAS_TLV_DESCRIPTORS = 0x80, 0x200000, 0x800000
LC_REQ_DYLD = 0x80000000
LC_LOAD_DYLIB, LC_ID_DYLIB, LC_SEGMENT_64, LC_CODE_SIGNATURE, LC_BUILD_VERSION = 0xC, 0xD, 0x19, 0x1D, 0x32
LC_LOAD_WEAK_DYLIB, LC_RPATH, LC_REEXPORT_DYLIB = (LC_REQ_DYLD | command for command in (0x18, 0x1C, 0x1F))
PLATFORM_MACOS = 1


def version(number):
    return f"{number >> 16}.{number >> 8 & 255}.{number & 255}"


def slices(data):
    """The parts of a universal file: each its machine, its alignment and its bytes."""
    magic, count = struct.unpack_from(">II", data)
    if magic != 0xCAFEBABE:
        raise ValueError("it is not a universal file")
    for index in range(count):
        cpu, _, offset, size, align = struct.unpack_from(">IIIII", data, 8 + 20 * index)
        if offset % (1 << align):
            raise ValueError(f"the part at {offset} is not aligned to 2^{align}")
        yield CPU_TYPES.get(cpu, hex(cpu)), align, data[offset : offset + size]


class Image:
    """One part: its header and its load commands."""

    def __init__(self, data):
        self.data = data
        magic, cpu, _, file_type, count, _, self.flags, _ = struct.unpack_from("<8I", data)
        if magic != 0xFEEDFACF:
            raise ValueError("it is not a Mach-O file of 64 bits")
        self.machine = CPU_TYPES.get(cpu, hex(cpu))
        self.file_type = FILE_TYPES.get(file_type, hex(file_type))
        self.id = self.platform = self.minimum = self.signature = None
        self.needed, self.search_paths, self.segments = [], [], []
        at = 32
        for _ in range(count):
            command, size = struct.unpack_from("<II", data, at)
            self._read(command, at, size)
            at += size
        self.commands_end = at

    def _text(self, at, size):
        start = at + struct.unpack_from("<I", self.data, at + 8)[0]
        return self.data[start : at + size].split(b"\0")[0].decode()

    def _read(self, command, at, size):
        if command in (LC_LOAD_DYLIB, LC_LOAD_WEAK_DYLIB, LC_REEXPORT_DYLIB):
            self.needed.append(self._text(at, size))
        elif command == LC_ID_DYLIB:
            current, compatible = struct.unpack_from("<II", self.data, at + 16)
            self.id = self._text(at, size), version(current), version(compatible)
        elif command == LC_RPATH:
            self.search_paths.append(self._text(at, size))
        elif command == LC_BUILD_VERSION:
            self.platform, minimum = struct.unpack_from("<II", self.data, at + 8)
            self.minimum = version(minimum)
        elif command == LC_CODE_SIGNATURE:
            self.signature = struct.unpack_from("<II", self.data, at + 8)
        elif command == LC_SEGMENT_64:
            name = self.data[at + 8 : at + 24].rstrip(b"\0").decode()
            address, length, offset, file_size = struct.unpack_from("<4Q", self.data, at + 24)
            self.segments.append((name, address, length, offset, file_size, *struct.unpack_from("<II", self.data, at + 56)))

    def check_signature(self):
        """Raises where the signature is not of these very bytes: arm64 Macs end a process that maps such a page."""
        start, size = self.signature
        blob = self.data[start : start + size]
        magic, _, count = struct.unpack_from(">III", blob)
        if magic != 0xFADE0CC0:
            raise ValueError("its code signature does not begin with the magic number")
        directories = 0
        for index in range(count):
            at = struct.unpack_from(">II", blob, 12 + 8 * index)[1]
            if struct.unpack_from(">I", blob, at)[0] != 0xFADE0C02:
                continue
            directories += 1
            hashes, _, _, pages, limit = struct.unpack_from(">5I", blob, at + 16)
            hash_size, hash_type, _, page_bits = struct.unpack_from("4B", blob, at + 36)
            if (hash_size, hash_type) != (32, 2) or limit != start:
                raise ValueError(f"its code signature is of {limit} bytes, not of the {start} before it, or not SHA-256")
            page = 1 << page_bits
            if pages != -(-limit // page):
                raise ValueError(f"its code signature has {pages} pages for {limit} bytes")
            for number in range(pages):
                content = self.data[number * page : min((number + 1) * page, limit)]
                kept = blob[at + hashes + 32 * number :][:32]
                if hashlib.sha256(content).digest() != kept:
                    raise ValueError(f"its code signature is of other bytes than those of page {number}")
        if directories == 0:
            raise ValueError("its code signature has no code directory")
