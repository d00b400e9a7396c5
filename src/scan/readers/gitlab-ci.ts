// GitLab CI files → runners' images, includes, commands and variables.
import type { Mention, Reader } from '../mention.ts';
import { yamlLines } from '../yaml-lines.ts';
import { anyLine, imageMention, setting } from './any-line.ts';
import { commandLine, typed } from './shell.ts';

const SCRIPTS = new Set(['script', 'before_script', 'after_script']);

export const gitlabCi: Reader = {
  name: 'GitLab CI',
  reads: (path) => /(?:^|\/)[^/]*\.gitlab-ci\.ya?ml$/.test(path),
  read(text, context) {
    const found: Mention[] = [];
    let began = false;
    for (const { line, path, key, value, inBlock } of yamlLines(text)) {
      // The file itself: GitLab runs it.
      if (!began) found.push({ kind: 'service', line, by: 'pipeline', service: 'gitlab' });
      began = true;
      const scripted = path.some((above) => SCRIPTS.has(above));
      if (scripted && (key === null || inBlock)) found.push(...commandLine(line, value, context));
      else if (scripted)
        found.push(
          ...commandLine(line, key !== null && SCRIPTS.has(key) ? typed(value) : `${key}: ${value}`, context),
        );
      else if (key === 'image' || (key === 'name' && path.at(-2) === 'image')) {
        const image = imageMention(line, value);
        if (image) found.push(image);
      } else if (path[0] === 'include' && (key === 'template' || key === 'project' || key === 'component'))
        found.push({ kind: 'service', line, by: 'include', service: 'gitlab' });
      else if (path[0] === 'include') found.push(...fetched(anyLine(line, value, 'include', context)));
      else if (key === 'url' && path.includes('environment'))
        found.push(...setting(line, 'site_url', value, 'own', context));
      else if (key !== null) found.push(...setting(line, key, value, 'setting', context));
      else found.push(...anyLine(line, value, 'setting', context));
    }
    return found;
  },
};

/** An included address is fetched, whatever its path looks like. */
function fetched(mentions: readonly Mention[]): Mention[] {
  return mentions.map((mention) => (mention.kind === 'host' ? { ...mention, confidence: 0.95 } : mention));
}
