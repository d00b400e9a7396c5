// Counts of a running recording, minute by minute, kept for the ledger of its outages: what the store would know.
import type { Engine, Outcome } from '../engine.ts';
import type { Outage } from '../model/outage.ts';
import type { Counted } from '../respond/record/ledger.ts';

export class Counting {
  /** Service → minute → reports. */
  readonly #minutes = new Map<string, Map<number, number>>();
  /** Service and country → minute → reports. */
  readonly #countries = new Map<string, Map<string, number>>();
  readonly #outages = new Map<string, Outage>();

  add(outcome: Outcome): void {
    for (const { service, minute, country, count } of outcome.cells) {
      if (count === 0) continue;
      const minutes = this.#minutes.get(service) ?? new Map<number, number>();
      minutes.set(minute, (minutes.get(minute) ?? 0) + count);
      this.#minutes.set(service, minutes);
      const countries = this.#countries.get(service) ?? new Map<string, number>();
      countries.set(country, (countries.get(country) ?? 0) + count);
      this.#countries.set(service, countries);
    }
    for (const event of outcome.events) if (event.type === 'outage') this.#outages.set(event.outage.id, event.outage);
  }

  /** The outage that hit the most services; null when there was none. */
  largest(): Outage | null {
    const all = [...this.#outages.values()].filter((outage) => outage.mergedInto === null);
    return all.sort((a, b) => b.affected.length - a.affected.length || a.onset - b.onset)[0] ?? null;
  }

  counted(outage: Outage, engine: Engine, now: number): Counted {
    const told = outage.affected.filter((a) => a.measuredBy.includes('reports'));
    const excess = told.map(({ service, since, until }) => {
      const minutes = this.#minutes.get(service);
      let [reports, usual] = [0, 0];
      for (let at = since; at < (until ?? now); at += 60) {
        reports += minutes?.get(at) ?? 0;
        usual += engine.usual(service, at)?.mean ?? 0;
      }
      return { service, reports, usual };
    });
    const sums = new Map<string, number>();
    for (const { service } of told) {
      for (const [country, count] of this.#countries.get(service) ?? [])
        sums.set(country, (sums.get(country) ?? 0) + count);
    }
    const countries = [...sums].map(([country, count]) => ({ country, count })).sort((a, b) => b.count - a.count);
    return { excess, countries };
  }
}
