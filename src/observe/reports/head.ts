// The headers of a request that the report door looks at, read in one pass over the raw list: the framework's object of all
// headers costs more than the rest of the reading together.
import { PERSON_COOKIE } from './person.ts';

export interface Head {
  type: string;
  encoding: string;
  /** Content-Length, or -1 when the body comes in chunks. */
  length: number;
  forwarded: string;
  agent: string;
  cookie: string;
  site: string;
  origin: string;
}

export function readHead(raw: readonly string[]): Head {
  const head: Head = {
    type: '',
    encoding: '',
    length: -1,
    forwarded: '',
    agent: '',
    cookie: '',
    site: '',
    origin: '',
  };
  for (let i = 0; i < raw.length; i += 2) {
    const name = raw[i]!;
    const value = raw[i + 1]!;
    switch (name.length) {
      case 6:
        if (same(name, 'origin')) head.origin = value;
        else if (same(name, 'cookie')) head.cookie = head.cookie === '' ? value : `${head.cookie}; ${value}`;
        break;
      case 10:
        if (same(name, 'user-agent')) head.agent = value;
        break;
      case 12:
        if (same(name, 'content-type')) head.type = value;
        break;
      case 14:
        if (same(name, 'content-length')) head.length = Number(value);
        else if (same(name, 'sec-fetch-site')) head.site = value;
        break;
      case 15:
        if (same(name, 'x-forwarded-for'))
          head.forwarded = head.forwarded === '' ? value : `${head.forwarded},${value}`;
        break;
      case 16:
        if (same(name, 'content-encoding')) head.encoding = value.toLowerCase();
    }
  }
  return head;
}

function same(name: string, wanted: string): boolean {
  return name === wanted || name.toLowerCase() === wanted;
}

export function isJson(type: string): boolean {
  return type === 'application/json' || /^application\/json\s*(?:;\s*charset="?utf-8"?\s*)?$/i.test(type);
}

/** The value of the person cookie, or empty when it is absent or not one of ours. */
export function personCookie(header: string): string {
  for (const pair of header.split(';')) {
    const [name, value] = pair.trim().split('=') as [string, string?];
    if (name === PERSON_COOKIE && value !== undefined && /^[\w-]{16,64}$/.test(value)) return value;
  }
  return '';
}
