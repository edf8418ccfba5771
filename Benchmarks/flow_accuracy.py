#!/usr/bin/env python3
"""End-point error on pairs with ground truth: Pentimento's presets beside OpenCV's DIS.

usage: flow_accuracy.py [--binary PATH] FOLDER

Needs opencv-python-headless. FOLDER holds middlebury/NAME/{frame10.png,frame11.png,flow10.flo}, sintel/NAME/{frame_0001.png,...,
flow_0001_0002.flo,...} and chairs/NAME{img0.ppm,img1.ppm,flow.flo}, as far as there are any. All pixels with known motion count.
"""
import argparse
import glob
import os
import re
import subprocess
import tempfile

import cv2
import numpy as np


def read_flow(path):
    data = np.fromfile(path, np.float32)
    width, height = data[1:3].view(np.int32)
    return data[3:].reshape(height, width, 2)


def pairs(folder):
    for flow in sorted(glob.glob(f"{folder}/middlebury/*/flow10.flo")):
        place = os.path.dirname(flow)
        yield os.path.basename(place), f"{place}/frame10.png", f"{place}/frame11.png", flow
    for flow in sorted(glob.glob(f"{folder}/sintel/*/flow_*_*.flo")):
        place = os.path.dirname(flow)
        first, second = re.findall(r"\d{4}", os.path.basename(flow))
        yield f"{os.path.basename(place)}_{int(first)}", f"{place}/frame_{first}.png", f"{place}/frame_{second}.png", flow
    for flow in sorted(glob.glob(f"{folder}/chairs/*flow.flo")):
        place = flow.removesuffix("flow.flo")
        yield os.path.basename(place), place + "img0.ppm", place + "img1.ppm", flow


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--binary", default=".build/release/pentimento-bench")
    parser.add_argument("folder")
    options = parser.parse_args()
    print(f"{'':<14}{'ultrafast':>16}{'fast':>16}{'medium':>16}{'quality':>9}")
    print(f"{'':<14}" + f"{'ours':>7}{'OpenCV':>9}" * 3 + f"{'ours':>9}")
    ratios = []
    with tempfile.TemporaryDirectory() as scratch:
        for name, first, second, flow in pairs(options.folder):
            frames = [cv2.cvtColor(cv2.imread(path), cv2.COLOR_BGR2GRAY) for path in (first, second)]
            base = f"{scratch}/{name}"
            cv2.imwrite(base + "_a.pgm", frames[0])
            cv2.imwrite(base + "_b.pgm", frames[1])
            os.symlink(os.path.abspath(flow), base + ".flo")
            truth = read_flow(flow)
            known = (np.abs(truth) < 1e9).all(2)
            theirs = []
            for preset in range(3):
                found = cv2.DISOpticalFlow_create(preset).calc(frames[0], frames[1], None)
                theirs.append(np.sqrt(((found - truth) ** 2).sum(2))[known].mean())
            output = subprocess.run([options.binary, "flow-accuracy", base], capture_output=True, text=True, check=True)
            ours = [float(value) for value in output.stdout.split()[1:]]
            ratios.append([a / b for a, b in zip(ours, theirs)])
            print(f"{name:<14}" + "".join(f"{a:>7.3f}{b:>9.3f}" for a, b in zip(ours, theirs)) + f"{ours[3]:>9.3f}")
    print(f"{'mean ratio':<14}" + "".join(f"{value:>16.2f}" for value in np.mean(ratios, axis=0)))


if __name__ == "__main__":
    main()
