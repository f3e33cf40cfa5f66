"""``07_optimizers``: six ways to take a step, two schedules, and a conversion."""

from __future__ import annotations

import numpy as np

from grader.exercises import Alternative, Case, Exercise, Misconception
from grader.reference import optimizers

STEPS = 7


def _walk_cases(rng: np.random.Generator) -> list[Case]:
    """Two parameters of different shapes, and their gradients at seven updates. No entry of a gradient is near 0.

    In the second case they are called by other names, as those of a second layer are.
    """
    cases = []
    for d, h, names in [(2, 3, "b W"), (4, 2, "b2 W2")]:
        b, W = rng.normal(size=h).round(2), rng.normal(size=(d, h)).round(2)
        sizes = rng.uniform(0.1, 2, size=(STEPS, d + 1, h)).round(2)
        signs = rng.choice([-1.0, 1.0], p=[0.3, 0.7], size=sizes.shape)
        gradients = sizes * signs
        lr, lr_next = rng.permutation([0.05, 0.2]) + rng.uniform(0, 0.05, size=2).round(3)
        dW = gradients[:, 1:]
        cases.append({"lr": lr, "names": names, "b": b, "W": W, "db": gradients[:, 0], "dW": dW, "lr_next": lr_next})
    return cases


def _momentum_cases(rng: np.random.Generator) -> list[Case]:
    alphas = rng.uniform([0.7, 0.91], [0.85, 0.97]).round(2)
    return [{**case, "alpha": float(alpha)} for case, alpha in zip(_walk_cases(rng), alphas, strict=True)]


def _epsilon_cases(rng: np.random.Generator) -> list[Case]:
    """ε = 0.1, which shows where ε stands; then a tiny one, and a gradient of exactly 0, which needs it."""
    seen, tiny = _walk_cases(rng)
    tiny["dW"][0, 0, 0] = 0.0
    return [{**seen, "eps": 0.1}, {**tiny, "eps": 1e-8}]


def _rmsprop_cases(rng: np.random.Generator) -> list[Case]:
    rhos = rng.uniform([0.7, 0.91], [0.85, 0.97]).round(2)
    return [{**case, "rho": float(rho)} for case, rho in zip(_epsilon_cases(rng), rhos, strict=True)]


def _adam_cases(rng: np.random.Generator) -> list[Case]:
    """Settings of our own, then those of the paper, with which `Adam()` is made."""
    own, paper = _epsilon_cases(rng)
    betas = {"beta1": round(float(rng.uniform(0.7, 0.85)), 2), "beta2": round(float(rng.uniform(0.9, 0.99)), 3)}
    return [{**own, **betas}, {**paper, "lr": 0.001, "beta1": 0.9, "beta2": 0.999}]


def _ema_cases(rng: np.random.Generator) -> list[Case]:
    alphas, betas = rng.uniform(0.1, 2, size=3).round(2), rng.uniform(0.6, 0.95, size=3).round(2)
    return [{"alpha": float(alpha), "beta": float(beta)} for alpha, beta in zip(alphas, betas, strict=True)]


def _step_cases(rng: np.random.Generator) -> list[Case]:
    cases = []
    for low in (3, 6):
        every = int(rng.integers(low, low + 3))
        cases.append(
            {
                "lr": round(float(rng.uniform(0.1, 2)), 2),
                "factor": round(float(rng.uniform(0.2, 0.45)), 2),
                "every": every,
                "epochs": np.arange(every, 3 * every + 2),
            }
        )
    return cases


def _cosine_cases(rng: np.random.Generator) -> list[Case]:
    return [{"lr": round(float(rng.uniform(0.1, 2)), 2), "epochs": int(rng.integers(low, low + 3))} for low in (5, 8)]


_LOOP = "for name, g in grads.items():\n            "
_STAYED = (
    "b and W are still where they were. Did no step take place, or did it go into a new array? `W = W + …` makes one, "
    "and the network keeps the array that it has: what changes an array itself?"
)
_OVERWRITTEN = (
    "The steps are right, but the gradients that you were handed are no longer what they were. Whoever computed them "
    "may want to look at them again: which array could take your product instead?"
)
_UPHILL = (
    "Your first step has the right size and the wrong sign. The gradient points to where E grows: "
    "which way should the parameters go?"
)


def _by_id(kept: str, old: str) -> Misconception:
    """What is kept lies under the identity of the array. ``old`` assigns to, and reads, ``self.kept``."""
    return Misconception(
        f"{kept} by identity of the array",
        old,
        old.replace(f"self.{kept}[name] = ", f"self.{kept}[name] = self.{kept}[id(params[name])] = ").replace(
            f"self.{kept}.get(name, 0.0)", f"self.{kept}.get(id(params[name]), 0.0)"
        ),
        f"All is right until the values lie in other arrays, as when a saved network is loaded: there your {kept} "
        "begins at 0 again. What of a parameter stays the same when its array does not?",
    )


def _shared(kept: str, old: str) -> Misconception:
    """One array for all parameters."""
    return Misconception(
        f"one {kept} for all parameters",
        old,
        old.replace(f"self.{kept}[name] = ", f"self.{kept}[name] = self.{kept}[''] = ").replace(
            f"self.{kept}.get(name, 0.0)", f"self.{kept}.get('', 0.0)"
        ),
        f"After one update b (row 0) is right, and in W there is something of b: both went into one {kept}. "
        f"How many {kept} does a network with two parameters need?",
    )


def _first_rate(old: str) -> Misconception:
    """The rate as it was when the optimizer was made. ``old`` reads ``self.lr``."""
    return Misconception(
        "the rate of the beginning",
        old,
        "first = self.__dict__.setdefault('first', self.lr)\n            " + old.replace("self.lr", "first"),
        "All is right until the learning rate is changed: your steps still use the one that the optimizer was made "
        "with. Where would the new one be found?",
    )


def _rebound(operator: str) -> Misconception:
    return Misconception(
        "a new array instead of the old one",
        f"params[name] {operator}= ",
        f"params[name] = params[name] {operator} ",
        _STAYED,
    )


def _outside(line: str) -> Misconception:
    """The step stands after the loop."""
    return Misconception(
        "only the last parameter",
        f"\n            {line}",
        f"\n        {line}",
        "W moves, and b (row 0) stays where it was. Which lines are carried out for each name, and which once, "
        "after the loop?",
    )


def _frictionless() -> Misconception:
    return Misconception(
        "no friction",
        "self.alpha * self.v.get",
        "self.v.get",
        "Your first update is right, and then all of the old v is kept, for ever. "
        "Which share of it does friction leave, and where does that come in?",
    )


def _fixed(what: str, old: str, new: str) -> Misconception:
    """A setting written as the number that it has by default."""
    return Misconception(
        f"{what} written out",
        old,
        new,
        f"Your steps have the {what} of the default, whatever the optimizer was given. Under which name does it keep "
        "its own?",
    )


