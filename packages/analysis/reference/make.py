"""Float64 references of an MLP 3-5-3 (tanh, softmax cross-entropy, mean over 24 examples)."""

import json

import numpy as np
from scipy.optimize import minimize

rng = np.random.default_rng(7)
N, D, H, C = 24, 3, 5, 3
x = np.round(rng.normal(size=(N, D)), 3)
y = rng.integers(0, C, size=N)
shapes = [("hidden/kernel", (D, H)), ("hidden/bias", (H,)), ("output/kernel", (H, C)), ("output/bias", (C,))]
sizes = [int(np.prod(shape)) for _, shape in shapes]
P = sum(sizes)
theta = np.round(rng.normal(scale=0.7, size=P), 3)
other = np.round(theta + rng.normal(scale=0.5, size=P), 3)
third = np.round(theta + rng.normal(scale=0.5, size=P), 3)
one_hot = np.eye(C)[y]


# The activation: real parts alone decide, so that complex steps differentiate between kinks.
tanh = np.tanh, lambda h: 1 - h * h
relu = lambda a: a * (a.real > 0), lambda h: (h.real > 0) * 1.0


def unpack(t):
    out, at = [], 0
    for (_, shape), size in zip(shapes, sizes):
        out.append(t[at : at + size].reshape(shape))
        at += size
    return out


def outputs(t):
    w1, b1, w2, b2 = unpack(t)
    return np.tanh(x @ w1 + b1) @ w2 + b2


def loss(t):
    z = outputs(t)
    # No maximum is taken out: it has no complex step, and these logits are small.
    return np.mean(np.log(np.sum(np.exp(z), axis=1)) - np.sum(z * one_hot, axis=1))


def gradient(t, activation=tanh):
    w1, b1, w2, b2 = unpack(t)
    h = activation[0](x @ w1 + b1)
    z = h @ w2 + b2
    p = np.exp(z) / np.sum(np.exp(z), axis=1, keepdims=True)
    dz = (p - one_hot) / N
    dh = (dz @ w2.T) * activation[1](h)
    return np.concatenate([(x.T @ dh).ravel(), dh.sum(axis=0), (h.T @ dz).ravel(), dz.sum(axis=0)])


def complex_step(f, t):
    """Columns: the derivative of f along each weight, exact in float64."""
    step = 1e-30
    return np.stack([np.imag(f(t + 1j * step * e)) / step for e in np.eye(P)], axis=-1)


assert np.allclose(complex_step(loss, theta), gradient(theta), atol=1e-14)
hessian = complex_step(gradient, theta)
hessian = (hessian + hessian.T) / 2

of_relu = complex_step(lambda t: gradient(t, relu), theta)
of_relu = (of_relu + of_relu.T) / 2

z = outputs(theta)
p = np.exp(z) / np.sum(np.exp(z), axis=1, keepdims=True)
jacobian = complex_step(outputs, theta)  # [N, C, P]
gauss_newton = sum(jacobian[i].T @ (np.diag(p[i]) - np.outer(p[i], p[i])) @ jacobian[i] for i in range(N)) / N

starts = np.concatenate([[0], np.cumsum(sizes)])
block = lambda matrix, i, j: matrix[starts[i] : starts[j], starts[i] : starts[j]]
eigenvalues = lambda matrix: np.sort(np.linalg.eigvalsh(matrix))[::-1].tolist()
layers = {name: block(hessian, *at) for name, at in {"hidden": (0, 2), "output": (2, 4)}.items()}

g = gradient(theta)
rho = 0.3
t = np.abs(theta) + 0.01


def worst_case(scale, start):
    """max L(theta + scale u) over ||u||_2 <= rho."""
    found = minimize(
        lambda u: -loss(theta + scale * u),
        start,
        jac=lambda u: -scale * gradient(theta + scale * u),
        constraints=[{"type": "ineq", "fun": lambda u: rho**2 - u @ u, "jac": lambda u: -2 * u}],
        method="SLSQP",
        options={"ftol": 1e-15, "maxiter": 1000},
    )
    assert found.success
    return -found.fun - loss(theta)


def worst_case_box(start):
    """max L(theta + d) over |d_i| <= 0.05."""
    found = minimize(
        lambda d: -loss(theta + d),
        start,
        jac=lambda d: -gradient(theta + d),
        bounds=[(-0.05, 0.05)] * P,
        method="L-BFGS-B",
        options={"ftol": 1e-16, "gtol": 1e-12, "maxiter": 10000},
    )
    return -found.fun - loss(theta)


def normalized(z):
    centered = z - z.mean(axis=1, keepdims=True)
    return centered / np.linalg.norm(centered, axis=1, keepdims=True)


def cross_entropy(z):
    return np.mean(np.log(np.sum(np.exp(z), axis=1)) - np.sum(z * one_hot, axis=1))


moves = np.stack([theta, other, third, 0.3 * theta + 0.5 * other]) - (0.2 * theta + 0.8 * third)
_, singular, _ = np.linalg.svd(moves, full_matrices=False)

print(
    json.dumps(
        {
            "x": x.tolist(),
            "y": y.tolist(),
            "parameters": [{"name": name, "shape": list(shape)} for name, shape in shapes],
            "weights": theta.tolist(),
            "other": other.tolist(),
            "third": third.tolist(),
            "loss": loss(theta),
            "accuracy": float(np.mean(np.argmax(z, axis=1) == y)),
            "gradient": g.tolist(),
            "hessian": {
                "eigenvalues": eigenvalues(hessian),
                "trace": float(np.trace(hessian)),
                "layers": {
                    name: {"eigenvalue": eigenvalues(part)[0], "trace": float(np.trace(part))}
                    for name, part in layers.items()
                },
                "kernels": float(np.trace(block(hessian, 0, 1)) + np.trace(block(hessian, 2, 3))),
            },
            "relu": {"eigenvalues": eigenvalues(of_relu), "trace": float(np.trace(of_relu))},
            "gaussNewton": {"eigenvalues": eigenvalues(gauss_newton), "trace": float(np.trace(gauss_newton))},
            "sharpness": {
                "rho": rho,
                "oneStep": loss(theta + rho * g / np.linalg.norm(g)) - loss(theta),
                "oneStepAdaptive": loss(theta + rho * t * t * g / np.linalg.norm(t * g)) - loss(theta),
                "worstCase": worst_case(np.ones(P), rho * g / np.linalg.norm(g)),
                "worstCaseAdaptive": worst_case(t, rho * t * g / np.linalg.norm(t * g)),
                "worstCaseBox": worst_case_box(0.05 * np.sign(g)),
                "averageByTrace": 0.01**2 / 2 * float(np.trace(hessian)),
            },
            "normalizedLogits": {
                "loss": cross_entropy(normalized(z)),
                "scaledLoss": cross_entropy(normalized(3 * z)),
            },
            "line": [{"alpha": a, "loss": loss((1 - a) * theta + a * other)} for a in (-0.5, 0, 0.25, 0.5, 1, 1.5)],
            "trajectory": {
                "explained": (singular**2 / np.sum(singular**2))[:2].tolist(),
            },
        },
        indent=2,
    )
)
