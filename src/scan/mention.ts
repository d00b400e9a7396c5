// What one file says that a project stands on: the words that readers leave and `resolve.ts` turns into catalogue ids.
// A mention carries names only: a host, a service, a region. Values, paths, user names and passwords never enter one.
import type { ServiceId } from '../model/service.ts';

interface At {
  /** 1-based. */
  readonly line: number;
  /** What kind of line it is, for people: `package`, `import`, `resource`, `image`, `url` … */
  readonly by: string;
}

export interface HostMention extends At {
  readonly kind: 'host';
  /** Lower case; a part that only a program knows is `*.`: `*.s3.eu-west-1.amazonaws.com`. */
  readonly host: string;
  /** 0..1: a link to documentation is a mention too, and hardly a dependency. */
  readonly confidence: number;
}

export interface ServiceMention extends At {
  readonly kind: 'service';
  readonly service: ServiceId;
}

/** A cloud's component; its region may stand in another file. */
export interface CloudMention extends At {
  readonly kind: 'cloud';
  /** Catalogue id of the provider. */
  readonly provider: ServiceId;
  /** Last segment of the component's catalogue id: `s3`, `cloud-sql`. */
  readonly component?: string;
  /** A region as written, or a reference to a value: `var.region`. Absent: whatever the project's default is. */
  readonly region?: string;
  /** Named provider block that it belongs to (Terraform). */
  readonly alias?: string;
}

/** "Unless said otherwise, things of this provider lie in this region." */
export interface RegionSetting extends At {
  readonly kind: 'region';
  readonly provider: ServiceId;
  readonly region: string;
  readonly alias?: string;
  /** True where the line is worth telling by itself: a provider block. */
  readonly told: boolean;
}

/** A name that other files of the folder may refer to: `var.region` is `us-east-1`. */
export interface NamedValue extends At {
  readonly kind: 'value';
  readonly name: string;
  readonly value: string;
}

/** A host that the project itself answers at: not something that it stands on. */
export interface OwnHost extends At {
  readonly kind: 'own';
  readonly host: string;
}

export type Mention = HostMention | ServiceMention | CloudMention | RegionSetting | NamedValue | OwnHost;

/** Confidence of what is written where it takes effect, and of a link that people are meant to follow. */
export const MEANT = 0.95;
export const LINK = 0.2;

export interface ReadContext {
  /** Relative to the folder scanned, with `/`. */
  readonly path: string;
  /** Whether a host belongs to somebody that the catalogue or the table of cloud hosts knows. */
  readonly knows: (host: string) => boolean;
}

/** One format. `read` never throws, takes time linear in the text, and needs nothing but the text. */
export interface Reader {
  readonly name: string;
  /** `path` is relative to the folder scanned, with `/`. */
  readonly reads: (path: string) => boolean;
  readonly read: (text: string, context: ReadContext) => Mention[];
}
