#!/usr/bin/env python3
"""The scene-cut measure on real footage: within shots, at cuts, in fades and flashes.

usage: scene_cuts.py [--preset NAME] [--binary PATH] VIDEO ...

Needs opencv-python-headless. For each video: the largest measures and their frames, and the measure of made-up cuts to and
from the next video of the list, of a flash (one frame 60 levels brighter) and of fades to black and to
the next video, over 12 frames.
"""
import argparse
import subprocess
import tempfile

import cv2
import numpy as np


def measures(binary, preset, frames):
    with tempfile.TemporaryDirectory() as folder:
        paths = []
        for index, frame in enumerate(frames):
            paths.append(f"{folder}/{index:05}.pgm")
            cv2.imwrite(paths[-1], frame)
        output = subprocess.run([binary, "scene-cuts", preset, *paths], capture_output=True, text=True, check=True)
    lines = output.stdout.splitlines()
    return np.array([float(line) for line in lines[:-1]]), lines[-1]


def read(path):
    video = cv2.VideoCapture(path)
    frames = []
    while len(frames) < 300:
        good, frame = video.read()
        if not good:
            break
        frames.append(cv2.cvtColor(frame, cv2.COLOR_BGR2GRAY))
    return frames


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--preset", default="fast")
    parser.add_argument("--binary", default=".build/release/pentimento-bench")
    parser.add_argument("videos", nargs="+")
    options = parser.parse_args()
    videos = [read(path) for path in options.videos]
    for number, (path, frames) in enumerate(zip(options.videos, videos)):
        shot, share = measures(options.binary, options.preset, frames)
        order = np.argsort(-shot)[:8]
        print(f"{path.split('/')[-1]}: {len(frames)} frames, {share}")
        print("  largest:", ", ".join(f"{shot[i]:.2f} (frame {i + 1})" for i in order), f"; median {np.median(shot):.3f}")
        height, width = frames[0].shape
        following = [cv2.resize(frame, (width, height)) for frame in videos[(number + 1) % len(videos)]]
        cuts = []
        for i in np.linspace(1, min(len(frames), len(following)) - 2, 12).astype(int):
            pair = measures(options.binary, options.preset, [frames[i], following[i], frames[i + 1]])[0]
            cuts += list(pair)
        print(f"  made-up cuts: smallest {min(cuts):.2f}, median {np.median(cuts):.2f}")
        start = frames[5:18]
        flash = [np.clip(f.astype(int) + (60 if i == 6 else 0), 0, 255).astype(np.uint8) for i, f in enumerate(start)]
        fade = [(f * max(0.0, 1 - i / 11)).astype(np.uint8) for i, f in enumerate(start)]
        other = following[5:18]
        cross = [cv2.addWeighted(a, 1 - i / 12, b, i / 12, 0) for i, (a, b) in enumerate(zip(start, other))]
        for name, sequence in (("flash", flash), ("fade to black", fade), ("cross-fade", cross)):
            values, _ = measures(options.binary, options.preset, sequence)
            print(f"  {name}: " + " ".join(f"{value:.2f}" for value in values))


if __name__ == "__main__":
    main()
