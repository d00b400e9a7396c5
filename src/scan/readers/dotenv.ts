// `.env` files and other `KEY=value` settings (properties, ini, npmrc) → the hosts of their values. A value is never kept: under the
// key of a secret only an address with a scheme is looked at, and of it only the host.

import { hostName } from '../hosts.ts';
import { linesOf, unquoted, withoutHash } from '../lines.ts';
import type { Mention, Reader } from '../mention.ts';
import { setting } from './any-line.ts';

export const dotenv: Reader = {
  name: 'settings',
  reads: (path) =>
    /(?:^|\/)(?:\.env(?:\.[\w.-]+)?|[\w.-]+\.env|\.?(?:npmrc|yarnrc|pypirc|netrc|s3cfg|curlrc|wgetrc)|pip\.conf)$|\.(?:properties|ini|cfg|conf|cnf|toml)$/.test(
      path,
    ),
  read(text, context) {
    const found: Mention[] = [];
    for (const { line, text: raw } of linesOf(text)) {
      if (/^\s*[;!#]/.test(raw)) continue;
      // .npmrc scopes a token by its registry: //npm.example.com/:_authToken=…
      const scope = /^\/\/([\w.-]{4,253})(?:[:/]|$)/.exec(raw);
      const host = scope ? hostName(scope[1]!) : null;
      if (host !== null) {
        found.push({ kind: 'host', line, by: 'registry', host, confidence: 0.95 });
        continue;
      }
      const entry = /^\s*(?:export\s+)?([@\w.:"-]{1,120}?)\s*[=:]\s*(.*)$/.exec(raw);
      const machine = /^\s*machine\s+(\S{4,253})/.exec(raw);
      if (machine) found.push(...setting(line, 'host', machine[1]!, 'setting', context));
      else if (entry)
        found.push(
          ...setting(line, entry[1]!.replace(/"/g, ''), unquoted(withoutHash(entry[2]!)), 'setting', context),
        );
    }
    return found;
  },
};
