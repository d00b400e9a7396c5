// Mentions of all files → what was found, with file and line. Enters: each file's mentions as they are read; leaves: findings, in
// order of file and line, each target once a line. Regions and references that stand in another file are filled in at the end:
// the same file first, then its folder, then folders above, then the one region that the whole project knows.
import type { ServiceId } from '../model/service.ts';
import type { CloudMention, Mention, RegionSetting } from './mention.ts';
import type { Owners } from './owners.ts';

export interface Finding {
  /** Exactly one of the two. */
  readonly host?: string;
  readonly service?: ServiceId;
  readonly file: string;
  readonly line: number;
  readonly by: string;
  /** 0..1. */
  readonly confidence: number;
}

/** Told by default from here up. */
export const TOLD_FROM = 0.5;
/** Findings kept: more than anybody reads, and a bound on memory. */
export const MOST = 100_000;
/** What tests name is not what the program runs on. */
const IN_TESTS = 0.4;
const TESTS =
  /(?:^|\/)(?:tests?|__tests__|spec|specs|fixtures|testdata|__mocks__|mocks|e2e|cypress)\/|\.(?:test|spec|stories)\.[a-z]+$|_(?:test|spec)\.[a-z]+$|(?:^|\/)test_[^/]+\.py$/;
/** A file that names more hosts than this is a list of them, not a setting: data, a block list, a map of the world. */
const LIST_FROM = 60;
const LISTED = 0.4;
const WRITTEN = 0.95;
const SAME_FILE = 0.9;
const SAME_FOLDER = 0.8;
const ABOVE = 0.7;

export class Findings {
  readonly #owners: Owners;
  readonly #hosts: {
    readonly file: string;
    readonly line: number;
    readonly by: string;
    readonly host: string;
    readonly confidence: number;
  }[] = [];
  readonly #services: {
    readonly file: string;
    readonly line: number;
    readonly by: string;
    readonly service: ServiceId;
  }[] = [];
  readonly #clouds: { readonly file: string; readonly mention: CloudMention | (RegionSetting & { told: true }) }[] =
    [];
  readonly #settings: { readonly file: string; readonly setting: RegionSetting }[] = [];
  readonly #values = new Map<string, string>();
  readonly #own = new Set<string>();
  #count = 0;

  constructor(owners: Owners) {
    this.#owners = owners;
  }

  /** True when there was more than is kept. */
  get full(): boolean {
    return this.#count >= MOST;
  }

  add(file: string, mentions: readonly Mention[]): void {
    const seen = new Set<string>();
    const hosts = new Set(mentions.flatMap((mention) => (mention.kind === 'host' ? [mention.host] : [])));
    const most = hosts.size > LIST_FROM ? LISTED : 1;
    for (const mention of mentions) {
      const { line, by } = mention;
      if (mention.kind === 'own') this.#own.add(mention.host);
      else if (mention.kind === 'value') {
        if (this.#values.size < MOST)
          this.#values.set(`${folderOf(file)}\n${mention.name}`, mention.value.slice(0, 200));
      } else {
        if (mention.kind === 'region') {
          if (this.#settings.length < MOST) this.#settings.push({ file, setting: mention });
          if (!mention.told) continue;
        }
        const key = `${line} ${mention.kind === 'host' ? mention.host : mention.kind === 'service' ? mention.service : JSON.stringify(mention)}`;
        if (seen.has(key) || this.full) continue;
        seen.add(key);
        this.#count++;
        if (mention.kind === 'host')
          this.#hosts.push({ file, line, by, host: mention.host, confidence: Math.min(mention.confidence, most) });
        else if (mention.kind === 'service') this.#services.push({ file, line, by, service: mention.service });
        else this.#clouds.push({ file, mention: mention as CloudMention });
      }
    }
  }

  /** Everything, ordered; the project's own hosts and their subdomains are left out. */
  all(): Finding[] {
    const found: Finding[] = [];
    for (const { host, ...rest } of this.#hosts) if (!this.#isOwn(host)) found.push({ host, ...rest });
    for (const { service, ...rest } of this.#services) found.push({ service, ...rest, confidence: WRITTEN });
    for (const { file, mention } of this.#clouds) found.push(...this.#cloud(file, mention));
    const told = found.map((one) =>
      TESTS.test(one.file) ? { ...one, confidence: Math.min(one.confidence, IN_TESTS) } : one,
    );
    const once = new Map<string, Finding>();
    for (const one of told.sort(inOrder)) {
      const key = `${one.file}\n${one.line}\n${one.host ?? ''}\n${one.service ?? ''}`;
      const known = once.get(key);
      if (known === undefined || known.confidence < one.confidence) once.set(key, one);
    }
    return [...once.values()];
  }

  #isOwn(host: string): boolean {
    for (let name = host; name.includes('.'); name = name.slice(name.indexOf('.') + 1))
      if (this.#own.has(name)) return true;
    return false;
  }

  #cloud(file: string, mention: CloudMention | RegionSetting): Finding[] {
    const { line, by, provider } = mention;
    const component = mention.kind === 'cloud' ? mention.component : undefined;
    const { region, confidence } = this.#region(file, mention);
    const part = {
      provider,
      ...(component === undefined ? {} : { component }),
      ...(region === undefined ? {} : { region }),
    };
    return this.#owners.part(part).map((service) => ({ service, file, line, by, confidence }));
  }

  #region(
    file: string,
    mention: CloudMention | RegionSetting,
  ): { readonly region?: string; readonly confidence: number } {
    if (mention.region !== undefined) {
      const region = this.#valueOf(file, mention.region);
      return region === undefined ? { confidence: WRITTEN } : { region, confidence: WRITTEN };
    }
    // Only AWS's parts lie in a region each; elsewhere a default says where, not what.
    if (mention.provider !== 'aws') return { confidence: WRITTEN };
    const alias = mention.kind === 'cloud' ? mention.alias : undefined;
    const fits = this.#settings.filter(
      ({ setting }) => setting.provider === mention.provider && setting.alias === alias,
    );
    const folder = folderOf(file);
    const nearest: readonly (readonly [confidence: number, within: (other: string) => boolean])[] = [
      [SAME_FILE, (other) => other === file],
      [SAME_FOLDER, (other) => folderOf(other) === folder],
      [ABOVE, (other) => folder.startsWith(folderOf(other))],
      [ABOVE, () => true],
    ];
    for (const [confidence, within] of nearest) {
      const regions = new Set(
        fits.filter((one) => within(one.file)).map((one) => this.#valueOf(one.file, one.setting.region)),
      );
      const [only] = regions;
      if (regions.size === 1 && only !== undefined) return { region: only, confidence };
      if (regions.size > 1) break;
    }
    return { confidence: WRITTEN };
  }

  /** A region, or the value that a reference has in the file's folder. */
  #valueOf(file: string, region: string): string | undefined {
    let value = region;
    for (let i = 0; i < 3 && /^(?:var|local)\./.test(value); i++) {
      const next = this.#values.get(`${folderOf(file)}\n${value}`);
      if (next === undefined) return undefined;
      value = next;
    }
    return /^[a-z0-9-]+$/.test(value) ? value : undefined;
  }
}

function folderOf(file: string): string {
  return file.slice(0, file.lastIndexOf('/') + 1);
}

function inOrder(a: Finding, b: Finding): number {
  if (a.file !== b.file) return a.file < b.file ? -1 : 1;
  if (a.line !== b.line) return a.line - b.line;
  const [one, other] = [a.host ?? a.service ?? '', b.host ?? b.service ?? ''];
  return one < other ? -1 : one > other ? 1 : 0;
}
