#!/usr/bin/env python3
"""Makes the fixtures of the warp, check and colour tests: pip install numpy scipy torch torchvision; python3 make_warp.py

.f32 files hold planar float32 little-endian values.
"""
from pathlib import Path

import numpy as np
import torch
from scipy import ndimage
from torchvision.utils import flow_to_image

here = Path(__file__).parent
random = np.random.default_rng(11)
WIDTH, HEIGHT = 41, 29


def save(name, array):
    np.ascontiguousarray(array, "<f4").tofile(here / f"{name}.f32")


def save_flow(name, flow):
    with open(here / f"{name}.flo", "wb") as file:
        file.write(b"PIEH" + np.array(flow.shape[2:0:-1], "<i4").tobytes())
        file.write(np.ascontiguousarray(flow.transpose(1, 2, 0), "<f4").tobytes())


y, x = np.mgrid[0:HEIGHT, 0:WIDTH].astype(np.float32)

# Warps: rotation and zoom about a corner, with some pixels far outside.
flow = np.stack([0.13 * y - 0.08 * x + 1.3, 0.1 * x - 0.07 * y - 2.6]).astype(np.float32)
flow[:, 3, 5:8] = [[1000, -1000, 3.25], [-1000, 40, 77.75]]
flow[:, :3] += random.normal(0, 0.6, flow[:, :3].shape).astype(np.float32)
save_flow("warp", flow)
image = (128 + 100 * np.sin(x / 3) * np.cos(y / 2.5) + random.normal(0, 15, (2, HEIGHT, WIDTH))).astype(np.float32)
save("image", image)
grid = np.stack([(x + flow[0]) * 2 / (WIDTH - 1) - 1, (y + flow[1]) * 2 / (HEIGHT - 1) - 1], -1)
for mode in ("bilinear", "bicubic"):
    warped = torch.nn.functional.grid_sample(
        torch.from_numpy(image)[None].double(), torch.from_numpy(grid)[None].double(), mode=mode,
        padding_mode="border", align_corners=True)
    save(f"warped_{mode}", warped[0].numpy())

# A check: a disc that moves over a slowly zooming background, with a reverse flow that knows nothing of it.
zoom = np.stack([(x - 20) * 0.03, (y - 14) * 0.05])
disc = (x - 24) ** 2 + (y - 12) ** 2 < 49
forward = np.where(disc, np.array([3.4, -1.7])[:, None, None], zoom).astype(np.float32)
moved = (x - 27.4) ** 2 + (y - 10.3) ** 2 < 49
reverse = np.where(moved, np.array([-3.2, 1.9])[:, None, None], -zoom * 0.9 + 0.05).astype(np.float32)
reverse += random.normal(0, 0.25, reverse.shape).astype(np.float32)
save_flow("check_flow", forward)
save_flow("check_reverse", reverse)
target = np.stack([y + forward[1], x + forward[0]]).astype(np.float64)
inside = (target[1] >= 0) & (target[0] >= 0) & (np.floor(target[1]) + 1 < WIDTH) & (np.floor(target[0]) + 1 < HEIGHT)
back = np.stack([ndimage.map_coordinates(component.astype(np.float64), target, order=1, mode="nearest")
                 for component in reverse])
length = (forward.astype(np.float64) ** 2).sum(0)
certain = inside & (((forward + back) ** 2).sum(0) < 0.01 * (length + (back ** 2).sum(0)) + 0.5)
# scipy's "reflect" mirrors about the edge of the outermost pixel (half-sample).
gradient = sum(ndimage.correlate1d(c.astype(np.float64), [-0.5, 0, 0.5], axis, mode="reflect") ** 2
               for c in forward for axis in (0, 1))
save("certain_anywhere", certain)
save("certain", certain & ~(gradient > 0.01 * length + 0.002))

# Colours: all directions and lengths up to the maximum.
wheel = np.stack([(x - 20) / 20, (y - 14) / 14]) * 5 / 2 ** 0.5
save_flow("wheel", wheel.astype(np.float32))
save("wheel", flow_to_image(torch.from_numpy(wheel.astype(np.float32))).numpy())