SGD = Exercise(
    name="sgd",
    source="S2 §6 Review of SGD; S4 gradient descent",
    cases=_walk_cases,
    reference={"SGD": optimizers.SGD},
    misconceptions=(
        _rebound("-"),
        Misconception("uphill", "params[name] -= ", "params[name] += ", _UPHILL),
        Misconception(
            "gradients changed in place",
            "params[name] -= self.lr * g",
            "g *= self.lr\n            params[name] -= g",
            _OVERWRITTEN,
        ),
        Misconception(
            "rate left out",
            "self.lr * g",
            "g",
            "Your step is the gradient itself, whatever the learning rate. "
            "How far would you like to go along a slope of 10?",
        ),
        Misconception(
            "averaged a second time",
            "self.lr * g",
            "self.lr * g / len(g)",
            "Your step is too short by the number of rows of each array. The mean over the batch was paid in the loss; "
            "is there a batch in the gradient of a parameter at all?",
        ),
        Misconception(
            "only the first parameter",
            "params[name] -= self.lr * g",
            "params[name] -= self.lr * g\n            return",
            "b (row 0) is right, and W has not moved. Does the loop get as far as the second name?",
        ),
        Misconception(
            "only the last parameter",
            _LOOP + "params[name] -= self.lr * g",
            "for name, g in grads.items():\n            pass\n        params[name] -= self.lr * g",
            _outside("").message,
        ),
        Misconception(
            "names written out",
            "for name, g in grads.items():",
            'for name, g in (("W", grads["W"]), ("b", grads["b"])):',
            "Case 1 is right; in case 2 the same two parameters are called b2 and W2, and your code asks for names "
            "that are not there. Where do the names stand that are in use?",
        ),
        _first_rate("params[name] -= self.lr * g"),
        Misconception(
            "gradient scaled by the parameter",
            "params[name] -= self.lr * g",
            "params[name] *= 1 - self.lr * g",
            "Your step is larger where the parameter is larger: it was multiplied where it should be subtracted. "
            "How far does a parameter of 0 move with you?",
        ),
    ),
    alternatives=(
        Alternative(
            "new values written into the array", old="params[name] -= ", new="params[name][...] = params[name] - "
        ),
        Alternative(
            "entry by entry",
            old=_LOOP + "params[name] -= self.lr * g",
            new="for name in grads:\n            for place in np.ndindex(grads[name].shape):\n"
            "                params[name][place] -= self.lr * grads[name][place]",
        ),
        Alternative(
            "a variable for the array",
            old="params[name] -= self.lr * g",
            new="theta = params[name]\n            theta -= self.lr * g",
        ),
    ),
)

_V = "self.v[name] = self.alpha * self.v.get(name, 0.0) - self.lr * g"
_ADD_V = "params[name] += self.v[name]"

MOMENTUM = Exercise(
    name="momentum",
    source="S2 §6.1 Momentum",
    cases=_momentum_cases,
    reference={"Momentum": optimizers.Momentum},
    misconceptions=(
        _rebound("+"),
        _first_rate(_V),
        _by_id("v", _V),
        _shared("v", _V),
        Misconception(
            "nothing remembered",
            "self.v.get(name, 0.0)",
            "0.0",
            "Your first update is right, and every later one is plain descent: v is 0 each time it is used. "
            "Where does the next update find the v of this one?",
        ),
        Misconception(
            "rate outside v",
            f"{_V}\n            {_ADD_V}",
            "self.v[name] = self.alpha * self.v.get(name, 0.0) - g\n            params[name] += self.lr * self.v[name]",
            "All is right as long as λ stays as it is. After the change, what was gathered under the old rate "
            "is stepped with the new one. Where does λ stand in the formula: on the way into v, or on the way out?",
        ),
        Misconception("uphill", "+= self.v[name]", "-= self.v[name]", _UPHILL),
        Misconception(
            "averaged gradient",
            "- self.lr * g",
            "- (1 - self.alpha) * self.lr * g",
            "Your first step is 1 − α of what it should be: your v is an average of the gradients. "
            "That is the form of the next section; what does the formula here put before λg?",
        ),
        Misconception(
            "friction for what is kept",
            "self.alpha * self.v.get",
            "(1 - self.alpha) * self.v.get",
            "Your first update is right, and then too little of v is left. α near 1 should mean a long memory: "
            "which share of v is kept, and which is lost to friction?",
        ),
        _outside(_ADD_V),
        _frictionless(),
        _fixed("α", "self.alpha * self.v.get", "0.9 * self.v.get"),
        Misconception(
            "old v and α of it",
            "self.alpha * self.v.get(name, 0.0)",
            "self.v.get(name, 0.0) + self.alpha * self.v.get(name, 0.0)",
            "Your first update is right, and then v is too long: the old v is in it once in full, and α times besides. "
            "How much of it does the friction leave?",
        ),
        Misconception(
            "step before v is new",
            f"{_V}\n            {_ADD_V}",
            f"params[name] += self.v.get(name, 0.0)\n            {_V}",
            "Your first update moves nothing, and every later one takes the step of the update before. "
            "Which of the two lines of the formula comes first?",
        ),
        Misconception(
            "pushed twice",
            _ADD_V,
            "params[name] += self.alpha * self.v[name] - self.lr * g",
            "Your step has the gradient in it twice. θ + αv − λg is the same as θ + v if that v is the old one: "
            "which v was it when you used it?",
        ),
        Misconception(
            "gradients changed in place",
            _V,
            f"g *= self.lr\n            {_V.replace('self.lr * g', 'g')}",
            _OVERWRITTEN,
        ),
    ),
    alternatives=(
        Alternative(
            "arrays of zeros, changed in place",
            old=f"{_V}\n            {_ADD_V}",
            new="v = self.v.setdefault(name, np.zeros_like(g))\n            v *= self.alpha\n"
            "            v -= self.lr * g\n            params[name] += v",
        ),
        Alternative(
            "v of the other sign",
            old=f"{_V}\n            {_ADD_V}",
            new=f"{_V.replace(' - ', ' + ')}\n            params[name] -= self.v[name]",
        ),
        Alternative(
            "in one formula from the old v",
            old=f"{_V}\n            {_ADD_V}",
            new="old = self.v.get(name, 0 * g)\n            params[name] += self.alpha * old - self.lr * g\n"
            "            self.v[name] = self.alpha * old - self.lr * g",
        ),
        Alternative(
            "a list in the order of the parameters",
            code="""
class Momentum(Optimizer):
    def __init__(self, lr, alpha=0.9):
        super().__init__(lr)
        self.alpha = alpha
        self.v = None

    def update(self, params, grads):
        if self.v is None:
            self.v = [np.zeros(value.shape) for value in params.values()]
        for k, name in enumerate(params):
            self.v[k] = self.alpha * self.v[k] - self.lr * grads[name]
            params[name][:] = params[name] + self.v[k]
""",
        ),
    ),
)

