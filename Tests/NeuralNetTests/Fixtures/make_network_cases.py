#!/usr/bin/env python3
"""Writes network-cases.safetensors: outputs of networks computed by PyTorch, for NetworkCaseTests.swift. Needs torch and numpy.

Weights and inputs come from formulas that the tests compute too (Model.formulaBytes and inputs(width:height:)), or from the
shipped model, so that only outputs are stored. Run in this folder: python3 make_network_cases.py
"""
import json, re, struct
import numpy as np, torch, torch.nn.functional as F

CASES = [  # name, kind, arch, padding, gate, width, height
    ("paper", "video", "c9s1-32,d64,d128,R128,R128,R128,R128,R128,U2,c3s1-64,U2,c9s1-3", "reflect-start", False, 48, 44),
    ("default", "video", "c9s1-12,d20,d24,R24,R24,u20,u12,c9s1-3", "reflect-start", False, 32, 20),
    ("dilated", "video", "c5s1-18,d34,R34d2,c3s1d3-20,U2,c3s1-16,c7s1-4", "reflect", True, 28, 40),
    ("repeated", "image", "c9s1-16,d16,R16,U2,c9s1-3", "replicate", False, 24, 36),
    ("zeros", "video", "c3s2-17,d33,R33,R33,U4,c11s1-3", "zero", False, 40, 24),
    ("unpadded", "video", "c9s1-16,d24,R24,U2,c3s1-16,c5s1-3", "none", False, 24, 28),
    ("uneven", "image", "c9s1-16,d24,d40,R40,U2,c3s1-24,U2,c9s1-3", "reflect-start", False, 29, 23),
    ("skips", "video", "c5s1-12,d16,d24,R24,B2,c3s1-16,+1,B2,c3s1-12,+0,c5s1-4", "replicate", True, 44, 36),
    ("shipped", "video", None, None, None, 52, 44),
]
MULTIPLIER, INCREMENT = 1664525, 1013904223


def states(seed, count):
    values, state = np.empty(count, np.int64), seed
    for i in range(count):
        state = (state * MULTIPLIER + INCREMENT) % 2**32
        values[i] = state
    return values


