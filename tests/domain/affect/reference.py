"""The model once more, written out plainly with its numbers in place, as a second opinion for the tests.

It shares no code with `bot.domain.affect`: it takes states apart into numbers and computes slowly and literally.
"""

from __future__ import annotations

from dataclasses import astuple, replace
from math import atanh, exp, log, prod, sqrt, tanh

# name: sign, P, A, D, half-life in hours, baseline, and its dependence on (O, C, E, A, N)
TABLE = {
    "joy": (1, 0.76, 0.48, 0.35, 2.09, 0.10, (0, 0, 0.06, 0, -0.04)),
    "love": (1, 0.64, 0.35, 0.24, 0.56, 0.05, (0, 0, 0, 0.05, 0)),
    "interest": (1, 0.22, 0.62, -0.01, 0.50, 0.12, (0.06, 0, 0, 0, 0)),
    "surprise": (0, 0.0, 0.65, -0.2, 0.25, 0.0, (0, 0, 0, 0, 0)),
    "sadness": (-1, -0.63, -0.27, -0.33, 3.87, 0.02, (0, 0, 0, 0, 0.04)),
    "anger": (-1, -0.51, 0.59, 0.25, 0.50, 0.01, (0, 0, 0, -0.03, 0.03)),
    "fear": (-1, -0.64, 0.60, -0.43, 0.30, 0.02, (0, 0, 0, 0, 0.05)),
    "disgust": (-1, -0.60, 0.35, 0.11, 0.25, 0.0, (0, 0, 0, 0, 0)),
    "gratitude": (1, 0.64, 0.16, -0.18, 0.79, 0.0, (0, 0, 0, 0, 0)),
    "pride": (1, 0.77, 0.38, 0.65, 0.57, 0.0, (0, 0, 0, 0, 0)),
    "hope": (1, 0.51, 0.23, 0.14, 1.73, 0.0, (0, 0, 0, 0, 0)),
    "relief": (1, 0.29, -0.19, -0.28, 0.40, 0.0, (0, 0, 0, 0, 0)),
    "amusement": (1, 0.77, 0.44, 0.42, 0.50, 0.0, (0, 0, 0, 0, 0)),
    "admiration": (1, 0.41, 0.30, -0.32, 0.79, 0.0, (0, 0, 0, 0, 0)),
    "compassion": (1, 0.05, 0.18, 0.09, 0.40, 0.0, (0, 0, 0, 0, 0)),
    "excitement": (1, 0.62, 0.75, 0.38, 0.87, 0.0, (0, 0, 0, 0, 0)),
    "serenity": (1, 0.68, -0.46, 0.06, 1.73, 0.10, (0, 0, 0, 0, -0.08)),
    "loneliness": (-1, -0.66, -0.43, -0.32, 1.73, 0.0, (0, 0, 0, 0, 0)),
    "disappointment": (-1, -0.61, -0.15, -0.29, 1.73, 0.0, (0, 0, 0, 0, 0)),
    "frustration": (-1, -0.64, 0.52, -0.35, 0.40, 0.0, (0, 0, 0, 0, 0)),
    "resentment": (-1, -0.35, 0.35, 0.29, 2.74, 0.0, (0, 0, 0, 0, 0)),
    "anxiety": (-1, -0.33, 0.58, -0.11, 1.73, 0.02, (0, 0, 0, 0, 0.05)),
    "guilt": (-1, -0.57, 0.28, -0.34, 0.66, 0.0, (0, 0, 0, 0, 0)),
    "shame": (-1, -0.57, 0.01, -0.34, 0.25, 0.0, (0, 0, 0, 0, 0)),
    "embarrassment": (-1, -0.46, 0.54, -0.24, 0.32, 0.0, (0, 0, 0, 0, 0)),
    "jealousy": (-1, -0.25, 0.42, 0.11, 1.37, 0.0, (0, 0, 0, 0, 0)),
    "boredom": (-1, -0.65, -0.62, -0.33, 0.50, 0.0, (0, 0, 0, 0, 0)),
}
# sentiment: gain, loss, gain cap, loss cap, half-life and earned half-life in days, least value
SENTIMENTS = {
    "trust": (0.015, 0.06, 0.06, 0.5, 14, 540, -1),
    "affection": (0.02, 0.04, 0.15, 0.5, 7, 365, -1),
    "respect": (0.015, 0.0375, 0.06, 0.5, 21, 540, -1),
    "familiarity": (0.01, 0.0, 0.05, 0.5, 30, 365, 0),
}


