// The thread that files are decoded in: bytes in, what they hold or why they cannot be read out. It is ended when a file
// takes too long.
import { parentPort } from 'node:worker_threads';
import { DownstreamError } from '../../errors.ts';
import { type Decoded, decodeFile, decodeMail } from './decode.ts';

export interface DecodeJob {
  readonly bytes: Uint8Array;
  /** The bytes are a message, whatever they look like. */
  readonly mail: boolean;
}
export type DecodeAnswer =
  | { readonly decoded: Decoded }
  | { readonly refused: { readonly message: string; readonly hint: string } };

async function answer({ bytes, mail }: DecodeJob): Promise<DecodeAnswer> {
  try {
    return { decoded: mail ? { kind: 'mail', mail: await decodeMail(bytes) } : await decodeFile(bytes) };
  } catch (error) {
    if (error instanceof DownstreamError) return { refused: { message: error.message, hint: error.hint } };
    return { refused: { message: 'the file cannot be read', hint: 'send it in another form' } };
  }
}

parentPort?.on('message', (job: DecodeJob) => {
  void answer(job).then((done) => parentPort?.postMessage(done));
});
