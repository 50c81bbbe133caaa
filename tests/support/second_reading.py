"""A second implementation of the target response, the best response and progression-free survival, for comparison.

Written from the published tables, in whole tenths of a millimetre and plain values, by another way: sums are lists, the best
response is looked up pair by pair. It imports nothing of the program, and nothing of the program imports it.

A target is ``("mm", tenths)``, ``("absent",)``, ``("small",)``, ``("ne",)``, ``("off",)``, ``("protocol",)``,
``("in", carrier)`` or ``("split", [tenths or None, ...])``.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

Target = tuple
Row = dict[str, Target]

SMALL = 50
NODE = 100
WITHOUT_NUMBER = {"ne", "off", "protocol"}
FOREVER = {"off", "protocol"}


def targets(
    rows: Sequence[Row],
    nodes: set[str],
    *,
    partial: bool = True,
    zero_any: bool = False,
    normal_nodes_first: bool = True,
    restate: bool = True,
) -> list[str]:
    """Response at each visit after the first."""
    kept = _stay_treated(rows)
    found = []
    for at in range(1, len(kept)):
        now = kept[at]
        out = {name for name, target in now.items() if target[0] == "protocol"} if restate else set()
        if restate and out and out == set(now):
            found.append("NE")
            continue
        before = [_sum_without(kept[i], out, restate=restate) for i in range(at)]
        sums = [number for number in before if number is not None]
        found.append(
            _response(
                {name: target for name, target in now.items() if name not in out},
                before[0],
                min(sums),
                nodes,
                partial=partial,
                zero_any=zero_any,
                normal_nodes_first=normal_nodes_first,
            )
        )
    return found


def _stay_treated(rows: Sequence[Row]) -> list[Row]:
    kept = [dict(rows[0])]
    for row in rows[1:]:
        before = kept[-1]
        now = {**row, **{name: target for name, target in before.items() if target[0] in FOREVER}}
        leaving = {name for name in now if now[name][0] == "protocol" and before[name][0] != "protocol"}
        bonds = _bonds(before, now)
        for _ in now if leaving else ():
            leaving = leaving.union(*(bond for bond in bonds if bond & leaving))
        now |= dict.fromkeys(leaving, ("protocol",))
        # Merged into a lesion that was taken out before: nobody has its diameter.
        lost = {name for name, target in now.items() if target[0] == "in" and now[target[1]][0] == "protocol"}
        kept.append({**now, **dict.fromkeys(lost, ("ne",))})
    return kept


def _bonds(before: Row, now: Row) -> list[set[str]]:
    """Pairs that lie in one mass: now, or at the visit before where the partner has no number of its own now."""
    here = [{name, target[1]} for name, target in now.items() if target[0] == "in"]
    numbered = {name for name, target in now.items() if target[0] in {"mm", "small", "split"}}
    earlier = [{name, target[1]} for name, target in before.items() if target[0] == "in" and name not in numbered]
    return here + earlier


def _sum_without(row: Row, out: set[str], *, restate: bool) -> int | None:
    """Sum over the lesions that stay; None where the visit had no sum of its own or a mass holds a lesion that left."""
    gone = {name for name, target in row.items() if target[0] == "protocol"} if restate else set()
    if any(target[0] in WITHOUT_NUMBER for name, target in row.items() if name not in gone):
        return None
    if any(target[0] == "in" and (name in out) != (target[1] in out) for name, target in row.items()):
        return None
    return sum(_tenths(target) for name, target in row.items() if name not in out)


def _tenths(target: Target) -> int:
    if target[0] == "mm":
        return int(target[1])
    if target[0] == "small":
        return SMALL
    if target[0] == "split":
        return sum(SMALL if part is None else part for part in target[1])
    return 0


def _response(
    now: Row,
    first: int | None,
    lowest: int,
    nodes: set[str],
    *,
    partial: bool,
    zero_any: bool,
    normal_nodes_first: bool,
) -> str:
    seen = [target for target in now.values() if target[0] not in WITHOUT_NUMBER]
    if not now:
        return "NA"
    if not seen:
        return "NE"
    total = sum(_tenths(target) for target in seen)
    grown = (
        total >= SMALL or (zero_any and total > 0) if lowest == 0 else 5 * total >= 6 * lowest and total - lowest >= 50
    )
    if len(seen) < len(now):
        return "PD" if grown and partial else "NE"
    gone = all(_gone(name, now, nodes) for name in now)
    if gone and (normal_nodes_first or not grown):
        return "CR"
    if grown:
        return "PD"
    assert first is not None
    return "PR" if 10 * total <= 7 * first else "SD"


def _gone(name: str, now: Row, nodes: set[str]) -> bool:
    main = now[name][1] if now[name][0] == "in" else name
    if now[main][0] == "absent":
        return True
    mass = {one for one in now if one == main or now[one] == ("in", main)}
    if not mass <= nodes:
        return False
    if now[main][0] == "split":
        return all((SMALL if part is None else part) < NODE for part in now[main][1])
    return _tenths(now[main]) < NODE


def best(
    visits: Sequence[tuple[str, int]],
    *,
    confirm: bool,
    with_targets: bool = True,
    doubtful: frozenset[int] = frozenset(),
    min_sd: int = 42,
    apart: int = 28,
    most_ne: int = 1,
    most_sd: int = 0,
    end: int | None = None,
) -> str:
    """Best overall response of (response, day) in order, after the table for confirmed responses and its footnote."""
    history: list[tuple[str, int, bool]] = []
    was_complete = False
    for at, (response, day) in enumerate(visits):
        if end is not None and day > end:
            break
        word = "PD" if was_complete and response in ("PR", "SD", "NON_CR_NON_PD") else response
        history.append((word, day, at in doubtful))
        if word == "PD":
            break
        if word != "NE":
            was_complete = word == "CR"
    words = [word for word, _, _ in history]
    if not confirm:
        for word in ("CR", "PR"):
            if word in words:
                return word
    else:
        strong = _confirmed(history, apart, most_ne, most_sd)
        if strong:
            return strong
    stable = ("CR", "PR", "SD") if with_targets else ("CR", "NON_CR_NON_PD")
    if any(word in stable and day >= min_sd for word, day, _ in history):
        return "SD" if with_targets else "NON_CR_NON_PD"
    return "PD" if "PD" in words else "NE"


def _confirmed(history: Sequence[tuple[str, int, bool]], apart: int, most_ne: int, most_sd: int) -> str:
    """CR or PR where some pair of visits has it; empty where none has."""
    counted = ["NE" if word == "CR" and doubt else word for word, _, doubt in history]
    results = set()
    for i, first in enumerate(counted):
        for j in range(i + 1, len(counted)):
            if history[j][1] - history[i][1] < apart:
                continue
            between = counted[i + 1 : j]
            other = {word for word in between if word != "NE"}
            if between.count("NE") > most_ne or between.count("SD") > most_sd:
                continue
            if (first, counted[j]) == ("CR", "CR") and other <= {"CR"}:
                results.add("CR")
            if first == "PR" and counted[j] in ("PR", "CR") and other <= {"PR", "CR", "SD"}:
                results.add("PR")
    return "CR" if "CR" in results else "PR" if "PR" in results else ""


def best_of_package(
    visits: Sequence[tuple[str, int]],
    *,
    min_sd: int,
    apart: int,
    most_ne: int,
    accept_sd: bool,
    missing_as_ne: bool = False,
) -> str:
    """What the R package admiralonco documents of its confirmed best response, step by step as its manual has them."""
    listed = list(visits)
    for at, (word, _) in enumerate(listed):
        if word == "PD":
            listed = listed[: at + 1]
            break
    if not listed:
        return "NE" if missing_as_ne else "MISSING"
    candidates = {
        "CR": any(_joined(listed, at, {"CR"}, apart, most_ne, {"CR", "NE"}, 0) for at in _where(listed, "CR")),
        "PR": any(
            _joined(listed, at, {"CR", "PR"}, apart, most_ne, {"CR", "PR", "SD", "NE"}, int(accept_sd))
            for at in _where(listed, "PR")
        ),
        "SD": any(word in ("CR", "PR", "SD") and day >= min_sd for word, day in listed),
        "NON_CR_NON_PD": any(word == "NON_CR_NON_PD" and day >= min_sd for word, day in listed),
        "PD": any(word == "PD" for word, _ in listed),
    }
    return next((word for word, holds in candidates.items() if holds), "NE")


def _where(listed: Sequence[tuple[str, int]], word: str) -> list[int]:
    return [at for at, (response, _) in enumerate(listed) if response == word]


def _joined(
    listed: Sequence[tuple[str, int]],
    at: int,
    confirming: set[str],
    apart: int,
    most_ne: int,
    allowed: set[str],
    most_sd: int,
) -> bool:
    """The visits after one, up to the first that confirms it, are all as the package's filter wants them."""
    joined = []
    for word, day in listed[at + 1 :]:
        joined.append(word)
        if word in confirming and day >= listed[at][1] + apart:
            break
    else:
        return False
    complete = [i for i, word in enumerate(joined) if word == "CR"]
    partial = [i for i, word in enumerate(joined) if word == "PR"]
    in_order = listed[at][0] != "PR" or not complete or not partial or min(complete) > max(partial)
    return set(joined) <= allowed and joined.count("NE") <= most_ne and joined.count("SD") <= most_sd and in_order


def progression_free(
    visits: Sequence[tuple[str, int]],
    planned: Sequence[tuple[int, int]],
    *,
    death: int | None = None,
    therapy: int | None = None,
    cut_off: int | None = None,
    missed_max: int = 1,
    every_event: bool = False,
) -> tuple[int, str]:
    """Day and status from day 0, by the table of the FDA; ``planned`` are first and last day of each visit's window."""
    last_day = 10**6 if cut_off is None else cut_off
    if therapy is not None and therapy <= last_day and not every_event:
        last_day = therapy
        death = None
    events: Mapping[str, list[int]] = {
        "PD": [day for word, day in visits if word == "PD"][:1],
        "DEATH": [] if death is None else [death],
    }
    days = sorted(day for listed in events.values() for day in listed if day <= last_day)
    seen = [0]
    for word, day in visits:
        if word == "PD":
            break
        if word != "NE" and day <= last_day:
            seen.append(day)
    if not days:
        return max(seen), "CENSORED"
    event = days[0]
    last = max(day for day in seen if day < event or day == 0)
    missed = [window for window in planned if window[0] > last and window[1] < event]
    if len(missed) > missed_max and not every_event:
        return last, "CENSORED"
    return event, "EVENT"
