// Time constants of the detector, turned into bins of one width. In: bin width, false-alarm budget, days of learning.
// Out: plain numbers that every series of that width shares. At 60 s they are the reference's own, bit for bit.
// The Shiryaev-Roberts statistic counts starts a bin; a level in nats given for minutes shifts by ln(minutes a bin).

export interface DetectOptions {
  /** Width of a bin in seconds, 1 to 86,400. Default 60. */
  readonly every?: number;
  /** Budget: at most this many false alarms a series and year. Default 1. */
  readonly falseAlarms?: number;
  /** Days in which reports alone confirm nothing. Default 14. */
  readonly learnDays?: number;
}

export const SLOTS_OF_WEEK = 7;
/** Components of the mixture, each tuned to one delay. */
export const COMPONENTS = 4;
/** Delays in minutes that the components are tuned to, at bins of a minute or less. */
const DELAYS = [0.7, 2.5, 8, 25] as const;

export interface Settings {
  /** Bin width in seconds and in minutes. */
  readonly every: number;
  readonly dt: number;
  /** Alarm level: ln(bins a year / budget). */
  readonly lnA: number;
  /** Level of "possible": at most one a day by chance. */
  readonly lnP: number;
  /** Evidence a bin at which each component is tuned: ln A over its delay in bins. */
  readonly wants: readonly number[];
  /** Nats that one bin with few networks may add. */
  readonly capNats: number;
  /** Levels of the recursion, in nats: half trust, ceiling, peak that may be reset, floor that forgets the peak. */
  readonly trust: number;
  readonly ceiling: number;
  readonly peak: number;
  readonly calm: number;
  /** Ages and spans in bins. */
  readonly first: number;
  readonly day: number;
  readonly twoDays: number;
  readonly warm: number;
  readonly shut: number;
  readonly block: number;
  readonly solve: number;
  /** Time-of-day slots: how many, and how wide in minutes. */
  readonly slots: number;
  readonly slotWidth: number;
  /** Decay a bin (or a half-hour, or a block) of each memory. */
  readonly fastKeep: number;
  readonly slowKeep: number;
  readonly seasonKeep: number;
  readonly noiseKeep: number;
  readonly blockKeep: number;
  readonly multipleKeep: number;
  /** Smallest expectation and the additive slack of the null, reports a bin. */
  readonly floorMu: number;
  readonly slackMu: number;
  /** Bins of the window that `explain` sees (5 minutes, at least one bin). */
  readonly window: number;
}

/** Throws RangeError when an option is out of range or when the budget leaves no level to reach. */
export function detectSettings(options: DetectOptions = {}): Settings {
  const every = options.every ?? 60;
  const falseAlarms = options.falseAlarms ?? 1;
  const learnDays = options.learnDays ?? 14;
  if (!Number.isInteger(every) || every < 1 || every > 86400)
    throw new RangeError('the bin width must be a whole number of seconds from 1 to 86400');
  if (!(falseAlarms > 0 && falseAlarms <= 1e6)) throw new RangeError('the false-alarm budget must be above 0');
  if (!(learnDays >= 0 && learnDays <= 3650)) throw new RangeError('the days of learning must be from 0 to 3650');
  const dt = every / 60;
  const lnDt = Math.log(dt);
  const lnA = Math.log(31536000 / (every * falseAlarms));
  if (!(lnA >= 1)) throw new RangeError('so many false alarms a year leave nothing to decide at this bin width');
  const bins = (minutes: number) => Math.ceil(minutes / dt - 1e-9);
  const block = Math.max(3, Math.round(20 / dt));
  const { slots, slotWidth } = daySlots(dt);
  return {
    every,
    dt,
    lnA,
    lnP: Math.min(Math.log(86400 / every), lnA),
    wants: delaysInBins(dt).map((delay) => lnA / delay),
    capNats: 0.27 * lnA * Math.min(1, dt),
    trust: 7 - lnDt,
    ceiling: Math.max(18, lnA + lnDt + 4.8) - lnDt,
    peak: 9 - lnDt,
    calm: 3 - lnDt,
    first: bins(240),
    day: bins(1440),
    twoDays: bins(2880),
    warm: bins(learnDays * 1440),
    shut: bins(720),
    block,
    solve: Math.max(1, Math.round(10 / dt)),
    slots,
    slotWidth,
    fastKeep: 0.5 ** (dt / 75),
    slowKeep: 0.5 ** (dt / 7200),
    seasonKeep: 0.5 ** (1 / (48 * 28)),
    noiseKeep: 0.99984 ** dt,
    blockKeep: 0.5 ** ((block * dt) / 10080),
    multipleKeep: 0.5 ** (dt / 5),
    floorMu: 1e-4 * dt,
    slackMu: 0.001 * dt,
    window: Math.min(60, Math.max(1, Math.round(5 / dt))),
  };
}

/**
 * A component tuned to less than a bin cannot be told from one tuned to a bin, so the grid of delays is stretched for
 * wide bins: from 0.7 bins to 25 minutes or 6 bins, whichever is longer, with the same spacing in logarithms.
 */
function delaysInBins(dt: number): number[] {
  if (dt <= 1) return DELAYS.map((delay) => delay / dt);
  const longest = Math.max(25 / dt, 6);
  const power = Math.log(longest / 0.7) / Math.log(25 / 0.7);
  return DELAYS.map((delay) => 0.7 * (delay / 0.7) ** power);
}

/** Half-hour slots where bins fit into them; else the widest slots of whole bins; else one slot a bin. */
function daySlots(dt: number): { slots: number; slotWidth: number } {
  for (let n = Math.floor(30 / dt); n >= 1; n--) {
    const slots = 1440 / (n * dt);
    if (Math.abs(slots - Math.round(slots)) < 1e-9)
      return { slots: Math.round(slots), slotWidth: 1440 / Math.round(slots) };
  }
  const slots = dt <= 30 ? 48 : Math.max(1, Math.floor(1440 / dt + 1e-9));
  return { slots, slotWidth: 1440 / slots };
}
