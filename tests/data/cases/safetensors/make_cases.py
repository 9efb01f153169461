#!/usr/bin/env python3
"""make_cases.py - writes the safetensors files beside it, good ones and bad ones, and manifest.tsv.

usage: make_cases.py [FOLDER]     (default: the folder it is in)

manifest.tsv has the columns file, verdict (accept or reject), reason (the trap that the file is),
note (where belay is stricter than the reference implementation, and why).
"""
import json
import os
import struct
import sys

ROOT = sys.argv[1] if len(sys.argv) > 1 else os.path.dirname(os.path.abspath(__file__))
CASES = []


def st_path(kind, name):
    os.makedirs(os.path.join(ROOT, kind), exist_ok=True)
    return os.path.join(ROOT, kind, name)


def add(path, verdict, reason, note=""):
    CASES.append([os.path.relpath(path, ROOT), verdict, reason, note])


def st_raw(kind, name, header, data, reason, note="", n=None, pad=True):
    """header: bytes or python object; written as is, with the 8-byte length (n overrides it)."""
    if not isinstance(header, (bytes, bytearray)):
        header = json.dumps(header, separators=(",", ":"), ensure_ascii=False).encode()
    if pad and len(header) % 8:
        header += b" " * (8 - len(header) % 8)
    p = st_path(kind, name)
    with open(p, "wb") as f:
        f.write(struct.pack("<Q", len(header) if n is None else n) + header + data)
    add(p, "accept" if kind == "valid" else "reject", reason, note)


def T(dtype, shape, b, e, **kw):
    d = {"dtype": dtype, "shape": shape, "data_offsets": [b, e]}
    d.update(kw)
    return d


F4 = struct.pack("<4f", 0, 1, 2, 3)          # 16 bytes

BITS = dict(BOOL=8, F4=4, F6_E2M3=6, F6_E3M2=6, U8=8, I8=8, F8_E5M2=8, F8_E4M3=8, F8_E8M0=8,
            F8_E4M3FNUZ=8, F8_E5M2FNUZ=8, I16=16, U16=16, F16=16, BF16=16, I32=32, U32=32, F32=32,
            C64=64, F64=64, I64=64, U64=64)