EMA_TO_CLASSIC = Exercise(
    name="ema_to_classic",
    source="S4 momentum",
    cases=_ema_cases,
    reference={"ema_to_classic": optimizers.ema_to_classic},
    misconceptions=(
        Misconception(
            "rate not rescaled",
            "alpha * (1 - beta), beta",
            "alpha, beta",
            "With your λ the first step would be longer than theirs. "
            "They step with α times an average: how much of the first gradient is in it?",
        ),
        Misconception(
            "the wrong way round",
            "alpha * (1 - beta), beta",
            "beta, alpha * (1 - beta)",
            "Both numbers are right, and they stand in each other's place. In which order are they asked for?",
        ),
        Misconception(
            "divided by 1 - β",
            "alpha * (1 - beta)",
            "alpha / (1 - beta)",
            "Your λ is larger than α. Their average takes in only a part of each gradient: "
            "is one step of theirs longer or shorter than αg?",
        ),
        Misconception(
            "times β",
            "alpha * (1 - beta)",
            "alpha * beta",
            "Your λ is α times the share that their v keeps. Put v = 0 into their formula: "
            "which number stands before g in the first step?",
        ),
        Misconception(
            "what is lost for what is kept",
            "(1 - beta), beta",
            "(1 - beta), 1 - beta",
            "λ is right. Our α is the share of v that survives an update: which letter says that in their formula?",
        ),
        Misconception(
            "sign carried over",
            "alpha * (1 - beta), beta",
            "-alpha * (1 - beta), beta",
            "The size of your λ is right, its sign is not. Their v points uphill and is subtracted, ours points "
            "downhill and is added: is one of the two a rate below 0?",
        ),
    ),
    alternatives=(
        Alternative("multiplied out", old="alpha * (1 - beta), beta", new="alpha - alpha * beta, beta"),
        Alternative("as an array", old="alpha * (1 - beta), beta", new="np.array([alpha * (1 - beta), beta])"),
        Alternative(
            "from two steps of their formula",
            old="return alpha * (1 - beta), beta",
            new="v1 = beta * 0.0 + (1 - beta) * 1.0\n    v2 = beta * v1 + (1 - beta) * 0.0\n"
            "    return alpha * v1, v2 / v1",
        ),
    ),
)

_NESTEROV_STEP = "params[name] += self.alpha * self.v[name] - self.lr * g"

NESTEROV = Exercise(
    name="nesterov",
    source="S2 §6 Nesterov's momentum",
    cases=_momentum_cases,
    reference={"Nesterov": optimizers.Nesterov},
    misconceptions=(
        Misconception(
            "plain momentum",
            _NESTEROV_STEP,
            "params[name] += self.v[name]",
            "Here you step as plain Momentum does. What is the parameter meant to be: "
            "the place where the ball is, or the place one glide ahead?",
        ),
        Misconception(
            "glide never taken back",
            f"{_V}\n            {_NESTEROV_STEP}",
            f"params[name] += self.alpha * self.v.get(name, 0.0)\n            {_V}\n"
            "            params[name] += self.v[name]",
            "Your first step is λg alone, and then every update glides by the old v and steps by the new one. "
            "The gradient you are given was taken ahead already: is the old glide to be made once more?",
        ),
        _rebound("+"),
        _first_rate(f"{_V}\n            {_NESTEROV_STEP}"),
        _by_id("v", _V),
        _shared("v", _V),
        Misconception(
            "gradient missing in the step",
            _NESTEROV_STEP,
            "params[name] += self.alpha * self.v[name]",
            "Your first step is α of one gradient step. The formula moves by αv and by one thing more: which?",
        ),
        _outside(_NESTEROV_STEP),
        _frictionless(),
        _fixed(
            "α",
            f"{_V}\n            {_NESTEROV_STEP}",
            f"{_V}\n            {_NESTEROV_STEP}".replace("self.alpha", "0.9"),
        ),
        Misconception(
            "gradient added",
            _NESTEROV_STEP,
            "params[name] += self.alpha * self.v[name] + self.lr * g",
            "The two parts of your first step point against each other. αv leads downhill, because λg was taken off on "
            "the way into v. Which way does the gradient itself point, and with which sign does it go into the step?",
        ),
        Misconception(
            "the whole v instead of αv",
            _NESTEROV_STEP,
            "params[name] += self.v[name] - self.lr * g",
            "Your first step is 2λg. The glide ahead is what the ball will do without a push: how much of v does "
            "friction leave for that?",
        ),
        Misconception(
            "averaged gradient",
            f"{_V}\n            {_NESTEROV_STEP}",
            f"{_V}\n            {_NESTEROV_STEP}".replace("self.lr * g", "(1 - self.alpha) * self.lr * g"),
            "All your steps are 1 − α of what they should be: your v is an average of the gradients. "
            "That is momentum's other coat; what does the formula here put before λg?",
        ),
        Misconception(
            "averaged gradient in v alone",
            _V,
            _V.replace("self.lr * g", "(1 - self.alpha) * self.lr * g"),
            "Your first step is too short, and your v takes in only 1 − α of λg: that is momentum's other coat. "
            "What does the formula here put before λg?",
        ),
        Misconception(
            "v and αv",
            _NESTEROV_STEP,
            "params[name] += (1 + self.alpha) * self.v[name]",
            "Your first update is right, and from the second on the steps are off. You add v and αv; the glide that "
            "brought you ahead last time has to be taken off again. What is v less that?",
        ),
        Misconception(
            "new v in the formula for the old one",
            _NESTEROV_STEP,
            "params[name] += self.alpha**2 * self.v[name] - (1 + self.alpha) * self.lr * g",
            "Your first step is too long. α²v − (1 + α)λg is right if that v is the old one: "
            "which v was it when you used it?",
        ),
        Misconception(
            "rate outside v",
            f"{_V}\n            {_NESTEROV_STEP}",
            "self.v[name] = self.alpha * self.v.get(name, 0.0) - g\n"
            "            params[name] += self.lr * (self.alpha * self.v[name] - g)",
            "All is right as long as λ stays as it is. After the change, what was gathered under the old rate "
            "is stepped with the new one. Where does λ stand in the formula: on the way into v, or on the way out?",
        ),
        Misconception(
            "nothing remembered",
            "self.v.get(name, 0.0)",
            "0.0",
            "Your first update is right, and every later one moves as if it were the first: v is 0 each time it is "
            "used. Where does the next update find the v of this one?",
        ),
        Misconception(
            "uphill",
            f"{_V}\n            {_NESTEROV_STEP}",
            f"{_V}\n            {_NESTEROV_STEP}".replace("- self", "+ self"),
            _UPHILL,
        ),
        Misconception(
            "gradients changed in place",
            _NESTEROV_STEP,
            "g *= self.lr\n            " + _NESTEROV_STEP.replace("self.lr * g", "g"),
            _OVERWRITTEN,
        ),
    ),
    alternatives=(
        Alternative(
            "from the old v",
            old=f"{_V}\n            {_NESTEROV_STEP}",
            new="old = self.v.get(name, 0 * g)\n"
            "            params[name] += self.alpha**2 * old - (1 + self.alpha) * self.lr * g\n"
            "            self.v[name] = self.alpha * old - self.lr * g",
        ),
        Alternative(
            "back from the glide, on, and ahead again",
            old=f"{_V}\n            {_NESTEROV_STEP}",
            new="params[name] -= self.alpha * self.v.get(name, 0.0)\n"
            f"            {_V}\n            params[name] += self.v[name]\n"
            "            params[name] += self.alpha * self.v[name]",
        ),
        Alternative(
            "entry by entry",
            code="""
class Nesterov(Optimizer):
    def __init__(self, lr, alpha=0.9):
        super().__init__(lr)
        self.alpha = alpha
        self.v = {}

    def update(self, params, grads):
        for name in params:
            if name not in self.v:
                self.v[name] = np.zeros(params[name].shape)
            for i in np.ndindex(params[name].shape):
                self.v[name][i] = self.alpha * self.v[name][i] - self.lr * grads[name][i]
                params[name][i] += self.alpha * self.v[name][i] - self.lr * grads[name][i]
""",
        ),
    ),
)

