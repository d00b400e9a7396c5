// The words of a post in, whether they say what the trouble comes from out. Pure. A cause that is supposed, still sought or
// promised is not named, nor is a symptom that follows from another ("errors, causing delays").

/** What leads to a cause. */
export const CAUSE =
  /\b(?:caused by|due to|because(?: of)?|owing to|traced (?:back )?to|narrowed (?:down )?(?:the cause )?to|(?:root )?cause (?:was|is|has been (?:found|identified|traced))|cause (?:found|identified)|likely cause|results? of|result(?:s|ed|ing) from|stem(?:s|med|ming)? from|triggered by|attribut(?:ed|able) to|originat(?:ed|es|ing) (?:from|in|at|with)|hit by|(?:was|is|were) the (?:cause|problem|culprit)|narrow(?:ed)? down the cause)\b/i;
/** What people change or what breaks, doing it. */
const DOING =
  /\b(?:change|update|deploy(?:ed|ment)?|rollout|release|migration|bug|defect|regression|failure|misconfiguration|configuration|expiry|expired|host|node|disk|traffic|attack|scraping|crawl\w*|load|maintenance)s?\b[^.]{0,120}\b(?:caus(?:ed|ing)|trigger(?:ed|ing)|led to|resulted in|broke|cleared)\b|\b(?:this|the|that|a) (?:\w+ ){0,3}(?:change|update|deploy(?:ment)?|release|commit) (?:was|has been|is being) (?:rolled back|reverted|undone)\b|\bwe reverted the (?:change|deploy\w*|release)\b/i;
const SOUGHT =
  /\b(?:may|might|could) (?:be|have been)\b|\bpossib|\bpotential|\bwhether\b|\binvestigat|\blooking (?:into|for)\b|\bto (?:identify|determine|find|understand|isolate)\b|\bunknown\b|\bnot (?:yet )?(?:known|clear|been)\b|\bstill (?:being )?sought\b|\bwill be (?:shared|published|provided)\b|\bsuspect|\bif (?:this|it|the)\b/i;

export function namesCause(text: string): boolean {
  return text
    .split(/(?<=[.;!?])\s+|\n/)
    .some((sentence) => (CAUSE.test(sentence) || DOING.test(sentence)) && !SOUGHT.test(sentence));
}
