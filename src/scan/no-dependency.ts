// Hosts that stand in files and are nothing to stand on: reserved and placeholder names, names of schemas and licences, and
// pages that people read. Lists of this work (2026-11-26), by what such names are for, not by what any one project holds.

/** RFC 2606, RFC 6761, RFC 6762, RFC 8375, and names that never leave a network. */
const RESERVED = [
  'example.com',
  'example.net',
  'example.org',
  'example.edu',
  'example',
  'test',
  'invalid',
  'localhost',
  'local',
  'internal',
  'home.arpa',
  'lan',
  'corp',
  'svc',
];

/** Names in place of one that the reader should fill in. */
const PLACEHOLDER =
  /^(?:your|my[-_.]?(?:domain|company|site|app|host)|change-?me|placeholder|todo|dummy|foo\.|bar\.|x{3,}|domain\.com|(?:yourdomain|mydomain|company|mysite|website|somewhere|acme)\.)/;

/** Identifiers that only look like addresses: name spaces, schemas, licences, standards. */
const IDENTIFIERS = [
  'w3.org',
  'w3id.org',
  'schema.org',
  'json-schema.org',
  'schemastore.org',
  'xmlns.com',
  'xmlsoap.org',
  'openxmlformats.org',
  'oasis-open.org',
  'opengis.net',
  'purl.org',
  'tempuri.org',
  'ogp.me',
  'hl7.org',
  'sitemaps.org',
  'docbook.org',
  'relaxng.org',
  'ns.adobe.com',
  'inkscape.org',
  'sodipodi.sourceforge.net',
  'java.sun.com',
  'xml.apache.org',
  'jcp.org',
  'hibernate.org',
  'springframework.org',
  'spdx.org',
  'opensource.org',
  'creativecommons.org',
  'gnu.org',
  'apache.org',
  'mozilla.org',
  'ietf.org',
  'rfc-editor.org',
  'iana.org',
  'iso.org',
  'unicode.org',
  'semver.org',
  'keepachangelog.com',
  'editorconfig.org',
  'choosealicense.com',
  'k8s.io',
  'kubernetes.io',
];
/** Parts of those owners that programs do fetch from. */
const FETCHED = [
  'registry.k8s.io',
  'repo.maven.apache.org',
  'downloads.apache.org',
  'archive.apache.org',
  'dl.k8s.io',
];
const NAME_SPACE = /^(?:schemas?|xmlns|ns|dtd|xsd)\./;

/** Sites whose pages people read. */
const READING = [
  'wikipedia.org',
  'stackoverflow.com',
  'stackexchange.com',
  'readthedocs.io',
  'readthedocs.org',
  'shields.io',
  'pkg.go.dev',
  'godoc.org',
  'docs.rs',
  'php.net',
  'mdn.io',
  'medium.com',
  'dev.to',
  'opencollective.com',
];
const READING_HOST =
  /^(?:docs?|documentation|wiki|help|support|manual|learn|guides?|blog|kb|community|forum)[.-]|^developers?\./;
const READING_PATH =
  /^\/(?:[a-z]{2}(?:-[a-z]{2})?\/)?(?:docs?|documentation|wiki|manual|help|guides?|reference|blog|faq|learn|tutorials?|articles?|questions|pricing|legal|privacy|terms)(?:[/?#.]|$)/i;
/** A repository is a page for people unless something of it is fetched. */
const FORGE = /^(?:www\.)?(?:github\.com|gitlab\.com|bitbucket\.org|codeberg\.org|sr\.ht)$/;
const FETCHED_PATH =
  /\.git(?:[/?#@]|$)|\/(?:archive|releases\/download|raw|tarball|zipball)(?:\/|$)|\.(?:tar\.gz|tgz|zip|whl|gem|yml|yaml)(?:[?#]|$)/;
/** Words that send a person somewhere. */
const SENDS =
  /(?:\b(?:see|docs?|documentation|read|info|information|details|learn more|refer to|reference|visit|help|guide|homepage)\b[^"'`<>]{0,40}|\(\+)$/i;

const under = (host: string, names: readonly string[]): boolean =>
  names.some((name) => host === name || host.endsWith(`.${name}`));

/** Never a dependency, wherever it stands. */
export function isNobody(host: string): boolean {
  if (under(host, FETCHED)) return false;
  return under(host, RESERVED) || under(host, IDENTIFIERS) || NAME_SPACE.test(host) || PLACEHOLDER.test(host);
}

/** For people to read: by the host, the path, or the words right before the address. */
export function isReading(host: string, path: string, before: string): boolean {
  if (under(host, READING) || READING_HOST.test(host) || READING_PATH.test(path)) return true;
  if (FORGE.test(host)) return !FETCHED_PATH.test(path);
  return SENDS.test(before);
}
