#!/usr/bin/env python3
"""Times the measures of `pentimento evaluate` beside Python's usual ones: Pillow, scikit-image, OpenCV and PyTorch on the CPU, on the
first pictures of two folders, in milliseconds per frame.

usage: measures.py STYLIZED FRAMES PAINTING --network VGG16.safetensors [--release FOLDER] [--count 8]
FOLDER holds pentimento-bench, VGG16.safetensors is what `pentimento models fetch vgg16` wrote. Needs numpy, pillow, opencv, torch and
scikit-image.
"""
import argparse, json, os, pathlib, struct, subprocess, time
import cv2, numpy as np, torch, torch.nn.functional as F
from PIL import Image
from skimage.metrics import structural_similarity

a = argparse.ArgumentParser()
a.add_argument("stylized"), a.add_argument("frames"), a.add_argument("painting")
a.add_argument("--network", required=True)
a.add_argument("--release", default=".build/release")
a.add_argument("--count", type=int, default=8)
o = a.parse_args()
torch.set_num_threads(len(os.sched_getaffinity(0)))
torch.set_grad_enabled(False)
CONTENT = {"4_2", "3_3"}
STYLE = {"1_1", "2_1", "3_1", "4_1", "5_1", "1_2", "2_2", "3_3", "4_3"}


def read_network(path):
    data = pathlib.Path(path).read_bytes()
    length = struct.unpack("<Q", data[:8])[0]
    header = json.loads(data[8:8 + length])
    def tensor(name):
        start, end = header[name]["data_offsets"]
        return torch.frombuffer(bytearray(data[8 + length + start:8 + length + end]), dtype=torch.float32).reshape(header[name]["shape"])
    return {name[4:]: tensor(name) for name in header if name.startswith("conv")}


weights = read_network(o.network)


def features(image):
    x = torch.from_numpy(image[..., ::-1].copy()).permute(2, 0, 1)[None].float() - torch.tensor([103.939, 116.779, 123.68]).reshape(1, 3, 1, 1)
    result = {}
    for block, count in enumerate([2, 2, 3, 3, 1], 1):
        if block > 1: x = F.max_pool2d(x, 2)
        for name in (f"{block}_{i}" for i in range(1, count + 1)):
            x = F.relu(F.conv2d(x, weights[name + ".weight"], weights[name + ".bias"], padding=1))
            if name in CONTENT | STYLE: result[name] = x
    return result


def gram(x):
    x = x.flatten(2)[0]
    return x @ x.T / x.numel()


def warp(image, flow):
    height, width = flow.shape[1:]
    y, x = torch.meshgrid(torch.arange(height), torch.arange(width), indexing="ij")
    grid = torch.stack([2 * (x + flow[0]) / (width - 1) - 1, 2 * (y + flow[1]) / (height - 1) - 1], -1)[None]
    return F.grid_sample(image, grid, padding_mode="border", align_corners=True)


def warping_error(one, other, flow, reverse):
    back = warp(reverse[None], flow)[0]
    squared = (flow ** 2).sum(0)
    visible = ((flow + back) ** 2).sum(0) <= .01 * (squared + (back ** 2).sum(0)) + .5
    across, down = F.pad(flow[:, :, 1:] - flow[:, :, :-1], (0, 1)), F.pad(flow[:, 1:] - flow[:, :-1], (0, 0, 0, 1))
    visible &= (across ** 2 + down ** 2).sum(0) <= .01 * squared + .002
    return (((warp(other, flow) - one) / 255) ** 2 * visible).sum() / (3 * visible.sum())


def paths(folder): return sorted(pathlib.Path(folder).glob("*.png"))[:o.count]


peer = {}


def timed(name, body):
    """The median of three runs, of which the first is left out."""
    times = []
    for _ in range(4):
        start = time.perf_counter()
        body()
        times.append((time.perf_counter() - start) * 1e3 / len(painted))
    peer[name] = np.median(times[1:])


painted, originals = paths(o.stylized), paths(o.frames)
pictures = {}


def decode():
    for path in painted + originals: pictures[path] = np.asarray(Image.open(path).convert("RGB"))


timed("decoding", decode)
height, width, _ = pictures[painted[0]].shape
flow = torch.stack([torch.full((height, width), 1.3), torch.full((height, width), -.6)])


def temporal():
    tensors = [torch.from_numpy(pictures[p].copy()).permute(2, 0, 1)[None].float() for p in painted]
    for one, other in zip(tensors, tensors[1:]): warping_error(one, other, flow, -flow)


def luma(path): return cv2.cvtColor(pictures[path], cv2.COLOR_RGB2GRAY)


def ssim():
    for one, other in zip(painted, originals):
        structural_similarity(luma(one), luma(other), gaussian_weights=True, sigma=1.5, use_sample_covariance=False, data_range=255)


def losses():
    for one, other in zip(painted, originals):
        f, p = features(pictures[one]), features(pictures[other])
        for layer in CONTENT: F.mse_loss(f[layer], p[layer])
        for layer in STYLE: F.mse_loss(gram(f[layer]), style[layer])


timed("temporal+warping", temporal)
timed("ssim", ssim)
timed("sharpness", lambda: [cv2.Laplacian(luma(p), cv2.CV_64F).std() for p in painted])
painting = Image.open(o.painting).convert("RGB")
scale = max(width, height) / max(painting.size)
style = {k: gram(v) for k, v in features(np.asarray(painting.resize([round(s * scale) for s in painting.size]))).items() if k in STYLE}
timed("content+style", losses)
output = subprocess.check_output(
    [os.path.join(o.release, "pentimento-bench"), "measures", o.stylized, o.frames, o.painting, "--network", o.network, "--count", str(o.count)], text=True)
print(f"{len(painted)} frames of {width}x{height}, milliseconds per frame")
for line in output.splitlines():
    name, value = line.split()
    print(f"{name:18} Pentimento {float(value):8.2f}   Python {peer[name]:8.2f}   {peer[name] / float(value):6.1f} times")
