// A question to the observatory at --url → its JSON answer. For commands that only read. Throws `usage` for an address that is none,
// `unreachable` with the mend that the command gives when it cannot be asked.
import { readFileSync } from 'node:fs';
import { get as getHttp } from 'node:http';
import { get as getHttps } from 'node:https';
import { rootCertificates } from 'node:tls';
import { DownstreamError } from '../errors.ts';

export interface ObservatoryOptions {
  readonly url: string;
  readonly ca?: string;
  readonly offline?: boolean;
}

const TIMEOUT_MS = 15_000;
const LONGEST_ANSWER = 20_000_000;

/** GET `path`; `mend` says what to do when nobody answers. */
export function ask(path: string, { url, ca, offline }: ObservatoryOptions, mend: string): Promise<unknown> {
  const base = URL.canParse(url) ? new URL(url) : null;
  if (base?.protocol !== 'http:' && base?.protocol !== 'https:') {
    throw new DownstreamError('usage', `--url ${url} is no address`, 'write it as http://HOST:PORT');
  }
  if (offline && !/^(?:localhost|127\.\d+\.\d+\.\d+|\[::1\])$/.test(base.hostname)) {
    const how = 'leave --offline out, or use --url of this machine';
    throw new DownstreamError('usage', `${base.hostname} is not this machine`, how);
  }
  const secure = base.protocol === 'https:';
  const trust = secure && ca !== undefined ? { ca: [...rootCertificates, readCa(ca)] } : {};
  return new Promise((resolve, reject) => {
    const fail = (cause: Error & { code?: string }): void => {
      const what = `${base.origin} could not be asked (${cause.code ?? cause.message})`;
      reject(new DownstreamError('unreachable', what, mend, { cause }));
    };
    const sent = (secure ? getHttps : getHttp)(new URL(path, base), { timeout: TIMEOUT_MS, ...trust }, (res) => {
      const chunks: Buffer[] = [];
      let size = 0;
      res.on('data', (chunk: Buffer) => {
        size += chunk.length;
        if (size > LONGEST_ANSWER) sent.destroy(new Error('its answer is too long'));
        else chunks.push(chunk);
      });
      res.on('error', fail);
      res.on('end', () => {
        try {
          if (res.statusCode !== 200) throw new Error(`it answered ${res.statusCode}`);
          resolve(JSON.parse(Buffer.concat(chunks).toString()));
        } catch (error) {
          fail(error as Error);
        }
      });
    });
    sent.on('timeout', () => sent.destroy(new Error(`no answer in ${TIMEOUT_MS / 1000} s`)));
    sent.on('error', fail);
  });
}

function readCa(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (cause) {
    const mend = 'name a file of certificates in PEM form';
    throw new DownstreamError('usage', `--ca ${file} cannot be read`, mend, { cause });
  }
}
