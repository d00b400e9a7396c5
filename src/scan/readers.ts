// The table of formats: which reader reads which file. Enters: a path; leaves: the one reader for it, or null for a file that is
// nothing to read (documents for people, pictures, lists of checksums). The most particular comes first.
import type { Reader } from './mention.ts';
import { actions } from './readers/actions.ts';
import { compose } from './readers/compose.ts';
import { json, LOCK_FILES, lockFile, xml } from './readers/config.ts';
import { crontab, systemd } from './readers/crontab.ts';
import { dockerfile } from './readers/dockerfile.ts';
import { dotenv } from './readers/dotenv.ts';
import { gitlabCi } from './readers/gitlab-ci.ts';
import { kubernetes } from './readers/kubernetes.ts';
import { cargo, gemfile, goMod, jsonManifest, jvmAndNet, python } from './readers/manifests.ts';
import { nginx } from './readers/nginx.ts';
import { shell } from './readers/shell.ts';
import { source } from './readers/source.ts';
import { terraform } from './readers/terraform.ts';

export const READERS: readonly Reader[] = [
  lockFile,
  actions,
  gitlabCi,
  compose,
  jsonManifest,
  python,
  goMod,
  cargo,
  gemfile,
  jvmAndNet,
  crontab,
  nginx,
  systemd,
  dockerfile,
  terraform,
  shell,
  kubernetes,
  source,
  json,
  xml,
  dotenv,
];

export function readerOf(path: string): Reader | null {
  return LOCK_FILES.test(path) ? null : (READERS.find(({ reads }) => reads(path)) ?? null);
}
