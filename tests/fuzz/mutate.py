"""mutate.py - changes files as a fuzzer does; the same changes for the same random numbers."""
import re
import struct

NUMBERS = [0, 1, 2, 3, 4, 7, 8, 16, 63, 64, 127, 128, 255, 256, 512, 4095, 65535, 65536, 2 ** 31,
           2 ** 32 - 1, 2 ** 32, 2 ** 61, 2 ** 62, 2 ** 63 - 1, 2 ** 63, 2 ** 64 - 1]
WORDS = [b'F32', b'F64', b'BF16', b'U8', b'BOOL', b'F4', b'F6_E2M3', b'C64', b'I64', b'F8_E8M0']
PIECES = [b'"dtype":', b'"shape":', b'"data_offsets":', b'"__metadata__":', b'null', b'{}', b'[]',
          b'{', b'}', b'[', b']', b',', b':', b'"', b'\\u0000', b'\\ud800', b'\\u0061', b' ', b'\n',
          b'\t', b'\xff', b'\xc3\xbc', b'\xed\xa0\x80', b'-0', b'1.0', b'1e2', b'01', b'true',
          b'"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},',
          b'"b":{"dtype":"U8","shape":[0,2],"data_offsets":[0,0]},', b'"x":[{"x":0}],',
          b'"weight_map":', b'"a":"b",', b'[' * 130 + b']' * 130]


def number(rng):
    return max(0, rng.choice(NUMBERS) + rng.choice((0, 0, 0, -1, 1, 4, -4))) % 2 ** 64


def binary(rng, data):
    """A change of bytes that need not mean anything."""
    data = bytearray(data)
    for _ in range(rng.choice((1, 1, 1, 2, 4, 8))):
        n = len(data)
        at, some = rng.randrange(n + 1), rng.choice((1, 2, 4, 8, 16, 64))
        what = rng.randrange(9)
        if what == 0 and at < n:
            data[at] ^= 1 << rng.randrange(8)
        elif what == 1 and at < n:
            data[at] = rng.randrange(256)
        elif what == 2:
            data[at:at + 8] = struct.pack('<Q', number(rng))
        elif what == 3:
            data[at:at + 4] = struct.pack('<I', number(rng) % 2 ** 32)
        elif what == 4:
            del data[at:at + some]
        elif what == 5:
            data[at:at] = data[at:at + some]
        elif what == 6:
            data[at:at + some] = bytes(min(some, n - at))
        elif what == 7:
            other = rng.randrange(n + 1)
            data[at:at + some] = data[other:other + some]
        else:
            del data[rng.randrange(n + 1):]
    return bytes(data)


def text(rng, data):
    """A change of JSON, which mostly stays JSON."""
    what = rng.randrange(8)
    numbers = list(re.finditer(rb'\d+', data))
    words = list(re.finditer(rb'"(BOOL|[A-Z]+\d[A-Z0-9_]*)"', data))
    at = rng.randrange(len(data) + 1)
    if what <= 2 and numbers:
        m = rng.choice(numbers)
        near = abs(int(m.group()) + rng.randrange(-9, 10))
        put = str(rng.choice((number(rng), near, near))).encode()
        return data[:m.start()] + put + data[m.end():]
    if what == 3 and words:
        m = rng.choice(words)
        return data[:m.start(1)] + rng.choice(WORDS) + data[m.end(1):]
    if what == 4:
        return data[:at] + data[at + rng.choice((1, 1, 2, 9)):]
    if what == 5:
        m = re.search(rb'\{', data)
        return data[:m.end()] + rng.choice(PIECES) + data[m.end():] if m else data
    if what == 6:
        some = rng.randrange(60)
        return data[:at] + data[at:at + some] + data[at:]
    return data[:at] + rng.choice(PIECES) + data[at:]


def only_values(rng, data):
    """Other numbers in a safetensors file."""
    at = 8 + struct.unpack('<Q', data[:8])[0]
    values = binary(rng, data[at:])
    return data[:at] + (values + data[at:])[:len(data) - at]


def safetensors(rng, data):
    """A changed header, mostly with its length and the data that it asks for."""
    n = struct.unpack('<Q', data[:8])[0] if len(data) >= 8 else len(data)
    if n + 8 > len(data) or rng.randrange(6) == 0:
        return binary(rng, data)
    if rng.randrange(6) == 0:
        return only_values(rng, data)
    header, values = data[8:8 + n], data[8 + n:]
    for _ in range(rng.choice((1, 1, 2, 3))):
        header = text(rng, header)
    if rng.randrange(4):
        ends = [int(m) for m in re.findall(rb',\s*(\d{1,7})\s*\]', header)]
        values = (values + bytes(max(ends, default=0)))[:max(ends, default=0)]
    return struct.pack('<Q', len(header)) + header + values
