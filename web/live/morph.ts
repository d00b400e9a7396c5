// Turns one tree of the page into another in place. What the reader holds stays: the focus, open details, what was typed,
// and every part marked data-keep. Elements are matched by id or data-node, else by order and name.

export function morph(from: Element, to: Element): void {
  if (from.hasAttribute('data-keep')) return;
  attributes(from, to);
  const old = [...from.childNodes];
  const byKey = new Map<string, ChildNode>();
  for (const node of old) {
    const key = keyOf(node);
    if (key !== null) byKey.set(key, node);
  }
  const used = new Set<ChildNode>();
  let cursor: ChildNode | null = from.firstChild;
  for (const wanted of [...to.childNodes]) {
    const key = keyOf(wanted);
    let match = key === null ? null : (byKey.get(key) ?? null);
    if (key === null) {
      match = old.find((node) => !used.has(node) && keyOf(node) === null && alike(node, wanted)) ?? null;
    }
    if (match === null || used.has(match) || !alike(match, wanted)) {
      from.insertBefore(wanted, cursor);
      continue;
    }
    used.add(match);
    if (match === cursor) cursor = cursor.nextSibling;
    else from.insertBefore(match, cursor);
    if (match instanceof Element) morph(match, wanted as Element);
    else if (match.nodeValue !== wanted.nodeValue) match.nodeValue = wanted.nodeValue;
  }
  for (const node of old) if (!used.has(node)) node.remove();
}

function keyOf(node: Node): string | null {
  if (!(node instanceof Element)) return null;
  const key =
    node.id || node.getAttribute('data-node') || node.getAttribute('data-link') || node.getAttribute('href') || null;
  return key === null ? null : `${node.localName} ${key}`;
}

function alike(a: Node, b: Node): boolean {
  return a.nodeType === b.nodeType && a.nodeName === b.nodeName;
}

/** Set by the reader or by the page's own script, not by the server. */
const READERS = new Set(['open', 'tabindex']);

function attributes(from: Element, to: Element): void {
  for (const { name } of [...from.attributes]) {
    if (!to.hasAttribute(name) && !READERS.has(name)) from.removeAttribute(name);
  }
  for (const { name, value } of to.attributes) {
    if (!READERS.has(name) && from.getAttribute(name) !== value) from.setAttribute(name, value);
  }
}
