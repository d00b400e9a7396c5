// Bench: what is read in the words of real official posts, against labels. The rules of src/observe/notices were written on the
// ten incidents of incidents/ and on posts of our own; the providers of ../shared/data/status-feeds (GitHub, Emma, Parse, Google
// Cloud) are held out, but that GitHub's posts about upstream providers had been seen. Labels: the stage that a post carries, the
// places that Google lists, the components that GitHub puts in titles (the title itself is not read), and 68 posts drawn at random
// (a third among GitHub's longest) and labelled by hand before the first score: is the cause named, is it laid on another.
// Run: node bench/words.ts
import { globSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { loadCatalogue } from '../src/catalogue/load.ts';
import type { Phase } from '../src/model/observation.ts';
import type { FeedIncident } from '../src/observe/notices/feed.ts';
import { parseFeed } from '../src/observe/notices/notices.ts';
import { phaseInWords } from '../src/observe/notices/phase-words.ts';
import { createWordReader } from '../src/observe/notices/read-words.ts';

const root = fileURLToPath(new URL('..', import.meta.url));
const captures = fileURLToPath(new URL('../../shared/data/status-feeds/', import.meta.url));
const services = [...loadCatalogue().services.values()];
const provider = (file: string) =>
  file.startsWith('gcp/') ? 'gcp' : file.includes('github') ? 'github' : file.includes('emma') ? 'emma' : 'parse';
const readers = new Map(['github', 'gcp', 'emma', 'parse'].map((id) => [id, createWordReader(id, services)]));
const files = [
  ...['2022-06-12', '2023-05-11', '2024-03-15', '2025-01-14', '2025-07-29'].map(
    (d) => `statuspage-atom/github-${d}.atom`,
  ),
  'statuspage-v2/emma-incidents-2019-02-21-492c359.json',
  'statuspage-rss/parse-history-2014-01-09.rss',
  'gcp/gcp-incidents-2026-07.json',
];
const feeds = new Map(files.map((file) => [file, parseFeed(readFileSync(`${captures}${file}`)).incidents]));

/** `file incident post`, then `c` where the text names the cause, `u` where it lays it on another provider. */
const LABELS = `
github-2024-03-15 18 9 -, 20 2 -, 20 8 -, 10 8 -, 15 3 -, 7 0 -, 4 3 -, 1 9 -, 24 0 -, 23 5 u, 17 4 -, 4 6 c, 10 10 c, 1 12 c, 18 15 c
github-2025-01-14 2 4 -, 0 2 -, 7 4 -, 9 4 c, 1 2 cu, 11 6 c, 22 2 c, 18 3 -, 8 2 c, 5 5 c, 19 3 c, 6 3 cu
github-2025-07-29 2 12 -, 2 7 c, 20 2 c, 3 3 c, 18 5 c, 4 2 cu, 8 0 c
github-2022-06-12 15 2 -, 23 0 -
github-2023-05-11 2 6 -, 2 19 -, 13 1 -, 0 5 -
emma-incidents 11 0 -, 18 2 -, 16 5 -, 16 1 -, 9 6 c, 14 1 cu, 8 1 -, 1 1 -, 15 8 c, 21 1 -, 9 4 -, 4 4 -
parse-history 12 1 cu, 6 0 -, 9 1 -, 14 0 -, 1 2 -, 13 1 -, 6 1 -, 0 0 -, 0 2 -
gcp-incidents 0 11 c, 1 0 -, 0 6 c, 1 4 -, 0 2 c, 1 2 -, 0 1 c`;

/** Drawn and labelled after the rules for causes and zones were changed on what the first sample showed. */
const SECOND = `
github-2025-01-14 4 3 c, 11 1 -, 23 3 -, 12 3 c
github-2022-06-12 24 2 -
github-2025-07-29 11 2 c, 23 3 -, 19 1 -, 10 2 c
github-2023-05-11 11 2 -, 0 11 -, 0 7 -
github-2024-03-15 6 7 c
emma-incidents 4 1 -, 6 0 -`;

class Score {
  right = 0;
  said = 0;
  there = 0;
  add(said: boolean, there: boolean, right = said && there): void {
    if (said) this.said++;
    if (there) this.there++;
    if (right) this.right++;
  }
  row(what: string): string {
    const share = (of: number) => (of === 0 ? '-' : (this.right / of).toFixed(2));
    return `| ${what} | ${share(this.said)} (${this.right} of ${this.said}) | ${share(this.there)} (${this.right} of ${this.there}) |`;
  }
}

const STAGES: Readonly<Record<string, Phase>> = {
  investigating: 'investigating',
  identified: 'identified',
  monitoring: 'monitoring',
  resolved: 'resolved',
};

/** The stage of each post as the document prints it (the adapters carry it over to posts without one). */
function stages(file: string): { text: string; stage: Phase | undefined }[] {
  if (file.endsWith('.json')) {
    const { incidents } = JSON.parse(readFileSync(`${captures}${file}`, 'utf8'));
    return incidents.flatMap((one: { incident_updates: { status: string; body: string }[] }) =>
      one.incident_updates.map(({ status, body }) => ({ text: body, stage: STAGES[status] })),
    );
  }
  const text = readFileSync(`${captures}${file}`, 'utf8').replaceAll('&lt;', '<').replaceAll('&gt;', '>');
  const posts = [...text.matchAll(/<strong>(\w+)<\/strong> - ([\s\S]*?)(?=<\/p>)/g)];
  return posts.map((post) => ({ text: post[2]!.replace(/<[^>]+>/g, ' '), stage: STAGES[post[1]!.toLowerCase()] }));
}

const early = { said: 0, wrong: 0 };
function phases(of: readonly string[]): Score {
  const score = new Score();
  for (const file of of)
    for (const { text, stage } of stages(file)) {
      if (stage === undefined) continue;
      const read = phaseInWords(text);
      score.add(read !== 'unknown', true, read === stage);
      if (read === 'resolved') early.said++;
      if (read === 'resolved' && stage !== 'resolved') early.wrong++;
    }
  return score;
}

function places(): Score {
  const score = new Score();
  const read = readers.get('gcp')!;
  for (const incident of feeds.get('gcp/gcp-incidents-2026-07.json')!)
    for (const post of incident.updates) {
      const { region } = read(`${incident.title}. ${post.text}`);
      score.add(
        region !== null,
        incident.regions.length > 0,
        region !== null && incident.regions.includes(region.slice(4)),
      );
    }
  return score;
}

/** "Incident with Actions and Pages": what the title lists, against what is read in the posts without it. */
function components(): Score {
  const score = new Score();
  const known = services.filter((service) => service.id.startsWith('github/'));
  const read = readers.get('github')!;
  for (const file of files.filter((one) => one.includes('github')))
    for (const incident of feeds.get(file)!) {
      const listed = /^(?:Incident|Disruption|Degraded performance) (?:with|for|in) (?:some )?(.+)$/i.exec(
        incident.title,
      )?.[1];
      if (listed === undefined) continue;
      const named = known.filter((service) => listed.toLowerCase().includes(shortName(service.name).toLowerCase()));
      const labels = new Set(named.map((service) => service.id));
      if (labels.size === 0) continue;
      const found = new Set(incident.updates.flatMap((post) => read(post.text).told.components));
      for (const id of new Set([...labels, ...found])) score.add(found.has(id), labels.has(id));
    }
  return score;
}
const shortName = (name: string) => name.replace(/^GitHub /, '');

function labelled(labels: string): { cause: Score; blame: Score } {
  const cause = new Score();
  const blame = new Score();
  for (const line of labels.trim().split('\n')) {
    const [name = '', ...rest] = line.split(' ');
    const file = files.find((one) => one.includes(name))!;
    for (const label of rest.join(' ').split(', ')) {
      const [i, k, says = ''] = label.split(' ');
      const incident = (feeds.get(file) as readonly FeedIncident[])[Number(i)]!;
      const { told } = readers.get(provider(file))!(incident.updates[Number(k)]!.text);
      cause.add(told.causeNamed, says.includes('c'));
      blame.add(told.upstream || told.blames.length > 0, says.includes('u'));
    }
  }
  return { cause, blame };
}

function tenIncidents(): Score {
  const score = new Score();
  for (const file of globSync('incidents/*.json', { cwd: root }))
    for (const update of JSON.parse(readFileSync(`${root}/${file}`, 'utf8')).status_updates ?? []) {
      const read = phaseInWords(update.paraphrase);
      score.add(read !== 'unknown', true, read === update.phase);
    }
  return score;
}

const { cause, blame } = labelled(LABELS);
const second = labelled(SECOND);
const held = (name: string) => phases(files.filter((file) => file.includes(name)));
process.stdout.write(
  `${[
    '| what is read | precision | recall |',
    '|---|---|---|',
    tenIncidents().row('phase, the ten incidents (rules written on them)'),
    held('github').row('phase, GitHub'),
    held('emma').row('phase, Emma'),
    held('parse').row('phase, Parse'),
    places().row('region, Google Cloud'),
    components().row('components, GitHub'),
    cause.row('cause named, all four'),
    second.cause.row('cause named, second sample'),
    blame.row('laid on another provider, all four'),
  ].join(
    '\n',
  )}\n"resolved" was read ${early.said} times, ${early.wrong} times in a post that its author had not marked so.\n`,
);
