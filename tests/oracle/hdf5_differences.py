"""hdf5_differences.py - hdf5_seen sees every one of these differences between two files, so that it
may be asked whether there is none."""
import os
import tempfile

import tap

np, h5py = tap.need('numpy', 'h5py')
import hdf5_seen  # noqa: E402
from h5py import h5d, h5p, h5s, h5t  # noqa: E402

USUAL = {
    'libver': ('v110', 'v110'), 'block': 512, 'bytes': b'#!/bin/sh\n', 'tracked': True,
    'members': 'ab', 'text': None, 'cset': h5t.CSET_UTF8, 'pad': h5t.STR_NULLTERM, 'shape': (0,),
    'value': 1.5, 'attributes': ('one', 'two'), 'kind': '<f4', 'kept': True,
    'maxshape': (None, 4), 'chunks': (2, 2), 'gzip': 4, 'shuffle': True, 'fill': 7.0,
    'data': 1.0, 'times': False, 'soft': '/a', 'hard': True, 'other': 'x.h5', 'word': 'é',
    'to': 'a', 'named': 'f8', 'scalar': ()}

# One of these at a time.
UNUSUAL = {
    'libver': ('v108', 'v108'), 'block': 1024, 'bytes': b'#!/bin/ksh', 'tracked': False,
    'members': 'ba', 'text': 5, 'cset': h5t.CSET_ASCII, 'pad': h5t.STR_SPACEPAD, 'shape': (0, 0),
    'value': -1.5, 'attributes': ('two', 'one'), 'kind': '>f4', 'kept': False, 'maxshape': (4, 4),
    'chunks': (2, 4), 'gzip': 5, 'shuffle': False, 'fill': 8.0, 'data': 2.0, 'times': True,
    'soft': '/b', 'hard': False, 'other': 'y.h5', 'word': 'è', 'to': 'b', 'named': 'f4',
    'scalar': (1,)}


def text(o):
    """A type of strings."""
    t = h5t.C_S1.copy()
    t.set_size(o['text'] or h5t.VARIABLE)
    t.set_cset(o['cset'])
    t.set_strpad(o['pad'])
    return h5py.Datatype(t)


def add_dataset(f, o):
    """Chunks, filters and a type that may be kept in the file."""
    f['type'] = np.dtype(o['kind'])
    f.create_dataset('d', (4, 4), f['type'] if o['kept'] else o['kind'], chunks=o['chunks'],
                     maxshape=o['maxshape'], compression='gzip', compression_opts=o['gzip'],
                     shuffle=o['shuffle'], fillvalue=o['fill'], track_times=o['times'],
                     data=np.full((4, 4), o['data']))


def make(path, o):
    with h5py.File(path, 'w', libver=o['libver'], userblock_size=o['block'],
                   track_order=o['tracked']) as f:
        for name in o['members']:
            f.create_group(name, track_order=o['tracked'])
        for name in o['attributes']:
            f.attrs[name] = o['value']
        f.attrs.create('text', 'abc', dtype=text(o))
        f.attrs.create('none', np.zeros(o['shape']))
        f.attrs.create('words', ['a', o['word']], dtype=h5py.string_dtype())
        f.attrs['ref'] = f[o['to']].ref
        add_dataset(f, o)
        f['soft'] = h5py.SoftLink(o['soft'])
        f['other'] = h5py.ExternalLink(o['other'], '/')
        if o['hard']:
            f['again'] = f['a']
        else:
            f.create_group('again', track_order=o['tracked'])
        f['b/named'] = np.dtype(o['named'])
        f.create_dataset('b/scalar', o['scalar'], '<f4')
    with open(path, 'r+b') as f:
        f.write(o['bytes'])


def low_level(path, layout, low):
    """What h5py's upper half cannot make: a layout, and when the fill value is written."""
    with h5py.File(path, 'w') as f:
        p = h5p.create(h5p.DATASET_CREATE)
        p.set_layout(layout)
        p.set_fill_time(low)
        h5d.create(f.id, b'd', h5t.IEEE_F32LE, h5s.create_simple((4,)), p).write(
            h5s.ALL, h5s.ALL, np.ones(4, '<f4'))


def seen(path):
    return hdf5_seen.describe(path)


with tempfile.TemporaryDirectory() as box:
    usual, other = os.path.join(box, 'usual.h5'), os.path.join(box, 'other.h5')
    make(usual, USUAL)
    make(other, USUAL)
    tap.ok(not hdf5_seen.differences(seen(usual), seen(other)), 'none between two of a kind',
           *hdf5_seen.differences(seen(usual), seen(other)))
    tap.ok(USUAL.keys() == UNUSUAL.keys(), 'there is an other way for every one')
    for what, how in UNUSUAL.items():
        make(other, {**USUAL, what: how})
        tap.ok(hdf5_seen.differences(seen(usual), seen(other)), f'{what}: {how!r}')
    low_level(usual, h5d.CONTIGUOUS, h5d.FILL_TIME_IFSET)
    for layout, low in ((h5d.COMPACT, h5d.FILL_TIME_IFSET), (h5d.CONTIGUOUS, h5d.FILL_TIME_NEVER)):
        low_level(other, layout, low)
        tap.ok(hdf5_seen.differences(seen(usual), seen(other)), f'layout {layout}, fill time {low}')
tap.finish()
