// Compose files → images and the settings of their services.
import type { Mention, Reader } from '../mention.ts';
import { yamlLines } from '../yaml-lines.ts';
import { anyLine, imageMention, setting } from './any-line.ts';
import { commandLine, typed } from './shell.ts';

export const compose: Reader = {
  name: 'compose',
  reads: (path) => /(?:^|\/)(?:docker-)?compose(?:[.-][\w.-]+)?\.ya?ml$/.test(path),
  read(text, context) {
    const found: Mention[] = [];
    const built = new Set<string>();
    const images: { readonly of: string; readonly mention: Mention }[] = [];
    for (const { line, path, key, value } of yamlLines(text)) {
      const of = path.slice(0, 2).join('\n');
      if (key === 'build') built.add(of);
      if (key === 'image') {
        const mention = imageMention(line, value);
        if (mention) images.push({ of, mention });
      } else if (key === 'command' || key === 'entrypoint') found.push(...commandLine(line, typed(value), context));
      else if (key !== null) found.push(...setting(line, key, value, 'setting', context));
      else {
        // `- NAME=value` of an environment.
        const entry = /^([A-Za-z_][\w.]{0,80})=(.*)$/.exec(value);
        if (entry) found.push(...setting(line, entry[1]!, entry[2]!, 'setting', context));
        else found.push(...anyLine(line, value, 'setting', context));
      }
    }
    // An image that is built here and names no registry is pulled from nowhere.
    for (const { of, mention } of images) if (!built.has(of) || mention.kind === 'host') found.push(mention);
    return found.sort((a, b) => a.line - b.line);
  },
};
