// The words of an official post in, the phase that they tell out. Pure. Careless optimism is the costly mistake: "resolved" is
// read only where it is said outright, and a phase that the words do not tell is `unknown`.
import type { Phase } from '../../model/observation.ts';

const WORDS: readonly (readonly [Phase, RegExp])[] = [
  ['scheduled', /\bscheduled maintenance\b|\bmaintenance (?:window|is scheduled|has been completed)\b/i],
  [
    'resolved',
    /\b(?:(?:has|have) (?:now )?been|(?:was|were|is|are) (?:now )?)(?: fully| completely)? ?(?:resolved|fixed)\b|^\W*resolved\b|\bincident (?:is )?(?:closed|over)\b|\boperating normally\b|\ball (?:affected )?services (?:are )?(?:back to )?normal\b|\beverything (?:is )?(?:back to )?normal\b|\bfully recovered\b|\bdeclared resolved\b/i,
  ],
  [
    'monitoring',
    /\bmonitoring (?:the|for|a|it|this|to|results|closely|recovery)\b|\bfix (?:has been |was )?(?:implemented|applied|deployed|rolled out)\b|\b(?:early|clear|further|some|partial|meaningful|see(?:ing|n)?(?: \w+){0,3}|signs of|rate of) recovery\b|^\W*recovery\b|\b(?:is|are|have|has|now|still|services?|and|invocations) (?:\w+ )?recover(?:ing|ed)\b|\bfully mitigated\b|\bcoming back\b|\bback online\b|\bworks? again\b|\breverted\b|\bbeing eased\b|\b(?:connectivity|services?|rates?) (?:is |are )?returning\b|\bback to normal\b/im,
  ],
  [
    'identified',
    /\bidentified\b|\broot cause\b|\bcause (?:has been )?found\b|\b(?:likely|potential) (?:root )?cause\b|\btraced to\b|\bnarrowed to\b|\bfound the (?:cause|source|fault)\b|\bfix is being\b|\bbeing rolled back\b|\bworking on a fix\b/i,
  ],
  [
    'investigating',
    /\binvestigat|\blooking into\b|\baware (?:of|that|some)\b|\breports? of\b|\b(?:elevated|increased) (?:error|latenc|api)|\bexperiencing\b|\bcause (?:is )?(?:still|unknown)\b|\berror rates\b|\bdebugging\b|\bworking on it\b/i,
  ],
];

/** The phase that the words tell; the furthest one said outright, `unknown` when none is. */
export function phaseInWords(text: string): Phase {
  // What is promised, denied or still awaited has not happened.
  const said = text
    .slice(0, 20_000)
    .replace(
      /\b(?:until|once|when|if|unless|before|not|n't|will be|to be)\b[^.;\n]{0,60}?\b(?:resolved|fixed|recovered|identified|found)\b/gi,
      ' ',
    );
  return WORDS.find(([, pattern]) => pattern.test(said))?.[0] ?? 'unknown';
}
