// The guard's figures on the development set (../shared/guard, evaluation only): cross-validated by imitated brand, beside
// plain edit distance and dnstwist's list of permutations (Debian package, when it is installed); then times.
// Run: node_modules/.bin/node bench/guard.ts
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { OUTAGE_LEAD, onlyNamed } from '../src/guard/address-verdict.ts';
import { buildIndex } from '../src/guard/brand-index.ts';
import { distance } from '../src/guard/distance.ts';
import { buildGuard, type CheckItem, check, type Mail } from '../src/guard/guard.ts';
import { checkMail } from '../src/guard/mail-verdict.ts';
import { wordFor } from '../src/guard/score.ts';
import { BRAND_WEIGHTS, MAIL_WEIGHTS, PLAIN_WEIGHTS, SUFFIX_ODDS } from '../src/guard/weights.ts';
import { auc, readBrands, readMails, readSynthetic, readUrls, recallAt, SHARED } from './guard-data.ts';
import { FOLDS, features, fit, foldOf, oddsOf, type Seen, see } from './guard-fit.ts';
import { fitMailRows, mailFold, seenMails } from './guard-mail.ts';
import { dot } from './logistic.ts';

if (!existsSync(SHARED)) {
  console.log('guard: ../shared/guard is absent; nothing to measure');
  process.exit(0);
}
const bare = process.argv.includes('--bare');
const brands = readBrands(bare);
const index = buildIndex(brands);
const rows = readUrls();
const seen = see(rows, index);
const f = (x: number) => x.toFixed(3);
const line = (...cells: (string | number)[]) => console.log(`| ${cells.join(' | ')} |`);

/** Odds of each row by a model that saw neither its brand nor, without one, its domain. */
const odds = new Map<Seen, number>();
for (let k = 0; k < FOLDS; k++) {
  const model = fit(seen.filter((s) => s.scored && foldOf(s) !== k));
  for (const s of seen) if (foldOf(s) === k) odds.set(s, s.scored ? oddsOf(model, s) : s.official ? -100 : -50);
}
const RANK = { official: 0, unknown: 0, suspicious: 500, dangerous: 1000 } as const;
const danger = (s: Seen) => {
  const o = odds.get(s) ?? 0;
  return s.scored ? RANK[wordFor(features(s, 0), s.evidence[0], s.path, o)] + o : o;
};
const rider = (s: Seen) => {
  const d = danger(s);
  if (s.row.outage === undefined || s.evidence[0]?.brand !== s.row.outage) return d;
  return (d < 500 ? 500 + d : d) + OUTAGE_LEAD;
};
const registrable = (s: Seen) => s.parts.main.toLowerCase();
const words = brands.flatMap((b) => [
  b.name.toLowerCase().replace(/[^a-z0-9]/g, ''),
  ...b.domains.map((d) => d.domain.split('.')[0] as string),
]);
const near = new Map<string, number>();
const editDistance = (s: Seen) => {
  if (!s.scored) return -100;
  const label = registrable(s);
  let best = near.get(label);
  if (best === undefined) {
    best = -9;
    for (const w of words) if (w.length >= 4) best = Math.max(best, -distance(w, label.slice(0, 60), 8));
    near.set(label, best);
  }
  return best;
};
const permutations = dnstwist();
const twisted = (s: Seen) => (s.scored && permutations?.has(s.parts.domain) ? 1 : 0);

const subsets: readonly (readonly [string, (s: Seen) => boolean])[] = [
  ['brand in host', (s) => String(s.row.how).startsWith('host')],
  ['brand imitated', (s) => s.row.imp !== undefined],
  ['all scams', () => true],
];
console.log(
  `\nAddresses, ${FOLDS} folds by imitated brand${bare ? ', brands with id, name, domains and senders only' : ''}\n`,
);
line('method', 'subset', 'scams', 'harmless', 'AUC', 'recall at 0.1 %', 'recall at 1 %');
line('---', '---', '---', '---', '---', '---', '---');
const table = (method: string, score: (s: Seen) => number, name: string, pick: (s: Seen) => boolean) => {
  const chosen = seen.filter((s) => s.row.y === 0 || pick(s));
  const y = chosen.map((s) => s.row.y);
  const v = chosen.map(score);
  const positive = y.filter((one) => one === 1).length;
  line(
    method,
    name,
    positive,
    y.length - positive,
    auc(y, v).toFixed(4),
    f(recallAt(y, v, 0.001)),
    f(recallAt(y, v, 0.01)),
  );
};
for (const [name, pick] of subsets) table('guard', danger, name, pick);
table('guard', rider, 'unseen brand in its outage (CrowdStrike)', (s) => s.row.outage !== undefined);
for (const [name, pick] of subsets.slice(0, 1)) table('edit distance', editDistance, name, pick);
if (permutations === null) console.log('\ndnstwist: not installed (apt-get install dnstwist)');
else table(`dnstwist (${permutations.size} names)`, twisted, 'brand in host', subsets[0]![1]);

