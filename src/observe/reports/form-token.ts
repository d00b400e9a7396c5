// The token of the HTML form: proves that this site made the form, for this service, for a client of this network, not
// long ago. It needs no storage and survives a restart and the daily change of the key.
import { createHmac, timingSafeEqual } from 'node:crypto';
import type { ServiceId } from '../../model/service.ts';
import type { KeyStore } from './keys.ts';

/** Seconds a form may stay open before it must be loaded again. */
export const FORM_SECONDS = 7_200;

export interface FormToken {
  /** @param network coarse network of the client, as `door.client(req).network` says */
  issue(service: ServiceId, network: string, now: number): string;
  verify(token: string, service: ServiceId, network: string, now: number): boolean;
}

export function createFormToken(keys: KeyStore): FormToken {
  const sign = (secret: string, until: string, service: ServiceId, network: string): string =>
    createHmac('sha256', secret).update(`form\n${until}\n${service}\n${network}`).digest('base64url').slice(0, 22);
  return {
    issue(service, network, now) {
      const until = Math.floor(now + FORM_SECONDS).toString(36);
      return `${until}.${sign(keys.at(now)[0], until, service, network)}`;
    },
    verify(token, service, network, now) {
      const [until = '', mac = '', ...rest] = token.split('.');
      const end = Number.parseInt(until, 36);
      if (rest.length > 0 || mac.length !== 22 || !(end >= now && end <= now + FORM_SECONDS)) return false;
      return keys.at(now).some((secret) => {
        const wanted = Buffer.from(sign(secret, until, service, network));
        const given = Buffer.from(mac);
        return wanted.length === given.length && timingSafeEqual(wanted, given);
      });
    },
  };
}
