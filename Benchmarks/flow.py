#!/usr/bin/env python3
"""Flow of a video, both directions a frame: Pentimento beside OpenCV's DIS, same presets and threads, taking turns.

usage: flow.py [--threads N] [--rounds N] [--frames N] [--binary PATH] VIDEO|FRAME FRAME ...

Needs opencv-python-headless. Prints the median milliseconds a frame of each, and the ratio (below 1: Pentimento is faster).
"""
import argparse
import os
import statistics
import subprocess
import tempfile
import time

import cv2

PRESETS = {
    "ultrafast": cv2.DISOPTICAL_FLOW_PRESET_ULTRAFAST,
    "fast": cv2.DISOPTICAL_FLOW_PRESET_FAST,
    "medium": cv2.DISOPTICAL_FLOW_PRESET_MEDIUM,
    "quality": None,
}


def read(paths, count):
    if len(paths) > 1:
        frames = [cv2.imread(path) for path in paths[:count]]
    else:
        video = cv2.VideoCapture(paths[0])
        frames = []
        while len(frames) < count:
            good, frame = video.read()
            if not good:
                break
            frames.append(frame)
    return [cv2.cvtColor(frame, cv2.COLOR_BGR2GRAY) for frame in frames]


def opencv_times(frames, preset):
    estimator = cv2.DISOpticalFlow_create(preset)
    backward = forward = None
    times = []
    for earlier, current in zip(frames, frames[1:]):
        start = time.perf_counter()
        backward = estimator.calc(current, earlier, None)
        forward = estimator.calc(earlier, current, None)
        times.append(1000 * (time.perf_counter() - start))
    del backward, forward
    return times[1:]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--threads", type=int, default=os.cpu_count())
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--frames", type=int, default=12)
    parser.add_argument("--binary", default=".build/release/pentimento-bench")
    parser.add_argument("paths", nargs="+")
    options = parser.parse_args()
    cv2.setNumThreads(options.threads)
    frames = read(options.paths, options.frames)
    with tempfile.TemporaryDirectory() as folder:
        paths = []
        for index, frame in enumerate(frames):
            paths.append(f"{folder}/{index:04}.pgm")
            cv2.imwrite(paths[-1], frame)
        ours = subprocess.Popen(
            [options.binary, "flow", str(options.threads), *paths], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        ours.stdout.readline()
        height, width = frames[0].shape
        print(f"{width}x{height}, {len(frames)} frames, {options.threads} threads; milliseconds a frame, both directions")
        print(f"{'preset':<10} {'Pentimento':>11} {'OpenCV':>8} {'ratio':>6}")
        for name, preset in PRESETS.items():
            mine, theirs = [], []
            for _ in range(options.rounds):
                ours.stdin.write(name + "\n")
                ours.stdin.flush()
                mine += [float(value) for value in ours.stdout.readline().split()]
                if preset is not None:
                    theirs += opencv_times(frames, preset)
            a = statistics.median(mine)
            if theirs:
                b = statistics.median(theirs)
                print(f"{name:<10} {a:>11.2f} {b:>8.2f} {a / b:>6.2f}")
            else:
                print(f"{name:<10} {a:>11.2f} {'-':>8} {'-':>6}")
        ours.stdin.close()
        ours.wait()


if __name__ == "__main__":
    main()
