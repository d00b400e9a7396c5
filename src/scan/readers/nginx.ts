// nginx configuration → upstreams, proxied addresses and what its headers let pages load. Names it answers to are the project's own.
import { bareHosts } from '../hosts.ts';
import { linesOf, withoutHash } from '../lines.ts';
import { MEANT, type Mention, type Reader } from '../mention.ts';
import { anyLine, ownHosts } from './any-line.ts';

export const nginx: Reader = {
  name: 'nginx',
  reads: (path) =>
    /(?:^|\/)nginx[\w.-]*\.conf(?:\.\w+)?$|(?:^|\/)(?:nginx|sites-(?:available|enabled)|conf\.d)\/[^/]+$|\.nginx$/.test(
      path,
    ),
  read(text, context) {
    const found: Mention[] = [];
    for (const { line, text: raw } of linesOf(text)) {
      for (const part of withoutHash(raw).split(/[;{}](?=\s|$)/)) {
        const [, word = '', rest = ''] = /^\s*([a-z_]{2,40})\s+(.+)$/.exec(part) ?? [];
        if (word === 'server_name') found.push(...ownHosts(line, rest, 'server_name'));
        else if (word === 'return' || word === 'rewrite' || word === 'resolver') continue;
        else if (BARE.test(part)) {
          for (const host of bareHosts(rest.replace(/^Host\s+/i, '').split(/\s+/)[0] ?? ''))
            found.push({ kind: 'host', line, by: 'upstream', host, confidence: MEANT });
          found.push(...anyLine(line, part, 'upstream', context));
        } else found.push(...anyLine(line, part, word === 'add_header' ? 'header' : 'upstream', context));
      }
    }
    return found;
  },
};

/** Directives whose value is a host without a scheme. */
const BARE = /^\s*(?:server|proxy_pass|fastcgi_pass|uwsgi_pass|grpc_pass|proxy_ssl_name|proxy_set_header\s+Host)\s/;
