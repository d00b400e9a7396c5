import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { CountFilter } from './count-filter.ts';
import { detectSettings } from './settings.ts';

const START = 1760918400;
const LEARNED = 15 * 1440;

function run(
  text: string | Uint8Array,
  options: Parameters<typeof detectSettings>[0] = {},
  cuts: readonly number[] = [],
) {
  const bytes = typeof text === 'string' ? new TextEncoder().encode(text) : text;
  const out: {
    series: string;
    from: number;
    detected_at: number;
    to: number | null;
    state: string;
    score: number;
  }[] = [];
  const bad: [number, string][] = [];
  const filter = new CountFilter(detectSettings(options), {
    out: (line) => out.push(JSON.parse(line)),
    bad: (line, why) => bad.push([line, why]),
  });
  let from = 0;
  for (const cut of [...cuts].sort((a, b) => a - b)) {
    const to = Math.min(Math.max(cut, from), bytes.length);
    filter.push(bytes.slice(from, to));
    from = to;
  }
  filter.push(bytes.slice(from));
  filter.end();
  return { out, bad, lines: filter.lines, malformed: filter.malformed };
}

/** Minutes of a steady count of 20, with other counts where `levels` says so; undefined leaves the minute out. */
function story(name: string, minutes: number, levels: (minute: number) => number | undefined): string {
  let text = '';
  for (let m = 0; m < minutes; m++) {
    const n = levels(m);
    if (n !== undefined)
      text += `{"series":"${name}","t":${START + 60 * m},"count":${n},"unique":${n},"sources":${n}}\n`;
  }
  return text;
}
const outage = (from: number, to: number) => (m: number) =>
  m >= LEARNED + from && m < LEARNED + to ? 120 : 18 + ((m * 7) % 5);

