import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { CountLine } from './count-line.ts';

const encoder = new TextEncoder();
const decoder = new TextDecoder();
function fields(line: CountLine) {
  const series = decoder.decode(line.bytes.subarray(line.nameFrom, line.nameTo));
  return { series, t: line.t, count: line.count, unique: line.unique, sources: line.sources };
}
/** What `read` and what `parse` make of the same bytes, with bytes before and behind. */
function both(text: string | Uint8Array, around = '\n{"series":"x"') {
  const bytes = typeof text === 'string' ? encoder.encode(text) : text;
  const edge = encoder.encode(around);
  const whole = new Uint8Array([...edge, ...bytes, 0x0a, ...edge]);
  const [a, b] = [new CountLine(), new CountLine()];
  const wrongA = a.read(whole, edge.length, edge.length + bytes.length);
  const wrongB = b.parse(bytes, 0, bytes.length);
  return [wrongA ?? fields(a), wrongB ?? fields(b)] as const;
}

const number = fc.oneof(
  fc.nat(),
  fc.constantFrom('0', '00', '01', '-0', '-1', '1e3', '12.0', '12.5', '1e400', 'null', '""', '[]', 'true', '', '+1'),
  fc.constantFrom(1000000000, 1000000001, 999999999999999, 9999999999999999n),
);
const space = fc.constantFrom('', '', '', ' ', '  ', '\t', '\r');
const key = fc.constantFrom(
  'series',
  't',
  'count',
  'unique',
  'sources',
  'sourceS',
  'serie',
  'tt',
  'c',
  'note',
  '__proto__',
);
const pair = fc
  .tuple(
    key,
    fc.oneof(
      number.map(String),
      fc.string().map((s) => JSON.stringify(s)),
      fc.constantFrom('"a/b"', '"é"', '"\\u0061"'),
    ),
    space,
  )
  .map(([k, v, s]) => `"${k}"${s}:${s}${v}`);
const name = fc
  .oneof(fc.constantFrom('snapchat', 'aws/us-east-1'), fc.string({ unit: 'grapheme' }))
  .map((s) => JSON.stringify(s));
const regular = fc
  .tuple(name, number, number, number, number, fc.shuffledSubarray([0, 1, 2, 3, 4], { minLength: 3 }), space)
  .map(([series, t, count, unique, sources, order, s]) => {
    const all = [
      `"series":${s}${series}`,
      `"t":${s}${t}`,
      `"count":${count}`,
      `"unique":${unique}`,
      `"sources":${sources}`,
    ];
    return `${s}{${order.map((i) => all[i]).join(`,${s}`)}}${s}`;
  });

test('the hand parser and JSON.parse read the same, whatever the line', () => {
  const odd = fc.array(pair, { maxLength: 6 }).map((pairs) => `{${pairs.join(',')}}`);
  const torn = fc.tuple(regular, fc.nat({ max: 80 })).map(([line, n]) => line.slice(0, n));
  const spoilt = fc.tuple(regular, fc.nat({ max: 80 }), fc.nat({ max: 255 })).map(([line, at, byte]) => {
    const bytes = encoder.encode(line);
    if (bytes.length > 0) bytes[at % bytes.length] = byte === 0x0a ? 0x20 : byte;
    return bytes;
  });
  const any = fc.oneof<fc.Arbitrary<string | Uint8Array>[]>(
    regular,
    odd,
    torn,
    spoilt,
    fc.json().filter((s) => !s.includes('\n')),
    fc.uint8Array({ maxLength: 60 }).map((b) => b.map((byte) => (byte === 0x0a ? 0x20 : byte))),
  );
  fc.assert(
    fc.property(any, (line) => {
      const [read, parsed] = both(line);
      assert.deepEqual(read, parsed);
    }),
    { numRuns: 3000 },
  );
});

test('reads what the contract shows, with and without the optional numbers', () => {
  const [full] = both('{"series":"snapchat","t":1760943000,"count":12,"unique":12,"sources":9}');
  assert.deepEqual(full, { series: 'snapchat', t: 1760943000, count: 12, unique: 12, sources: 9 });
  const [bare] = both('{"t": 1760943000, "count": 12, "series": "snapchat"}\r');
  assert.deepEqual(bare, { series: 'snapchat', t: 1760943000, count: 12, unique: 12, sources: Number.NaN });
});

test('says what is wrong', () => {
  const said = (text: string) => both(text)[0];
  assert.equal(said('{"series":"a","t":0,"count":1'), 'not JSON');
  assert.equal(said('[1]'), 'not an object');
  assert.equal(said('{"series":"","t":0,"count":1}'), '"series" must be a name');
  assert.equal(said('{"series":"a","t":-60,"count":1}'), '"t" must be epoch seconds');
  assert.equal(said('{"series":"a","t":0}'), '"count" must be a number from 0 to 1e9');
  assert.equal(said('{"series":"a","t":0,"count":1,"unique":-1}'), '"unique" must be a number from 0 to 1e9');
  assert.equal(said('{"series":"a","t":0,"count":1,"sources":"3"}'), '"sources" must be a number from 0 to 1e9');
});
