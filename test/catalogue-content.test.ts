// What the shipped catalogue must hold: the names and numbers that were promised, a source for every edge, and every
// service that a studied incident names.
import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { asOf, withoutIncident } from '../src/catalogue/catalogue.ts';
import { shippedDir, validateCatalogue, whereOf } from '../src/catalogue/load.ts';
import { catalogueBrands } from '../src/guard/catalogue-brands.ts';
import { buildGuard, check } from '../src/guard/guard.ts';
import { anySuffix } from '../src/guard/suffixes.ts';
import { HOSTING } from '../src/guard/words.ts';

const validation = validateCatalogue();
const { catalogue } = validation;
const counts = catalogue.counts();

const incidentDir = fileURLToPath(new URL('../../shared/incidents/', import.meta.url));
const incidents = existsSync(incidentDir) ? readdirSync(incidentDir).filter((name) => name.endsWith('.json')) : [];
const skip = incidents.length === 0 ? 'the incident files are not beside the repository' : false;

/** The part of an incident file that this test reads. */
interface IncidentFile {
  readonly start_utc: string | null;
  readonly start_range_utc?: readonly string[];
  readonly affected: readonly { readonly service: string }[];
}
const readIncident = (name: string) => JSON.parse(readFileSync(join(incidentDir, name), 'utf8')) as IncidentFile;

describe('the shipped catalogue', () => {
  it('has no findings', () => {
    assert.deepEqual(
      validation.findings.map((finding) => `${whereOf(finding)}: ${finding.message}: ${finding.mend}`),
      [],
    );
  });

  it('holds at least 300 services that people and businesses use and 250 components', () => {
    assert.ok(counts.apps + (counts.byKind.saas ?? 0) >= 300, `${counts.apps} apps`);
    assert.ok(counts.components - (counts.byKind.saas ?? 0) >= 250, `${counts.components} components`);
  });

  const promised = `Amazon, Alexa, Ring, Snapchat, Reddit, Bank of Scotland, Lloyds Bank, Halifax, Coinbase, Duolingo, Fortnite, HMRC,
    Roblox, MyFitnessPal, Wordle, United Airlines, Delta, LaGuardia check-in, Vodafone, Sky, NHS GP systems, EMIS, Slack, Zoom,
    Signal, Canva, Airtable, Perplexity, Venmo, Robinhood, McDonald's, Starbucks, Disney+, Hulu, PlayStation, Xbox, Steam, Epic,
    GitHub, GitLab, Docker Hub, npm, Stripe, PayPal, AWS, Azure, Google Cloud, Cloudflare, Fastly, Akamai, Oracle, OVHcloud,
    Hetzner, CrowdStrike Falcon, Let's Encrypt, Okta, Twilio, SendGrid, Route 53, Visa`;
  for (const name of promised.split(',').map((part) => part.trim())) {
    it(`knows ${name}`, () => assert.ok(catalogue.find(name).length > 0, `${name} is not found`));
  }

  it('knows every public region of AWS', () => {
    const codes = `af-south-1 ap-east-1 ap-east-2 ap-northeast-1 ap-northeast-2 ap-northeast-3 ap-south-1 ap-south-2 ap-southeast-1
      ap-southeast-2 ap-southeast-3 ap-southeast-4 ap-southeast-5 ap-southeast-6 ap-southeast-7 ca-central-1 ca-west-1 cn-north-1
      cn-northwest-1 eu-central-1 eu-central-2 eu-north-1 eu-south-1 eu-south-2 eu-west-1 eu-west-2 eu-west-3 il-central-1
      me-central-1 me-south-1 mx-central-1 sa-east-1 us-east-1 us-east-2 us-gov-east-1 us-gov-west-1 us-west-1 us-west-2`;
    const missing = codes.split(/\s+/).filter((code) => catalogue.get(`aws/${code}`)?.kind !== 'region');
    assert.deepEqual(missing, []);
  });

  it('knows carriers of at least 12 countries', () => {
    const carriers = [...catalogue.services.values()].filter((service) => service.kind === 'carrier');
    const countries = new Set(carriers.flatMap((carrier) => carrier.countries));
    assert.ok(
      carriers.length >= 60 && countries.size >= 12,
      `${carriers.length} carriers, ${countries.size} countries`,
    );
    assert.ok(!countries.has('*'));
  });

  it('gives every edge a source, and none that was not opened more than 0.6', () => {
    for (const service of catalogue.services.values()) {
      for (const edge of service.dependsOn) {
        assert.ok(edge.sources.length > 0, `${service.id} → ${edge.on}`);
        assert.ok(edge.verified || edge.confidence <= 0.6, `${service.id} → ${edge.on}`);
        assert.equal(
          edge.verified,
          edge.sources.some((source) => source.kind !== 'general-knowledge'),
        );
      }
    }
  });

  it('has well-formed facts of brands: words, suffixes and domains that fit together', () => {
    const owners = new Map<string, string>();
    const services = [...catalogue.services.values()];
    const branded = services.filter((service) => service.brand !== undefined);
    assert.ok(branded.length >= 80, `${branded.length} brands`);
    const listed = new Map(
      services
        .filter((s) => s.until === undefined)
        .flatMap((s) => s.domains.map(({ domain }) => [domain, s.id] as const)),
    );
    for (const { id, brand, until } of branded) {
      assert.equal(until, undefined, `${id} has ended`);
      for (const word of brand?.tokens ?? []) assert.match(word, /^[a-z0-9]{3,}$/, `${id}: ${word}`);
      for (const word of brand?.weakTokens ?? []) assert.match(word, /^[a-z0-9]{2,}$/, `${id}: ${word}`);
      for (const domain of brand?.owned ?? []) {
        assert.equal(owners.get(domain), undefined, `${domain} is owned by ${id} too`);
        assert.equal(listed.get(domain), undefined, `${domain} of ${id} is official elsewhere`);
        assert.ok(!brand?.userContent?.includes(domain), `${domain} of ${id} is anyone's`);
        owners.set(domain, id);
      }
    }
  });

  it('never calls what anyone can publish official, nor an owned domain more or less than unknown', () => {
    const brands = catalogueBrands(catalogue.services.values());
    const known = { brands: buildGuard(brands), incidents: [] };
    const verdict = (host: string) => check({ kind: 'url', url: `https://${host}/login` }, known).verdict;
    for (const { domains, userContent = [], ownedUnverified = [] } of brands) {
      for (const suffix of userContent) {
        assert.notEqual(verdict(`someone.${suffix}`), 'official', suffix);
        assert.notEqual(verdict(suffix), 'official', suffix);
      }
      for (const domain of ownedUnverified) {
        if (
          anySuffix(domain, HOSTING) ||
          brands.some((b) => b.userContent?.some((u) => domain === u || domain.endsWith(`.${u}`)))
        )
          continue;
        assert.equal(verdict(domain), 'unknown', domain);
      }
      for (const { domain, verified } of domains)
        if (verified && !userContent.includes(domain) && !anySuffix(domain, HOSTING))
          assert.equal(verdict(domain), 'official', domain);
    }
  });

  it('ships nothing but catalogue files', () => {
    const other = readdirSync(shippedDir()).filter(
      (name) => !/^(?:[a-z-]+\.yaml|schema\.json|\.compiled\.json.*)$/.test(name),
    );
    assert.deepEqual(other, []);
  });
});

