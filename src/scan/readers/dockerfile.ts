// Dockerfiles → base images with their registries, downloads and build commands. Stages of the file itself are no images.
import { linesOf, unquoted } from '../lines.ts';
import type { Mention, Reader } from '../mention.ts';
import { anyLine, imageMention, setting } from './any-line.ts';
import { commandLine, typed } from './shell.ts';

export const dockerfile: Reader = {
  name: 'Dockerfile',
  reads: (path) => /(?:^|\/)(?:Dockerfile|Containerfile)(?:\.[\w.-]+)?$|\.[Dd]ockerfile$/.test(path),
  read(text, context) {
    const found: Mention[] = [];
    const stages = new Set<string>();
    let instruction = '';
    let continued = false;
    for (const { line, text: raw } of linesOf(text)) {
      if (/^\s*#/.test(raw)) continue;
      const start = continued ? null : /^\s*([A-Za-z]{2,12})\s+(.*)$/.exec(raw);
      if (start) instruction = start[1]!.toUpperCase();
      const rest = start ? start[2]! : raw;
      continued = /\\\s*$/.test(raw);
      const body = rest.replace(/\\\s*$/, '');
      if (instruction === 'FROM') {
        const words = body
          .trim()
          .split(/\s+/)
          .filter((word) => !word.startsWith('--'));
        const image = words[0] ?? '';
        const mention = stages.has(image.toLowerCase()) ? null : imageMention(line, image);
        if (mention) found.push(mention);
        if (words[1]?.toUpperCase() === 'AS' && words[2] !== undefined) stages.add(words[2].toLowerCase());
      } else if (instruction === 'COPY' && start) {
        const from = /--from=(\S+)/.exec(body)?.[1];
        const mention =
          from === undefined || stages.has(from.toLowerCase()) || /^\d+$/.test(from)
            ? null
            : imageMention(line, from);
        if (mention) found.push(mention);
      } else if (instruction === 'RUN' || instruction === 'CMD' || instruction === 'ENTRYPOINT')
        found.push(...commandLine(line, typed(body), context));
      else if (instruction === 'ENV' || instruction === 'ARG') {
        const pair = /^\s*([A-Za-z_]\w{0,80})[=\s](.*)$/.exec(body);
        if (!pair) continue;
        const image =
          instruction === 'ARG' && /image|base/i.test(pair[1]!) ? imageMention(line, unquoted(pair[2]!)) : null;
        if (image) found.push(image);
        else found.push(...setting(line, pair[1]!, unquoted(pair[2]!), 'setting', context));
      } else if (instruction !== 'LABEL' && instruction !== 'MAINTAINER')
        found.push(...anyLine(line, body, 'download', context));
    }
    return found;
  },
};
