#!/usr/bin/env python3
"""Compares the loss network's activations, the losses and their gradients on real images with PyTorch in double precision.

usage: loss_accuracy.py IMAGE CONTENT STYLE --onnx FILE [--release FOLDER]
The losses are those of IMAGE with CONTENT's content, of the same size, and STYLE's style, at IMAGE's width. FILE is VGG-16 as
`pentimento models fetch vgg16` gets it, which must have been done; FOLDER holds pentimento-bench (swift build -c release). Needs torch,
numpy, pillow, onnx and safetensors.

Where rounding puts an activation on the other side of a rectifier's kink, or makes another of a square the largest, the gradient jumps there. So
gradients are compared twice: as they are, and with PyTorch deciding as Pentimento's activations do.
"""
import argparse, os, subprocess, sys, tempfile
import numpy as np, torch, torch.nn.functional as F
from PIL import Image
from safetensors.numpy import load_file, save_file

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "../Tests/NeuralNetTests/Fixtures"))
from make_loss_cases import PAPER, features, gram, layer_names, network_space, real_weights

a = argparse.ArgumentParser()
a.add_argument("pictures", nargs=3)
a.add_argument("--onnx", required=True)
a.add_argument("--release", default=".build/release")
o = a.parse_args()
CONTENT = ["relu4_2"]
weights = real_weights(o.onnx)


def load(path, width=None):
    image = Image.open(path).convert("RGB")
    if width: image = image.resize((width, round(image.height * width / image.width)), Image.BICUBIC)
    return network_space(np.asarray(image).transpose(2, 0, 1)).float()


image, content = (load(path) for path in o.pictures[:2])
style = load(o.pictures[2], image.shape[3])
with tempfile.TemporaryDirectory() as folder:
    save_file({n: np.ascontiguousarray(t[0].numpy()) for n, t in (("image", image), ("content", content), ("style", style))}, folder + "/pictures.safetensors")
    subprocess.check_call([os.path.join(o.release, "pentimento-bench"), "loss-values", folder + "/pictures.safetensors",
                           folder + "/values.safetensors"])
    ours = load_file(folder + "/values.safetensors")


def plain(x, like=None):
    """PyTorch's activations; with `like`, activations that decide where rectifiers and maxima let through."""
    if like is None: return features(x, "vgg16", weights, "max", lambda x: x)
    result, before = {}, None
    for name, (weight, bias) in zip(layer_names("vgg16"), weights):
        if name not in like: break
        if name.endswith("_1") and before is not None:
            places = F.max_pool2d(before, 2, return_indices=True)[1]
            x = x.flatten(2).gather(2, places.flatten(2)).reshape(places.shape)
        before = torch.from_numpy(like[name])[None].double()
        x = result[name] = F.conv2d(x, weight, bias, padding=1) * (before > 0)
    return result


def evaluate(like=None):
    x = image.double().requires_grad_()
    f = plain(x, like)
    with torch.no_grad(): p, s = plain(content.double()), plain(style.double())
    losses = {"content": [((f[n] - p[n]) ** 2).mean() for n in CONTENT],
              "style": [((gram(f[n]) - gram(s[n])) ** 2).mean() for n in PAPER]}
    return f, losses, {n: torch.autograd.grad(sum(v), x, retain_graph=True)[0][0].numpy() for n, v in losses.items()}


def say(name, own, peer):
    difference = np.abs(own - peer)
    print(f"{name}: {np.linalg.norm(difference) / np.linalg.norm(peer):.1e} (by length), {difference.max() / np.abs(peer).max():.1e} "
          f"(largest), {(difference > 1e-4 * np.abs(peer).max()).mean() * 100:.2f} % beyond 1e-4")


f, losses, gradients = evaluate()
print(f"{image.shape[3]}x{image.shape[2]}, differences over the largest or by length over the length:")
for n in sorted(PAPER + CONTENT): say(n, ours[n], f[n][0].detach().numpy())
for n, values in losses.items():
    print(n, "losses:", " ".join(f"{abs(own / peer.item() - 1):.1e}" for own, peer in zip(ours[n + "Losses"].astype(float), values)))
for n, gradient in gradients.items(): say(n + " gradient", ours[n + "Gradient"], gradient)
for n, gradient in evaluate(ours)[2].items(): say(n + " gradient, the same decisions", ours[n + "Gradient"], gradient)
