// Logistic regression with a ridge, by Newton's method. Enters: rows of features with labels and weights; leaves: weights.

export function fitLogistic(
  rows: readonly Float64Array[],
  y: readonly number[],
  ridge: number,
  weight: readonly number[] = [],
): Float64Array {
  const n = rows[0]?.length ?? 0;
  const w = new Float64Array(n);
  for (let round = 0; round < 12; round++) {
    const gradient = new Float64Array(n);
    const hessian = Array.from({ length: n }, () => new Float64Array(n));
    for (let r = 0; r < rows.length; r++) {
      const x = rows[r] as Float64Array;
      const p = 1 / (1 + Math.exp(-dot(w, x)));
      const k = weight[r] ?? 1;
      const error = k * ((y[r] as number) - p);
      const curve = k * Math.max(1e-6, p * (1 - p));
      const on: number[] = [];
      for (let i = 0; i < n; i++) if (x[i] !== 0) on.push(i);
      for (const i of on) {
        gradient[i] = (gradient[i] as number) + error * (x[i] as number);
        const line = hessian[i] as Float64Array;
        const c = curve * (x[i] as number);
        for (const j of on) line[j] = (line[j] as number) + c * (x[j] as number);
      }
    }
    for (let i = 0; i < n; i++) {
      const k = i === 0 ? 1e-6 : ridge;
      gradient[i] = (gradient[i] as number) - k * (w[i] as number);
      (hessian[i] as Float64Array)[i] = ((hessian[i] as Float64Array)[i] as number) + k;
    }
    const step = solve(hessian, gradient);
    let largest = 0;
    for (let i = 0; i < n; i++) {
      const s = Math.max(-3, Math.min(3, step[i] as number));
      w[i] = (w[i] as number) + s;
      largest = Math.max(largest, Math.abs(s));
    }
    if (largest < 1e-4) break;
  }
  return w;
}

export function dot(a: ArrayLike<number>, b: ArrayLike<number>): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += (a[i] as number) * (b[i] as number);
  return sum;
}

/** Gaussian elimination with partial pivots; both arguments are used up. */
function solve(a: Float64Array[], b: Float64Array): Float64Array {
  const n = b.length;
  for (let i = 0; i < n; i++) {
    let pivot = i;
    for (let r = i + 1; r < n; r++)
      if (Math.abs((a[r] as Float64Array)[i] as number) > Math.abs((a[pivot] as Float64Array)[i] as number))
        pivot = r;
    [a[i], a[pivot]] = [a[pivot] as Float64Array, a[i] as Float64Array];
    [b[i], b[pivot]] = [b[pivot] as number, b[i] as number];
    const line = a[i] as Float64Array;
    if (Math.abs(line[i] as number) < 1e-12) continue;
    for (let r = i + 1; r < n; r++) {
      const other = a[r] as Float64Array;
      const k = (other[i] as number) / (line[i] as number);
      if (k === 0) continue;
      for (let c = i; c < n; c++) other[c] = (other[c] as number) - k * (line[c] as number);
      b[r] = (b[r] as number) - k * (b[i] as number);
    }
  }
  const x = new Float64Array(n);
  for (let i = n - 1; i >= 0; i--) {
    const line = a[i] as Float64Array;
    let sum = b[i] as number;
    for (let c = i + 1; c < n; c++) sum -= (line[c] as number) * (x[c] as number);
    x[i] = Math.abs(line[i] as number) < 1e-12 ? 0 : sum / (line[i] as number);
  }
  return x;
}
