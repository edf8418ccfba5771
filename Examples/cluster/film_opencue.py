#!/usr/bin/env python3
"""Paints a film by shots with OpenCue (needs pip install opencue_pyoutline).

    pentimento shots film.mp4 -o film.shots.json
    python3 film_opencue.py film.mp4 film.shots.json parts painted.mp4

Paths are those that all machines see. Untried: no Cuebot was at hand; opencue_pyoutline 1.37 makes the job.
"""
import argparse
import json
import os

import outline
import outline.cuerun
from outline.modules.shell import Shell, ShellCommand

parser = argparse.ArgumentParser(description="Paints a film by shots with OpenCue.")
parser.add_argument("film")
parser.add_argument("shots", help="the list by pentimento shots")
parser.add_argument("parts", help="a folder for the parts")
parser.add_argument("output")
parser.add_argument("--style", default="scream")
options = parser.parse_args()
film, shots, parts, output = map(os.path.abspath, (options.film, options.shots, options.parts, options.output))
os.makedirs(parts, exist_ok=True)
with open(shots, encoding="utf-8") as file:
    count = len(json.load(file)["shots"])

job = outline.Outline("pentimento", shot="film", show="pentimento", user=os.environ.get("USER", "pentimento"))
paint = Shell(
    "paint", range=f"1-{count}", chunk=1,
    command=["pentimento", "stylize", film, "--shots", shots, "--shot", "#IFRAME#", "--style", options.style,
             "-o", os.path.join(parts, "part-%05d.mkv")])
join = ShellCommand("join", command=["pentimento", "join", shots, "--parts", parts, "--film", film, "-o", output])
join.depend_all(paint)
job.add_layer(paint)
job.add_layer(join)
outline.cuerun.launch(job, use_pycuerun=False)
