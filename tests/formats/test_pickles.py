"""Pickles of arrays: those of every writer are read, and no made-up one runs or fills anything."""

import pickle
import tracemalloc
from collections import OrderedDict
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kinetics_builder.errors import FormatError
from kinetics_builder.formats.pickles import arrays
from kinetics_builder.formats.pickles.arrays import PickledArray, load_arrays

PROTOCOLS = range(pickle.HIGHEST_PROTOCOL + 1)
F8 = b"cnumpy\ndtype\nX\x02\x00\x00\x00f8K\x00K\x01\x87R"
EMPTY_ARRAY = b"cnumpy.core.multiarray\n_reconstruct\ncnumpy\nndarray\nK\x00\x85C\x01b\x87R"


def loaded(folder: Path, data: bytes) -> Any:
    path = folder / "arrays.pkl"
    path.write_bytes(data)
    return load_arrays(path)


def nested(size: int, times: int) -> bytes:
    """Return opcodes for a tuple in tuples, each of them `size` times in the next."""
    if size == 1:
        return b")" + b"\x85" * times
    return b")" + b"q\x00h\x00\x86" * times


@pytest.mark.parametrize("protocol", PROTOCOLS)
@pytest.mark.parametrize("dtype", ["<f4", ">f8", "i8", "u1", "?", "<f2"])
@pytest.mark.parametrize("shape", [(3, 5), (0, 5), (), (2, 3, 4)])
def test_arrays_of_every_protocol_come_back(
    protocol: int, dtype: str, shape: tuple[int, ...], tmp_path: Path
) -> None:
    array = np.arange(np.prod(shape)).reshape(shape).astype(dtype)
    for order in "CF":
        found = loaded(tmp_path, pickle.dumps({"a": np.asarray(array, order=order)}, protocol))  # type: ignore[call-overload]  # C or F
        np.testing.assert_array_equal(found["a"].value, array, strict=True)


@given(
    st.recursive(
        st.one_of(
            st.none(), st.booleans(), st.integers(), st.floats(allow_nan=False), st.text(),
            st.binary(max_size=300),
        ),
        lambda inner: st.one_of(
            st.lists(inner), st.dictionaries(st.text(), inner), st.tuples(inner, inner)
        ),
        max_leaves=20,
    ),
    st.sampled_from(PROTOCOLS),
)  # fmt: skip
@settings(max_examples=150, deadline=None)
def test_plain_values_come_back_as_pickle_gives_them(
    tmp_path_factory: pytest.TempPathFactory, value: object, protocol: int
) -> None:
    assert loaded(tmp_path_factory.mktemp("pickle"), pickle.dumps(value, protocol)) == value


def test_a_dictionary_in_order_comes_back(tmp_path: Path) -> None:
    for protocol in PROTOCOLS:
        data = pickle.dumps(OrderedDict(b=1, a=2), protocol)
        assert list(loaded(tmp_path, data).items()) == [("b", 1), ("a", 2)]


def test_a_text_pickle_of_python_2_is_read(tmp_path: Path) -> None:
    data = (
        b"(dp0\nS'v,0902'\np1\ncnumpy.core.multiarray\n_reconstruct\np2\n(cnumpy\nndarray\np3\n"
        b"(I0\ntS'b'\ntRp4\n(I1\n(I1\ntcnumpy\ndtype\np5\n(S'f8'\nI0\nI1\ntRp6\n"
        b"(I3\nS'<'\nNNNI-1\nI-1\nI0\ntbI00\nS'\\x00\\x00\\x00\\x00\\x00\\x00\\xf8?'\ntbs."
    )
    assert loaded(tmp_path, data)["v,0902"].value.tolist() == [1.5]


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"cos\nsystem\n(S'true'\ntR.", "it names os.system"),
        (b"\x80\x04\x8c\x05posix\x8c\x06system\x93\x8c\x04true\x85R.", "it names posix.system"),
        (b"cbuiltins\neval\n(S'1'\ntR.", "it names builtins.eval"),
        (b"\x80\x04\x8c\x05numpy\x8c\x0fcore.multiarray\x93.", "it names numpy.core.multiarray"),
        (b"\x80\x04K\x01K\x02\x93.", "by what is no text"),
        (b"(S'true'\nios\nsystem\n.", "the opcode INST"),
        (b"(cnumpy\nndarray\no.", "the opcode OBJ"),
        (b"\x80\x02cnumpy\nndarray\n)\x81.", "the opcode NEWOBJ"),
        (b"\x80\x02\x82\x01.", "the opcode EXT1"),
        (b"\x80\x02\x84\x01\x00\x00\x00.", "the opcode EXT4"),
        (b"Pan id\n.", "the opcode PERSID"),
        (b"\x80\x02K\x01Q.", "the opcode BINPERSID"),
        (b"\x80\x05\x97.", "the opcode NEXT_BUFFER"),
        (b"\x80\x04(\x91.", "the opcode FROZENSET"),
        (b"\xff.", "the opcode ff"),
        (b"\x80\x02K\x01)R.", "calls what is no name"),
        (b"\x80\x02c_codecs\nencode\nK\x01R.", "calls what is no name"),
        (b"\x80\x02c_codecs\nencode\n)R.", "missing 2 required"),
        (b"\x80\x02c_codecs\nencode\nN}X\x0c\x00\x00\x00__defaults__)s\x86b.", "gives a state"),
        (b"\x80\x02cnumpy\nndarray\nN}X\x04\x00\x00\x00fill)s\x86b.", "gives a state"),
        (b"\x80\x02" + F8 + b"K\x01b.", "not subscriptable"),
        (b"\x80\x02" + EMPTY_ARRAY + b"K\x01b.", "cannot unpack"),
        (b"\x80\x02}]K\x01s.", "it has a list as a key"),
        (b"\x80\x02(]K\x01d.", "it has a list as a key"),
        (b"\x80\x02ccollections\nOrderedDict\n])K\x01\x86a\x85R.", "it has a tuple as a key"),
        (b"\x80\x02K\x01K\x02a.", "appends to what is no list"),
        (b"\x80\x02K\x01K\x02K\x03s.", "what is no dictionary"),
        (b"\x80\x02h\x07.", "recalls number 7"),
        (b"\x80\x02X\xff\xff\xff\xffabc", "not read past byte 10: it is cut off"),
        (b"\x80\x04\x8e\xff\xff\xff\xff\xff\xff\xff\xffabc", "it is cut off"),
        (b"\x80\x02\x8b\xff\xff\xff\x7f\x01.", "it is cut off"),
        (b"I" + b"9" * 5000 + b"\n.", "Exceeds the limit"),
        (b"\x80\x02.", "pop from empty list"),
        (b"\x80\x02t.", "pop from empty list"),
        (b"\x80\x02\x86.", "more values than there are"),
        (b"", "it is cut off"),
    ],
)  # fmt: skip
def test_what_is_no_array_is_refused(data: bytes, message: str, tmp_path: Path) -> None:
    with pytest.raises(FormatError, match=message) as refused:
        loaded(tmp_path, data)
    assert "nothing in it was executed" in str(refused.value)
    assert arrays._encode.__defaults__ is None


