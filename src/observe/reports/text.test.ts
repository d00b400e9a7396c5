import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { filterText, TEXT_CHARACTERS } from './text.ts';

/** Texts with what people write and what attackers write, side by side. */
const pieces = fc.constantFrom(
  'a@b.example',
  '+44 20 7946 0958',
  '4111 1111 1111 1111',
  'GB29 NWBK 6016 1331 9268 19',
  'https://evil.example/x',
  '\u202e',
  '\u200b',
  '\ud83d\ude00',
  '\ud800',
  '2025-10-20 06:48',
  '\u0661\u0662\u0663\u0664\u0665\u0666\u0667',
  '@',
  '-',
  ' ',
  'down since 7 am',
);
const text = fc
  .array(fc.oneof(pieces, fc.string({ unit: 'binary', maxLength: 20 })), { maxLength: 60 })
  .map((all) => all.join(''));

describe('free text', () => {
  it('loses addresses, numbers of people and links', () => {
    for (const [raw, kept] of [
      ['write to anna.b+x@mail.example please', 'write to [removed] please'],
      ['call +44 (0)20 7946 0958 now', 'call [removed] now'],
      ['card 4111-1111-1111-1111 declined', 'card [removed] declined'],
      ['card 4111111111111111', 'card [removed]'],
      ['account GB29 NWBK 6016 1331 9268 19 is locked', 'account [removed] is locked'],
      ['account gb29nwbk60161331926819', 'account [removed]'],
      ['IBAN NO93 8601 1117 947.', 'IBAN [removed].'],
      ['MT84MALT011000012345MTLCAST001S', '[removed]'],
      ['zero\u200bwidth anna\u200b@mail.example', 'zerowidth [removed]'],
      ['number \u0660\u0661\u0662\u0663\u0664\u0665\u0666\u0667 here', 'number [removed] here'],
      ['\uff10\uff12\uff10\uff17\uff19\uff14\uff16\uff10', '[removed]'],
      ['refund at https://refund.example/a?b or www.refund.example', 'refund at [removed] or [removed]'],
    ] as const) {
      assert.equal(filterText(raw), kept);
    }
  });

  it('keeps what people say about a fault', () => {
    for (const said of [
      'Has not worked since 2025-10-20 06:48, error 503',
      "Can't log in. It says: try again later!",
      'seit 07:30 Uhr geht nichts mehr (Fehler 0x80070)',
      '@snapchat is down for me too',
      'IE11 does work when reloaded, 20/10/2025',
      '\u4ece\u65e9\u4e0a\u5f00\u59cb\u65e0\u6cd5\u767b\u5f55',
    ]) {
      assert.equal(filterText(said), said);
    }
  });

  it('loses what misleads the eye', () => {
    assert.equal(filterText('a\u202eb\u0007c\u2066d\u{e0041}e'), 'abcde');
    assert.equal(filterText(' line one\r\n\tline two \u2028'), 'line one line two');
    assert.equal(filterText('\ud800 half'), '\ufffd half');
    assert.equal(filterText('\u200b \u202e'), '');
  });

  it('is cut at 500 characters, never inside one', () => {
    const cut = filterText('\u{1f600}'.repeat(700));
    assert.equal([...cut].length, TEXT_CHARACTERS);
    assert.ok(cut.isWellFormed());
    const address = `${'x '.repeat(245)}somebody-with-a-long-name@mail.example`;
    assert.doesNotMatch(filterText(address), /somebody/);
  });

  it('always: short, well formed, nothing personal, and filtering twice changes nothing', () => {
    fc.assert(
      fc.property(text, (raw) => {
        const out = filterText(raw);
        assert.ok([...out].length <= TEXT_CHARACTERS);
        assert.ok(out.isWellFormed());
        assert.doesNotMatch(out, /[\p{Cc}\p{Cf}]/u);
        assert.doesNotMatch(out, /[^\s@]@[^\s@]/u);
        assert.doesNotMatch(out, /\p{Nd}{9,}/u);
        assert.equal(filterText(out), out);
      }),
      { numRuns: 300 },
    );
  });

  it('does at most a set amount of work for each character, whatever is sent', () => {
    // Quadratic patterns would take minutes at this length; the suite's own limit would end them.
    for (const hostile of ['1 ', '1-', 'a@', '@', 'GB29 ', 'AA00A', '+', '(', 'a', '. ', 'a. ', 'www', '1...']) {
      assert.ok([...filterText(hostile.repeat(200_000 / hostile.length))].length <= TEXT_CHARACTERS);
    }
  });
});
