#!/usr/bin/env python3
"""Times the network beside OpenVINO, ONNX Runtime and PyTorch: same weights, input, precision (float32) and threads, one
after the other in every round, medians over the rounds.

usage: network_peers.py --release FOLDER [--arch STRING | --model FILE] [--size 1024x436] [--threads N] [--rounds 9]
                        [--chain CLIP [--chains 1920x1080:live,...]]
With a clip, the whole chain is timed in the same rounds: one frame, NV12 in and out, over OpenVINO's time. FOLDER holds pentimento-bench (swift build -c release). Needs numpy and torch; onnx with onnxruntime and openvino where
they are to be timed.
"""
import argparse, os, subprocess, sys, tempfile, time
import numpy as np

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "../Tests/NeuralNetTests/Fixtures"))
PAPER = "c9s1-32,d64,d128,R128,R128,R128,R128,R128,U2,c3s1-64,U2,c9s1-3"
a = argparse.ArgumentParser()
a.add_argument("--release", default=".build/release")
a.add_argument("--arch", default=PAPER)
a.add_argument("--model", help="a model file instead of an architecture; its gate is left out everywhere but in ours")
a.add_argument("--size", default="1024x436")
a.add_argument("--threads", type=int, default=len(os.sched_getaffinity(0)))
a.add_argument("--rounds", type=int, default=9)
a.add_argument("--chain", metavar="CLIP")
a.add_argument("--chains", default="1920x1080:live,1280x720:live,640x360:live,1920x1080:balanced,1920x1080:best")
o = a.parse_args()
os.environ["OMP_NUM_THREADS"] = os.environ["MKL_NUM_THREADS"] = str(o.threads)
import torch
import make_network_cases as cases

torch.set_num_threads(o.threads)
width, height = map(int, o.size.split("x"))
folder = tempfile.TemporaryDirectory(prefix="pentimento-bench-")
bench = os.path.join(o.release, "pentimento-bench")
model = o.model or folder.name + "/model.safetensors"
if not o.model: subprocess.run([bench, "network", "--arch", o.arch, "--write", model], check=True)
meta, weights = cases.read(model)
arch, padding = meta["arch"], meta["padding"]
if padding != "reflect-start": sys.exit("only reflect-start is compared")
margin = cases.margin_of(arch, padding)
x = torch.rand(1, 7 if meta["pentimento.kind"] == "video" else 3, height, width) * 255 - 116
right, below = -width % 4, -height % 4


def forward(x):
    x = cases.reflected(x, 0, right, 0, below)
    return torch.tanh(cases.network(cases.reflected(x, *(margin,) * 4), arch, weights, padding)[:, :3]) * 150


