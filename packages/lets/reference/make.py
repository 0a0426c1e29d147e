"""Float64 trajectories of LETS, by NumPy, on the problem of another reference: python3 make.py

Written from the formulas of the README of @flatmin/lets, without a look at its code. It first repeats the references
that came from elsewhere (`check`), which shows that what is shared by all forms is right, and then writes the new ones
beside them, into packages/conformance/golden.
"""

import json
from pathlib import Path

import numpy as np

golden = Path(__file__).parents[2] / "conformance" / "golden"


def one_hot(batch, classes):
    return np.eye(classes)[np.array(batch["y"], dtype=int)]


class Net:
    """A tanh MLP with softmax cross-entropy, its gradient written out."""

    def __init__(self, problem):
        self.shapes = [tuple(each["shape"]) for each in problem["parameters"]]
        self.names = [each["name"] for each in problem["parameters"]]
        self.classes = problem["layers"][-1]

    def evaluate(self, weights, batch):
        x, y = np.array(batch["x"], dtype=float), one_hot(batch, self.classes)
        count = len(weights) // 2
        inputs, hidden = [], x
        for layer in range(count):
            inputs.append(hidden)
            out = hidden @ weights[2 * layer] + weights[2 * layer + 1]
            hidden = np.tanh(out) if layer < count - 1 else out
        shifted = out - out.max(axis=1, keepdims=True)
        log_p = shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))
        loss = -(y * log_p).sum(axis=1).mean()
        back = (np.exp(log_p) - y) / len(x)
        gradient = [None] * len(weights)
        for layer in reversed(range(count)):
            gradient[2 * layer] = inputs[layer].T @ back
            gradient[2 * layer + 1] = back.sum(axis=0)
            if layer > 0:
                back = (back @ weights[2 * layer].T) * (1 - inputs[layer] ** 2)
        return loss, gradient


def dot(a, b):
    return sum((left * right).sum() for left, right in zip(a, b))


class Base:
    """SGD, momentum, Adam and AdamW (decoupled decay of all roles that it names), with P, Adam's own step of each weight."""

    def __init__(self, spec, shapes):
        self.spec, self.t = spec, 0
        self.m = [np.zeros(shape) for shape in shapes]
        self.v = [np.zeros(shape) for shape in shapes]

    def step(self, weights, gradient):
        rate, self.t = self.spec["learningRate"], self.t + 1
        if self.spec["use"] == "sgd":
            self.P = [np.ones_like(w) for w in weights]
            return [w - rate * g for w, g in zip(weights, gradient)]
        if self.spec["use"] == "momentum":
            self.P = [np.ones_like(w) for w in weights]
            self.m = [self.spec["momentum"] * m + g for m, g in zip(self.m, gradient)]
            return [w - rate * m for w, m in zip(weights, self.m)]
        b1, b2, epsilon = self.spec["beta1"], self.spec["beta2"], self.spec["epsilon"]
        self.m = [b1 * m + (1 - b1) * g for m, g in zip(self.m, gradient)]
        self.v = [b2 * v + (1 - b2) * g * g for v, g in zip(self.v, gradient)]
        self.P = [1 / (np.sqrt(v / (1 - b2**self.t)) + epsilon) for v in self.v]
        return [w - rate * p * m / (1 - b1**self.t) for w, p, m in zip(weights, self.P, self.m)]


def rate_at(rate, t):
    if not isinstance(rate, dict):
        return rate
    share = min(1, t / (rate["steps"] - 1))
    return rate["from"] + (rate["to"] - rate["from"]) * share


def group_of(names, groups):
    if groups == "layer":
        keys = [name.rsplit("/", 1)[0] for name in names]
    elif groups == "role":
        keys = [name.rsplit("/", 1)[1] for name in names]
    else:
        keys = ["all"] * len(names)
    order = list(dict.fromkeys(keys))
    return order, [order.index(key) for key in keys]


def mean(nu, group):
    """The one radius that stands for all: the geometric mean over the variables."""
    return float(np.exp(np.mean([nu[k] for k in group])))


