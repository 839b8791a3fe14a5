#!/usr/bin/env python3
"""Verifies a spot-check draw (docs/draw.md) from its published file alone. Python 3.9 or later, standard library only.

    python3 draw_verify.py FILE [NOW]      NOW like 2026-07-01T01:00:00Z, else the clock; exit code 0 if everything fits
    python3 draw_verify.py --batch         JSON lines on stdin: {"plan","seed"} gives the result, {"file","now"} the findings
"""
import datetime, hashlib, itertools, json, re, sys

ALGORITHM = "wuxin-draw-v1"

# --- canonical JSON (RFC 8785 without fractions) --------------------------------------------------------------------

def parse(text):
    def whole(digits):
        if digits == "-0" or len(digits) > 17 or abs(int(digits)) > 2**53 - 1:
            raise ValueError(digits)
        return int(digits)
    def refuse(what):
        raise ValueError(what)
    def once(pairs):
        fields = dict(pairs)
        return fields if len(fields) == len(pairs) else refuse("a name twice")
    value = json.loads(text, parse_int=whole, parse_float=refuse, parse_constant=refuse, object_pairs_hook=once)
    canonical(value)  # refuses lone surrogates
    return value

def canonical(value):
    def ordered(value):
        if isinstance(value, dict):
            return {name: ordered(value[name]) for name in sorted(value, key=lambda name: name.encode("utf-16-be"))}
        return [ordered(item) for item in value] if isinstance(value, list) else value
    return json.dumps(ordered(value), ensure_ascii=False, separators=(",", ":")).encode()

def sha(*parts):
    return hashlib.sha256(b"".join(parts))

def digest_of(part):
    return sha(canonical({name: value for name, value in part.items() if name != "digest"})).hexdigest()

# --- the form of the file -------------------------------------------------------------------------------------------

def pattern(expression):
    return lambda value: isinstance(value, str) and re.fullmatch(expression, value) is not None

def instant(value):
    if not pattern(r"\d{4}-\d\d-\d\dT([01]\d|2[0-3]):[0-5]\d:[0-5]\dZ")(value) or not value.isascii():
        return False
    return day(value[:10])

def day(value):
    if not pattern(r"(19|[2-9]\d)\d\d-\d\d-\d\d")(value) or not value.isascii():
        return False
    try:
        datetime.date.fromisoformat(value)
    except ValueError:
        return False
    return True

def number(below):
    return lambda value: type(value) is int and 0 <= value < below

def one_of(*words):
    return lambda value: isinstance(value, str) and value in words

def fits(value, shape):
    if callable(shape):
        return shape(value)
    if isinstance(shape, list):
        return isinstance(value, list) and all(fits(item, shape[0]) for item in value)
    if isinstance(shape, tuple):
        return any(fits(value, one) for one in shape)
    return isinstance(value, dict) and value.keys() == shape.keys() and all(fits(value[k], shape[k]) for k in shape)

text = lambda value: isinstance(value, str)
null = lambda value: value is None
ident = pattern(r"[0-9A-Z\-_./()\u4e00-\u9fff]{1,64}")
hex32 = pattern("[0-9a-f]{64}")
region = pattern("[0-9]{6}|[0-9]{9}|[0-9]{12}")
u32, u64 = number(2**32), number(2**64)
optional = lambda shape: (null, shape)
sealed = lambda shape: {**shape, "previous": optional(hex32), "digest": hex32}