_H_SUM = "self.h[name] = self.h.get(name, 0.0) + g**2"
_ROOT = "(np.sqrt(self.h[name]) + self.eps)"
_BEHIND_ROOT = f"params[name] -= self.lr * g / {_ROOT}"

_INSIDE = (
    "With ε = 10⁻⁸ it hardly shows; with ε = 0.1 your steps are off, because your ε is under the root. There it counts "
    "as √ε where h is small, 0.3 and not 0.1. Is it meant to stand beside the squares, or beside their root?"
)
_NO_EPSILON = (
    "With ε = 0.1 your steps are as long as without any ε. Does the ε that the optimizer was given reach the root, at "
    "every entry? Think also of a gradient that is 0 at the first update: what do you divide by?"
)
_TINY_EPSILON = (
    "With ε = 10⁻⁸ all is right; with ε = 0.1 your steps are as long as with a tiny one. Is it the ε that the "
    "optimizer was given, or a number written into the line?"
)
_NO_BRACKETS = (
    "Your steps are those without ε, and then ε is taken off each entry as well. In `a / b + c`, which is carried out "
    "first, and what should be divided by what?"
)
_NO_RATE = "Your step is the quotient itself, whatever the learning rate. What is it to be multiplied by?"
_NO_ROOT = (
    "Your step divides by the squares themselves. If all gradients were ten times as large, it would shrink tenfold; "
    "it is meant to stay as it is. What brings a square back to the size of g?"
)
_SQUARE_LOST = (
    "Your h adds up the gradients with their signs, and a root of something negative is nan. "
    "What is done to g first, so that its size counts and its sign does not?"
)
_TOO_EARLY = (
    "Your first step is enormous when ε is tiny: at that moment your h is still 0. "
    "Which of the two lines of the formula comes first?"
)
_ONE_FOR_THE_ARRAY = (
    "All entries of an array are divided by the same number in your step. The point is that each entry has a history "
    "of its own: which shape should h have?"
)


def _steps_with_h(line: str, root: str) -> tuple[Misconception, ...]:
    """What can be wrong with λ g / (√h + ε), whatever h is. ``root`` is the divisor in ``line``."""
    bare = root.removeprefix("(").removesuffix(")")
    return (
        Misconception("ε written out", "self.eps)", "1e-8)", _TINY_EPSILON),
        Misconception("brackets left out", line, line.replace(root, bare), _NO_BRACKETS),
        Misconception("rate left out", line, line.replace("self.lr * ", ""), _NO_RATE),
        _outside(line),
    )


ADAGRAD = Exercise(
    name="adagrad",
    source="S2 §6 AdaGrad",
    cases=_epsilon_cases,
    reference={"AdaGrad": optimizers.AdaGrad},
    misconceptions=(
        Misconception("ε under the root", _ROOT, "np.sqrt(self.h[name] + self.eps)", _INSIDE),
        Misconception("ε left out", _ROOT, "np.sqrt(self.h[name])", _NO_EPSILON),
        Misconception(
            "nothing gathered",
            "self.h.get(name, 0.0)",
            "0.0",
            "Your first update is right, and later steps are too long: your h holds the last square alone. "
            "What does h still know of the updates before?",
        ),
        Misconception("root left out", _ROOT, "(self.h[name] + self.eps)", _NO_ROOT),
        Misconception("square left out", "g**2", "g", _SQUARE_LOST),
        Misconception(
            "h decays",
            "self.h.get(name, 0.0) + g**2",
            "0.9 * self.h.get(name, 0.0) + g**2",
            "Your first update is right, and then h is too small: with you it loses something at each update. "
            "Does AdaGrad ever forget a gradient?",
        ),
        Misconception(
            "divided before the square is in",
            f"{_H_SUM}\n            {_BEHIND_ROOT}",
            "old = self.h.get(name, 0 * g)\n"
            "            params[name] -= self.lr * g / (np.sqrt(old) + self.eps)\n"
            "            self.h[name] = old + g**2",
            _TOO_EARLY,
        ),
        Misconception("one number for the whole array", "+ g**2", "+ np.sum(g**2)", _ONE_FOR_THE_ARRAY),
        Misconception("one mean for the whole array", "+ g**2", "+ np.mean(g**2)", _ONE_FOR_THE_ARRAY),
        *_steps_with_h(_BEHIND_ROOT, _ROOT),
        Misconception(
            "root of sizes",
            "g**2",
            "np.abs(g)",
            "Your step is λ g/√|g|: h adds up the sizes, and then the root is taken of them. "
            "Of what is the root as large as g?",
        ),
        Misconception(
            "root kept",
            f"{_H_SUM}\n            {_BEHIND_ROOT}",
            "self.h[name] = np.sqrt(self.h.get(name, 0.0) + g**2)\n"
            "            params[name] -= self.lr * g / (self.h[name] + self.eps)",
            "Your first update is right, and from then on a square is added to a root: the root is what you keep. "
            "Which should the next update start from, the sum of the squares or its root?",
        ),
        Misconception(
            "sizes instead of squares",
            f"{_H_SUM}\n            {_BEHIND_ROOT}",
            "self.h[name] = self.h.get(name, 0.0) + np.abs(g)\n"
            "            params[name] -= self.lr * g / (self.h[name] + self.eps)",
            "Your first update is right, and later steps are too short: you add up the sizes of the gradients. "
            "After 3 and 4, do you divide by 7 or by 5?",
        ),
        Misconception(
            "a mean instead of a sum",
            f"{_H_SUM}\n            {_BEHIND_ROOT}",
            "n, h = self.h.get(name, (0, 0.0))\n"
            "            self.h[name] = n, h = n + 1, h + g**2\n"
            "            params[name] -= self.lr * g / (np.sqrt(h / n) + self.eps)",
            "Your first update is right, and later steps are too long: you divide by the root of the mean of the "
            "squares. After 3 and 4, is it 3.5 or 5 that the formula divides by?",
        ),
        _first_rate(_BEHIND_ROOT),
        _by_id("h", _H_SUM),
        _shared("h", _H_SUM),
        _rebound("-"),
        Misconception("uphill", "params[name] -= ", "params[name] += ", _UPHILL),
        Misconception(
            "gradients changed in place",
            _BEHIND_ROOT,
            f"g /= {_ROOT}\n            params[name] -= self.lr * g",
            _OVERWRITTEN,
        ),
    ),
    alternatives=(
        Alternative(
            "arrays of zeros, changed in place",
            old=_H_SUM,
            new="self.h.setdefault(name, np.zeros_like(g))\n            self.h[name] += g * g",
        ),
        Alternative(
            "power ½, one rate for each entry",
            old=_BEHIND_ROOT,
            new="rates = self.lr / (self.h[name] ** 0.5 + self.eps)\n            params[name] -= rates * g",
        ),
        Alternative(
            "all squares kept in a list",
            code="""
class AdaGrad(Optimizer):
    def __init__(self, lr, eps=1e-8):
        super().__init__(lr)
        self.eps = eps
        self.past = {}

    def update(self, params, grads):
        for name in params:
            self.past.setdefault(name, []).append(np.array(grads[name]))
            size = np.linalg.norm(self.past[name], axis=0)
            np.subtract(params[name], self.lr * grads[name] / (size + self.eps), out=params[name])
""",
        ),
    ),
)

