// Kubernetes manifests, Helm charts and any other YAML → images, environment, outside names. Several documents a file, and
// templates that are no YAML yet, are read alike.
import type { Mention, Reader } from '../mention.ts';
import { yamlLines } from '../yaml-lines.ts';
import { anyLine, imageMention, ownHosts, setting } from './any-line.ts';
import { commandLine, typed } from './shell.ts';

export const kubernetes: Reader = {
  name: 'YAML',
  reads: (path) => /\.ya?ml(?:\.(?:tpl|tmpl|j2|gotmpl))?$/.test(path),
  read(text, context) {
    const found: Mention[] = [];
    /** The name beside which a `value:` may stand, by the indent of both. */
    let named: { readonly indent: number; readonly name: string } | null = null;
    for (const { line, path, key, value, indent, inBlock } of yamlLines(text)) {
      const parent = path.at(-2);
      if (inBlock || key === null) {
        const entry = /^([A-Za-z_][\w.]{0,80})=(.*)$/.exec(value);
        if (path.includes('tls') && path.at(-1) === 'hosts') found.push(...ownHosts(line, value, 'ingress'));
        else if (entry) found.push(...setting(line, entry[1]!, entry[2]!, 'setting', context));
        else found.push(...anyLine(line, value, 'setting', context));
        continue;
      }
      if (key === 'name') named = { indent, name: value };
      if (key === 'image' || (key === 'repository' && parent === 'image')) {
        const image = imageMention(line, value);
        if (image) found.push(image);
      } else if (key === 'value' && named?.indent === indent)
        found.push(...setting(line, named.name, value, 'environment', context));
      else if (key === 'command' || key === 'args') found.push(...commandLine(line, typed(value), context));
      else if (isIngress(key, path)) found.push(...ownHosts(line, value, 'ingress'));
      else if (!META.has(key) && !path.some((above) => META.has(above)))
        found.push(...setting(line, key, value, 'setting', context));
    }
    return found;
  },
};

/** Names in here are keys of labels, not hosts. */
const META = new Set([
  'apiVersion',
  'apiGroups',
  'labels',
  'annotations',
  'matchLabels',
  'home',
  'sources',
  'icon',
  'maintainers',
]);

function isIngress(key: string, path: readonly string[]): boolean {
  return (
    (key === 'host' || key === 'hosts' || key === 'hostname' || key === 'hostnames') &&
    path.slice(0, -1).some((above) => INGRESS.test(above))
  );
}
const INGRESS = /^(?:rules|tls|ingress|ingresses|virtualHosts|route|routes)$/i;