@pytest.mark.parametrize(
    ("shape", "dtype", "numbers"),
    [
        (b"(J\xff\xff\xff\x7fJ\xff\xff\xff\x7ft", F8, b"C\x00"),
        (b"J\xff\xff\xff\xff\x85", F8, b"C\x08" + bytes(8)),
        (b"K\x02\x85", F8, b"C\x08" + bytes(8)),
        (b"(" + b"K\x01" * 9 + b"t", F8, b"C\x08" + bytes(8)),
        (nested(1, 5), F8, b"C\x08" + bytes(8)),
        (b"K\x01", F8, b"C\x08" + bytes(8)),
        (b"K\x01\x85", b"N", b"C\x08" + bytes(8)),
        (b"K\x01\x85", F8.replace(b"f8", b"O8"), b"C\x08" + bytes(8)),
        (b"K\x01\x85", F8.replace(b"f8", b"f7"), b"C\x08" + bytes(8)),
        (b"K\x01\x85", F8, b"]"),
    ],
)
def test_an_array_that_is_made_up_is_refused(
    shape: bytes, dtype: bytes, numbers: bytes, tmp_path: Path
) -> None:
    data = b"\x80\x03" + EMPTY_ARRAY + b"(K\x01" + shape + dtype + b"\x89" + numbers + b"tb."
    with pytest.raises(FormatError, match="nothing in it was executed"):
        loaded(tmp_path, data)


@pytest.mark.few("deep")
@pytest.mark.parametrize("make", [nested(1, 300_000), nested(2, 60)], ids=["deep", "doubled"])
def test_a_small_pickle_of_tuples_in_tuples_takes_little(make: bytes, tmp_path: Path) -> None:
    order = b"\x80\x02" + F8 + b"(K\x03" + make + b"NNNK\x00K\x00K\x00tb."
    code = b"\x80\x02cnumpy\ndtype\n" + make + b"\x85R."
    tracemalloc.start()
    try:
        loaded(tmp_path, order)
        loaded(tmp_path, code)
        with pytest.raises(FormatError, match="it has a tuple as a key"):
            loaded(tmp_path, b"\x80\x02}" + make + b"K\x01s.")
        assert tracemalloc.get_traced_memory()[1] < 60e6
    finally:
        tracemalloc.stop()


def test_a_memo_of_the_highest_number_takes_little(tmp_path: Path) -> None:
    tracemalloc.start()
    try:
        assert loaded(tmp_path, b"\x80\x02}r\xff\xff\xff\xff.") == {}
        assert tracemalloc.get_traced_memory()[1] < 1e6
    finally:
        tracemalloc.stop()


@given(st.binary(min_size=1, max_size=30), st.integers(0, 10_000), st.sampled_from(PROTOCOLS))
@settings(max_examples=200, deadline=None)
def test_no_damage_is_more_than_an_error(
    tmp_path_factory: pytest.TempPathFactory, junk: bytes, at: int, protocol: int
) -> None:
    whole = pickle.dumps({"a": np.ones((2, 5)), "b": np.arange(3)}, protocol)
    at %= len(whole)
    try:
        loaded(tmp_path_factory.mktemp("pickle"), whole[:at] + junk + whole[at + len(junk) :])
    except FormatError as error:
        assert "arrays.pkl is not read past byte" in str(error)


def test_arrays_are_told_from_plain_values(tmp_path: Path) -> None:
    found = loaded(tmp_path, pickle.dumps([np.ones(2), [1.0, 1.0]]))
    assert [isinstance(one, PickledArray) for one in found] == [True, False]
