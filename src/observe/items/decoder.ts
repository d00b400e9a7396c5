// Decoding under a deadline: files are read one after the other in a bounded thread of their own.
import { DownstreamError } from '../../errors.ts';
import type { Mail } from '../../guard/item.ts';
import { createBoundedWorker } from '../bounded-worker.ts';
import type { Decoded } from './decode.ts';
import type { DecodeJob } from './decode-worker.ts';

export interface Decoder {
  /** Rejects with `input-malformed` (also when it takes too long) or `overloaded`. */
  file(bytes: Uint8Array): Promise<Decoded>;
  mail(bytes: Uint8Array): Promise<Mail>;
  close(): Promise<void>;
}

export interface DecoderOptions {
  /** For one file, milliseconds; default 4000. */
  readonly deadlineMs?: number;
  /** Files that may wait; default 8. */
  readonly waiting?: number;
}

export function createDecoder({ deadlineMs = 4_000, waiting = 8 }: DecoderOptions = {}): Decoder {
  const worker = createBoundedWorker<DecodeJob, Decoded>({
    from: import.meta.url,
    name: 'decode-worker',
    limits: { maxOldGenerationSizeMb: 512, maxYoungGenerationSizeMb: 64 },
    deadlineMs,
    waiting,
    lost: { code: 'input-malformed', message: 'the file cannot be read', hint: 'send it in another form' },
    late: {
      code: 'input-malformed',
      message: 'the file takes too long to read',
      hint: 'send its text or a smaller part of it',
    },
    busy: { code: 'overloaded', message: 'too many files are being read', hint: 'send it again in a few seconds' },
  });
  return {
    file: (bytes) => worker.run({ bytes, mail: false }),
    async mail(bytes) {
      const decoded = await worker.run({ bytes, mail: true });
      if (decoded.kind === 'mail') return decoded.mail;
      throw new DownstreamError('input-malformed', 'the message cannot be read', 'send its text');
    },
    close: worker.close,
  };
}
