#!/usr/bin/env python3
"""Writes loss-cases.safetensors: perceptual losses computed by PyTorch, for PerceptualLossCaseTests.swift. Needs torch, numpy,
pillow, and onnx for the real weights.

    python3 make_loss_cases.py PAINTINGS VGG16.onnx

in this folder. PAINTINGS is a folder with scream.jpg (Munch, 1893) and starry_night.jpg (van Gogh, 1889), both in the public domain;
the file contains small copies. VGG16.onnx is VGG-16 (Simonyan and Zisserman, CC BY 4.0) from `pentimento models fetch vgg16`.
Random weights are the same as LossNetworkWeights.random (Tests/TestSupport). Everything is computed in double precision.

The gradients of ReLU and maximum pooling are discontinuous where activations are 0 or equal, so rounding can change them. Of
many crops of the image, the one whose activations are farthest from such points is used.
"""
import json, struct, sys
import numpy as np, torch, torch.nn.functional as F
from PIL import Image

BLOCKS = {"vgg16": [2, 2, 3, 3, 3], "vgg19": [2, 2, 4, 4, 4]}
CHANNELS = [64, 128, 256, 512, 512]
MEAN = (123.68, 116.779, 103.939)
PAPER = ["relu1_1", "relu2_1", "relu3_1", "relu4_1", "relu5_1"]


def layer_names(kind): return [f"relu{b + 1}_{c + 1}" for b, n in enumerate(BLOCKS[kind]) for c in range(n)]


