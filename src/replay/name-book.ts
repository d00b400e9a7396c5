// How a reconstruction finds the services that an incident file names, and what the words of an official post are about.
import type { Catalogue } from '../catalogue/catalogue.ts';
import type { Service, ServiceId } from '../model/service.ts';
import type { NameBook } from './incident.ts';

/** Reads the words of a post as one provider's; the provider itself when they name nothing of it. */
export type ReadWords = (
  text: string,
  provider: ServiceId,
  catalogue: Iterable<Service>,
) => { readonly told: { readonly components: readonly ServiceId[] }; readonly region: ServiceId | null };

export function nameBook(catalogue: Catalogue, readWords: ReadWords): NameBook {
  const services = [...catalogue.services.values()];
  const providers = services.filter((service) => service.kind === 'provider' && !service.id.includes('/'));
  return {
    services,
    find: (name) => catalogue.find(name),
    readWords(text) {
      // A file does not say whose post it is without naming the root: only words that fit exactly one provider count.
      const read = new Set<ServiceId>();
      for (const provider of providers) {
        const words = readWords(text, provider.id, services);
        const about = words.told.components[0] ?? words.region;
        if (about) read.add(about);
      }
      return read.size === 1 ? ([...read][0] as ServiceId) : null;
    },
  };
}
