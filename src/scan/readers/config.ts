// JSON and XML settings, and lock files → hosts of their values. Lock files name the same registry thousands of times: once will do.

import { codeLines } from '../code.ts';
import { hostsIn } from '../hosts.ts';
import { linesOf } from '../lines.ts';
import { MEANT, type Mention, type Reader } from '../mention.ts';
import { anyLine, setting } from './any-line.ts';

export const lockFile: Reader = {
  name: 'lock file',
  reads: (path) => /(?:^|\/)(?:package-lock\.json|npm-shrinkwrap\.json|yarn\.lock|uv\.lock)$/.test(path),
  read(text) {
    const found = new Map<string, Mention>();
    for (const { line, text: written } of linesOf(text)) {
      if (!/^\s*"?(?:resolved|source|sdist)\b|\burl = /.test(written)) continue;
      for (const { host } of hostsIn(written))
        if (!found.has(host)) found.set(host, { kind: 'host', line, by: 'registry', host, confidence: MEANT });
    }
    return [...found.values()];
  },
};

export const LOCK_FILES =
  /(?:^|\/)(?:pnpm-lock\.yaml|poetry\.lock|Cargo\.lock|composer\.lock|Gemfile\.lock|go\.sum|flake\.lock|deno\.lock|bun\.lock)$/;

export const json: Reader = {
  name: 'JSON',
  reads: (path) => /\.(?:json|json5|jsonc|webmanifest)$/.test(path),
  read(text, context) {
    const found: Mention[] = [];
    for (const { line, text: written } of codeLines(text, 'slash')) {
      for (const [, key, value] of written.matchAll(/"((?:[^"\\]|\\.){1,120})"\s*:\s*"((?:[^"\\]|\\.){0,4000})"/g))
        if (!FOR_PEOPLE.test(key!)) found.push(...setting(line, key!, value!, 'setting', context));
      // Items of a list.
      if (!/"\s*:/.test(written)) found.push(...anyLine(line, written, 'setting', context));
    }
    return found;
  },
};

const FOR_PEOPLE =
  /^(?:\$schema|\$id|\$ref|@context|description|homepage|license|documentation|bugs|title|summary|readme)$/i;

export const xml: Reader = {
  name: 'XML',
  reads: (path) => /\.(?:xml|config|props|targets|plist|xaml)$/.test(path),
  read(text, context) {
    const found: Mention[] = [];
    for (const { line, text: written } of codeLines(text, 'markup'))
      if (!/\bxmlns\b|schemaLocation|<!DOCTYPE/i.test(written))
        found.push(...anyLine(line, written, 'setting', context));
    return found;
  },
};
