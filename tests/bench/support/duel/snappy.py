"""Snappy's block format, unpacked: what remote writes of Prometheus come in."""


def unpack(packed):
    size, at = varint(packed, 0)
    out = bytearray()
    while at < len(packed):
        tag, at = packed[at], at + 1
        if tag & 3 == 0:
            length = tag >> 2
            if length >= 60:
                extra = length - 59
                length, at = int.from_bytes(packed[at : at + extra], "little"), at + extra
            out += packed[at : at + length + 1]
            at += length + 1
            continue
        if tag & 3 == 1:
            length, offset, at = (tag >> 2 & 7) + 4, tag >> 5 << 8 | packed[at], at + 1
        else:
            extra = 2 if tag & 3 == 2 else 4
            length, offset, at = (tag >> 2) + 1, int.from_bytes(packed[at : at + extra], "little"), at + extra
        _copy(out, offset, length)
    if len(out) != size:
        raise ValueError(f"{len(out)} bytes unpacked, and it says {size}")
    return bytes(out)


def _copy(out, offset, length):
    start = len(out) - offset
    if offset <= 0 or start < 0:
        raise ValueError(f"a copy from {offset} back, and there are {len(out)} bytes")
    part = out[start : start + length]
    # One that is longer than its offset repeats itself.
    out += (part * (length // len(part) + 1))[:length]


def varint(data, at):
    """The number, and where it ends."""
    value = shift = 0
    while True:
        byte = data[at]
        at += 1
        value |= (byte & 127) << shift
        if byte < 128:
            return value, at
        shift += 7