class SplitMix:
    def __init__(self, seed): self.state = seed

    def next(self, count):
        with np.errstate(over="ignore"):
            x = np.uint64(self.state) + np.arange(1, count + 1, dtype=np.uint64) * np.uint64(0x9E3779B97F4A7C15)
            self.state = int(x[-1])
            x = (x ^ (x >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
            x = (x ^ (x >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
            return x ^ (x >> np.uint64(31))


def random_weights(kind, seed=1):
    generator, inputs, weights = SplitMix(seed), 3, []
    def values(shape, limit):
        unit = (generator.next(int(np.prod(shape))) >> np.uint64(40)).astype(np.float32) * np.float32(2 ** -23) - np.float32(1)
        return torch.from_numpy(unit * limit).double().reshape(shape)
    for name in layer_names(kind):
        outputs = CHANNELS[int(name[4]) - 1]
        weights.append((values((outputs, inputs, 3, 3), np.sqrt(np.float32(6) / np.float32(9 * inputs))), values((outputs,), np.float32(1))))
        inputs = outputs
    return weights


def real_weights(path):
    import onnx, onnx.numpy_helper as helper
    tensors = {t.name: helper.to_array(t) for t in onnx.load(path).graph.initializer}
    return [[torch.from_numpy(tensors[f"functional_1/block{n[4]}_conv{n[6]}_1/{part}:0"].copy()).double()
             for part in ("convolution/ReadVariableOp", "Squeeze")] for n in layer_names("vgg16")]


def channels(values): return torch.tensor(values, dtype=torch.float64).reshape(3, 1, 1)


def unit(x):
    """Blue, green and red in torchvision's normalisation."""
    return ((x + channels(MEAN[::-1])) / 255 - channels([.406, .456, .485])) / channels([.225, .224, .229])


def features(x, kind, weights, pooling, entry, margins=None):
    """Activations by layer. Appends the distances from discontinuities, relative to the root mean square, to margins."""
    x, result = entry(x), {}
    for name, (weight, bias) in zip(layer_names(kind), weights):
        if name.endswith("_1") and name != "relu1_1":
            if margins is not None and pooling == "max":
                four = F.unfold(x.transpose(0, 1), 2, stride=2).topk(2, 1)[0]
                lead = (four[:, 0] - four[:, 1])[four[:, 0] > 0]
                margins.append((lead.min() / (x ** 2).mean().sqrt()).item())
            x = (F.max_pool2d if pooling == "max" else F.avg_pool2d)(x, 2)
        if 0 in x.shape: break
        y = F.conv2d(x, weight, bias, padding=1)
        if margins is not None: margins.append((y.abs().min() / (y ** 2).mean().sqrt()).item())
        x = result[name] = F.relu(y)
    return result


def gram(f):
    f = f.flatten(2)[0]
    return f @ f.T / f.numel()


def network_space(image):
    return (torch.from_numpy(image.astype(np.float64)) - channels(MEAN)).flip(0)[None]


def losses(image, content, styles, content_layers, style_layers, network):
    """Content and style losses of each layer, and the gradients of their sums with respect to the image."""
    x = image.clone().requires_grad_()
    f = network(x)
    with torch.no_grad():
        p = network(content)
        total = sum(weight for _, weight in styles)
        a = {n: sum(weight / total * gram(network(s)[n]) for s, weight in styles) for n in style_layers}
    c = {n: ((f[n] - p[n]) ** 2).mean() for n in content_layers}
    s = {n: ((gram(f[n]) - a[n]) ** 2).mean() for n in style_layers}
    gradients = [torch.autograd.grad(sum(v.values()), x, retain_graph=True)[0] for v in (c, s)]
    return f, c, s, gradients


def main():
    paintings, onnx_path = sys.argv[1:]
    def image(name, width, height, crop=0):
        painting = Image.open(f"{paintings}/{name}.jpg").convert("RGB")
        box = (crop, crop, painting.width - 100 + crop, painting.height - 100 + crop)
        return np.asarray(painting.resize((width, height), Image.BICUBIC, box)).transpose(2, 0, 1)
    cases = [
        ("random16", "vgg16", random_weights("vgg16"), "max", lambda x: x, (33, 21), ["relu4_2"], PAPER),
        ("random19", "vgg19", random_weights("vgg19"), "average", unit, (27, 38),
         ["relu3_4", "relu4_2"], ["relu1_2", "relu2_2", "relu3_3", "relu4_3"]),
        ("real16", "vgg16", real_weights(onnx_path), "max", lambda x: x, (33, 21), ["relu4_2"], PAPER),
    ]
    out = {}
    for name, kind, weights, pooling, entry, (width, height), content_layers, style_layers in cases:
        network = lambda x, margins=None: features(x, kind, weights, pooling, entry, margins)
        def margin(crop):
            margins = []
            with torch.no_grad(): network(network_space(image("scream", width, height, crop)), margins)
            return min(margins)
        best = max(range(100), key=margin)
        print(name, "crop", best, "margin", margin(best))
        images = {"content": image("starry_night", width, height), "image": image("scream", width, height, best),
                   "style1": image("scream", 40, 52), "style2": image("starry_night", 55, 33)}
        for key, value in images.items(): out[f"{name}.{key}"] = value.astype(np.float16)
        spaces = {key: network_space(value) for key, value in images.items()}
        f, c, s, gradients = losses(spaces["image"], spaces["content"], [(spaces["style1"], 1.0), (spaces["style2"], 3.0)],
                                    content_layers, style_layers, network)
        for layer in sorted(set(content_layers + style_layers)):
            values = f[layer].detach().flatten()
            # The maximum, the mean, the root mean square, and 32 evenly spaced values.
            out[f"{name}.{layer}"] = torch.cat([
                torch.stack([values.max(), values.mean(), (values ** 2).mean().sqrt()]),
                values[torch.arange(32) * (len(values) // 32)]]).numpy().astype(np.float32)
        out[f"{name}.contentLosses"] = np.array([v.item() for v in c.values()], np.float32)
        out[f"{name}.styleLosses"] = np.array([v.item() for v in s.values()], np.float32)
        for key, gradient in zip(("contentGradient", "styleGradient"), gradients):
            out[f"{name}.{key}"] = gradient[0].numpy().astype(np.float32)

    header, data = {"__metadata__": {"about": "outputs of make_loss_cases.py, PyTorch " + torch.__version__.split("+")[0]}}, b""
    for name, array in out.items():
        raw = array.tobytes()
        header[name] = {"dtype": {"float16": "F16", "float32": "F32"}[str(array.dtype)], "shape": list(array.shape),
                        "data_offsets": [len(data), len(data) + len(raw)]}
        data += raw
        print(name, list(array.shape), float(np.abs(array.astype(np.float64)).max()))
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 8)
    open("loss-cases.safetensors", "wb").write(struct.pack("<Q", len(text)) + text + data)


if __name__ == "__main__": main()