_H_MEAN = "self.h[name] = self.rho * self.h.get(name, 0.0) + (1 - self.rho) * g**2"

RMSPROP = Exercise(
    name="rmsprop",
    source="S2 §6 RMSProp",
    cases=_rmsprop_cases,
    reference={"RMSProp": optimizers.RMSProp},
    misconceptions=(
        Misconception(
            "ρ and 1 - ρ exchanged",
            "self.rho * self.h.get(name, 0.0) + (1 - self.rho) * g**2",
            "(1 - self.rho) * self.h.get(name, 0.0) + self.rho * g**2",
            "Your h forgets almost everything at each update: ρ stands before the new square. "
            "ρ near 1 should mean a long memory: which of the two terms is the memory?",
        ),
        Misconception("ε under the root", _ROOT, "np.sqrt(self.h[name] + self.eps)", _INSIDE),
        Misconception("ε left out", _ROOT, "np.sqrt(self.h[name])", _NO_EPSILON),
        Misconception(
            "new square in full",
            "(1 - self.rho) * g**2",
            "g**2",
            "Your first step is as long as if h were the whole of the first square. In the formula h begins at 0: how "
            "much of that square is in it after one update? And for gradients that are all 3, where does h settle?",
        ),
        Misconception(
            "a sum, as in AdaGrad",
            "self.rho * self.h.get(name, 0.0) + (1 - self.rho) * g**2",
            "self.h.get(name, 0.0) + g**2",
            "Your h only grows: this is AdaGrad. What has to happen to the old h, so that "
            "steps a thousand updates later are not short?",
        ),
        Misconception(
            "made up for the start",
            _BEHIND_ROOT,
            "t = self.__dict__.setdefault('t', {})\n            t[name] = t.get(name, 0) + 1\n            "
            + _BEHIND_ROOT.replace("self.h[name]", "self.h[name] / (1 - self.rho ** t[name])"),
            "Your h is divided by 1 − ρᵗ, which makes up for its start from 0. That is the next rule's way; "
            "which h stands under the root in the formula of this one?",
        ),
        Misconception(
            "begins at the first square",
            "self.h.get(name, 0.0)",
            "self.h.get(name, g**2)",
            "Your h begins at the first square, and not at 0. By the formula, how much of that square is in h after "
            "one update?",
        ),
        Misconception(
            "nothing gathered",
            "self.h.get(name, 0.0)",
            "0.0",
            "Your first update is right, and later steps are off: your h holds a share of the last square, and no "
            "memory. Where does the next update find the h of this one?",
        ),
        Misconception("root left out", _ROOT, "(self.h[name] + self.eps)", _NO_ROOT),
        Misconception("square left out", "g**2", "g", _SQUARE_LOST),
        Misconception("one number for the whole array", "g**2", "np.mean(g**2)", _ONE_FOR_THE_ARRAY),
        Misconception("one sum for the whole array", "g**2", "np.sum(g**2)", _ONE_FOR_THE_ARRAY),
        *_steps_with_h(_BEHIND_ROOT, _ROOT),
        _fixed("ρ", _H_MEAN, _H_MEAN.replace("self.rho", "0.9")),
        Misconception(
            "divided before the square is in",
            f"{_H_MEAN}\n            {_BEHIND_ROOT}",
            "old = self.h.get(name, 0 * g)\n"
            "            params[name] -= self.lr * g / (np.sqrt(old) + self.eps)\n"
            "            self.h[name] = self.rho * old + (1 - self.rho) * g**2",
            _TOO_EARLY,
        ),
        _first_rate(_BEHIND_ROOT),
        _by_id("h", _H_MEAN),
        _shared("h", _H_MEAN),
        _rebound("-"),
        Misconception("uphill", "params[name] -= ", "params[name] += ", _UPHILL),
        Misconception(
            "gradients changed in place",
            _BEHIND_ROOT,
            f"g /= {_ROOT}\n            params[name] -= self.lr * g",
            _OVERWRITTEN,
        ),
    ),
    alternatives=(
        Alternative(
            "a step towards the new square, in place",
            old=_H_MEAN,
            new="h = self.h.setdefault(name, np.zeros_like(g))\n            h += (1 - self.rho) * (g * g - h)",
        ),
        Alternative(
            "power ½, one rate for each entry",
            old=_BEHIND_ROOT,
            new="rates = self.lr / (self.h[name] ** 0.5 + self.eps)\n            params[name] -= rates * g",
        ),
        Alternative(
            "entry by entry",
            code="""
class RMSProp(Optimizer):
    def __init__(self, lr, rho=0.9, eps=1e-8):
        super().__init__(lr)
        self.rho, self.eps = rho, eps
        self.h = {}

    def update(self, params, grads):
        for name in params:
            if name not in self.h:
                self.h[name] = np.zeros(params[name].shape)
            for i in np.ndindex(params[name].shape):
                g = grads[name][i]
                self.h[name][i] = self.rho * self.h[name][i] + (1 - self.rho) * g**2
                params[name][i] -= self.lr * g / (self.h[name][i] ** 0.5 + self.eps)
""",
        ),
    ),
)