REDRAW = {"reason": text, "requested_by": ident, "approved_by": ident}
EVENT = (
    {"kind": one_of("lottery"), "game": text, "issue": text, "numbers": u32, "order": one_of("ascending", "published"),
     "expected_at": instant},
    {"kind": one_of("drand"), "chain": hex32, "genesis": u64, "period": u32, "round": u64, "expected_at": instant},
    {"kind": one_of("contributions"), "parties": [{"name": text, "commitment": hex32}], "expected_at": instant},
)
VALUE = (
    {"numbers": text}, {"randomness": hex32, "signature": optional(text)},
    {"contributions": [{"name": text, "value": optional(hex32)}]},
)
PLAN = {
    "algorithm": text, "draw": ident, "plan": ident,
    "item": {"code": ident, "title": text, "basis": text, "published_on": day},
    "window": {"from": day, "until": day},
    "sampling": {"rounding": one_of("up", "down", "half_up"), "strata": [
        {"district": region, "grade": ident, "basis_points": optional(u32), "count": optional(u32)}]},
    "caps": {"objects": optional(u32), "company_visits": u32, "officer_visits": u32},
    "team": {"size": u32, "districts": one_of("any", "same", "other", "one_local", "mixed")},
    "needs": [ident],
    "objects": [{"id": ident, "kind": one_of("company", "project"), "company": ident, "name": text, "district": region,
                 "grade": ident, "needs": [ident], "visits": u32}],
    "officers": [{"id": ident, "name": text, "district": region, "certificate_until": day, "qualifications": [ident],
                  "interests": [ident], "assigned": u32}],
    "recusals": [{"officer": ident, "object": ident, "reason": text}],
}
RESULT = {
    "seed": hex32, "passed": [{"object": ident, "visits": u32}],
    "unfit": [{"officer": ident, "reason": one_of("certificate", "workload")}],
    "strata": [{"district": region, "grade": ident, "drawn": [ident], "reserve": [ident]}],
    "teams": [{"object": ident, "officers": [ident]}],
}
CHANGE = (
    {"kind": one_of("object"), "out": ident, "in": ident, "officers": [ident]},
    {"kind": one_of("officer"), "object": ident, "out": ident, "in": ident},
)
FILE = {
    "format": one_of("wuxin-draw-1"), "draw": ident, "digest": hex32,
    "attempts": [{
        "commitment": sealed({"algorithm": text, "number": u32, "plan_digest": hex32, "secret_digest": hex32,
                              "event": EVENT, "committed_at": instant, "reveal_by": instant, "redraw": optional(REDRAW)}),
        "event": optional(sealed({"value": VALUE, "observed_at": instant})),
        "reveal": optional(sealed({"secret": hex32, "salt": hex32, "plan": PLAN, "revealed_at": instant})),
        "result": optional(sealed(RESULT)),
        "substitutions": [sealed({"number": u32, "change": CHANGE, **REDRAW, "at": instant})],
    }],
}

# --- the plan and the event -----------------------------------------------------------------------------------------

def says(text):
    return any(c > " " and c != "\u3000" for c in text)

def approved(because):
    return says(because["reason"]) and because["requested_by"] != because["approved_by"]

def rising(rows, *names):
    keys = [tuple(row[name] for name in names) if names else row for row in rows]
    return all(a < b for a, b in zip(keys, keys[1:]))

def all_needs(plan):
    return sorted({*plan["needs"], *(need for o in plan["objects"] for need in o["needs"])})

def plan_holds(plan):
    strata, objects, officers = plan["sampling"]["strata"], plan["objects"], plan["officers"]
    quotas = {(row["district"], row["grade"]) for row in strata}
    visits = {o["company"]: o["visits"] for o in objects}
    ids = {o["id"] for o in objects} | visits.keys()
    return (
        plan["algorithm"] == ALGORITHM and plan["window"]["from"] <= plan["window"]["until"]
        and 2 <= plan["team"]["size"] <= 5 and len(all_needs(plan)) <= 30
        and rising(plan["needs"]) and rising(strata, "district", "grade") and rising(objects, "id")
        and rising(officers, "id") and rising(plan["recusals"], "officer", "object")
        and all(rising(o["needs"]) for o in objects)
        and all(rising(o["qualifications"]) and rising(o["interests"]) for o in officers)
        and says(plan["item"]["title"]) and says(plan["item"]["basis"])
        and all(says(row["name"]) for row in objects + officers) and all(says(r["reason"]) for r in plan["recusals"])
        and all((q["basis_points"] is None) != (q["count"] is None) and (q["basis_points"] or 0) <= 10000 for q in strata)
        and all((o["district"], o["grade"]) in quotas for o in objects)
        and all(o["kind"] == "project" or o["company"] == o["id"] for o in objects)
        and all(visits[o["company"]] == o["visits"] for o in objects)
        and {r["officer"] for r in plan["recusals"]} <= {o["id"] for o in officers}
        and {r["object"] for r in plan["recusals"]} <= ids
    )

