// The text of a QR code in a PNG or JPEG picture. Enters: the file's bytes; leaves: the code's text, or null where no code
// can be read. Pixels and memory are bounded before anything is unpacked; the caller bounds the time (decoder.ts).
import { inflateSync } from 'node:zlib';
import jpeg from 'jpeg-js';
import jsQrModule from 'jsqr';
import { DownstreamError } from '../../errors.ts';
import { PNG } from './pngjs.ts';

export type PictureKind = 'png' | 'jpeg' | 'other';

/** A photograph of a common telephone. */
const MOST_PIXELS = 16_000_000;
/** Longest edges at which a code is looked for, the quick one first. */
const EDGES = [800, 1_600] as const;
const LONGEST_CODE = 8_000;

// The package is one CommonJS function under `default`, and under itself.
const jsQr = ((jsQrModule as unknown as { default?: unknown }).default ?? jsQrModule) as typeof jsQrModule.default;

/** By its first bytes; `other` covers the kinds of picture that are not read here, null what is no picture. */
export function pictureKind(bytes: Uint8Array): PictureKind | null {
  const head = Buffer.from(bytes.subarray(0, 12)).toString('latin1');
  if (head.startsWith('\x89PNG\r\n\x1a\n')) return 'png';
  if (head.startsWith('\xff\xd8\xff')) return 'jpeg';
  if (/^(GIF8|BM|II\*\0|MM\0\*|RIFF.{4}WEBP|.{4}ftyp(heic|heix|mif1|avif))/s.test(head)) return 'other';
  return null;
}

interface Pixels {
  readonly data: Uint8Array;
  readonly width: number;
  readonly height: number;
}

/** Throws `input-malformed` for what is no readable picture or is too large. */
export function readQr(bytes: Uint8Array): string | null {
  const kind = pictureKind(bytes);
  if (kind !== 'png' && kind !== 'jpeg') {
    throw new DownstreamError('input-malformed', 'the picture is neither PNG nor JPEG', 'save it as one of these');
  }
  const pixels = kind === 'png' ? readPng(Buffer.from(bytes)) : readJpeg(bytes);
  let last = 0;
  for (const edge of EDGES) {
    const small = shrunk(pixels, edge);
    if (small.width === last) break;
    last = small.width;
    const found = jsQr(new Uint8ClampedArray(small.data), small.width, small.height);
    const text = found === null ? '' : found.data.trim();
    if (text !== '') return text.slice(0, LONGEST_CODE);
  }
  return null;
}

const unreadable = (cause?: unknown): DownstreamError =>
  new DownstreamError('input-malformed', 'the picture cannot be read', 'save it again as PNG or JPEG', { cause });

function measured(width: number, height: number): void {
  if (width < 1 || height < 1) throw unreadable();
  if (width * height > MOST_PIXELS) {
    throw new DownstreamError('input-malformed', 'the picture has too many pixels', 'cut it to the QR code');
  }
}

function readPng(file: Buffer): Pixels {
  if (file.length < 33) throw unreadable();
  const [width, height] = [file.readUInt32BE(16), file.readUInt32BE(20)];
  measured(width, height);
  // An interlaced picture is unpacked without a limit by the reader: what it unpacks to is measured here first.
  if (file[28] !== 0) {
    try {
      inflateSync(dataOf(file), { maxOutputLength: width * height * 8 + height * 16 + 1024 });
    } catch (cause) {
      throw unreadable(cause);
    }
  }
  try {
    return PNG.sync.read(file);
  } catch (cause) {
    throw unreadable(cause);
  }
}

/** The compressed data of a PNG: its IDAT chunks, one after the other. */
function dataOf(file: Buffer): Buffer {
  const parts: Buffer[] = [];
  for (let at = 8; at + 12 <= file.length; ) {
    const length = file.readUInt32BE(at);
    if (file.toString('latin1', at + 4, at + 8) === 'IDAT') parts.push(file.subarray(at + 8, at + 8 + length));
    at += 12 + length;
  }
  return Buffer.concat(parts);
}

function readJpeg(bytes: Uint8Array): Pixels {
  try {
    const pixels = jpeg.decode(bytes, {
      useTArray: true,
      maxResolutionInMP: MOST_PIXELS / 1e6,
      maxMemoryUsageInMB: 400,
    });
    measured(pixels.width, pixels.height);
    return pixels;
  } catch (cause) {
    throw cause instanceof DownstreamError ? cause : unreadable(cause);
  }
}

/** The picture at a whole fraction of its size, so that its longest edge is at most `edge`; each dot is the mean of those it covers. */
function shrunk(from: Pixels, edge: number): Pixels {
  const step = Math.ceil(Math.max(from.width, from.height) / edge);
  if (step <= 1) return from;
  const [width, height] = [Math.max(1, Math.floor(from.width / step)), Math.max(1, Math.floor(from.height / step))];
  const data = new Uint8Array(width * height * 4);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      let [r, g, b, n] = [0, 0, 0, 0];
      for (let dy = 0; dy < step && y * step + dy < from.height; dy++) {
        let at = ((y * step + dy) * from.width + x * step) * 4;
        for (let dx = 0; dx < step && x * step + dx < from.width; dx++, at += 4) {
          r += from.data[at]!;
          g += from.data[at + 1]!;
          b += from.data[at + 2]!;
          n++;
        }
      }
      const to = (y * width + x) * 4;
      data[to] = r / n;
      data[to + 1] = g / n;
      data[to + 2] = b / n;
      data[to + 3] = 255;
    }
  }
  return { data, width, height };
}
