// A written document as plain data (title, lead, sections of paragraphs, lists and tables), and the same as Markdown and as one HTML
// file without scripts. Whatever a stranger wrote comes out as text: no markup of theirs survives.

export type Block =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'quote'; readonly text: string; readonly by: string }
  | { readonly kind: 'list'; readonly items: readonly string[] }
  | { readonly kind: 'table'; readonly head: readonly string[]; readonly rows: readonly (readonly string[])[] };

export interface Section {
  readonly heading: string;
  readonly blocks: readonly Block[];
}

export interface Document {
  readonly title: string;
  readonly lead: string;
  readonly sections: readonly Section[];
  /** Where it comes from, what it rests on, and what it may not be taken for. */
  readonly foot: string;
}

export const text = (value: string): Block => ({ kind: 'text', text: value });
export const list = (items: readonly string[]): Block => ({ kind: 'list', items });
export const table = (head: readonly string[], rows: readonly (readonly string[])[]): Block => ({
  kind: 'table',
  head,
  rows,
});

/** CommonMark with tables as GitHub has them. */
export function toMarkdown(document: Document): string {
  const parts = [`# ${plain(document.title)}`];
  if (document.lead !== '') parts.push(`**${plain(document.lead)}**`);
  for (const { heading, blocks } of document.sections) parts.push(`## ${plain(heading)}`, ...blocks.map(markdownOf));
  parts.push('---', `*${plain(document.foot)}*`);
  return `${parts.join('\n\n')}\n`;
}

function markdownOf(block: Block): string {
  switch (block.kind) {
    case 'text':
      return plain(block.text);
    case 'quote':
      return `> ${plain(block.text)}\n>\n> — ${plain(block.by)}`;
    case 'list':
      return block.items.map((item) => `- ${plain(item)}`).join('\n');
    case 'table': {
      const line = (cells: readonly string[]) => `| ${cells.map(plain).join(' | ')} |`;
      return [line(block.head), `|${' --- |'.repeat(block.head.length)}`, ...block.rows.map(line)].join('\n');
    }
  }
}

/** One line of text in which nothing is markup (CommonMark 2.4: a backslash before punctuation). */
function plain(value: string): string {
  return visible(value)
    .replace(/\s+/g, ' ')
    .replace(/[\\`*_[\]<>|~#]/g, '\\$&')
    .replace(/^([-+]|\d+[.)])(?=\s)/, (mark) => mark.replace(/[-+.)]/, '\\$&'));
}

/** A whole HTML document that prints well. */
export function toHtml(document: Document): string {
  const sections = document.sections.map(
    ({ heading, blocks }) => `<section>\n<h2>${escaped(heading)}</h2>\n${blocks.map(htmlOf).join('\n')}\n</section>`,
  );
  return [
    '<!doctype html>',
    '<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width,initial-scale=1">',
    `<title>${escaped(document.title)}</title><style>${STYLE}</style></head><body><article>`,
    `<h1>${escaped(document.title)}</h1>`,
    document.lead === '' ? '' : `<p class="lead">${escaped(document.lead)}</p>`,
    ...sections,
    `<footer>${escaped(document.foot)}</footer>`,
    '</article></body></html>',
    '',
  ].join('\n');
}

function htmlOf(block: Block): string {
  switch (block.kind) {
    case 'text':
      return `<p dir="auto">${escaped(block.text)}</p>`;
    case 'quote':
      return `<blockquote dir="auto">${escaped(block.text)}<cite>${escaped(block.by)}</cite></blockquote>`;
    case 'list':
      return `<ul>${block.items.map((item) => `<li dir="auto">${escaped(item)}</li>`).join('')}</ul>`;
    case 'table': {
      const cells = (row: readonly string[], tag: string) =>
        `<tr>${row.map((cell) => `<${tag} dir="auto">${escaped(cell)}</${tag}>`).join('')}</tr>`;
      return `<div class="table"><table><thead>${cells(block.head, 'th')}</thead><tbody>${block.rows.map((row) => cells(row, 'td')).join('')}</tbody></table></div>`;
    }
  }
}

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

function escaped(value: string): string {
  return visible(value).replace(/[&<>"']/g, (c) => ENTITIES[c] as string);
}

/** Without control characters and those that reorder a line (Unicode TR 9: embeddings, overrides, isolates). */
function visible(value: string): string {
  return value
    .toWellFormed()
    .replace(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u200e\u200f\u202a-\u202e\u2066-\u2069]/g, '');
}

/** The colours and the measure of the pages (web/style/tokens.css), without their fonts. */
export const STYLE =
  ':root{color-scheme:light dark;--ink:#0d2330;--soft:#3e5663;--line:#c5d3da;--sea:#f2f6f8;--said:#5a3e9b}' +
  '@media (prefers-color-scheme:dark){:root{--ink:#e6eef2;--soft:#a5b8c2;--line:#2c424e;--sea:#0a1a24;--said:#b9a4f0}}' +
  'body{margin:0;background:var(--sea);color:var(--ink);font:17px/1.55 system-ui,sans-serif}' +
  'article{max-width:46rem;margin:auto;padding:2.5rem 1.25rem}h1{font-size:2rem;line-height:1.15;text-wrap:balance}' +
  'h2{font-size:1.3rem;margin:2.2rem 0 .6rem}.lead{font-size:1.2rem;color:var(--soft)}' +
  'blockquote{margin:1rem 0;padding-left:1rem;border-left:3px solid var(--said)}cite{display:block;font-size:.85rem;color:var(--soft);font-style:normal}' +
  '.table{overflow-x:auto}table{border-collapse:collapse;width:100%;font-size:.93rem}th,td{text-align:left;vertical-align:top;padding:.4rem .6rem;border-bottom:1px solid var(--line)}' +
  'th{color:var(--soft);font-weight:600}footer{margin-top:3rem;font-size:.85rem;color:var(--soft)}@media print{body{background:#fff;color:#000}}';
