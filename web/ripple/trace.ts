// Tracing in the ripple chart: hover or focus shows the way from a service to the cause; one tab stop, arrow keys inside.
// Listens on the document, so that charts replaced by news need nothing.

const STEPS: Readonly<Record<string, number>> = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 };

export function traceRipples(page: Document): void {
  const nodeOf = (event: Event) =>
    event.target instanceof Element ? event.target.closest<SVGAElement>('.ripple .node') : null;
  const chartOf = (node: Element) => node.closest<SVGSVGElement>('svg.ripple');

  oneTabStop(page);
  page.addEventListener('pointerover', (event) => {
    const node = nodeOf(event);
    if (node) show(chartOf(node), node.dataset['node'] ?? null);
  });
  page.addEventListener('pointerout', (event) => {
    const node = nodeOf(event);
    if (node) show(chartOf(node), null);
  });
  page.addEventListener('focusin', (event) => {
    const node = nodeOf(event);
    if (node?.matches(':focus-visible')) show(chartOf(node), node.dataset['node'] ?? null);
  });
  page.addEventListener('focusout', (event) => {
    const node = nodeOf(event);
    if (node) show(chartOf(node), null);
  });
  page.addEventListener('keydown', (event) => {
    const node = nodeOf(event);
    const step = STEPS[event.key];
    const chart = node && chartOf(node);
    if (!node || !chart || step === undefined) return;
    event.preventDefault();
    const nodes = [...chart.querySelectorAll<SVGAElement>('.node')];
    const next = nodes[(nodes.indexOf(node) + step + nodes.length) % nodes.length];
    node.setAttribute('tabindex', '-1');
    next?.setAttribute('tabindex', '0');
    next?.focus();
  });
}

/** Only the first dot of each chart is a tab stop, unless one has the focus. */
export function oneTabStop(within: ParentNode): void {
  for (const chart of within.querySelectorAll('svg.ripple')) {
    const nodes = [...chart.querySelectorAll<SVGAElement>('.node')];
    const stop = nodes.find((node) => node === document.activeElement) ?? nodes[0];
    for (const node of nodes) node.setAttribute('tabindex', node === stop ? '0' : '-1');
  }
}

function show(chart: SVGSVGElement | null, id: string | null): void {
  if (!chart) return;
  chart.classList.toggle('tracing', id !== null);
  for (const on of chart.querySelectorAll('.on')) on.classList.remove('on');
  if (id === null) return;
  let at: string | undefined = id;
  for (let n = 0; at && n < 4; n++) {
    const key: string = CSS.escape(at);
    for (const on of chart.querySelectorAll(`[data-node="${key}"],[data-link="${key}"]`)) on.classList.add('on');
    at = chart.querySelector<SVGPathElement>(`[data-link="${key}"]`)?.dataset['on'];
  }
  const key = CSS.escape(id);
  for (const on of chart.querySelectorAll(`.node[data-on="${key}"],.link[data-on="${key}"]`)) on.classList.add('on');
}
