"""Values as bytes and back without running anything: JSON says how they hang together, numpy holds the arrays.

Only plain values, arrays of numbers and dataclasses from a closed list. What is read comes back as it was, its types
included, so that a number taken from a file goes on as one that has just been computed.
"""

from __future__ import annotations

import io
import json
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from sim.experiments.storage.checksum import DamagedError
from sim.locale.language import said

Classes = Mapping[str, type[Any]]
PLAIN = (bool, int, float, str, type(None))
TREE = "tree"  # name of the JSON among the arrays


def listed(*classes: type[Any]) -> Classes:
    """A closed list of dataclasses, by name."""
    return {one.__name__: one for one in classes}


def encode(value: Any, classes: Classes) -> bytes:
    """An npz file of a value. Raises ``TypeError`` for anything that is not listed."""
    arrays: list[npt.NDArray[Any]] = []
    tree = json.dumps(_packed(value, classes, arrays)).encode()
    buffer = io.BytesIO()
    content: dict[str, Any] = {TREE: np.frombuffer(tree, np.uint8)}
    content |= {f"{i}": array for i, array in enumerate(arrays)}
    np.savez_compressed(buffer, **content)
    return buffer.getvalue()


def decode(data: bytes, classes: Classes) -> Any:
    """The value again. Raises ``DamagedError`` for anything that ``encode`` does not write."""
    try:
        with np.load(io.BytesIO(data), allow_pickle=False) as arrays:
            return _unpacked(json.loads(arrays[TREE].tobytes()), classes, arrays)
    except Exception as error:  # the file may be anything, and what reads it may raise anything
        raise DamagedError(said("own.not_held", said=error)) from None


def _packed(value: Any, classes: Classes, arrays: list[npt.NDArray[Any]]) -> Any:
    if type(value) in PLAIN:
        return value
    if isinstance(value, np.ndarray | np.generic):
        array = np.asarray(value)
        if array.dtype.kind not in "biuf":
            raise TypeError(f"an array of {array.dtype} cannot be kept")
        arrays.append(array)
        return {"array" if isinstance(value, np.ndarray) else "number": f"{len(arrays) - 1}"}
    if type(value) in (list, tuple):
        return {type(value).__name__: [_packed(one, classes, arrays) for one in value]}
    if type(value) is dict:
        return {"dict": [[_packed(one, classes, arrays) for one in pair] for pair in value.items()]}
    name = type(value).__name__
    if is_dataclass(value) and classes.get(name) is type(value):
        own = {field.name: getattr(value, field.name) for field in fields(value)}
        return {"class": name, "fields": {key: _packed(one, classes, arrays) for key, one in own.items()}}
    raise TypeError(f"a value of type {name} cannot be kept")


def _unpacked(node: Any, classes: Classes, arrays: Mapping[str, npt.NDArray[Any]]) -> Any:
    match node:
        case {"array": str(name)}:
            return arrays[name]
        case {"number": str(name)}:
            return arrays[name][()]
        case {"list": [*inner]}:
            return [_unpacked(one, classes, arrays) for one in inner]
        case {"tuple": [*inner]}:
            return tuple(_unpacked(one, classes, arrays) for one in inner)
        case {"dict": [*pairs]}:
            return {_unpacked(k, classes, arrays): _unpacked(v, classes, arrays) for k, v in pairs}
        case {"class": str(name), "fields": {**own}}:
            return classes[name](**{str(key): _unpacked(one, classes, arrays) for key, one in own.items()})
        case bool() | int() | float() | str() | None:
            return node
    raise ValueError(f"{str(node)[:80]} is not a value")
