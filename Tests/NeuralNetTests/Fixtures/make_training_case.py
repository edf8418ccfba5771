#!/usr/bin/env python3
"""Writes training-case.safetensors: the losses of a training in PyTorch, for TrainingCaseTests.swift. Needs torch, numpy, pillow,
onnx.

    python3 make_training_case.py PAINTINGS VGG16.onnx

in this folder; both arguments are those of make_loss_cases.py. A small gated network is trained for twenty steps of Adam on
one batch: two frames with a partly uncertain prior, and one without. Parameters are scaled as in NetworkParameters: the last
layer's are multiplied by 256, those of its gate by 32. Everything is computed in double precision, with the tests' random
loss network and with the real one.
"""
import json, struct, sys
import numpy as np, torch, torch.nn.functional as F
from PIL import Image
from make_loss_cases import features, gram, network_space, random_weights, real_weights
from make_network_cases import formula_weights, network

ARCH, PADDING, SIZE, STEPS, RATE = "c9s1-6,d10,R10,U2,c9s1-4", "replicate", 32, 20, 2e-3
CONTENT, STYLE = ["relu3_3"], ["relu1_2", "relu2_2", "relu3_3", "relu4_3"]
WEIGHTS = dict(content=1, style=12, pixel=500, variation=.05)


def start():
    """Weights and biases initialised like PyTorch's convolutions, those of the gate 0; scale 1 and shift 0."""
    generator, parameters, limit = np.random.default_rng(4), {}, 0
    for name, tensor in formula_weights(ARCH, 7).items():
        if name.endswith(".weight"): limit = tensor[0].numel() ** -.5
        value = generator.uniform(-limit, limit, tensor.shape)
        if name.endswith(".scale"): value = np.ones(tensor.shape)
        if name.endswith(".shift"): value = np.zeros(tensor.shape)
        if name.startswith("4."): value[3:] = 0
        parameters[name] = torch.from_numpy(value.astype(np.float32))
    return parameters


def stylize(parameters, frames, priors, certainty):
    y = network(torch.cat([frames, priors, certainty], 1), ARCH, parameters, PADDING)
    g = torch.sigmoid(y[:, 3:] / 32) * certainty
    return torch.tanh(y[:, :3] / 256) * 150 * (1 - g) + g * priors


def losses(images, frames, priors, certainty, style, weights):
    def look(image): return features(image, "vgg16", weights, "max", lambda x: x)
    found = [look(p[None]) for p in images]
    with torch.no_grad(): content, target = [look(f[None]) for f in frames], look(style)
    mean = lambda values: sum(values) / len(images)
    return {"content": mean([F.mse_loss(f[n], c[n]) for f, c in zip(found, content) for n in CONTENT]),
            "style": mean([F.mse_loss(gram(f[n]), gram(target[n])) for f in found for n in STYLE]),
            "pixel": (certainty * (images - priors) ** 2).mean(),
            "variation": (images.diff(dim=2) ** 2).mean() + (images.diff(dim=3) ** 2).mean()}


def main():
    paintings, onnx_path = sys.argv[1:]
    def image(name, size, left, top, side):
        """A square crop; position and side are in hundredths of the painting's shorter side."""
        painting = Image.open(f"{paintings}/{name}.jpg").convert("RGB")
        left, top, side = (n * min(painting.size) / 100 for n in (left, top, side))
        return np.asarray(painting.resize((size, size), Image.BICUBIC, (left, top, left + side, top + side))).transpose(2, 0, 1)
    images = {"frame1": image("starry_night", SIZE, 10, 10, 40), "frame2": image("starry_night", SIZE, 70, 40, 30),
               "frame3": image("starry_night", SIZE, 40, 5, 60), "prior1": image("scream", SIZE, 10, 20, 30),
               "prior2": image("scream", SIZE, 40, 60, 40), "style": image("scream", 48, 5, 10, 80)}
    certainty = np.ones((2, SIZE, SIZE))
    certainty[0, 5:15, 8:] = 0
    certainty[1, :, 20:] = .25
    out = {name: value.astype(np.float16) for name, value in images.items()} | {"certainty": certainty.astype(np.float16)}
    parameters = start()
    out["parameters"] = torch.cat([p.flatten() for p in parameters.values()]).numpy()
    space = {name: network_space(value) for name, value in images.items()}
    certain = torch.from_numpy(np.concatenate([certainty, np.zeros((1, SIZE, SIZE))]))[:, None]
    frames = torch.cat([space["frame1"], space["frame2"], space["frame3"]])
    priors = torch.cat([space["prior1"], space["prior2"], torch.zeros_like(space["prior1"])]) * certain
    for name, weights in (("random", random_weights("vgg16")), ("real", real_weights(onnx_path))):
        own = {key: value.double().requires_grad_() for key, value in parameters.items()}
        adam, rows = torch.optim.Adam(own.values(), RATE), []
        for step in range(STEPS):
            found = losses(stylize(own, frames, priors, certain), frames, priors, certain, space["style"], weights)
            adam.zero_grad()
            sum(WEIGHTS[key] * value for key, value in found.items()).backward()
            adam.step()
            rows.append([value.item() for value in found.values()])
            print(name, step, " ".join(f"{key} {value.item():.5g}" for key, value in found.items()))
        out[f"{name}Losses"] = np.array(rows, np.float32)

    header, data = {"__metadata__": {"about": "outputs of make_training_case.py, PyTorch " + torch.__version__.split("+")[0]}}, b""
    for name, array in out.items():
        raw = array.tobytes()
        header[name] = {"dtype": {"float16": "F16", "float32": "F32"}[str(array.dtype)], "shape": list(array.shape),
                        "data_offsets": [len(data), len(data) + len(raw)]}
        data += raw
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 8)
    open("training-case.safetensors", "wb").write(struct.pack("<Q", len(text)) + text + data)


if __name__ == "__main__": main()
