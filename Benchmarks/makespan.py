#!/usr/bin/env python3
"""How long a cluster paints a film: simulates workers that take one shot after the other.

usage: Benchmarks/makespan.py [--list film.shots.json] [--rate FRAMES_PER_SECOND] [--start SECONDS] [NODES...]

Without a list, the film has two hours of 24 frames a second, and shots of log-normal lengths with the mean that is given.
Prints for each number of workers the hours when shots are taken in the order of the film, longest first, and what no order
can beat: the mean work of a worker, or the longest shot.
"""

import argparse
import heapq
import json
import math
import random


def log_normal(frames, mean, sigma, seed):
    """Lengths of shots in frames; together as many as the film has."""
    draw = random.Random(seed)
    lengths = []
    while sum(lengths) < frames:
        lengths.append(max(1, round(draw.lognormvariate(math.log(mean) - sigma**2 / 2, sigma))))
    lengths[-1] -= sum(lengths) - frames
    return lengths


def cut(lengths, longest, preroll):
    """Work of the pieces of shots that are longer than so many frames, in frames."""
    pieces = []
    for length in lengths:
        count = math.ceil(length / longest)
        for index in range(count):
            first = length * index // count
            pieces.append(length * (index + 1) // count - first + (min(preroll, first) if index else 0))
    return pieces


def makespan(works, workers):
    """When the last worker is ready, if each takes the next work when it is free."""
    free = [0.0] * workers
    for work in works:
        heapq.heapreplace(free, free[0] + work)
    return max(free)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("nodes", nargs="*", type=int, default=[1, 10, 100, 1000])
    parser.add_argument("--list", help="a list by pentimento shots, in place of log-normal lengths")
    parser.add_argument("--rate", type=float, default=116 / 14.1, help="frames a second of a worker (%(default).2f)")
    parser.add_argument("--start", type=float, default=1, help="seconds that a shot takes besides (%(default)s)")
    parser.add_argument("--mean", type=float, default=120, help="mean length of a shot in frames (%(default)s)")
    parser.add_argument("--sigma", type=float, default=1, help="of the logarithm of lengths (%(default)s)")
    parser.add_argument("--longest", type=int, help="cut longer shots into pieces of at most so many frames")
    parser.add_argument("--preroll", type=int, default=24, help="frames painted before a piece (%(default)s)")
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()

    if options.list:
        with open(options.list, encoding="utf-8") as file:
            lengths = [shot["frames"] + shot["preroll"] for shot in json.load(file)["shots"]]
    else:
        lengths = log_normal(2 * 3600 * 24, options.mean, options.sigma, options.seed)
    if options.longest:
        lengths = cut(lengths, options.longest, options.preroll)
    works = [length / options.rate + options.start for length in lengths]
    print(f"{len(lengths)} shots, {sum(lengths)} frames, the longest {max(lengths)}")
    print("nodes   in order   longest first   bound   (hours)")
    for nodes in options.nodes:
        bound = max(sum(works) / nodes, max(works))
        times = makespan(works, nodes), makespan(sorted(works, reverse=True), nodes), bound
        print(f"{nodes:5}   {times[0] / 3600:8.3f}   {times[1] / 3600:13.3f}   {times[2] / 3600:5.3f}")


if __name__ == "__main__":
    main()