_M = "self.m[name] = self.beta1 * self.m.get(name, 0.0) + (1 - self.beta1) * g"
_H = "self.h[name] = self.beta2 * self.h.get(name, 0.0) + (1 - self.beta2) * g**2"
_M_HAT = "m_hat = self.m[name] / (1 - self.beta1**self.t)"
_H_HAT = "h_hat = self.h[name] / (1 - self.beta2**self.t)"
_ADAM_STEP = "params[name] -= self.lr * m_hat / (np.sqrt(h_hat) + self.eps)"
_IN = "\n            "
_CORRECTED = _IN.join([_M_HAT, _H_HAT, _ADAM_STEP])
_ADAM = _IN.join(["self.t += 1\n        for name, g in grads.items():", _M, _H, _CORRECTED])
_SCALE = "self.lr * np.sqrt(1 - self.beta2**self.t) / (1 - self.beta1**self.t)"

ADAM = Exercise(
    name="adam",
    source="S2 §6.2 Adam, and its easier form",
    cases=_adam_cases,
    reference={"Adam": optimizers.Adam},
    misconceptions=(
        Misconception("ε under the root", "np.sqrt(h_hat) + self.eps", "np.sqrt(h_hat + self.eps)", _INSIDE),
        Misconception(
            "ε before the bias correction",
            _CORRECTED,
            f"params[name] -= {_SCALE} * self.m[name] / (np.sqrt(self.h[name]) + self.eps)",
            "With ε = 10⁻⁸ it hardly shows; with ε = 0.1 your first steps are too short. Your ε stands beside a root "
            "that has not been corrected yet, and is small. Which comes first, the correction or ε?",
        ),
        Misconception(
            "ε under the root, before the bias correction",
            _CORRECTED,
            f"params[name] -= {_SCALE} * self.m[name] / np.sqrt(self.h[name] + self.eps)",
            "With ε = 10⁻⁸ it hardly shows; with ε = 0.1 your first steps are much too short. Your ε is added to an h "
            "that has not been corrected yet, and under the root. What should it stand beside?",
        ),
        Misconception(
            "the easier form: λ compounds",
            _CORRECTED,
            f"self.lr = {_SCALE}\n"
            "            params[name] -= self.lr * self.m[name] / np.sqrt(self.h[name] + self.eps)",
            "Your learning rate is changed by every update, and what one update did to it the next finds done: "
            "the factors multiply up. Is λ the optimizer's to keep, or only to use? (ε is another matter; see case 1.)",
        ),
        Misconception(
            "λ compounds",
            _CORRECTED,
            f"self.lr = {_SCALE}\n"
            "            params[name] -= self.lr * self.m[name] / (np.sqrt(self.h[name]) + self.eps)",
            "Your learning rate is changed by every update, and what one update did to it the next finds done: "
            "the factors multiply up. Is λ the optimizer's to keep, or only to use?",
        ),
        Misconception(
            "no bias correction",
            f"{_M_HAT}\n            {_H_HAT}",
            "m_hat, h_hat = self.m[name], self.h[name]",
            "Your first steps are off, and what is kept is used as it is. m and h begin at 0; after one update they "
            "hold only 1 − β₁ and 1 − β₂ of what they should. What makes up for that?",
        ),
        Misconception(
            "only m corrected",
            _H_HAT,
            "h_hat = self.h[name]",
            "Your first steps are too long: m is made up for its start from 0, and h is not. "
            "Which of the two stays small for longer?",
        ),
        Misconception(
            "only h corrected",
            _M_HAT,
            "m_hat = self.m[name]",
            "Your first steps are too short: h is made up for its start from 0, and m is not. "
            "How much of the first gradient is in m after one update?",
        ),
        Misconception(
            "corrected values kept",
            f"{_M_HAT}\n            {_H_HAT}",
            "m_hat = self.m[name] = self.m[name] / (1 - self.beta1**self.t)\n"
            "            h_hat = self.h[name] = self.h[name] / (1 - self.beta2**self.t)",
            "Your first update is right, and from then on the correction is corrected once more: it went into what is "
            "kept. Which values does the next update start from, the running ones or the corrected ones?",
        ),
        Misconception(
            "t begins at 0",
            _ADAM,
            _ADAM.replace("self.t += 1\n        ", "") + "\n        self.t += 1",
            "There is nan in your first step. Write down 1 − β₁ᵗ and 1 − β₂ᵗ for it, as your code computes them: both "
            "should lie between 0 and 1. Is t already 1 there, and is the difference formed before the division?",
        ),
        Misconception(
            "t stays 1",
            "self.t += 1\n",
            "self.t = 1\n",
            "Your first update is right, and later ones are corrected as if each of them were the first. "
            "What has to survive until the next update, besides m and h?",
        ),
        Misconception(
            "t begins at 2",
            "self.t += 1\n",
            "self.t += 2 if self.t == 0 else 1\n",
            "Your first steps are off for b and W alike, as if one update had been before: your t is one too many. "
            "Is it counted up in more than one place?",
        ),
        Misconception(
            "β and 1 - β exchanged",
            f"{_M}\n            {_H}",
            f"{_M}\n            {_H}".replace("self.beta1 * self.m", "(1 - self.beta1) * self.m")
            .replace("(1 - self.beta1) * g", "self.beta1 * g")
            .replace("self.beta2 * self.h", "(1 - self.beta2) * self.h")
            .replace("(1 - self.beta2) * g", "self.beta2 * g"),
            "In your first step the new gradient comes in with β, and not with 1 − β. "
            "β near 1 should mean a long memory: which of the two terms is the memory?",
        ),
        _first_rate(_ADAM_STEP),
        *_steps_with_h(_ADAM_STEP, "(np.sqrt(h_hat) + self.eps)"),
        Misconception("root left out", "np.sqrt(h_hat)", "h_hat", _NO_ROOT),
        Misconception(
            "h corrected with β₁",
            _H_HAT,
            _H_HAT.replace("beta2", "beta1"),
            "Your first steps are off by one root: h gathers with β₂, and you make up for its start with β₁. "
            "Which share of g² is in h after one update?",
        ),
        Misconception(
            "brackets left out of m's correction",
            _M_HAT,
            "m_hat = self.m[name] / 1 - self.beta1**self.t",
            "Your first steps are off as if β₁ᵗ were taken from m itself. In `a / 1 - b`, which is carried out first, "
            "and what should m be divided by?",
        ),
        Misconception(
            "m corrected with β₂",
            _M_HAT,
            _M_HAT.replace("beta1", "beta2"),
            "Your first step is too long: m gathers with β₁, and you make up for its start with β₂. "
            "Which share of g is in m after one update?",
        ),
        Misconception(
            "m not kept",
            "self.m.get(name, 0.0)",
            "0.0",
            "Your first update is right, and from the second on your m holds a share of the last gradient alone. "
            "Where does the next update find the m of this one?",
        ),
        Misconception(
            "h not kept",
            "self.h.get(name, 0.0)",
            "0.0",
            "Your first update is right, and from the second on your h holds a share of the last square alone. "
            "Where does the next update find the h of this one?",
        ),
        Misconception(
            "h from m",
            "g**2",
            "self.m[name]**2",
            "Your first step is too long: your h gathers the squares of m, which is small at first. "
            "The squares of what does the formula gather?",
        ),
        Misconception(
            "β₁ and β₂ exchanged in m and h",
            f"{_M}\n            {_H}",
            f"{_M}\n            {_H}".replace("beta1", "beta?").replace("beta2", "beta1").replace("beta?", "beta2"),
            "Your first step is off: m and h gather with each other's β, and are made up for the start with their own. "
            "Which β belongs to the mean of g, and which to the mean of g²?",
        ),
        Misconception(
            "t counts parameters",
            "self.t += 1\n        for name, g in grads.items():",
            "for name, g in grads.items():\n            self.t += 1",
            "b (row 0) is right after one update, and W is not: for W your t is 2 already. "
            "What does t count, updates or parameters?",
        ),
        Misconception(
            "β₁ and β₂ exchanged",
            f"{_M}\n            {_H}\n            {_M_HAT}\n            {_H_HAT}",
            f"{_M}\n            {_H}\n            {_M_HAT}\n            {_H_HAT}".replace("beta1", "beta?")
            .replace("beta2", "beta1")
            .replace("beta?", "beta2"),
            "Your first update is right, and then the two memories are exchanged: "
            "which β belongs to the mean of g, and which to the mean of g²?",
        ),
        Misconception(
            "square left out",
            "g**2",
            "g",
            "Your h averages the gradients with their signs, as m does, and a root of something negative is nan. "
            "What should h be the mean of?",
        ),
        Misconception(
            "mean left out",
            "self.lr * m_hat",
            "self.lr * g",
            "Your first update is right, and later ones follow the last gradient alone: this is RMSProp with a "
            "correction. What was m gathered for?",
        ),
        Misconception(
            "m and h by identity of the array",
            f"{_M}\n            {_H}",
            _by_id("m", _M).new + "\n            " + _by_id("h", _H).new,
            "All is right until the values lie in other arrays, as when a saved network is loaded: there your m and h "
            "begin at 0 again. What of a parameter stays the same when its array does not?",
        ),
        Misconception(
            "one m and one h for all parameters",
            f"{_M}\n            {_H}",
            _shared("m", _M).new + "\n            " + _shared("h", _H).new,
            "After one update b (row 0) is right, and in W there is something of b: both went into one m and one h. "
            "How many of them does a network with two parameters need?",
        ),
        _rebound("-"),
        Misconception("uphill", "params[name] -= ", "params[name] += ", _UPHILL),
        Misconception("gradients changed in place", _ADAM_STEP, f"{_ADAM_STEP}\n            g *= 0", _OVERWRITTEN),
    ),
    alternatives=(
        Alternative(
            "steps towards the new values, in place",
            old=f"{_M}\n            {_H}",
            new="m = self.m.setdefault(name, np.zeros_like(g))\n"
            "            h = self.h.setdefault(name, np.zeros_like(g))\n"
            "            m += (1 - self.beta1) * (g - m)\n"
            "            h += (1 - self.beta2) * (g * g - h)",
        ),
        Alternative(
            "t counted from 0, power t + 1",
            old=_ADAM,
            new=_ADAM.replace("self.t += 1\n        ", "").replace("self.t)", "(self.t + 1))")
            + "\n        self.t += 1",
        ),
        Alternative(
            "correction in the rate, ε scaled with it",
            old=_CORRECTED,
            new="c = np.sqrt(1 - self.beta2**self.t)\n"
            "            rate = self.lr * c / (1 - self.beta1**self.t)\n"
            "            params[name] -= rate * self.m[name] / (np.sqrt(self.h[name]) + c * self.eps)",
        ),
        Alternative(
            "a counter for each parameter",
            code="""
class Adam(Optimizer):
    def __init__(self, lr=0.001, beta1=0.9, beta2=0.999, eps=1e-8):
        super().__init__(lr)
        self.beta1, self.beta2, self.eps = beta1, beta2, eps
        self.state = {}

    def update(self, params, grads):
        for name, value in params.items():
            t, m, h = self.state.get(name, (0, np.zeros(value.shape), np.zeros(value.shape)))
            m = self.beta1 * m + (1 - self.beta1) * grads[name]
            h = self.beta2 * h + (1 - self.beta2) * grads[name] ** 2
            self.state[name] = (t + 1, m, h)
            correction = 1 - self.beta2 ** (t + 1)
            value -= self.lr * m / (1 - self.beta1 ** (t + 1)) / ((h / correction) ** 0.5 + self.eps)
""",
        ),
    ),
)

