#!/usr/bin/env python3
"""make_cases.py - writes PyTorch files (.pt), sound ones and such as have been used to attack their
readers, and manifest.tsv. belay reads none of them: it says what they are and what to do.

usage: make_cases.py FOLDER
"""
import os
import struct
import sys
import zipfile

ROOT = sys.argv[1]
CASES = []
DATA = struct.pack("<4f", 0, 1, 2, 3)


def mk(kind, name, body, storages, reason, method=zipfile.ZIP_STORED, prefix="a"):
    """As torch.save lays it out: a zip file with a pickle, and a member for each storage."""
    d = os.path.join(ROOT, kind)
    os.makedirs(d, exist_ok=True)
    with zipfile.ZipFile(os.path.join(d, name + ".pt"), "w", method) as z:
        z.writestr(prefix + "/data.pkl", body)
        z.writestr(prefix + "/byteorder", "little")
        z.writestr(prefix + "/version", "3\n")
        for k, v in storages.items():
            z.writestr(f"{prefix}/data/{k}", v)
    CASES.append([f"{kind}/{name}.pt", "foreign", reason])


def number(x):
    return b"J" + struct.pack("<i", x) if abs(x) < 2**31 else b"\x8a\x08" + struct.pack("<q", x)


def text(t):
    return b"X" + struct.pack("<I", len(t)) + t.encode()


def numbers(seq):
    return b"(" + b"".join(map(number, seq)) + b"t"


def tens(key, numel, off, size, stride, typ="FloatStorage"):
    """A call of _rebuild_tensor_v2."""
    return (b"ctorch._utils\n_rebuild_tensor_v2\n((" + text("storage") + b"ctorch\n" + typ.encode()
            + b"\n" + text(key) + text("cpu") + number(numel) + b"tQ" + number(off) + numbers(size)
            + numbers(stride) + b"\x89ccollections\nOrderedDict\n)RtR")


def sd(*items):
    """A state_dict."""
    return (b"\x80\x02ccollections\nOrderedDict\n)R(" + b"".join(text(k) + v for k, v in items)
            + b"u.")


def make_pt():
    w = tens("0", 4, 0, [2, 2], [2, 1])
    mk("valid", "ok", sd(("w", w)), {"0": DATA}, "smallest state_dict")
    mk("valid", "tied", sd(("a", w), ("b", w)), {"0": DATA}, "two names, one storage: tied weights")
    mk("valid", "transposed", sd(("w", tens("0", 4, 0, [2, 2], [1, 2]))), {"0": DATA}, "a view that is not contiguous")
    mk("valid", "slice", sd(("w", tens("0", 4, 1, [2], [1]))), {"0": DATA}, "view with an offset into a larger storage")
    mk("valid", "nested", b"\x80\x02}(" + text("state_dict") + sd(("w", w))[2:-1] + text("epoch") + b"K\x03u.", {"0": DATA}, "state_dict below a key (Lightning: state_dict, timm: state_dict/state_dict_ema, others: model, model_state_dict, net)")
    mk("valid", "unknown_class_beside_weights", sd(("w", w), ("cfg", b"cmymod\nConfig\n)R")), {"0": DATA}, "an unknown class beside the weights (args, hyper_parameters)")
    mk("bad", "view_past_storage", sd(("w", tens("0", 4, 0, [4, 2], [2, 1]))), {"0": DATA}, "size x stride reaches past the storage")
    mk("bad", "offset_past_storage", sd(("w", tens("0", 4, 3, [2], [1]))), {"0": DATA}, "offset + extent past the storage")
    mk("bad", "negative_offset", sd(("w", tens("0", 4, -1, [2], [1]))), {"0": DATA}, "negative storage offset")
    mk("bad", "negative_stride", sd(("w", tens("0", 4, 3, [4], [-1]))), {"0": DATA}, "negative stride")
    mk("bad", "negative_size", sd(("w", tens("0", 4, 0, [-4], [1]))), {"0": DATA}, "negative size")
    mk("bad", "stride_overflow", sd(("w", tens("0", 4, 0, [2], [2**62]))), {"0": DATA}, "(size-1) x stride overflows")
    mk("bad", "expand_bomb", sd(("w", tens("0", 4, 0, [1 << 40], [0]))), {"0": DATA}, "stride 0: 4 TiB logical from 16 bytes")
    mk("bad", "numel_larger", sd(("w", tens("0", 400, 0, [2, 2], [2, 1]))), {"0": DATA}, "declared numel > zip record (CVE-2026-24747, second part)")
    mk("bad", "numel_smaller", sd(("w", tens("0", 2, 0, [2], [1]))), {"0": DATA}, "declared numel < zip record")
    mk("bad", "missing_record", sd(("w", tens("9", 4, 0, [4], [1]))), {"0": DATA}, "storage record is not in the zip")
    mk("bad", "key_path_escape", sd(("w", tens("../../x", 4, 0, [4], [1]))), {"0": DATA}, "storage key is not a plain number")
    mk("bad", "two_dtypes_one_storage", sd(("a", tens("0", 4, 0, [4], [1])), ("b", tens("0", 8, 0, [8], [1], "HalfStorage"))), {"0": DATA}, "one storage seen under two dtypes")
    mk("bad", "os_system", b"\x80\x02cposix\nsystem\n" + text("true") + b"\x85R.", {}, "the classic: GLOBAL posix system + REDUCE; result is no state_dict")
    mk("bad", "setitem_on_list", b"\x80\x02](K\x00K\x01u.", {}, "SETITEMS on a list (CVE-2026-24747, first part)")
    mk("bad", "memo_missing", b"\x80\x02h\x05.", {}, "BINGET of a slot never put")
    mk("bad", "memo_index_4g", b"\x80\x02}r\xff\xff\xff\xff.", {}, "LONG_BINPUT 2^32-1: a dense memo array would take 32 GiB")
    mk("bad", "stack_underflow", b"\x80\x02\x86.", {}, "TUPLE2 on an empty stack")
    mk("bad", "mark_missing", b"\x80\x02t.", {}, "TUPLE without MARK")
    mk("bad", "no_stop", b"\x80\x02}", {}, "no STOP")
    mk("bad", "string_4g", b"\x80\x02X\xff\xff\xff\xffabc.", {}, "BINUNICODE with length 2^32-1")
    mk("bad", "self_containing_list", b"\x80\x02]q\x00h\x00a.", {}, "a list that contains itself: recursive free or print loops for ever")
    mk("bad", "deep_200000", b"\x80\x02" + b"]" * 200000 + b"a" * 199999 + b".", {}, "200000 nested lists: recursion in free/print")
    mk("bad", "dup_name", sd(("w", tens("0", 4, 0, [2], [1])), ("w", tens("0", 4, 2, [2], [1]))), {"0": DATA}, "one key twice in the dict")
    mk("bad", "deflated", sd(("w", w)), {"0": DATA * 1000}, "re-zipped with compression (torch.save never compresses), and a record of another size", method=zipfile.ZIP_DEFLATED)
    with open(os.path.join(ROOT, "bad", "legacy_not_zip.pt"), "wb") as f:
        f.write(b"\x80\x02\x8a\nl\xfc\x9cF\xf9 j\xa8P\x19.\x80\x02M\xe9\x03.")
    CASES.append(["bad/legacy_not_zip.pt", "foreign", "a stream of before torch 1.6, no zip file"])


if __name__ == "__main__":
    make_pt()
    with open(os.path.join(ROOT, "manifest.tsv"), "w") as f:
        f.write("file\tverdict\treason\n")
        for c in CASES:
            f.write("\t".join(c) + "\n")
