#!/usr/bin/env python3
"""make_cases.py - writes the .keras files beside it, good ones and bad ones, and manifest.tsv. Only
valid/model.keras is Keras' own.

usage: make_cases.py [FOLDER]     (default: the folder it is in)
"""
import io
import os
import struct
import sys
import zlib

import h5py

ROOT = sys.argv[1] if len(sys.argv) > 1 else os.path.dirname(os.path.abspath(__file__))
CASES = [('valid/model.keras', 'accept', 'as Keras 3 saves a model')]
ONES = 0xffffffff


def weights(link=False):
    """HDF5 as Keras lays it out, as small as it gets."""
    f = io.BytesIO()
    with h5py.File(f, 'w', libver=('v108', 'v110')) as h:
        v = h.create_group('layers/dense/vars')
        v.attrs['name'] = 'dense'
        v.create_dataset('0', data=[[1.5, 2.5], [-3.0, 4.0]], dtype='<f4')
        v.create_dataset('1', data=[0.5, 7.0], dtype='<f4')
        if link:
            h['layers/other'] = h5py.ExternalLink('other.h5', '/')
    return f.getvalue()


class Member:
    """A member and how it is told: late (a descriptor behind the data), wide (ZIP64)."""

    def __init__(self, name, data, method=0, late=None, wide='', flags=0, extra=b'', comment=b'',
                 gap=0, told=None, own_name=None, at=None):
        self.name, self.data, self.method, self.late, self.wide = name, data, method, late, wide
        self.flags, self.extra, self.comment, self.gap = flags, extra, comment, gap
        self.told, self.own_name, self.at = told, own_name or name, at
        self.stored = data
        if method == 8:
            z = zlib.compressobj(9, zlib.DEFLATED, -15)
            self.stored = z.compress(data) + z.flush()
        self.crc = zlib.crc32(data)
        if late is not None:
            self.flags |= 8

    def header(self):
        """What stands before the data."""
        sizes = [len(self.stored), len(self.data)] if self.told is None else self.told
        extra, crc = self.extra, self.crc
        if self.late is not None:
            sizes, crc = [0, 0], 0
        if self.wide:
            extra += struct.pack('<HHQQ', 1, 16, sizes[1], sizes[0])
            if self.wide == 'all':
                sizes = [ONES, ONES]
        name = self.own_name.encode()
        return b'PK\3\4' + struct.pack('<HHHHHIIIHH', 45 if self.wide else 20, self.flags,
                                       self.method, 0, 0x21, crc, *sizes, len(name),
                                       len(extra)) + name + extra

    def row(self, at):
        """Its row of the directory."""
        sizes, extra, place = [len(self.stored), len(self.data)], self.extra, at
        if self.wide == 'all':
            extra += struct.pack('<HHQQQ', 1, 24, sizes[1], sizes[0], at)
            sizes, place = [ONES, ONES], ONES
        name = self.name.encode()
        return b'PK\1\2' + struct.pack('<HHHHHHIIIHHHHHII', 20, 20, self.flags, self.method, 0,
                                       0x21, self.crc, *sizes, len(name), len(extra),
                                       len(self.comment), 0, 0, 0, place) + \
            name + extra + self.comment


def archive(members, comment=b'', wide=False, disk=0, count=None, behind=b''):
    """A zip file of members."""
    body, rows = b'', b''
    for m in members:
        body += bytes(m.gap)
        rows += m.row(len(body) if m.at is None else m.at)
        body += m.header() + m.stored + (m.late or b'')
    n, size, at = len(members), len(rows), len(body)
    if count is not None:
        n = count
    end = b''
    if wide:
        end = b'PK\6\6' + struct.pack('<QHHIIQQQQ', 44, 45, 45, 0, 0, n, n, size, at)
        end += b'PK\6\7' + struct.pack('<IQI', 0, at + size, 1)
        n, size, at = 0xffff, ONES, ONES
    return body + rows + end + b'PK\5\6' + struct.pack('<HHHHIIH', disk, disk, n, n, size, at,
                                                       len(comment)) + comment + behind


def add(kind, name, data, reason):
    """Writes a case."""
    os.makedirs(os.path.join(ROOT, kind), exist_ok=True)
    with open(os.path.join(ROOT, kind, name + '.keras'), 'wb') as f:
        f.write(data)
    CASES.append((f'{kind}/{name}.keras', 'accept' if kind == 'valid' else 'reject', reason))


META = Member('metadata.json', b'{"keras_version": "3.15.0"}')
CONFIG = Member('config.json', b'{"class_name": "Sequential", "config": {}}')
ASSET = Member('assets/vocabulary.txt', b'the\nof\nand\n' * 9)
H5 = weights()


