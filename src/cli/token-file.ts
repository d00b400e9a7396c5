// The file of `--token-file` → the token in it, for commands that ask an observatory in somebody's name. Throws `usage`.
import { readFileSync } from 'node:fs';
import { DownstreamError } from '../errors.ts';

/** White space around the token does not count. */
export function readToken(file: string): string {
  let text: string;
  try {
    text = readFileSync(file, 'utf8').trim();
  } catch (cause) {
    const mend = 'check the path and its permissions';
    throw new DownstreamError('usage', `the token file ${file} cannot be read`, mend, { cause });
  }
  if (/^[\w.~+/=-]{16,512}$/.test(text)) return text;
  const mend =
    'write one token of 16 to 512 letters, digits and -._~+/= into it, such as `openssl rand -hex 32` prints';
  throw new DownstreamError('usage', `the token file ${file} holds no token`, mend);
}
