#!/usr/bin/env python3
"""Writes measures.safetensors beside itself: SSIM by scikit-image, warping errors by PyTorch's grid_sample and NumPy, content and
style losses by PyTorch, for MeasurePeerTests.swift.

    python3 Tests/EvaluationTests/Fixtures/make_measures.py [VGG16.safetensors]

Needs torch, numpy and scikit-image. VGG16.safetensors is the file of `pentimento models fetch vgg16`; without it there are no
losses of real weights. Random weights are those of LossNetworkWeights.random (Tests/TestSupport).
"""
import json, pathlib, struct, sys
import numpy as np, torch, torch.nn.functional as F
from skimage.metrics import structural_similarity

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parents[1] / "NeuralNetTests/Fixtures"))
from make_loss_cases import features, gram, layer_names, network_space, random_weights  # noqa: E402

PATHS = {"optimization": (["relu4_2"], [f"relu{b}_1" for b in range(1, 6)]),
         "network": (["relu3_3"], ["relu1_2", "relu2_2", "relu3_3", "relu4_3"])}
rng = np.random.default_rng(11)


def picture(width, height, phase, noise=12.0):
    """Waves with noise, as [3][height][width] in 0...255."""
    y, x = np.mgrid[0:height, 0:width]
    planes = [128 + 60 * np.sin(0.21 * x + 2 * np.sin(0.13 * y + phase + c)) + 40 * np.cos(0.17 * y - 0.05 * x * c + phase)
              for c in range(3)]
    return np.clip(np.round(np.stack(planes) + noise * rng.standard_normal((3, height, width))), 0, 255)


def ssim_cases(out):
    for name, width, height, noise in [("small", 11, 11, 12), ("odd", 37, 29, 12), ("far", 64, 23, 40), ("flat", 29, 41, 0)]:
        one, other = picture(width, height, 0, noise)[0], picture(width, height, 0.4, noise)[1]
        if name == "flat": one, other = one * 0 + 200, other * 0 + 198
        out[f"ssim.{name}.one"], out[f"ssim.{name}.other"] = one.astype(np.float16), other.astype(np.float16)
        value = structural_similarity(one, other, gaussian_weights=True, sigma=1.5, use_sample_covariance=False, data_range=255)
        out[f"ssim.{name}.value"] = np.array([value], np.float32)


def warped(image, flow):
    """[C][H][W] at (x + u, y + v), bilinearly, edge pixels repeated."""
    height, width = flow.shape[1:]
    y, x = np.mgrid[0:height, 0:width]
    grid = torch.from_numpy(np.stack([2 * (x + flow[0]) / (width - 1) - 1, 2 * (y + flow[1]) / (height - 1) - 1], -1))[None]
    return F.grid_sample(torch.from_numpy(image)[None].double(), grid.double(), mode="bilinear", padding_mode="border",
                         align_corners=True)[0].numpy()


def warping_case(out, width=41, height=33):
    """A square moves over a background that zooms a little and leaves the frame to the left."""
    y, x = np.mgrid[0:height, 0:width].astype(np.float64)
    forward = np.stack([-1.7 + 0.02 * (x - 20), 0.6 + 0.02 * (y - 16)])
    backward = -forward * 0.98
    forward[:, 8:20, 10:22] = np.array([3.4, 1.2])[:, None, None]
    backward[:, 9:21, 13:25] = np.array([-3.4, -1.3])[:, None, None]
    forward, backward = forward.astype(np.float32), backward.astype(np.float32)
    earlier, later = picture(width, height, 0.0), picture(width, height, 0.2)
    w, back = forward.astype(np.float64), warped(backward.astype(np.float64), forward.astype(np.float64))
    agrees = ((w + back) ** 2).sum(0) <= 0.01 * ((w ** 2).sum(0) + (back ** 2).sum(0)) + 0.5
    across, down = np.zeros_like(w), np.zeros_like(w)
    across[:, :, :-1] = w[:, :, 1:] - w[:, :, :-1]
    down[:, :-1] = w[:, 1:] - w[:, :-1]
    smooth = (across ** 2 + down ** 2).sum(0) <= 0.01 * (w ** 2).sum(0) + 0.002
    visible = (agrees & smooth).astype(np.float64)
    difference = (warped(later, w) - earlier) / 255
    error = (difference ** 2 * visible).sum() / (3 * visible.sum())
    print("visible", visible.mean(), "warping error", error)
    out["warping.earlier"], out["warping.later"] = earlier.astype(np.float16), later.astype(np.float16)
    out["warping.flow"], out["warping.reverse"] = forward, backward
    out["warping.visible"] = visible.astype(np.float16)
    out["warping.error"] = np.array([error], np.float32)


def real_weights(path):
    data = pathlib.Path(path).read_bytes()
    length = struct.unpack("<Q", data[:8])[0]
    header = json.loads(data[8:8 + length])
    def tensor(name):
        start, end = header[name]["data_offsets"]
        array = np.frombuffer(data[8 + length + start:8 + length + end], np.float32)
        return torch.from_numpy(array.reshape(header[name]["shape"]).copy()).double()
    return [(tensor(f"conv{n[4:]}.weight"), tensor(f"conv{n[4:]}.bias")) for n in layer_names("vgg16")]


def loss_cases(out, weights_by_name, width=40, height=35):
    images = {"frame": picture(width, height, 0), "stylized": picture(width, height, 1.3, 30), "painting": picture(40, 30, 2.1, 5)}
    for key, value in images.items(): out[f"losses.{key}"] = value.astype(np.float16)
    for name, weights in weights_by_name.items():
        with torch.no_grad():
            maps = {key: features(network_space(value), "vgg16", weights, "max", lambda x: x) for key, value in images.items()}
        values = []
        for content, style in PATHS.values():
            values += [sum(((maps["stylized"][n] - maps["frame"][n]) ** 2).mean().item() for n in content),
                       sum(((gram(maps["stylized"][n]) - gram(maps["painting"][n])) ** 2).mean().item() for n in style)]
        print(name, values)
        # Content and style of the optimisation's layers, then of the networks'.
        out[f"losses.{name}"] = np.array(values, np.float32)


def write(out):
    header, data = {"__metadata__": {"about": "outputs of make_measures.py"}}, b""
    for name, array in out.items():
        raw = array.tobytes()
        header[name] = {"dtype": {"float16": "F16", "float32": "F32"}[str(array.dtype)], "shape": list(array.shape),
                        "data_offsets": [len(data), len(data) + len(raw)]}
        data += raw
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 8)
    (HERE / "measures.safetensors").write_bytes(struct.pack("<Q", len(text)) + text + data)


def main():
    out = {}
    ssim_cases(out)
    warping_case(out)
    weights = {"random": random_weights("vgg16")}
    if len(sys.argv) > 1: weights["real"] = real_weights(sys.argv[1])
    loss_cases(out, weights)
    write(out)


if __name__ == "__main__": main()