def make_safetensors():
    V, B = "valid", "bad"
    one = {"w": T("F32", [2, 2], 0, 16)}
    st_raw(V, "empty.safetensors", b"{}", b"", "no tensors at all: 16-byte file")
    st_raw(V, "one_f32.safetensors", one, F4, "smallest ordinary file")
    h, off, data = {}, 0, b""
    for k, bits in sorted(BITS.items(), key=lambda kv: -kv[1]):
        nb = 8 * bits // 8
        h["t." + k] = T(k, [2, 4], off, off + nb)
        off += nb
        data += bytes(nb)
    st_raw(V, "all_22_dtypes.safetensors", h, data, "every dtype of safetensors 0.8 (22), incl. 4- and 6-bit ones")
    st_raw(V, "scalar.safetensors", {"s": T("F32", [], 0, 4)}, F4[:4], "shape [] is one element")
    st_raw(V, "zero_size_between.safetensors",
           {"a": T("F32", [2], 0, 8), "z": T("F32", [0, 3], 8, 8), "y": T("I8", [5, 0], 8, 8), "b": T("F32", [2], 8, 16)},
           F4, "two empty tensors share offset 8 with the start of the next: not an overlap")
    st_raw(V, "header_order_differs.safetensors",
           {"c": T("F32", [1], 8, 12), "a": T("F32", [1], 0, 4), "d": T("F32", [1], 12, 16), "b": T("F32", [1], 4, 8)},
           F4, "header order is free: sort by offset before checking contiguity")
    st_raw(V, "header_len_not_multiple_of_8.safetensors", {"ww": T("F32", [2, 2], 0, 16)}, F4,
           "old writers did not pad: the data section starts at an odd address", pad=False)
    st_raw(V, "f32_at_odd_offset.safetensors", {"a": T("U8", [3], 0, 3), "w": T("F32", [4], 3, 19)}, b"abc" + F4,
           "no alignment rule for tensors: an F32 at offset 3 (never cast the pointer)")
    st_raw(V, "metadata_pt.safetensors", {"__metadata__": {"format": "pt"}, **one}, F4, "what transformers writes; keep it in the output")
    st_raw(V, "metadata_tied.safetensors", {"__metadata__": {"format": "pt", "b.weight": "w"}, **one}, F4,
           "safetensors.torch.save_model notes a dropped tied name in __metadata__ (dropped -> kept): keep it")
    st_raw(V, "metadata_empty.safetensors", {"__metadata__": {}, **one}, F4, "empty metadata")
    st_raw(V, "metadata_null.safetensors", {"__metadata__": None, **one}, F4, "null metadata (Option::None in the reference): seen in real files")
    st_raw(V, "trailing_ws.safetensors", json.dumps(one).encode() + b" \t\r\n   ", F4, "JSON whitespace after the header")
    st_raw(V, "leading_ws.safetensors", b"\n\t  " + json.dumps(one).encode(), F4,
           "README: MUST begin with '{'; the reference tolerates leading whitespace on purpose (page-aligning writers)")
    st_raw(V, "info_key_order.safetensors", b'{"w":{"data_offsets":[0,16],"shape":[2,2],"dtype":"F32"}}', F4, "keys of one tensor in another order")
    st_raw(V, "info_unknown_field.safetensors", {"w": T("F32", [2, 2], 0, 16, note={"a": [1, {"b": None}]})}, F4,
           "unknown field in a tensor: the reference ignores it (any JSON value must be skipped)")
    st_raw(V, "names_unicode.safetensors",
           b'{"\\u00e9\\ud83d\\ude00\\"\\\\\\/\\n":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},"\xc3\xbc b":{"dtype":"F32","shape":[1],"data_offsets":[4,8]},"":{"dtype":"F32","shape":[2],"data_offsets":[8,16]}}',
           F4, "escapes, surrogate pair, raw UTF-8, blank, empty name")
    st_raw(V, "same_name_prefix_dot_slash.safetensors",
           {"a": T("F32", [1], 0, 4), "a.b": T("F32", [1], 4, 8), "a/b": T("F32", [1], 8, 12), "../x": T("F32", [1], 12, 16)}, F4,
           "names are opaque: '/', '..' mean nothing (but make a conversion to HDF5 groups clash)")
    st_raw(V, "huge_dim_but_zero.safetensors", {"z": T("F32", [0, 4611686018427387904], 0, 0)}, b"", "0 first: running product never overflows")
    st_raw(V, "f4_even.safetensors", {"q": T("F4", [2, 3], 0, 3)}, b"abc", "6 x 4 bits = 3 bytes (shape counts elements, not bytes)")
    st_raw(V, "nan_inf.safetensors", {"w": T("F32", [4], 0, 16)}, struct.pack("<4f", float("nan"), float("inf"), float("-inf"), -0.0), "values are never checked by the format")
    st_raw(V, "bool_not_01.safetensors", {"m": T("BOOL", [4], 0, 4)}, b"\x00\x01\x02\xff", "BOOL bytes other than 0/1 pass the reference: copy, never interpret")
    many = {f"layer.{i}.w": T("F32", [1], 4 * i, 4 * i + 4) for i in range(3000)}
    st_raw(V, "tensors_3000.safetensors", many, bytes(12000), "many small tensors")
    # ---- bad
    def bad(name, header, data, reason, note="", **kw):
        st_raw(B, name, header, data, reason, note, **kw)
    for name, content, why in [
        ("zero_bytes.safetensors", b"", "empty file"),
        ("seven_bytes.safetensors", b"\x02\0\0\0\0\0\0", "shorter than the length word"),
        ("git_lfs_pointer.safetensors", b"version https://git-lfs.github.com/spec/v1\noid sha256:" + b"0" * 64 + b"\nsize 123\n", "a git-lfs pointer: say so in the message"),
        ("html_error_page.safetensors", b"<!DOCTYPE html><html>404</html>", "a saved error page"),
        ("torch_zip.safetensors", b"PK\x03\x04" + bytes(60), "a torch .pt renamed: say so"),
        ("hdf5.safetensors", b"\x89HDF\r\n\x1a\n" + bytes(100), "an HDF5 file renamed: detect by magic, not by suffix"),
    ]:
        p = st_path(B, name)
        open(p, "wb").write(content)
        add(p, "reject", why)
    bad("hdrlen_past_eof.safetensors", one, F4, "length word larger than the file (repo attack 1)", n=1000)
    bad("hdrlen_u64max.safetensors", one, F4, "length 2^64-1: n + 8 overflows", n=2**64 - 1)
    bad("hdrlen_2p63.safetensors", one, F4, "length 2^63: negative as a signed type", n=2**63)
    bad("hdrlen_cap.safetensors", one, F4, "length 100000001 > cap 100000000: refuse before any allocation", n=100000001)
    bad("hdrlen_zero.safetensors", b"", F4, "empty header", pad=False)
    bad("hdrlen_one_short.safetensors", json.dumps(one).encode(), F4, "length cuts the last '}'", pad=False, n=len(json.dumps(one)) - 1)
    bad("not_utf8.safetensors", b'{"\xff":{"dtype":"F32","shape":[2,2],"data_offsets":[0,16]}}', F4, "header is not UTF-8")
    bad("utf8_overlong.safetensors", b'{"\xc0\x80":{"dtype":"F32","shape":[2,2],"data_offsets":[0,16]}}', F4, "overlong UTF-8")
    bad("utf8_surrogate.safetensors", b'{"\xed\xa0\x80":{"dtype":"F32","shape":[2,2],"data_offsets":[0,16]}}', F4, "UTF-8 encoded surrogate")
    bad("bom.safetensors", b"\xef\xbb\xbf" + json.dumps(one).encode(), F4, "byte order mark")
    bad("top_array.safetensors", b"[]", b"", "top level is not an object")
    bad("top_null.safetensors", b"null", b"", "top level is null")
    bad("nul_padding.safetensors", json.dumps(one).encode() + b"\0\0\0", F4, "padding with NUL, not with whitespace", pad=False)
    bad("two_objects.safetensors", json.dumps(one).encode() + b"{}", F4, "garbage after the object")
    bad("trailing_comma.safetensors", b'{"w":{"dtype":"F32","shape":[2,2],"data_offsets":[0,16]},}', F4, "trailing comma")
    bad("single_quotes.safetensors", b"{'w':{'dtype':'F32','shape':[2,2],'data_offsets':[0,16]}}", F4, "python repr, not JSON (json-c accepts it)")
    bad("raw_control_char.safetensors", b'{"w\tx":{"dtype":"F32","shape":[2,2],"data_offsets":[0,16]}}', F4, "raw TAB in a string (json-c and cJSON accept it)")
    bad("lone_surrogate.safetensors", b'{"\\ud800":{"dtype":"F32","shape":[2,2],"data_offsets":[0,16]}}', F4, "lone surrogate escape")
    bad("nul_in_name.safetensors", b'{"w\\u0000x":{"dtype":"F32","shape":[2,2],"data_offsets":[0,16]}}', F4, "NUL in a name",
        "stricter: the reference accepts; a C tool that keeps C strings would merge two names")
    bad("dup_tensor_same.safetensors", b'{"w":{"dtype":"F32","shape":[2,2],"data_offsets":[0,16]},"w":{"dtype":"F32","shape":[2,2],"data_offsets":[0,16]}}', F4,
        "duplicate key, same content", "stricter: README disallows duplicates, the reference (serde flatten) silently keeps the last")
    bad("dup_tensor_shape.safetensors", b'{"w":{"dtype":"F32","shape":[4],"data_offsets":[0,16]},"w":{"dtype":"F32","shape":[2,2],"data_offsets":[0,16]}}', F4,
        "duplicate key, two readers see two shapes", "stricter: the reference keeps the last")
    bad("dup_tensor_escaped.safetensors", b'{"w":{"dtype":"F32","shape":[4],"data_offsets":[0,16]},"\\u0077":{"dtype":"F32","shape":[2,2],"data_offsets":[0,16]}}', F4,
        "duplicate after unescaping", "stricter: the reference keeps the last")
    bad("dup_tensor_other_range.safetensors", b'{"w":{"dtype":"F32","shape":[2],"data_offsets":[0,8]},"w":{"dtype":"F32","shape":[2],"data_offsets":[8,16]}}', F4,
        "duplicate key, disjoint ranges: last wins and leaves a hole")
    bad("dup_metadata.safetensors", b'{"__metadata__":{"a":"1"},"__metadata__":{"a":"2"},"w":{"dtype":"F32","shape":[2,2],"data_offsets":[0,16]}}', F4, "__metadata__ twice")
    bad("dup_metadata_key.safetensors", b'{"__metadata__":{"a":"1","a":"2"},"w":{"dtype":"F32","shape":[2,2],"data_offsets":[0,16]}}', F4, "a metadata key twice",
        "stricter: the reference keeps the last")
    bad("dup_info_field.safetensors", b'{"w":{"dtype":"F32","dtype":"F32","shape":[2,2],"data_offsets":[0,16]}}', F4, "dtype twice in one tensor")
    bad("info_as_array.safetensors", b'{"w":["F32",[2,2],[0,16]]}', F4, "tensor given as an array",
        "stricter: the reference accepts it (serde structs can be read from a sequence); no writer makes it")
    bad("dtype_as_map.safetensors", b'{"w":{"dtype":{"F32":null},"shape":[2,2],"data_offsets":[0,16]}}', F4, "dtype given as {\"F32\":null}",
        "stricter: the reference accepts it (serde enum syntax); no writer makes it")
    bad("unknown_dtype.safetensors", {"w": T("F128", [1], 0, 16)}, F4, "unknown dtype")
    bad("lowercase_dtype.safetensors", {"w": T("f32", [4], 0, 16)}, F4, "dtype is case-sensitive")
    bad("missing_dtype.safetensors", {"w": {"shape": [4], "data_offsets": [0, 16]}}, F4, "no dtype")
    bad("missing_shape.safetensors", {"w": {"dtype": "F32", "data_offsets": [0, 16]}}, F4, "no shape")
    bad("missing_offsets.safetensors", {"w": {"dtype": "F32", "shape": [4]}}, F4, "no data_offsets")
    bad("offsets_three.safetensors", {"w": {"dtype": "F32", "shape": [4], "data_offsets": [0, 16, 16]}}, F4, "three offsets")
    bad("offsets_one.safetensors", {"w": {"dtype": "F32", "shape": [4], "data_offsets": [0]}}, F4, "one offset")
    bad("offsets_swapped.safetensors", {"w": T("F32", [4], 16, 0)}, F4, "end before begin")
    bad("offsets_overlap.safetensors", {"a": T("F32", [3], 0, 12), "b": T("F32", [2], 8, 16)}, F4, "overlap")
    bad("offsets_same_range_x100.safetensors", {f"w{i}": T("F32", [4], 0, 16) for i in range(100)}, F4, "100 tensors on one range (repo attacks 2, 3: memory blow-up)")
    bad("offsets_hole.safetensors", {"a": T("F32", [1], 0, 4), "b": T("F32", [2], 8, 16)}, F4, "hole (polyglot files)")
    bad("offsets_first_not_zero.safetensors", {"a": T("F32", [3], 4, 16)}, F4, "first tensor does not start at 0")
    bad("data_trailing.safetensors", one, F4 + b"extra", "bytes after the last tensor (polyglot)")
    bad("data_truncated.safetensors", one, F4[:-2], "data shorter than the header says (a download cut off)")
    bad("no_tensor_but_data.safetensors", b"{}", b"x", "data with no tensor")
    bad("shape_smaller.safetensors", {"w": T("F32", [3], 0, 16)}, F4, "shape x dtype != range")
    bad("shape_mul_overflow.safetensors", {"w": T("I32", [2, 18446744073709551614], 0, 16)}, F4, "product of dims overflows 64 bits (repo test)")
    bad("shape_bits_overflow.safetensors", {"w": T("I32", [2, 9223372036854775807], 0, 16)}, F4, "elements x bits overflows (repo test)")
    bad("shape_overflow_then_zero.safetensors", {"z": T("F32", [4611686018427387904, 8, 0], 0, 0)}, b"", "overflow before the 0: the reference fails, order matters")
    bad("shape_wraps_to_right_size.safetensors", {"w": T("F32", [4611686018427387905, 4], 0, 16)}, F4, "wraps to exactly 16 bytes in 64-bit arithmetic")
    bad("dim_negative.safetensors", b'{"w":{"dtype":"F32","shape":[-4],"data_offsets":[0,16]}}', F4, "negative dim")
    bad("dim_minus_zero.safetensors", b'{"w":{"dtype":"F32","shape":[-0],"data_offsets":[0,0]}}', b"", "-0 is a float to serde_json")
    bad("dim_float.safetensors", b'{"w":{"dtype":"F32","shape":[4.0],"data_offsets":[0,16]}}', F4, "4.0 is not an integer (cJSON cannot tell)")
    bad("dim_exponent.safetensors", b'{"w":{"dtype":"F32","shape":[4e0],"data_offsets":[0,16]}}', F4, "4e0 is not an integer")
    bad("dim_leading_zero.safetensors", b'{"w":{"dtype":"F32","shape":[04],"data_offsets":[0,16]}}', F4, "leading zero (cJSON accepts)")
    bad("dim_string.safetensors", {"w": T("F32", ["4"], 0, 16)}, F4, "dim as a string")
    bad("dim_null_shape.safetensors", {"w": {"dtype": "F32", "shape": None, "data_offsets": [0, 16]}}, F4, "shape null")
    bad("offset_2p64.safetensors", b'{"w":{"dtype":"F32","shape":[4],"data_offsets":[0,18446744073709551632]}}', F4, "2^64 + 16 as an offset: wraps to 16")
    bad("metadata_number.safetensors", {"__metadata__": {"step": 3}, **one}, F4, "metadata values must be strings")
    bad("metadata_nested.safetensors", {"__metadata__": {"cfg": {"a": "b"}}, **one}, F4, "nested metadata")
    bad("metadata_list.safetensors", {"__metadata__": ["a"], **one}, F4, "metadata as a list")
    bad("metadata_as_tensor.safetensors", {"__metadata__": T("F32", [4], 0, 16)}, F4, "a tensor called __metadata__")
    bad("f4_odd.safetensors", {"q": T("F4", [3], 0, 2)}, b"ab", "12 bits: not a whole number of bytes")
    bad("deep_nesting.safetensors", b'{"w":{"dtype":"F32","shape":[2,2],"data_offsets":[0,16],"x":' + b"[" * 100000 + b"]" * 100000 + b"}}", F4,
        "100000 nested arrays in an unknown field: a recursive skipper overflows the stack")
    # ---- further ones
    deep = lambda k: (b'{"w":{"dtype":"F32","shape":[2,2],"data_offsets":[0,16],"x":' + b"[" * k + b"]" * k + b"}}")
    st_raw(V, "nested_127.safetensors", deep(125), F4, "127 levels: as deep as serde_json goes")
    bad("nested_128.safetensors", deep(126), F4, "128 levels: one too deep")
    st_raw(V, "info_unknown_field_twice.safetensors", b'{"w":{"dtype":"F32","x":1,"shape":[2,2],"x":2,"data_offsets":[0,16]}}', F4,
           "an unknown field twice: both are ignored")
    bad("number_too_large.safetensors", b'{"w":{"dtype":"F32","shape":[2,2],"data_offsets":[0,16],"x":1e999}}', F4, "a number that no double holds, in an ignored field")
    bad("nul_in_metadata_key.safetensors", b'{"__metadata__":{"a\\u0000b":"1"},"w":{"dtype":"F32","shape":[2,2],"data_offsets":[0,16]}}', F4, "NUL in a metadata key",
        "stricter: the reference accepts; a C tool that keeps C strings would merge two keys")
    st_raw(V, "nul_in_metadata_value.safetensors", b'{"__metadata__":{"a":"1\\u00002"},"w":{"dtype":"F32","shape":[2,2],"data_offsets":[0,16]}}', F4, "NUL in a metadata value: any string is one")
    st_raw(V, "belay_first.safetensors", {"__metadata__": {"belay": "{}", "format": "pt"}, **one}, F4, "an average: belay's key is the first of two")
    st_raw(V, "belay_last.safetensors", {"__metadata__": {"format": "pt", "belay": "{}"}, **one}, F4, "an average: belay's key is the last of two")
    st_raw(V, "belay_only.safetensors", {"__metadata__": {"belay": "{}"}, **one}, F4, "an average: belay's key is the only one")
    st_raw(V, "metadata_last.safetensors", {**one, "__metadata__": {"format": "pt"}}, F4, "metadata behind the tensors")
    st_raw(V, "zero_size_last.safetensors", {"z": T("F32", [0], 16, 16), **one}, F4, "an empty tensor at the end of the data")
    st_raw(V, "zero_size_behind.safetensors", {"w": T("F32", [2, 2], 0, 16), "z": T("F32", [0], 0, 0)}, F4,
           "an empty tensor at the start of the data, behind in the header")
    st_raw(V, "escaped_keys.safetensors", b'{"\\u005f_metadata__":{"format":"pt"},"w":{"d\\u0074ype":"F3\\u0032","shape":[2,2],"data_offsets":[0,16]}}', F4,
           "escapes in the names of fields")


