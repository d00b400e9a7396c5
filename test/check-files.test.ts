// Files as people hand them in, and as an attacker would make them: what is decoded, what is refused, and that neither time
// nor memory runs away.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, test } from 'node:test';
import fc from 'fast-check';
import jpeg from 'jpeg-js';
import { createDecoder } from '../src/observe/items/decoder.ts';
import { readQr } from '../src/observe/items/picture.ts';
import { PNG } from '../src/observe/items/pngjs.ts';
import { msgFile, pngFile, ringMsg } from './fixtures/check/files.ts';

const QR = readFileSync(new URL('./fixtures/check/qr.png', import.meta.url));
const QR_TEXT = 'https://paypal.com.refund-claim.example/qr';
const decoder = createDecoder({ deadlineMs: 8_000 });
after(() => decoder.close());

/** The QR picture on a larger white ground, `times` as large. */
function onGround(times: number, width: number, height: number): { data: Buffer; width: number; height: number } {
  const small = PNG.sync.read(QR);
  const data = Buffer.alloc(width * height * 4, 255);
  for (let y = 0; y < small.height * times; y++) {
    for (let x = 0; x < small.width * times; x++) {
      const from = (Math.floor(y / times) * small.width + Math.floor(x / times)) * 4;
      small.data.copy(data, ((y + 40) * width + x + 40) * 4, from, from + 4);
    }
  }
  return { data, width, height };
}

test('a QR code is read from a PNG, from a JPEG, and from a large picture', async () => {
  assert.deepEqual(await decoder.file(QR), { kind: 'code', text: QR_TEXT });
  const photo = jpeg.encode(onGround(2, 700, 900), 60).data;
  assert.deepEqual(await decoder.file(photo), { kind: 'code', text: QR_TEXT });
  assert.equal(readQr(jpeg.encode(onGround(6, 3_000, 2_200), 70).data), QR_TEXT);
});

test('a code in a picture of a message is a link of the message', async () => {
  const mail = await decoder.mail(
    Buffer.from(
      `From: a@b.example\r\nSubject: s\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\nContent-Type: image/png; name=q.png\r\n` +
        `Content-Disposition: attachment; filename=q.png\r\nContent-Transfer-Encoding: base64\r\n\r\n${QR.toString('base64')}\r\n--b--\r\n`,
    ),
  );
  assert.deepEqual(mail.anchors, [{ href: QR_TEXT, text: 'QR code in q.png' }]);
});

test('an Outlook message gives the same as the message it was', async () => {
  const headers = [
    'From: =?utf-8?q?PayP=C3=A1l?= <help@evil.example>',
    'Reply-To: desk@other.example',
    'Authentication-Results: mx.example; dmarc=fail',
    'Subject: Your refund',
  ].join('\r\n');
  const decoded = await decoder.file(
    msgFile({ '0037': 'Your refund', '007D': headers, '1000': 'Claim at https://evil.example/x' }),
  );
  assert.equal(decoded.kind, 'mail');
  if (decoded.kind !== 'mail') return;
  assert.deepEqual(decoded.mail.from, { name: 'PayPál', address: 'help@evil.example' });
  assert.deepEqual(decoded.mail.replyTo, [{ name: '', address: 'desk@other.example' }]);
  assert.deepEqual(decoded.mail.authResults, ['mx.example; dmarc=fail']);
  assert.equal(decoded.mail.subject, 'Your refund');
  assert.equal(decoded.mail.text, 'Claim at https://evil.example/x');
});

test('an Outlook message without transport headers is known by its fields', async () => {
  const decoded = await decoder.file(
    msgFile({
      '0037': 'Hello',
      '0C1A': 'PayPal',
      '5D01': 'help@evil.example',
      '1013': '<a href="https://evil.example/">x</a>',
    }),
  );
  if (decoded.kind !== 'mail') assert.fail(decoded.kind);
  assert.deepEqual(decoded.mail.from, { name: 'PayPal', address: 'help@evil.example' });
  assert.deepEqual(decoded.mail.anchors, [{ href: 'https://evil.example/', text: 'x' }]);
});

test('what is too large, too many pixels, empty or of another kind is refused with a mend', async () => {
  const refusals: readonly (readonly [Uint8Array, RegExp])[] = [
    [new Uint8Array(), /empty/],
    [new Uint8Array(2_200_000), /larger than 2 MB/],
    [pngFile(30_000, 30_000, 100), /too many pixels/],
    [pngFile(16, 16, 272), /no QR code/],
    [pngFile(400, 400, 100_000_000, true), /cannot be read/],
    [Buffer.from('GIF89a..........'), /neither PNG nor JPEG/],
    [Buffer.from([0, 1, 2, 3, 0, 255]), /no message, text or picture/],
    [QR.subarray(0, 60), /cannot be read/],
    [Buffer.from('d0cf11e0a1b11ae1', 'hex'), /\.msg file cannot be read/],
  ];
  for (const [bytes, message] of refusals) {
    await assert.rejects(decoder.file(bytes), (error: { code: string; message: string; hint: string }) => {
      assert.equal(error.code, 'input-malformed');
      assert.match(error.message, message);
      return error.hint !== '';
    });
  }
});

test('a file that never ends is given up, and the next one is read', async () => {
  // The next one waits for a new thread to start, on a busy machine too.
  const quick = createDecoder({ deadlineMs: 3_000, waiting: 1 });
  try {
    const stuck = quick.file(ringMsg());
    const next = quick.file(Buffer.from('hello'));
    await assert.rejects(quick.file(Buffer.from('one too many')), { code: 'overloaded' });
    await assert.rejects(stuck, { code: 'input-malformed' });
    assert.deepEqual(await next, { kind: 'text', text: 'hello' });
  } finally {
    await quick.close();
  }
  await assert.rejects(quick.file(Buffer.from('closed')), { code: 'overloaded' });
});

test('broken pictures and Outlook files are refused or read, whatever is broken in them', async () => {
  const whole = [QR, jpeg.encode(onGround(1, 300, 300), 50).data, msgFile({ '0037': 's', '1000': 'b' })];
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom(...whole),
      fc.array(fc.tuple(fc.nat(), fc.nat(255)), { minLength: 1, maxLength: 12 }),
      fc.double({ min: 0.2, max: 1, noNaN: true }),
      async (file, changes, share) => {
        const broken = Buffer.from(file.subarray(0, Math.ceil(file.length * share)));
        for (const [at, byte] of changes) broken[at % broken.length] = byte;
        try {
          await decoder.file(broken);
        } catch (error) {
          assert.equal((error as { code?: string }).code, 'input-malformed');
        }
      },
    ),
    { numRuns: 60 },
  );
});
