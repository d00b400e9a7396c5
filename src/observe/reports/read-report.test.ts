import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { DownstreamError } from '../../errors.ts';
import { createBudget } from './budget.ts';
import { COUNTRIES, countryOfZone, openPlaces } from './country.ts';
import { isProblem, readBody } from './read-report.ts';

const read = (text: string | Buffer) => readBody(Buffer.from(text as string));

describe('the body of a report', () => {
  it('is what the person said, and no more', () => {
    assert.deepEqual(read('{"service":"aws/us-east-1","problem":"slow"}'), {
      service: 'aws/us-east-1',
      problem: 'slow',
    });
    assert.deepEqual(
      read(
        '{"service":"x","problem":"login","country":"gb","text":"hi","works":false,"tz":"Europe/London","more":[{"a":"b:c"}]}',
      ),
      { service: 'x', problem: 'login', country: 'GB', text: 'hi', tz: 'Europe/London' },
    );
    assert.deepEqual(read('{"service":"x","works":true,"country":null,"text":null}'), {
      service: 'x',
      problem: 'other',
      works: true,
    });
    assert.deepEqual(read('{"service":"x","problem":"down","country":"ZZ"}'), { service: 'x', problem: 'down' });
  });

  for (const [what, body, status, expected] of [
    ['nothing', '', 400, /empty/],
    ['half an object', '{"service"', 400, /JSON/],
    ['a list', '[]', 400, /not an object/],
    ['a text', '"x"', 400, /not an object/],
    ['null', 'null', 400, /not an object/],
    ['two documents', '{}{}', 400, /JSON/],
    ['a byte order mark', '\ufeff{}', 400, /JSON/],
    ['a member given twice', '{"service":"x","service":"y","problem":"down"}', 400, /twice/],
    ['a member given twice, once escaped', '{"service":"x","s\\u0065rvice":"y","problem":"down"}', 400, /twice/],
    ['a deep nest', '['.repeat(8_000), 400, /JSON/],
    ['no members', '{}', 422, /service must.*problem must/],
    ['a number for the service', '{"service":7,"problem":"down"}', 422, /service must/],
    ['an endless service', `{"service":"${'x'.repeat(201)}","problem":"down"}`, 422, /service must/],
    ['an unknown problem', '{"service":"x","problem":"gone"}', 422, /one of down, login/],
    ['a problem from the prototype', '{"service":"x","problem":"constructor"}', 422, /one of down/],
    ['members of the prototype', '{"__proto__":{"service":"x","problem":"down"}}', 422, /service must/],
    ['a made-up country', '{"service":"x","problem":"down","country":"UK"}', 422, /not UK/],
    ['a country in letters', '{"service":"x","problem":"down","country":"Britain"}', 422, /ISO 3166-1/],
    ['a list for the text', '{"service":"x","problem":"down","text":[]}', 422, /text must/],
    ['a text for works', '{"service":"x","problem":"down","works":"yes"}', 422, /works must/],
  ] as const) {
    it(`with ${what} is refused with ${status}`, () => {
      const answer = read(body);
      assert.ok(isProblem(answer));
      assert.equal(answer.status, status);
      assert.match(answer.detail, expected);
    });
  }
  it('that is not UTF-8 is refused', () => {
    const answer = readBody(Buffer.from([0x7b, 0x22, 0xff, 0x22, 0x7d]));
    assert.ok(isProblem(answer) && answer.status === 400 && /UTF-8/.test(answer.detail));
  });
  it('whatever it is, is read or refused, never thrown at', () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.json(),
          fc.string(),
          fc.object().map((value) => JSON.stringify(value)),
        ),
        (text) => {
          const answer = read(text);
          assert.ok(!isProblem(answer) || answer.status === 400 || answer.status === 422);
        },
      ),
      { numRuns: 300 },
    );
  });
  it('counts the members of any object as they are', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.jsonValue({ maxDepth: 2 })), (value) => {
        const answer = read(JSON.stringify(value));
        assert.ok(!isProblem(answer) || answer.status === 422);
      }),
      { numRuns: 200 },
    );
  });
});

describe('the country of a time zone', () => {
  it('is that of its present and its former names', () => {
    for (const [zone, country] of [
      ['Europe/London', 'GB'],
      ['Europe/Kyiv', 'UA'],
      ['Europe/Kiev', 'UA'],
      ['Asia/Kolkata', 'IN'],
      ['US/Eastern', 'US'],
      ['America/Argentina/Buenos_Aires', 'AR'],
      ['UTC', 'ZZ'],
      ['Europe/Atlantis', 'ZZ'],
      ['../../etc/passwd', 'ZZ'],
      ['', 'ZZ'],
    ] as const) {
      assert.equal(countryOfZone(zone), country, zone);
    }
    assert.equal(COUNTRIES.size, 250);
  });
});

describe('a network database', () => {
  it('that is none is refused by its key and file', async () => {
    await assert.rejects(
      openPlaces({ countryDatabase: import.meta.filename }),
      (error: unknown) =>
        error instanceof DownstreamError &&
        error.code === 'config-invalid' &&
        error.message.includes(`reports.countryDatabase: ${import.meta.filename}`),
    );
  });
  it('need not be there', async () => {
    const places = await openPlaces({});
    assert.deepEqual(
      [places.knowsCountries, places.country('192.0.2.1'), places.asn('192.0.2.1')],
      [false, null, null],
    );
  });
});

describe('the budget of a network', () => {
  const budget = () => createBudget({ perNetwork: 20, perNetworkAndService: 10 });
  it('is spent, says when there is more, and refills', () => {
    const one = budget();
    for (let i = 0; i < 10; i++) assert.equal(one.take('203.0.113.0/24', 1, 1_000), 0);
    const wait = one.take('203.0.113.0/24', 1, 1_000);
    assert.ok(wait > 0 && wait <= 60, String(wait));
    assert.equal(one.take('203.0.113.0/24', 1, 1_000 + wait), 0);
    assert.ok(one.take('203.0.113.0/24', 1, 1_000 + wait) > 0);
    for (let i = 0; i < 10; i++) assert.equal(one.take('203.0.113.0/24', 1, 5_000), 0);
  });
  it('is not lost for hours when the clock is set back', () => {
    const one = budget();
    one.take('AS1', 1, 90_000);
    assert.equal(one.take('AS1', 1, 1_000), 0);
  });
  it('holds for each service and for all together, and is each network\u2019s own', () => {
    const one = budget();
    for (let i = 0; i < 20; i++) assert.equal(one.take('AS1', i % 2, 1_000), 0);
    assert.ok(one.take('AS1', 2, 1_000) > 0);
    assert.ok(one.takeNetwork('AS1', 1_000) > 0);
    assert.equal(one.take('AS2', 2, 1_000), 0);
    assert.equal(one.takeNetwork('AS3', 1_000), 0);
  });
});
