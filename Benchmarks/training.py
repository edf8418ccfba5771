#!/usr/bin/env python3
"""Trains beside PyTorch: the same painting, photographs, crops, batch, architecture, losses, float32 and threads on both sides.

usage: training.py step --style PAINTING --photos FOLDER --network FILE [--release FOLDER] [--rounds 5]
       training.py race --style PAINTING --photos FOLDER --network FILE [--release FOLDER] [--steps 800] [--peer RESULT.json]

step: times one step for each number of recursive frames that the default recipe draws, taking turns, medians over the rounds, and the
    mean that the recipe draws them with. Each side makes its samples in its own time; who waits for his turn is stopped.
race: PyTorch trains on single images for so many steps with the recipe that the project began with (reflect-start padding, Adam 1e-3, falling);
    Pentimento trains with its own until it has the same style loss, mean over the last forty steps. PyTorch's result, half an hour of work,
    is kept in RESULT.json and taken from there if it is there.

FOLDER holds pentimento-bench (swift build -c release), FILE is what `pentimento models fetch vgg16` wrote. Needs numpy, torch and pillow.
"""
import argparse, glob, json, os, random, signal, subprocess, sys, time
import numpy as np

a = argparse.ArgumentParser()
a.add_argument("what", choices=["step", "race"])
a.add_argument("--style", required=True)
a.add_argument("--photos", required=True)
a.add_argument("--network", required=True)
a.add_argument("--release", default=".build/release")
a.add_argument("--threads", type=int, default=len(os.sched_getaffinity(0)))
a.add_argument("--rounds", type=int, default=5)
a.add_argument("--steps", type=int, default=800)
a.add_argument("--padding", default="reflect-start", help="PyTorch's; ours is the default recipe's")
a.add_argument("--peer", default="")
o = a.parse_args()
os.environ["OMP_NUM_THREADS"] = os.environ["MKL_NUM_THREADS"] = str(o.threads)
import torch
import torch.nn.functional as F
from PIL import Image
sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "../Tests/NeuralNetTests/Fixtures"))
sys.dont_write_bytecode = True
from make_network_cases import formula_weights, margin_of, network, read

torch.set_num_threads(o.threads)
torch.manual_seed(1)
random.seed(1)
ARCH = "c9s1-16,d32,d64,R64,R64,R64,R64,R64,U2,c3s1-32,U2,c9s1-4"
SIZE, BATCH = 176, 4
FRAMES, SINGLE = [1, 2, 3, 4, 6, 8], .35
WEIGHTS = dict(content=1, style=12, pixel=500, variation=.05)
MEAN = torch.tensor([103.939, 116.779, 123.68]).view(1, 3, 1, 1)
WINDOW = 40  # steps that a style loss is the mean of


class LossNetwork:
    """VGG-16 up to relu4_3: the last activations of each block."""
    def __init__(self, path):
        meta, self.weights = read(path)
        if meta["input"] != "bgr-vgg": sys.exit("only networks that take network space itself are compared")

    def __call__(self, x, blocks=4):
        for block, count in enumerate([2, 2, 3, 3][:blocks], 1):
            if block > 1: x = F.max_pool2d(x, 2)
            for i in range(1, count + 1):
                name = f"conv{block}_{i}"
                x = F.relu(F.conv2d(x, self.weights[name + ".weight"], self.weights[name + ".bias"], padding=1))
            yield x


def gram(x):
    x = x.flatten(2)
    return x @ x.transpose(1, 2) / x[0].numel()


def planes(image):
    """An image in network space, [3, height, width]."""
    return torch.from_numpy(np.array(image)).permute(2, 0, 1).flip(0).float() - MEAN[0]


