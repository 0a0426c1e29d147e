"""The benchmark's steps in JAX: optax SAM under jit. Threads are XLA's own: as many as the process may use cores."""

from sampleServer import missing, serve

try:
    import jax
    import jax.numpy as jnp
    import optax
except ImportError as error:
    missing("jax with optax", error)

RHO, LEARNING_RATE, MOMENTUM, CLASSES = 0.05, 1e-4, 0.9, 10
KEYS = iter(jax.random.split(jax.random.key(0), 64))


def normal(shape, deviation=1.0):
    return deviation * jax.random.normal(next(KEYS), shape)


def dense(fan_in, fan_out):
    return normal((fan_in, fan_out), (2 / fan_in) ** 0.5), jnp.zeros(fan_out)


def perceptron(widths):
    params = [dense(a, b) for a, b in zip(widths, widths[1:])]

    def apply(params, x):
        for kernel, bias in params[:-1]:
            x = jax.nn.relu(x @ kernel + bias)
        kernel, bias = params[-1]
        return x @ kernel + bias

    return params, apply


def convolution(x, kernel, bias):
    y = jax.lax.conv_general_dilated(x, kernel, (1, 1), "VALID", dimension_numbers=("NHWC", "HWIO", "NHWC"))
    return jax.nn.relu(y + bias)


def max_pool(x):
    return jax.lax.reduce_window(x, -jnp.inf, jax.lax.max, (1, 2, 2, 1), (1, 2, 2, 1), "VALID")


def convolutional():
    params = [
        (normal((3, 3, 1, 32), (2 / 9) ** 0.5), jnp.zeros(32)),
        (normal((3, 3, 32, 64), (2 / 288) ** 0.5), jnp.zeros(64)),
        dense(5 * 5 * 64, CLASSES),
    ]

    def apply(params, x):
        for kernel, bias in params[:2]:
            x = max_pool(convolution(x, kernel, bias))
        kernel, bias = params[2]
        return x.reshape(x.shape[0], -1) @ kernel + bias

    return params, apply


MODELS = {
    "small": (lambda: perceptron([40, 128, 128, CLASSES]), (64, 40)),
    "large": (lambda: perceptron([784, 512, 512, CLASSES]), (128, 784)),
    "cnn": (convolutional, (128, 28, 28, 1)),
}


def stepper(optimizer, params, loss, x, y):
    """A training step under jit, which holds parameters and optimizer state between calls."""

    @jax.jit
    def step(params, state):
        value, gradient = jax.value_and_grad(loss)(params, x, y)
        again = lambda at, _: jax.grad(loss)(at, x, y)
        updates, state = optimizer.update(gradient, state, params, grad_fn=again)
        return optax.apply_updates(params, updates), state, value

    held = [params, optimizer.init(params)]

    def run():
        held[0], held[1], value = step(*held)
        jax.block_until_ready((held, value))

    return run


def create(name):
    make, shape = MODELS[name]
    params, apply = make()
    x = normal(shape)
    y = jax.random.randint(next(KEYS), shape[:1], 0, CLASSES)

    def loss(params, x, y):
        return optax.softmax_cross_entropy_with_integer_labels(apply(params, x), y).mean()

    gradient = jax.jit(jax.value_and_grad(loss))
    base = lambda: optax.sgd(LEARNING_RATE, momentum=MOMENTUM)
    ascent = optax.chain(optax.contrib.normalize(), optax.sgd(RHO))
    sam = optax.contrib.sam(base(), ascent, sync_period=2, opaque_mode=True)
    return {
        "gradient": lambda: jax.block_until_ready(gradient(params, x, y)),
        "plain": stepper(optax.with_extra_args_support(base()), params, loss, x, y),
        "sam": stepper(sam, params, loss, x, y),
    }


serve({"library": "jax", "version": jax.__version__, "optax": optax.__version__, "models": list(MODELS)}, create)
