// The outage page's view: the record as it stands, in the words of the pages.
import type { OutageView } from '../../../web/views.ts';
import type { Outage, Recovery } from '../../model/outage.ts';
import { AUDIENCES, adviceOf } from '../../respond/record/advice.ts';
import type { Ledger } from '../../respond/record/ledger.ts';
import { correctionText } from '../../respond/record/standing.ts';
import { countryNames, creditText, gapSentence, hours, money } from '../../respond/record/story.ts';
import { fullName, outageSentence, timeSpan } from '../../respond/words.ts';
import type { Now } from '../board.ts';
import { scamsOf } from './check-places.ts';
import type { ViewDeps } from './deps.ts';
import { shown } from './home-view.ts';
import { causeName, linkTo, outageHref, rankOf, serviceHref } from './names.ts';
import { rippleOf } from './ripple-view.ts';

const BY = { reports: 'people’s reports', probes: 'probes', notice: 'the provider’s word' } as const;

export function outageView(
  deps: ViewDeps,
  now: Now,
  outage: Outage,
  ledger: Ledger,
  zone: string,
): Omit<OutageView, 'shell'> {
  const { catalogue } = deps;
  const { title, lead } = outageSentence(outage, catalogue, now.now, zone);
  const link = (id: string) => linkTo(id, catalogue);
  // A closed record does not age.
  const aged = outage.state === 'resolved' ? { stale: false } : now;
  return {
    id: outage.id,
    headline: title,
    lead,
    state: outage.state,
    scams: scamsOf(outage, catalogue),
    mergedInto: outage.mergedInto === null ? null : { name: outage.mergedInto, href: outageHref(outage.mergedInto) },
    onset: outage.onset,
    detectedAt: outage.detectedAt,
    endedAt: outage.endedAt,
    officialAt: outage.officialAt,
    causeNamedAt: outage.causeNamedAt,
    causes: outage.causes.map((cause) => ({
      ...link(cause.id),
      name: causeName(cause, catalogue),
      p: cause.p,
      for: cause.for,
      against: cause.against,
    })),
    candidates: outage.candidates.slice(0, 4).map((c) => ({ ...link(c.id), p: c.p })),
    recoveries: recoveries(outage),
    ripple: rippleOf(outage, catalogue, outage.endedAt ?? now.now, aged.stale),
    timeline: [...outage.timeline].sort((a, b) => a.at - b.at),
    affected: [...outage.affected]
      .sort((a, b) => rankOf(a.state) - rankOf(b.state) || a.since - b.since)
      .map((a) => ({
        ...link(a.service),
        state: shown(a.state, aged),
        since: a.since,
        until: a.until,
        via: a.via.map((id) => fullName(id, catalogue)),
        measuredBy: a.measuredBy.map((by) => BY[by]),
        multiple: a.multiple,
      })),
    bystanders: outage.bystanders.map((b) => ({ ...link(b.service), why: b.why })),
    expected: outage.expected.map((id) => ({ name: fullName(id, catalogue), href: serviceHref(id) })),
    ledger: ledgerLines(ledger),
    gap: gapSentence(outage),
    advice: AUDIENCES.map((audience) => ({ audience, act: adviceOf(outage, catalogue, audience, now.now).act })),
    corrections: (deps.record?.corrections ?? [])
      .filter((c) => c.outage === outage.id)
      .map((c) => ({ date: c.date, text: correctionText(c) })),
  };
}

function ledgerLines({ reported, eachAtMost, estimated, countries, cost, credits }: Ledger): OutageView['ledger'] {
  return {
    peopleHours: reported === null ? null : hours(estimated ?? reported),
    peopleHoursNote:
      estimated === null
        ? `among those who reported here, ${timeSpan(eachAtMost)} a report at most`
        : 'by the operator’s share of people who report',
    countries: countries.length === 0 ? null : countryNames(countries),
    cost: cost === null ? null : money(cost),
    credits: credits.map((credit) => ({
      name: `${credit.terms.name} (${credit.terms.product})`,
      text: creditText(credit),
      source: credit.terms.source,
      date: credit.terms.date,
    })),
  };
}

function recoveries({ recoveries: r }: Outage): OutageView['recoveries'] {
  const voice = (value: Recovery) => (value === 'not measured' ? 'unknown' : value === null ? 'trouble' : 'working');
  return [
    {
      name: 'Vendor says fixed',
      voice: 'official',
      value: r.vendor,
      note: notYet(r.vendor, 'no word of it so far', 'no status feed of theirs is read here'),
    },
    {
      name: 'Probes healthy',
      voice: voice(r.probes),
      value: r.probes,
      note: notYet(r.probes, 'attempts still fail', 'nothing of it is probed here'),
    },
    {
      name: 'Backlog drained',
      voice: voice(r.backlog),
      value: r.backlog,
      note: notYet(r.backlog, 'answers are still slower than usual', 'no queue length or answer time is known here'),
    },
    {
      name: 'People quiet',
      voice: voice(r.people),
      value: r.people,
      note: notYet(r.people, 'still more reports than usual', 'too few people report to tell'),
    },
  ];
}
function notYet(value: Recovery, waiting: string, unmeasured: string): string {
  return value === 'not measured' ? unmeasured : value === null ? waiting : '';
}