def clip(value, low, high):
    return min(max(value, low), high)


def names(tier):
    return list(TABLE)[: 8 if tier == "lite" else 27]


def baseline(name, ocean):
    row = TABLE[name]
    return clip(row[5] + sum(w * f for w, f in zip(row[6], ocean, strict=True)), 0.0, 0.25)


def rate(name, ocean):
    sign, half_life = TABLE[name][0], TABLE[name][4]
    stretch = {1: 1 + 0.2 * ocean[2], 0: 1, -1: 1 + 0.4 * ocean[4]}[sign]
    return log(2) / (half_life * clip(stretch, 0.5, 2))


def rest_mood(ocean):
    o, c, e, a, n = ocean
    axes = (0.21 * e + 0.59 * a - 0.19 * n, 0.15 * o + 0.30 * a + 0.57 * n, 0.25 * o + 0.17 * c + 0.60 * e - 0.32 * a)
    return [0.5 * clip(axis, -1, 1) for axis in axes]


def mood_rates(ocean):
    return [log(2) / (half_life * (1 + 0.25 * ocean[4])) for half_life in (8, 3, 8)]


def mood_slope(soul, emotions, mood):
    """Give dx/dt for the three axes, and de/dt: the differential equations that the closed forms solve."""
    g = 0.45 if soul.tier == "lite" else 0.30
    fading = [
        -rate(n, soul.ocean) * (e - baseline(n, soul.ocean)) for n, e in zip(names(soul.tier), emotions, strict=True)
    ]
    slopes = []
    for axis in range(3):
        drained = -sum(TABLE[n][1 + axis] * slope for n, slope in zip(names(soul.tier), fading, strict=True))
        home = atanh(rest_mood(soul.ocean)[axis])
        slopes.append(-mood_rates(soul.ocean)[axis] * (mood[axis] - home) + g * drained)
    return slopes, fading


def integrate(soul, hours, steps):
    """Integrate emotions, latent mood and the mood's area by Runge–Kutta of fourth order."""
    count = len(soul.emotions)
    state = [*soul.emotions, *soul.mood, *soul.mood_area]

    def slope(at):
        mood = at[count : count + 3]
        moving, fading = mood_slope(soul, at[:count], mood)
        return [*fading, *moving, *mood]

    def along(at, direction, far):
        return [value + far * step for value, step in zip(at, direction, strict=True)]

    step = hours / steps
    for _ in range(steps):
        k1 = slope(state)
        k2 = slope(along(state, k1, step / 2))
        k3 = slope(along(state, k2, step / 2))
        k4 = slope(along(state, k3, step))
        state = [
            value + step / 6 * (a + 2 * b + 2 * c + d) for value, a, b, c, d in zip(state, k1, k2, k3, k4, strict=True)
        ]
    return state[:count], state[count : count + 3], state[count + 3 :]


def nor(*chances):
    return 1 - prod(1 - chance for chance in chances)


def split(value):
    return max(value, 0) / 3, max(-value, 0) / 3


def potentials(a, fear, hope):
    d, dn = split(a.desirability)
    k, kn = split(a.praiseworthiness)
    w, wn = split(a.warmth)
    _, rn = split(a.respect)
    u, un = split(a.user_valence)
    pr, prn = split(a.prospect)
    x, i, h, f = a.unexpectedness / 3, a.interest / 3, a.humor / 3, a.own_fault / 3
    r = dict.fromkeys(TABLE, 0.0)
    r |= {
        "joy": nor(d, 0.5 * w, 0.4 * u, 0.3 * h),
        "love": nor(0.8 * w, 0.5 * sqrt(d * k)),
        "sadness": nor(0.7 * dn * (1 - 0.5 * kn), 0.6 * wn, 0.4 * un),
        "anger": sqrt(dn * kn),
        "fear": prn,
        "disgust": 0.6 * kn * (1 - 0.5 * dn),
        "surprise": x,
        "interest": i,
        "gratitude": sqrt(d * k),
        "hope": pr,
        "relief": d * fear,
        "amusement": h,
        "admiration": 0.8 * k * (1 - 0.5 * d),
        "compassion": un,
        "excitement": sqrt(d * pr),
        "disappointment": dn * hope,
        "frustration": dn * (1 - kn),
        "anxiety": 0.7 * prn,
        "guilt": f,
        "shame": f * rn,
        "embarrassment": 0.6 * rn * x,
    }
    return r