def formula_tensor(index, name, shape):
    count = int(np.prod(shape))
    scale, offset = np.float32(.25), np.float32(0)
    if name.endswith(".weight"): scale = np.sqrt(np.float32(3) / np.float32(count // shape[0]))
    elif name.endswith(".bias"): scale = np.float32(.1)
    elif name.endswith(".scale"): offset = np.float32(1)
    unit = ((states(1 + index, count) >> 8) % 2001).astype(np.float32) / np.float32(1000) - np.float32(1)
    return torch.from_numpy(unit * scale + offset).reshape(shape)


def inputs(width, height):
    n = width * height
    unit = (states(7, 7 * n) >> 8).astype(np.float32) / np.float32(1 << 24)
    frame = unit[:3 * n] * np.float32(260) + np.float32(-120)
    certainty = (unit[3 * n:4 * n] * 2 - 1 > 0).astype(np.float32)
    prior = (unit[4 * n:] * np.float32(260) + np.float32(-120)) * np.tile(certainty, 3)
    return [torch.from_numpy(v).reshape(1, -1, height, width) for v in (frame, prior, certainty)]


def parse(arch):
    for word in arch.split(","):
        kind, numbers = word[0], [int(n) for n in re.findall(r"\d+", word)]
        if kind == "c": yield "c", numbers[0], numbers[1], numbers[2] if "d" in word else 1, numbers[-1]
        elif kind == "d": yield "c", 3, 2, 1, numbers[0]
        elif kind == "R": yield "R", 3, 1, numbers[1] if len(numbers) > 1 else 1, numbers[0]
        elif kind in "UB+": yield kind, numbers[0]
        elif kind == "u": yield "u", 3, 1, 1, numbers[0]


def formula_weights(arch, channels):
    layers, weights = list(parse(arch)), {}
    def add(name, shape): weights[name] = formula_tensor(len(weights), name, shape)
    for i, layer in enumerate(layers):
        if layer[0] in "UB+": continue
        for part in ["1", "2"] if layer[0] == "R" else [""]:
            add(f"{i}.conv{part}.weight", [layer[4], channels, layer[1], layer[1]])
            add(f"{i}.conv{part}.bias", [layer[4]])
            if i < len(layers) - 1:
                add(f"{i}.norm{part}.scale", [layer[4]])
                add(f"{i}.norm{part}.shift", [layer[4]])
            channels = layer[4]
    return weights


def read(path):
    data = open(path, "rb").read()
    length = struct.unpack("<Q", data[:8])[0]
    header = json.loads(data[8:8 + length])
    meta = header.pop("__metadata__")
    tensors = {}
    for name, entry in header.items():
        begin, end = entry["data_offsets"]
        kind = {"F32": np.float32, "U8": np.uint8}[entry["dtype"]]
        tensors[name] = torch.from_numpy(np.frombuffer(data[8 + length + begin:8 + length + end], kind).reshape(entry["shape"]).copy())
    return meta, tensors


def style(weights, index):
    """The weights of one style of a model with several."""
    return {name: tensor[index] if ".norm" in name or name == "texture" else tensor for name, tensor in weights.items()}


def texture(pixels, width, height):
    """What the network sees in place of a prior: the style's texture at twice its size, in network space."""
    planes = pixels.float().permute(2, 0, 1)[[2, 1, 0]] - torch.tensor([103.939, 116.779, 123.68])[:, None, None]
    return F.interpolate(planes[None], scale_factor=2., mode="bilinear", align_corners=False)[..., :height, :width]


def reflected(x, left, right, top, bottom):
    return F.pad(x, (left, right, top, bottom), mode="reflect")


def network(x, arch, weights, padding):
    layers = list(parse(arch))
    def conv(x, name, stride, dilation, pad):
        weight = weights[name + ".weight"]
        margin = dilation * (weight.shape[-1] - 1) // 2
        if pad in ("reflect", "replicate"): x = F.pad(x, (margin,) * 4, mode=pad)
        zeros = margin if pad in ("zero", "reflect-start") else 0
        return F.conv2d(x, weight, weights[name + ".bias"], stride, zeros, dilation)
    def norm(x, name): return F.instance_norm(x, weight=weights[name + ".scale"], bias=weights[name + ".shift"], eps=1e-5)
    outputs = []
    for i, layer in enumerate(layers):
        if layer[0] == "U": x = F.interpolate(x, scale_factor=float(layer[1]), mode="nearest")
        elif layer[0] == "B": x = F.interpolate(x, scale_factor=float(layer[1]), mode="bilinear", align_corners=False)
        elif layer[0] == "+": x = x + outputs[layer[1]]
        elif layer[0] == "R":
            pad = "none" if padding == "reflect-start" else padding
            y = F.relu(norm(conv(x, f"{i}.conv1", 1, layer[3], pad), f"{i}.norm1"))
            y = norm(conv(y, f"{i}.conv2", 1, layer[3], pad), f"{i}.norm2")
            cut = (x.shape[-1] - y.shape[-1]) // 2
            x = y + x[..., cut:x.shape[-2] - cut, cut:x.shape[-1] - cut]
        else:
            if layer[0] == "u":
                x = F.conv_transpose2d(x, weights[f"{i}.conv.weight"].transpose(0, 1), weights[f"{i}.conv.bias"], 2, 1, 1)
            else: x = conv(x, f"{i}.conv", layer[2], layer[3], padding)
            if i < len(layers) - 1:
                x = norm(x, f"{i}.norm")
                if layers[i + 1][0] != "+": x = F.relu(x)
        outputs.append(x)
    return x


def margin_of(arch, padding):
    """How many input pixels the unpadded convolutions crop on each side."""
    total, scale = 0, 1.0
    for layer in parse(arch):
        if layer[0] in "UB": scale /= layer[1]
        if layer[0] in "UB+": continue
        if layer[0] == "R" and padding in ("reflect-start", "none"): total += 2 * layer[3] * scale
        if layer[0] == "c" and padding == "none": total += layer[3] * (layer[1] - 1) // 2 * scale
        scale = scale * layer[2] if layer[0] == "c" else scale / 2 if layer[0] == "u" else scale
    return int(total)


def image(frame, prior, certainty, kind, arch, padding, gate, weights, coherence=0.):
    height, width = frame.shape[-2:]
    x = torch.cat([frame, prior, certainty], 1) if kind == "video" else frame
    x = reflected(x, 0, -width % 4, 0, -height % 4)
    margin = margin_of(arch, padding)
    # Strides without padding round down: add as many pixels to the right and below as needed, and crop the output.
    right = below = 0
    while True:
        y = network(reflected(x, margin, margin + right, margin, margin + below), arch, weights, padding)
        if y.shape[-1] >= width and y.shape[-2] >= height: break
        right += y.shape[-1] < width
        below += y.shape[-2] < height
    y = y[..., :height, :width]
    result = torch.tanh(y[:, :3]) * 150
    if not gate: return result
    g = torch.sigmoid(y[:, 3:] + coherence) * certainty
    return result * (1 - g) + g * prior


def main():
    outputs = {}
    with torch.no_grad():
        for name, kind, arch, padding, gate, width, height in CASES:
            if arch: weights = formula_weights(arch, 7 if kind == "video" else 3)
            else:
                meta, weights = read("../../../Plugins/GstPentimento/Models/paintings.safetensors")
                weights = style(weights, json.loads(meta["styles"]).index("scream"))
                arch, padding, gate = meta["arch"], meta["padding"], "gate" in meta
            frame, prior, certainty = inputs(width, height)
            nothing = torch.zeros_like(certainty)
            empty = prior * 0
            if name == "shipped":
                empty = texture(weights.pop("texture"), width, height)
                prior = prior + (1 - certainty) * empty
            outputs[name + ".first"] = image(frame, empty, nothing, kind, arch, padding, gate, weights)
            if kind == "video": outputs[name + ".next"] = image(frame, prior, certainty, kind, arch, padding, gate, weights)
            if gate: outputs[name + ".steady"] = image(frame, prior, certainty, kind, arch, padding, gate, weights, 1.5)

    header, data = {"__metadata__": {"about": "outputs of make_network_cases.py, PyTorch " + torch.__version__.split("+")[0]}}, b""
    for name, tensor in outputs.items():
        raw = tensor.numpy().astype("<f4").tobytes()
        header[name] = {"dtype": "F32", "shape": list(tensor.shape), "data_offsets": [len(data), len(data) + len(raw)]}
        data += raw
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 8)
    open("network-cases.safetensors", "wb").write(struct.pack("<Q", len(text)) + text + data)
    for name, tensor in outputs.items(): print(name, list(tensor.shape), float(tensor.abs().max()), float(tensor.std()))


if __name__ == "__main__": main()
