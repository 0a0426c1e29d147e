// Pronunciation by tables: what a transformer has to beat.

/** Insertions, deletions and exchanges that make one sequence the other. */
export function editDistance(a, b) {
  let row = Array.from({ length: b.length + 1 }, (_, j) => j);
  a.forEach((item, i) => {
    const next = [i + 1];
    b.forEach((other, j) => next.push(Math.min(row[j] + Number(item !== other), row[j + 1] + 1, next[j] + 1)));
    row = next;
  });
  return row[b.length];
}

/** The phones of each letter, 0 to 2, at the least cost; undefined for more than two phones a letter. */
function aligned({ source, target }, costOf) {
  const [n, m] = [source.length, target.length];
  const best = Array.from({ length: n + 1 }, () => new Float64Array(m + 1).fill(Infinity));
  const taken = Array.from({ length: n + 1 }, () => new Uint8Array(m + 1));
  best[0][0] = 0;
  for (let i = 1; i <= n; i++) {
    for (let j = 0; j <= m; j++) {
      for (let count = 0; count <= Math.min(2, j); count++) {
        const cost = best[i - 1][j - count] + costOf(source[i - 1], target.slice(j - count, j).join(' '));
        if (cost < best[i][j]) [best[i][j], taken[i][j]] = [cost, count];
      }
    }
  }
  if (best[n][m] === Infinity) return undefined;
  const phones = [];
  for (let i = n, j = m; i > 0; j -= taken[i--][j]) phones.unshift(target.slice(j - taken[i][j], j).join(' '));
  return phones;
}

function increment(table, key, phones) {
  const counts = table.get(key) ?? new Map();
  counts.set(phones, (counts.get(phones) ?? 0) + 1);
  table.set(key, counts);
}

/**
 * Viterbi training: six rounds of aligning by the shares that the round before has found; at first a phone a letter is
 * likeliest.
 */
function alignments(pairs) {
  /** @type {(letter: string, phones: string) => number} */
  let costOf = (_, phones) => (phones === '' ? 2 : phones.includes(' ') ? 3 : 1);
  let found = [];
  for (let round = 0; round < 6; round++) {
    found = pairs.map((pair) => aligned(pair, costOf));
    const table = new Map();
    pairs.forEach(({ source }, i) => found[i]?.forEach((phones, at) => increment(table, source[at], phones)));
    const totals = new Map(
      [...table].map(([letter, counts]) => [letter, [...counts.values()].reduce((a, b) => a + b)]),
    );
    costOf = (letter, phones) => -Math.log((table.get(letter)?.get(phones) ?? 0) / (totals.get(letter) ?? 1) + 1e-6);
  }
  return found;
}

const keyOf = (source, at, neighbours) =>
  Array.from({ length: 2 * neighbours + 1 }, (_, i) => source[at - neighbours + i]).join(' ');

/**
 * For 0, 1 and 2 neighbours on each side: what gives each letter its most frequent phones, by fewer neighbours where
 * train lacks them.
 */
export function letterTables(pairs) {
  const found = alignments(pairs);
  const tables = [0, 1, 2].map((neighbours) => {
    const table = new Map();
    pairs.forEach(({ source }, i) => found[i]?.forEach((phones, at) => increment(table, keyOf(source, at, neighbours), phones))); // prettier-ignore
    return table;
  });
  const likeliest = (counts) => [...counts].reduce((best, each) => (each[1] > best[1] ? each : best))[0];
  const phonesAt = (source, at, neighbours) => {
    for (let n = neighbours; n >= 0; n--) {
      const counts = tables[n].get(keyOf(source, at, n));
      if (counts !== undefined) return likeliest(counts).split(' ').filter(Boolean).map(Number); // prettier-ignore
    }
    return [];
  };
  return [0, 1, 2].map((neighbours) => ({
    neighbours,
    predict: (source) => source.flatMap((_, at) => phonesAt(source, at, neighbours)),
  }));
}