STEP_DECAY = Exercise(
    name="step_decay",
    source="S2 §6 Note on the magnitude of the learning coefficient",
    cases=_step_cases,
    reference={"step_decay": optimizers.step_decay},
    misconceptions=(
        Misconception(
            "a slope instead of steps",
            "epoch // every",
            "epoch / every",
            "Your rate falls a little in every epoch. It is meant to stay and then to jump: "
            "how many whole periods are over after `epoch` epochs?",
        ),
        Misconception(
            "an epoch too early",
            "epoch // every",
            "(epoch + 1) // every",
            "Your first jump comes one epoch too early. Epochs are counted from 0: "
            "how many of them are over when epoch 1 begins?",
        ),
        Misconception(
            "an epoch too late",
            "epoch // every",
            "max(epoch - 1, 0) // every",
            "Your jumps come one epoch too late. The first epoch is number 0: "
            "which number does the first epoch after `every` others have?",
        ),
        Misconception(
            "smaller from the start",
            "(epoch // every)",
            "(epoch // every + 1)",
            "Your rate is multiplied once too often. With 10 epochs to a period, how many whole periods are over at "
            "epoch 25, and how many at epoch 0?",
        ),
        Misconception(
            "brackets left out",
            "(epoch // every)",
            "epoch // every",
            "Your rate is 0 in every epoch. In `a ** b // c`, which is carried out first, "
            "and what is left of a number below 1 by `//`?",
        ),
        Misconception(
            "rounded up",
            "epoch // every",
            "np.ceil(epoch / every)",
            "Your first jump comes at epoch 1: a period that has only begun counts with you as one that is over. "
            "Which way is epoch / every to be rounded?",
        ),
        Misconception(
            "rounded to the nearest",
            "epoch // every",
            "round(epoch / every)",
            "Your first jump comes halfway through the first period. Which way is epoch / every to be rounded?",
        ),
        Misconception(
            "the rest instead of the quotient",
            "epoch // every",
            "epoch % every",
            "Your rate falls in every epoch of a period and is back at `lr` when the next begins. `%` is what is left "
            "over by a division: which operator gives the number of whole periods?",
        ),
        Misconception(
            "one jump only",
            "(epoch // every)",
            "(epoch >= every)",
            "Your rate jumps once, and never again. How often has it jumped when two periods are over?",
        ),
        Misconception(
            "in the epoch of the jump alone",
            "lr * factor ** (epoch // every)",
            "lr * factor if epoch % every == 0 else lr",
            "Your rate is small in single epochs and large again in the next, and in epoch 0 it is too small. `lr` is "
            "the rate of the beginning each time: how do you tell from `epoch` alone how often it has jumped?",
        ),
        Misconception(
            "times the number of periods",
            "factor ** (epoch // every)",
            "factor * (epoch // every)",
            "Your rate is 0 until the first period is over. Each period multiplies what the last one left: "
            "which operation says “times the factor, again and again”?",
        ),
        Misconception(
            "divided by the factor",
            "lr * factor ** (epoch // every)",
            "lr / factor ** (epoch // every)",
            "Your rate grows from period to period. The factor is below 1: multiply by it, or divide?",
        ),
        Misconception(
            "factor taken off",
            "factor ** (epoch // every)",
            "(1 - factor) ** (epoch // every)",
            "With factor 0.1 a tenth should be left after a jump; with you nine tenths are. "
            "Is the factor what is left, or what is lost?",
        ),
    ),
    alternatives=(
        Alternative(
            "a loop",
            old="return lr * factor ** (epoch // every)",
            new="for _ in range(epoch // every):\n        lr = lr * factor\n    return lr",
        ),
        Alternative("floor of a quotient", old="(epoch // every)", new="np.floor(epoch / every)"),
        Alternative(
            "from the rate a period earlier",
            old="return lr * factor ** (epoch // every)",
            new="return lr if epoch < every else factor * step_decay(lr, epoch - every, factor, every)",
        ),
    ),
)

