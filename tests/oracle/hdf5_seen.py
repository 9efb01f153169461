"""hdf5_seen.py - everything in an HDF5 file that its library can tell, through the low-level calls
of h5py: types to the bit, attributes, links, orders, layouts, data."""
import h5py
import numpy as np
from h5py import h5, h5a, h5d, h5g, h5l, h5o, h5s, h5t

PROVENANCE = b'belay'


def address(obj):
    return h5o.get_info(obj).addr


def names_of_links(group):
    found = []
    group.links.iterate(found.append, idx_type=h5.INDEX_NAME, order=h5.ITER_INC)
    return found


def names_of(f):
    """Every object that hard links reach: {address: (name, object)}, '/' first."""
    root = h5o.open(f.id, b'/')
    names = {address(root): ('/', root)}
    todo = [('', root)]
    while todo:
        path, group = todo.pop()
        for link in names_of_links(group):
            if group.links.get_info(link).type != h5l.TYPE_HARD:
                continue
            obj, name = h5o.open(group, link), path + link.decode('utf-8', 'surrogateescape')
            if address(obj) in names:
                continue
            names[address(obj)] = (name, obj)
            if isinstance(obj, h5g.GroupID):
                todo.append((name + '/', obj))
    return names


def plain(value, f, names):
    """A value that can be compared: references become the names they lead to."""
    if isinstance(value, h5py.RegionReference):
        return ('region', str(h5py.h5r.get_region(value, f.id).get_select_bounds()))
    if isinstance(value, h5py.Reference):
        return ('ref', names[address(f[value].id)][0] if value else None)
    if isinstance(value, np.void) and value.dtype.names:
        return [plain(value[n], f, names) for n in value.dtype.names]
    if isinstance(value, np.ndarray) and (value.dtype == object or value.dtype.names):
        return [plain(v, f, names) for v in value.ravel()]
    if isinstance(value, np.ndarray):
        return (str(value.dtype), value.shape, value.tobytes())
    return (type(value).__name__, value.tobytes() if isinstance(value, np.generic) else value)


def holds_objects(kind):
    """Are there variable lengths or references in the type? Then its bytes lead elsewhere."""
    try:
        return kind.dtype.hasobject
    except TypeError:
        return False


def data_of(part, read, high, f, names):
    """The bytes as they are stored where that says all, else what h5py makes of them. part: a
    dataset or an attribute; read fills an array with values of a type; high reads by h5py."""
    space, kind = part.get_space(), part.get_type()
    if space.get_simple_extent_type() == h5s.NULL:
        return 'nothing'
    if holds_objects(kind):
        return plain(high(), f, names)
    values = np.zeros(space.get_simple_extent_dims(), f'V{kind.get_size()}')
    if values.size:
        read(values, kind)
    return values.tobytes()


def attributes(obj, f, names):
    """All of an object's attributes by name, with their order of making, without the provenance."""
    found, keys, high = [], [], f[names[address(obj)][0]]
    h5a.iterate(obj, keys.append, index_type=h5.INDEX_NAME, order=h5.ITER_INC)
    for key in keys:
        if key == PROVENANCE:
            continue
        a, info = h5a.open(obj, key), h5a.get_info(obj, key)
        found.append((key, info.cset, info.corder_valid, info.corder, info.data_size,
                      a.get_type().encode(), a.get_space().encode(),
                      data_of(a, a.read, lambda k=key: high.attrs[k], f, names)))
    return found


def links(group, names):
    """The members of a group by name, with their order of making: hard links with the object,
    others with their text."""
    plist = group.get_create_plist()
    found = [('orders', plist.get_link_creation_order(), plist.get_attr_creation_order(),
              plist.get_attr_phase_change())]
    for name in names_of_links(group):
        info = group.links.get_info(name)
        to = (names[address(h5o.open(group, name))][0] if info.type == h5l.TYPE_HARD
              else group.links.get_val(name))
        found.append((name, info.type, info.cset, info.corder_valid, info.corder, to))
    return found


def fill_value(d):
    try:
        fill = h5py.Dataset(d).fillvalue
    except TypeError:
        return None
    return fill.tobytes() if hasattr(fill, 'tobytes') else fill


def properties(d):
    """Layout, filters, fill value and times of a dataset."""
    p = d.get_create_plist()
    return (p.get_layout(), p.get_layout() == h5d.CHUNKED and p.get_chunk(),
            [p.get_filter(i) for i in range(p.get_nfilters())], p.get_fill_time(),
            p.get_alloc_time(), p.fill_value_defined(), fill_value(d), p.get_obj_track_times(),
            p.get_attr_creation_order(), p.get_attr_phase_change())


def type_of(kind, names):
    """The type, bit by bit, and the name it is kept under where it has one."""
    return (kind.encode(), names[address(kind)][0] if kind.committed() else None)


def dataset(d, f, names):
    """The data stand last."""
    return [type_of(d.get_type(), names), d.get_space().encode(), properties(d),
            data_of(d, lambda to, kind: d.read(h5s.ALL, h5s.ALL, to, kind),
                    lambda: h5py.Dataset(d)[()], f, names)]


def describe(path):
    """{name: everything about that object}; others are about the file, as 'file' and 'block'."""
    times = {}
    seen = {'times': times}
    with h5py.File(path, 'r') as f:
        names = names_of(f)
        p = f.id.get_create_plist()
        seen['file'] = (f.userblock_size, p.get_file_space_strategy(),
                        p.get_file_space_page_size(), p.get_version(), p.get_sizes(),
                        p.get_link_creation_order(), p.get_attr_creation_order())
        for name, obj in names.values():
            info = h5o.get_info(obj)
            times[name] = (info.atime, info.btime, info.ctime, info.mtime)
            seen[name] = [attributes(obj, f, names), info.rc, info.type]
            if isinstance(obj, h5g.GroupID):
                seen[name] += links(obj, names)
            elif isinstance(obj, h5t.TypeID):
                seen[name] += [obj.encode()]
            else:
                seen[name] += dataset(obj, f, names)
        seen['names'] = sorted(name for name, _ in names.values())
        with open(path, 'rb') as whole:
            seen['block'] = whole.read(f.userblock_size)
    return seen


def same_times(a, b):
    """What is changed anew has no time: it would be that of the run."""
    return a.keys() == b.keys() and all(
        y in (x, 0) for name in a for x, y in zip(a[name], b[name]))


def differences(a, b):
    """Where the description of an average differs from that of the original."""
    return [f'{k}:\n{a.get(k)}\n{b.get(k)}'[:2000] for k in sorted(set(a) | set(b))
            if not (same_times(a[k], b[k]) if k == 'times' else a.get(k) == b.get(k))]


def filtered(path):
    """Do chunks of the file pass filters?"""
    with h5py.File(path, 'r') as f:
        return any(isinstance(obj, h5d.DatasetID) and obj.get_create_plist().get_nfilters()
                   for _, obj in names_of(f).values())