def model(behind=(), **how):
    """A model whose weights are told in some way, and members behind them."""
    return [META, CONFIG, Member('model.weights.h5', H5, **how), *behind]


def descriptor(wide=False, signed=True):
    """What stands behind the weights."""
    return (b'PK\7\10' if signed else b'') + struct.pack('<IQQ' if wide else '<III',
                                                         zlib.crc32(H5), len(H5), len(H5))


def make_valid():
    """What must be read."""
    add('valid', 'assets', archive(model([ASSET])), 'a member behind the weights')
    add('valid', 'zip64', archive([META, Member('model.weights.h5', H5, wide='all'),
                                   Member('config.json', CONFIG.data, wide='all')], wide=True),
        'ZIP64 throughout: all ones in 32 bits, the numbers in 64')
    add('valid', 'zip64_header', archive(model([ASSET], wide='header')),
        'ZIP64 sizes in the header beside true ones in 32 bits, as Python before 3.11.4 writes')
    add('valid', 'late', archive(model([ASSET], late=descriptor())),
        'CRC and sizes in a descriptor behind the data, as one writes to a pipe')
    add('valid', 'late_zip64', archive(model(late=descriptor(True, False), wide='all'), wide=True),
        'the same in 64 bits, and a descriptor without signature')
    add('valid', 'comments', archive(model([ASSET], extra=b'ux\4\0abcd', comment=b'heavy'),
                                     comment=b'a comment of the file'),
        'extra fields and comments')
    add('valid', 'packed', archive([Member('config.json', CONFIG.data * 9, method=8),
                                    Member('model.weights.h5', H5),
                                    Member('metadata.json', META.data, method=8)]),
        'other members compressed, other order')
    add('valid', 'gaps', archive([META, Member('model.weights.h5', H5, gap=13),
                                  Member('config.json', CONFIG.data, gap=7)]),
        'bytes between the members that belong to none')
    head = len(META.header()) + len(META.data) + len(CONFIG.header()) + 30 + 16
    add('valid', 'at_512', archive([META, Member('config.json', CONFIG.data + b' ' * (
        512 - head - len(CONFIG.data))), Member('model.weights.h5', H5)]),
        'HDF5 begins at 512, where it may begin without a zip file, too')


def make_bad():
    """What must be refused."""
    whole = archive(model([ASSET]))
    add('bad', 'no_directory', whole[:-200], 'cut short')
    add('bad', 'followed', whole + b'\n', 'a byte behind the end of the directory')
    add('bad', 'not_zip', b'hello, world\n', 'text')
    add('bad', 'compressed', archive(model(method=8)), 'weights are deflated')
    add('bad', 'encrypted', archive(model(flags=1)), 'weights are encrypted')
    add('bad', 'no_weights', archive([META, CONFIG]), 'no weights')
    add('bad', 'weights_npz', archive([META, CONFIG, Member('model.weights.npz', b'PK')]),
        'weights in the other form that Keras knows')
    add('bad', 'twice', archive(model([Member('model.weights.h5', H5)])), 'weights twice')
    add('bad', 'other_size', archive(model(told=[len(H5), 2 * len(H5)])),
        'the header tells another size than the directory')
    add('bad', 'other_name', archive(model(own_name='model.weights.xx')),
        'the header has another name than the directory')
    add('bad', 'other_descriptor', archive(model(late=descriptor()[:-1] + b'\1')),
        'the descriptor tells another size than the directory')
    add('bad', 'elsewhere', archive(model(at=3)), 'the directory leads to no header')
    add('bad', 'outside', archive(model(at=1 << 30)), 'the directory leads out of the file')
    inner = Member('inner', b'x')
    add('bad', 'overlap', archive([META, Member('model.weights.h5', H5 + inner.header() + b'x'),
                                   Member('inner', b'x', at=len(META.header() + META.data) + 46 +
                                          len(H5))]), 'a member inside the weights')
    add('bad', 'parts', archive(model(), disk=1), 'one of several parts')
    add('bad', 'count', archive(model(), count=2), 'one row more than is said')
    add('bad', 'not_hdf5', archive([META, Member('model.weights.h5', b'hello, world\n')]),
        'weights are text')
    add('bad', 'hdf5_cut', archive([META, Member('model.weights.h5', H5[:-1])]),
        'the last byte of HDF5 is missing, though the zip file is whole')
    add('bad', 'external_link', archive([META, Member('model.weights.h5', weights(True))]),
        'a link to another file')


make_valid()
make_bad()
with open(os.path.join(ROOT, 'manifest.tsv'), 'w', encoding='utf-8') as manifest:
    manifest.write('file\tverdict\treason\n')
    manifest.writelines('\t'.join(c) + '\n' for c in CASES)
