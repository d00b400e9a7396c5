// Reports → what people said of each service in one minute. Enters: single reports and reports folded elsewhere. Leaves: one
// bin a service. One person counts once and one network once; "works for me" is no complaint. Order changes nothing.
import type { FoldedReports, Report } from '../model/observation.ts';
import type { ServiceId } from '../model/service.ts';
import type { Bin } from './series.ts';

interface Sum {
  count: number;
  /** Of rows folded elsewhere: their people and networks cannot be told apart across rows, so they add up. */
  people: number;
  networks: number;
  readonly persons: Set<string>;
  readonly nets: Set<string>;
}

/** Collects one minute; `take` hands it over and begins the next. */
export class MinuteFold {
  #sums = new Map<ServiceId, Sum>();

  add(row: Report | FoldedReports): void {
    if (row.kind === 'report' && row.works === true) return;
    let sum = this.#sums.get(row.service);
    if (!sum) {
      sum = { count: 0, people: 0, networks: 0, persons: new Set(), nets: new Set() };
      this.#sums.set(row.service, sum);
    }
    if (row.kind === 'report') {
      sum.count++;
      sum.persons.add(row.person);
      sum.nets.add(row.network);
    } else {
      sum.count += row.count;
      sum.people += row.unique;
      sum.networks += row.sources;
    }
  }

  /** The minute's bins, in order of the services' names. Services of which nobody spoke are absent. */
  take(): ReadonlyMap<ServiceId, Bin> {
    const bins = new Map<ServiceId, Bin>();
    for (const service of [...this.#sums.keys()].sort()) {
      const sum = this.#sums.get(service)!;
      bins.set(service, {
        count: sum.count,
        unique: sum.people + sum.persons.size,
        sources: sum.networks + sum.nets.size,
      });
    }
    this.#sums = new Map();
    return bins;
  }
}

/** The bins of a minute's rows. */
export function foldOf(rows: Iterable<Report | FoldedReports>): ReadonlyMap<ServiceId, Bin> {
  const fold = new MinuteFold();
  for (const row of rows) fold.add(row);
  return fold.take();
}