def onnx_bytes():
    """The same network as an ONNX graph."""
    import onnx
    from onnx import helper as h, numpy_helper, TensorProto
    nodes, constants = [], {}
    def constant(name, value):
        constants[name] = value
        return name
    def node(kind, inputs, **attributes):
        name = f"v{len(nodes)}"
        nodes.append(h.make_node(kind, inputs, [name], **attributes))
        return name
    for name, value in weights.items(): constant(name, value.numpy())
    def conv(x, name, stride, dilation, pad):
        return node("Conv", [x, name + ".weight", name + ".bias"], strides=[stride] * 2, dilations=[dilation] * 2, pads=[pad] * 4,
                    kernel_shape=list(weights[name + ".weight"].shape[2:]))
    def norm(x, name): return node("InstanceNormalization", [x, name + ".scale", name + ".shift"], epsilon=1e-5)
    v = "input"
    if right or below: v = node("Pad", [v, constant("extend", np.array([0, 0, 0, 0, 0, 0, below, right]))], mode="reflect")
    v = node("Pad", [v, constant("pads", np.array([0, 0, margin, margin] * 2))], mode="reflect")
    layers = list(cases.parse(arch))
    for i, layer in enumerate(layers):
        if layer[0] == "U":
            v = node("Resize", [v, "", constant(f"{i}.scales", np.array([1, 1, layer[1], layer[1]], np.float32))], mode="nearest",
                     coordinate_transformation_mode="asymmetric", nearest_mode="floor")
        elif layer[0] == "R":
            d = layer[3]
            y = node("Relu", [norm(conv(v, f"{i}.conv1", 1, d, 0), f"{i}.norm1")])
            y = norm(conv(y, f"{i}.conv2", 1, d, 0), f"{i}.norm2")
            cut = node("Slice", [v, constant(f"{i}.from", np.array([2 * d] * 2)), constant(f"{i}.to", np.array([-2 * d] * 2)),
                                 constant(f"{i}.axes", np.array([2, 3]))])
            v = node("Add", [y, cut])
        elif layer[0] == "c":
            v = conv(v, f"{i}.conv", layer[2], layer[3], layer[3] * (layer[1] - 1) // 2)
            if i < len(layers) - 1: v = node("Relu", [norm(v, f"{i}.norm")])
        else: sys.exit("fractional strides are not compared")
    v = node("Tanh", [node("Slice", [v, constant("z", np.array([0])), constant("t", np.array([3])), constant("c", np.array([1]))])])
    v = node("Mul", [v, constant("scale", np.array(150, np.float32))])
    graph = h.make_graph(nodes, "network", [h.make_tensor_value_info("input", TensorProto.FLOAT, list(x.shape))],
                         [h.make_tensor_value_info(v, TensorProto.FLOAT, [1, 3, height + below, width + right])],
                         [numpy_helper.from_array(value, name) for name, value in constants.items()])
    result = h.make_model(graph, opset_imports=[h.make_opsetid("", 17)], ir_version=8)
    onnx.checker.check_model(result)
    return result.SerializeToString()


programs = {}
command = [bench, "network", "--size", o.size, "--threads", str(o.threads), "--model", model, "--serve"]
ours = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
assert ours.stdout.readline().strip() == "ready", "pentimento-bench did not start"


def time_ours():
    ours.stdin.write("\n"); ours.stdin.flush()
    return float(ours.stdout.readline())


def timed(run):
    def time_once():
        start = time.perf_counter()
        run()
        return (time.perf_counter() - start) * 1e3
    return time_once


programs["Pentimento"] = time_ours
with torch.inference_mode(): reference = forward(x).numpy()


def add_torch():
    def run():
        with torch.inference_mode(): forward(x)
    programs["PyTorch " + torch.__version__.split("+")[0]] = timed(run)


def add_onnxruntime():
    import onnxruntime
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = o.threads
    session = onnxruntime.InferenceSession(onnx_bytes(), options, providers=["CPUExecutionProvider"])
    run = lambda: session.run(None, {"input": x.numpy()})
    print(f"ONNX Runtime differs from PyTorch by {np.abs(run()[0] - reference).max():.1e} at most")
    programs["ONNX Runtime " + onnxruntime.__version__] = timed(run)


def add_openvino():
    import openvino
    core = openvino.Core()
    network = core.compile_model(core.read_model(onnx_bytes()), "CPU", {
        "INFERENCE_NUM_THREADS": o.threads, "PERFORMANCE_HINT": "LATENCY", "INFERENCE_PRECISION_HINT": "f32"})
    request = network.create_infer_request()
    run = lambda: request.infer({0: x.numpy()})
    print(f"OpenVINO differs from PyTorch by {np.abs(run()[0] - reference).max():.1e} at most")
    programs["OpenVINO " + openvino.__version__.split("-")[0]] = timed(run)


for add in (add_openvino, add_onnxruntime, add_torch):
    try: add()
    except ImportError as error: print(f"not timed: {error}")
peers = [name for name in programs if name != "Pentimento"]


def add_chain(size, quality):
    def once():
        command = [bench, "live", o.chain, size, quality]
        return float(subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout)
    programs[f"chain {size} {quality}"] = once


if o.chain:
    for chain in o.chains.split(","): add_chain(*chain.split(":"))
times = {name: [] for name in programs}
for round in range(o.rounds + 1):
    for name, once in programs.items():
        time.sleep(.2)  # lets the threads of the one before fall asleep
        value = once()
        if round: times[name].append(value)
ours.stdin.close()
median = {name: float(np.median(values)) for name, values in times.items()}
fastest = min(median[name] for name in peers)
print(f"{arch}, {o.size}, {o.threads} threads, medians of {o.rounds} interleaved runs")
for name, value in median.items():
    print(f"  {name:24} {value:8.1f} ms   {value / fastest:6.3f} of the fastest peer")