await catalogueRows();

const share = (list: readonly Seen[], hit: (s: Seen) => boolean) => `${list.filter(hit).length} of ${list.length}`;
const harmless = seen.filter((s) => s.row.y === 0);
const isDangerous = (s: Seen) => danger(s) >= 1000 && s.scored;
console.log('\nVerdicts, cross-validated');
console.log(
  `dangerous on imitations: ${share(
    seen.filter((s) => s.row.imp !== undefined),
    isDangerous,
  )}`,
);
console.log(
  `dangerous on harmless: ${share(harmless, isDangerous)}; ${share(harmless, (s) => danger(s) >= 500)} at least suspicious`,
);
for (const g of new Set(harmless.map((s) => s.row.g ?? s.row.src)))
  console.log(
    `  ${g}: ${share(
      harmless.filter((s) => (s.row.g ?? s.row.src) === g),
      isDangerous,
    )} dangerous`,
  );
const context = { brands: buildGuard(brands), incidents: [] };
const claims = rows.filter((r) => r.claim !== undefined && context.brands.brands.has(r.claim));
const missed = claims.filter((r) =>
  ['official', 'unknown'].includes(check({ kind: 'url', url: r.url, claim: r.claim as string }, context).verdict),
);
console.log(`claim mode: ${claims.length - missed.length} of ${claims.length} at least suspicious`);

const mails = await seenMails();
const score = new Map<string, number>();
const scored = new Map<string, number>();
const verdicts = new Map<string, string>();
const known = { brands: context.brands, incidents: [] };
for (let k = 0; k < 5; k++) {
  const w = fitMailRows(mails.filter((m) => mailFold(m.row) !== k));
  for (const m of mails) {
    if (mailFold(m.row) !== k) continue;
    const found = checkMail(m.mail, [], undefined, known, w);
    score.set(m.row.id, dot(w, m.x));
    scored.set(m.row.id, found.score);
    verdicts.set(m.row.id, found.verdict);
  }
}
const chosen = mails.filter((m) => m.row.y === 0 || m.row.imp !== undefined);
const y = chosen.map((m) => m.row.y);
const s = chosen.map((m) => score.get(m.row.id) as number);
console.log(
  `\nMail imitations, odds alone, 5 folds by brand: AUC ${auc(y, s).toFixed(4)}, recall ${f(recallAt(y, s, 0.001))} at 0.1 %, ${f(recallAt(y, s, 0.01))} at 1 %`,
);
const t = chosen.map((m) => scored.get(m.row.id) as number);
console.log(
  `Mail imitations, score with its rules: AUC ${auc(y, t).toFixed(4)}, recall ${f(recallAt(y, t, 0.001))} at 0.1 %, ${f(recallAt(y, t, 0.01))} at 1 %`,
);
const count = (word: string, label: number) =>
  chosen.filter((m) => m.row.y === label && verdicts.get(m.row.id) === word).length;
console.log(
  `mail verdicts: dangerous ${count('dangerous', 1)} of ${y.filter((v) => v === 1).length} imitations, ${count('dangerous', 0)} of ${y.filter((v) => v === 0).length} honest`,
);
const scalars = [BRAND_WEIGHTS, PLAIN_WEIGHTS, MAIL_WEIGHTS].map((weights) => Object.keys(weights).length);
console.log(
  `named scalars: ${scalars.join(' + ')} + 1 table of ${Object.keys(SUFFIX_ODDS).length} suffixes = ${scalars.reduce((a, b) => a + b) + 1} (limit 300)`,
);

const fresh = fileURLToPath(new URL('./guard-index.ts', import.meta.url));
for (let i = 0; i < 3; i++) console.log(spawnSync(process.execPath, [fresh], { encoding: 'utf8' }).stdout.trim());
time('index of the set', 20, () => buildGuard(brands), 50);
const items: CheckItem[] = rows.slice(0, 8000).map((r) => ({ kind: 'url', url: r.url }));
spread('URL', items, 0.1);
spread(
  'message',
  readSynthetic().flatMap((r): CheckItem[] => (r.text === undefined ? [] : [{ kind: 'text', text: r.text }])),
  0.5,
);
const long = readMails()
  .map((r, i) => [r, mails[i]?.mail] as const)
  .filter(([r, m]) => m !== undefined && (r.raw?.length ?? 0) < 110_000);
spread(
  'mail up to 100 kB',
  long.map(([, mail]) => ({ kind: 'mail', mail: mail as Mail, trustedAuthserv: [] })),
  5,
);

/**
 * The shipped catalogue's brands, as `check` without --brands has them, on scams that imitate a brand it has. Models are fitted on the
 * set's own brands, as the shipped weights are, and never saw the imitated one.
 */
