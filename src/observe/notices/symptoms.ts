// The words of a post in, the symptoms that they tell out, of a small fixed vocabulary. Pure. A sentence that denies a symptom
// ("no data was lost") tells none; what no pattern knows is no symptom.
import type { Symptom } from '../../model/observation.ts';

const PATTERNS: readonly (readonly [Symptom, RegExp])[] = [
  [
    'errors',
    /\berror(?:s| rates?| responses?)?\b|\bfail(?:s|ed|ing|ures?)\b|\b5(?:xx|\d\d)s?\b|\b(?:cannot|can't|unable to|not able to)\b/i,
  ],
  [
    'latency',
    /\blatenc(?:y|ies)\b|\bslow(?:er|ness|ly)?\b|\bslow(?:ed)? down\b|\btime[sd]?[- ]?outs?\b|\bdegraded performance\b|\bresponse times?\b/i,
  ],
  [
    'delays',
    /\bdelay(?:s|ed|ing)?\b|\bbacklogs?\b|\bqueue[ds]?\b|\bstale\b|\blag(?:ging|s)?\b|\bbehind real time\b/i,
  ],
  [
    'unreachable',
    /\bunreachable\b|\bunavailab(?:le|ility)\b|\bnot (?:available|reachable|loading)\b|\b(?:is|are|was|were|went|goes|gone) (?:fully |completely |partially )?(?:down|offline)\b|\b(?:cannot|can't|unable to|could not) (?:reach|access|load|connect)\b|\boutage\b/i,
  ],
  [
    'login',
    /\blog[- ]?(?:in|on|ins|ons)\b|\blogging (?:in|on)\b|\bsign(?:ing)?[- ]?(?:in|on|up)s?\b|\bauthenticat|\bSSO\b|\bSAML\b|\bMFA\b|\bpasswords?\b/i,
  ],
  ['payments', /\bpayments?\b|\bcheckout\b|\bbilling\b|\bcard transactions?\b|\bpurchas(?:e|es|ing)\b|\bpayouts?\b/i],
  [
    'dns',
    /\bDNS\b|\bname (?:resolution|servers?)\b|\bdomain names?\b|\bresol(?:ve|ving|ution) (?:of )?(?:the )?(?:host|domain|name|endpoint)/i,
  ],
  ['network', /\bnetwork(?:ing)?\b|\bconnectivity\b|\bpacket loss\b|\brouting\b|\bBGP\b|\bfib(?:er|re) cut\b/i],
  [
    'power',
    /\bpower (?:loss|event|outage|failure|issue|supply)\b|\bloss of power\b|\belectrical\b|\bcooling\b|\bthermal event\b/i,
  ],
  ['certificate', /\b(?:TLS|SSL)\b|\bcertificates?\b/i],
  [
    'data-loss',
    /\bdata (?:was |were |has been |have been |is )?lost\b|\bdata loss\b|\blost (?:some |all |their )?(?:data|messages|events|records)\b|\bmissing (?:data|messages|events|records)\b|\bcorrupt(?:ed|ion)\b/i,
  ],
];

const DENIED =
  /\bno (?:data|customer data|payments?|evidence|impact)\b|\b(?:not|never|n't) (?:been )?(?:affect|impact|los[et]|resulted? in)|\bwithout (?:any )?(?:data loss|loss of data)\b/i;

export function symptomsIn(text: string): readonly Symptom[] {
  const said = text
    .split(/(?<=[.;!?])\s+|\n/)
    .filter((sentence) => !DENIED.test(sentence))
    .join('\n');
  return PATTERNS.filter(([, pattern]) => pattern.test(said)).map(([symptom]) => symptom);
}
