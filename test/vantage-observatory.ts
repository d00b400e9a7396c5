// An observatory in a namespace, for test/vantage-namespaces.test.ts: `node vantage-observatory.ts '{…}'`. A whole one with TLS in front,
// as a proxy would be, on a clock that runs fast. Prints `ready` and answers on the outer address.
import { readFileSync } from 'node:fs';
import { request } from 'node:http';
import { createServer } from 'node:https';
import { createApp } from '../src/app.ts';
import { createCatalogue } from '../src/catalogue/catalogue.ts';
import { scaledClock } from '../src/clock.ts';
import { configSchema } from '../src/config.ts';
import { service } from './serve-world.ts';

const given = JSON.parse(process.argv[2] as string);
const { dir, host, site, anchors, tokens, everySeconds, start, origin, speed } = given;
const clock = scaledClock(start + (Date.now() / 1000 - origin) * speed, speed);
const app = await createApp({
  version: '0.0.0-test',
  clock,
  catalogue: createCatalogue([service('shop', 'Shop', { probes: [site] })]),
  config: configSchema.parse({
    server: { port: 0, tokens },
    data: { dir: `${dir}/data`, keysDir: `${dir}/keys` },
    probes: { everySeconds, anchors },
    notices: { enabled: false },
  }),
});
const { port } = new URL(app.url);
const tls = { key: readFileSync(`${dir}/key.pem`), cert: readFileSync(`${dir}/cert.pem`) };
const proxy = createServer(tls, (req, res) => {
  const { method, url, headers } = req;
  const onward = request({ host: '127.0.0.1', port, method, path: url, headers }, (answer) => {
    res.writeHead(answer.statusCode ?? 502, answer.headers);
    answer.pipe(res);
  });
  onward.on('error', () => res.destroy());
  req.pipe(onward);
});
proxy.listen(8443, host, () => console.log('ready'));
process.on('SIGTERM', () => {
  proxy.closeAllConnections();
  proxy.close();
  void app.stop().then(() => process.exit(0));
});
