#!/usr/bin/env python3
"""What painting by shots costs, as three ratios of times by the clock, and of times of the processor. Nothing else
should compute meanwhile; the second ones bear it better.

usage: shots.py [--binary PATH] [--runs N] [--find] FILM ...

For each film: finding its shots over decoding it by ffmpeg; two workers of a core each over half the time of one,
without the join; joining over encoding the same frames alone by ffmpeg with x264, on one core. With --find only the
first. Each time is the median of the runs (5). Needs ffmpeg, GNU parallel and two cores.
"""
import argparse
import os
import resource
import statistics
import subprocess
import tempfile
import time

parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
parser.add_argument("films", nargs="+", metavar="FILM")
parser.add_argument("--binary", default=".build/release/pentimento")
parser.add_argument("--runs", type=int, default=5)
parser.add_argument("--find", action="store_true")
arguments = parser.parse_args()
pentimento = os.path.realpath(arguments.binary)


def run(*words, **options):
    subprocess.run(words, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, **options)


def processor():
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime


def seconds(*words, before=lambda: None, **options):
    """Medians by the clock and by the processor."""
    def once():
        before()
        start = time.monotonic(), processor()
        run(*words, **options)
        return time.monotonic() - start[0], processor() - start[1]

    return [statistics.median(times) for times in zip(*(once() for _ in range(arguments.runs)))]


def report(film, what, ours, reference, base):
    cells = [f"{one:.2f} s, {reference} {other:.2f} s: {one / other:.2f}" for one, other in zip(ours, base)]
    print(" | ".join([os.path.basename(film), what, *cells]), flush=True)


def measure(film, folder):
    shots, parts = f"{folder}/film.shots.json", f"{folder}/parts"
    # The digest of the film is kept, as it is after the first command.
    found = seconds(pentimento, "shots", film, "-o", shots, "--force")
    report(film, "finding shots", found, "decoding", seconds("ffmpeg", "-i", film, "-f", "null", "-"))
    if arguments.find:
        return

    worker, script = f"{folder}/worker", f"{folder}/submit.sh"
    with open(worker, "w") as file:
        file.write(f'#!/bin/sh\nexec taskset -c $((PARALLEL_JOBSLOT - 1)) {pentimento} "$@"\n')
    os.chmod(worker, 0o755)
    os.mkdir(parts)
    submit = [pentimento, "submit", film, "-o", f"{folder}/x.mp4", "--cluster", "local", "--shots", shots]
    submit += ["--parts", parts]
    with open(script, "w") as file:
        subprocess.run(submit + ["--dry-run", "--", "--style", "scream", "--progress", "none"], stdout=file, check=True)
    with open(script) as file:
        tasks = next(line.strip()[6:] for line in file if line.startswith("tasks="))

    def clear():
        for name in os.listdir(parts):
            os.remove(f"{parts}/{name}")

    def paint(jobs):
        command = f'seq {tasks} | parallel --jobs {jobs} -q sh "$0" paint'
        return seconds("sh", "-c", command, script, before=clear, env=os.environ | {"PENTIMENTO": worker})

    one, two = paint(1), paint(2)
    report(film, "two workers", two, "half of one worker's", [one[0] / 2, one[1]])

    joined, raw = f"{folder}/joined.mp4", f"{folder}/raw.y4m"
    join = ["taskset", "-c", "0", pentimento, "join", shots, "--film", film, "--parts", parts, "-o", joined, "--force"]
    together = seconds(*join, "--threads", "1")
    with open(f"{folder}/list", "w") as file:
        file.writelines(f"file '{parts}/{name}'\n" for name in sorted(os.listdir(parts)) if name.endswith(".mkv"))
    run("ffmpeg", "-y", "-f", "concat", "-safe", "0", "-i", f"{folder}/list", "-fps_mode", "passthrough", raw)
    encode = ["taskset", "-c", "0", "ffmpeg", "-i", raw, "-c:v", "libx264", "-qp", "18", "-preset", "medium"]
    report(film, "joining", together, "encoding", seconds(*encode, "-threads", "1", "-f", "null", "-"))


for film in arguments.films:
    with tempfile.TemporaryDirectory() as folder:
        measure(os.path.realpath(film), folder)
