#!/usr/bin/env python3
"""Writes the flow of OpenCV's DeepFlow between neighbouring frames, both ways, for `pentimento reproduce table4`.

    pip install opencv-contrib-python-headless numpy
    Benchmarks/deepflow.py SINTEL/training/clean FLOW
    pentimento reproduce table4 ... --flow-name DeepFlow \\
        --flow-pattern 'FLOW/%s/backward_[%d]_{%d}.flo' --reverse-flow-pattern 'FLOW/%s/forward_[%d]_{%d}.flo'
"""
import pathlib
import sys

import cv2
import numpy as np


def write(path, flow):
    height, width = flow.shape[:2]
    path.write_bytes(b"PIEH" + np.array([width, height], "<i4").tobytes() + flow.astype("<f4").tobytes())


def main():
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    scenes, target = (pathlib.Path(argument) for argument in sys.argv[1:])
    method = cv2.optflow.createOptFlow_DeepFlow()
    for scene in sorted(path for path in scenes.iterdir() if path.is_dir()):
        folder = target / scene.name
        folder.mkdir(parents=True, exist_ok=True)
        frames = [cv2.imread(str(path), cv2.IMREAD_GRAYSCALE) for path in sorted(scene.glob("frame_*.png"))]
        for number, (earlier, later) in enumerate(zip(frames, frames[1:]), start=1):
            write(folder / f"backward_{number + 1}_{number}.flo", method.calc(later, earlier, None))
            write(folder / f"forward_{number}_{number + 1}.flo", method.calc(earlier, later, None))


if __name__ == "__main__":
    main()