describe('the studied incidents', () => {
  it('are the only ones that edges cite', { skip }, () => {
    const known = new Set(incidents.map((name) => name.replace(/\.json$/, '')));
    for (const service of catalogue.services.values()) {
      for (const source of service.dependsOn.flatMap((edge) => edge.sources)) {
        if (source.kind === 'incident')
          assert.ok(known.has(source.incident), `${service.id} cites ${source.incident}`);
      }
    }
  });

  for (const name of incidents) {
    it(`${name}: every affected service is found by its name, then as now`, () => {
      const incident = readIncident(name);
      const day = (incident.start_utc ?? incident.start_range_utc?.[0] ?? '').slice(0, 10);
      assert.match(day, /^\d{4}-\d{2}-\d{2}$/);
      const then = asOf(catalogue, day);
      const missing = incident.affected.filter(({ service }) => then.find(service).length === 0);
      assert.deepEqual(
        missing.map(({ service }) => service),
        [],
      );
    });

    it(`${name}: without it nothing cites it, and nothing unverified is sure`, () => {
      const id = name.replace(/\.json$/, '');
      const rest = withoutIncident(catalogue, id);
      let cited = 0;
      for (const service of catalogue.services.values()) {
        cited += service.dependsOn.filter((edge) =>
          edge.sources.some((s) => s.kind === 'incident' && s.incident === id),
        ).length;
      }
      assert.ok(cited > 0, 'the catalogue learned something from it');
      for (const service of rest.services.values()) {
        for (const edge of service.dependsOn) {
          assert.ok(!edge.sources.some((source) => source.kind === 'incident' && source.incident === id));
          assert.ok(edge.sources.length > 0 && (edge.verified || edge.confidence <= 0.6));
        }
      }
    });
  }
});
