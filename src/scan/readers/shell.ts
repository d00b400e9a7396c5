// Commands → the services that their tools talk to, and the hosts in their arguments. For scripts, and for the command lines of
// workflows, crontabs, units and image builds. Enters: lines; leaves: mentions.
import { AWS_REGION, componentOf } from '../clouds.ts';
import { linesOf, withoutHash } from '../lines.ts';
import { LINK, type Mention, type ReadContext, type Reader } from '../mention.ts';
import { anyLine, imageMention, setting } from './any-line.ts';

/** Command and the arguments that make it reach out → service. */
const TOOLS: readonly (readonly [command: RegExp, service: string])[] = (
  [
    [
      '(?:npm|pnpm) (?:ci|i|install|add|publish|update)|yarn(?: (?:install|add|publish))?|npx|pnpm dlx|corepack|bun (?:install|add)',
      'npm',
    ],
    [
      '(?:pip3?|python3? -m pip) (?:install|download|wheel)|uv (?:sync|add|lock|pip install|publish|tool install)|poetry (?:install|add|publish|lock)|pipx (?:install|run)|twine upload',
      'pypi',
    ],
    ['gem (?:install|push)|bundle(?: install| update)?', 'rubygems'],
    ['cargo (?:install|publish|add|fetch|update)', 'crates-io'],
    ['composer (?:install|update|require)', 'packagist'],
    ['brew (?:install|upgrade|tap)', 'homebrew'],
    ['(?:conda|mamba) (?:install|create|env)', 'conda-forge'],
    ['heroku', 'heroku'],
    ['(?:fly|flyctl) (?:deploy|apps|secrets|scale|launch|ssh|auth)', 'fly-io'],
    ['vercel', 'vercel'],
    ['netlify', 'netlify'],
    ['railway (?:up|run|deploy)', 'railway'],
    ['wrangler', 'cloudflare/workers'],
    ['firebase (?:deploy|hosting|functions|emulators)', 'gcp/firebase'],
    ['doctl', 'digitalocean'],
    ['hcloud', 'hetzner'],
    ['supabase', 'supabase'],
    ['sentry-cli', 'sentry'],
    ['gh (?:api|pr|release|issue|run|workflow|auth|repo)', 'github'],
    ['glab', 'gitlab'],
    ['(?:terraform|tofu) (?:init|login)', 'hashicorp-cloud'],
    ['snyk (?:test|monitor|auth)', 'snyk'],
    ['codecov', 'codecov'],
    ['newrelic', 'new-relic'],
    ['datadog-ci', 'datadog'],
    ['eas (?:build|submit|update)', 'expo'],
    ['snowsql', 'snowflake'],
    ['databricks', 'databricks'],
  ] as const
).map(([command, service]) => [command_(command), service] as const);

