#!/usr/bin/env python3
"""Writes training-gradients.safetensors: the gradients of whole networks computed by PyTorch, for TrainingGradientTests.swift.
Needs torch and numpy.

Weights and inputs come from the formulas of make_network_cases.py. The loss is the sum of output times frame /
100. All gradients of small networks are stored; of the default network, for each tensor, the gradient's norm and its inner
product with the formula's values of another seed. Computed in double precision. Run in this folder: python3 make_training_gradients.py
"""
import json, struct
import numpy as np, torch
import make_network_cases as cases

CASES = [  # name, kind, arch, padding, gate, width, height, whether all is stored
    ("gated", "video", "c5s1-6,d10,R10,U2,c3s1-7,c5s1-4", "replicate", True, 28, 20, True),
    ("first", "video", "c5s1-6,d10,R10,U2,c3s1-7,c5s1-4", "replicate", True, 28, 20, True),
    ("image", "image", "c3s1-6,d8,R8,R8,u6,c3s1-3", "zero", False, 24, 28, True),
    ("dilated", "video", "c3s1d2-9,R9d2,c3s1-3", "reflect", False, 24, 20, True),
    ("cropped", "video", "c3s1-5,d6,d8,R8,U4,c3s1-3", "reflect-start", False, 25, 23, True),
    ("skips", "video", "c5s1-6,d8,d10,R10,B2,c3s1-8,+1,B2,c3s1-6,+0,c5s1-4", "replicate", True, 28, 20, True),
    ("first-default", "video", "c9s1-16,d32,d64,R64,R64,R64,R64,R64,U2,c3s1-32,U2,c9s1-4", "replicate", True, 48, 44, False),
    ("default", "video", "c5s1-8,d24,d48,R48,R48,R48,R48,B2,c3s1-24,+1,B2,c5s1-4", "replicate", True, 48, 44, False),
]


def main():
    outputs = {}
    for name, kind, arch, padding, gate, width, height, is_whole in CASES:
        weights = cases.formula_weights(arch, 7 if kind == "video" else 3)
        weights = {key: value.double().requires_grad_() for key, value in weights.items()}
        frame, prior, certainty = [v.double() for v in cases.inputs(width, height)]
        if name == "first": prior, certainty = prior * 0, certainty * 0
        image = cases.image(frame, prior, certainty, kind, arch, padding, gate, weights)
        (image * frame / 100).sum().backward()
        for index, (key, weight) in enumerate(weights.items()):
            gradient = weight.grad
            if not is_whole:
                other = cases.formula_tensor(1000 + index, ".weight", list(weight.shape)).double()
                gradient = torch.stack([gradient.norm(), (gradient * other).sum()])
            outputs[f"{name}/{key}"] = gradient
    header, data = {"__metadata__": {"about": "outputs of make_training_gradients.py, PyTorch " + torch.__version__.split("+")[0]}}, b""
    for name, tensor in outputs.items():
        raw = tensor.numpy().astype("<f4").tobytes()
        header[name] = {"dtype": "F32", "shape": list(tensor.shape), "data_offsets": [len(data), len(data) + len(raw)]}
        data += raw
    text = json.dumps(header, separators=(",", ":")).encode()
    text += b" " * (-len(text) % 8)
    open("training-gradients.safetensors", "wb").write(struct.pack("<Q", len(text)) + text + data)
    print(len(outputs), "tensors,", len(data), "bytes")


if __name__ == "__main__": main()
