// Crontabs and systemd units → what their commands and settings reach out to.
import { linesOf, unquoted } from '../lines.ts';
import type { Mention, Reader } from '../mention.ts';
import { setting } from './any-line.ts';
import { commandLine } from './shell.ts';

export const crontab: Reader = {
  name: 'crontab',
  reads: (path) => /(?:^|\/)(?:crontab(?:\.\w+)?|[^/]+\.(?:cron|crontab))$|(?:^|\/)cron\.[a-z]+\/[^/]+$/.test(path),
  read(text, context) {
    const found: Mention[] = [];
    for (const { line, text: raw } of linesOf(text)) {
      if (/^\s*#/.test(raw)) continue;
      const assigned = /^\s*([A-Za-z_]\w{0,80})\s?=\s?(.*)$/.exec(raw);
      if (assigned) {
        found.push(...setting(line, assigned[1]!, unquoted(assigned[2]!), 'setting', context));
        continue;
      }
      const entry = /^\s*(?:@[a-z]+|[\d*/,A-Za-z-]{1,60}(?:\s+[\d*/,A-Za-z-]{1,60}){4})\s+(.*)$/.exec(raw);
      // System crontabs name a user before the command.
      const command = (entry ? entry[1]! : raw).replace(/^[a-z_][a-z0-9_-]{0,31}\s+(?=[/a-z])/, (user) =>
        KNOWN_FIRST.test(user) ? user : '',
      );
      found.push(...commandLine(line, command, context));
    }
    return found;
  },
};

/** Words that begin a command rather than name a user. */
const KNOWN_FIRST =
  /^(?:aws|az|gcloud|gsutil|bq|curl|wget|docker|npm|npx|pip3?|python3?|node|heroku|cd|sh|bash|restic|rsync|rclone|env|test|flock|nice|timeout)\s/;

export const systemd: Reader = {
  name: 'systemd',
  reads: (path) => /\.(?:service|timer|socket|mount|path|container|network)(?:\.d\/[^/]+\.conf)?$/.test(path),
  read(text, context) {
    const found: Mention[] = [];
    for (const { line, text: raw } of linesOf(text)) {
      if (/^\s*[#;[]/.test(raw)) continue;
      const entry = /^\s*([A-Za-z]{2,60})\s*=\s*(.*)$/.exec(raw);
      const [, key, value = ''] = entry ?? [];
      if (key === 'Documentation') continue;
      if (key === 'Environment') {
        for (const pair of value.match(/"[^"]{0,2000}"|'[^']{0,2000}'|\S{1,2000}/g) ?? []) {
          const [, name, held = ''] = /^([A-Za-z_]\w{0,80})=(.*)$/.exec(unquoted(pair)) ?? [];
          if (name !== undefined) found.push(...setting(line, name, held, 'environment', context));
        }
      } else if (key !== undefined && /^Exec/.test(key))
        found.push(...commandLine(line, value.replace(/^[-@:+!]+/, ''), context));
      else if (key === undefined || key !== 'Image')
        found.push(...commandLine(line, key === undefined ? raw : value, context));
    }
    return found;
  },
};
