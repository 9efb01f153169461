"""make.py - files as the safetensors library (0.8.0) writes them, to hold our own headers against.

usage: make.py FOLDER. At most one metadata key each: the library's order of several is random.
"""
import ctypes
import sys

import safetensors

SIZES = dict(BOOL=8, F4=4, F6_E2M3=6, F6_E3M2=6, U8=8, I8=8, F8_E5M2=8, F8_E4M3=8, F8_E8M0=8,
             F8_E4M3FNUZ=8, F8_E5M2FNUZ=8, I16=16, U16=16, F16=16, BF16=16, I32=32, U32=32, F32=32,
             C64=64, F64=64, I64=64, U64=64)
NAMES = {'BOOL': 'bool', 'F4': 'float4_e2m1fn_x2', 'F8_E5M2': 'float8_e5m2',
         'F8_E4M3': 'float8_e4m3fn', 'F8_E8M0': 'float8_e8m0fnu', 'U8': 'uint8', 'I8': 'int8',
         'F8_E4M3FNUZ': 'float8_e4m3fnuz', 'F8_E5M2FNUZ': 'float8_e5m2fnuz', 'I16': 'int16',
         'U16': 'uint16', 'F16': 'float16', 'BF16': 'bfloat16', 'I32': 'int32', 'U32': 'uint32',
         'F32': 'float32', 'C64': 'complex64', 'F64': 'float64', 'I64': 'int64', 'U64': 'uint64'}


KEPT = []  # what the library only holds by address


def tensor(dtype, shape, seed):
    """A tensor of `shape` elements as stored: two F4 make one."""
    count = 1
    for d in shape:
        count *= d
    size = count if dtype == 'F4' else count * SIZES[dtype] // 8
    values = bytes((seed * 37 + i * 11) % 256 for i in range(size))
    buffer = ctypes.create_string_buffer(values, max(size, 1))
    KEPT.append(buffer)
    return safetensors.TensorSpec(dtype=NAMES[dtype], shape=list(shape),
                                  data_ptr=ctypes.addressof(buffer), data_len=size)


def main(folder):
    every = {}
    for i, dtype in enumerate(NAMES):
        every[f'b.{dtype}'] = tensor(dtype, (2, 3, 4), i)
        every[f'a.{dtype}'] = tensor(dtype, () if dtype != 'F4' else (1,), i)
        every[f'empty.{dtype}'] = tensor(dtype, (3, 0), i)
    odd = ['', ' ', '"', '\\', '/', '\b\f\n\r\t', '\x01\x1f\x7f', 'é', '中', '\U0001f600', 'a.b',
           'a/b', 'A', 'a', 'aa', 'z' * 300, '\uffff']
    odd = {name: tensor('F32', (1 + i,), i) for i, name in enumerate(odd)}
    plain = {'w': tensor('F32', (2, 2), 1)}
    for name, tensors, metadata in (
            ('every_dtype', every, None), ('odd_names', odd, {'fo"rm\n\x02é': 'p\\t\x7f'}),
            ('metadata', plain, {'format': 'pt'}), ('metadata_empty', plain, {}),
            ('nothing', {}, None)):
        with open(f'{folder}/{name}.safetensors', 'wb') as f:
            f.write(safetensors.serialize(tensors, metadata))


main(sys.argv[1])
