// GitHub Actions workflows and composite actions → what their runners, actions and commands stand on.
import { MEANT, type Mention, type ReadContext, type Reader } from '../mention.ts';
import { yamlLines } from '../yaml-lines.ts';
import { anyLine, imageMention, setting } from './any-line.ts';
import { commandLine } from './shell.ts';

/** Actions that talk to a service besides GitHub. */
const ACTIONS: readonly (readonly [start: string, service: string])[] = [
  ['google-github-actions/', 'gcp'],
  ['azure/', 'azure'],
  ['docker/login-action', 'docker-hub'],
  ['codecov/', 'codecov'],
  ['slackapi/', 'slack'],
  ['8398a7/action-slack', 'slack'],
  ['snyk/', 'snyk'],
  ['sonarsource/', 'sonarcloud'],
  ['cloudflare/', 'cloudflare/workers'],
  ['superfly/', 'fly-io'],
  ['netlify/', 'netlify'],
  ['nwtgck/actions-netlify', 'netlify'],
  ['amondnet/vercel-action', 'vercel'],
  ['akhileshns/heroku-deploy', 'heroku'],
  ['digitalocean/', 'digitalocean'],
  ['firebaseextended/', 'gcp/firebase'],
  ['getsentry/', 'sentry'],
  ['pypa/gh-action-pypi-publish', 'pypi'],
  ['js-devtools/npm-publish', 'npm'],
  ['peaceiris/actions-gh-pages', 'github/pages'],
  ['actions/deploy-pages', 'github/pages'],
  ['datadog/', 'datadog'],
  ['expo/', 'expo'],
  ['supabase/', 'supabase'],
  ['aws-actions/', 'aws'],
];

export const actions: Reader = {
  name: 'GitHub Actions',
  reads: (path) =>
    /(?:^|\/)\.github\/workflows\/[^/]+\.ya?ml$|(?:^|\/)\.github\/actions\/.+\.ya?ml$|(?:^|\/)action\.ya?ml$/.test(
      path,
    ),
  read(text, context) {
    const found: Mention[] = [];
    for (const { line, path, key, value, inBlock } of yamlLines(text)) {
      if (inBlock)
        found.push(
          ...(path.at(-1) === 'run' ? commandLine(line, value, context) : anyLine(line, value, 'setting', context)),
        );
      else if (key === 'runs-on') found.push({ kind: 'service', line, by: 'workflow', service: 'github/actions' });
      else if (key === 'uses') found.push(...action(line, value, context));
      else if (key === 'run') found.push(...commandLine(line, value, context));
      else if (key === 'image' || (key === 'container' && value !== '')) {
        const image = imageMention(line, value);
        if (image) found.push(image);
      } else if (key === 'url' && path.includes('environment'))
        found.push(...setting(line, 'site_url', value, 'own', context));
      else if (key !== null) found.push(...setting(line, key, value, 'setting', context));
      else found.push(...anyLine(line, value, 'setting', context));
    }
    return found;
  },
};

function action(line: number, uses: string, context: ReadContext): Mention[] {
  if (uses.startsWith('.')) return [];
  if (uses.startsWith('docker://')) {
    const image = imageMention(line, uses.slice('docker://'.length));
    return image ? [image] : [];
  }
  const found: Mention[] = [{ kind: 'service', line, by: 'action', service: 'github' }];
  const name = uses.toLowerCase();
  const service = ACTIONS.find(([start]) => name.startsWith(start))?.[1];
  if (service === 'aws') found.push({ kind: 'cloud', line, by: 'action', provider: 'aws' });
  else if (service !== undefined) found.push({ kind: 'service', line, by: 'action', service });
  for (const host of anyLine(line, uses, 'action', context))
    if (host.kind === 'host' && host.confidence === MEANT) found.push(host);
  return found;
}