def calmings(a, r):
    d, dn = split(a.desirability)
    w, wn = split(a.warmth)
    sorry = a.apology / 3
    return {
        "anger": nor(0.5 * sorry, 0.2 * w),
        "sadness": 0.3 * r["joy"],
        "fear": 0.4 * d,
        "resentment": 0.4 * sorry,
        "joy": 0.4 * max(dn, wn),
        "love": 0.3 * r["anger"],
        "loneliness": 0.5 * w,
    }


def severity(a):
    return max(split(a.praiseworthiness)[1], split(a.warmth)[1], split(a.respect)[1])


def felt(soul, person, name, leak=0.35):
    index = names(soul.tier).index(name) if name in names(soul.tier) else None
    if index is None:
        return 0.0
    b = baseline(name, soul.ocean)
    return max(person.directed[index], b + leak * (soul.emotions[index] - b))


def gain_of(soul, person, name, a):
    _, _, e, agreeable, n = soul.ocean
    plus, minus = 0.6**person.kind_repetition, 0.4 + 0.6 * 0.8**person.hurt_repetition
    sign = TABLE[name][0]
    if sign == 1:
        return plus * (1 - 0.4 * person.tension) * (1 + 0.25 * e)
    if sign == 0:
        return plus * (1 + 0.3 * soul.ocean[0])
    v, trusted = severity(a), max(person.trust.value, 0)
    gain = (1 + trusted * v * (2 * v - 1.2)) * minus * (1 + 0.4 * n)
    return gain * (1 - 0.3 * agreeable) if name == "anger" else gain


def message(soul, person, a):
    """Give impulses and calmings by name for one appraisal."""
    r = potentials(a, felt(soul, person, "fear"), felt(soul, person, "hope"))
    pleasure = tanh(soul.mood[0])
    plus = 0.6**person.kind_repetition
    p = {
        name: clip(
            0.45 * r[name] * a.confidence * (1 + 0.3 * TABLE[name][0] * pleasure) * gain_of(soul, person, name, a),
            0,
            0.7,
        )
        for name in names(soul.tier)
    }
    q = {name: clip(a.confidence * plus * share, 0, 0.8) for name, share in calmings(a, r).items() if name in p}
    return p, q


def shared_part(person, messages):
    closeness = 0.5 * person.familiarity.value + 0.5 * max(person.affection.value, 0)
    salience = 0.3 + 0.7 * closeness
    raw = salience * sum(max([*p.values(), *q.values()]) for p, q in messages)
    cap = 1 + 2 * closeness
    eff = max(cap - person.share_used, 0) * (1 - exp(-raw / cap))
    return (salience * eff / raw if raw else 0.0), person.share_used + eff


def stirred(level, rest, parts):
    """Calm, then stir one emotion by (p, q) of each message."""
    if level > rest:
        level = rest + (level - rest) * prod(1 - q for _, q in parts)
    return 1 - (1 - level) * prod(1 - p for p, _ in parts)


def burst(soul, persons, heard):
    """Give shared emotions by name, and for each speaker a dict of numbers, after (person, appraisal, similarity)…"""
    shared_parts = {name: [] for name in names(soul.tier)}
    after = {}
    for key in {one[0] for one in heard}:
        mine = sorted((one for one in heard if one[0] == key), key=lambda one: (one[2], astuple(one[1])))
        person = persons[key]
        met = as_met(person, mine)
        messages = [message(soul, at_that, a) for at_that, (_, a, _) in zip(met, mine, strict=True)]
        phi, used = shared_part(person, messages)
        for name in shared_parts:
            shared_parts[name] += [(phi * p[name], phi * q.get(name, 0.0)) for p, q in messages]
        directed = {
            name: stirred(level, 0.0, [(p[name], q.get(name, 0.0)) for p, q in messages])
            for name, level in zip(names(soul.tier), person.directed, strict=True)
        }
        after[key] = person_after(soul, person, mine) | {"share_used": used, "directed": directed}
    shared = {
        name: stirred(level, baseline(name, soul.ocean), shared_parts[name])
        for name, level in zip(names(soul.tier), soul.emotions, strict=True)
    }
    return shared, after


