// Package manifests → the registry they install from, and packages that stand for a service. One reader an ecosystem; a manifest is
// read by its lines, so that a half-edited one is read too. Addresses for people (homepage, repository, licence) are left alone.
import { codeLines } from '../code.ts';
import { linesOf, unquoted, withoutHash } from '../lines.ts';
import { MEANT, type Mention, type ReadContext, type Reader } from '../mention.ts';
import { type Ecosystem, packageStands } from '../sdks.ts';
import { anyLine } from './any-line.ts';

/** A package that stands for something, as a mention. */
function packageMention(line: number, ecosystem: Ecosystem, name: string): Mention[] {
  const stands = packageStands(ecosystem, name);
  if (stands === null) return [];
  return 'service' in stands
    ? [{ kind: 'service', line, by: 'package', service: stands.service }]
    : [{ kind: 'cloud', line, by: 'package', ...stands }];
}

/** The registry, told once a manifest: at its first list of packages. */
function once(found: readonly Mention[], mention: Mention): Mention[] {
  return found.some(({ by }) => by === 'registry') ? [] : [mention];
}
const registry = (line: number, service: string): Mention => ({ kind: 'service', line, by: 'registry', service });

/** An address that packages are fetched from counts, whatever its path looks like. */
function fetched(line: number, text: string, context: ReadContext): Mention[] {
  return anyLine(line, text, 'source', context).map((m) => (m.kind === 'host' ? { ...m, confidence: MEANT } : m));
}

const JSON_LISTS: Readonly<Record<string, readonly [ecosystem: Ecosystem, registry: string, lists: RegExp]>> = {
  'package.json': ['npm', 'npm', /^(?:dependencies|devDependencies|optionalDependencies)$/],
  'composer.json': ['composer', 'packagist', /^(?:require|require-dev)$/],
};

