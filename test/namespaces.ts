// A small internet of network namespaces for tests: hosts, each behind a router of its own line, that can be cut from one
// another. Real kernels' routing between real programs; needs root and iproute2. Names carry the process id, and all of it is
// removed by `close`.
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));

/** Why there can be no namespaces here; false when there can. */
export function noNamespaces(): string | false {
  if (process.platform !== 'linux') return 'network namespaces are Linux’s';
  if (process.getuid?.() !== 0) return 'network namespaces need root';
  const name = `ds${process.pid}try`;
  if (spawnSync('ip', ['netns', 'add', name]).status !== 0) return 'no right to make a network namespace here';
  spawnSync('ip', ['netns', 'del', name]);
  return false;
}

export interface Internet {
  /** Address of a host. */
  address(host: string): string;
  /** Runs Node in a host (or in `router`); standard error goes to `logs`. */
  node(host: string, args: readonly string[], env?: Readonly<Record<string, string>>): ChildProcess;
  /** No packet passes between the two (or from a host to a range) any more. Both learn it at once, as from a router. */
  cut(from: string, to: string): void;
  mend(from: string, to: string): void;
  readonly logs: string[];
  close(): void;
}

/** Hosts get 198.18.N.2 (the range for benchmarks, RFC 2544) and a default route; `names` stand in every host's /etc/hosts. */
export function createInternet(hosts: readonly string[], names: Readonly<Record<string, string>>): Internet {
  const prefix = `ds${process.pid}`;
  const space = (host: string) => `${prefix}-${host}`;
  const address = (host: string) => `198.18.${hosts.indexOf(host) + 1}.2`;
  const children = new Set<ChildProcess>();
  const logs: string[] = [];
  const ip = (...args: string[]): void => {
    const done = spawnSync('ip', args, { encoding: 'utf8' });
    if (done.status !== 0) throw new Error(`ip ${args.join(' ')}: ${done.stderr}`);
  };
  const inside = (host: string, ...args: string[]) => ip('netns', 'exec', space(host), ...args);

  const close = (): void => {
    for (const child of children) child.kill('SIGKILL');
    for (const host of [...hosts, 'router']) {
      spawnSync('ip', ['netns', 'del', space(host)]);
      rmSync(`/etc/netns/${space(host)}`, { recursive: true, force: true });
    }
  };
  try {
    ip('netns', 'add', space('router'));
    inside('router', 'ip', 'link', 'set', 'lo', 'up');
    inside('router', 'sh', '-c', 'echo 1 > /proc/sys/net/ipv4/ip_forward');
    hosts.forEach((host, i) => {
      ip('netns', 'add', space(host));
      const net = `198.18.${i + 1}`;
      ip(
        'link',
        'add',
        `${prefix}r${i}`,
        'netns',
        space('router'),
        'type',
        'veth',
        'peer',
        'name',
        'up0',
        'netns',
        space(host),
      );
      inside('router', 'ip', 'addr', 'add', `${net}.1/24`, 'dev', `${prefix}r${i}`);
      inside('router', 'ip', 'link', 'set', `${prefix}r${i}`, 'up');
      for (const dev of ['lo', 'up0']) inside(host, 'ip', 'link', 'set', dev, 'up');
      inside(host, 'ip', 'addr', 'add', `${net}.2/24`, 'dev', 'up0');
      inside(host, 'ip', 'route', 'add', 'default', 'via', `${net}.1`);
      mkdirSync(`/etc/netns/${space(host)}`, { recursive: true });
      const known = Object.entries(names).map(([name, of]) => `${address(of)} ${name}`);
      writeFileSync(`/etc/netns/${space(host)}/hosts`, ['127.0.0.1 localhost', ...known, ''].join('\n'));
      writeFileSync(`/etc/netns/${space(host)}/resolv.conf`, '');
    });
  } catch (error) {
    close();
    throw error;
  }

  const rule = (what: 'add' | 'del', from: string, to: string): void => {
    const range = hosts.includes(to) ? `${address(to)}/32` : to;
    inside('router', 'ip', 'rule', what, 'from', address(from), 'to', range, 'unreachable');
    if (hosts.includes(to))
      inside('router', 'ip', 'rule', what, 'from', address(to), 'to', address(from), 'unreachable');
  };
  return {
    address,
    logs,
    node(host, args, env = {}) {
      const child = spawn('ip', ['netns', 'exec', space(host), process.execPath, ...args], {
        cwd: root,
        env: { ...process.env, DOWNSTREAM_OFFLINE: '', ...env },
        stdio: ['pipe', 'pipe', 'pipe'],
      });
      children.add(child);
      child.once('exit', () => children.delete(child));
      child.stderr?.on('data', (data) => logs.push(`${host}: ${String(data).trim()}`));
      return child;
    },
    cut: (from, to) => rule('add', from, to),
    mend: (from, to) => rule('del', from, to),
    close,
  };
}