async function catalogueRows(): Promise<void> {
  const { loadCatalogue } = await import('../src/catalogue/load.ts');
  const { catalogueBrands } = await import('../src/guard/catalogue-brands.ts');
  const services = [...loadCatalogue().services.values()];
  const all = readBrands();
  const known = new Set(
    all
      .filter((b) =>
        services.some((s) => s.until === undefined && s.domains.some((d) => d.domain === b.domains[0]?.domain)),
      )
      .map((b) => b.id),
  );
  const fitted = see(rows, buildIndex(all));
  const models = Array.from({ length: FOLDS }, (_, k) => fit(fitted.filter((s) => s.scored && foldOf(s) !== k)));
  console.log(
    `\nBrands of the catalogue, models fitted on those of the set; ${known.size} of its ${all.length} brands are there\n`,
  );
  line(
    'brands',
    'scams, brand in host',
    'AUC',
    'recall at 0.1 %',
    'recall at 1 %',
    'dangerous',
    'dangerous, harmless',
    'suspicious, harmless',
  );
  line('---', '---', '---', '---', '---', '---', '---', '---');
  for (const [name, list] of [
    ["the set's", all],
    ["the set's, bare", readBrands(true)],
    ['catalogue without brand facts', catalogueBrands(services.map(({ brand: _, ...service }) => service))],
    ['catalogue', catalogueBrands(services)],
  ] as const) {
    const index = buildIndex(list);
    const chosen = see(rows, index).filter(
      ({ row }) => row.y === 0 || (String(row.how).startsWith('host') && known.has(row.imp ?? '')),
    );
    const ranks = chosen.map((s) => {
      if (!s.scored) return s.official ? -100 : -50;
      const o = oddsOf(models[foldOf(s)]!, s);
      const word = wordFor(features(s, 0), s.evidence[0], s.path, o);
      return RANK[word === 'dangerous' && onlyNamed(s.evidence[0], s.path, index) ? 'suspicious' : word] + o;
    });
    const y = chosen.map((s) => s.row.y);
    const over = (limit: number, label: number) =>
      chosen.filter((s, i) => s.row.y === label && s.scored && ranks[i]! >= limit);
    const wrong = over(1000, 0);
    line(
      name,
      y.filter((v) => v === 1).length,
      auc(y, ranks).toFixed(4),
      f(recallAt(y, ranks, 0.001)),
      f(recallAt(y, ranks, 0.01)),
      over(1000, 1).length,
      wrong.length,
      over(500, 0).length,
    );
    const kinds = Map.groupBy(wrong, (s) => s.row.g ?? s.row.src);
    console.log(`  dangerous, harmless: ${[...kinds].map(([kind, of]) => `${kind} ${of.length}`).join(', ')}`);
  }
}

function time(name: string, times: number, run: () => unknown, limit: number): void {
  const took = Array.from({ length: times }, () => {
    const started = performance.now();
    run();
    return performance.now() - started;
  });
  console.log(
    `${name}: first ${took[0]?.toFixed(1)} ms, then ${Math.min(...took).toFixed(1)} ms (limit ${limit} ms, ratio ${((took[0] ?? 0) / limit).toFixed(2)})`,
  );
}
function spread(name: string, list: readonly CheckItem[], limit: number): void {
  for (let i = 0; i < 6000; i++) check(list[i % list.length] as CheckItem, context);
  // The best of five for each item: what the item costs, not what else the machine was doing.
  const took = list.map(() => Number.POSITIVE_INFINITY);
  for (let round = 0; round < 5; round++)
    list.forEach((item, i) => {
      const started = performance.now();
      check(item, context);
      took[i] = Math.min(took[i] as number, performance.now() - started);
    });
  took.sort((a, b) => a - b);
  const at = (share: number) => took[Math.floor(share * (took.length - 1))] as number;
  console.log(
    `${name}: p50 ${at(0.5).toFixed(4)} ms, p99 ${at(0.99).toFixed(4)} ms (limit ${limit} ms, ratio ${(at(0.99) / limit).toFixed(2)}), ${list.length} items, best of five each`,
  );
}

/** The names that dnstwist lists for each brand's first domain; null without dnstwist. */
function dnstwist(): ReadonlySet<string> | null {
  if (spawnSync('dnstwist', ['--help']).error !== undefined) return null;
  const names = new Set<string>();
  for (const brand of brands) {
    const domain = brand.domains.find((d) => d.domain.includes('.'))?.domain;
    if (domain === undefined) continue;
    const made = spawnSync('dnstwist', ['--format', 'list', domain], { encoding: 'utf8', maxBuffer: 1 << 28 });
    for (const name of (made.stdout ?? '').split('\n')) if (name !== '' && name !== domain) names.add(name.trim());
  }
  return names;
}