describe('the filter', () => {
  test('tells an incident when it is confirmed and again when it is resolved', () => {
    const { out, bad } = run(story('a', LEARNED + 120, outage(10, 40)));
    assert.deepEqual(bad, []);
    assert.deepEqual(
      out.map((line) => [line.series, line.state, line.to === null]),
      [
        ['a', 'confirmed', true],
        ['a', 'resolved', false],
      ],
    );
    const [first, last] = out as [(typeof out)[0], (typeof out)[0]];
    assert.equal(first.from, START + 60 * (LEARNED + 10));
    assert.ok(first.detected_at > first.from && first.detected_at <= first.from + 180);
    assert.deepEqual([last.from, last.detected_at], [first.from, first.detected_at]);
    assert.ok(Math.abs(last.to! - (START + 60 * (LEARNED + 40))) <= 120);
    assert.ok(first.score >= Math.log(525600));
  });

  test('a relapse prints the same from and detected_at with "to":null', () => {
    const levels = (m: number) => Math.max(outage(10, 30)(m), outage(60, 80)(m));
    const { out } = run(story('a', LEARNED + 140, levels));
    assert.deepEqual(
      out.map((line) => line.to === null),
      [true, false, true, false],
    );
    assert.equal(new Set(out.map((line) => `${line.from} ${line.detected_at}`)).size, 1);
    assert.ok(out[3]!.to! > out[1]!.to!);
  });

  test('at the end of input nothing is closed', () => {
    const { out } = run(story('a', LEARNED + 20, outage(10, 1000)));
    assert.deepEqual(
      out.map((line) => line.state),
      ['confirmed'],
    );
  });

  test('each series has its own clock: any interleaving gives the same', () => {
    const a = story('a', LEARNED + 60, outage(10, 30));
    const b = story('b', LEARNED + 60, outage(20, 40));
    const apart = run(a + b).out;
    const linesA = a.trimEnd().split('\n');
    const linesB = b.trimEnd().split('\n');
    const mixed = linesA.flatMap((line, i) => [line, linesB[i]!]).join('\n');
    const together = run(mixed).out;
    const by = (name: string) => (line: { series: string }) => line.series === name;
    for (const name of ['a', 'b']) assert.deepEqual(together.filter(by(name)), apart.filter(by(name)));
    assert.equal(together.length, 4);
  });

  test('adjacent equal times are summed', () => {
    const whole = run(story('a', LEARNED + 60, outage(10, 30))).out;
    const split = story('a', LEARNED + 60, outage(10, 30)).replaceAll(
      /"count":(\d+),"unique":(\d+),"sources":(\d+)/g,
      (_, n) => {
        const [half, rest] = [Math.floor(n / 2), Math.ceil(n / 2)];
        return `"count":${half},"unique":${half},"sources":${half}}\n$SAME,"count":${rest},"unique":${rest},"sources":${rest}`;
      },
    );
    const lines = split
      .split('\n')
      .map((line, i, all) => line.replace('$SAME', all[i - 1]?.split(',"count"')[0] ?? ''));
    assert.deepEqual(run(lines.join('\n')).out, whole);
  });

  test('a missing bin is a gap, not a zero', () => {
    // A service that falls silent while its collector is away is not "back".
    const levels = (m: number) => (m >= LEARNED + 20 && m < LEARNED + 90 ? undefined : outage(10, 100)(m));
    const { out } = run(story('a', LEARNED + 160, levels));
    assert.deepEqual(
      out.map((line) => line.state),
      ['confirmed', 'resolved'],
    );
    assert.ok(Math.abs(out[1]!.to! - (START + 60 * (LEARNED + 100))) <= 120);
  });

  test('an absurd leap of time costs nothing and closes what was open', () => {
    const text = `${story('a', LEARNED + 20, outage(10, 1000))}{"series":"a","t":600000000000000,"count":1}\n`;
    const { out } = run(text);
    assert.deepEqual(
      out.map((line) => line.to),
      [null, START + 60 * (LEARNED + 20)],
    );
  });

  test('malformed lines are told by number, counted and skipped; blank ones are not', () => {
    const text = `{"series":"a","t":${START},"count":1}\n\nnonsense\n{"series":"a","t":${START + 1},"count":1}\n{"series":"a","t":${START + 60},"count":1}\n{"series":"a","t":${START},"count":1}\n \r\n{"series":"a"`;
    const { bad, malformed, lines } = run(text);
    assert.deepEqual(
      bad.map(([line]) => line),
      [3, 4, 6, 8],
    );
    assert.match(bad[1]![1], /not a multiple of 60/);
    assert.match(bad[2]![1], /older/);
    assert.deepEqual([malformed, lines], [4, 8]);
  });

  test('a stream without line ends is refused, not kept', () => {
    const long = new Uint8Array(3 << 20).fill(0x61);
    const tail = new TextEncoder().encode(`\n{"series":"a","t":${START},"count":"x"}\n`);
    const bytes = new Uint8Array([...long, ...tail]);
    const cuts = [1 << 20, (1 << 20) + 5, 2 << 20];
    const { bad } = run(bytes, {}, cuts);
    assert.deepEqual(
      bad.map(([line]) => line),
      [1, 2],
    );
  });

  test('where chunks are cut changes nothing, and no bytes make it fail', () => {
    const good = story('é/a', 30, (m) => m % 7) + story('b', 30, (m) => (m % 5 === 0 ? undefined : m));
    const piece = fc.oneof(
      fc.constant(new TextEncoder().encode(good)),
      fc.uint8Array({ maxLength: 200 }),
      fc.json().map((json) => new TextEncoder().encode(`${json}\n`)),
      fc
        .record({ series: fc.string(), t: fc.nat(), count: fc.double() })
        .map((o) => new TextEncoder().encode(`${JSON.stringify(o)}\n`)),
    );
    fc.assert(
      fc.property(
        fc.array(piece, { maxLength: 5 }),
        fc.array(fc.nat({ max: 6000 }), { maxLength: 8 }),
        (pieces, cuts) => {
          const bytes = new Uint8Array(pieces.flatMap((p) => [...p]));
          const whole = run(bytes, { learnDays: 0 });
          assert.deepEqual(run(bytes, { learnDays: 0 }, cuts), whole);
        },
      ),
      { numRuns: 150 },
    );
  });
});
