// Front pages of servers that mean no good: each visit ends, bounded in time and size, with a page or a word on why there is none.
import assert from 'node:assert/strict';
import { createServer, type ServerResponse } from 'node:http';
import { after, test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { createNetwork } from '../src/observe/network.ts';
import { sharedSecureContext } from '../src/observe/probes/secure-context.ts';
import { parseTarget } from '../src/observe/probes/target.ts';
import { type FrontPage, visit } from '../src/observe/trace/front-page.ts';

let behave: (path: string, response: ServerResponse) => void = (_path, response) => response.end();
const paths: string[] = [];
const server = createServer((request, response) => {
  response.on('error', () => {});
  paths.push(request.url ?? '');
  behave(request.url ?? '', response);
});
await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
const { port } = server.address() as { port: number };
after(() => {
  server.closeAllConnections();
  server.close();
});

const see = (
  addressesOf: (host: string) => Promise<readonly string[]> = async () => ['127.0.0.1'],
  timeoutMs = 300,
) =>
  visit(parseTarget(`http://www.shop.test:${port}/`), {
    network: createNetwork({ offline: true }),
    secureContext: sharedSecureContext(),
    now: () => 0,
    timeoutMs,
    addressesOf,
    signal: AbortSignal.timeout(20_000),
  });

test('a page without end is read to its bound, also when it is packed', async () => {
  const filler = Buffer.alloc(64 * 1024, 'a');
  behave = (_path, response) => {
    response.writeHead(200, { 'content-type': 'text/html' });
    const more = (): void => {
      while (!response.destroyed && response.write(filler));
      if (!response.destroyed) response.once('drain', more);
    };
    more();
  };
  assert.equal(((await see()) as FrontPage).html.length, 512 * 1024);
  const bomb = gzipSync(Buffer.alloc(200 * 1024 * 1024));
  behave = (_path, response) => response.writeHead(200, { 'content-encoding': 'gzip' }).end(bomb);
  assert.equal(((await see()) as FrontPage).html.length, 512 * 1024);
});

test('what never answers, breaks off or is no text ends in a word or an empty page', async () => {
  behave = () => {};
  assert.equal(await see(), 'www.shop.test does not answer');
  behave = (_path, response) =>
    response.writeHead(200, { 'content-length': '100' }).write('<p>', () => response.destroy());
  assert.equal(await see(), 'www.shop.test breaks off its answer');
  behave = (_path, response) => response.writeHead(200, { 'content-encoding': 'gzip' }).end('not packed at all');
  assert.equal(await see(), 'www.shop.test breaks off its answer');
  behave = (_path, response) =>
    response.writeHead(200, { 'content-type': 'image/png' }).end('<script src="//x.example">');
  assert.equal(((await see()) as FrontPage).html, '');
  assert.equal(await see(async () => []), 'www.shop.test has no address');
});

test('redirects are followed inside the registered domain, and not for ever', async () => {
  behave = (path, response) =>
    path === '/'
      ? response.writeHead(301, { location: `http://shop.test:${port}/home` }).end()
      : response.end('<p>home</p>');
  const moved = (await see()) as FrontPage;
  assert.deepEqual([moved.html, moved.url], ['<p>home</p>', `http://shop.test:${port}/home`]);

  paths.length = 0;
  behave = (_path, response) => response.writeHead(302, { location: '/again' }).end();
  assert.equal(await see(), 'www.shop.test redirects without end');
  assert.equal(paths.length, 5);

  behave = (_path, response) => response.writeHead(302, { location: 'https://elsewhere.example/' }).end();
  assert.equal(((await see()) as FrontPage).away, 'elsewhere.example');
  behave = (_path, response) => response.writeHead(302, { location: 'gopher://shop.test/' }).end('<p>here</p>');
  assert.equal(((await see()) as FrontPage).html, '<p>here</p>');
});
