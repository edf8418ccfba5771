#!/usr/bin/env python3
"""Writes optimizers.safetensors for OptimizerTests.swift. Needs numpy, scipy, torch and safetensors. Run in this folder.

NAME.losses: the initial loss, then the loss after each iteration of SciPy's L-BFGS-B, with the same history size and in
             double precision.
NAME.evaluations: the number of evaluations up to then.
adam.points: PyTorch's Adam on the quadratic after 1, 10, 100 and 300 steps.
"""
import numpy as np, torch
from safetensors.numpy import save_file
from scipy.optimize import minimize

HISTORY = 20


def rosenbrock(x):
    bend, rest = x[1:] - x[:-1] ** 2, 1 - x[:-1]
    gradient = np.zeros_like(x)
    gradient[:-1] = -400 * x[:-1] * bend - 2 * rest
    gradient[1:] += 200 * bend
    return np.sum(100 * bend ** 2 + rest ** 2), gradient


def curvatures(count, condition):
    return condition ** (np.arange(count) / (count - 1))


def quadratic(count, condition):
    scale = curvatures(count, condition)
    return lambda x: (0.5 * np.sum(scale * (x - 1) ** 2), scale * (x - 1))


def trace(function, start):
    evaluations = [0]

    def counted(x):
        evaluations[0] += 1
        return function(x)

    losses, counts = [function(start)[0]], [0]

    def note(result):
        losses.append(result.fun)
        counts.append(evaluations[0])

    minimize(counted, start, jac=True, method="L-BFGS-B", callback=lambda intermediate_result: note(intermediate_result),
             options=dict(maxcor=HISTORY, ftol=0, gtol=0, maxiter=1500, maxfun=5000))
    return np.array(losses, np.float32), np.array(counts, np.float32)


def adam(steps):
    scale = torch.tensor(curvatures(50, 1e4), dtype=torch.float32)
    x = torch.zeros(50, requires_grad=True)
    optimizer = torch.optim.Adam([x], lr=0.05, foreach=False)
    points = []
    for step in range(1, max(steps) + 1):
        x.grad = scale * (x.detach() - 1)
        optimizer.step()
        if step in steps: points.append(x.detach().clone().numpy())
    return np.stack(points)


problems = {f"rosenbrock-{n}": (rosenbrock, np.resize([-1.2, 1.0], n)) for n in (2, 10, 100)}
problems["quadratic"] = quadratic(1000, 1e6), np.zeros(1000)
problems["quadratic-mild"] = quadratic(20000, 1e3), np.zeros(20000)
tensors = {"adam.points": adam([1, 10, 100, 300])}
for name, (function, start) in problems.items():
    losses, evaluations = trace(function, start)
    tensors[f"{name}.losses"], tensors[f"{name}.evaluations"] = losses, evaluations
    print(name, len(losses) - 1, "iterations", int(evaluations[-1]), "evaluations, loss", losses[-1])
save_file(tensors, "optimizers.safetensors", {"origin": "make_optimizers.py"})
