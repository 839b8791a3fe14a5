// Verifies a spot-check draw (docs/draw.md) from the published file a visitor chooses. Nothing is sent anywhere.
// Hashing is done here, since pages without TLS have no WebCrypto; where there is WebCrypto, it must agree first.
"use strict";
const WuxinDraw = (() => {
  const ALGORITHM = "wuxin-draw-v1";
  const TEXTS = {
    "file-malformed": "文件格式不对",
    "file-digest": "文件的摘要不符，文件被改动过",
    "part-digest": "这一部分的摘要不符，内容被改动过",
    "part-chain": "这一部分没有接在前一部分之后",
    "attempt-number": "抽取次数没有连续编号",
    "attempt-order": "后一次抽取的承诺早于前一次",
    "algorithm-unknown": "算法版本不认识",
    "redraw-unapproved": "重抽没有写明理由，或者没有另一人批准",
    "event-invalid": "承诺的事件不成立",
    "event-not-future": "事件不在承诺之后，结果可以事先挑选",
    "deadline-before-event": "公开期限早于事件",
    "clock-future": "时间晚于现在",
    "event-early": "事件的值早于事件预定的时间",
    "event-value": "事件的值与承诺的事件不符",
    "reveal-before-event": "公开早于事件",
    "reveal-late": "公开逾期",
    "reveal-missing": "逾期没有公开",
    "secret-wrong": "公开的秘密数与承诺不符",
    "plan-wrong": "公开的抽查方案与承诺不符",
    "plan-invalid": "抽查方案不成立",
    "plan-other": "抽查方案的编号不是这次抽查的",
    "item-unpublished": "承诺时抽查事项还没有公布",
    "result-early": "没有公开依据就有了结果",
    "result-missing": "已经公开，但没有结果",
    "result-impossible": "按照方案和种子抽不出结果，文件中却有结果",
    "seed-wrong": "种子不是由承诺、事件和秘密数算出的",
    "exclusions-wrong": "排除在外的对象或者人员与方案不符",
    "strata-wrong": "抽中的对象或者后备次序与种子不符",
    "teams-wrong": "检查组与种子不符",
    "substitute-number": "替换没有连续编号",
    "substitute-unapproved": "替换没有写明理由，或者没有另一人批准",
    "substitute-time": "替换的时间不在事件和公开之间，或者次序倒退",
    "substitute-wrong": "替换的不是次序中的下一个",
  };
  const STATES = {
    committed: "已承诺，等待事件",
    observed: "事件已发生，检查完成后公开",
    aborted: "有参与方没有公布其数，本次抽取作废",
    infeasible: "组不成检查组，本次抽取作废",
    revealed: "已公开",
  };

  // SHA-256 (FIPS 180-4). The constants are the fractional parts of roots of the first primes.
  const primes = [];
  for (let n = 2; primes.length < 64; n++) if (primes.every((p) => n % p)) primes.push(n);
  const bits = (x) => ((x - Math.floor(x)) * 2 ** 32) | 0;
  const K = primes.map((p) => bits(Math.cbrt(p))), H = primes.slice(0, 8).map((p) => bits(Math.sqrt(p)));
  const W = new Int32Array(64);
  const turn = (x, n) => (x >>> n) | (x << (32 - n));
  function words(parts) {
    let length = 0, at = 0;
    for (const part of parts) length += part.length;
    const data = new Uint8Array(((length + 72) >> 6) << 6), view = new DataView(data.buffer);
    for (const part of parts) data.set(part, at), (at += part.length);
    data[length] = 128;
    view.setUint32(data.length - 8, Math.floor(length / 2 ** 29));
    view.setUint32(data.length - 4, length << 3);
    const h = Int32Array.from(H);
    for (let block = 0; block < data.length; block += 64) {
      for (let i = 0; i < 64; i++) {
        if (i < 16) { W[i] = view.getInt32(block + 4 * i); continue; }
        const x = W[i - 15], y = W[i - 2];
        W[i] = W[i - 16] + (turn(x, 7) ^ turn(x, 18) ^ (x >>> 3)) + W[i - 7] + (turn(y, 17) ^ turn(y, 19) ^ (y >>> 10));
      }
      let a = h[0], b = h[1], c = h[2], d = h[3], e = h[4], f = h[5], g = h[6], z = h[7];
      for (let i = 0; i < 64; i++) {
        const s = (z + (turn(e, 6) ^ turn(e, 11) ^ turn(e, 25)) + ((e & f) ^ (~e & g)) + K[i] + W[i]) | 0;
        const t = ((turn(a, 2) ^ turn(a, 13) ^ turn(a, 22)) + ((a & b) ^ (a & c) ^ (b & c))) | 0;
        (z = g), (g = f), (f = e), (e = (d + s) | 0), (d = c), (c = b), (b = a), (a = (s + t) | 0);
      }
      (h[0] += a), (h[1] += b), (h[2] += c), (h[3] += d), (h[4] += e), (h[5] += f), (h[6] += g), (h[7] += z);
    }
    return h;
  }
  const hex = (bytes) => Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
  const unhex = (text) => Uint8Array.from(text.match(/../g) || [], (pair) => parseInt(pair, 16));
  const encoder = new TextEncoder(), utf8 = (text) => encoder.encode(text);
  const hexWords = (h) => Array.from(h, (word) => (word >>> 0).toString(16).padStart(8, "0")).join("");
  const digest = (...parts) => hexWords(words(parts));

  // Canonical JSON (RFC 8785 without fractions), and strict reading: no name twice, whole numbers, no lone surrogates.
  const canonicalText = (value) =>
    Array.isArray(value) ? `[${value.map(canonicalText)}]`
      : value && typeof value === "object"
        ? `{${Object.keys(value).sort().map((name) => `${JSON.stringify(name)}:${canonicalText(value[name])}`)}}`
        : JSON.stringify(value);
  const canonical = (value) => utf8(canonicalText(value));
  function parse(text) {
    const value = JSON.parse(text), open = [];
    let last = null;
    for (const [token] of text.matchAll(/"(?:[^"\\]|\\.)*"|[{}[\],:]|[^\s{}[\],:"]+/g)) {
      if (token === "{" || token === "[") open.push(token === "{" ? new Set() : null);
      else if (token === "}" || token === "]") open.pop();
      else if (token === ":") {
        const names = open[open.length - 1], name = JSON.parse(last);
        if (names.has(name)) throw Error("a name twice");
        names.add(name);
      } else if (/^[-\d]/.test(token) && !(/^(0|-?[1-9]\d{0,15})$/.test(token) && Number.isSafeInteger(+token)))
        throw Error("a number");
      else if (token[0] === '"' && /\p{Surrogate}/u.test(JSON.parse(token))) throw Error("half a character");
      last = token;
    }
    return value;
  }
  const digestOf = ({ digest: _, ...rest }) => digest(canonical(rest));

  // The form of the file. A function tests; [shape] is a list; any(...) one of several; an object has exactly its names.
  const like = (expression) => (value) => typeof value === "string" && expression.test(value);
  const text = (value) => typeof value === "string";
  const word = (...words) => (value) => words.includes(value);
  const number = (below) => (value) => Number.isInteger(value) && value >= 0 && value < below;
  const fits = (value, shape) =>
    typeof shape === "function" ? shape(value)
      : Array.isArray(shape) ? Array.isArray(value) && value.every((item) => fits(item, shape[0]))
        : !!value && typeof value === "object" && !Array.isArray(value)
          && Object.keys(value).length === Object.keys(shape).length
          && Object.keys(shape).every((name) => Object.hasOwn(value, name) && fits(value[name], shape[name]));
  const any = (...shapes) => (value) => shapes.some((shape) => fits(value, shape));
  const optional = (shape) => (value) => value === null || fits(value, shape);
  const u32 = number(2 ** 32), u64 = number(2 ** 64), hex32 = like(/^[0-9a-f]{64}$/);
  const id = like(/^[0-9A-Z\-_./()\u4e00-\u9fff]{1,64}$/), region = like(/^(\d{6}|\d{9}|\d{12})$/);
  const isDate = (day) => { const date = new Date(`${day}T00:00:00Z`); return !isNaN(date) && date.toISOString().startsWith(day); };
  const day = (value) => like(/^(19|[2-9]\d)\d\d-\d\d-\d\d$/)(value) && isDate(value);
  const instant = (value) => like(/^.{10}T([01]\d|2[0-3]):[0-5]\d:[0-5]\dZ$/)(value) && day(value.slice(0, 10));
  const sealed = (shape) => ({ ...shape, previous: optional(hex32), digest: hex32 });
  const REDRAW = { reason: text, requested_by: id, approved_by: id };
  const EVENT = any(
    { kind: word("lottery"), game: text, issue: text, numbers: u32, order: word("ascending", "published"), expected_at: instant },
    { kind: word("drand"), chain: hex32, genesis: u64, period: u32, round: u64, expected_at: instant },
    { kind: word("contributions"), parties: [{ name: text, commitment: hex32 }], expected_at: instant });
  const VALUE = any({ numbers: text }, { randomness: hex32, signature: optional(text) },
    { contributions: [{ name: text, value: optional(hex32) }] });
  const PLAN = {
    algorithm: text, draw: id, plan: id,
    item: { code: id, title: text, basis: text, published_on: day }, window: { from: day, until: day },
    sampling: { rounding: word("up", "down", "half_up"),
      strata: [{ district: region, grade: id, basis_points: optional(u32), count: optional(u32) }] },
    caps: { objects: optional(u32), company_visits: u32, officer_visits: u32 },
    team: { size: u32, districts: word("any", "same", "other", "one_local", "mixed") }, needs: [id],
    objects: [{ id, kind: word("company", "project"), company: id, name: text, district: region, grade: id, needs: [id], visits: u32 }],
    officers: [{ id, name: text, district: region, certificate_until: day, qualifications: [id], interests: [id], assigned: u32 }],
    recusals: [{ officer: id, object: id, reason: text }],
  };
  const RESULT = {
    seed: hex32, passed: [{ object: id, visits: u32 }], unfit: [{ officer: id, reason: word("certificate", "workload") }],
    strata: [{ district: region, grade: id, drawn: [id], reserve: [id] }], teams: [{ object: id, officers: [id] }],
  };
  const CHANGE = any({ kind: word("object"), out: id, in: id, officers: [id] }, { kind: word("officer"), object: id, out: id, in: id });
  const FILE = {
    format: word("wuxin-draw-1"), draw: id, digest: hex32,
    attempts: [{
      commitment: sealed({ algorithm: text, number: u32, plan_digest: hex32, secret_digest: hex32, event: EVENT,
        committed_at: instant, reveal_by: instant, redraw: optional(REDRAW) }),
      event: optional(sealed({ value: VALUE, observed_at: instant })),
      reveal: optional(sealed({ secret: hex32, salt: hex32, plan: PLAN, revealed_at: instant })),
      result: optional(sealed(RESULT)), substitutions: [sealed({ number: u32, change: CHANGE, ...REDRAW, at: instant })],
    }],
  };

  // The plan and the event.
  const says = (text) => /[^\u0000-\u0020\u3000]/.test(text);
  const approved = (one) => says(one.reason) && one.requested_by !== one.approved_by;
  const rising = (rows, key = (row) => row) => rows.every((row, i) => !i || key(rows[i - 1]) < key(row));
  const by = (...names) => (row) => names.map((name) => row[name]).join("\n");
  const same = (a, b) => canonicalText(a) === canonicalText(b);
  const allNeeds = (plan) => [...new Set([...plan.needs, ...plan.objects.flatMap((one) => one.needs)])].sort();
  const stratumOf = by("district", "grade");
  function planHolds(plan) {
    const { objects, officers, recusals, sampling: { strata } } = plan;
    const quotas = new Set(strata.map(stratumOf)), visits = new Map(objects.map((one) => [one.company, one.visits]));
    const ids = new Set([...objects.map((one) => one.id), ...visits.keys()]), people = new Set(officers.map((one) => one.id));
    return plan.algorithm === ALGORITHM && plan.window.from <= plan.window.until && plan.team.size >= 2 && plan.team.size <= 5
      && allNeeds(plan).length <= 30 && rising(plan.needs) && rising(strata, stratumOf) && rising(objects, by("id"))
      && rising(officers, by("id")) && rising(recusals, by("officer", "object")) && objects.every((one) => rising(one.needs))
      && officers.every((one) => rising(one.qualifications) && rising(one.interests))
      && [plan.item.title, plan.item.basis, ...[...objects, ...officers].map((one) => one.name), ...recusals.map((one) => one.reason)].every(says)
      && strata.every((one) => (one.basis_points === null) !== (one.count === null) && one.basis_points <= 10000)
      && objects.every((one) => quotas.has(stratumOf(one)) && (one.kind === "project" || one.company === one.id)
        && visits.get(one.company) === one.visits)
      && recusals.every((one) => people.has(one.officer) && ids.has(one.object));
  }
  function eventHolds(event) {
    if (event.kind === "lottery") return says(event.game) && says(event.issue) && event.numbers >= 1 && event.numbers <= 100;
    if (event.kind === "drand")
      return event.round >= 1 && event.genesis + (event.round - 1) * event.period === Date.parse(event.expected_at) / 1000;
    const names = event.parties.map((one) => one.name);
    return names.length >= 2 && new Set(names).size === names.length && names.every(says);
  }
  function valueFits(event, value) {
    if (event.kind === "lottery" && "numbers" in value) {
      const words = value.numbers.split(" ");
      return words.every((word) => /^(0|[1-9]\d{0,5})$/.test(word)) && words.length === event.numbers
        && (event.order === "published" || rising(words, Number));
    }
    if (event.kind === "drand" && "randomness" in value)
      return value.signature === null || (/^([0-9a-f]{2})*$/.test(value.signature) && digest(unhex(value.signature)) === value.randomness);
    return event.kind === "contributions" && "contributions" in value && value.contributions.length === event.parties.length
      && value.contributions.every((one, i) => one.name === event.parties[i].name && (one.value === null
        || digest(utf8("wuxin-contribution-v1"), canonical(one.name), unhex(one.value)) === event.parties[i].commitment));
  }
  function valueForSeed(value) {
    if (!value.contributions) return canonical("numbers" in value ? value.numbers : value.randomness);
    const values = value.contributions.map((one) => one.value);
    return values.includes(null) ? null : canonical(values);
  }

  // The draw.
  class Infeasible extends Error {
    constructor(fault) { super(fault.constraint); this.fault = fault; }
  }
  const fail = (constraint, rest) => { throw new Infeasible({ constraint, ...rest }); };
  const contains = (outer, inner) => inner.startsWith(/^\d{4}00$/.test(outer) ? outer.slice(0, 4) : outer);
  // Sorted by the first 53 bits of the keys, and by all of them (then by id) where those are the same.
  function ordered(prefix, ids) {
    const keyed = ids.map((one) => {
      const h = words([prefix, quoted(one)]);
      return { one, first: (h[0] >>> 0) * 2 ** 21 + (h[1] >>> 11), h };
    });
    const whole = ({ h, one }) => hexWords(h) + one;
    return keyed.sort((a, b) => a.first - b.first || (whole(a) < whole(b) ? -1 : 1)).map(({ one }) => one);
  }
  const bytesOf = new Map();
  const quoted = (one) => {
    if (!bytesOf.has(one)) bytesOf.set(one, canonical(one));
    return bytesOf.get(one);
  };
  const join = (...parts) => Uint8Array.from(parts.flatMap((part) => [...part]));
  function drawStrata(plan, seed) {
    let drawn = 0;
    const members = new Map();
    for (const one of plan.objects) if (one.visits < plan.caps.company_visits) {
      const key = stratumOf(one);
      members.has(key) ? members.get(key).push(one.id) : members.set(key, [one.id]);
    }
    const strata = plan.sampling.strata.map((quota) => {
      const { district, grade } = quota, ids = members.get(stratumOf(quota)) || [], eligible = ids.length;
      const wanted = quota.count ?? Math.floor((eligible * quota.basis_points + { up: 9999, down: 0, half_up: 5000 }[plan.sampling.rounding]) / 10000);
      if (wanted > eligible) fail("stratum_short", { district, grade, wanted, eligible });
      drawn += wanted;
      const order = ordered(join(seed, utf8("obj"), canonical([district, grade])), ids);
      return { district, grade, drawn: order.slice(0, wanted), reserve: order.slice(wanted) };
    });
    const allowed = plan.caps.objects;
    if (allowed !== null && drawn > allowed) fail("plan_cap", { drawn, allowed });
    return strata;
  }
  class Pool {
    constructor(plan, seed) {
      Object.assign(this, { plan, seed, officers: new Map(), left: new Map() });
      for (const one of plan.officers) {
        const valid = one.certificate_until >= plan.window.until;
        this.officers.set(one.id, { ...one, valid, avoids: new Set(one.interests), holds: new Set(one.qualifications) });
        this.left.set(one.id, valid ? Math.max(0, plan.caps.officer_visits - one.assigned) : 0);
      }
      for (const one of plan.recusals) this.officers.get(one.officer).avoids.add(one.object);
    }
    // The officers that may visit an object, in its order, and what makes a team of them.
    choice(object, without) {
      const rule = without === "district" ? "any" : this.plan.team.districts;
      const needs = without === "qualification" ? [] : [...this.plan.needs, ...object.needs];
      const ids = [...this.officers.values()].filter((one) => {
        const local = contains(one.district, object.district);
        return (one.valid || without === "certificate")
          && (without === "recusal" || !(one.avoids.has(object.id) || one.avoids.has(object.company)))
          && !(rule === "same" && !local) && !(rule === "other" && local);
      }).map((one) => one.id);
      return { ids: ordered(join(this.seed, utf8("off"), canonical(object.id)), ids), rule, needs, district: object.district };
    }
    isTeam({ rule, needs, district }, ids) {
      const team = ids.map((one) => this.officers.get(one)), local = (one) => contains(one.district, district);
      return needs.every((need) => team.some((one) => one.holds.has(need)))
        && (!["one_local", "mixed"].includes(rule) || team.some(local)) && (rule !== "mixed" || !team.every(local));
    }
    // Every feasible team, in lexicographic order of positions, while `left` stays as it is.
    *teams(choice, left) {
      const free = choice.ids.filter((one) => !left || left.get(one) > 0), size = this.plan.team.size;
      const team = [];
      const self = this;
      function* extend(from) {
        if (team.length === size) { if (self.isTeam(choice, team)) yield [...team]; return; }
        for (let i = from; i <= free.length - size + team.length; i++) {
          team.push(free[i]);
          yield* extend(i + 1);
          team.pop();
        }
      }
      if (choice.needs.every((need) => free.some((one) => this.officers.get(one).holds.has(need)))) yield* extend(0);
    }
    first(choice, left) { return this.teams(choice, left).next().value; }
    balances(drawn) {
      const { size, districts: rule } = this.plan.team, people = [...this.officers.values()];
      const [local, other] = { any: [0, 0], same: [size, 0], other: [0, size], one_local: [1, 0], mixed: [1, 1] }[rule];
      const available = (counts) => people.reduce((sum, one) => sum + (counts(one) ? this.left.get(one.id) : 0), 0);
      const rows = [["all", size * drawn.length, available(() => true)]];
      for (const need of allNeeds(this.plan))
        rows.push([`need:${need}`, drawn.filter((one) => this.plan.needs.includes(need) || one.needs.includes(need)).length,
          available((one) => one.holds.has(need))]);
      for (const district of [...new Set(drawn.map((one) => one.district))].sort()) {
        const count = drawn.filter((one) => one.district === district).length;
        if (local) rows.push([`local:${district}`, local * count, available((one) => contains(one.district, district))]);
        if (other) rows.push([`other:${district}`, other * count, available((one) => !contains(one.district, district))]);
      }
      return rows;
    }
  }
  function drawTeams(pool, drawn) {
    const choices = drawn.map((object) => pool.choice(object));
    drawn.forEach((object, i) => {
      if (pool.first(choices[i])) return;
      const unmet = ["certificate", "recusal", "district", "qualification"].filter((one) => pool.first(pool.choice(object, one)));
      fail("team", { object: object.id, unmet: unmet.length ? unmet : ["several"] });
    });
    const balances = pool.balances(drawn);
    for (const [scope, needed, available] of balances) if (needed > available) fail("workload", { scope, needed, available });
    const left = new Map(pool.left), teams = [], limit = 100000 + 100 * drawn.length, moved = new Set(), order = [...drawn.keys()];
    let steps = 0, place = 0;
    const count = (team, by) => team.forEach((one) => left.set(one, left.get(one) + by));
    const take = (index, search) => {
      const { value: team } = search.next();
      if (!team) return false;
      if (steps === limit) fail("search_limit", { steps });
      steps++;
      count((teams[index] = team), -1);
      return true;
    };
    // Each takes its first team; one without moves to the front, and all start anew.
    while (place < order.length) {
      const index = order[place];
      if (take(index, pool.teams(choices[index], left))) { place++; continue; }
      order.slice(0, place).forEach((one) => count(teams[one], 1));
      if (moved.has(index)) break;
      moved.add(index);
      order.unshift(...order.splice(place, 1));
      place = 0;
    }
    if (place === order.length) return teams;
    // The same order, completely.
    const searches = [];
    for (place = 0; place < order.length; ) {
      const index = order[place];
      searches[place] ??= pool.teams(choices[index], left);
      if (take(index, searches[place])) { place++; continue; }
      searches[place] = undefined;
      if (place === 0) fail("workload", { scope: "joint", needed: balances[0][1], available: balances[0][2] });
      place--;
      count(teams[order[place]], 1);
    }
    return teams;
  }
  function draw(plan, seedHex) {
    const seed = unhex(seedHex), strata = drawStrata(plan, seed), pool = new Pool(plan, seed);
    const objects = new Map(plan.objects.map((one) => [one.id, one]));
    const drawn = strata.flatMap((one) => one.drawn).map((one) => objects.get(one));
    const teams = drawTeams(pool, drawn).map((officers, i) => ({ object: drawn[i].id, officers }));
    const reason = (one) => (!one.valid ? "certificate" : pool.left.get(one.id) === 0 ? "workload" : null);
    return {
      seed: seedHex,
      passed: plan.objects.filter((one) => one.visits >= plan.caps.company_visits).map((one) => ({ object: one.id, visits: one.visits })),
      unfit: [...pool.officers.values()].filter(reason).map((one) => ({ officer: one.id, reason: reason(one) })),
      strata, teams,
    };
  }

  // Who visits whom after the draw, and who would come next.
  class Roster {
    constructor(plan, result) {
      this.pool = new Pool(plan, unhex(result.seed));
      this.objects = new Map(plan.objects.map((one) => [one.id, one]));
      this.reserves = new Map();
      for (const { drawn, reserve } of result.strata) {
        const rest = [...reserve];
        for (const one of [...drawn, ...reserve]) this.reserves.set(one, rest);
      }
      this.left = new Map(this.pool.left);
      this.teams = new Map(result.teams.map((one) => [one.object, one.officers]));
      this.barred = new Map();
      for (const team of this.teams.values()) this.count(team, -1);
    }
    count(team, by, left = this.left) { for (const one of team) left.set(one, left.get(one) + by); }
    // The change that must follow from what is asked for, or nothing.
    next({ kind, object, out }) {
      if (kind === "object") {
        const [coming] = this.reserves.get(out) || [], left = new Map(this.left);
        if (!this.teams.has(out) || !coming) return null;
        this.count(this.teams.get(out), 1, left);
        const officers = this.pool.first(this.pool.choice(this.objects.get(coming)), left);
        return officers ? { kind, out, in: coming, officers } : null;
      }
      const team = this.teams.get(object) || [], staying = team.filter((one) => one !== out), barred = this.barred.get(object) || [];
      if (!team.includes(out)) return null;
      const choice = this.pool.choice(this.objects.get(object));
      const coming = choice.ids.find((one) => this.left.get(one) > 0 && !team.includes(one) && !barred.includes(one)
        && this.pool.isTeam(choice, [...staying, one]));
      return coming ? { kind, object, out, in: coming } : null;
    }
    apply(change) {
      if (change.kind === "object") {
        this.count(this.teams.get(change.out), 1);
        this.teams.delete(change.out);
        this.reserves.get(change.out).shift();
        this.teams.set(change.in, change.officers);
        this.count(change.officers, -1);
        return;
      }
      const { object, out } = change;
      this.teams.set(object, this.teams.get(object).map((one) => (one === out ? change.in : one)));
      this.count([out], 1);
      this.count([change.in], -1);
      this.barred.set(object, [...(this.barred.get(object) || []), out]);
    }
  }

  // Verification: the state of the last attempt, and findings as [code, JSON pointer].
  function verify(content, now) {
    let file;
    try {
      file = parse(content);
      if (!fits(file, FILE) || !file.attempts.length) throw Error("not a published file");
    } catch {
      return { state: null, findings: [["file-malformed", ""]] };
    }
    const found = new Map();
    const check = (right, code, at) => right || found.set(`${code} ${at}`, [code, at]);
    check(digestOf(file) === file.digest, "file-digest", "/digest");
    let state;
    file.attempts.forEach((attempt, i) => (state = verifyAttempt(file, i, attempt, now, check)));
    return { state, findings: [...found.values()].sort((a, b) => (a.join(" ") < b.join(" ") ? -1 : 1)), file };
  }
  function verifyAttempt(file, index, attempt, now, check) {
    const at = `/attempts/${index}`, before = index ? file.attempts[index - 1].commitment : null;
    const { commitment, event, reveal, result, substitutions } = attempt;
    let previous = before && before.digest;
    const parts = ["commitment", "event", "reveal", "result"].map((name) => [name, attempt[name]]);
    for (const [name, part] of [...parts, ...substitutions.map((part, i) => [`substitutions/${i}`, part])]) {
      if (!part) continue;
      check(digestOf(part) === part.digest, "part-digest", `${at}/${name}`);
      check(part.previous === previous, "part-chain", `${at}/${name}`);
      previous = part.digest;
    }
    let here = `${at}/commitment`;
    const named = commitment.event, { redraw } = commitment;
    check(commitment.number === index + 1, "attempt-number", here);
    check(commitment.algorithm === ALGORITHM, "algorithm-unknown", here);
    check(index ? redraw && approved(redraw) : !redraw, "redraw-unapproved", here);
    check(eventHolds(named), "event-invalid", here);
    check(named.expected_at > commitment.committed_at, "event-not-future", here);
    check(commitment.reveal_by >= named.expected_at, "deadline-before-event", here);
    check(commitment.committed_at <= now, "clock-future", here);
    check(!before || before.committed_at <= commitment.committed_at, "attempt-order", here);
    if (event) {
      check(event.observed_at >= named.expected_at, "event-early", `${at}/event`);
      check(event.observed_at <= now, "clock-future", `${at}/event`);
      check(valueFits(named, event.value), "event-value", `${at}/event`);
    }
    const value = event && valueForSeed(event.value), aborted = event && !value, empty = !result && !substitutions.length;
    if (!reveal) {
      check(empty, "result-early", at);
      check(aborted || now <= commitment.reveal_by, "reveal-missing", at);
      return aborted ? "aborted" : event ? "observed" : "committed";
    }
    here = `${at}/reveal`;
    const { plan } = reveal, secret = unhex(reveal.secret);
    check(event && event.observed_at <= reveal.revealed_at, "reveal-before-event", here);
    check(reveal.revealed_at <= commitment.reveal_by, "reveal-late", here);
    check(reveal.revealed_at <= now, "clock-future", here);
    check(digest(secret) === commitment.secret_digest, "secret-wrong", here);
    check(digest(unhex(reveal.salt), canonical(plan)) === commitment.plan_digest, "plan-wrong", here);
    check(plan.draw === file.draw, "plan-other", here);
    const committed = new Date(Date.parse(commitment.committed_at) + 8 * 3600e3).toISOString().slice(0, 10);
    check(committed[0] === "+" || plan.item.published_on <= committed, "item-unpublished", here);
    const holds = planHolds(plan);
    check(holds, "plan-invalid", here);
    if (aborted) {
      check(empty, "result-early", at);
      return "aborted";
    }
    if (!holds || !value) return "revealed";
    const seed = digest(utf8(ALGORITHM), unhex(commitment.plan_digest), unhex(commitment.secret_digest), canonical(named), value, secret);
    let expected;
    try {
      expected = draw(plan, seed);
    } catch (fault) {
      if (!(fault instanceof Infeasible)) throw fault;
      check(empty, "result-impossible", at);
      return result ? "revealed" : "infeasible";
    }
    if (!result) {
      check(false, "result-missing", at);
      return "revealed";
    }
    here = `${at}/result`;
    check(result.seed === seed, "seed-wrong", `${here}/seed`);
    for (const name of ["passed", "unfit"]) check(same(result[name], expected[name]), "exclusions-wrong", `${here}/${name}`);
    for (const name of ["strata", "teams"]) {
      if (result[name].length !== expected[name].length) check(false, `${name}-wrong`, `${here}/${name}`);
      else expected[name].forEach((one, i) => check(same(one, result[name][i]), `${name}-wrong`, `${here}/${name}/${i}`));
    }
    const roster = new Roster(plan, expected);
    let earliest = event.observed_at;
    substitutions.forEach((part, i) => {
      here = `${at}/substitutions/${i}`;
      check(part.number === i + 1, "substitute-number", here);
      check(approved(part), "substitute-unapproved", here);
      check(earliest <= part.at && part.at <= reveal.revealed_at, "substitute-time", here);
      earliest = part.at;
      const change = roster.next(part.change);
      check(same(change, part.change), "substitute-wrong", here);
      if (change) roster.apply(change);
    });
    return "revealed";
  }

  // One job of the test vectors: a plan with a seed, or a file with an instant.
  function batch(job) {
    if (job.file !== undefined) {
      const { state, findings } = verify(job.file, job.now);
      return canonicalText({ state, findings });
    }
    try {
      return canonicalText(draw(job.plan, job.seed));
    } catch (fault) {
      if (!(fault instanceof Infeasible)) throw fault;
      return canonicalText({ infeasible: fault.fault });
    }
  }

  // The page: <input type="file" id="draw-file"> and an element with id="draw-report".
  async function show(file, report) {
    const bytes = await file.arrayBuffer();
    if (globalThis.crypto?.subtle) {
      const other = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
      if (hex(other) !== digest(new Uint8Array(bytes))) throw Error("SHA-256");
    }
    let content = "";
    try {
      content = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
    } catch { /* Not UTF-8: an empty text is malformed too. */ }
    const { state, findings, file: read } = verify(content, new Date().toISOString().slice(0, 19) + "Z");
    const line = (tag, text) => {
      const element = document.createElement(tag);
      element.textContent = text;
      report.append(element);
    };
    report.replaceChildren();
    if (read) line("p", `抽查 ${read.draw}：${STATES[state]}`);
    line("p", findings.length ? `有 ${findings.length} 处不符` : "全部相符");
    for (const [code, at] of findings) line("li", `${TEXTS[code]}（${code} ${at}）`);
    if (read) for (const one of read.attempts) line("p", `第 ${one.commitment.number} 次抽取的承诺：${one.commitment.digest}，请与当时的公告核对`);
  }
  const input = globalThis.document?.getElementById("draw-file"), report = globalThis.document?.getElementById("draw-report");
  if (input && report)
    input.addEventListener("change", () => show(input.files[0], report).catch((fault) => (report.textContent = `核验程序出错：${fault}`)));

  return { verify, draw, batch, sha256: (bytes) => digest(bytes), canonical: canonicalText, parse };
})();
if (typeof module === "object") module.exports = WuxinDraw;