def make_shards(kind, name, reason, second=("c",), where=None, shards=(1, 2)):
    """A folder with two shards, a and b in the first, and an index that has c where it is told."""
    d = os.path.join(ROOT, kind, name)
    os.makedirs(d, exist_ok=True)
    for i, names in ((1, ("a", "b")), (2, second)):
        if i not in shards:
            continue
        h = json.dumps({"__metadata__": {"format": "pt"}, **{n: T("F32", [2], 8 * k, 8 * k + 8) for k, n in enumerate(names)}}).encode()
        with open(os.path.join(d, f"model-{i:05d}-of-00002.safetensors"), "wb") as f:
            f.write(struct.pack("<Q", len(h)) + h + bytes(8 * len(names)))
    wm = {n: f"model-{1 + (n == 'c'):05d}-of-00002.safetensors" for n in "abc"}
    wm["c"] = where or wm["c"]
    p = os.path.join(d, "model.safetensors.index.json")
    with open(p, "w") as f:
        json.dump({"metadata": {"total_parameters": 6, "total_size": 24}, "weight_map": wm}, f, indent=2, sort_keys=True)
    add(p, "accept" if kind == "valid" else "reject", reason, "index")


def make_index(name, text, reason):
    """An index alone, which is refused before any shard is looked for."""
    p = st_path("bad", name)
    with open(p, "wb") as f:
        f.write(text)
    add(p, "reject", reason, "index")