_HALF_WAVE = "lr * (1 + np.cos(np.pi * epoch / epochs)) / 2"

COSINE = Exercise(
    name="cosine",
    source="S2 §6 Note on the magnitude of the learning coefficient",
    cases=_cosine_cases,
    reference={"cosine": optimizers.cosine},
    misconceptions=(
        Misconception(
            "below zero",
            _HALF_WAVE,
            "lr * np.cos(np.pi * epoch / epochs)",
            "Your rate is below 0 in the second half, where a step would go uphill. The cosine runs from 1 to −1: "
            "how do you make it run from 1 to 0?",
        ),
        Misconception(
            "twice as high",
            "(1 + np.cos(np.pi * epoch / epochs)) / 2",
            "(1 + np.cos(np.pi * epoch / epochs))",
            "Your rate begins at 2λ. One and a cosine of 1 make two: what brings that to 1?",
        ),
        Misconception(
            "a quarter of a wave",
            _HALF_WAVE,
            "lr * np.cos(np.pi * epoch / epochs / 2)",
            "Beginning and end are right, and between them your rate is too high: it does not level off at the end. "
            "Which part of the cosine begins flat and ends flat?",
        ),
        Misconception(
            "a straight line",
            _HALF_WAVE,
            "lr * (1 - epoch / epochs)",
            "Beginning and end are right, and between them your rate falls along a straight line. "
            "Where does the cosine come in?",
        ),
        Misconception(
            "rate left out",
            "lr * (1 + np.cos",
            "(1 + np.cos",
            "Your rate begins at 1, whatever λ is. Where does `lr` come in?",
        ),
        Misconception(
            "π left out",
            "np.pi * epoch / epochs",
            "epoch / epochs",
            "Your rate begins right, and at the end three quarters of it are left: your angle grows from 0 to 1. "
            "How large is half a turn in radians?",
        ),
        Misconception(
            "a whole wave",
            "np.pi * epoch / epochs",
            "2 * np.pi * epoch / epochs",
            "Your rate is 0 halfway and back at λ in the end. "
            "Over which angle does the cosine fall from 1 to −1, and no further?",
        ),
        Misconception(
            "rising",
            "1 + np.cos",
            "1 - np.cos",
            "Your rate begins at 0. The cosine of epoch 0 is 1: with which sign does it have to come in, so that the "
            "rate is highest there?",
        ),
        Misconception(
            "sine",
            "np.cos",
            "np.sin",
            "Your rate begins at half of λ and is back there at the end. Which of the two waves is 1 at the angle 0?",
        ),
        Misconception(
            "not lifted",
            _HALF_WAVE,
            "lr * np.cos(np.pi * epoch / epochs) / 2",
            "Your rate runs from ½λ to −½λ: the wave is halved, and still lies around 0. What lifts it, so that its "
            "lowest point is 0?",
        ),
        Misconception(
            "a step ahead",
            "np.pi * epoch",
            "np.pi * (epoch + 1)",
            "Your rate in each epoch is that of the next one. Epochs are counted from 0: which angle has epoch 0?",
        ),
        Misconception(
            "the cosine alone halved",
            "(1 + np.cos(np.pi * epoch / epochs)) / 2",
            "(1 + np.cos(np.pi * epoch / epochs) / 2)",
            "Your rate runs from 1½λ to ½λ. Is the cosine to be halved, or the sum of it and 1?",
        ),
        Misconception(
            "brackets left out",
            _HALF_WAVE,
            "lr / 2 * 1 + np.cos(np.pi * epoch / epochs)",
            "Your rate runs from ½λ + 1 to ½λ − 1: the rate multiplies the 1, and not the cosine. "
            "What should it multiply?",
        ),
        Misconception(
            "half of a whole number",
            _HALF_WAVE,
            "1 // 2 * lr * (1 + np.cos(np.pi * epoch / epochs))",
            "Your rate is 0 in every epoch. Which of your factors is 0? Look at each division: which one drops what "
            "comes after the point?",
        ),
        Misconception(
            "degrees",
            "np.cos(np.pi * epoch / epochs)",
            "np.cos(180 * epoch / epochs)",
            "Your rate jumps up and down from epoch to epoch. NumPy's cosine wants radians: how many are half a turn?",
        ),
        Misconception(
            "the end an epoch too early",
            "epoch / epochs",
            "epoch / (epochs - 1)",
            "Your rate is 0 one epoch too early, and then rises again. The formula divides by `epochs`: "
            "in which epoch does the angle reach π?",
        ),
        Misconception(
            "whole numbers",
            "np.pi * epoch / epochs",
            "np.pi * (epoch // epochs)",
            "Your rate is λ in every epoch but the last. Which division keeps what comes after the point?",
        ),
    ),
    alternatives=(
        Alternative("a squared cosine", old=_HALF_WAVE, new="lr * np.cos(np.pi * epoch / (2 * epochs)) ** 2"),
        Alternative(
            "one minus a squared sine", old=_HALF_WAVE, new="lr - lr * np.sin(np.pi / 2 * epoch / epochs) ** 2"
        ),
        Alternative("without the brackets", old=_HALF_WAVE, new="0.5 * lr + 0.5 * lr * np.cos(epoch / epochs * np.pi)"),
    ),
)

EXERCISES = (SGD, MOMENTUM, EMA_TO_CLASSIC, NESTEROV, ADAGRAD, RMSPROP, ADAM, STEP_DECAY, COSINE)
