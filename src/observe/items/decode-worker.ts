// The thread that files are decoded in: bytes in, what they hold or why they cannot be read out. It is ended when a file
// takes too long.
import { parentPort } from 'node:worker_threads';
import { type Answer, type Refusal, refusalOf } from '../bounded-worker.ts';
import { type Decoded, decodeFile, decodeMail } from './decode.ts';

export interface DecodeJob {
  readonly bytes: Uint8Array;
  /** The bytes are a message, whatever they look like. */
  readonly mail: boolean;
}

const UNFORESEEN: Refusal = {
  code: 'input-malformed',
  message: 'the file cannot be read',
  hint: 'send it in another form',
};

async function answer({ bytes, mail }: DecodeJob): Promise<Answer<Decoded>> {
  try {
    return { done: mail ? { kind: 'mail', mail: await decodeMail(bytes) } : await decodeFile(bytes) };
  } catch (error) {
    return { refused: refusalOf(error, UNFORESEEN) };
  }
}

parentPort?.on('message', (job: DecodeJob) => {
  void answer(job).then((done) => parentPort?.postMessage(done));
});
