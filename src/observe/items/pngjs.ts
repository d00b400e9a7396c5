// The part of pngjs that is used, with its types: the package brings none.
import { createRequire } from 'node:module';

interface Png {
  readonly sync: { read(file: Buffer): { readonly data: Buffer; readonly width: number; readonly height: number } };
}

export const { PNG } = createRequire(import.meta.url)('pngjs') as { readonly PNG: Png };