def kind(a):
    return max(a.desirability, a.warmth, a.praiseworthiness) > 0


def as_met(person, mine):
    """Give the person as each message finds them: what repeats has by then added .95 of its likeness, no more."""
    plain = not any(kind(a) or severity(a) for _, a, _ in mine)
    found = []
    for place in range(len(mine)):
        kinds = sum((1 if plain else 0.95 * kind(a)) * alike for _, a, alike in mine[:place])
        hurts = sum(0.95 * alike for _, a, alike in mine[:place] if severity(a))
        found.append(
            replace(
                person,
                kind_repetition=person.kind_repetition + kinds,
                hurt_repetition=person.hurt_repetition + hurts,
            )
        )
    return found


def person_after(soul, person, mine):
    agreeable = soul.ocean[3]
    trusted = max(person.trust.value, 0)
    raw = {name: [0.0, 0.0] for name in SENTIMENTS}
    tension, calm, kinds, hurts = person.tension, 1.0, 0.0, 0.0
    for at_that, (_, a, alike) in zip(as_met(person, mine), mine, strict=True):
        plus, minus = 0.6**at_that.kind_repetition, 0.4 + 0.6 * 0.8**at_that.hurt_repetition
        k, kn = split(a.praiseworthiness)
        w, wn = split(a.warmth)
        r, rn = split(a.respect)
        t, tn = split(a.trust_signal)
        v = severity(a)
        betrayal = 1 + trusted * v * (2 * v - 1.2)
        inputs = {
            "trust": (max(t, 0.5 * k), max(tn, 0.6 * kn)),
            "affection": (max(w, 0.7 * k), max(wn, 0.7 * kn)),
            "respect": (max(r, 0.5 * k), max(rn, 0.5 * kn)),
            "familiarity": (1, 0),
        }
        for name, (good, bad) in inputs.items():
            gain, loss = SENTIMENTS[name][:2]
            raw[name][0] += gain * good * a.confidence * (1 - 0.4 * person.tension) * (1 + 0.2 * agreeable) * plus
            raw[name][1] += loss * bad * a.confidence * betrayal * (1 - 0.2 * agreeable) * minus
        tension *= 1 - clip(0.5 * a.apology / 3 * a.confidence * plus * (1 + 0.3 * agreeable), 0, 0.8)
        calm *= 1 - clip(0.5 * v * a.confidence * betrayal, 0, 0.7)
        kinds += (0.05 + 0.95 * alike) if kind(a) else 0
        hurts += (0.05 + 0.95 * alike) if v > 0 else 0
    if kinds == 0 and hurts == 0:
        kinds = sum(alike for _, _, alike in mine)
    out = {name: sentiment_after(getattr(person, name), name, *raw[name]) for name in SENTIMENTS}
    return out | {
        "tension": 1 - (1 - tension) * calm,
        "need": person.need * 0.75 ** len(mine),
        "kind_repetition": person.kind_repetition + kinds,
        "hurt_repetition": person.hurt_repetition + hurts,
    }


def sentiment_after(s, name, raw_gain, raw_loss):
    _, _, gain_cap, loss_cap, _, _, least = SENTIMENTS[name]
    gained = gain_cap - (gain_cap - s.gained) * exp(-raw_gain / gain_cap)
    lost = loss_cap - (loss_cap - s.lost) * exp(-raw_loss / loss_cap)
    change = (gained - s.gained) * (1 - max(s.value, 0)) - (lost - s.lost) * (1 + min(s.value, 0))
    return clip(s.value + change, least, 1), clip(s.earned + change / 2, least, 1), gained, lost
