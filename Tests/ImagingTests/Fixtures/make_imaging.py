#!/usr/bin/env python3
"""Makes the fixtures of ImagingTests: pip install numpy scipy pillow; python3 make_imaging.py

Planar float32 little-endian files (.f32) hold channels * height * width values.
"""
from pathlib import Path

import numpy as np
from PIL import Image
from scipy import ndimage

here = Path(__file__).parent
random = np.random.default_rng(7)
WIDTH, HEIGHT = 37, 23


def save(name, array):
    np.ascontiguousarray(array, "<f4").tofile(here / f"{name}.f32")


# A smooth image with edges and noise.
y, x = np.mgrid[0:HEIGHT, 0:WIDTH]
pixels = np.stack([127 + 90 * np.sin(x / 5 + c) * np.cos(y / 4 - c) for c in range(3)], -1)
pixels[6:14, 10:25] = 255 - pixels[6:14, 10:25]
pixels = np.clip(np.round(pixels + random.normal(0, 12, pixels.shape)), 0, 255).astype(np.uint8)
image = Image.fromarray(pixels)
image.save(here / "image.ppm")
image.convert("L").save(here / "luma.pgm")

planes = pixels.transpose(2, 0, 1).astype(np.float32)
for kind, method in (("linear", Image.Resampling.BILINEAR), ("cubic", Image.Resampling.BICUBIC)):
    for width, height in ((61, 41), (14, 9), (50, 7), (1, 1)):
        resized = [np.array(Image.fromarray(plane).resize((width, height), method)) for plane in planes]
        save(f"{kind}_{width}x{height}", resized)

for size in (3, 5):
    save(f"median_{size}", [ndimage.median_filter(plane, size, mode="nearest") for plane in planes])

mask = (random.random((HEIGHT, WIDTH)) > 0.01).astype(np.uint8) * 255
Image.fromarray(mask).save(here / "mask.pgm")
for size in (3, 7, 15):
    filtered = ndimage.minimum_filter(mask, size, mode="constant", cval=255)
    Image.fromarray(filtered).save(here / f"minimum_{size}.pgm")

# The luma of the image upside down with the chroma of the image, by the matrix of BT.601 and its inverse.
kr, kb = 0.299, 0.114
to_ycc = np.array([[kr, 1 - kr - kb, kb],
                   [-kr / (2 - 2 * kb), -(1 - kr - kb) / (2 - 2 * kb), 0.5],
                   [0.5, -(1 - kr - kb) / (2 - 2 * kr), -kb / (2 - 2 * kr)]])
frame = to_ycc @ planes.reshape(3, -1).astype(np.float64)
stylized = to_ycc @ planes[:, ::-1].reshape(3, -1).astype(np.float64)
save("recolored", np.linalg.inv(to_ycc) @ np.stack([stylized[0], frame[1], frame[2]]))