def make_sharded():
    make_shards("valid", "sharded_ok", "two shards and model.safetensors.index.json as transformers writes them")
    make_shards("bad", "sharded_missing_shard", "index names a shard that is not there", shards=(1,))
    make_shards("bad", "sharded_path_escape", "weight_map leaves the folder: accept plain file names only", where="../../../../../etc/passwd")
    make_shards("bad", "sharded_wrong_map", "weight_map names a shard that does not hold the tensor", where="model-00001-of-00002.safetensors")
    make_shards("bad", "sharded_extra_tensor", "tensor a is in both shards (the index names one): ambiguous, refuse", ("c", "a"))
    make_shards("bad", "sharded_unmapped", "a tensor of a shard is not in the index", ("c", "d"))
    I = ".safetensors.index.json"
    make_index("index_no_map" + I, b'{"metadata":{}}', "no weight_map")
    make_index("index_two_maps" + I, b'{"weight_map":{},"weight_map":{}}', "weight_map twice")
    make_index("index_list" + I, b'["weight_map"]', "an array")
    make_index("index_map_list" + I, b'{"weight_map":["a"]}', "weight_map is an array")
    make_index("index_number" + I, b'{"weight_map":{"a":1}}', "a number for a file name")
    make_index("index_null" + I, b'{"weight_map":{"a":null}}', "null for a file name")
    make_index("index_empty_name" + I, b'{"weight_map":{"a":""}}', "an empty file name")
    make_index("index_dot_dot" + I, b'{"weight_map":{"a":".."}}', "the folder above")
    make_index("index_absolute" + I, b'{"weight_map":{"a":"/etc/x.safetensors"}}', "an absolute path")
    make_index("index_subfolder" + I, b'{"weight_map":{"a":"sub/x.safetensors"}}', "a path below the folder")
    make_index("index_bin" + I, b'{"weight_map":{"a":"pytorch_model-00001-of-00002.bin"}}', "shards of PyTorch's pickle format")
    make_index("index_keras.json", b'{"metadata":{},"weight_map":{"/layers/a/vars":["m_00000.weights.h5"]}}', "the index of a sharded Keras file")
    make_index("index_tensor_twice" + I, b'{"weight_map":{"a":"x.safetensors","b":"x.safetensors","\\u0061":"y.safetensors"}}', "a tensor twice, once with an escape")
    make_index("index_nul" + I, b'{"weight_map":{"a\\u0000b":"x.safetensors"}}', "NUL in a tensor name")
    make_index("index_nul_in_file" + I, b'{"weight_map":{"a":"x.safetensors\\u0000.bin"}}', "NUL in a file name")
    make_index("index_cut" + I, b'{"metadata":{"total_size":24},"weight_map":{"a":"x.safetensors"', "cut short")
    make_index("index_behind" + I, b'{"weight_map":{}} x', "something behind the object")


if __name__ == "__main__":
    make_safetensors()
    make_sharded()
    with open(os.path.join(ROOT, "manifest.tsv"), "w") as f:
        f.write("file\tverdict\treason\tnote\n")
        for c in CASES:
            f.write("\t".join(c) + "\n")