/** At the start of a command: of the line, after a separator, or after what runs another. */
function command_(source: string): RegExp {
  return new RegExp(
    `(?:^|[;&|(\`]\\s{0,4}|\\b(?:sudo|exec|time|then|do|root|run)\\s{1,4})(?:${source})(?=\\s|$|["';)])`,
  );
}
const AWS = command_('aws\\s{1,4}(?:--[a-z-]{1,30}[= ]\\S{1,80}\\s{1,4}){0,4}([a-z][a-z0-9-]{1,40})');
const GCLOUD = command_('(?:gcloud\\s{1,4}(?:(?:beta|alpha)\\s{1,4})?([a-z-]{2,30})|(gsutil)|(bq))');
const AZ = command_('az\\s{1,4}([a-z-]{2,30})');
const DOCKER = command_(
  '(?:docker|podman|buildah|skopeo|crane)\\s{1,4}(?:image\\s{1,4})?(?:pull|push|run)((?:\\s{1,4}\\S{1,300}){1,12})',
);
const REGION_OPTION = /--(?:region|location)[= ]{1,3}["']?([a-z0-9-]{4,30})/;

/** What one command line says; comments are cut, and what is only printed is for people. */
export function commandLine(line: number, written: string, context: ReadContext): Mention[] {
  const text = withoutHash(written).trim();
  if (text === '') return [];
  const printed = /^(?:-\s+)?["']?(?:echo|printf|log|say)\b/.test(text) && !/[|>]/.test(text);
  const found = anyLine(line, text, 'command', context).map((mention) =>
    printed && mention.kind === 'host' ? { ...mention, confidence: LINK } : mention,
  );
  if (printed) return found;
  for (const [pattern, service] of TOOLS)
    if (pattern.test(text)) found.push({ kind: 'service', line, by: 'command', service });
  const region = REGION_OPTION.exec(text)?.[1];
  const at = region === undefined ? {} : { region };
  const aws = AWS.exec(text)?.[1];
  if (aws !== undefined && aws !== 'configure') {
    drop(found, 'aws');
    found.push(
      cloud(
        line,
        'aws',
        componentOf('aws', aws === 's3api' ? 's3' : aws),
        region && AWS_REGION.test(region) ? region : undefined,
      ),
    );
  }
  const google = GCLOUD.exec(text);
  if (google && google[1] !== 'auth' && google[1] !== 'config') {
    drop(found, 'gcp');
    const name = google[2] ? 'storage' : google[3] ? 'bigquery' : google[1]!;
    found.push({ ...cloud(line, 'gcp', componentOf('gcp', name)), ...at });
  }
  const azure = AZ.exec(text)?.[1];
  if (azure !== undefined && azure !== 'login')
    found.push({ ...cloud(line, 'azure', componentOf('azure', azure)), ...at });
  const image = DOCKER.exec(text)?.[1]
    ?.trim()
    .split(/\s+/)
    .find((word, i, all) => !word.startsWith('-') && !VALUED.test(all[i - 1] ?? ''));
  const pulled = image === undefined ? null : imageMention(line, image.replace(/["']/g, ''));
  if (pulled) found.push(pulled);
  return found;
}

/** Options of `docker run` whose value is the next word. */
const VALUED =
  /^(?:-[epvwul]|--(?:name|env|volume|publish|network|workdir|user|entrypoint|mount|platform|env-file))$/;

/** The bucket in `aws s3 cp s3://…` is the command's own. */
function drop(found: Mention[], provider: string): void {
  for (let i = found.length - 1; i >= 0; i--) {
    const mention = found[i]!;
    if (mention.kind === 'cloud' && mention.provider === provider && mention.by === 'bucket') found.splice(i, 1);
  }
}

function cloud(line: number, provider: string, component?: string, region?: string): Mention {
  return {
    kind: 'cloud',
    line,
    by: 'command',
    provider,
    ...(component === undefined ? {} : { component }),
    ...(region === undefined ? {} : { region }),
  };
}

/** `["az", "storage", "blob"]` as it would be typed. */
export function typed(list: string): string {
  return list.trim().startsWith('[')
    ? list
        .replace(/^\s*\[|\]\s*$/g, '')
        .replace(/["'],?\s{0,4}|,\s{1,4}/g, ' ')
        .trim()
        .replace(/ {2,}/g, ' ')
    : list;
}

export const shell: Reader = {
  name: 'shell',
  reads: (path) =>
    /(?:\.(?:sh|bash|zsh|ksh|fish|bats|ps1)|(?:^|\/)(?:Makefile|GNUmakefile|justfile|Justfile|Procfile|Brewfile)|\.mk)$/.test(
      path,
    ),
  read(text, context) {
    const found: Mention[] = [];
    for (const { line, text: written } of linesOf(text)) {
      const assigned =
        /^\s*(?:export\s{1,4}|readonly\s{1,4}|local\s{1,4})?([A-Za-z_]\w{0,80})\s?[:?]?=\s?(\S.*)$/.exec(written);
      if (assigned) found.push(...setting(line, assigned[1]!, withoutHash(assigned[2]!), 'setting', context));
      else found.push(...commandLine(line, written.replace(/^[\t @-]+/, ''), context));
    }
    return found;
  },
};