/** package.json and composer.json. */
export const jsonManifest: Reader = {
  name: 'package manifest',
  reads: (path) => /(?:^|\/)(?:package|composer)\.json$/.test(path),
  read(text, context) {
    const found: Mention[] = [];
    const stack: string[] = [];
    const kind = /"require(?:-dev)?"\s*:\s*\{/.test(text.slice(0, 100_000)) ? 'composer.json' : 'package.json';
    const [ecosystem, service, lists] = JSON_LISTS[kind]!;
    for (const { line, text: written } of linesOf(text)) {
      for (const token of written.matchAll(
        /"((?:[^"\\]|\\.){0,300})"\s*:\s*(?:"((?:[^"\\]|\\.){0,2000})"|([[{])?)|[[\]{}]/g,
      )) {
        const [whole, key, value, opening] = token;
        if (key === undefined) {
          if (whole === '{' || whole === '[') stack.push('');
          else stack.pop();
          continue;
        }
        const list = stack.at(-1) ?? '';
        if (opening !== undefined) {
          if (stack.length === 1 && lists.test(key)) found.push(...once(found, registry(line, service)));
          if (stack.length < 200) stack.push(key);
        } else if (stack.length === 2 && lists.test(list)) {
          found.push(...packageMention(line, ecosystem, key));
          if (value !== undefined && /:\/\//.test(value)) found.push(...fetched(line, value, context));
        } else if (stack.includes('repositories') && value !== undefined && key === 'url')
          found.push(...fetched(line, value, context));
      }
    }
    return found;
  },
};

/** requirements.txt, pyproject.toml, Pipfile, setup.cfg and setup.py. */
export const python: Reader = {
  name: 'Python requirements',
  reads: (path) =>
    /(?:^|\/)(?:[\w.-]*requirements[\w.-]*\.(?:txt|in)|requirements\/[\w.-]+\.(?:txt|in)|pyproject\.toml|Pipfile|setup\.(?:cfg|py))$/.test(
      path,
    ),
  read(text, context) {
    const found: Mention[] = [];
    const plain =
      !/^\s*\[[\w."[\]-]+\]\s*$/m.test(text.slice(0, 20_000)) && !/\bsetup\s*\(/.test(text.slice(0, 20_000));
    let section = '';
    let listing = false;
    for (const { line, text: raw } of linesOf(text)) {
      const written = withoutHash(raw);
      const header = /^\s*\[{1,2}([\w."-]{1,120})\]{1,2}\s*$/.exec(written);
      if (header) {
        section = header[1]!;
        listing = false;
        continue;
      }
      if (written.trim() === '' || /(?:^|\.)urls$/.test(section)) continue;
      const name = /^\s*["']?([A-Za-z0-9][\w.-]{0,80})(?:\[[\w, -]{0,80}\])?\s*(?:[=<>~!;@,"']|$)/.exec(written)?.[1];
      const opens = /^\s*([\w-]{1,60})\s*=\s*\[/.exec(written);
      const table = /dependencies|^packages$|^dev-packages$/.test(section) && !/optional/.test(section);
      if (opens)
        listing =
          /dependencies|install_requires|^requires$/.test(opens[1]!) ||
          /optional-dependencies|dependency-groups/.test(section);
      const isList = plain || (listing && !/build-system/.test(section)) || table;
      if (isList && opens) {
        if (!/optional|groups/.test(section)) found.push(...once(found, registry(line, 'pypi')));
        for (const [, quoted] of written.matchAll(/["']([A-Za-z0-9][\w.-]{0,80})/g))
          found.push(...packageMention(line, 'pypi', quoted!));
      } else if (isList && name !== undefined) {
        found.push(...once(found, registry(line, 'pypi')));
        found.push(...packageMention(line, 'pypi', name));
      }
      if (listing && /\]\s*,?\s*$/.test(written)) listing = false;
      if (/index|source|repositor/.test(section) || !KEYS_FOR_PEOPLE.test(written))
        found.push(...fetched(line, written, context));
    }
    return found;
  },
};

const KEYS_FOR_PEOPLE =
  /^\s*["']?(?:home-?page|repository|documentation|docs|url|download_url|project_urls|bug.?tracker|changelog|source|issues|authors?|license|readme)["']?\s*[=:](?!\s*["']?(?:git\+))/i;

export const goMod: Reader = {
  name: 'go.mod',
  reads: (path) => /(?:^|\/)go\.mod$/.test(path),
  read(text) {
    const found: Mention[] = [];
    let inside = false;
    for (const { line, text: written } of codeLines(text, 'slash')) {
      const start = /^\s*require\b\s*(\()?/.exec(written);
      if (start) {
        inside = start[1] !== undefined;
        found.push(
          ...once(found, { kind: 'host', line, by: 'registry', host: 'proxy.golang.org', confidence: MEANT }),
        );
      } else if (/^\s*\)/.test(written)) inside = false;
      const name = (start ? /^\s*require\s+([\w.~/-]+)/ : inside ? /^\s*([\w.~/-]+)/ : /^$/).exec(written)?.[1];
      if (name !== undefined) found.push(...packageMention(line, 'go', name));
    }
    return found;
  },
};

export const cargo: Reader = {
  name: 'Cargo.toml',
  reads: (path) => /(?:^|\/)Cargo\.toml$/.test(path),
  read(text, context) {
    const found: Mention[] = [];
    let section = '';
    for (const { line, text: raw } of linesOf(text)) {
      const written = withoutHash(raw);
      const header = /^\s*\[{1,2}([\w.'"()=-]{1,120})\]{1,2}\s*$/.exec(written);
      if (header) {
        section = header[1]!;
        if (/dependencies$/.test(section)) found.push(...once(found, registry(line, 'crates-io')));
        const single = /dependencies\.([\w-]+)$/.exec(section)?.[1];
        if (single !== undefined) found.push(...packageMention(line, 'crates', single));
        continue;
      }
      const name = /^\s*([\w-]{1,80})(?:\.workspace)?\s*=/.exec(written)?.[1];
      if (name !== undefined && /dependencies$/.test(section)) found.push(...packageMention(line, 'crates', name));
      if (/dependencies|registries|^patch|^source/.test(section)) found.push(...fetched(line, written, context));
    }
    return found;
  },
};

export const gemfile: Reader = {
  name: 'Gemfile',
  reads: (path) => /(?:^|\/)(?:Gemfile|gems\.rb|[\w.-]+\.gemspec)$/.test(path),
  read(text, context) {
    const found: Mention[] = [];
    for (const { line, text: written } of codeLines(text, 'ruby')) {
      const name = /^\s*(?:gem|\w+\.add_(?:runtime_|development_)?dependency)[\s(]+["']([\w.-]{1,80})["']/.exec(
        written,
      )?.[1];
      if (name !== undefined) {
        found.push(...packageMention(line, 'gems', name));
        if (/\bgithub:/.test(written)) found.push({ kind: 'service', line, by: 'source', service: 'github' });
      }
      if (/^\s*(?:source|git_source|git)\b|\bgit:/.test(written)) found.push(...fetched(line, written, context));
    }
    return found;
  },
};

/** pom.xml, Gradle builds and .NET projects. */
export const jvmAndNet: Reader = {
  name: 'build file',
  reads: (path) =>
    /(?:^|\/)pom\.xml$|\.gradle(?:\.kts)?$|\.(?:csproj|fsproj|vbproj)$|(?:^|\/)(?:packages\.config|libs\.versions\.toml|nuget\.config|Directory\.Packages\.props)$/i.test(
      path,
    ),
  read(text, context) {
    const found: Mention[] = [];
    let group = '';
    let repositories = false;
    for (const { line, text: written } of codeLines(
      text,
      /<project\b|<packages\b|<configuration\b/i.test(text.slice(0, 4000)) ? 'markup' : 'slash',
    )) {
      if (
        /<(?:repositories|pluginRepositories|distributionManagement|packageSources)>|^\s*(?:repositories|maven)\b/.test(
          written,
        )
      )
        repositories = true;
      if (
        /<\/(?:repositories|pluginRepositories|distributionManagement|packageSources)>|^\s*(?:dependencies|plugins)\b/.test(
          written,
        )
      )
        repositories = false;
      if (/<dependencies>|\bmavenCentral\(\)/.test(written))
        found.push(...once(found, registry(line, 'maven-central')));
      group = /<groupId>\s*([\w.-]{1,120})\s*<\/groupId>/.exec(written)?.[1] ?? group;
      const artifact = /<artifactId>\s*([\w.-]{1,120})\s*<\/artifactId>/.exec(written)?.[1];
      if (artifact !== undefined) found.push(...packageMention(line, 'maven', `${group}:${artifact}`));
      if (/<dependency>/.test(written)) group = '';
      for (const [, name] of written.matchAll(/["'(]([\w.-]{3,100}:[\w.-]{2,100})(?::[\w.${}+-]{1,60})?["')]/g))
        found.push(...packageMention(line, 'maven', name!));
      for (const [, name] of written.matchAll(
        /<(?:PackageReference|PackageVersion|package)\s+(?:Include|id)="([\w.]{1,120})"/gi,
      ))
        found.push(...packageMention(line, 'nuget', name!));
      if (repositories) found.push(...fetched(line, unquoted(written), context));
    }
    return found;
  },
};
