// How much of what others know do our tables of names know? Every CNAME suffix of three public tables (if they lie in ../shared) is asked
// of the name book: known as the same firm, known as another, or not known. Names of firms that only deliver their own sites are left out.
import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { loadCatalogue } from '../src/catalogue/load.ts';
import { createNameBook } from '../src/observe/trace/name-book.ts';

const folder = fileURLToPath(new URL('../../shared/data/provider-suffixes/', import.meta.url));
if (!existsSync(folder)) {
  process.stdout.write(
    'the public tables of ../shared/data/provider-suffixes are not here: nothing to compare with\n',
  );
  process.exit(0);
}
const json = (file: string): unknown => JSON.parse(readFileSync(`${folder}${file}`, 'utf8'));

/** What the tables call a firm → what we call it. Who is not listed here is compared by name. */
const SAME: readonly (readonly [RegExp, string])[] = [
  [/akamai/i, 'akamai'],
  [/cloudfront|amazon/i, 'aws'],
  [/azure|microsoft/i, 'azure'],
  [/edgecast|verizon|limelight/i, 'edgio'],
  [/incapsula|imperva/i, 'imperva'],
  [/netdna|maxcdn|highwinds|stackpath|simple cdn/i, 'stackpath'],
  [/cdnetworks/i, 'cdnetworks'],
  [/chinanetcenter|quantil|网宿/i, 'wangsu'],
  [/chinacache/i, 'chinacache'],
  [/alimama|taobao|阿里云/i, 'alibaba-cloud'],
  [/腾讯云/, 'tencent-cloud'],
  [/七牛云/, 'qiniu'],
  [/华为云/, 'huawei-cloud'],
  [/level ?3/i, 'lumen-cdn'],
  [/instart/i, 'instart'],
  [/bunny/i, 'bunny'],
  [/g-?core/i, 'gcore'],
  [/reflected/i, 'reflected'],
  [/leaseweb/i, 'leaseweb'],
  [/cdnsun|onapp/i, 'worldcdn'],
];
/** Firms that deliver their own sites, or that left the market before 2020. */
const OWN = /^(?:google|yahoo|facebook|twitter|wordpress|bing|blogger|automattic|att|at&t)/i;

interface Row {
  readonly suffix: string;
  readonly firm: string;
}
const tables: Readonly<Record<string, readonly Row[]>> = {
  cdncheck: Object.entries(json('cdncheck-cname-suffixes.json') as Record<string, string[]>).flatMap(([firm, list]) =>
    list.map((suffix) => ({ suffix, firm })),
  ),
  cdndiscover: Object.entries((json('cdndiscover-cdn.json') as { vendors: Record<string, string> }).vendors).map(
    ([suffix, firm]) => ({ suffix, firm }),
  ),
  cdnfinder: (json('cdnfinder-cnamechain.json') as [string, string][]).map(([suffix, firm]) => ({ suffix, firm })),
};

const catalogue = loadCatalogue();
const names = createNameBook(catalogue);
const plain = (text: string): string => text.toLowerCase().replace(/[^a-z0-9]/g, '');
const differ = new Set<string>();
const unknown = new Set<string>();
for (const [table, rows] of Object.entries(tables)) {
  const counts = { same: 0, other: 0, unknown: 0 };
  for (const { suffix, firm } of rows) {
    const bare = suffix.replace(/^\./, '');
    // A part of a name, such as `.wac.`, is no suffix.
    if (OWN.test(firm) || bare.endsWith('.')) continue;
    const owner = names.alias(`shop-example.${bare}`)?.on.split('/')[0];
    const expected = SAME.find(([pattern]) => pattern.test(firm))?.[1] ?? plain(firm);
    if (owner === undefined) {
      counts.unknown++;
      unknown.add(`${bare} (${firm})`);
    } else if (plain(owner).startsWith(plain(expected)) || plain(expected).startsWith(plain(owner))) counts.same++;
    else {
      counts.other++;
      differ.add(`${bare}: ${firm} there, ${owner} here`);
    }
  }
  const total = counts.same + counts.other + counts.unknown;
  process.stdout.write(
    `${table.padEnd(12)} ${total} suffixes: ${counts.same} the same, ${counts.other} another, ${counts.unknown} unknown (${((100 * counts.same) / total).toFixed(0)} % known)\n`,
  );
}
// Hosts that front pages of 2017 loaded from.
const hosts = readFileSync(`${folder}page-hosts-2017.csv`, 'utf8').trim().split('\n').slice(1);
const distinct = [...new Set(hosts.map((row) => row.split(',')[1]!))];
const owned = distinct.filter((host) => catalogue.get(names.scriptHost(host)) !== undefined);
process.stdout.write(
  `page hosts   ${distinct.length} of 2017: ${owned.length} belong to an entry of the catalogue\n`,
);
process.stdout.write(
  `\nanother:\n${[...differ]
    .sort()
    .map((line) => `  ${line}\n`)
    .join('')}`,
);
process.stdout.write(
  `\nunknown:\n${[...unknown]
    .sort()
    .map((line) => `  ${line}\n`)
    .join('')}`,
);
