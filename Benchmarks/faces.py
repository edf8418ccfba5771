#!/usr/bin/env python3
"""Whether faces stay faces: the share of the faces found in photographs that are found again, at the same place, in each
stylized photograph. The detector is OpenCV's Haar cascade for frontal faces (opencv-python-headless 4).

Photographs are fitted into 640x360 pixels first. A face of a photograph needs six neighbouring detections, so that it is
one; it counts as found again if a detection with three overlaps it by at least a third of the area of both.

usage: faces.py [--program .build/release/pentimento] PHOTOGRAPHS STYLE ...
"""
import argparse
import os
import subprocess
import tempfile

import cv2

parser = argparse.ArgumentParser()
parser.add_argument("--program", default=".build/release/pentimento")
parser.add_argument("photographs")
parser.add_argument("styles", nargs="+")
options = parser.parse_args()
cascade = cv2.CascadeClassifier(os.path.join(cv2.data.haarcascades, "haarcascade_frontalface_alt2.xml"))


def faces(image, neighbors):
    return cascade.detectMultiScale(cv2.cvtColor(image, cv2.COLOR_BGR2GRAY), 1.05, neighbors)


def overlap(a, b):
    """Intersection over union of two rectangles."""
    width = min(a[0] + a[2], b[0] + b[2]) - max(a[0], b[0])
    height = min(a[1] + a[3], b[1] + b[3]) - max(a[1], b[1])
    shared = max(width, 0) * max(height, 0)
    return shared / (a[2] * a[3] + b[2] * b[3] - shared)


with tempfile.TemporaryDirectory() as folder:
    known = {}
    for name in sorted(os.listdir(options.photographs)):
        image = cv2.imread(os.path.join(options.photographs, name))
        if image is None:
            continue
        scale = min(640 / image.shape[1], 360 / image.shape[0])
        image = cv2.resize(image, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
        found = faces(image, 6)
        if len(found) > 0:
            path = os.path.join(folder, os.path.splitext(name)[0] + ".png")
            cv2.imwrite(path, image)
            known[path] = found
    total = sum(len(found) for found in known.values())
    print(f"{total} faces in {len(known)} photographs")
    for style in options.styles:
        kept = 0
        for path, found in known.items():
            output = path.replace(".png", ".stylized.png")
            command = [options.program, "stylize", path, "-o", output, "--style", style, "--force"]
            subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
            again = faces(cv2.imread(output), 3)
            kept += sum(any(overlap(face, other) > 1 / 3 for other in again) for face in found)
        print(f"{style}: {kept} of {total}, {100 * kept / max(total, 1):.0f} %")
