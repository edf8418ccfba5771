"""Writes tiny.onnx: one initializer of each kind, by the onnx package. Run: python3 make_onnx.py (needs onnx, numpy)."""
import pathlib

import numpy
import onnx
from onnx import TensorProto, helper, numpy_helper

kernel = (numpy.arange(2 * 3 * 3 * 3, dtype=numpy.float32) - 20).reshape(2, 3, 3, 3) / 8
weights = [
    numpy_helper.from_array(kernel, "raw"),
    helper.make_tensor("packed", TensorProto.FLOAT, [2], [0.5, -3.25]),
    numpy_helper.from_array(numpy.array([1, -2.5, 0.125], numpy.float16), "half"),
    numpy_helper.from_array(numpy.array([7], numpy.int64), "whole"),
    numpy_helper.from_array(numpy.float32(4), "scalar"),
]
external = TensorProto(name="external", data_type=TensorProto.FLOAT, dims=[4], data_location=TensorProto.EXTERNAL)
external.external_data.add(key="location", value="elsewhere.bin")
graph = helper.make_graph(
    [helper.make_node("Conv", ["x", "raw", "packed"], ["y"])], "tiny",
    [helper.make_tensor_value_info("x", TensorProto.FLOAT, [1, 3, 8, 8])],
    [helper.make_tensor_value_info("y", TensorProto.FLOAT, None)], weights + [external])
model = helper.make_model(graph, producer_name="make_onnx.py", ir_version=8)
path = pathlib.Path(__file__).with_name("tiny.onnx")
path.write_bytes(model.SerializeToString())