def run(spec, problem, steps):
    """The robust form: validation objective, secant, projection, memory; upper Adam on log rho."""
    net = Net(problem)
    weights = [np.array(each["values"], dtype=float).reshape(each["shape"]) for each in problem["parameters"]]
    base = Base(spec["inner"]["base"], net.shapes)
    order, group = group_of(net.names, spec.get("groups"))
    nu = np.full(len(order), np.log(spec["inner"]["rho"]))
    z = [np.zeros(shape) for shape in net.shapes]
    upper, a = spec["upper"], spec["memory"]
    m, v, taken = np.zeros(len(order)), np.zeros(len(order)), 0
    rows = []
    for t in range(steps):
        batch = problem["batches"][t % len(problem["batches"])]
        loss, g = net.evaluate(weights, batch)
        if t < spec.get("warmStart", 0):
            weights = base.step(weights, g)
            rows.append(row(loss, 1, None, weights, radiusAfter=mean(nu, group), branch="base"))
            continue
        rho = np.exp(nu)
        length = np.sqrt(dot(g, g))
        offset = [rho[k] * each / length for k, each in zip(group, g)]
        _, gp = net.evaluate([w + e for w, e in zip(weights, offset)], batch)
        weights = base.step(weights, gp)
        P = base.P if spec.get("preconditioned") else [np.ones_like(w) for w in weights]
        q = [p * (after - before) / rho[k] for k, p, after, before in zip(group, P, gp, g)]
        along = [p * each for p, each in zip(P, gp)]
        for k in range(len(order)):
            members = [i for i in range(len(q)) if group[i] == k]
            of = lambda vector: [vector[i] for i in members]
            share = dot(of(along), of(q)) / (dot(of(along), of(along)) + 1e-20)
            for i in members:
                q[i] = q[i] - share * along[i]
        rate = base.spec["learningRate"]
        z = [a * old - rate * each for old, each in zip(z, q)]
        extra = {"perturbationNorm": float(np.sqrt(dot(offset, offset)))}
        if t % spec.get("every", 1) == 0:
            held_out = problem["validationBatches"][t % len(problem["validationBatches"])]
            validation, qv = net.evaluate(weights, held_out)
            h = np.array([dot([qv[i] for i in range(len(z)) if group[i] == k], [z[i] for i in range(len(z)) if group[i] == k]) for k in range(len(order))])
            slope, taken = rho * h, taken + 1
            m = upper["beta1"] * m + (1 - upper["beta1"]) * slope
            v = upper["beta2"] * v + (1 - upper["beta2"]) * slope * slope
            direction = upper.get("shrink", 0) + m / (1 - upper["beta1"] ** taken) / (np.sqrt(v / (1 - upper["beta2"] ** taken)) + upper["epsilon"])
            nu = np.clip(nu - rate_at(upper["learningRate"], t) * direction, np.log(spec["rhoMin"]), np.log(spec["rhoMax"]))
            extra |= {"validationLoss": float(validation), "hypergradient": float(h.sum())}
        extra["radiusAfter"] = mean(nu, group)
        if spec.get("groups"):
            extra |= {f"radiusAfter/{key}": float(np.exp(nu[k])) for k, key in enumerate(order)}
        rows.append(row(loss, 2 + ("validationLoss" in extra), mean(np.log(rho), group), weights, **extra))
    return rows


def row(loss, evaluations, radius, weights, **extra):
    told = {"loss": float(loss), "gradientEvaluations": evaluations, "radius": radius, **extra}
    return told | {"parameters": [each.ravel().tolist() for each in weights]}


def check(name):
    known = json.loads((golden / f"{name}.json").read_text())
    found = run(known["optimizer"], known["problem"], len(known["steps"]))
    for t, (mine, theirs) in enumerate(zip(found, known["steps"])):
        for key in ("loss", "radius", "radiusAfter", "hypergradient", "validationLoss"):
            if key in theirs and theirs[key] is not None:
                assert abs(mine[key] - theirs[key]) < 1e-9 * max(1, abs(theirs[key])), (name, t, key, mine[key], theirs[key])
        parameters = np.concatenate([np.ravel(each) for each in theirs["parameters"]])
        assert np.allclose(np.concatenate(mine["parameters"]), parameters, atol=1e-9), (name, t)
    print(name, "repeated")


def write(name, optimizer, notes):
    problem = json.loads((golden / "lets-sam-momentum-robust.json").read_text())["problem"]
    reference = {
        "schema": 1,
        "name": name,
        "optimizer": {"use": "lets", "preset": "robust", "memory": 0.99, "rhoMin": 1e-3, "rhoMax": 2.0, **optimizer},
        "source": {"kind": "formula", "repository": None, "notes": notes + " Made by packages/lets/reference/make.py."},
        "problem": problem,
    }
    reference["steps"] = run(reference["optimizer"], problem, 12)
    reference["recommendedFloat32Tolerance"] = {"parameters": 3e-6, "loss": 3e-6, "radius": 3e-5, "hypergradient": 5e-5}
    (golden / f"{name}.json").write_text(json.dumps(reference) + "\n")
    print(name, "written:", [round(step["radiusAfter"], 4) for step in reference["steps"]])


upper = {"use": "adam", "learningRate": 0.05, "beta1": 0.9, "beta2": 0.999, "epsilon": 1e-12}
momentum = {"use": "momentum", "learningRate": 0.1, "momentum": 0.9}
adam = {"use": "adam", "learningRate": 0.02, "beta1": 0.9, "beta2": 0.999, "epsilon": 1e-3}
adamw = {**adam, "use": "adamw", "weightDecay": 0}


def sam(base, rho=0.2):
    return {"use": "sam", "rho": rho, "base": base}


if __name__ == "__main__":
    for name in ("lets-sam-sgd-robust", "lets-sam-momentum-robust", "lets-sam-sgd-robust-every"):
        check(name)
    ramp = {**upper, "learningRate": {"schedule": "linear", "from": 0.1, "to": 0.02, "steps": 10}, "shrink": 0.05}
    write("lets-sam-momentum-robust-warm", {"inner": sam(momentum), "warmStart": 3, "upper": ramp}, "warmStart, an upper rate that falls, and a preference for the smaller radius.")
    write("lets-sam-adam-robust-preconditioned", {"inner": sam(adam), "preconditioned": True, "upper": upper}, "z through Adam's own step of each weight.")
    write("lets-sam-adamw-robust-preconditioned", {"inner": sam(adamw), "preconditioned": True, "upper": upper}, "z through AdamW's own step of each weight.")
    for groups in ("role", "layer"):
        write(f"lets-sam-momentum-robust-{groups}", {"inner": sam(momentum), "groups": groups, "upper": upper}, f"A radius for each {groups}.")
