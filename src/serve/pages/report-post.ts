// The form's way in: decoded fields and a token in, one word for the next page out. Every check but the token's is the
// report door's own, so that the form and the API count alike.
import type { ReportNotice } from '../../../web/views.ts';
import type { FormDoor, Visitor } from './deps.ts';

const NOTICES: readonly ReportNotice[] = ['counted', 'repeat', 'works', 'expired', 'refused', 'busy', 'flood'];
export function isNotice(value: unknown): value is ReportNotice {
  return NOTICES.includes(value as ReportNotice);
}

export async function postReport<V extends Visitor>(
  door: FormDoor<V>,
  form: URLSearchParams,
  service: string,
  client: V,
  now: number,
  zone: string,
): Promise<ReportNotice> {
  if (!door.formToken.verify(form.get('token') ?? '', service, client.network, now)) return 'expired';
  const works = form.get('works') === 'true';
  const country = form.get('country') ?? '';
  const text = (form.get('text') ?? '').trim();
  const { status } = await door.submit(
    {
      service,
      problem: form.get('problem') ?? (works ? 'other' : undefined),
      ...(works ? { works } : {}),
      ...(country === '' ? {} : { country }),
      ...(text === '' ? {} : { text }),
      ...(zone === 'UTC' ? {} : { tz: zone }),
    },
    client,
  );
  if (status === 202) return works ? 'works' : 'counted';
  if (status === 200) return 'repeat';
  if (status === 429) return 'flood';
  if (status >= 500) return 'busy';
  return 'refused';
}
