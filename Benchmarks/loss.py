#!/usr/bin/env python3
"""Times one evaluation of an image's content and style losses with their gradient beside PyTorch: same loss network, images, precision
(float32) and threads, taking turns, medians over the rounds; and compares the memory that a minimisation takes: ours with L-BFGS as it
is used, PyTorch's with torch.optim.LBFGS and its history of 100 steps, as the authors' program keeps it.

usage: loss.py --release FOLDER --network FILE [--size 450x350 --size 1024x436] [--threads N] [--rounds 9]
FOLDER holds pentimento-bench (swift build -c release), FILE is what `pentimento models fetch vgg16` wrote. Needs numpy and torch.
"""
import argparse, json, os, struct, subprocess, sys, time
import numpy as np

a = argparse.ArgumentParser()
a.add_argument("--release", default=".build/release")
a.add_argument("--network", required=True)
a.add_argument("--size", action="append")
a.add_argument("--threads", type=int, default=len(os.sched_getaffinity(0)))
a.add_argument("--rounds", type=int, default=9)
a.add_argument("--peer-memory", metavar="SIZE", help="used by the script itself: PyTorch's memory, in a process of its own")
o = a.parse_args()
os.environ["OMP_NUM_THREADS"] = os.environ["MKL_NUM_THREADS"] = str(o.threads)
import torch
import torch.nn.functional as F

torch.set_num_threads(o.threads)
BLOCKS = [2, 2, 3, 3, 1]  # convolutions, as deep as relu5_1
CONTENT, STYLE = ["4_2"], ["1_1", "2_1", "3_1", "4_1", "5_1"]
CONTENT_WEIGHT, STYLE_WEIGHT = 1, 20
bench = os.path.join(o.release, "pentimento-bench")


def resident(key):
    """Megabytes, from /proc."""
    return next(int(line.split()[1]) for line in open("/proc/self/status") if line.startswith(key)) / 1024


def read_network(path):
    with open(path, "rb") as f:
        header = json.loads(f.read(struct.unpack("<Q", f.read(8))[0]))
        start, tensors = f.tell(), {}
        if header["__metadata__"]["input"] != "bgr-vgg": sys.exit("only networks that take network space itself are compared")
        for name, tensor in header.items():
            if name == "__metadata__" or int(name[4]) == 5 and name[6] != "1": continue
            f.seek(start + tensor["data_offsets"][0])
            values = np.fromfile(f, np.float32, int(np.prod(tensor["shape"])))
            tensors[name[4:]] = torch.from_numpy(values).reshape(tensor["shape"])
    return tensors


def image(size, factor):
    """The same as pentimento-bench's."""
    width, height = size
    index = np.arange(3 * width * height, dtype=np.int64)
    return torch.from_numpy((index * factor % 65521 % 255 - 116).astype(np.float32)).reshape(1, 3, height, width)


class Loss:
    def __init__(self, weights, size):
        self.weights = weights
        with torch.no_grad():
            features = self.features(image(size, 7919))
            self.style = {layer: self.gram(features[layer]) for layer in STYLE}
            features = self.features(image(size, 104729))
            self.content = {layer: features[layer] for layer in CONTENT}

    def features(self, x):
        result = {}
        for block, count in enumerate(BLOCKS, 1):
            if block > 1: x = F.max_pool2d(x, 2)
            for layer in (f"{block}_{i}" for i in range(1, count + 1)):
                x = F.relu(F.conv2d(x, self.weights[layer + ".weight"], self.weights[layer + ".bias"], padding=1))
                if layer in CONTENT + STYLE: result[layer] = x
        return result

    @staticmethod
    def gram(x):
        x = x.flatten(2)[0]
        return x @ x.T / x.numel()

    def __call__(self, x):
        features = self.features(x)
        content = sum(F.mse_loss(features[layer], self.content[layer]) for layer in CONTENT)
        style = sum(F.mse_loss(self.gram(features[layer]), self.style[layer]) for layer in STYLE)
        return CONTENT_WEIGHT * content + STYLE_WEIGHT * style


def size_of(text): return tuple(map(int, text.split("x")))


def peer_memory(size):
    """L-BFGS learns a hundred steps on a cheap function, which takes the same memory, then minimises the losses."""
    idle = resident("VmRSS")
    loss = Loss(read_network(o.network), size)
    x = image(size, 31337).requires_grad_()
    optimizer = torch.optim.LBFGS([x], lr=1, max_iter=1, history_size=100, tolerance_grad=0, tolerance_change=0)
    slopes = torch.logspace(-3, 0, x.numel()).reshape(x.shape)

    def closure(function):
        def evaluate():
            optimizer.zero_grad()
            value = function(x)
            value.backward()
            return value
        return evaluate

    for _ in range(110): optimizer.step(closure(lambda x: (slopes * x * x).sum()))
    assert len(optimizer.state[x]["old_dirs"]) == 100, "the history is not full"
    for _ in range(3): optimizer.step(closure(loss))
    print(resident("VmHWM") - idle)


if o.peer_memory:
    peer_memory(size_of(o.peer_memory))
    sys.exit()

weights = read_network(o.network)
own_network = ["--network", os.path.abspath(o.network), "--threads", str(o.threads)]
for size in o.size or ["450x350", "1024x436"]:
    ours = subprocess.Popen([bench, "loss", "--size", size, "--serve", *own_network], stdin=subprocess.PIPE,
                            stdout=subprocess.PIPE, text=True)
    answer = ours.stdout.readline().split()
    assert answer[:1] == ["ready"], "pentimento-bench did not start"
    loss = Loss(weights, size_of(size))
    x = image(size_of(size), 31337).requires_grad_()

    def evaluate():
        x.grad = None
        value = loss(x)
        value.backward()
        return value.item()

    value = evaluate()
    length = x.grad.double().norm().item()
    print(f"{size}, {o.threads} threads: the loss differs by {abs(float(answer[1]) / value - 1):.1e} from PyTorch's, the gradient's "
          f"length by {abs(float(answer[2]) / length - 1):.1e}")
    times = {"ours": [], "peer": []}
    for round in range(o.rounds + 1):
        time.sleep(.2)  # lets the threads of the one before fall asleep
        ours.stdin.write("\n"); ours.stdin.flush()
        own = float(ours.stdout.readline())
        time.sleep(.2)
        start = time.perf_counter()
        evaluate()
        peer = (time.perf_counter() - start) * 1e3
        if round:
            times["ours"].append(own)
            times["peer"].append(peer)
    ours.stdin.close()
    ours.wait()
    own, peer = np.median(times["ours"]), np.median(times["peer"])
    print(f"  evaluation: Pentimento {own:.0f} ms, PyTorch {torch.__version__.split('+')[0]} {peer:.0f} ms: {own / peer:.2f} of its "
          f"time, medians of {o.rounds}")
    own = float(subprocess.check_output([bench, "loss", "--size", size, "--memory", *own_network], text=True).split()[0])
    peer = float(subprocess.check_output([sys.executable, __file__, "--network", o.network, "--threads", str(o.threads),
                                          "--peer-memory", size], text=True))
    print(f"  memory of a minimisation: Pentimento {own:.0f} MB, PyTorch {peer:.0f} MB: {own / peer:.2f} of its memory")