class Data:
    """Square crops of photographs, and a camera that moves steadily over larger ones."""
    def __init__(self, folder):
        names = sorted(n for n in glob.glob(folder + "/**", recursive=True) if n.lower().endswith((".jpg", ".jpeg", ".png")))
        self.photos = [Image.open(n).convert("RGB") for n in names]
        if not self.photos: sys.exit(f"{folder}: no photographs")

    def crop(self, size):
        photo = random.choice(self.photos)
        shorter = min(photo.size)
        side = min(shorter, max(size // 2, int(shorter * random.uniform(.55, 1))))
        left, top = random.randint(0, photo.width - side), random.randint(0, photo.height - side)
        part = photo.resize((size, size), Image.BILINEAR, (left, top, left + side, top + side))
        return planes(part.transpose(Image.FLIP_LEFT_RIGHT) if random.random() < .5 else part)

    def crops(self, size): return torch.stack([self.crop(size) for _ in range(BATCH)])


def look(images, x, y, mode):
    """At places in pixels from the middle."""
    grid = torch.stack([x, y], -1) / ((images.shape[-1] - 1) / 2)
    return F.grid_sample(images, grid[None].expand(len(images), -1, -1, -1), mode=mode, align_corners=True)


class Peer:
    def __init__(self, rate):
        self.parameters, limit = {}, 0
        for name, tensor in formula_weights(ARCH, 7).items():
            if name.endswith(".weight"): limit = tensor[0].numel() ** -.5
            value = torch.empty_like(tensor).uniform_(-limit, limit)
            if name.endswith(".scale"): value.fill_(1)
            if name.endswith(".shift"): value.zero_()
            self.parameters[name] = value.requires_grad_()
        self.adam = torch.optim.Adam(self.parameters.values(), rate)
        self.data, self.loss_network = Data(o.photos), LossNetwork(o.network)
        style = Image.open(o.style).convert("RGB")
        scale = 384 / min(style.size)
        style = style.resize((round(style.width * scale), round(style.height * scale)), Image.LANCZOS)
        with torch.no_grad(): self.target = [gram(f) for f in self.loss_network(planes(style)[None])]
        middle = torch.arange(SIZE) - (SIZE - 1) / 2
        self.y, self.x = torch.meshgrid(middle, middle, indexing="ij")

    def stylize(self, frames, priors, certainty):
        x = torch.cat([frames, priors, certainty], 1)
        margin = margin_of(ARCH, o.padding)
        if margin: x = F.pad(x, (margin,) * 4, mode="reflect")
        y = network(x, ARCH, self.parameters, o.padding)
        gate = torch.sigmoid(y[:, 3:] / 32) * certainty
        return torch.tanh(y[:, :3] / 255) * 150 * (1 - gate) + gate * priors

    def losses(self, images, frames, priors, certainty):
        with torch.no_grad(): *_, content = self.loss_network(frames, blocks=3)
        features = list(self.loss_network(images))
        return {"content": F.mse_loss(features[2], content),
                "style": sum(F.mse_loss(gram(f), g.expand(BATCH, -1, -1)) for f, g in zip(features, self.target)),
                "pixel": (certainty * (images - priors) ** 2).mean(),
                "variation": (images.diff(dim=2) ** 2).mean() + (images.diff(dim=3) ** 2).mean()}

    @torch.no_grad()
    def sample(self, count):
        """The last of `count` frames after the first, and its prior: the network has run on its own results up to the one before."""
        priors, certainty = torch.zeros(BATCH, 3, SIZE, SIZE), torch.zeros(BATCH, 1, SIZE, SIZE)
        if count == 0: return self.data.crops(SIZE), priors, certainty
        reach = min(12, 72 / count)
        right, down, zoom = random.uniform(-reach, reach), random.uniform(-reach, reach), 1 + random.uniform(-.05, .05) / count
        scene = self.data.crops(SIZE + 2 * (int(reach * count) + 20))
        for n in range(count + 1):
            frames = look(scene, self.x * zoom ** n + n * right, self.y * zoom ** n + n * down, "bilinear")
            if n > 0:
                x, y = self.x * zoom + right / zoom ** (n - 1), self.y * zoom + down / zoom ** (n - 1)
                inside = (x.abs() <= (SIZE - 1) / 2) & (y.abs() <= (SIZE - 1) / 2)
                certainty = inside.float().expand(BATCH, 1, -1, -1).clone()
                for _ in range(random.choice([0, 3])):
                    left, top, side = random.randrange(SIZE - 40), random.randrange(SIZE - 40), random.randrange(8, 41)
                    certainty[:, :, top:top + side, left:left + side] = 0
                priors = look(result, x + random.gauss(0, .15), y + random.gauss(0, .15), "bicubic") * certainty
            if n < count: result = self.stylize(frames, priors, certainty)
        return frames, priors, certainty

    def step(self, count, rate=None):
        for group in self.adam.param_groups: group["lr"] = rate or group["lr"]
        frames, priors, certainty = self.sample(count)
        losses = self.losses(self.stylize(frames, priors, certainty), frames, priors, certainty)
        self.adam.zero_grad()
        sum(WEIGHTS[name] * value for name, value in losses.items()).backward()
        torch.nn.utils.clip_grad_norm_(self.parameters.values(), 1e5)
        self.adam.step()
        return {name: value.item() for name, value in losses.items()}


def ours(*arguments):
    return [os.path.join(o.release, "pentimento-bench"), *arguments, "--style", o.style, "--photos", o.photos,
            "--network", os.path.abspath(o.network), "--threads", str(o.threads), "--crop", str(SIZE), "--batch", str(BATCH)]


def steps():
    peer, medians = Peer(1e-3), {}
    for frames in [0] + FRAMES:
        process = subprocess.Popen(ours("training-step", "--frames", str(frames), "--steps", "1000"), stdout=subprocess.PIPE, text=True)
        times = {"ours": [], "peer": []}
        try:
            for round in range(o.rounds + 2):
                start = time.perf_counter()
                process.send_signal(signal.SIGCONT)
                if not process.stdout.readline(): sys.exit("pentimento-bench ended early")
                own = time.perf_counter() - start
                process.send_signal(signal.SIGSTOP)
                start = time.perf_counter()
                peer.step(frames)
                if round < 2: continue  # they start, and fill what is made ahead
                times["ours"].append(own)
                times["peer"].append(time.perf_counter() - start)
        finally:
            process.kill()
            process.wait()
        own, other = (float(np.median(times[name])) for name in ("ours", "peer"))
        medians[frames] = own, other
        print(f"{frames} recursive frames: Pentimento {own * 1e3:.0f} ms, PyTorch {other * 1e3:.0f} ms: {own / other:.2f} of its time", flush=True)
    mean = lambda side: SINGLE * medians[0][side] + (1 - SINGLE) * float(np.mean([medians[n][side] for n in FRAMES]))
    print(f"a step of the default recipe, {SIZE}x{SIZE}, batch {BATCH}, {o.threads} threads: Pentimento {mean(0) * 1e3:.0f} ms, PyTorch "
          f"{torch.__version__.split('+')[0]} {mean(1) * 1e3:.0f} ms: {mean(0) / mean(1):.2f} of its time, medians of {o.rounds}")


def race():
    if o.peer and os.path.exists(o.peer):
        peer = json.load(open(o.peer))
    else:
        network, styles, start = Peer(1e-3), [], time.perf_counter()
        for step in range(1, o.steps + 1):
            part = step / o.steps
            styles.append(network.step(0, 1e-3 if part < .6 else 5e-4 if part < .85 else 1.5e-4)["style"])
            if step % 50 == 0: print(f"PyTorch: {step} steps, {time.perf_counter() - start:.0f} s, style loss {np.mean(styles[-WINDOW:]):.0f}", flush=True)
        peer = {"steps": o.steps, "seconds": time.perf_counter() - start, "style": float(np.mean(styles[-WINDOW:]))}
        if o.peer: json.dump(peer, open(o.peer, "w"))
    print(f"PyTorch: {peer['steps']} steps, {peer['seconds']:.0f} s, style loss {peer['style']:.0f}", flush=True)
    text = subprocess.check_output(
        ours("training-race", "--steps", str(peer["steps"]), "--target", str(peer["style"]), "--window", str(WINDOW)), text=True)
    reached = json.loads(text.splitlines()[-1])
    if "seconds" not in reached: sys.exit(f"Pentimento does not come to it: {reached['style']:.0f} at the end")
    print(f"Pentimento: {reached['steps']} steps, {reached['seconds']:.0f} s to the same style loss: {reached['seconds'] / peer['seconds']:.2f} of its time")


steps() if o.what == "step" else race()
