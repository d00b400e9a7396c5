// GET /api/v1/outages: what broke, why, and who is affected.
import type { FastifyInstance } from 'fastify';
import { type Ledgers, unknownOutage } from './record.ts';
import { outageDocument, outageItem } from './represent.ts';
import { type Context, CURSOR, get, LIMIT } from './route.ts';
import { outageItemSchema, outageSchema, page } from './schemas.ts';

export function outageRoutes(app: FastifyInstance, { deps, board }: Context, ledgers: Ledgers): void {
  const { store, catalogue } = deps;

  get(app, '/api/v1/outages', {
    summary: 'Outages, newest first',
    tags: ['outages'],
    query: {
      open: { type: 'boolean', description: 'true: those that last; false: those that ended; absent: all' },
      cursor: CURSOR,
      limit: LIMIT,
    },
    answers: page(outageItemSchema),
    problems: ['bad-query', 'overloaded', 'storage-unavailable'],
    async handle(request) {
      const query = request.query as { open?: boolean; cursor?: string; limit: number };
      const [found, now] = await Promise.all([store.outages(query), board.now()]);
      return { items: found.items.map((outage) => outageItem(outage, now, catalogue)), next: found.next };
    },
  });

  get(app, '/api/v1/outages/:id', {
    summary: 'One outage: causes with evidence for and against, affected services, timeline, the four recoveries',
    tags: ['outages'],
    params: { id: { type: 'string', description: 'such as 2025-10-20-0648-aws-us-east-1' } },
    answers: outageSchema,
    problems: ['unknown-outage', 'storage-unavailable'],
    async handle(request) {
      const { id } = request.params as { id: string };
      const [outage, now] = await Promise.all([store.outage(id), board.now()]);
      if (outage === null) throw unknownOutage(id);
      const ledger = await ledgers(outage, now.now);
      return outageDocument(outage, now, catalogue, ledger, deps.record?.corrections ?? []);
    },
  });
}