def epoch(instant):
    return int(datetime.datetime.strptime(instant, "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=datetime.timezone.utc).timestamp())

def shanghai_day(instant):
    moment = datetime.datetime.strptime(instant, "%Y-%m-%dT%H:%M:%SZ")
    return (moment + datetime.timedelta(hours=8)).date().isoformat() if instant < "9999-12-31T16" else "9999-12-31"

def event_holds(event):
    if event["kind"] == "lottery":
        return says(event["game"]) and says(event["issue"]) and 1 <= event["numbers"] <= 100
    if event["kind"] == "drand":
        return event["round"] >= 1 and \
            event["genesis"] + (event["round"] - 1) * event["period"] == epoch(event["expected_at"])
    names = [party["name"] for party in event["parties"]]
    return len(names) >= 2 and len(set(names)) == len(names) and all(map(says, names))

def value_fits(event, value):
    if event["kind"] == "lottery" and "numbers" in value:
        words = value["numbers"].split(" ")
        if not all(re.fullmatch("0|[1-9][0-9]{0,5}", word) for word in words) or len(words) != event["numbers"]:
            return False
        return event["order"] == "published" or rising([int(word) for word in words])
    if event["kind"] == "drand" and "randomness" in value:
        proof = value["signature"]
        return proof is None or bool(re.fullmatch("([0-9a-f]{2})*", proof)) and \
            sha(bytes.fromhex(proof)).hexdigest() == value["randomness"]
    if event["kind"] == "contributions" and "contributions" in value:
        given, parties = value["contributions"], event["parties"]
        return [one["name"] for one in given] == [party["name"] for party in parties] and all(
            one["value"] is None or party["commitment"] == sha(
                b"wuxin-contribution-v1", canonical(one["name"]), bytes.fromhex(one["value"])).hexdigest()
            for one, party in zip(given, parties))
    return False

def value_for_seed(value):
    if "numbers" in value:
        return canonical(value["numbers"])
    if "randomness" in value:
        return canonical(value["randomness"])
    values = [one["value"] for one in value["contributions"]]
    return None if None in values else canonical(values)

# --- the draw -------------------------------------------------------------------------------------------------------

class Infeasible(Exception):
    pass

def contains(outer, inner):
    return inner.startswith(outer[:4] if len(outer) == 6 and outer.endswith("00") else outer)

def draw_strata(plan, seed):
    strata, drawn = [], 0
    for quota in plan["sampling"]["strata"]:
        key = (quota["district"], quota["grade"])
        ids = [o["id"] for o in plan["objects"]
               if (o["district"], o["grade"]) == key and o["visits"] < plan["caps"]["company_visits"]]
        wanted = quota["count"]
        if wanted is None:
            add = {"up": 9999, "down": 0, "half_up": 5000}[plan["sampling"]["rounding"]]
            wanted = (len(ids) * quota["basis_points"] + add) // 10000
        if wanted > len(ids):
            raise Infeasible({"constraint": "stratum_short", "district": key[0], "grade": key[1], "wanted": wanted,
                              "eligible": len(ids)})
        drawn += wanted
        prefix = seed + b"obj" + canonical(list(key))
        ids.sort(key=lambda id: (sha(prefix, canonical(id)).digest(), id))
        strata.append({"district": key[0], "grade": key[1], "drawn": ids[:wanted], "reserve": ids[wanted:]})
    allowed = plan["caps"]["objects"]
    if allowed is not None and drawn > allowed:
        raise Infeasible({"constraint": "plan_cap", "drawn": drawn, "allowed": allowed})
    return strata

class Pool:
    def __init__(self, plan, seed):
        self.plan, self.seed = plan, seed
        self.officers = {o["id"]: o for o in plan["officers"]}
        self.avoids = {o["id"]: set(o["interests"]) for o in plan["officers"]}
        for r in plan["recusals"]:
            self.avoids[r["officer"]].add(r["object"])
        cap = plan["caps"]["officer_visits"]
        self.left = {id: max(0, cap - o["assigned"]) if self.valid(o) else 0 for id, o in self.officers.items()}

    def valid(self, officer):
        return officer["certificate_until"] >= self.plan["window"]["until"]

    def choice(self, target, without=None):
        """The officers that may visit an object, in its order, and what makes a team of them."""
        rule = "any" if without == "district" else self.plan["team"]["districts"]
        needs = set() if without == "qualification" else {*self.plan["needs"], *target["needs"]}
        prefix = self.seed + b"off" + canonical(target["id"])
        order = []
        for id, officer in self.officers.items():
            local = contains(officer["district"], target["district"])
            if (self.valid(officer) or without == "certificate") \
                    and (without == "recusal" or not self.avoids[id] & {target["id"], target["company"]}) \
                    and not (rule == "same" and not local or rule == "other" and local):
                order.append((sha(prefix, canonical(id)).digest(), id))
        return [id for _, id in sorted(order)], rule, needs, target["district"]

    def is_team(self, choice, ids):
        _, rule, needs, district = choice
        held = {q for id in ids for q in self.officers[id]["qualifications"]}
        local = [contains(self.officers[id]["district"], district) for id in ids]
        return needs <= held and (rule not in ("one_local", "mixed") or any(local)) \
            and (rule != "mixed" or not all(local))

    def teams(self, choice, left):
        """Every feasible team, in lexicographic order of positions, while `left` stays as it is."""
        free = [id for id in choice[0] if left is None or left[id] > 0]
        return (team for team in itertools.combinations(free, self.plan["team"]["size"]) if self.is_team(choice, team))

    def balances(self, drawn):
        size, rule = self.plan["team"]["size"], self.plan["team"]["districts"]
        local, other = {"any": (0, 0), "same": (size, 0), "other": (0, size), "one_local": (1, 0), "mixed": (1, 1)}[rule]
        available = lambda counts: sum(self.left[id] for id, o in self.officers.items() if counts(o))
        yield "all", size * len(drawn), available(lambda o: True)
        for need in all_needs(self.plan):
            yield f"need:{need}", sum(need in self.plan["needs"] or need in o["needs"] for o in drawn), \
                available(lambda o: need in o["qualifications"])
        for district in sorted({o["district"] for o in drawn}):
            count = sum(o["district"] == district for o in drawn)
            if local:
                yield f"local:{district}", local * count, available(lambda o: contains(o["district"], district))
            if other:
                yield f"other:{district}", other * count, available(lambda o: not contains(o["district"], district))

def draw_teams(pool, drawn):
    choices = [pool.choice(target) for target in drawn]
    for target, choice in zip(drawn, choices):
        if next(pool.teams(choice, None), None) is None:
            unmet = [one for one in ("certificate", "recusal", "district", "qualification")
                     if next(pool.teams(pool.choice(target, one), None), None)]
            raise Infeasible({"constraint": "team", "object": target["id"], "unmet": unmet or ["several"]})
    balances = list(pool.balances(drawn))
    for scope, needed, available in balances:
        if needed > available:
            raise Infeasible({"constraint": "workload", "scope": scope, "needed": needed, "available": available})
    left, teams, steps, limit = dict(pool.left), [None] * len(drawn), 0, 100_000 + 100 * len(drawn)

    def take(index, search):
        nonlocal steps
        team = next(search, None)
        if team is None:
            return False
        if steps == limit:
            raise Infeasible({"constraint": "search_limit", "steps": steps})
        steps += 1
        teams[index] = team
        for id in team:
            left[id] += -1
        return True

    def give_back(index):
        for id in teams[index]:
            left[id] += 1

    order, moved, place = list(range(len(drawn))), set(), 0
    while place < len(order):                              # each takes its first team; one without moves to the front
        index = order[place]
        if take(index, pool.teams(choices[index], left)):
            place += 1
            continue
        for other in order[:place]:
            give_back(other)
        if index in moved:
            break
        moved.add(index)
        order.insert(0, order.pop(place))
        place = 0
    else:
        return teams
    searches, place = {}, 0                                # the same order, completely
    while place < len(order):
        index = order[place]
        if place not in searches:
            searches[place] = pool.teams(choices[index], left)
        if take(index, searches[place]):
            place += 1
            continue
        del searches[place]
        if place == 0:
            raise Infeasible({"constraint": "workload", "scope": "joint", "needed": balances[0][1],
                              "available": balances[0][2]})
        place -= 1
        give_back(order[place])
    return teams

def draw(plan, seed_hex):
    seed = bytes.fromhex(seed_hex)
    strata, pool = draw_strata(plan, seed), Pool(plan, seed)
    objects = {o["id"]: o for o in plan["objects"]}
    drawn = [objects[id] for stratum in strata for id in stratum["drawn"]]
    teams = draw_teams(pool, drawn)
    reason = lambda o: "certificate" if not pool.valid(o) else "workload" if pool.left[o["id"]] == 0 else None
    return {
        "seed": seed_hex,
        "passed": [{"object": o["id"], "visits": o["visits"]} for o in plan["objects"]
                   if o["visits"] >= plan["caps"]["company_visits"]],
        "unfit": [{"officer": o["id"], "reason": reason(o)} for o in plan["officers"] if reason(o)],
        "strata": strata,
        "teams": [{"object": o["id"], "officers": list(team)} for o, team in zip(drawn, teams)],
    }

class Roster:
    """Who visits whom after the draw, and who would come next."""
    def __init__(self, plan, result):
        self.pool = Pool(plan, bytes.fromhex(result["seed"]))
        self.objects = {o["id"]: o for o in plan["objects"]}
        self.stratum = {id: i for i, s in enumerate(result["strata"]) for id in s["drawn"] + s["reserve"]}
        self.reserves = [list(s["reserve"]) for s in result["strata"]]
        self.teams = {t["object"]: list(t["officers"]) for t in result["teams"]}
        self.left, self.barred = dict(self.pool.left), {}
        for team in self.teams.values():
            self.count(team, -1)

    def count(self, team, by, left=None):
        for id in team:
            (self.left if left is None else left)[id] += by

    def next(self, change):
        """The change that must follow from what is asked for, or nothing."""
        if change["kind"] == "object":
            out = change["out"]
            if out not in self.teams or not self.reserves[self.stratum[out]]:
                return None
            coming, left = self.reserves[self.stratum[out]][0], dict(self.left)
            self.count(self.teams[out], 1, left)
            team = next(self.pool.teams(self.pool.choice(self.objects[coming]), left), None)
            return team and {"kind": "object", "out": out, "in": coming, "officers": list(team)}
        target, out = change["object"], change["out"]
        if out not in self.teams.get(target, []):
            return None
        staying = [id for id in self.teams[target] if id != out]
        choice = self.pool.choice(self.objects[target])
        for id in choice[0]:
            if self.left[id] > 0 and id not in staying and id != out and id not in self.barred.get(target, ()) \
                    and self.pool.is_team(choice, staying + [id]):
                return {"kind": "officer", "object": target, "out": out, "in": id}
        return None

    def apply(self, change):
        if change["kind"] == "object":
            self.count(self.teams.pop(change["out"]), 1)
            self.reserves[self.stratum[change["out"]]].pop(0)
            self.teams[change["in"]] = list(change["officers"])
            self.count(change["officers"], -1)
        else:
            team = self.teams[change["object"]]
            team[team.index(change["out"])] = change["in"]
            self.count([change["out"]], 1)
            self.count([change["in"]], -1)
            self.barred.setdefault(change["object"], set()).add(change["out"])

# --- verification ---------------------------------------------------------------------------------------------------

def verify(content, now):
    """The state of the last attempt, and the findings as (code, JSON pointer)."""
    try:
        file = parse(content)
        if not fits(file, FILE) or not file["attempts"]:
            raise ValueError("not a published file")
    except (ValueError, RecursionError):
        return None, [("file-malformed", "")]
    found, state = [], None
    check = lambda right, code, at: right or found.append((code, at))
    check(digest_of(file) == file["digest"], "file-digest", "/digest")
    for index, attempt in enumerate(file["attempts"]):
        before = file["attempts"][index - 1]["commitment"] if index else None
        state = verify_attempt(file, index, attempt, before, now, check)
    return state, sorted(set(found))

def verify_attempt(file, index, attempt, before, now, check):
    at = f"/attempts/{index}"
    commitment, event, reveal, result = (attempt[name] for name in ("commitment", "event", "reveal", "result"))
    previous = before and before["digest"]
    parts = [(name, attempt[name]) for name in ("commitment", "event", "reveal", "result") if attempt[name]]
    parts += [(f"substitutions/{i}", part) for i, part in enumerate(attempt["substitutions"])]
    for name, part in parts:
        check(digest_of(part) == part["digest"], "part-digest", f"{at}/{name}")
        check(part["previous"] == previous, "part-chain", f"{at}/{name}")
        previous = part["digest"]

    here, named = f"{at}/commitment", commitment["event"]
    check(commitment["number"] == index + 1, "attempt-number", here)
    check(commitment["algorithm"] == ALGORITHM, "algorithm-unknown", here)
    redraw = commitment["redraw"]
    check(approved(redraw) if redraw and index else not redraw and not index, "redraw-unapproved", here)
    check(event_holds(named), "event-invalid", here)
    check(named["expected_at"] > commitment["committed_at"], "event-not-future", here)
    check(commitment["reveal_by"] >= named["expected_at"], "deadline-before-event", here)
    check(commitment["committed_at"] <= now, "clock-future", here)
    check(not before or before["committed_at"] <= commitment["committed_at"], "attempt-order", here)
    value = None
    if event:
        check(event["observed_at"] >= named["expected_at"], "event-early", f"{at}/event")
        check(event["observed_at"] <= now, "clock-future", f"{at}/event")
        check(value_fits(named, event["value"]), "event-value", f"{at}/event")
        value = value_for_seed(event["value"])
    aborted = event is not None and value is None
    empty = result is None and not attempt["substitutions"]
    if not reveal:
        check(empty, "result-early", at)
        check(aborted or now <= commitment["reveal_by"], "reveal-missing", at)
        return "aborted" if aborted else "observed" if event else "committed"

    here, plan = f"{at}/reveal", reveal["plan"]
    check(event and event["observed_at"] <= reveal["revealed_at"], "reveal-before-event", here)
    check(reveal["revealed_at"] <= commitment["reveal_by"], "reveal-late", here)
    check(reveal["revealed_at"] <= now, "clock-future", here)
    secret = bytes.fromhex(reveal["secret"])
    check(sha(secret).hexdigest() == commitment["secret_digest"], "secret-wrong", here)
    check(sha(bytes.fromhex(reveal["salt"]), canonical(plan)).hexdigest() == commitment["plan_digest"], "plan-wrong", here)
    check(plan["draw"] == file["draw"], "plan-other", here)
    check(plan["item"]["published_on"] <= shanghai_day(commitment["committed_at"]), "item-unpublished", here)
    holds = plan_holds(plan)
    check(holds, "plan-invalid", here)
    if aborted:
        check(empty, "result-early", at)
        return "aborted"
    if not holds or value is None:
        return "revealed"
    seed = sha(ALGORITHM.encode(), bytes.fromhex(commitment["plan_digest"]), bytes.fromhex(commitment["secret_digest"]),
               canonical(named), value, secret).hexdigest()
    try:
        expected = draw(plan, seed)
    except Infeasible:
        check(empty, "result-impossible", at)
        return "revealed" if result else "infeasible"
    if not result:
        check(False, "result-missing", at)
        return "revealed"
    here = f"{at}/result"
    check(result["seed"] == seed, "seed-wrong", f"{here}/seed")
    for name in ("passed", "unfit"):
        check(result[name] == expected[name], "exclusions-wrong", f"{here}/{name}")
    for name in ("strata", "teams"):
        if len(result[name]) != len(expected[name]):
            check(False, f"{name}-wrong", f"{here}/{name}")
        else:
            for i, (one, other) in enumerate(zip(result[name], expected[name])):
                check(one == other, f"{name}-wrong", f"{here}/{name}/{i}")
    roster, earliest = Roster(plan, expected), event["observed_at"]
    for i, part in enumerate(attempt["substitutions"]):
        here = f"{at}/substitutions/{i}"
        check(part["number"] == i + 1, "substitute-number", here)
        check(approved(part), "substitute-unapproved", here)
        check(earliest <= part["at"] <= reveal["revealed_at"], "substitute-time", here)
        earliest = part["at"]
        change = roster.next(part["change"])
        check(change == part["change"], "substitute-wrong", here)
        if change:
            roster.apply(change)
    return "revealed"

def batch(line):
    job = json.loads(line)
    if "file" in job:
        state, found = verify(job["file"], job["now"])
        return {"state": state, "findings": [list(one) for one in found]}
    try:
        return draw(job["plan"], job["seed"])
    except Infeasible as fault:
        return {"infeasible": fault.args[0]}

def main():
    if sys.argv[1:] == ["--batch"]:
        for line in sys.stdin.buffer:
            sys.stdout.buffer.write(canonical(batch(line)) + b"\n")
        return 0
    if len(sys.argv) not in (2, 3):
        sys.exit(__doc__)
    now = sys.argv[2] if len(sys.argv) == 3 else \
        datetime.datetime.now(datetime.timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")
    with open(sys.argv[1], "rb") as file:
        try:
            content = file.read().decode()
        except UnicodeDecodeError:
            content = ""
    state, found = verify(content, now)
    print(f"state: {state}")
    for code, at in found:
        print(f"{code} {at}")
    print("everything fits" if not found else f"{len(found)} finding(s)")
    return 1 if found else 0

if __name__ == "__main__":
    sys.exit(main())
