// The server bundle: a page's name and its view become one HTML document. Pure: the same view gives the same document.
import { type FunctionComponent, h } from 'preact';
import { renderToString } from 'preact-render-to-string';
import { Check } from './pages/check.tsx';
import { Gates } from './pages/gates.tsx';
import { Home } from './pages/home.tsx';
import { Outages, Services } from './pages/lists.tsx';
import { Outage } from './pages/outage.tsx';
import { Probe } from './pages/probe.tsx';
import { Service } from './pages/service.tsx';
import { About, Corrections, ErrorPage, Privacy } from './pages/texts.tsx';
import type { PageName, Views } from './views.ts';

const PAGES: { readonly [N in PageName]: FunctionComponent<{ view: Views[N] }> } = {
  home: Home,
  service: Service,
  outage: Outage,
  check: Check,
  gates: Gates,
  services: Services,
  outages: Outages,
  about: About,
  privacy: Privacy,
  corrections: Corrections,
  probe: Probe,
  error: ErrorPage,
};

export function render<N extends PageName>(name: N, view: Views[N]): string {
  const component = PAGES[name] as FunctionComponent<{ view: Views[N] }>;
  return `<!doctype html>${renderToString(h(component, { view }))}`;
}
