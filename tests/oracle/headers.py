"""headers.py - safetensors files with large headers: honest ones, and ones made to cost much.

A header comes in pieces, so that the process that writes it stays small: a child that it starts
begins with its peak memory.
"""
import itertools

HEADER = 100_000_000  # no header may be longer
LIMIT = 256_000_000   # bytes of memory that opening one may take
SECONDS = 2           # and the time
LETTERS = 'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_'
EMPTY = '{"dtype":"U8","shape":[0],"data_offsets":[0,0]}'


def write(path, pieces, data=0):
    """Writes a file with the header given and a hole of data bytes; the length of the header."""
    with open(path, 'wb', buffering=1 << 16) as f:
        f.write(bytes(8))
        for piece in pieces:
            f.write(piece.encode() if isinstance(piece, str) else piece)
        length = f.tell() - 8
        f.truncate(8 + length + data)
        f.seek(0)
        f.write(length.to_bytes(8, 'little'))
    return length


def experts(n, backwards=False):
    """The header of a mixture of experts with n tensors of 64 f32, some 130 bytes each."""
    yield '{"__metadata__":{"format":"pt"}'
    for i in reversed(range(n)) if backwards else range(n):
        yield (f',"model.language_model.layers.{i // 768:03d}.mlp.experts.{i % 256:03d}.'
               f'w{i // 256 % 3}_proj.weight":{{"dtype":"F32","shape":[8,8],'
               f'"data_offsets":[{256 * i},{256 * i + 256}]}}')
    yield '}'


def names(width):
    """All names of a width."""
    return map(''.join, itertools.product(LETTERS, repeat=width))


def filled(head, items, tail, size, between=','):
    """As many items as fit into size bytes, between head and tail."""
    yield head
    left = size - len(head) - len(tail)
    first = True
    block = []
    for item in items:
        piece = item if first else between + item
        left -= len(piece)
        if left < 0:
            break
        first = False
        block.append(piece)
        if len(block) == 4096:
            yield ''.join(block)
            block.clear()
    yield ''.join(block)
    yield tail


def same(item):
    """One item without end."""
    return itertools.repeat(item)


def long_text(head, unit, tail, size):
    """A text that is nearly all of a header."""
    yield head
    n = (size - len(head) - len(tail)) // len(unit)
    for at in range(0, n, 4096):
        yield unit * min(4096, n - at)
    yield tail


def tensor(name, shape='[0]', more=''):
    """The member of one tensor of no bytes."""
    return f'"{name}":{{{more}"dtype":"U8","shape":{shape},"data_offsets":[0,0]}}'


def hostile(size=HEADER):
    """(name, pieces of a header) of everything that could cost much time or memory."""
    def meta(items):
        return filled('{"__metadata__":{', items, '}}', size)

    def tensors(items):
        return filled('{', items, '}', size)

    def text(head, unit, tail):
        return long_text(head, unit, tail, size)

    def value(literal):
        return '{"w":{"x":' + literal, ',"dtype":"U8","shape":[0],"data_offsets":[0,0]}}'

    deep = '[' * 124 + ']' * 124
    yield 'one metadata key, again and again', meta(same('"":""'))
    yield 'metadata keys, all different', meta(f'"{n}":""' for n in names(4))
    yield 'a long metadata value', text('{"__metadata__":{"a":"', 'a', '"}}')
    yield 'a long metadata value of escapes', text('{"__metadata__":{"a":"', '\\u0000', '"}}')
    yield 'one tensor, again and again', tensors(same(tensor('')))
    yield 'tensors of no bytes', tensors(tensor(n) for n in names(4))
    yield 'tensors with names that begin alike', tensors(tensor('a' * 50 + n) for n in names(4))
    yield 'tensors in the wrong order', tensors(
        tensor('a' * 50 + n).replace('[0,0]', f'[{10**6 - i},{10**6 - i}]')
        for i, n in enumerate(names(4)))
    yield 'tensors with many extents', tensors(
        tensor(n, '[' + '0,' * 63 + '0]') for n in names(4))
    yield 'a long name', text('{"', 'a', '":' + EMPTY + '}')
    yield 'a long name of escapes', text('{"', '\\ud83d\\ude00', '":' + EMPTY + '}')
    yield 'a long name, without an end', text('{"', 'a', '')
    yield 'a long type', text('{"w":{"dtype":"', 'a', '"}}')
    yield 'a long shape', text('{"w":{"dtype":"U8","shape":[0', ',1', '],"data_offsets":[0,0]}}')
    yield 'long data offsets', text('{"w":{"dtype":"U8","shape":[0],"data_offsets":[0', ',0', ']}}')
    yield 'a long whole number', text('{"w":{"shape":[1', '0', '],' + EMPTY[1:] + '}')
    yield 'a long fraction', text(value('0.')[0], '1', value('')[1])
    yield 'a long exponent', text(value('1e')[0], '0', value('')[1])
    yield 'blanks', text('', ' ', '')
    yield 'blanks before', text('', ' ', '{}')
    yield 'blanks behind', text('{', ' ', '}')
    yield 'nested without an end', text('{"w":{"x":', '[', '')
    yield 'nested to the bound', filled('{"w":{"x":[', same(deep), '],' + EMPTY[1:] + '}', size)
    yield 'unknown fields', filled('{"w":{', (f'"{n}":0' for n in names(4)),
                                   ',' + EMPTY[1:] + '}', size)
    yield 'bytes of zero', text('', '\0', '')


def known_as(size=HEADER - 1000):
    """The same of what costs where names are spelled anew."""
    def long_name(i, unit):
        def pieces():
            yield f'"{i:04d}'
            yield unit * 32000
            yield f'":{EMPTY}'
        return pieces()

    def long_names(unit):
        for i in range(size // 64100):
            yield ',' if i else '{'
            yield from long_name(i, unit)
        yield '}'

    record = '{"__metadata__":{"belay.names":"'
    yield 'long names of many parts', long_names('.x')
    yield 'long names', long_names('xx')
    yield 'a record of all names', filled(
        record + '{', (f'\\"{n}\\":\\"\\"' for n in names(4)), '}"},"w":' + EMPTY + '}', size)
    yield 'a record that is none', long_text(record, 'a', '"},"w":' + EMPTY + '}', size)
