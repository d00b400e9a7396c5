// The one set of parameters by which every reconstruction draws its curves. It was committed before the first score and is
// the same for all incidents: none is fitted to what the engine then says of it.
// An incident file gives times, who was affected and who only looked so; between those facts everything here is synthetic.

export const CURVES = {
  /** Reports a minute of a quiet service: share of people who use it × this, within the bounds. */
  baseOfPopularity: 12,
  baseBounds: [0.03, 12],
  /** Size of the negative binomial (over-dispersion of crowd counts; the generator of the detector's benchmark draws 8–60). */
  dispersion: 20,
  /** Daily swing, its local hour of most reports, and the weekend's factor. */
  daily: 0.6,
  peakHour: 17,
  weekend: 0.85,
  /** Distinct networks that a service's people come from, and the share of reports that repeat a person. */
  networks: 300,
  repeats: 0.05,

  /** From the fault to the first complaints of an affected service without a time of its own, minutes. */
  lag: { median: 2.5, sigma: 0.8 },
  /** Height over the usual count, for services without a published figure. */
  multiple: { median: 18, sigma: 0.7 },
  /** The same where the file's note says minor, partial, limited, slower, delays or collateral. */
  minorMultiple: { median: 4, sigma: 0.4 },
  minorWords: /\b(minor|partial|limited|slower|delays?|collateral|kept (working|serving)|unaffected|one asset)\b/i,
  /** Complaints build up and fade exponentially: time constant up, half-life down, minutes. */
  rise: 4,
  fadeHalfLife: 25,
  /** A published crowd figure is the count of this many minutes. */
  figureMinutes: 15,

  /** Wrongly blamed services (contested, or denied by their operator): later, lower, fading by themselves. */
  bystander: { lag: { median: 10, sigma: 0.4 }, multiple: { median: 4, sigma: 0.5 }, fadeHalfLife: 60 },

  /** Besides those that the file names, this many of the most used services are drawn, all quiet. */
  quietServices: 300,
  /** Days of quiet history before, hours drawn before the onset and after the end, and the longest stretch replayed. */
  historyDays: 15,
  leadInHours: 2,
  afterHours: 3,
  longestHours: 20,
  /** Duration of an incident whose end is not known, hours. */
  unknownDuration: 3,
} as const;

/** Hours to add to UTC in the country's most peopled zone; people's days follow it. */
export const UTC_OFFSET: Readonly<Record<string, number>> = {
  US: -5,
  CA: -5,
  BR: -3,
  AR: -3,
  MX: -6,
  GB: 0,
  IE: 0,
  PT: 0,
  DE: 1,
  FR: 1,
  ES: 1,
  IT: 1,
  NL: 1,
  BE: 1,
  CH: 1,
  AT: 1,
  SE: 1,
  NO: 1,
  DK: 1,
  PL: 1,
  HU: 1,
  FI: 2,
  GR: 2,
  ZA: 2,
  IL: 2,
  UA: 2,
  TR: 3,
  SA: 3,
  QA: 3,
  AE: 4,
  IN: 5.5,
  SG: 8,
  CN: 8,
  HK: 8,
  JP: 9,
  KR: 9,
  AU: 10,
  NZ: 12,
};
