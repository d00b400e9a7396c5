import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { decodeFile, looksLikeMail } from './decode.ts';
import { decodeEntities, readHtml } from './html.ts';
import { readMail } from './mail.ts';
import { pasted } from './pasted.ts';
import { isFault, readItem } from './read-item.ts';

const mail = (text: string) => readMail(Buffer.from(text.replaceAll('\n', '\r\n')));

test('a message gives sender, words, links, attachments and what receiving servers added', async () => {
  const read = await mail(`Return-Path: <bounce@list.example>
Authentication-Results: mx.example; dmarc=fail header.from=pay.example
Authentication-Results: other.example; spf=pass
From: =?utf-8?q?PayP=C3=A1l?= <help@evil.example>
Reply-To: "Desk" <desk@other.example>
Subject: =?utf-8?B?WW91ciByZWZ1bmQ=?=
X-Mailer: x
MIME-Version: 1.0
Content-Type: multipart/mixed; boundary=b

--b
Content-Type: text/html; charset=utf-8
Content-Transfer-Encoding: quoted-printable

<p>Dear customer, <b>claim</b> your refund.</p><a href=3D"https://evil.example/x">paypal.com</a>
--b
Content-Type: application/zip; name="invoice.zip"
Content-Disposition: attachment; filename="invoice.zip"

x
--b--
`);
  assert.deepEqual(read.from, { name: 'PayPál', address: 'help@evil.example' });
  assert.deepEqual(read.replyTo, [{ name: 'Desk', address: 'desk@other.example' }]);
  assert.equal(read.returnPath, 'bounce@list.example');
  assert.equal(read.subject, 'Your refund');
  assert.equal(read.text, 'Dear customer, claim your refund.\npaypal.com');
  assert.deepEqual(read.anchors, [{ href: 'https://evil.example/x', text: 'paypal.com' }]);
  assert.deepEqual(read.attachments, [{ name: 'invoice.zip', type: 'application/zip' }]);
  assert.deepEqual(read.authResults, ['mx.example; dmarc=fail header.from=pay.example', 'other.example; spf=pass']);
  assert.deepEqual(
    read.headers.map((h) => h.name),
    ['x-mailer', 'mime-version', 'content-type'],
  );
});

test('a message without headers that matter, and one from a mailbox file, are read too', async () => {
  assert.equal((await mail('\n\nhello')).from, null);
  const kept = await readMail(Buffer.from('From x@y.example Mon Nov 23\r\nFrom: a@b.example\r\nSubject: s\r\n\r\nt'));
  assert.equal(kept.from?.address, 'a@b.example');
});

test('the words beside a long page that only filters read do not stand for it', async () => {
  const page = `<p>${'Your account is locked. '.repeat(20)}</p>`;
  const read = await mail(`From: a@b.example
Content-Type: multipart/alternative; boundary=b

--b
Content-Type: text/plain

Hello
--b
Content-Type: text/html

${page}
--b--
`);
  assert.match(read.text, /locked/);
});

test('nested and endless structures are refused or cut, never followed for ever', async () => {
  const deep = Array.from(
    { length: 200 },
    (_, i) => `Content-Type: multipart/mixed; boundary=b${i}\r\n\r\n--b${i}\r\n`,
  );
  await assert.rejects(decodeFile(Buffer.from(`From: a@b.c\r\nSubject: s\r\n${deep.join('')}`)), {
    code: 'input-malformed',
  });
  const heads = `From: a@b.c\r\nSubject: s\r\n${'X-A: b\r\n'.repeat(60_000)}\r\n`;
  await assert.rejects(decodeFile(Buffer.from(heads)), { code: 'input-malformed' });
  let inner = 'Subject: innermost\r\n\r\nhttps://evil.example/';
  for (let i = 0; i < 20; i++) inner = `From: a@b.c\r\nSubject: ${i}\r\nContent-Type: message/rfc822\r\n\r\n${inner}`;
  assert.equal((await readMail(Buffer.from(inner))).subject, '19');
});

test('the text of a page is what a person sees of it, its links are where they lead', () => {
  const { text, anchors } = readHtml(
    '<title>t</title><style>p{}</style><!-- no --><base href="https://base.example/a/">' +
      '<div style="display:none">hidden<div>deep</div></div><p>One&nbsp;two<br>three</p>' +
      '<a href=" https&colon;&sol;&sol;evil.example&sol;x ">Sign <b>in</b></a> <a href="rel">r</a>' +
      '<form action="https://form.example/"></form><map><area href="https://area.example/" alt="map"></map>' +
      '<meta http-equiv=refresh content="0; url=https://next.example/"><a name=x>no link</a><a href="#top">up</a>' +
      '<script>alert("<a href=x>")</script>1 < 2',
  );
  assert.match(text, /^One two\nthree\n/);
  assert.doesNotMatch(text, /hidden|deep|alert|no -->/);
  assert.match(text, /1 < 2$/);
  assert.deepEqual(
    anchors.map((a) => [a.href, a.text]),
    [
      ['https://evil.example/x', 'Sign in'],
      ['https://base.example/a/rel', 'r'],
      ['https://form.example/', ''],
      ['https://area.example/', 'map'],
      ['https://next.example/', ''],
    ],
  );
});

test('a page of any shape is read in one pass', () => {
  const shapes = [
    '<',
    '<a ',
    '<a href="',
    '<!--',
    '<script>',
    '<a href=x>',
    '<div style="display:none">',
    '&#x41;',
    '&amp',
  ];
  for (const shape of shapes) readHtml(shape.repeat(100_000));
  fc.assert(
    fc.property(
      fc.array(fc.constantFrom(...shapes, '>', '"', "'", '</a>', '</div>', 'x=', ' ', 'text'), { maxLength: 60 }),
      (parts) => {
        const { anchors, text } = readHtml(parts.join(''));
        assert.ok(anchors.length <= 200 && text.length <= 300_000);
      },
    ),
    { numRuns: 300 },
  );
  assert.equal(decodeEntities('&#0;&#xd800;&#x110000;&nope;&#65;'), '&#0;&#xd800;&#x110000;&nope;A');
});

test('what was pasted is taken for what it is', () => {
  const kinds: readonly (readonly [string, string])[] = [
    ['https://evil.example/x', 'url'],
    ['hxxps://evil[.]example/x', 'url'],
    ['evil.example/login', 'url'],
    ['paypal.com@evil.example/x', 'url'],
    ['https://paypal.com@evil.example', 'url'],
    ['https://evil.example/a\n  b', 'text'],
    ['https://evil.example/very-lo\nng', 'url'],
    ['evil.example', 'host'],
    ['evil[.]example', 'host'],
    ['help@evil.example', 'sender'],
    ['PayPal Service <help@evil.example>', 'sender'],
    ['javascript:alert(1)', 'url'],
    ['data:text/html,x', 'url'],
    ['hello', 'text'],
    ['Your parcel waits: evil.example', 'text'],
    ['From: a@b.example\nSubject: x\n\nbody', 'raw'],
    ['Note: this is\nnot a mail', 'text'],
  ];
  for (const [text, kind] of kinds) assert.equal(pasted(text).kind, kind, text);
  fc.assert(fc.property(fc.string(), (text) => void pasted(text)));
});

test('only what begins with headers looks like a message', () => {
  assert.equal(looksLikeMail('From: a@b.c\nSubject: x\n\n'), true);
  assert.equal(looksLikeMail('Subject: x\nHello there'), false);
  assert.equal(looksLikeMail('From: PayPal\nYour account: locked'), false);
});

const decodeMail = (bytes: Uint8Array) => readMail(bytes);
test('an item names exactly one thing, and every fault names the member', async () => {
  const faults: readonly (readonly [unknown, string, string])[] = [
    [null, 'invalid', ''],
    [[], 'invalid', ''],
    [{}, 'invalid', ''],
    [{ url: 'a', text: 'b' }, 'invalid', 'text'],
    [{ url: 5 }, 'invalid', 'url'],
    [{ url: '' }, 'invalid', 'url'],
    [{ url: 'a', id: {} }, 'invalid', 'id'],
    [{ url: 'a', claim: 5 }, 'invalid', 'claim'],
    [{ url: 'a', incident: 'x'.repeat(300) }, 'invalid', 'incident'],
    [{ url: 'a', trustedAuthserv: 'mx' }, 'invalid', 'trustedAuthserv'],
    [{ text: 'é'.repeat(40_000) }, 'too-large', 'text'],
    [{ raw: 'x'.repeat(2_100_000) }, 'too-large', 'raw'],
  ];
  for (const [value, fault, member] of faults) {
    const read = await readItem(value, { decodeMail });
    assert.ok(isFault(read), JSON.stringify(value)?.slice(0, 60));
    assert.deepEqual([read.fault, read.member], [fault, member]);
  }
  assert.deepEqual(await readItem({ id: 7, url: 'u', claim: 'c', incident: 'i' }, { decodeMail }), {
    id: 7,
    item: { kind: 'url', url: 'u', claim: 'c' },
    incident: 'i',
  });
});

test('no bytes whatever make the reader of files do anything but answer or refuse', async () => {
  const starts = [
    Buffer.from('From: a@b.c\r\nSubject: s\r\nContent-Type: multipart/mixed; boundary=x\r\n\r\n--x\r\n'),
    Buffer.from('89504e470d0a1a0a0000000d494844520000001000000010', 'hex'),
    Buffer.from('ffd8ffe000104a46494600010100000100010000', 'hex'),
    Buffer.alloc(0),
  ];
  await fc.assert(
    fc.asyncProperty(fc.constantFrom(...starts), fc.uint8Array({ maxLength: 400 }), async (start, rest) => {
      try {
        const { kind } = await decodeFile(Buffer.concat([start, rest]));
        assert.ok(['mail', 'code', 'text'].includes(kind));
      } catch (error) {
        assert.equal((error as { code?: string }).code, 'input-malformed');
      }
    }),
    { numRuns: 300 },
  );
});
